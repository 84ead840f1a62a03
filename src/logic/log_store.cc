#include "logic/log_store.h"

#include <algorithm>
#include <bit>

#include "logic/rows.h"

namespace surety::logic {

std::unique_ptr<LogStore::Block> LogStore::new_block() {
  if (spare_.empty()) return std::make_unique<Block>();
  auto block = std::move(spare_.back());
  spare_.pop_back();
  return block;
}

void LogStore::retire(std::unique_ptr<Block> block) {
  if (spare_.size() >= kSpare) return;
  block->points.clear();
  block->facts.clear();
  block->cells.clear();
  block->chains.clear();
  spare_.push_back(std::move(block));
}

void LogStore::append_point(Pos pos) {
  if (blocks_.empty() || blocks_.back()->points.size() >= kPoints || blocks_.back()->facts.size() >= kFacts) blocks_.push_back(new_block());
  Block& b = *blocks_.back();
  b.points.push_back({pos, static_cast<std::uint32_t>(b.facts.size()), 0});
  ++points_;
}

LogStore::Cursor LogStore::lower_bound(Pos pos) const {
  auto b = std::lower_bound(blocks_.begin(), blocks_.end(), pos, [](const auto& x, Pos p) { return x->points.back().pos < p; });
  if (b == blocks_.end()) return blocks_.empty() ? Cursor{} : Cursor{blocks_.size() - 1, blocks_.back()->points.size()};
  auto& points = (*b)->points;
  auto at = std::lower_bound(points.begin(), points.end(), pos, [](const Point& x, Pos p) { return x.pos < p; });
  return {static_cast<std::size_t>(b - blocks_.begin()), static_cast<std::size_t>(at - points.begin())};
}

bool LogStore::has_point(Pos pos) const {
  Cursor c = lower_bound(pos);
  return !at_end(c) && point(c).pos == pos;
}

Pos LogStore::point_before(Pos pos) const {
  Cursor c = lower_bound(pos);
  if (c.at > 0) return blocks_[c.block]->points[c.at - 1].pos;
  return c.block > 0 ? blocks_[c.block - 1]->points.back().pos : Pos::begin();
}

void LogStore::insert_point(Pos pos) {
  Cursor c = lower_bound(pos);
  ++shape_;
  if (at_end(c)) return append_point(pos);
  Block& b = *blocks_[c.block];
  b.points.insert(b.points.begin() + static_cast<std::ptrdiff_t>(c.at), {pos, b.points[c.at].first, 0});
  ++points_;
  if (b.points.size() > 2 * kPoints) split(c.block);
}

void LogStore::split(std::size_t block) {
  Block& old = *blocks_[block];
  std::size_t half = old.points.size() / 2;
  std::unique_ptr<Block> parts[2] = {std::make_unique<Block>(), std::make_unique<Block>()};
  for (std::size_t i = 0; i < old.points.size(); ++i) {
    Block& to = *parts[i >= half];
    const Point& p = old.points[i];
    to.points.push_back({p.pos, static_cast<std::uint32_t>(to.facts.size()), p.count});
    for (std::size_t f = p.first; f < p.first + p.count; ++f) {
      const Fact& fact = old.facts[f];
      const Cell* row = old.row(fact);
      to.facts.push_back({fact.id, fact.predicate, static_cast<std::uint32_t>(to.cells.size())});
      to.cells.insert(to.cells.end(), row, row + arities_[fact.predicate]);
    }
  }
  blocks_[block] = std::move(parts[0]);
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(block) + 1, std::move(parts[1]));
}

void LogStore::insert_fact(Pos at, FactId id, PredicateIndex p, const Cell* cells) {
  Cursor c = lower_bound(at);
  Block& b = *blocks_[c.block];
  Point& pt = b.points[c.at];
  b.facts.insert(b.facts.begin() + pt.first + pt.count, {id, p, static_cast<std::uint32_t>(b.cells.size())});
  b.cells.insert(b.cells.end(), cells, cells + arities_[p]);
  ++pt.count;
  for (std::size_t i = c.at + 1; i < b.points.size(); ++i) ++b.points[i].first;
  b.chains.clear();
  ++facts_;
}

const LogStore::Fact* LogStore::find_fact(Pos at, FactId id, const Block** block) const {
  Cursor c = lower_bound(at);
  if (at_end(c) || point(c).pos != at) return nullptr;
  const Block& b = *blocks_[c.block];
  const Point& pt = b.points[c.at];
  for (std::size_t i = pt.first; i < pt.first + pt.count; ++i)
    if (b.facts[i].id == id) {
      *block = &b;
      return &b.facts[i];
    }
  return nullptr;
}

bool LogStore::erase_fact(Pos at, FactId id) {
  const Block* found = nullptr;
  const Fact* f = find_fact(at, id, &found);
  if (!f) return false;
  Cursor c = lower_bound(at);
  Block& b = *blocks_[c.block];
  b.facts.erase(b.facts.begin() + (f - b.facts.data()));
  --b.points[c.at].count;
  for (std::size_t i = c.at + 1; i < b.points.size(); ++i) --b.points[i].first;
  b.chains.clear();
  --facts_;
  return true;
}

bool LogStore::erase_point_if_empty(Pos at) {
  Cursor c = lower_bound(at);
  if (at_end(c) || point(c).pos != at || point(c).count != 0) return false;
  Block& b = *blocks_[c.block];
  b.points.erase(b.points.begin() + static_cast<std::ptrdiff_t>(c.at));
  if (b.points.empty()) blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(c.block));
  --points_;
  ++shape_;
  return true;
}

void LogStore::trim(Pos before) {
  std::size_t n = 0;
  while (n < blocks_.size() && blocks_[n]->points.back().pos < before) {
    points_ -= blocks_[n]->points.size();
    facts_ -= blocks_[n]->facts.size();
    retire(std::move(blocks_[n++]));
  }
  if (n == 0) return;
  ++shape_;
  blocks_.erase(blocks_.begin(), blocks_.begin() + static_cast<std::ptrdiff_t>(n));
}

void LogStore::clear() {
  for (auto& b : blocks_) retire(std::move(b));
  blocks_.clear();
  points_ = facts_ = 0;
  ++shape_;
}

// The chain over these columns, with what has been appended to the block since it was last asked for.
const LogStore::Block::Chain& LogStore::chain(Block& b, PredicateIndex p, const std::vector<std::uint32_t>& columns) {
  auto at = std::find_if(b.chains.begin(), b.chains.end(), [&](auto& x) { return x.predicate == p && x.columns == columns; });
  if (at == b.chains.end()) {
    b.chains.push_back({p, columns, {}, {}});
    at = b.chains.end() - 1;
  }
  if (at->heads.size() < b.facts.size()) {
    at->heads.assign(std::bit_ceil(2 * b.facts.size()), 0);
    at->next.clear();
  }
  for (std::size_t i = at->next.size(); i < b.facts.size(); ++i) {
    at->next.push_back(0);
    if (b.facts[i].predicate != p) continue;
    auto& head = at->heads[hash_columns(b.row(b.facts[i]), columns) & (at->heads.size() - 1)];
    at->next[i] = head;
    head = static_cast<std::uint32_t>(i + 1);
  }
  return *at;
}

void LogStore::find(PredicateIndex p, const std::vector<std::uint32_t>& columns, const Cell* key, Pos from, Pos to,
                    std::vector<Place>& out) {
  const std::uint64_t hash = hash_cells(key, columns.size());
  for (Cursor c = lower_bound(from); !at_end(c) && point(c).pos < to; c = {c.block + 1, 0}) {
    Block& b = *blocks_[c.block];
    if (columns.empty()) {
      for (; c.at < b.points.size() && b.points[c.at].pos < to; ++c.at)
        for (std::uint32_t i = b.points[c.at].first; i < b.points[c.at].first + b.points[c.at].count; ++i)
          if (b.facts[i].predicate == p) out.push_back({b.points[c.at].pos, &b, i});
      continue;
    }
    const auto& links = chain(b, p, columns);
    if (links.heads.empty()) continue;
    for (std::uint32_t i = links.heads[hash & (links.heads.size() - 1)]; i != 0; i = links.next[i - 1]) {
      if (!matches(b.row(b.facts[i - 1]), columns, key)) continue;
      auto pt = std::upper_bound(b.points.begin(), b.points.end(), i - 1, [](std::uint32_t f, const Point& x) { return f < x.first; }) - 1;
      while (pt->count == 0) --pt;
      if (pt->pos >= from && pt->pos < to) out.push_back({pt->pos, &b, i - 1});
    }
  }
}

std::size_t LogStore::bytes() const {
  std::size_t n = 0;
  for (auto& b : blocks_) n += b->points.capacity() * sizeof(Point) + b->facts.capacity() * sizeof(Fact) + b->cells.capacity() * 8;
  return n;
}

}  // namespace surety::logic
