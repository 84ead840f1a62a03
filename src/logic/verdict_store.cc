#include "logic/verdict_store.h"

#include <numeric>

namespace surety::logic {

namespace {
std::ptrdiff_t offset(std::size_t n) { return static_cast<std::ptrdiff_t>(n); }
}  // namespace

void VerdictStore::Block::add(Pos p, std::uint64_t s, const Cell* row, std::size_t arity) {
  at.push_back(p);
  state.push_back(s);
  cells.insert(cells.end(), row, row + arity);
}

void VerdictStore::Block::reserve(std::size_t rows, std::size_t arity) {
  at.reserve(rows);
  state.reserve(rows);
  cells.reserve(rows * arity);
}

// Of a block that is in order.
void VerdictStore::Block::keep(std::size_t from, std::size_t to, std::size_t arity) {
  auto keep = [](auto& v, std::size_t first, std::size_t end) {
    v.erase(v.begin() + offset(end), v.end());
    v.erase(v.begin(), v.begin() + offset(first));
  };
  keep(at, from, to);
  keep(state, from, to);
  keep(cells, from * arity, to * arity);
  sorted = size();
  if (sorted != 0) last = at.back();
}

std::vector<std::uint32_t> VerdictStore::Block::order() const {
  std::vector<std::uint32_t> by(size());
  std::iota(by.begin(), by.end(), 0u);
  auto less = [&](std::uint32_t a, std::uint32_t b) { return at[a] < at[b]; };
  std::stable_sort(by.begin() + offset(sorted), by.end(), less);
  std::inplace_merge(by.begin(), by.begin() + offset(sorted), by.end(), less);
  return by;
}

void VerdictStore::Block::settle(std::size_t arity) {
  if (sorted == size()) return;
  Block b;
  b.reserve(size() + kTail, arity);
  for (auto i : order()) b.add(at[i], state[i], cells.data() + i * arity, arity);
  b.sorted = b.size();
  b.last = last;
  *this = std::move(b);
}

void VerdictStore::append(Pos at, const Cell* r, std::uint32_t version, bool stands) {
  if (blocks_.empty() || blocks_.back()->size() >= kRows) {
    const bool many = !blocks_.empty();
    blocks_.push_back(std::make_unique<Block>());
    if (many) blocks_.back()->reserve(kRows + kTail, arity_);
  }
  Block& b = *blocks_.back();
  b.settle(arity_);
  b.add(at, std::uint64_t{version} << 1 | stands, r, arity_);
  b.sorted = b.size();
  b.last = at;
}

// Corrections walk along the points: the block of the last search is often the one, or one of the next.
std::size_t VerdictStore::block_of(Pos at) const {
  auto short_of = [at](const std::unique_ptr<Block>& b) { return b->last < at; };
  std::size_t b = last_;
  if (b > blocks_.size() || (b > 0 && !short_of(blocks_[b - 1]))) b = 0;
  std::size_t step = 1;
  while (b + step < blocks_.size() && short_of(blocks_[b + step - 1])) b += step, step *= 2;
  const auto end = blocks_.begin() + offset(std::min(b + step, blocks_.size()));
  return last_ = static_cast<std::size_t>(std::partition_point(blocks_.begin() + offset(b), end, short_of) - blocks_.begin());
}

void VerdictStore::each(Pos from, FunctionRef<bool(const Kept&)> f) const {
  for (std::size_t k = block_of(from); k < blocks_.size(); ++k) {
    const Block& b = *blocks_[k];
    auto tell = [&](std::size_t i) {
      return f({b.at[i], static_cast<std::uint32_t>(b.state[i] >> 1), (b.state[i] & 1) != 0, row({k, i})});
    };
    if (b.sorted == b.size()) {
      for (auto i = static_cast<std::size_t>(std::lower_bound(b.at.begin(), b.at.end(), from) - b.at.begin()); i < b.size(); ++i)
        if (!tell(i)) return;
      continue;
    }
    for (auto i : b.order())
      if (b.at[i] >= from && !tell(i)) return;
  }
}

void VerdictStore::insert(std::size_t block, Pos at, const Cell* r) {
  if (block == blocks_.size()) return append(at, r);
  Block& b = *blocks_[block];
  b.add(at, std::uint64_t{1} << 1 | 1, r, arity_);
  if (b.size() - b.sorted < kTail) return;
  b.settle(arity_);
  if (b.size() < 2 * kRows) return;
  auto upper = std::make_unique<Block>(b);
  upper->keep(kRows, b.size(), arity_);
  b.keep(0, kRows, arity_);
  blocks_.insert(blocks_.begin() + offset(block) + 1, std::move(upper));
}

// Mine at this point, in order of their rows. They may go on in the next block.
void VerdictStore::find(Pos at, Mine mine) {
  found_.clear();
  for (std::size_t block = block_of(at); block < blocks_.size(); ++block) {
    const Block& b = *blocks_[block];
    const auto end = b.at.begin() + offset(b.sorted);
    auto take = [&](std::size_t i) {
      if (mine(row({block, i}))) found_.push_back({block, i});
    };
    for (auto i = std::lower_bound(b.at.begin(), end, at); i != end && *i == at; ++i) take(static_cast<std::size_t>(i - b.at.begin()));
    for (std::size_t i = b.sorted; i < b.size(); ++i)
      if (b.at[i] == at) take(i);
    if (b.last > at) break;
  }
  std::sort(found_.begin(), found_.end(), [&](Place a, Place b) { return less(row(a), row(b)); });
}

void VerdictStore::replace(Pos at, std::vector<const Cell*>& now, Mine mine, Tell tell) {
  std::sort(now.begin(), now.end(), [&](const Cell* a, const Cell* b) { return less(a, b); });
  find(at, mine);
  std::size_t fresh = 0, n = 0;  // the first `fresh` of now are those that were not there
  for (Place f : found_) {
    for (; n < now.size() && less(now[n], row(f)); ++n) now[fresh++] = now[n];
    const bool stands = n < now.size() && equal(now[n], row(f));
    n += stands;
    std::uint64_t& state = blocks_[f.block]->state[f.row];
    if (((state & 1) != 0) == stands) continue;
    state = ((state >> 1) + 1) << 1 | stands;
    tell(row(f), static_cast<std::uint32_t>(state >> 1), stands);
  }
  for (; n < now.size(); ++n) now[fresh++] = now[n];
  for (std::size_t i = 0; i < fresh; ++i) {
    insert(block_of(at), at, now[i]);
    tell(now[i], 1, true);
  }
}

void VerdictStore::trim(Pos before) {
  std::size_t whole = 0;
  while (whole < blocks_.size() && blocks_[whole]->last < before) ++whole;
  blocks_.erase(blocks_.begin(), blocks_.begin() + offset(whole));
  if (blocks_.empty()) return;
  Block& b = *blocks_.front();
  b.settle(arity_);
  b.keep(static_cast<std::size_t>(std::lower_bound(b.at.begin(), b.at.end(), before) - b.at.begin()), b.size(), arity_);
}

}  // namespace surety::logic
