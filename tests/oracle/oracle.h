#pragma once
// The naive oracle: a formula's meaning, read off its definition, over a whole finished trace. Slow
// and plain on purpose; it shares nothing with the engine but the formula and the arithmetic of
// plan::apply. Only tests link it. Corrections need no code here: the caller passes the final
// facts.
//
// rows(f, i, v): all extensions of the partial valuation v to the free variables of f under which f
// holds at point i. Conjunctions look for an order in which every part can be computed.
// Semantics: JACM 2015 (MFOTL), FMSD 2015 (aggregations), IJCAR 2020 (regular expressions,
// LETPAST).
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "plan/formula.h"

namespace surety::oracle {

using Row = std::vector<plan::Value>;

struct Point {
  plan::Ticks ts = 0;
  std::map<std::string, std::set<Row>> facts;  // by predicate
};

// Stable-sorts by stamp and, when asked, joins points of one stamp into one.
void sort_trace(std::vector<Point>& trace, bool join_equal);

struct Answer {
  std::vector<std::string> columns;  // plan::free_variables
  std::vector<std::set<Row>> rows;   // for each point that is decided
};

// open: only points that no continuation of the trace can change (VeriMon's progress function).
// closed: all points; nothing comes after the trace, NEXT at its end is false.
enum class End { open, closed };

// Fails when the formula cannot be computed from guards (with the subformula), or after `budget`
// steps, so that a test does not hang. A result over nothing: CNT, SUM, AVG, MED 0; MIN and MAX of
// integers 0, of floats +∞ and −∞, of strings "".
struct Question {
  plan::Formula formula;
  // For each aggregation, the type of what it aggregates: decides the result over nothing.
  std::map<const plan::Node*, plan::Type> aggregated;
  End end = End::closed;
  plan::TickScale scale;
  std::uint64_t budget = 50'000'000;
};
Result<Answer> evaluate(const Question& q, const std::vector<Point>& trace);

// How many points, from the first, are decided whatever comes after the trace.
std::size_t decided(const plan::Formula& f, const std::vector<Point>& trace, plan::TickScale scale = {});

}  // namespace surety::oracle
