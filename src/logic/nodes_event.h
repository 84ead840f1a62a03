#pragma once
// The operators whose rows at one point have little to do with those at the next. Each says what it
// holds, what one time-point costs it, and where the method is from. Built by compile.cc only;
// network.h has the contract they all keep.
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "logic/network.h"

namespace surety::logic {

// One kind of fact, filtered by constants and repeated variables. Cost: facts of that predicate.
class PredicateNode final : public Node {
 public:
  struct Argument {
    enum class Kind : std::uint8_t { column, same_as, constant, any } kind;
    std::uint32_t column = 0;  // column, same_as: of this node's rows
    Cell constant = 0;
  };
  PredicateNode(std::vector<plan::Type> types, std::vector<Argument> args) : Node(Kind::event, std::move(types)), args_(std::move(args)) {}
  void begin_point() {
    if (!rows.empty()) rows.clear();
    ++rows_version_;
  }
  void offer(const Cell* fact);
  bool fits(const Cell* fact) const;  // whether offer() would take it
  void advance(const Pos&) override;
  bool wants_every_point() const override { return false; }

 private:
  bool take(const Cell* fact, Cell* row) const;
  std::vector<Argument> args_;
  std::unique_ptr<RowTable> seen_;
};

// TRUE, FALSE; tp(i), ts(t), tpts(i,t).
class ConstantNode final : public Node {
 public:
  enum class What : std::uint8_t { truth, falsity, point, stamp, point_and_stamp };
  ConstantNode(What what, std::vector<plan::Type> types) : Node(Kind::event, std::move(types)), what_(what) {
    if (what_ == What::truth) rows.add();
  }
  void advance(const Pos& at) override;
  void reset() override {}
  bool counts_points() const { return what_ == What::point || what_ == What::point_and_stamp; }

 private:
  What what_;
};

// A driver's rows, each sent through stages that test, extend or multiply it; then, if columns are
// dropped (EXISTS), made distinct. Cost: rows of the driver, times what they match.
class PipelineNode final : public Node {
 public:
  struct Stage {
    enum class Kind : std::uint8_t { probe, check, test, assign } kind;
    Node* node = nullptr;   // probe, check
    bool negated = false;   // check
    std::size_t index = 0;  // probe
    ColumnMap from;         // probe: key, check: the row asked for; columns of the row so far
    ColumnMap take;         // probe: columns of node to append
    std::shared_ptr<Test> test;
    std::shared_ptr<Scalar> assign;
  };
  // `width`: columns at the end of the stages; `out`: which of them make up a row.
  PipelineNode(std::vector<plan::Type> types, Node* driver, std::vector<Stage> stages, std::size_t width, ColumnMap out, bool distinct)
      : Node(Kind::event, std::move(types)),
        driver_(driver),
        stages_(std::move(stages)),
        out_(std::move(out)),
        distinct_(distinct),
        buffer_(width) {}
  void advance(const Pos& at) override;
  bool wants_every_point() const override { return false; }
  bool takes_repeats(const Node& child) const override { return &child == driver_ && (distinct_ || repeats); }

 private:
  void run(std::size_t stage, std::size_t width);
  void emit();
  Node* driver_;
  std::vector<Stage> stages_;
  ColumnMap out_;
  bool distinct_;
  std::vector<Cell> buffer_, key_;
  std::unique_ptr<RowTable> seen_;
};

// OR of events with the same columns. Cost: their rows.
class UnionNode final : public Node {
 public:
  struct Part {
    Node* node;
    ColumnMap columns;  // of node, in the order of this node
  };
  UnionNode(std::vector<plan::Type> types, std::vector<Part> parts) : Node(Kind::event, std::move(types)), parts_(std::move(parts)) {}
  void advance(const Pos& at) override;
  bool takes_repeats(const Node&) const override { return true; }

 private:
  std::vector<Part> parts_;
  std::unique_ptr<RowTable> seen_;
};

// A state written out at every point; the last resort. Cost: its rows.
class WrittenOutNode final : public Node {
 public:
  WrittenOutNode(Node* state) : Node(Kind::event, state->types()), state_(state) {}
  void advance(const Pos& at) override;

 private:
  Node* state_;
};

// PREVIOUS. Cost: rows of the point before.
class PreviousNode final : public Node {
 public:
  PreviousNode(Node* child, plan::Interval interval, Context c)
      : Node(Kind::event, child->types()), child_(child), interval_(std::move(interval)), context_(c), before_(arity()) {}
  void advance(const Pos& at) override;
  void erase_matching(const ColumnMap& columns, const Cell* key) override;
  bool remembers() const override { return true; }
  void absorb(Node& other) override;
  void reset() override;
  void save(StateWriter&) const override;
  bool load(StateReader&) override;
  // PREVIOUS of what is only known once the point is done (LETPAST): take the rows then.
  void take_later() { later_ = true; }
  void take(const Pos& at);

 private:
  Node* child_;
  plan::Interval interval_;
  Context context_;
  Rows before_;
  bool any_before_ = false, later_ = false;
  Pos before_at_;
};

// What a LETPAST's definition gave at this point, for PREVIOUS to look at.
class RecursionNode final : public Node {
 public:
  explicit RecursionNode(std::vector<plan::Type> types) : Node(Kind::event, std::move(types)) { late = true; }
  // `columns`: of the definition's rows, in the order of the parameters.
  void follow(Node* definition, ColumnMap columns) {
    definition_ = definition;
    columns_ = std::move(columns);
  }
  void take();
  void advance(const Pos&) override {}

 private:
  Node* definition_ = nullptr;
  ColumnMap columns_;
};

// NEXT. Holds the rows of the points ahead that are not read yet.
class NextNode final : public FutureNode {
 public:
  NextNode(Node* child, plan::Interval interval, Context c)
      : FutureNode(Kind::event, child->types()), child_(child), interval_(std::move(interval)), context_(c) {}
  void observe(const Pos& at) override;
  bool ready(const Pos& at) const override;
  bool looks_at_next() const override { return true; }
  void advance(const Pos& at) override;
  void erase_matching(const ColumnMap& columns, const Cell* key) override;
  bool remembers() const override { return true; }
  void absorb(Node& other) override;
  void reset() override;
  void save(StateWriter&) const override;
  bool load(StateReader&) override;

 private:
  struct Seen {
    Pos at;
    Rows rows;
  };
  Node* child_;
  plan::Interval interval_;
  Context context_;
  std::deque<Seen> seen_;
};

}  // namespace surety::logic
