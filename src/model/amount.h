#pragma once
// How much, as vague as the source left it. "Thousands of soldiers" has words and unit and no bounds;
// "up to 3 bn EUR" has a high bound only; an exact amount has low == high. Numbers are never invented.
#include <optional>
#include <string>

#include "base/decimal.h"

namespace surety::model {

struct Amount {
  std::optional<Decimal> low;
  std::optional<Decimal> high;
  std::string unit;   // "soldiers", "EUR", "km", … empty for a bare count
  std::string words;  // the source's own words when they say more than the bounds do
  bool operator==(const Amount&) const = default;
  bool exact() const { return low && high && *low == *high; }
};

// "3000 soldiers", "up to 3000000000 EUR", "5000 to 10000 soldiers", "“thousands” (no figure given)".
std::string to_string(const Amount& a);

// Sum of bounds; a missing bound stays missing. unit.mixed when units differ.
Result<Amount> add(const Amount& a, const Amount& b);

}  // namespace surety::model
