#pragma once
// Conditions over time. A past-time formula over facts is a piecewise constant signal: it can change
// only at a fact or where a window opens or closes on one, so those instants, and no others, are the
// monitor's time-points ("no P for 7 days" turns true without an event). Internal to the room.
// Ticks are microseconds of event time.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "plan/agreement.h"
#include "plan/formula.h"

namespace surety::duty {

using plan::Ticks;

constexpr plan::TickScale kScale{1'000'000};  // a tick is a microsecond
constexpr Ticks kBeginning = Instant::min().us;

// A fact p(a, b) or p(a, b, value). Views into the World or the agreement.
struct Fact {
  Ticks at = 0;
  std::string_view a, b;
  double value = 0;
};

// Facts by predicate, each list in order of time.
class FactBase {
 public:
  // Over a base that must outlive it: predicates that have no list of their own are read there.
  explicit FactBase(const FactBase* base = nullptr) : base_(base) {}
  void put(const std::string& predicate, std::vector<Fact> list);  // sorts it
  const std::vector<Fact>& of(const std::string& predicate) const;
  bool has(const std::string& predicate) const { return facts_.contains(predicate); }

 private:
  const FactBase* base_;
  std::map<std::string, std::vector<Fact>> facts_;
};

// [from, to), to == kForever: still so. `expiry`: it began because a window closed, so for people the
// moment is the last instant inside that window.
struct Held {
  Ticks from = 0, to = 0;
  bool expiry = false;
};
inline Ticks moment(const Held& h) { return h.expiry ? h.from - 1 : h.from; }

// When each row of a formula's free variables held. Rows are text; intervals maximal, in order.
struct Relation {
  std::vector<std::string> columns;
  std::map<std::vector<std::string>, std::vector<Held>> rows;
};

// The instants at which `f` can change its value, up to `now`, in order.
// duty.future-condition: the formula looks into the future, which no condition may.
Result<std::vector<Ticks>> change_points(const plan::Formula& f, const FactBase& facts, Ticks now);

// Evaluates `f` at its change points. Errors: those of the monitor, naming the formula.
Result<Relation> evaluate(const plan::Formula& f, const std::string& name, const FactBase& facts, Ticks now);

// Predicates that f reads, sorted, each once, those of LET left out.
std::vector<std::string> predicates(const plan::Formula& f);

}  // namespace surety::duty
