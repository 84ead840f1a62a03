#include <algorithm>
#include <functional>

#include "logic/nodes_state.h"

namespace surety::logic {

SinceNode::SinceNode(Node* right, Node* left, Left mode, ColumnMap left_columns, plan::Interval interval, Context c)
    : TableNode(right->types(), mode == Left::holds ? 2 : 1),
      right_(right),
      left_(left),
      mode_(mode),
      left_columns_(std::move(left_columns)),
      interval_(std::move(interval)),
      context_(c),
      plain_(interval_.plain()),
      immediate_(plain_ && interval_.lower.ticks == 0 && !interval_.lower.open),
      waiting_(right->arity(), 2),
      fresh_(arity()),
      key_(left_columns_.size()) {
  if (mode_ == Left::none) return;
  left_index_ = table_.index_on(left_columns_);
  waiting_index_ = waiting_.index_on(left_columns_);
  if (!left_->event() && left_->has_deltas()) left_->want_deltas();
}

// Ends every row that left's row (dis)agrees with.
void SinceNode::end_matching(const Cell* left_row) {
  table_.probe(left_index_, left_row, [&](RowTable::Entry e) {
    drop(e);
    return false;
  });
  waiting_.probe(waiting_index_, left_row, [&](RowTable::Entry e) {
    waiting_.erase(e);
    return false;
  });
}

void SinceNode::keep_only_matching() {
  ++mark_;
  for (std::size_t i = 0; i < left_->rows.size(); ++i) {
    table_.probe(left_index_, left_->rows[i], [&](RowTable::Entry e) {
      table_.payload(e, 1) = mark_;
      return false;
    });
    waiting_.probe(waiting_index_, left_->rows[i], [&](RowTable::Entry e) {
      waiting_.payload(e, 1) = waiting_.payload(e, 1) >> 32 << 32 | (mark_ & 0xFFFFFFFFu);
      return false;
    });
  }
  for (auto e = table_.first(); e != RowTable::kNone;) {
    auto after = table_.next(e);
    if (table_.payload(e, 1) != mark_) drop(e);
    e = after;
  }
  for (auto e = waiting_.first(); e != RowTable::kNone;) {
    auto after = waiting_.next(e);
    if ((waiting_.payload(e, 1) & 0xFFFFFFFFu) != (mark_ & 0xFFFFFFFFu)) waiting_.erase(e);
    e = after;
  }
}

// Rows that started at the last point have not met a left that did not change since.
void SinceNode::check_fresh() {
  bool want = mode_ == Left::holds;
  auto check = [&](const Cell* row) {
    for (std::size_t i = 0; i < key_.size(); ++i) key_[i] = row[left_columns_[i]];
    if (left_->contains(key_.data()) == want) return;
    auto e = table_.find(row);
    if (e != RowTable::kNone) drop(e);
    e = waiting_.find(row);
    if (e != RowTable::kNone) waiting_.erase(e);
  };
  if (left_->has_deltas()) {
    for (std::size_t i = 0; i < fresh_.size(); ++i) check(fresh_[i]);
    return;
  }
  Rows all(arity());
  for (auto e = table_.first(); e != RowTable::kNone; e = table_.next(e)) all.add(table_.row(e));
  for (auto e = waiting_.first(); e != RowTable::kNone; e = waiting_.next(e)) all.add(waiting_.row(e));
  for (std::size_t i = 0; i < all.size(); ++i) check(all[i]);
}

void SinceNode::apply_left() {
  if (left_->event()) {
    if (mode_ == Left::holds) return keep_only_matching();
    for (std::size_t i = 0; i < left_->rows.size(); ++i) end_matching(left_->rows[i]);
    return;
  }
  if (left_->has_deltas()) {
    Rows& ends = mode_ == Left::holds ? left_->minus : left_->plus;
    for (std::size_t i = 0; i < ends.size(); ++i)
      if (left_->contains(ends[i]) != (mode_ == Left::holds)) end_matching(ends[i]);
  }
  check_fresh();
}

void SinceNode::admit(const Cell* row, std::uint64_t hash, Ticks start) {
  auto [e, fresh] = table_.insert(row, hash);
  if (!fresh) table_.move_to_end(e);
  table_.payload(e) = static_cast<std::uint64_t>(start);
  misplaced_.appended(start, e);
  if (fresh && wanted_) plus.add(row);
}

void SinceNode::add_waiting(const Cell* row, Ticks start) {
  auto [e, fresh] = waiting_.insert(row);
  if (fresh) waiting_.payload(e) = ++generation_;
  waiting_.payload(e, 1) += std::uint64_t{1} << 32;
  queue_.push_back(static_cast<std::uint64_t>(start));
  queue_.push_back(waiting_.payload(e));
  queue_.insert(queue_.end(), row, row + arity());
}

void SinceNode::advance(const Pos& at) {
  begin();
  if (mode_ != Left::none) apply_left();
  fresh_.clear();
  const bool note = remembers_fresh();
  if (right_->event() && immediate_ && !note) {
    const Rows& in = right_->rows;
    constexpr std::size_t kAhead = 16;  // a power of two
    std::uint64_t hashes[kAhead];
    auto fetch = [&](std::size_t i) {
      hashes[i % kAhead] = table_.hash(in[i]);
      table_.prefetch_bucket(hashes[i % kAhead]);
    };
    for (std::size_t i = 0; i < std::min(in.size(), kAhead / 2); ++i) fetch(i);
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (i + kAhead / 2 < in.size()) fetch(i + kAhead / 2);
      if (i + kAhead / 4 < in.size()) table_.prefetch_entry(hashes[(i + kAhead / 4) % kAhead]);
      admit(in[i], hashes[i % kAhead], at.ts);
    }
  } else {
    right_->scan([&](const Cell* row) {
      if (note) fresh_.add(row);
      immediate_ ? admit(row, table_.hash(row), at.ts) : add_waiting(row, at.ts);
      return false;
    });
  }
  age(at);
}

void SinceNode::pass(const Pos& at) {
  begin();
  if (remembers_fresh() && left_->has_deltas()) meet_at_next_point();
  age(at);
}

// What came or went of left where there is no point ends nothing here; at the next point it must be known to have changed.
void SinceNode::meet_at_next_point() {
  const Rows& ends = mode_ == Left::holds ? left_->minus : left_->plus;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const auto note = [&](const RowTable& table, std::size_t index) {
      table.probe(index, ends[i], [&](RowTable::Entry e) {
        fresh_.add(table.row(e));
        return false;
      });
    };
    note(table_, left_index_);
    note(waiting_, waiting_index_);
  }
}

// Lets in what has become old enough, and out what has become too old.
void SinceNode::age(const Pos& at) {
  if (!immediate_) {
    Ticks latest = plan::latest(interval_, at.ts, context_.scale);
    std::vector<Cell> row(arity());
    while (!queue_.empty() && static_cast<Ticks>(queue_[0]) <= latest) {
      Ticks start = static_cast<Ticks>(queue_[0]);
      std::uint64_t generation = queue_[1];
      std::copy_n(queue_.begin() + 2, arity(), row.begin());
      queue_.erase(queue_.begin(), queue_.begin() + 2 + static_cast<std::ptrdiff_t>(arity()));
      auto e = waiting_.find(row.data());
      if (e == RowTable::kNone || waiting_.payload(e) != generation) continue;
      waiting_.payload(e, 1) -= std::uint64_t{1} << 32;
      if (waiting_.payload(e, 1) >> 32 == 0) waiting_.erase(e);
      admit(row.data(), table_.hash(row.data()), start);
    }
  }
  if (!interval_.upper) return;
  Ticks earliest = plain_ ? at.ts - interval_.upper->ticks + interval_.upper->open : plan::earliest(interval_, at.ts, context_.scale);
  expire(earliest);
}

// After loading: the list stands as it was saved.
void SinceNode::note_misplaced() {
  misplaced_.clear();
  for (auto e = table_.first(); e != RowTable::kNone; e = table_.next(e)) misplaced_.appended(static_cast<Ticks>(table_.payload(e)), e);
}

// Whatever is first on the list, what stands behind it started no earlier or is misplaced.
void SinceNode::expire(Ticks earliest) {
  while (!misplaced_.empty() && misplaced_.first() < earliest) {
    const auto e = misplaced_.take_first().second;
    if (table_.live(e) && static_cast<Ticks>(table_.payload(e)) < earliest) drop(e);
  }
  while (table_.first() != RowTable::kNone && static_cast<Ticks>(table_.payload(table_.first())) < earliest) drop(table_.first());
}

void SinceNode::erase_matching(const ColumnMap& columns, const Cell* key) {
  TableNode::erase_matching(columns, key);
  if (waiting_.size() == 0) return;
  waiting_.probe(waiting_.index_on(columns), key, [&](RowTable::Entry e) {
    waiting_.erase(e);
    return false;
  });
  std::size_t step = 2 + arity(), to = 0;
  for (std::size_t i = 0; i < queue_.size(); i += step) {
    bool equal = true;
    for (std::size_t k = 0; k < columns.size(); ++k) equal = equal && queue_[i + 2 + columns[k]] == key[k];
    if (equal) continue;
    if (to != i) std::copy_n(queue_.begin() + static_cast<std::ptrdiff_t>(i), step, queue_.begin() + static_cast<std::ptrdiff_t>(to));
    to += step;
  }
  queue_.resize(to);
}

void SinceNode::absorb(Node& node) {
  auto& other = static_cast<SinceNode&>(node);
  RowTable& from = other.table_;
  for (auto e = from.first(); e != RowTable::kNone; e = from.next(e)) {
    auto start = static_cast<Ticks>(from.payload(e));
    auto to = table_.insert(from.row(e)).first;
    table_.move_to_end(to);
    table_.payload(to) = from.payload(e);
    misplaced_.appended(start, to);
  }
  std::unordered_map<std::uint64_t, std::uint64_t> renamed;
  for (auto e = other.waiting_.first(); e != RowTable::kNone; e = other.waiting_.next(e)) {
    auto to = waiting_.insert(other.waiting_.row(e)).first;
    renamed[other.waiting_.payload(e)] = ++generation_;
    waiting_.payload(to) = generation_;
    waiting_.payload(to, 1) = other.waiting_.payload(e, 1) >> 32 << 32;
  }
  std::size_t step = 2 + arity();
  for (std::size_t i = 0; i < other.queue_.size(); i += step) {
    auto known = renamed.find(other.queue_[i + 1]);
    if (known == renamed.end()) continue;
    std::size_t at = queue_.size();
    while (at > 0 && static_cast<Ticks>(queue_[at - step]) > static_cast<Ticks>(other.queue_[i])) at -= step;
    std::vector<std::uint64_t> item(other.queue_.begin() + static_cast<std::ptrdiff_t>(i),
                                    other.queue_.begin() + static_cast<std::ptrdiff_t>(i + step));
    item[1] = known->second;
    queue_.insert(queue_.begin() + static_cast<std::ptrdiff_t>(at), item.begin(), item.end());
  }
  for (std::size_t i = 0; i < other.fresh_.size(); ++i) fresh_.add(other.fresh_[i]);
}

void SinceNode::reset() {
  TableNode::reset();
  waiting_.clear();
  queue_.clear();
  misplaced_.clear();
  fresh_.clear();
}

}  // namespace surety::logic
