#include "logic/row_table.h"

#include <algorithm>
#include <new>

namespace surety::logic {

RowTable::RowTable(std::size_t arity, std::size_t payload_words) : arity_(arity), payload_words_(payload_words) {
  payload_at_ = 1;
  cells_at_ = payload_at_ + payload_words_;
  stride_ = cells_at_ + arity_;
}

std::size_t RowTable::bytes() const {
  std::size_t n = capacity_ * stride_ * sizeof(std::uint64_t) + whole_.bytes();
  for (auto& x : indexes_) n += x.heads.capacity() * sizeof(Entry);
  return n;
}

// Keeps its memory if it was in use: it will be again, and growing costs more than wiping.
void RowTable::clear() {
  const bool keep = capacity_ <= 8 * used_;
  size_ = used_ = 0;
  free_ = first_ = last_ = kNone;
  if (!keep) {
    data_.reset();
    capacity_ = 0;
  }
  keep ? whole_.wipe() : whole_.clear();
  rebuild_heads(std::max<std::size_t>(8, capacity_));
}

void RowTable::chain(Entry e, std::size_t index) {
  Index& x = indexes_[index - 1];
  Entry& head = x.heads[hash_columns(row(e), x.columns) & x.mask];
  link(e, index) = {head, kNone};
  if (head != kNone) link(head, index).prev = e;
  head = e;
}

void RowTable::unchain(Entry e, std::size_t index) {
  Link l = link(e, index);
  if (l.next != kNone) link(l.next, index).prev = l.prev;
  if (l.prev != kNone) {
    link(l.prev, index).next = l.next;
  } else {
    Index& x = indexes_[index - 1];
    x.heads[hash_columns(row(e), x.columns) & x.mask] = l.next;
  }
}

void RowTable::link_order_after(Entry e, Entry place) {
  Entry after = place == kNone ? first_ : order(place).next;
  order(e) = {after, place};
  (after == kNone ? last_ : order(after).prev) = e;
  (place == kNone ? first_ : order(place).next) = e;
}

void RowTable::unlink_order(Entry e) {
  Link l = order(e);
  (l.next == kNone ? last_ : order(l.next).prev) = l.prev;
  (l.prev == kNone ? first_ : order(l.prev).next) = l.next;
}

void RowTable::rebuild_heads(std::size_t buckets) {
  if (indexes_.empty()) return;
  for (auto& x : indexes_) {
    x.heads.assign(buckets, kNone);
    x.mask = buckets - 1;
  }
  for (Entry e = first_; e != kNone; e = order(e).next)
    for (std::size_t i = 1; i <= indexes_.size(); ++i) chain(e, i);
}

void RowTable::resize_data(std::size_t entries) {
  auto* moved = static_cast<std::uint64_t*>(std::realloc(data_.get(), entries * stride_ * sizeof(std::uint64_t)));
  if (!moved && entries * stride_ != 0) throw std::bad_alloc();
  (void)data_.release();
  data_.reset(moved);
  capacity_ = entries;
}

void RowTable::grow() {
  std::size_t wanted = std::max<std::size_t>(8, capacity_ * 2);
  resize_data(wanted);
  whole_.grow(2 * wanted);
  if (!indexes_.empty() && indexes_[0].heads.size() < wanted) rebuild_heads(wanted);
}

std::pair<RowTable::Entry, bool> RowTable::insert(const Cell* r, std::uint64_t hash) {
  Entry e = find(r, hash);
  if (e != kNone) return {e, false};
  if (free_ != kNone) {
    e = free_;
    free_ = order(e).next;
  } else {
    if (used_ == capacity_) grow();
    e = static_cast<Entry>(used_++);
  }
  std::uint64_t* words = word(e);
  for (std::size_t i = payload_at_; i < cells_at_; ++i) words[i] = 0;
  copy_cells(r, arity_, words + cells_at_);
  whole_.insert(hash, e);
  for (std::size_t i = 1; i <= indexes_.size(); ++i) chain(e, i);
  link_order_after(e, last_);
  ++size_;
  return {e, true};
}

void RowTable::erase(Entry e) {
  whole_.erase(hash_cells(row(e), arity_), e);
  for (std::size_t i = 1; i <= indexes_.size(); ++i) unchain(e, i);
  unlink_order(e);
  order(e) = {free_, e};  // its own predecessor: not live
  free_ = e;
  --size_;
}

std::size_t RowTable::index_on(const Columns& columns) {
  bool whole = columns.size() == arity_;
  for (std::size_t i = 0; whole && i < arity_; ++i) whole = columns[i] == i;
  if (whole) return 0;
  for (std::size_t i = 0; i < indexes_.size(); ++i)
    if (indexes_[i].columns == columns) return i + 1;
  RowTable wider(arity_, payload_words_);
  wider.indexes_ = indexes_;
  wider.indexes_.push_back({columns, {}, 0});
  wider.payload_at_ = 1 + wider.indexes_.size();
  wider.cells_at_ = wider.payload_at_ + payload_words_;
  wider.stride_ = wider.cells_at_ + arity_;
  // Entry numbers must not change: owners keep them.
  wider.resize_data(capacity_);
  wider.used_ = used_;
  wider.size_ = size_;
  wider.free_ = free_;
  wider.first_ = first_;
  wider.last_ = last_;
  for (std::size_t e = 0; e < used_; ++e) {
    wider.order(static_cast<Entry>(e)) = order(static_cast<Entry>(e));
    std::copy_n(word(static_cast<Entry>(e)) + payload_at_, payload_words_ + arity_, wider.word(static_cast<Entry>(e)) + wider.payload_at_);
  }
  wider.whole_ = std::move(whole_);
  wider.rebuild_heads(std::max<std::size_t>(8, capacity_));
  *this = std::move(wider);
  return indexes_.size();
}

}  // namespace surety::logic
