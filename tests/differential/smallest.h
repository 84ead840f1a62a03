#pragma once
// How large the smallest proof is (explain.h), by trying every proof: every point, every run through an
// expression, every set of failing tests that might cut all runs. For tiny formulas and histories over the
// predicates P(x), Q(x) and LET names with the one argument x; shares nothing with the explainer but the formula.
#include <compare>
#include <optional>
#include <vector>

#include "logic/explain.h"

namespace surety::differential {

struct ProofSize {
  std::size_t leaves = 0, nodes = 0;
  auto operator<=>(const ProofSize&) const = default;
};

// Of a proof that f holds (or fails) at the point; nothing when that is not so. x has the one value of all facts.
std::optional<ProofSize> smallest_proof(const logic::History& h, const plan::Formula& f, std::size_t point, bool holds);
ProofSize size_of(const logic::Proof& p);  // as a tree

// Formulas over P(x), Q(x): expressions with up to `operators` operators of three tests, forwards and backwards,
// and LETPAST of several shapes.
std::vector<plan::Formula> all_expressions(int operators);
std::vector<plan::Formula> some_let_pasts();

}  // namespace surety::differential
