#pragma once
// Regular expressions over time-points. network.h has the contract that operators keep.
#include <cstdint>
#include <memory>
#include <vector>

#include "logic/network.h"

namespace surety::logic {

// Matches of a regular expression over points, found by running its automaton with one thread for
// each start, state and valuation. Cost: threads, so starts in the window times their rows; the price
// of generality (VeriMon's derivatives, Basin et al., IJCAR 2020, keep one valuation set for each).
class PathRunner {
 public:
  struct Edge {
    enum class Kind : std::uint8_t { step, empty, rows, none, test, assign } kind = Kind::empty;
    std::uint32_t to = 0;
    Node* node = nullptr;   // rows: joined; none: no row may agree
    ColumnMap columns;      // of the valuation, for node's columns
    std::size_t index = 0;  // rows: on the columns bound for certain at the edge
    ColumnMap bound, free;  // rows: positions in node's columns
    std::shared_ptr<Test> test;
    std::shared_ptr<Scalar> value;  // assign
    ColumnMap binds;                // assign: one; test: of the valuation, for the columns that the test appends
  };
  using Automaton = std::vector<std::vector<Edge>>;  // from state 0; the last state accepts
  using Accept = FunctionRef<void(Pos start, const Cell* valuation)>;
  PathRunner(Automaton a, std::size_t variables) : automaton_(std::move(a)), variables_(variables) {}
  // One more point. Threads that started before `oldest` are dropped.
  void point(const Pos& at, Ticks oldest, Accept each);
  void clear() { threads_.clear(); }
  void take_threads(PathRunner& other) { threads_ = other.threads_; }
  std::size_t size() const { return threads_.size() / width(); }
  void save(StateWriter& w, const std::vector<plan::Type>& types) const;
  bool load(StateReader& r, const std::vector<plan::Type>& types);

 private:
  std::size_t width() const { return 3 + variables_; }  // state, start, cells
  bool bind(std::vector<Cell>& valuation, std::uint32_t column, Cell value) const;
  void close(std::uint32_t state, Pos start, std::vector<Cell>& valuation, RowTable& seen, Accept each);
  Automaton automaton_;
  std::size_t variables_;
  std::vector<std::uint64_t> threads_;  // waiting for the next point
};

class MatchPastNode final : public Node {
 public:
  MatchPastNode(std::vector<plan::Type> types, PathRunner runner, plan::Interval interval, Context c)
      : Node(Kind::event, types), runner_(std::move(runner)), interval_(std::move(interval)), context_(c), seen_(types.size(), 0) {}
  void advance(const Pos& at) override;
  void reset() override;
  void absorb(Node& other) override { runner_.take_threads(static_cast<MatchPastNode&>(other).runner_); }
  std::size_t state_rows() const override { return runner_.size(); }
  void save(StateWriter& w) const override { runner_.save(w, types()); }
  bool load(StateReader& r) override { return runner_.load(r, types()); }

 private:
  PathRunner runner_;
  plan::Interval interval_;
  Context context_;
  RowTable seen_;
};

class MatchFutureNode final : public FutureNode {
 public:
  MatchFutureNode(std::vector<plan::Type> types, PathRunner runner, plan::Interval interval, Context c)
      : FutureNode(Kind::event, types), runner_(std::move(runner)), interval_(std::move(interval)), context_(c), seen_(types.size(), 0) {}
  void observe(const Pos& at) override;
  bool ready(const Pos& at) const override;
  void advance(const Pos& at) override;
  void reset() override;
  void absorb(Node& other) override;
  std::size_t state_rows() const override { return runner_.size(); }
  void save(StateWriter& w) const override;
  bool load(StateReader& r) override;

 private:
  struct Found {
    Pos start;
    std::vector<Cell> row;
  };
  PathRunner runner_;
  plan::Interval interval_;
  Context context_;
  RowTable seen_;
  std::vector<Found> found_;
};

}  // namespace surety::logic
