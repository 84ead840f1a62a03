#pragma once
// Why a verdict stands: on demand, the smallest proof tree over the facts' ids. The hot path carries no
// proofs; the history around the verdict is all that is needed. Rules for satisfaction and violation
// after Lima, Huerta y Munive, Traytel (WhyMon, TACAS 2024), and ours for regular expressions (a run; tests
// that cut every run), LETPAST (its definition, earlier and earlier) and counts: k distinct witnesses
// for "at least k"; for "none", "at most" and exact numbers a statement of completeness: all facts at
// the points from…to were looked at. explain_check.h re-checks a proof.
//
//   SURETY_TRY(Proof p, explain(history, formula, {{"x", 7}}, 12));   // x = 7 at time-point 12
//   puts(text(p).c_str());
//
// Smallest: fewest leaves, then fewest nodes (both counted as in a tree), then the earliest points.
// Slow and plain (it evaluates from the definition); no state; thread-safe. `history` has to reach as
// far as the formula looks.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "logic/signature.h"
#include "plan/formula.h"

namespace surety::logic {

using FactId = std::uint64_t;
using Valuation = std::map<std::string, plan::Value>;

struct KnownFact {
  FactId id = 0;
  std::string predicate;
  std::vector<plan::Value> args;
};
struct Moment {  // one time-point
  plan::Ticks ts = 0;
  std::vector<KnownFact> facts;
};
using History = std::vector<Moment>;

enum class Rule : std::uint8_t {
  fact,        // holds: this fact is there
  clock,       // tp, ts or tpts: what the time-point's own number and stamp say, without a fact
  test,        // holds or fails: a comparison of known values, or TRUE or FALSE
  negation,    // holds when its child fails, fails when it holds
  all,         // AND holds: a child for each side. OR fails: likewise
  one,         // OR holds, AND fails: one child is enough
  witness,     // EXISTS holds: the child says for which values
  at_point,    // PREVIOUS, NEXT, ONCE, EVENTUALLY hold: the child, at its point. PREVIOUS, NEXT fail: the child
               // fails there; no child: there is no such point in the window
  chain,       // SINCE, UNTIL hold: first child the right side, the others the left at every point between
  run,         // MATCHP, MATCHF hold: the run from…to through the expression; a child for each test it passes, in order
  cut,         // MATCHP, MATCHF fail: every run meets one of these failing tests
  at_least,    // EXISTS n. (n <- CNT …) AND k <= n: k distinct witnesses
  aggregate,   // the result, from all its witnesses and no others in from…to
  definition,  // a LET or LETPAST name, by its definition. Fails without a child: a LETPAST asks for its own name
               // where that is not defined yet
  none,        // fails: nothing among the facts of from…to makes it hold (completeness)
  computed,    // holds, by evaluation over from…to: a LETPAST name kMostUnfoldings uses further down, no other
};

struct Proof {
  Rule rule = Rule::test;
  bool holds = true;
  plan::Formula formula;
  std::size_t point = 0;
  Valuation values;                                    // of the free variables
  FactId fact = 0;                                     // Rule::fact
  std::size_t from = 0, to = 0, scanned = 0;           // points, inclusive, and how many facts they have
  std::vector<std::shared_ptr<const Proof>> children;  // never null; equal ones may be one object
};

// What a failure is taken apart into is at most so long; else it is stated as completeness (Rule::none).
inline constexpr std::size_t kMostFailing = 32;
// A LETPAST name is unfolded at most so often on the way down.
inline constexpr int kMostUnfoldings = 200;

struct Reading {
  plan::TickScale scale;
  const Signature* signature = nullptr;  // only for the type of an aggregation over nothing, where no value tells it
};

// Fails with logic.no-such-verdict when the formula does not hold there, and when it cannot be
// evaluated (logic.not-monitorable).
Result<Proof> explain(const History& history, const plan::Formula& f, const Valuation& row, std::size_t point, const Reading& reading = {});

std::vector<FactId> leaves(const Proof& p);  // sorted, each once
// An indented tree for a person, and one canonical object. What was written out before is not again: the text says
// "as above", the object has "as": the "id" of the other.
std::string text(const Proof& p);
std::string to_json(const Proof& p);

}  // namespace surety::logic
