#pragma once
// Re-checks proofs of explain.h, rule by rule, from the definition of the logic. Shares no code with
// the engine's operators. What a proof claims as complete (none, aggregate) is evaluated again over
// the whole history by `Meaning`, the plainest evaluator there is. Thread-safe.
#include <memory>
#include <optional>
#include <set>

#include "logic/explain.h"
#include "logic/explain_shape.h"

namespace surety::logic {

// The formula, row and point are what the verdict claims; the proof must be of just that.
Status check_proof(const History& history, const plan::Formula& f, const Valuation& row, std::size_t point, const Proof& proof,
                   const Reading& reading = {});

// All ways to extend a partial valuation to the free variables so that a formula holds.
class Meaning {
 public:
  Meaning(const History& history, plan::TickScale scale, AggregatedTypes types = {});
  ~Meaning();
  Meaning(const Meaning&) = delete;
  Meaning& operator=(const Meaning&) = delete;

  // f in core form (normal_form.h); it and what is in scope must outlive this.
  Result<std::set<Valuation>> rows(const plan::Formula& f, std::size_t point, const Valuation& known, const Scope& scope = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What tp, ts and tpts say of a point; nothing for another name.
std::optional<std::vector<plan::Value>> clock_of(const std::string& name, const History& history, std::size_t point);
bool told_at(const History& history, std::size_t point, const std::string& predicate);  // by any fact
// The value of a term whose variables are all known; nothing when it has none (plan::apply).
std::optional<plan::Value> value_of(const plan::Term& t, const Valuation& known);
Valuation restricted(const Valuation& v, const plan::Formula& f);  // to its free variables
bool test_holds(const plan::Node& n, const Valuation& known);      // comparisons, SUBSTRING, MATCHES without new groups

}  // namespace surety::logic
