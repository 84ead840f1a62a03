#pragma once
// The verdicts of one formula that can still be corrected, with their versions: rows in order of their
// time-points, in blocks of flat arrays. Appending at the end is the fast path. A verdict that a correction
// brings goes to the end of its block, and is moved into its place when there are more of them: one far back
// often brings one to each of thousands of blocks. One thread.
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
  // (their rows, in any order; reordered here). Tells (row, version, stands) of each that changes.
  using Mine = FunctionRef<bool(const Cell*)>;
  using Tell = FunctionRef<void(const Cell*, std::uint32_t, bool)>;
  void replace(Pos at, std::vector<const Cell*>& now, Mine mine, Tell tell);
  // All in order of their points, from `from` on; false ends it.
  void each(Pos from, FunctionRef<bool(const Kept&)> f) const;
  // Forgets those before the point.
  void trim(Pos before);

 private:
  static constexpr std::size_t kRows = 1024, kTail = 32;
  struct Block {
    std::vector<Pos> at;
    std::vector<std::uint64_t> state;  // version << 1 | stands
    std::vector<Cell> cells;
    std::size_t sorted = 0;  // so many are in order; behind them, what corrections brought
    Pos last = Pos::begin();
    std::size_t size() const { return at.size(); }
    void add(Pos p, std::uint64_t s, const Cell* row, std::size_t arity);
    void reserve(std::size_t rows, std::size_t arity);
    void keep(std::size_t from, std::size_t to, std::size_t arity);
    void settle(std::size_t arity);  // all in order
    std::vector<std::uint32_t> order() const;
  };
  struct Place {
    std::size_t block, row;
  };
  const Cell* row(Place p) const { return blocks_[p.block]->cells.data() + p.row * arity_; }
  std::size_t block_of(Pos at) const;  // the first that reaches so far
  void find(Pos at, Mine mine);
  void insert(std::size_t block, Pos at, const Cell* row);
  bool less(const Cell* a, const Cell* b) const { return std::lexicographical_compare(a, a + arity_, b, b + arity_); }
  bool equal(const Cell* a, const Cell* b) const { return std::equal(a, a + arity_, b); }
  std::size_t arity_;
  std::vector<std::unique_ptr<Block>> blocks_;  // none empty
  mutable std::size_t last_ = 0;                // block of the last search
  std::vector<Place> found_;                    // kept for its memory
};

}  // namespace surety::logic
