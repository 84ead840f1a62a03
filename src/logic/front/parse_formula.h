#pragma once
// Formulas from text, in the peers' grammar with its precedences (docs/monitor-language.md).
// A syntax error names file, line, column, what was found and what could stand there. Nesting
// deeper than kMaxDepth is refused, so that everything that walks a formula may recurse. Pure.
//
//   SURETY_TRY(plan::Formula f, parse_formula("P(x) AND NOT ONCE[0,60] Q(x)", "f.mfotl"));
#include <string>
#include <string_view>

#include "base/error.h"
#include "plan/formula.h"

namespace surety::logic {

inline constexpr int kMaxNesting = 200;
inline constexpr int kMaxDepth = 600;

Result<plan::Formula> parse_formula(std::string_view text, const std::string& file = "formula");

}  // namespace surety::logic
