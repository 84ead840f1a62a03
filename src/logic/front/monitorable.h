#pragma once
// Whether a formula can be monitored: every variable must be bound by something finite (range
// restriction), and no window may reach into the future without end. Accepts VeriMon's fragment and
// more (docs/monitor-language.md, "What can be monitored"). Agrees with the compiler, which decides:
// tests/differential/fragment_run.cc. A refusal names the variable, the subformula and where it is, and
// suggests a guard that would do. Pure.
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "plan/formula.h"

namespace surety::logic {

struct Refusal {
  plan::Formula found;  // what cannot be computed, as written
  std::string message, expected;
  std::string variable;  // empty: no guard would help
  // Where the guard belongs, and how: `guard AND place`; `guard IMPLIES place` where the place is negated;
  // the regular expression `place` begins with the test `guard?`.
  enum class How { beside, condition, begins };
  plan::Formula place;
  How how = How::beside;
  std::optional<plan::Formula> guard;  // another part of the formula that would do
};

std::optional<Refusal> refusal(const plan::Formula& f);
// The formula with a guard where the refusal asks for one.
plan::Formula with_guard(const plan::Formula& f, const Refusal& r, const plan::Formula& guard);

// The same as an error. `text` and `file` as in infer_types: for positions, may be empty.
Status check_monitorable(const plan::Formula& f, std::string_view text = {}, const std::string& file = {});
// The compiler's refusal of a LETPAST, which names it or its parameter, with its place in the text.
Error placed_at_letpast(Error why, const plan::Formula& f, std::string_view text, const std::string& file);

}  // namespace surety::logic
