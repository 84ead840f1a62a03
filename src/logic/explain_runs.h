#pragma once
// Runs of a regular expression over time-points: the cheapest one that passes only tests that hold, and
// the cheapest set of failing tests that every run meets. Source of the second: minimal hitting sets by
// branching on a run that the set so far does not meet (Reiter, A theory of diagnosis, AIJ 1987). Pure.
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "plan/formula.h"

namespace surety::logic {

struct ProofCost {
  std::size_t leaves = 0, nodes = 0;
  auto operator<=>(const ProofCost&) const = default;
};
ProofCost operator+(ProofCost a, ProofCost b);  // stays at a large number instead of overflowing

struct TestAt {
  std::size_t point = 0, test = 0;
  auto operator<=>(const TestAt&) const = default;
};
struct Run {
  std::vector<TestAt> tests;  // in order
  std::size_t from = 0, to = 0;
  ProofCost cost;
};

// Where runs may start and end (ascending; a run goes forwards in time), and what is known of the tests.
struct Runs {
  const plan::Regex& regex;
  std::vector<std::size_t> starts, ends;
  std::function<bool(TestAt)> holds;
  std::function<ProofCost(TestAt)> cost;  // of showing that it holds, or that it fails, as the case may be
};

std::optional<Run> cheapest_run(const Runs& r);
// Nothing when a run gets through, when more than `most` tests are needed, or when finding the best
// would take too long.
std::optional<std::vector<TestAt>> cheapest_cut(const Runs& r, std::size_t most);

}  // namespace surety::logic
