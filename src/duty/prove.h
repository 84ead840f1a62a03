#pragma once
// Why a formula holds at an instant: the smallest leaves and the rules, in words. Internal. Works by
// enumerating proofs of the past-time fragment that conditions use, which also makes it a slow,
// independent check of the monitor's answer (duty_test.cc). Called once a verdict, not once a fact.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "duty/match.h"
#include "duty/timeline.h"

namespace surety::duty {

// A witness with what verdicts take from it.
struct Proof {
  model::Witness witness;
  model::Grade occurrence = model::Grade::adjudicated;  // lowest among what it rests on
  model::Grade attribution = model::Grade::adjudicated;
  Instant known = Instant::min();  // latest among it
  std::vector<const Happening*> uses;
};

class Prover {
 public:
  Prover(const World& world, const plan::Agreement& agreement, const FactBase& facts)
      : world_(world), agreement_(agreement), facts_(facts) {}

  using Env = std::map<std::string, plan::Value>;
  // A proof that f holds at t for some values of its free variables beyond `env`, having entered at
  // `entry` ("P" alone: since then). The one with fewest leaves among the first few found.
  std::optional<Proof> prove(const plan::Formula& f, Ticks t, const Env& env, Ticks entry = Instant::min().us);

  // One happening as a leaf: what, where, when, how well established.
  Proof happening(const Happening& h, model::Grade occurrence, const std::string& party, const std::string& rule = "exists") const;
  Proof absent(const std::string& what) const;

 private:
  using Yield = std::function<bool(const Env&, const Proof&)>;  // false: enough
  bool each(const plan::Formula& f, Ticks t, const Env& env, const Yield& yield);
  bool each_predicate(const plan::Node& n, Ticks t, const Env& env, const Yield& yield);
  bool each_once(const plan::Formula& f, Ticks t, const Env& env, const Yield& yield);
  bool each_since(const plan::Formula& f, Ticks t, const Env& env, const Yield& yield);
  bool each_aggregate(const plan::Node& n, Ticks t, const Env& env, const Yield& yield);
  bool each_conjunction(const plan::Formula& f, Ticks t, const Env& env, const Yield& yield);
  bool each_comparison(const plan::Node& n, const Env& env, const Yield& yield);
  bool each_let(const plan::Node& n, Ticks t, const Env& env, const Yield& yield);
  bool holds(const plan::Formula& f, Ticks t, const Env& env);
  std::vector<Ticks> times(const plan::Formula& f, Ticks from, Ticks to) const;
  Proof leaf(const std::string& predicate, const Fact& f) const;

  const World& world_;
  const plan::Agreement& agreement_;
  const FactBase& facts_;
  Ticks entry_ = Instant::min().us;
  std::map<std::string, const plan::Node*> lets_;
  std::map<std::string, std::int64_t> needed_;  // count variable → how many the comparison asks for
};

// The pattern that a predicate "p3!" stands for; nothing for norm facts.
const plan::Pattern* pattern_of(const plan::Agreement& agreement, const std::string& predicate);
// Joins proofs under one rule.
Proof join(const std::string& rule, const std::string& text, std::vector<Proof> parts);
// "strike.missile near Sumy, 2025-04-19 20:10 Europe/Moscow".
std::string describe(const Happening& h, const std::string& zone);
std::string describe(const TimeRange& when, const std::string& zone);

}  // namespace surety::duty
