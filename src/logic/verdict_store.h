#pragma once
// The verdicts of one formula that can still be corrected, with their versions: rows in order of their
// time-points, in blocks of flat arrays. Appending at the end is the fast path; a verdict that a
// correction brings goes into its block. One thread.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "logic/log_store.h"
#include "logic/rows.h"

namespace surety::logic {

class VerdictStore {
 public:
  struct Kept {
    Pos at;
    std::uint32_t version;
    bool stands;
    const Cell* row;
  };
  explicit VerdictStore(std::size_t arity) : arity_(arity) {}

  // At or behind the last point; not there yet.
  void append(Pos at, const Cell* row, std::uint32_t version = 1, bool stands = true);
  // At this point, of the verdicts for whose row mine(row) holds exactly those in `now` shall stand
  // (their rows, in any order). Tells (row, version, stands) of each that changes.
  using Mine = FunctionRef<bool(const Cell*)>;
  using Tell = FunctionRef<void(const Cell*, std::uint32_t, bool)>;
  void replace(Pos at, std::vector<const Cell*> now, Mine mine, Tell tell);
  // All in order of their points, from `from` on; false ends it.
  void each(Pos from, FunctionRef<bool(const Kept&)> f) const;
  // Forgets those before the point.
  void trim(Pos before);

 private:
  static constexpr std::size_t kRows = 1024;
  struct Block {
    std::vector<Pos> at;
    std::vector<std::uint64_t> state;  // version << 1 | stands
    std::vector<Cell> cells;
    // A little more than it will hold, for what corrections bring: they often bring one to each block.
    void reserve(std::size_t rows, std::size_t arity) {
      at.reserve(rows);
      state.reserve(rows);
      cells.reserve(rows * arity);
    }
  };
  struct Place {
    std::size_t block, row;
  };
  const Cell* row(Place p) const { return blocks_[p.block]->cells.data() + p.row * arity_; }
  Place lower_bound(Pos at) const;
  bool valid(Place& p) const;
  void insert(Pos at, const Cell* row);
  bool less(const Cell* a, const Cell* b) const { return std::lexicographical_compare(a, a + arity_, b, b + arity_); }
  bool equal(const Cell* a, const Cell* b) const { return std::equal(a, a + arity_, b); }
  std::size_t arity_;
  std::vector<std::unique_ptr<Block>> blocks_;  // none empty
  mutable std::size_t last_ = 0;                // block of the last search
};

}  // namespace surety::logic
