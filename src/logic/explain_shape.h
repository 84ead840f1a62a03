#pragma once
// What the explainer and its checker must agree on: the shape "at least k", how far a formula looks from
// a time-point, and what a LET name means where. Pure.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "logic/explain.h"

namespace surety::logic {

// EXISTS n. (n <- CNT x; g f) AND k <= n [AND …]: the count and the number that is enough.
struct AtLeast {
  plan::Formula count;
  std::int64_t needed = 0;
};
std::optional<AtLeast> at_least(const plan::Formula& f);

// A LET name that a formula may use. Inside its own definition a LETPAST is known at earlier points only:
// before `below`, the point that is being defined.
struct InScope {
  plan::Formula let;
  std::size_t below = SIZE_MAX;
};
using Scope = std::vector<InScope>;  // innermost last

// Which of them `name` is: an index, or nothing.
std::optional<std::size_t> in_scope(const Scope& scope, const std::string& name);
// What the definition of scope[k] may use at `point`.
Scope scope_of_definition(const Scope& scope, std::size_t k, std::size_t point);
// Names a scope in maps, as long as its formulas live.
using ScopeKey = std::vector<std::pair<const plan::Node*, std::size_t>>;
ScopeKey key_of(const Scope& scope);

// The points that a temporal operator or expression looks at from `point`: those whose distance lies in its
// interval, first…end without end.
struct Window {
  std::size_t first = 0, end = 0;
};
Window window(const History& h, const plan::Node& n, std::size_t point, plan::TickScale scale);
// The first and last point that the formula's truth at `point` can rest on.
std::pair<std::size_t, std::size_t> reach(const History& h, const plan::Formula& f, std::size_t point, plan::TickScale scale,
                                          const Scope& scope);
std::size_t facts_between(const History& h, std::size_t from, std::size_t to);

std::string values_text(const Valuation& v);  // "x = 1, y = a"

// The types that an aggregation over nothing needs: those of a formula in core form, if they can be told.
using AggregatedTypes = std::map<const plan::Node*, plan::Type>;
AggregatedTypes aggregated_types(const plan::Formula& f, const Signature* signature);

}  // namespace surety::logic
