#include <cmath>
#include <numeric>

#include "logic/nodes_state.h"

namespace surety::logic {
using plan::Aggregate;
using plan::Type;

AggregateNode::AggregateNode(std::vector<Type> types, Node* child, Aggregate what, std::uint32_t over, Type over_type, ColumnMap group,
                             Context c)
    : Node(child->event() ? Kind::event : Kind::state, std::move(types)),
      child_(child),
      what_(what),
      over_(over),
      over_type_(over_type),
      group_columns_(std::move(group)),
      context_(c),
      needs_bag_(what == Aggregate::minimum || what == Aggregate::maximum || what == Aggregate::median),
      needs_sum_(what == Aggregate::sum || what == Aggregate::average),
      groups_(group_columns_.size(), kWords),
      key_(group_columns_.size()),
      row_(arity()) {
  if (!child_->event()) child_->want_deltas();
  start();
}

// Without grouping there is always one group, and over nothing its value is a default.
void AggregateNode::start() {
  if (!group_columns_.empty()) return;
  auto e = groups_.insert(key_.data()).first;
  claim(e);
  touched_.push_back(e);
}

void AggregateNode::claim(RowTable::Entry e) {
  if (!stores()) return;
  if (free_.empty()) {
    free_.push_back(store_.size());
    store_.emplace_back();
  }
  groups_.payload(e, kPlace) = free_.back();
  free_.pop_back();
}

void AggregateNode::release(RowTable::Entry e) {
  if (stores()) {
    group(e) = {};
    free_.push_back(groups_.payload(e, kPlace));
  }
  groups_.erase(e);
}

void AggregateNode::change(const Cell* child_row, bool add) {
  for (std::size_t i = 0; i < key_.size(); ++i) key_[i] = child_row[group_columns_[i]];
  auto [e, fresh] = groups_.insert(key_.data());
  if (fresh) claim(e);
  if (groups_.payload(e, kTouched) != stamp_) {
    groups_.payload(e, kTouched) = stamp_;
    touched_.push_back(e);
  }
  groups_.payload(e, kCount) += add ? 1 : UINT64_MAX;
  if (!stores()) return;
  Group& g = group(e);
  Cell c = child_row[over_];
  if (needs_sum_) {
    if (over_type_ == Type::integer) {
      g.sum += add ? int_of(c) : -static_cast<__int128>(int_of(c));
    } else {
      if (!g.real_sum) g.real_sum = std::make_unique<ExactSum>();
      add ? g.real_sum->add(real_of(c)) : g.real_sum->subtract(real_of(c));
    }
  } else {
    if (!g.bag) g.bag = std::make_unique<OrderedBag>();
    auto less = [&](Cell a, Cell b) { return context_.strings->compare(a, b, over_type_) < 0; };
    add ? g.bag->insert(c, less) : g.bag->erase(c, less);
  }
}

bool AggregateNode::value(RowTable::Entry e, Cell& out) const {
  const std::uint64_t count = groups_.payload(e, kCount);
  if (what_ == Aggregate::count) {
    out = count;
    return true;
  }
  if (count == 0) {
    Type t = types()[0];
    const double real = what_ == Aggregate::minimum ? HUGE_VAL : what_ == Aggregate::maximum ? -HUGE_VAL : 0.0;
    out = t == Type::integer ? 0 : t == Type::real ? cell_of(real) : context_.strings->intern("");
    return true;
  }
  const Group& g = group(e);
  double n = static_cast<double>(count);
  switch (what_) {
    case Aggregate::sum:
      if (over_type_ == Type::integer) {
        if (g.sum > INT64_MAX || g.sum < INT64_MIN) return false;
        out = cell_of(static_cast<std::int64_t>(g.sum));
        return true;
      }
      out = cell_of(g.real_sum->value());
      return std::isfinite(real_of(out));
    case Aggregate::average:
      out = cell_of((over_type_ == Type::integer ? static_cast<double>(g.sum) : g.real_sum->value()) / n);
      return std::isfinite(real_of(out));
    case Aggregate::minimum:
      out = g.bag->front();
      return true;
    case Aggregate::maximum:
      out = g.bag->back();
      return true;
    default: {
      auto real = [&](Cell c) { return over_type_ == Type::integer ? static_cast<double>(int_of(c)) : real_of(c); };
      std::size_t half = g.bag->size() / 2;
      double m = real(g.bag->at(half));
      if (g.bag->size() % 2 == 0) m = std::midpoint(real(g.bag->at(half - 1)), m);
      out = cell_of(m);
      return !std::isnan(m);  // between −∞ and +∞ is nothing
    }
  }
}

bool AggregateNode::row_of(RowTable::Entry e, Cell* out) const {
  if (!value(e, out[0])) return false;
  std::copy_n(groups_.row(e), groups_.arity(), out + 1);
  return true;
}

// Tells what became of a touched group; a group with nothing in it goes.
void AggregateNode::refresh(RowTable::Entry e) {
  bool gone = groups_.payload(e, kCount) == 0 && !group_columns_.empty();
  if (wanted_) {
    Cell before = groups_.payload(e, kResult);
    bool told = groups_.payload(e, kTold) != 0;
    bool now = !gone && row_of(e, row_.data());
    if (told && (!now || row_[0] != before)) {
      Cell kept = row_[0];
      row_[0] = before;
      std::copy_n(groups_.row(e), groups_.arity(), row_.data() + 1);
      minus.add(row_.data());
      row_[0] = kept;
    }
    if (now && (!told || row_[0] != before)) plus.add(row_.data());
    groups_.payload(e, kTold) = now;
    groups_.payload(e, kResult) = now ? row_[0] : 0;
  }
  if (gone) release(e);
}

void AggregateNode::advance(const Pos&) {
  ++rows_version_;
  ++stamp_;
  if (child_->event()) {
    rows.clear();
    if (child_->rows.empty() && !group_columns_.empty()) return;
    groups_.clear();
    store_.clear();
    free_.clear();
    touched_.clear();
    start();
    for (std::size_t i = 0; i < child_->rows.size(); ++i) change(child_->rows[i], true);
    touched_.clear();
    for (auto e = groups_.first(); e != RowTable::kNone; e = groups_.next(e))
      if (row_of(e, row_.data())) rows.add(row_.data());
    return;
  }
  if (!plus.empty()) plus.clear();
  if (!minus.empty()) minus.clear();
  for (std::size_t i = 0; i < child_->plus.size(); ++i) change(child_->plus[i], true);
  for (std::size_t i = 0; i < child_->minus.size(); ++i) change(child_->minus[i], false);
  for (auto e : touched_) refresh(e);
  touched_.clear();
}

bool AggregateNode::contains(const Cell* row) {
  if (event()) return Node::contains(row);
  auto e = groups_.find(row + 1);
  Cell v = 0;
  return e != RowTable::kNone && value(e, v) && v == row[0];
}

std::size_t AggregateNode::index_on(const RowTable::Columns& columns) {
  if (event()) return Node::index_on(columns);
  for (std::size_t i = 0; i < indexes_.size(); ++i)
    if (indexes_[i].asked == columns) return i;
  Index x;
  x.asked = columns;
  RowTable::Columns of_group;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == 0) {
      x.result = static_cast<int>(i);
      continue;
    }
    of_group.push_back(columns[i] - 1);
    x.key_of_group.push_back(static_cast<std::uint32_t>(i));
  }
  x.on_groups = groups_.index_on(of_group);
  indexes_.push_back(std::move(x));
  return indexes_.size() - 1;
}

bool AggregateNode::probe(std::size_t index, const Cell* key, RowVisitor each) {
  if (event()) return Node::probe(index, key, each);
  const Index& x = indexes_[index];
  for (std::size_t i = 0; i < x.key_of_group.size(); ++i) key_[i] = key[x.key_of_group[i]];
  CellBuffer row(arity());
  Cell wanted = x.result >= 0 ? key[x.result] : 0;
  return groups_.probe(x.on_groups, key_.data(),
                       [&](RowTable::Entry e) { return row_of(e, row.data()) && (x.result < 0 || row[0] == wanted) && each(row.data()); });
}

bool AggregateNode::scan(RowVisitor each) {
  if (event()) return Node::scan(each);
  CellBuffer row(arity());
  for (auto e = groups_.first(); e != RowTable::kNone; e = groups_.next(e))
    if (row_of(e, row.data()) && each(row.data())) return true;
  return false;
}

void AggregateNode::erase_matching(const ColumnMap& columns, const Cell* key) {
  if (event()) return;
  ColumnMap of_group;  // the result is nobody's key
  for (auto c : columns) of_group.push_back(c - 1);
  groups_.probe(groups_.index_on(of_group), key, [&](RowTable::Entry e) {
    release(e);
    return false;
  });
}

void AggregateNode::absorb(Node& node) {
  auto& other = static_cast<AggregateNode&>(node);
  if (event()) return;
  const bool started = other.touched_.empty();  // or nobody has been told of the one group that is always there
  for (auto e = other.groups_.first(); e != RowTable::kNone; e = other.groups_.next(e)) {
    auto [to, fresh] = groups_.insert(other.groups_.row(e));
    if (fresh) claim(to);
    groups_.payload(to, kCount) = other.groups_.payload(e, kCount);
    if (stores()) group(to) = std::move(other.group(e));
    // Whoever reads this one has been patched to the same; the other one may have had nobody to tell.
    groups_.payload(to, kTold) = started && wanted_ && row_of(to, row_.data());
    groups_.payload(to, kResult) = groups_.payload(to, kTold) ? row_[0] : 0;
  }
}

void AggregateNode::reset() {
  Node::reset();
  groups_.clear();
  store_.clear();
  free_.clear();
  touched_.clear();
  start();
}

}  // namespace surety::logic
