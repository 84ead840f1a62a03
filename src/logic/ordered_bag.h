#pragma once
// A bag of cells in the order of their type, with the k-th element: MIN, MAX, MED of a group.
// Sorted blocks of at most 256: insert, erase and k-th cost O(256 + n/256), all of it memmove.
#include <algorithm>
#include <vector>

#include "logic/cell.h"

namespace surety::logic {

class OrderedBag {
 public:
  std::size_t size() const { return size_; }
  template <class Less>
  void insert(Cell c, Less less) {
    ++size_;
    if (blocks_.empty()) {
      blocks_.push_back({c});
      return;
    }
    auto b = block_for(c, less);
    b->insert(std::upper_bound(b->begin(), b->end(), c, less), c);
    if (b->size() <= kBlock) return;
    std::vector<Cell> upper(b->begin() + kBlock / 2, b->end());
    b->resize(kBlock / 2);
    blocks_.insert(b + 1, std::move(upper));
  }
  // The cell must be in the bag.
  template <class Less>
  void erase(Cell c, Less less) {
    for (auto b =
             std::lower_bound(blocks_.begin(), blocks_.end(), c, [&](const std::vector<Cell>& x, Cell v) { return less(x.back(), v); });
         b != blocks_.end(); ++b) {
      auto at = std::lower_bound(b->begin(), b->end(), c, less);
      if (at == b->end() || *at != c) continue;
      b->erase(at);
      --size_;
      if (b->empty()) blocks_.erase(b);
      return;
    }
  }
  Cell at(std::size_t k) const {
    for (auto& b : blocks_) {
      if (k < b.size()) return b[k];
      k -= b.size();
    }
    return 0;
  }
  Cell front() const { return blocks_.front().front(); }
  Cell back() const { return blocks_.back().back(); }

 private:
  static constexpr std::size_t kBlock = 256;
  template <class Less>
  std::vector<std::vector<Cell>>::iterator block_for(Cell c, Less less) {
    auto b = std::lower_bound(blocks_.begin(), blocks_.end(), c, [&](const std::vector<Cell>& x, Cell v) { return less(x.back(), v); });
    return b == blocks_.end() ? b - 1 : b;
  }
  std::vector<std::vector<Cell>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace surety::logic
