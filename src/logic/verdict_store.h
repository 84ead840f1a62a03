#pragma once
// The verdicts of one formula that can still be corrected, with their versions. One thread.
#include <cstdint>
#include <map>
#include <vector>

#include "logic/log_store.h"

namespace surety::logic {

class VerdictStore {
 public:
  struct Kept {
    std::vector<Cell> row;
    std::uint32_t version = 0;
    bool stands = false;
  };
  // Makes it stand or fall. Returns the new version, or 0 when that is what it did before.
  std::uint32_t set(Pos at, std::span<const Cell> row, bool stands) {
    auto& rows = by_point_[at];
    for (auto& k : rows)
      if (std::equal(k.row.begin(), k.row.end(), row.begin(), row.end())) {
        if (k.stands == stands) return 0;
        k.stands = stands;
        return ++k.version;
      }
    if (stands) rows.push_back({{row.begin(), row.end()}, 1, true});
    return stands ? 1 : 0;
  }
  // Points with verdicts in [from, to].
  template <class F>
  void each(Pos from, Pos to, F&& f) const {
    for (auto it = by_point_.lower_bound(from); it != by_point_.end() && it->first <= to; ++it)
      for (auto& k : it->second) f(it->first, k);
  }
  const std::vector<Kept>* at(Pos p) const {
    auto it = by_point_.find(p);
    return it == by_point_.end() ? nullptr : &it->second;
  }
  void trim(Pos before) { by_point_.erase(by_point_.begin(), by_point_.lower_bound(before)); }
  void clear() { by_point_.clear(); }
  const std::map<Pos, std::vector<Kept>>& all() const { return by_point_; }
  std::map<Pos, std::vector<Kept>>& all() { return by_point_; }

 private:
  std::map<Pos, std::vector<Kept>> by_point_;
};

}  // namespace surety::logic
