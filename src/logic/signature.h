#pragma once
// The predicates that facts may use, with their columns. Plain data, thread-safe.
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plan/value.h"

namespace surety::logic {

using PredicateIndex = std::uint32_t;

struct Predicate {
  std::string name;
  std::vector<plan::Type> columns;
  std::vector<std::string> column_names;  // empty, or one for each column
  bool operator==(const Predicate&) const = default;
};

// The order of add() is the index; a name occurs with one number of columns only.
class Signature {
 public:
  static constexpr PredicateIndex kNone = UINT32_MAX;

  // False when the name is there already; then nothing is added.
  bool add(Predicate p) {
    if (!by_name_.emplace(p.name, static_cast<PredicateIndex>(all_.size())).second) return false;
    all_.push_back(std::move(p));
    return true;
  }
  PredicateIndex find(const std::string& name) const {
    auto it = by_name_.find(name);
    return it == by_name_.end() ? kNone : it->second;
  }
  const Predicate& operator[](PredicateIndex i) const { return all_[i]; }
  std::size_t size() const { return all_.size(); }
  const std::vector<Predicate>& all() const { return all_; }

 private:
  std::vector<Predicate> all_;
  std::unordered_map<std::string, PredicateIndex> by_name_;
};

}  // namespace surety::logic
