#pragma once
// The facts in time order: blocks of time-points, each with its facts. Appending is the fast path; a
// late point or fact goes into its block. What a block holds of one key value is found through a
// chain that is made when first asked for. One thread.
#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "logic/cell.h"
#include "logic/monitor.h"

namespace surety::logic {

// Where a time-point stands: by stamp, equal stamps as opened.
struct Pos {
  Ticks ts = INT64_MIN;
  PointId id = 0;
  auto operator<=>(const Pos&) const = default;
  // The first place behind it.
  Pos after() const { return id != UINT64_MAX ? Pos{ts, id + 1} : ts != INT64_MAX ? Pos{ts + 1, 0} : *this; }
  static constexpr Pos begin() { return {INT64_MIN, 0}; }
  static constexpr Pos end() { return {INT64_MAX, UINT64_MAX}; }
};

class LogStore {
 public:
  struct Fact {
    FactId id;
    PredicateIndex predicate;
    std::uint32_t cells;  // where they begin in the block
  };
  struct Point {
    Pos pos;
    std::uint32_t first, count;  // facts of the block
  };
  struct Block {
    std::vector<Point> points;
    std::vector<Fact> facts;
    std::vector<Cell> cells;
    const Cell* row(const Fact& f) const { return cells.data() + f.cells; }

    // Facts of the predicate with the same cells in these columns hang together.
    struct Chain {
      PredicateIndex predicate;
      std::vector<std::uint32_t> columns;
      std::vector<std::uint32_t> heads, next;  // 1-based into facts
    };
    std::vector<Chain> chains;
  };
  // A place in the log; `point()` is valid until the log changes.
  struct Cursor {
    std::size_t block = 0, at = 0;
  };

  explicit LogStore(std::vector<std::uint32_t> arities) : arities_(std::move(arities)) {}

  bool empty() const { return points_ == 0; }
  std::size_t points() const { return points_; }
  std::size_t facts() const { return facts_; }
  const Point* last() const { return empty() ? nullptr : &blocks_.back()->points.back(); }

  void append_point(Pos pos);
  void append_fact(FactId id, PredicateIndex p, const Cell* cells) {  // to the last point
    Block& b = *blocks_.back();
    b.facts.push_back({id, p, static_cast<std::uint32_t>(b.cells.size())});
    for (std::uint32_t i = 0; i < arities_[p]; ++i) b.cells.push_back(cells[i]);
    ++b.points.back().count;
    ++facts_;
  }
  void insert_point(Pos pos);  // anywhere, also where one was withdrawn; must be new
  void insert_fact(Pos at, FactId id, PredicateIndex p, const Cell* cells);
  bool erase_fact(Pos at, FactId id);
  bool erase_point_if_empty(Pos at);
  const Fact* find_fact(Pos at, FactId id, const Block** block) const;
  bool has_point(Pos pos) const;
  Pos point_before(Pos pos) const;  // Pos::begin() when there is none
  // Drops whole blocks that lie before pos.
  void trim(Pos before);
  void clear();
  // Changes whenever places of old points may have moved.
  std::uint64_t shape() const { return shape_; }

  Cursor lower_bound(Pos pos) const;  // the first point at or after pos
  // A cursor at the end stays there and comes alive when points are appended.
  bool at_end(Cursor& c) const {
    while (c.block < blocks_.size() && c.at >= blocks_[c.block]->points.size()) {
      if (c.block + 1 == blocks_.size()) return true;
      c = {c.block + 1, 0};
    }
    return c.block >= blocks_.size();
  }
  const Point& point(const Cursor& c) const { return blocks_[c.block]->points[c.at]; }
  const Block& block(const Cursor& c) const { return *blocks_[c.block]; }
  // Adds the facts of the predicate that have these cells there, of points in [from, to); within a block
  // in any order. Valid until the log changes.
  struct Place {
    Pos at;
    const Block* block;
    std::uint32_t fact;
  };
  void find(PredicateIndex p, const std::vector<std::uint32_t>& columns, const Cell* key, Pos from, Pos to, std::vector<Place>& out);
  std::uint32_t arity(PredicateIndex p) const { return arities_[p]; }
  const std::vector<std::uint32_t>& arities() const { return arities_; }
  std::size_t bytes() const;

 private:
  static constexpr std::size_t kPoints = 2048, kFacts = 4096, kSpare = 32;
  std::unique_ptr<Block> new_block();
  void retire(std::unique_ptr<Block> block);
  Block& block_for(Pos pos, std::size_t* index);
  void split(std::size_t block);
  static const Block::Chain& chain(Block& b, PredicateIndex p, const std::vector<std::uint32_t>& columns);
  std::vector<std::uint32_t> arities_;
  std::vector<std::unique_ptr<Block>> blocks_;  // none empty
  std::vector<std::unique_ptr<Block>> spare_;   // dropped, with their memory: the system takes its time to give it again
  std::size_t points_ = 0, facts_ = 0;
  std::uint64_t shape_ = 0;
};

}  // namespace surety::logic
