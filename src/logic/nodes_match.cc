#include <algorithm>

#include "logic/nodes_match.h"

namespace surety::logic {

// A column may be free at an edge in general and yet hold a value on this way: unbound is marked by
// a bit of its own, kept in the state word.
namespace {

constexpr std::size_t kMaxVariables = 40;

std::uint64_t state_word(std::uint32_t state, std::uint64_t bound) { return bound << 24 | state; }

}  // namespace

// False: the variable has another value on this way.
bool PathRunner::bind(std::vector<Cell>& v, std::uint32_t column, Cell value) const {
  const std::uint64_t bit = std::uint64_t{1} << column;
  if (v[variables_] & bit) return v[column] == value;
  v[column] = value;
  v[variables_] |= bit;
  return true;
}

void PathRunner::close(std::uint32_t state, Pos start, std::vector<Cell>& v, RowTable& seen, Accept each) {
  // v: the cells, then the mask of those that are bound.
  std::vector<Cell> key = {state_word(state, v[variables_]), static_cast<Cell>(start.ts), start.id};
  for (std::size_t i = 0; i < variables_; ++i) key.push_back(v[variables_] >> i & 1 ? v[i] : 0);
  if (!seen.insert(key.data()).second) return;
  if (state + 1 == automaton_.size()) return each(start, v.data());
  for (const Edge& e : automaton_[state]) {
    switch (e.kind) {
      case Edge::Kind::step:
        key[0] = state_word(e.to, v[variables_]);
        threads_.insert(threads_.end(), key.begin(), key.end());
        break;
      case Edge::Kind::empty:
        close(e.to, start, v, seen, each);
        break;
      case Edge::Kind::assign: {
        Cell value = 0;
        std::vector<Cell> extended = v;
        if (e.value->eval(v.data(), value) && bind(extended, e.binds[0], value)) close(e.to, start, extended, seen, each);
        break;
      }
      case Edge::Kind::test: {
        std::vector<Cell> row(v.begin(), v.end() - 1), extended = v;
        row.resize(variables_ + e.binds.size());
        bool agrees = e.test->holds(row.data());
        for (std::size_t i = 0; agrees && i < e.binds.size(); ++i) agrees = bind(extended, e.binds[i], row[variables_ + i]);
        if (agrees) close(e.to, start, extended, seen, each);
        break;
      }
      case Edge::Kind::none: {
        std::vector<Cell> row(e.columns.size());
        for (std::size_t i = 0; i < row.size(); ++i) row[i] = v[e.columns[i]];
        if (!e.node->contains(row.data())) close(e.to, start, v, seen, each);
        break;
      }
      case Edge::Kind::rows: {
        std::vector<Cell> on;
        for (auto c : e.bound) on.push_back(v[e.columns[c]]);
        std::vector<std::vector<Cell>> next;
        e.node->probe(e.index, on.data(), [&](const Cell* row) {
          std::vector<Cell> extended = v;
          for (auto c : e.free)
            if (!bind(extended, e.columns[c], row[c])) return false;
          next.push_back(std::move(extended));
          return false;
        });
        for (auto& x : next) close(e.to, start, x, seen, each);
        break;
      }
    }
  }
}

void PathRunner::point(const Pos& at, Ticks oldest, Accept each) {
  SURETY_CHECK(variables_ <= kMaxVariables);
  std::vector<std::uint64_t> before;
  before.swap(threads_);
  RowTable seen(width(), 0);
  std::vector<Cell> v(variables_ + 1);
  for (std::size_t t = 0; t < before.size(); t += width()) {
    if (static_cast<Ticks>(before[t + 1]) < oldest) continue;
    std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(t + 3), variables_, v.begin());
    v[variables_] = before[t] >> 24;
    close(static_cast<std::uint32_t>(before[t] & 0xFFFFFF), {static_cast<Ticks>(before[t + 1]), before[t + 2]}, v, seen, each);
  }
  v.assign(variables_ + 1, 0);
  close(0, at, v, seen, each);
}

void MatchPastNode::advance(const Pos& at) {
  rows.clear();
  ++rows_version_;
  seen_.clear();
  Ticks oldest = interval_.upper ? plan::earliest(interval_, at.ts, context_.scale) : INT64_MIN;
  runner_.point(at, oldest, [&](Pos start, const Cell* row) {
    if (plan::contains(interval_, start.ts, at.ts, context_.scale) && seen_.insert(row).second) rows.add(row);
  });
}

void MatchPastNode::reset() {
  Node::reset();
  runner_.clear();
}

void MatchFutureNode::observe(const Pos& at) {
  Ticks oldest = plan::earliest(interval_, at.ts, context_.scale);
  runner_.point(at, oldest, [&](Pos start, const Cell* row) {
    if (plan::contains(interval_, start.ts, at.ts, context_.scale)) found_.push_back({start, {row, row + arity()}});
  });
}

bool MatchFutureNode::ready(const Pos& at) const { return ahead->passed(plan::last_seen(interval_, at.ts, context_.scale)); }

void MatchFutureNode::advance(const Pos& at) {
  rows.clear();
  ++rows_version_;
  seen_.clear();
  for (auto& f : found_)
    if (f.start == at && seen_.insert(f.row.data()).second) rows.add(f.row.data());
  std::erase_if(found_, [&](const Found& f) { return f.start <= at; });
}

void MatchFutureNode::reset() {
  Node::reset();
  runner_.clear();
  found_.clear();
}

void MatchFutureNode::absorb(Node& node) {
  auto& other = static_cast<MatchFutureNode&>(node);
  runner_.take_threads(other.runner_);
  found_ = other.found_;
}

}  // namespace surety::logic
