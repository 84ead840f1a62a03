#pragma once
// The operators whose relation persists from point to point. Each says what it holds, what one
// time-point costs it, and where the method is from. Built by compile.cc only; network.h has the
// contract they all keep.
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "logic/exact_sum.h"
#include "logic/nodes_event.h"
#include "logic/ordered_bag.h"
#include "logic/stragglers.h"

namespace surety::logic {

// A state that holds its rows in a table. Subclasses put and drop; changes are told when wanted.
class TableNode : public Node {
 public:
  TableNode(std::vector<plan::Type> types, std::size_t payload) : Node(Kind::state, types), table_(types.size(), payload) {}
  bool contains(const Cell* row) override { return table_.contains(row); }
  std::size_t index_on(const RowTable::Columns& c) override { return table_.index_on(c); }
  bool probe(std::size_t index, const Cell* key, RowVisitor each) override {
    return table_.probe(index, key, [&](RowTable::Entry e) { return each(table_.row(e)); });
  }
  bool scan(RowVisitor each) override;
  bool has_deltas() const override { return true; }
  void want_deltas() override { wanted_ = true; }
  void erase_matching(const ColumnMap& columns, const Cell* key) override;
  void absorb(Node& other) override;
  void reset() override;
  std::size_t state_rows() const override { return table_.size(); }
  void save(StateWriter&) const override;
  bool load(StateReader&) override;

 protected:
  void begin() {
    if (!plus.empty()) plus.clear();
    if (!minus.empty()) minus.clear();
  }
  void set(const Cell* row, bool present);
  void drop(RowTable::Entry e) {
    if (wanted_) minus.add(table_.row(e));
    table_.erase(e);
  }
  RowTable table_;
  bool wanted_ = false;
};

// An event seen as a state: tells what came and went.
class HeldNode final : public TableNode {
 public:
  explicit HeldNode(Node* event) : TableNode(event->types(), 1), event_(event) {}
  void advance(const Pos& at) override;
  void pass(const Pos&) override { begin(); }

 private:
  Node* event_;
  std::uint64_t stamp_ = 0;
};

// AND of two states, and state AND NOT state: only rows next to a change are looked at again.
class StateJoinNode final : public TableNode {
 public:
  // Rows: all of left, then `take` of right. `on_left[i]` joins `on_right[i]`.
  StateJoinNode(std::vector<plan::Type> types, Node* left, Node* right, ColumnMap on_left, ColumnMap on_right, ColumnMap take,
                bool negated);
  void advance(const Pos& at) override;
  void pass(const Pos& at) override { advance(at); }

 private:
  void revisit_left(const Cell* row);
  void revisit_right(const Cell* row);
  bool holds(const Cell* row);
  Node *left_, *right_;
  ColumnMap on_left_, on_right_, take_;
  bool negated_;
  std::size_t left_index_, right_index_;
  ColumnMap right_of_row_;  // where each column of right stands in a row
  std::vector<Cell> key_, row_, right_row_;
};

// OR of states.
class StateUnionNode final : public TableNode {
 public:
  StateUnionNode(std::vector<plan::Type> types, std::vector<UnionNode::Part> parts);
  void advance(const Pos& at) override;
  void pass(const Pos& at) override { advance(at); }

 private:
  void revisit(const Cell* part_row, const UnionNode::Part& part);
  std::vector<UnionNode::Part> parts_;
  std::vector<Cell> row_, part_row_;
};

// Tests and assignments on a state, then EXISTS: rows that fall together are counted.
class StateMapNode final : public TableNode {
 public:
  StateMapNode(std::vector<plan::Type> types, Node* child, std::vector<PipelineNode::Stage> stages, std::size_t width, ColumnMap out)
      : TableNode(std::move(types), 1), child_(child), stages_(std::move(stages)), out_(std::move(out)), buffer_(width), row_(arity()) {}
  void advance(const Pos& at) override;
  void pass(const Pos& at) override { advance(at); }
  void absorb(Node& other) override;
  void save(StateWriter&) const override;
  bool load(StateReader&) override;

 private:
  bool map(const Cell* row);
  Node* child_;
  std::vector<PipelineNode::Stage> stages_;
  ColumnMap out_;
  std::vector<Cell> buffer_, row_;
};

// ONCE and SINCE. Holds each row once, with its last start; rows too young for the interval wait in a
// queue. A point costs its own rows, what it ends (found by key, as VeriMon does: Basin et al., IJCAR
// 2020) and what expires.
class SinceNode final : public TableNode {
 public:
  enum class Left : std::uint8_t { none, holds, fails };  // ONCE; a SINCE b; (NOT a) SINCE b
  // `left_columns`: where left's columns stand in right's rows.
  SinceNode(Node* right, Node* left, Left mode, ColumnMap left_columns, plan::Interval interval, Context c);
  void advance(const Pos& at) override;
  void pass(const Pos& at) override;
  bool takes_repeats(const Node& child) const override { return &child != left_ && !remembers_fresh(); }
  void erase_matching(const ColumnMap& columns, const Cell* key) override;
  void absorb(Node& other) override;
  void reset() override;
  std::size_t state_rows() const override { return table_.size() + waiting_.size(); }
  void save(StateWriter&) const override;
  bool load(StateReader&) override;

 private:
  bool remembers_fresh() const { return mode_ != Left::none && !left_->event(); }
  void apply_left();
  void keep_only_matching();
  void end_matching(const Cell* left_row);
  void check_fresh();
  void meet_at_next_point();
  void age(const Pos& at);
  void admit(const Cell* row, std::uint64_t hash, Ticks start);
  void expire(Ticks earliest);
  void note_misplaced();
  void add_waiting(const Cell* row, Ticks start);
  Node *right_, *left_;
  Left mode_;
  ColumnMap left_columns_;
  plan::Interval interval_;
  Context context_;
  bool plain_, immediate_;
  std::size_t left_index_ = 0, waiting_index_ = 0;
  // Rows that have started but are too young; payload: generation, how many are in the queue.
  RowTable waiting_;
  std::deque<std::uint64_t> queue_;  // start, generation, cells …
  // The table's list is in order of start but for rows that a correction put behind later ones. Those
  // stand here too, earliest on top; what became of one since is looked up when its time has come.
  Stragglers<Ticks> misplaced_{INT64_MIN};
  std::uint64_t generation_ = 0, mark_ = 0;
  Rows fresh_;  // rows (re)started at the last point, or for which left changed since, for a left that is a state
  std::vector<Cell> key_;
};

// EVENTUALLY and UNTIL. For each row the points ahead where it is fulfilled, each with the earliest
// start from which left holds until there. Starts are never stored: a row fulfils start i exactly if
// its first point not before i's window lies in it and reaches back to i. Amortised O(1) for each row
// of right or left.
class UntilNode final : public FutureNode {
 public:
  UntilNode(Node* right, Node* left, SinceNode::Left mode, ColumnMap left_columns, plan::Interval interval, Context c);
  void observe(const Pos& at) override;
  bool ready(const Pos& at) const override;
  void advance(const Pos& at) override;
  void pass(const Pos& at) override { advance(at); }
  bool contains(const Cell* row) override;
  std::size_t index_on(const RowTable::Columns& c) override { return table_.index_on(c); }
  bool probe(std::size_t index, const Cell* key, RowVisitor each) override;
  bool scan(RowVisitor each) override;
  void erase_matching(const ColumnMap& columns, const Cell* key) override;
  void absorb(Node& other) override;
  void reset() override;
  std::size_t state_rows() const override { return table_.size(); }
  void save(StateWriter&) const override;
  bool load(StateReader&) override;

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Item {
    Pos at, from;              // fulfilled at; starts from `from` on reach it
    std::uint32_t next, prev;  // of all, by `at` but for the misplaced
    std::uint32_t next_of_row;
    RowTable::Entry entry;
  };
  void add(const Cell* row, Pos at, Pos from);
  void drop_first(std::uint32_t item);  // the first of its row
  template <class Due>
  void drop_while(Due&& due);
  void unlink(std::uint32_t item);
  bool holds(RowTable::Entry e) const;
  Pos reach_back(const Cell* row, const Pos& at);
  void note_left(const Pos& at);
  Node *right_, *left_;
  SinceNode::Left mode_;
  ColumnMap left_columns_;
  plan::Interval interval_;
  Context context_;
  RowTable table_;  // payload: first item, last item
  std::vector<Item> items_;
  std::uint32_t free_ = kNone, first_ = kNone, last_ = kNone;
  // Items that a correction put behind later ones, earliest on top (as SinceNode's).
  Stragglers<Pos> misplaced_{Pos::begin()};
  // fails: where the left row held last. holds: since when it holds without a gap, and the number of
  // the last point where it did.
  RowTable left_table_;
  std::uint64_t seen_ = 0;  // points observed
  Pos now_;
  Ticks latest_ = 0;
  std::vector<Cell> key_;
};

// Aggregation: of an event, all anew; of a state, only the groups that changed.
class AggregateNode final : public Node {
 public:
  // Rows: the result, then the group. `over`: column of child; `group`: columns of child.
  AggregateNode(std::vector<plan::Type> types, Node* child, plan::Aggregate what, std::uint32_t over, plan::Type over_type, ColumnMap group,
                Context c);
  void advance(const Pos& at) override;
  void pass(const Pos& at) override {
    if (!event()) advance(at);
  }
  bool contains(const Cell* row) override;
  std::size_t index_on(const RowTable::Columns& c) override;
  bool probe(std::size_t index, const Cell* key, RowVisitor each) override;
  bool scan(RowVisitor each) override;
  bool has_deltas() const override { return true; }
  void want_deltas() override { wanted_ = true; }
  void erase_matching(const ColumnMap& columns, const Cell* key) override;
  void absorb(Node& other) override;
  void reset() override;
  std::size_t state_rows() const override { return groups_.size(); }
  void save(StateWriter&) const override;
  bool load(StateReader&) override;

 private:
  // Of a group, in its row's payload. All that a count needs: it has no place in store_.
  enum Word : std::uint8_t { kCount, kPlace, kTold, kResult, kTouched, kWords };
  struct Group {
    __int128 sum = 0;
    std::unique_ptr<ExactSum> real_sum;
    std::unique_ptr<OrderedBag> bag;
  };
  struct Index {
    RowTable::Columns asked;
    std::size_t on_groups;
    ColumnMap key_of_group;  // positions in the key
    int result = -1;         // position in the key of the result
  };
  void change(const Cell* child_row, bool add);
  void refresh(RowTable::Entry e);
  void claim(RowTable::Entry e);    // a place in store_
  void release(RowTable::Entry e);  // it, and the group
  bool value(RowTable::Entry e, Cell& out) const;
  bool row_of(RowTable::Entry e, Cell* out) const;
  bool stores() const { return needs_sum_ || needs_bag_; }
  Group& group(RowTable::Entry e) { return store_[groups_.payload(e, kPlace)]; }
  const Group& group(RowTable::Entry e) const { return store_[groups_.payload(e, kPlace)]; }
  void start();
  Node* child_;
  plan::Aggregate what_;
  std::uint32_t over_;
  plan::Type over_type_;
  ColumnMap group_columns_;
  Context context_;
  bool wanted_ = false, needs_bag_, needs_sum_;
  RowTable groups_;
  std::vector<Group> store_;
  std::vector<std::uint64_t> free_;
  std::vector<RowTable::Entry> touched_;
  std::vector<Index> indexes_;
  std::uint64_t stamp_ = 0;
  std::vector<Cell> key_, row_;
};

}  // namespace surety::logic
