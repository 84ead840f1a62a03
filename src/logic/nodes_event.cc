#include <algorithm>

#include "logic/nodes_event.h"

namespace surety::logic {

struct Node::Index {
  RowTable::Columns columns;
  std::uint64_t version = UINT64_MAX;
  std::vector<std::uint32_t> heads, next;  // 1-based
};

namespace {

// Below this many rows a walk is cheaper than an index.
constexpr std::size_t kWalk = 8;

// Keeps the first of equal rows. `seen` keeps its memory from point to point.
void make_distinct(Rows& rows, std::unique_ptr<RowTable>& seen) {
  if (rows.size() < 2) return;
  if (!seen) seen = std::make_unique<RowTable>(rows.arity(), 0);
  seen->clear();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (seen->insert(rows[i]).second) rows.move(i, kept++);
  rows.keep_first(kept);
}

}  // namespace

std::size_t Node::index_on(const RowTable::Columns& columns) {
  for (std::size_t i = 0; i < indexes_.size(); ++i)
    if (indexes_[i]->columns == columns) return i;
  indexes_.push_back(std::make_shared<Index>());
  indexes_.back()->columns = columns;
  return indexes_.size() - 1;
}

bool Node::probe(std::size_t index, const Cell* key, RowVisitor each) {
  Index& x = *indexes_[index];
  if (rows.size() <= kWalk) {
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (matches(rows[i], x.columns, key) && each(rows[i])) return true;
    return false;
  }
  if (x.version != rows_version_) {
    x.version = rows_version_;
    x.heads.assign(std::bit_ceil(rows.size() * 2), 0);
    x.next.assign(rows.size(), 0);
    std::vector<Cell> k(x.columns.size());
    for (std::size_t i = rows.size(); i-- > 0;) {
      for (std::size_t c = 0; c < k.size(); ++c) k[c] = rows[i][x.columns[c]];
      auto& head = x.heads[hash_cells(k.data(), k.size()) & (x.heads.size() - 1)];
      x.next[i] = head;
      head = static_cast<std::uint32_t>(i + 1);
    }
  }
  for (auto i = x.heads[hash_cells(key, x.columns.size()) & (x.heads.size() - 1)]; i != 0; i = x.next[i - 1])
    if (matches(rows[i - 1], x.columns, key) && each(rows[i - 1])) return true;
  return false;
}

bool Node::contains(const Cell* row) {
  RowTable::Columns all(arity());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
  return probe(index_on(all), row, [](const Cell*) { return true; });
}

bool Node::scan(RowVisitor each) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (each(rows[i])) return true;
  return false;
}

void Node::erase_matching(const ColumnMap&, const Cell*) {}
void Node::absorb(Node&) {}
void Node::reset() {
  if (event()) rows.clear();
  plus.clear();
  minus.clear();
  ++rows_version_;
}

bool PredicateNode::take(const Cell* fact, Cell* row) const {
  for (std::size_t i = 0; i < args_.size(); ++i) {
    const Argument& a = args_[i];
    if (a.kind == Argument::Kind::column) {
      row[a.column] = fact[i];
    } else if ((a.kind == Argument::Kind::same_as && row[a.column] != fact[i]) ||
               (a.kind == Argument::Kind::constant && a.constant != fact[i])) {
      return false;
    }
  }
  return true;
}

void PredicateNode::offer(const Cell* fact) {
  if (!take(fact, rows.add())) rows.drop_last();
}

bool PredicateNode::fits(const Cell* fact) const { return take(fact, CellBuffer(arity()).data()); }

// A relation is a set, and a log may say a thing twice.
void PredicateNode::advance(const Pos&) {
  if (!repeats) make_distinct(rows, seen_);
}

void ConstantNode::advance(const Pos& at) {
  ++rows_version_;
  if (what_ == What::truth || what_ == What::falsity) return;
  rows.clear();
  Cell* row = rows.add();
  if (what_ != What::stamp) *row++ = cell_of(static_cast<std::int64_t>(at.id));
  if (what_ != What::point) *row = cell_of(at.ts);
}

void PipelineNode::advance(const Pos&) {
  if (!rows.empty()) rows.clear();
  ++rows_version_;
  auto from = [&](const Cell* row) {
    std::copy_n(row, driver_->arity(), buffer_.data());
    run(0, driver_->arity());
    return false;
  };
  if (driver_->event()) {
    for (std::size_t i = 0; i < driver_->rows.size(); ++i) from(driver_->rows[i]);
  } else {
    driver_->scan(from);
  }
  if (distinct_ && !repeats) make_distinct(rows, seen_);
}

void PipelineNode::emit() {
  Cell* to = rows.add();
  for (std::size_t i = 0; i < out_.size(); ++i) to[i] = buffer_[out_[i]];
}

void PipelineNode::run(std::size_t stage, std::size_t width) {
  for (; stage < stages_.size(); ++stage) {
    const Stage& s = stages_[stage];
    switch (s.kind) {
      case Stage::Kind::test:
        if (!s.test->holds(buffer_.data())) return;
        width += s.test->appended();
        break;
      case Stage::Kind::assign:
        if (!s.assign->eval(buffer_.data(), buffer_[width])) return;
        ++width;
        break;
      case Stage::Kind::check: {
        key_.resize(s.from.size());
        for (std::size_t i = 0; i < s.from.size(); ++i) key_[i] = buffer_[s.from[i]];
        if (s.node->contains(key_.data()) == s.negated) return;
        break;
      }
      case Stage::Kind::probe: {
        CellBuffer key(s.from.size());
        for (std::size_t i = 0; i < s.from.size(); ++i) key[i] = buffer_[s.from[i]];
        s.node->probe(s.index, key.data(), [&](const Cell* row) {
          for (std::size_t i = 0; i < s.take.size(); ++i) buffer_[width + i] = row[s.take[i]];
          run(stage + 1, width + s.take.size());
          return false;
        });
        return;
      }
    }
  }
  emit();
}

void RecursionNode::take() {
  rows.clear();
  ++rows_version_;
  definition_->scan([&](const Cell* row) {
    Cell* to = rows.add();
    for (std::size_t i = 0; i < columns_.size(); ++i) to[i] = row[columns_[i]];
    return false;
  });
}

void UnionNode::advance(const Pos&) {
  rows.clear();
  ++rows_version_;
  for (auto& p : parts_)
    for (std::size_t i = 0; i < p.node->rows.size(); ++i) {
      const Cell* from = p.node->rows[i];
      Cell* to = rows.add();
      for (std::size_t c = 0; c < p.columns.size(); ++c) to[c] = from[p.columns[c]];
    }
  if (!repeats) make_distinct(rows, seen_);
}

void WrittenOutNode::advance(const Pos&) {
  rows.clear();
  ++rows_version_;
  state_->scan([&](const Cell* row) {
    rows.add(row);
    return false;
  });
}

void PreviousNode::advance(const Pos& at) {
  rows.clear();
  ++rows_version_;
  if (any_before_ && plan::contains(interval_, before_at_.ts, at.ts, context_.scale)) rows.swap(before_);
  if (!later_) take(at);
}

void PreviousNode::take(const Pos& at) {
  before_.clear();
  child_->scan([&](const Cell* row) {
    before_.add(row);
    return false;
  });
  any_before_ = true;
  before_at_ = at;
}

namespace {

void erase_rows(Rows& rows, const ColumnMap& columns, const Cell* key) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!matches(rows[i], columns, key)) rows.move(i, kept++);
  rows.keep_first(kept);
}

}  // namespace

void PreviousNode::erase_matching(const ColumnMap& columns, const Cell* key) { erase_rows(before_, columns, key); }

void PreviousNode::absorb(Node& node) {
  auto& other = static_cast<PreviousNode&>(node);
  for (std::size_t i = 0; i < other.before_.size(); ++i) before_.add(other.before_[i]);
  any_before_ = any_before_ || other.any_before_;
  if (other.any_before_) before_at_ = other.before_at_;
}

void PreviousNode::reset() {
  Node::reset();
  before_.clear();
  any_before_ = false;
}

void NextNode::observe(const Pos& at) {
  seen_.push_back({at, Rows(arity())});
  child_->scan([&](const Cell* row) {
    seen_.back().rows.add(row);
    return false;
  });
}

bool NextNode::ready(const Pos& at) const { return !seen_.empty() && seen_.back().at > at; }

void NextNode::advance(const Pos& at) {
  rows.clear();
  ++rows_version_;
  while (!seen_.empty() && seen_.front().at <= at) seen_.pop_front();
  if (seen_.empty() || !plan::contains(interval_, at.ts, seen_.front().at.ts, context_.scale)) return;
  rows = seen_.front().rows;
}

void NextNode::erase_matching(const ColumnMap& columns, const Cell* key) {
  for (auto& s : seen_) erase_rows(s.rows, columns, key);
}

void NextNode::absorb(Node& node) {
  auto& other = static_cast<NextNode&>(node);
  for (auto& s : other.seen_) {
    auto at = std::lower_bound(seen_.begin(), seen_.end(), s.at, [](const Seen& x, Pos p) { return x.at < p; });
    if (at == seen_.end() || at->at != s.at) at = seen_.insert(at, {s.at, Rows(arity())});
    for (std::size_t i = 0; i < s.rows.size(); ++i) at->rows.add(s.rows[i]);
  }
}

void NextNode::reset() {
  Node::reset();
  seen_.clear();
}

}  // namespace surety::logic
