#include "logic/nodes_state.h"

namespace surety::logic {

bool TableNode::scan(RowVisitor each) {
  for (auto e = table_.first(); e != RowTable::kNone;) {
    auto after = table_.next(e);
    if (each(table_.row(e))) return true;
    e = after;
  }
  return false;
}

void TableNode::set(const Cell* row, bool present) {
  auto e = table_.find(row);
  if (present == (e != RowTable::kNone)) return;
  if (present) {
    table_.insert(row);
    if (wanted_) plus.add(row);
  } else {
    drop(e);
  }
}

void TableNode::erase_matching(const ColumnMap& columns, const Cell* key) {
  table_.probe(table_.index_on(columns), key, [&](RowTable::Entry e) {
    table_.erase(e);
    return false;
  });
}

void TableNode::absorb(Node& other) {
  RowTable& from = static_cast<TableNode&>(other).table_;
  for (auto e = from.first(); e != RowTable::kNone; e = from.next(e)) table_.insert(from.row(e));
}

void TableNode::reset() {
  Node::reset();
  table_.clear();
}

void HeldNode::advance(const Pos& at) {
  begin();
  // Any number that differs from that of the point before will do; this one survives a snapshot.
  stamp_ = mix(mix(kSeed, cell_of(at.ts)), at.id);
  for (std::size_t i = 0; i < event_->rows.size(); ++i) {
    auto [e, fresh] = table_.insert(event_->rows[i]);
    if (fresh && wanted_) plus.add(event_->rows[i]);
    table_.payload(e) = stamp_;
    table_.move_to_end(e);
  }
  while (table_.first() != RowTable::kNone && table_.payload(table_.first()) != stamp_) drop(table_.first());
}

StateJoinNode::StateJoinNode(std::vector<plan::Type> types, Node* left, Node* right, ColumnMap on_left, ColumnMap on_right, ColumnMap take,
                             bool negated)
    : TableNode(std::move(types), 0),
      left_(left),
      right_(right),
      on_left_(std::move(on_left)),
      on_right_(std::move(on_right)),
      take_(std::move(take)),
      negated_(negated),
      key_(on_left_.size()),
      row_(arity()),
      right_row_(right->arity()) {
  left_index_ = left_->index_on(on_left_);
  right_index_ = right_->index_on(on_right_);
  left_->want_deltas();
  right_->want_deltas();
  right_of_row_.resize(right_->arity());
  for (std::size_t i = 0; i < on_right_.size(); ++i) right_of_row_[on_right_[i]] = on_left_[i];
  for (std::size_t i = 0; i < take_.size(); ++i) right_of_row_[take_[i]] = static_cast<std::uint32_t>(left_->arity() + i);
}

bool StateJoinNode::holds(const Cell* row) {
  if (!left_->contains(row)) return false;
  for (std::size_t i = 0; i < right_row_.size(); ++i) right_row_[i] = row[right_of_row_[i]];
  return right_->contains(right_row_.data()) != negated_;
}

void StateJoinNode::revisit_left(const Cell* row) {
  if (negated_) {
    set(row, holds(row));
    return;
  }
  bool now = left_->contains(row);
  if (!now) {
    RowTable::Columns all(left_->arity());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
    table_.probe(table_.index_on(all), row, [&](RowTable::Entry e) {
      drop(e);
      return false;
    });
    return;
  }
  for (std::size_t i = 0; i < key_.size(); ++i) key_[i] = row[on_left_[i]];
  std::copy_n(row, left_->arity(), row_.data());
  right_->probe(right_index_, key_.data(), [&](const Cell* r) {
    for (std::size_t i = 0; i < take_.size(); ++i) row_[left_->arity() + i] = r[take_[i]];
    set(row_.data(), true);
    return false;
  });
}

void StateJoinNode::revisit_right(const Cell* row) {
  for (std::size_t i = 0; i < key_.size(); ++i) key_[i] = row[on_right_[i]];
  bool want = right_->contains(row) != negated_;
  left_->probe(left_index_, key_.data(), [&](const Cell* l) {
    std::copy_n(l, left_->arity(), row_.data());
    for (std::size_t i = 0; i < take_.size(); ++i) row_[left_->arity() + i] = row[take_[i]];
    set(row_.data(), want);
    return false;
  });
}

void StateJoinNode::advance(const Pos&) {
  begin();
  for (auto* part : {&left_->minus, &left_->plus})
    for (std::size_t i = 0; i < part->size(); ++i) revisit_left((*part)[i]);
  for (auto* part : {&right_->minus, &right_->plus})
    for (std::size_t i = 0; i < part->size(); ++i) revisit_right((*part)[i]);
}

StateUnionNode::StateUnionNode(std::vector<plan::Type> types, std::vector<UnionNode::Part> parts)
    : TableNode(std::move(types), 0), parts_(std::move(parts)), row_(arity()), part_row_(arity()) {
  for (auto& p : parts_) p.node->want_deltas();
}

void StateUnionNode::revisit(const Cell* part_row, const UnionNode::Part& part) {
  for (std::size_t c = 0; c < row_.size(); ++c) row_[c] = part_row[part.columns[c]];
  bool present = false;
  for (auto& p : parts_) {
    for (std::size_t c = 0; c < row_.size(); ++c) part_row_[p.columns[c]] = row_[c];
    present = present || p.node->contains(part_row_.data());
  }
  set(row_.data(), present);
}

void StateUnionNode::advance(const Pos&) {
  begin();
  for (auto& p : parts_)
    for (auto* rows_of : {&p.node->minus, &p.node->plus})
      for (std::size_t i = 0; i < rows_of->size(); ++i) revisit((*rows_of)[i], p);
}

bool StateMapNode::map(const Cell* row) {
  std::copy_n(row, child_->arity(), buffer_.data());
  std::size_t width = child_->arity();
  for (auto& s : stages_) {
    if (s.kind == PipelineNode::Stage::Kind::test) {
      if (!s.test->holds(buffer_.data())) return false;
      width += s.test->appended();
    } else {
      if (!s.assign->eval(buffer_.data(), buffer_[width])) return false;
      ++width;
    }
  }
  for (std::size_t i = 0; i < out_.size(); ++i) row_[i] = buffer_[out_[i]];
  return true;
}

void StateMapNode::advance(const Pos&) {
  begin();
  // A row may leave and come back at one point: count arrivals first, then departures.
  for (std::size_t i = 0; i < child_->plus.size(); ++i) {
    if (!map(child_->plus[i])) continue;
    auto [e, fresh] = table_.insert(row_.data());
    ++table_.payload(e);
    if (fresh && wanted_) plus.add(row_.data());
  }
  for (std::size_t i = 0; i < child_->minus.size(); ++i) {
    if (!map(child_->minus[i])) continue;
    auto e = table_.find(row_.data());
    if (e != RowTable::kNone && --table_.payload(e) == 0) drop(e);  // not there only if a snapshot was forged
  }
}

void StateMapNode::absorb(Node& other) {
  RowTable& from = static_cast<StateMapNode&>(other).table_;
  for (auto e = from.first(); e != RowTable::kNone; e = from.next(e)) table_.payload(table_.insert(from.row(e)).first) = from.payload(e);
}

}  // namespace surety::logic
