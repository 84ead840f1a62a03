#include "logic/nodes_state.h"

namespace surety::logic {

UntilNode::UntilNode(Node* right, Node* left, SinceNode::Left mode, ColumnMap left_columns, plan::Interval interval, Context c)
    : FutureNode(Kind::state, right->types()),
      right_(right),
      left_(left),
      mode_(mode),
      left_columns_(std::move(left_columns)),
      interval_(std::move(interval)),
      context_(c),
      table_(right->arity(), 2),
      left_table_(left ? left->arity() : 0, 3),
      key_(left_columns_.size()) {}

// The earliest start from which left holds up to (not at) `at`, for this row.
Pos UntilNode::reach_back(const Cell* row, const Pos& at) {
  if (mode_ == SinceNode::Left::none) return Pos::begin();
  for (std::size_t i = 0; i < key_.size(); ++i) key_[i] = row[left_columns_[i]];
  auto e = left_table_.find(key_.data());
  if (mode_ == SinceNode::Left::fails) {
    if (e == RowTable::kNone) return Pos::begin();
    return Pos{static_cast<Ticks>(left_table_.payload(e, 0)), left_table_.payload(e, 1)}.after();
  }
  if (e == RowTable::kNone || left_table_.payload(e, 2) + 1 != seen_) return at;
  return {static_cast<Ticks>(left_table_.payload(e, 0)), left_table_.payload(e, 1)};
}

void UntilNode::note_left(const Pos& at) {
  if (mode_ == SinceNode::Left::none) return;
  for (std::size_t i = 0; i < left_->rows.size(); ++i) {
    auto [e, fresh] = left_table_.insert(left_->rows[i]);
    bool gap = fresh || left_table_.payload(e, 2) + 1 != seen_;
    if (mode_ == SinceNode::Left::fails || gap) {
      left_table_.payload(e, 0) = static_cast<std::uint64_t>(at.ts);
      left_table_.payload(e, 1) = at.id;
    }
    left_table_.payload(e, 2) = seen_;
    left_table_.move_to_end(e);
  }
  // What has a gap now, or failed before any start that is still to come, says nothing any more.
  while (left_table_.first() != RowTable::kNone) {
    auto e = left_table_.first();
    bool stale = mode_ == SinceNode::Left::holds ? left_table_.payload(e, 2) != seen_
                                                 : Pos{static_cast<Ticks>(left_table_.payload(e, 0)), left_table_.payload(e, 1)} < now_;
    if (!stale) break;
    left_table_.erase(e);
  }
}

void UntilNode::observe(const Pos& at) {
  ++seen_;
  right_->scan([&](const Cell* row) {
    add(row, at, reach_back(row, at));
    return false;
  });
  note_left(at);
}

void UntilNode::add(const Cell* row, Pos at, Pos from) {
  std::uint32_t i = free_;
  if (i != kNone) {
    free_ = items_[i].next;
  } else {
    i = static_cast<std::uint32_t>(items_.size());
    items_.emplace_back();
  }
  auto [e, fresh] = table_.insert(row);
  items_[i] = {at, from, kNone, last_, kNone, e};
  (last_ == kNone ? first_ : items_[last_].next) = i;
  last_ = i;
  misplaced_.appended(at, i);
  if (fresh) {
    table_.payload(e, 0) = i;
  } else {
    items_[table_.payload(e, 1)].next_of_row = i;
  }
  table_.payload(e, 1) = i;
}

void UntilNode::unlink(std::uint32_t i) {
  Item& item = items_[i];
  (item.next == kNone ? last_ : items_[item.next].prev) = item.prev;
  (item.prev == kNone ? first_ : items_[item.prev].next) = item.next;
  item.next = free_;
  item.entry = RowTable::kNone;
  free_ = i;
}

// Drops in order of `at`, so that the first of a row goes first. Whatever is first on the list, what
// stands behind it is not earlier or is misplaced.
template <class Due>
void UntilNode::drop_while(Due&& due) {
  for (;;) {
    const bool listed = first_ != kNone && due(items_[first_].at);
    const bool heaped = !misplaced_.empty() && due(misplaced_.first());
    if (!listed && !heaped) return;
    if (!heaped || (listed && items_[first_].at < misplaced_.first())) {
      drop_first(first_);
      continue;
    }
    const auto [at, i] = misplaced_.take_first();
    if (items_[i].entry != RowTable::kNone && items_[i].at == at) drop_first(i);  // else gone, or its number is another's
  }
}

void UntilNode::drop_first(std::uint32_t i) {
  RowTable::Entry e = items_[i].entry;
  std::uint32_t next = items_[i].next_of_row;
  if (next == kNone) {
    table_.erase(e);
  } else {
    table_.payload(e, 0) = next;
  }
  unlink(i);
}

bool UntilNode::ready(const Pos& at) const { return interval_.upper && ahead->passed(plan::last_seen(interval_, at.ts, context_.scale)); }

void UntilNode::advance(const Pos& at) {
  now_ = at;
  Ticks first = plan::first_seen(interval_, at.ts, context_.scale);
  latest_ = plan::last_seen(interval_, at.ts, context_.scale);
  drop_while([&](Pos p) { return p < at || p.ts < first; });
}

bool UntilNode::holds(RowTable::Entry e) const {
  const Item& item = items_[table_.payload(e, 0)];
  return item.at.ts <= latest_ && item.from <= now_;
}

bool UntilNode::contains(const Cell* row) {
  auto e = table_.find(row);
  return e != RowTable::kNone && holds(e);
}

bool UntilNode::probe(std::size_t index, const Cell* key, RowVisitor each) {
  return table_.probe(index, key, [&](RowTable::Entry e) { return holds(e) && each(table_.row(e)); });
}

bool UntilNode::scan(RowVisitor each) {
  for (auto e = table_.first(); e != RowTable::kNone; e = table_.next(e))
    if (holds(e) && each(table_.row(e))) return true;
  return false;
}

void UntilNode::erase_matching(const ColumnMap& columns, const Cell* key) {
  table_.probe(table_.index_on(columns), key, [&](RowTable::Entry e) {
    for (auto i = static_cast<std::uint32_t>(table_.payload(e, 0)); i != kNone;) {
      std::uint32_t next = items_[i].next_of_row;
      unlink(i);
      i = next;
    }
    table_.erase(e);
    return false;
  });
  ColumnMap of_left;
  std::vector<Cell> left_key;
  for (std::uint32_t c = 0; c < left_columns_.size(); ++c)
    for (std::size_t k = 0; k < columns.size(); ++k)
      if (left_columns_[c] == columns[k]) {
        of_left.push_back(c);
        left_key.push_back(key[k]);
      }
  if (of_left.empty()) return;
  left_table_.probe(left_table_.index_on(of_left), left_key.data(), [&](RowTable::Entry e) {
    left_table_.erase(e);
    return false;
  });
}

void UntilNode::absorb(Node& node) {
  auto& other = static_cast<UntilNode&>(node);
  if (seen_ == 0) {  // all of it is taken over
    seen_ = other.seen_;
    now_ = other.now_;
    latest_ = other.latest_;
  }
  for (auto i = other.first_; i != kNone; i = other.items_[i].next)
    add(other.table_.row(other.items_[i].entry), other.items_[i].at, other.items_[i].from);
  for (auto e = other.left_table_.first(); e != RowTable::kNone; e = other.left_table_.next(e)) {
    auto to = left_table_.insert(other.left_table_.row(e)).first;
    for (std::size_t i = 0; i < 3; ++i) left_table_.payload(to, i) = other.left_table_.payload(e, i);
    // Numbers of points differ between the two; a row without a gap there has none here.
    left_table_.payload(to, 2) = seen_ - (other.seen_ - other.left_table_.payload(e, 2));
  }
}

void UntilNode::reset() {
  Node::reset();
  table_.clear();
  left_table_.clear();
  items_.clear();
  free_ = first_ = last_ = kNone;
  misplaced_.clear();
  seen_ = 0;
  now_ = Pos::begin();
}

}  // namespace surety::logic
