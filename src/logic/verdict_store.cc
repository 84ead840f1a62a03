#include "logic/verdict_store.h"

namespace surety::logic {

void VerdictStore::append(Pos at, const Cell* r, std::uint32_t version, bool stands) {
  if (blocks_.empty() || blocks_.back()->at.size() >= kRows) {
    const bool many = !blocks_.empty();
    blocks_.push_back(std::make_unique<Block>());
    if (many) blocks_.back()->reserve(kRows + kRows / 8, arity_);
  }
  Block& b = *blocks_.back();
  b.at.push_back(at);
  b.state.push_back(std::uint64_t{version} << 1 | stands);
  b.cells.insert(b.cells.end(), r, r + arity_);
}

// Corrections walk along the points: the block of the last search is often the one, or the next.
VerdictStore::Place VerdictStore::lower_bound(Pos at) const {
  auto holds = [&](std::size_t b) {
    return b < blocks_.size() && blocks_[b]->at.back() >= at && (b == 0 || blocks_[b - 1]->at.back() < at);
  };
  std::size_t b = holds(last_) ? last_ : last_ + 1;
  if (!holds(b))
    b = static_cast<std::size_t>(std::lower_bound(blocks_.begin(), blocks_.end(), at, [](auto& x, Pos p) { return x->at.back() < p; }) -
                                 blocks_.begin());
  if (b == blocks_.size()) return {b, 0};
  last_ = b;
  auto& points = blocks_[b]->at;
  return {b, static_cast<std::size_t>(std::lower_bound(points.begin(), points.end(), at) - points.begin())};
}

bool VerdictStore::valid(Place& p) const {
  if (p.block < blocks_.size() && p.row >= blocks_[p.block]->at.size()) p = {p.block + 1, 0};
  return p.block < blocks_.size();
}

void VerdictStore::each(Pos from, FunctionRef<bool(const Kept&)> f) const {
  for (Place p = lower_bound(from); valid(p); ++p.row) {
    const Block& b = *blocks_[p.block];
    if (!f({b.at[p.row], static_cast<std::uint32_t>(b.state[p.row] >> 1), (b.state[p.row] & 1) != 0, row(p)})) return;
  }
}

// Behind the last of its point.
void VerdictStore::insert(Pos at, const Cell* r) {
  Place p = lower_bound(at.after());
  if (p.block == blocks_.size()) return append(at, r);
  Block& b = *blocks_[p.block];
  b.at.insert(b.at.begin() + static_cast<std::ptrdiff_t>(p.row), at);
  b.state.insert(b.state.begin() + static_cast<std::ptrdiff_t>(p.row), std::uint64_t{1} << 1 | 1);
  b.cells.insert(b.cells.begin() + static_cast<std::ptrdiff_t>(p.row * arity_), r, r + arity_);
  if (b.at.size() < 2 * kRows) return;
  auto upper = std::make_unique<Block>();
  const auto half = static_cast<std::ptrdiff_t>(kRows);
  upper->at.assign(b.at.begin() + half, b.at.end());
  upper->state.assign(b.state.begin() + half, b.state.end());
  upper->cells.assign(b.cells.begin() + half * static_cast<std::ptrdiff_t>(arity_), b.cells.end());
  b.at.resize(kRows);
  b.state.resize(kRows);
  b.cells.resize(kRows * arity_);
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(p.block) + 1, std::move(upper));
}

void VerdictStore::replace(Pos at, std::vector<const Cell*> now, Mine mine, Tell tell) {
  auto by_row = [&](const Cell* a, const Cell* b) { return less(a, b); };
  std::sort(now.begin(), now.end(), by_row);
  std::vector<Place> before;
  for (Place p = lower_bound(at); valid(p) && blocks_[p.block]->at[p.row] == at; ++p.row)
    if (mine(row(p))) before.push_back(p);
  std::sort(before.begin(), before.end(), [&](Place a, Place b) { return less(row(a), row(b)); });
  std::vector<const Cell*> fresh;
  std::size_t n = 0;
  for (Place p : before) {
    for (; n < now.size() && less(now[n], row(p)); ++n) fresh.push_back(now[n]);
    const bool stands = n < now.size() && equal(now[n], row(p));
    n += stands;
    std::uint64_t& state = blocks_[p.block]->state[p.row];
    if (((state & 1) != 0) == stands) continue;
    state = ((state >> 1) + 1) << 1 | stands;
    tell(row(p), static_cast<std::uint32_t>(state >> 1), stands);
  }
  fresh.insert(fresh.end(), now.begin() + static_cast<std::ptrdiff_t>(n), now.end());
  for (const Cell* r : fresh) {
    insert(at, r);
    tell(r, 1, true);
  }
}

void VerdictStore::trim(Pos before) {
  std::size_t whole = 0;
  while (whole < blocks_.size() && blocks_[whole]->at.back() < before) ++whole;
  blocks_.erase(blocks_.begin(), blocks_.begin() + static_cast<std::ptrdiff_t>(whole));
  if (blocks_.empty()) return;
  Block& b = *blocks_.front();
  const auto n = std::lower_bound(b.at.begin(), b.at.end(), before) - b.at.begin();
  b.at.erase(b.at.begin(), b.at.begin() + n);
  b.state.erase(b.state.begin(), b.state.begin() + n);
  b.cells.erase(b.cells.begin(), b.cells.begin() + n * static_cast<std::ptrdiff_t>(arity_));
}

}  // namespace surety::logic
