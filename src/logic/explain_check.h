#pragma once
// Re-checks proofs of explain.h, rule by rule, from the definition of the logic. Shares no code with
// the engine's operators. What a proof claims as complete (none, aggregate) is evaluated again over
// the whole history by `Meaning`, the plainest evaluator there is. Thread-safe.
#include <memory>
#include <optional>
#include <set>

#include "logic/explain.h"

namespace surety::logic {

// The formula, row and point are what the verdict claims; the proof must be of just that.
Status check_proof(const History& history, const plan::Formula& f, const Valuation& row, std::size_t point, const Proof& proof,
                   plan::TickScale scale = {});

// All ways to extend a partial valuation to the free variables so that a formula holds.
class Meaning {
 public:
  Meaning(const History& history, plan::TickScale scale);
  ~Meaning();
  Meaning(const Meaning&) = delete;
  Meaning& operator=(const Meaning&) = delete;

  // f in core form (front/monitorable.h). Free LET names are taken from `lets`: outermost first.
  Result<std::set<Valuation>> rows(const plan::Formula& f, std::size_t point, const Valuation& known,
                                   const std::vector<plan::Formula>& lets = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The value of a term whose variables are all known; nothing when it has none (plan::apply).
std::optional<plan::Value> value_of(const plan::Term& t, const Valuation& known);
Valuation restricted(const Valuation& v, const plan::Formula& f);  // to its free variables
bool test_holds(const plan::Node& n, const Valuation& known);      // comparisons, SUBSTRING, MATCHES without new groups

}  // namespace surety::logic
