#pragma once
// What a formula can see of time and of keys: which time-points a changed fact can touch, which
// facts those points rest on, and which variable the work can be confined to. On normal forms; pure
// but for the log, which is asked for neighbours of a point (PREVIOUS, NEXT).
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "logic/log_store.h"
#include "plan/formula.h"

namespace surety::logic {

struct Stretch {
  Pos from = Pos::end(), to = Pos::begin();  // both inclusive; from > to: nothing
  bool empty() const { return to < from; }
  void add(const Stretch& o) {
    if (o.empty()) return;
    from = std::min(from, o.from);
    to = std::max(to, o.to);
  }
};

// Facts of predicate p (its index) that have the key in `column`; column < 0: all of its facts.
struct KeyedBy {
  std::map<PredicateIndex, int> column;
};

class Analysis {
 public:
  Analysis(plan::Formula normal, const Signature& sig, plan::TickScale scale);

  bool reads(PredicateIndex p) const { return predicates_.contains(p); }
  // The points at which the formula may change when facts of p do at the points of `at`; nullopt for
  // p: when the points themselves come or go.
  Stretch touched(std::optional<PredicateIndex> p, const Stretch& at, const LogStore& log) const;
  // The points whose facts evaluation at `at` rests on.
  Stretch seen(const Stretch& at, const LogStore& log) const;
  // Whether points at which none of the facts occur may be left out without changing anything.
  bool sparse() const { return sparse_; }
  // The free variable, if any, to which a change of p's facts can be confined.
  const std::map<std::string, KeyedBy>& keys() const { return keys_; }

 private:
  plan::Formula formula_;
  const Signature& sig_;
  plan::TickScale scale_;
  std::map<PredicateIndex, int> predicates_;
  bool sparse_ = false;
  std::map<std::string, KeyedBy> keys_;
};

}  // namespace surety::logic
