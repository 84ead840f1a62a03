#pragma once
// What the explainer and its checker must agree on: the shape "at least k", and how far a formula
// looks from a time-point. Pure.
#include <optional>
#include <utility>

#include "logic/explain.h"

namespace surety::logic {

// EXISTS n. (n <- CNT x; g f) AND k <= n [AND …]: the count and the number that is enough.
struct AtLeast {
  plan::Formula count;
  std::int64_t needed = 0;
};
std::optional<AtLeast> at_least(const plan::Formula& f);

// The first and last point that the formula's truth at `point` can rest on; LET names reach
// anywhere.
std::pair<std::size_t, std::size_t> reach(const History& h, const plan::Formula& f, std::size_t point, plan::TickScale scale);
std::size_t facts_between(const History& h, std::size_t from, std::size_t to);

}  // namespace surety::logic
