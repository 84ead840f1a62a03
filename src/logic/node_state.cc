// What operators hold, as tables (state_tables.h). A table says what is true of the facts, not how the
// operator came to hold it: no generations, marks or numbers of its own, no rows that are only kept
// because nobody has thrown them away yet. What follows from a child's rows is not written.
#include "logic/network.h"
#include "logic/nodes_match.h"
#include "logic/nodes_state.h"
#include "logic/snapshot.h"
#include "logic/state_tables.h"

namespace surety::logic {

namespace {

std::uint64_t word(Ticks t) { return static_cast<std::uint64_t>(t); }
Ticks ticks(std::uint64_t w) { return static_cast<Ticks>(w); }
Pos pos_at(const StateTable& t, std::size_t row, std::size_t word) { return {ticks(t.word(row, word)), t.word(row, word + 1)}; }

}  // namespace

void Domain::save(StateWriter& w) const {
  w.single(kDomain, {started_, word(now_.ts), now_.id});
  for (auto& n : nodes) {
    w.key_in(n->key_column);
    n->save(w);
  }
  w.key_in(kWhole);
}

bool Domain::load(StateReader& r) {
  reset();
  const std::uint64_t* at = r.single(kDomain, 3);
  if (!at) return false;
  started_ = at[0] != 0;
  now_ = {ticks(at[1]), at[2]};
  for (auto& n : nodes)
    if (!n->load(r)) return false;
  return true;
}

void PreviousNode::save(StateWriter& w) const {
  w.single("PREVIOUS: the point before", {any_before_, word(before_at_.ts), before_at_.id});
  w.table(0, types(), "PREVIOUS: rows of the point before");
  for (std::size_t i = 0; i < before_.size(); ++i) w.row({}, before_[i]);
}

bool PreviousNode::load(StateReader& r) {
  const std::uint64_t* at = r.single("PREVIOUS: the point before", 3);
  const StateTable* t = r.table(0, types(), "PREVIOUS: rows of the point before");
  if (!at || !t) return false;
  any_before_ = at[0] != 0;
  before_at_ = {ticks(at[1]), at[2]};
  before_.clear();
  for (std::size_t i = 0; i < t->size(); ++i) before_.add(t->cells(i));
  return true;
}

void NextNode::save(StateWriter& w) const {
  w.table(2, {}, "NEXT: points ahead");
  for (auto& s : seen_) w.row({word(s.at.ts), s.at.id}, nullptr);
  w.table(2, types(), "NEXT: rows of the points ahead");
  for (auto& s : seen_)
    for (std::size_t i = 0; i < s.rows.size(); ++i) w.row({word(s.at.ts), s.at.id}, s.rows[i]);
}

bool NextNode::load(StateReader& r) {
  const StateTable* points = r.table(2, {}, "NEXT: points ahead");
  const StateTable* t = r.table(2, types(), "NEXT: rows of the points ahead");
  if (!points || !t) return false;
  seen_.clear();
  std::size_t next = 0;
  for (std::size_t i = 0; i < points->size(); ++i) {
    seen_.push_back({pos_at(*points, i, 0), Rows(arity())});
    for (; next < t->size() && pos_at(*t, next, 0) == seen_.back().at; ++next) seen_.back().rows.add(t->cells(next));
  }
  return next == t->size();
}

void PathRunner::save(StateWriter& w, const std::vector<plan::Type>& types) const {
  w.table(4, types, "MATCH: threads");
  for (std::size_t t = 0; t < threads_.size(); t += width())
    w.row({threads_[t + 1], threads_[t + 2], threads_[t] & 0xFFFFFF, threads_[t] >> 24}, threads_.data() + t + 3);
}

bool PathRunner::load(StateReader& r, const std::vector<plan::Type>& types) {
  const StateTable* t = r.table(4, types, "MATCH: threads");
  if (!t) return false;
  threads_.clear();
  for (std::size_t i = 0; i < t->size(); ++i) {
    if (t->word(i, 2) >= automaton_.size()) return false;
    threads_.insert(threads_.end(), {t->word(i, 3) << 24 | t->word(i, 2), t->word(i, 0), t->word(i, 1)});
    threads_.insert(threads_.end(), t->cells(i), t->cells(i) + types.size());
  }
  return true;
}

void MatchFutureNode::save(StateWriter& w) const {
  runner_.save(w, types());
  w.table(2, types(), "MATCHF: found");
  for (auto& f : found_) w.row({word(f.start.ts), f.start.id}, f.row.data());
}

bool MatchFutureNode::load(StateReader& r) {
  if (!runner_.load(r, types())) return false;
  const StateTable* t = r.table(2, types(), "MATCHF: found");
  if (!t) return false;
  found_.clear();
  for (std::size_t i = 0; i < t->size(); ++i) found_.push_back({pos_at(*t, i, 0), {t->cells(i), t->cells(i) + arity()}});
  return true;
}

void TableNode::save(StateWriter& w) const {
  w.table(0, types(), "rows of a state");
  for (auto e = table_.first(); e != RowTable::kNone; e = table_.next(e)) w.row({}, table_.row(e));
}

bool TableNode::load(StateReader& r) {
  const StateTable* t = r.table(0, types(), "rows of a state");
  if (!t) return false;
  table_.clear();
  for (std::size_t i = 0; i < t->size(); ++i) table_.insert(t->cells(i));
  return true;
}

void StateMapNode::save(StateWriter& w) const {
  w.table(1, types(), "rows of a state, with how many stand behind each");
  for (auto e = table_.first(); e != RowTable::kNone; e = table_.next(e)) w.row({table_.payload(e)}, table_.row(e));
}

bool StateMapNode::load(StateReader& r) {
  const StateTable* t = r.table(1, types(), "rows of a state, with how many stand behind each");
  if (!t) return false;
  table_.clear();
  for (std::size_t i = 0; i < t->size(); ++i) table_.payload(table_.insert(t->cells(i)).first) = t->word(i, 0);
  return true;
}

void SinceNode::save(StateWriter& w) const {
  w.table(1, types(), "SINCE: rows, with their last start");
  for (auto e = table_.first(); e != RowTable::kNone; e = table_.next(e)) w.row({table_.payload(e)}, table_.row(e));
  w.table(1, types(), "SINCE: starts that are too young");
  std::vector<Cell> row(arity());
  for (std::size_t i = 0; i < queue_.size(); i += 2 + arity()) {
    std::copy_n(queue_.begin() + static_cast<std::ptrdiff_t>(i + 2), arity(), row.begin());
    auto e = waiting_.find(row.data());
    if (e != RowTable::kNone && waiting_.payload(e) == queue_[i + 1]) w.row({queue_[i]}, row.data());
  }
  w.table(0, types(), "SINCE: started at the last point");
  for (std::size_t i = 0; i < fresh_.size(); ++i)
    if (table_.contains(fresh_[i]) || waiting_.contains(fresh_[i])) w.row({}, fresh_[i]);
}

bool SinceNode::load(StateReader& r) {
  const StateTable* t = r.table(1, types(), "SINCE: rows, with their last start");
  const StateTable* young = r.table(1, types(), "SINCE: starts that are too young");
  const StateTable* fresh = r.table(0, types(), "SINCE: started at the last point");
  if (!t || !young || !fresh) return false;
  table_.clear();
  waiting_.clear();
  queue_.clear();
  fresh_.clear();
  for (std::size_t i = 0; i < t->size(); ++i) {
    auto e = table_.insert(t->cells(i)).first;
    table_.payload(e) = t->word(i, 0);
  }
  note_misplaced();
  for (std::size_t i = 0; i < young->size(); ++i) add_waiting(young->cells(i), ticks(young->word(i, 0)));
  for (std::size_t i = 0; i < fresh->size(); ++i) fresh_.add(fresh->cells(i));
  return true;
}

void UntilNode::save(StateWriter& w) const {
  // What reaches back to now or further reaches back to all starts that are still to come.
  auto from_now = [&](Pos p) { return p <= now_ ? Pos::begin() : p; };
  w.single("UNTIL: now", {word(now_.ts), now_.id});
  w.table(4, types(), "UNTIL: fulfilled at, from");
  for (auto i = first_; i != kNone; i = items_[i].next) {
    const Item& item = items_[i];
    Pos from = from_now(item.from);
    w.row({word(item.at.ts), item.at.id, word(from.ts), from.id}, table_.row(item.entry));
  }
  std::vector<plan::Type> left;
  for (auto c : left_columns_) left.push_back(types()[c]);
  w.table(2, left, "UNTIL: left side", left_columns_);
  for (auto e = left_table_.first(); e != RowTable::kNone; e = left_table_.next(e)) {
    Pos at{ticks(left_table_.payload(e, 0)), left_table_.payload(e, 1)};
    if (mode_ == SinceNode::Left::fails ? at < now_ : left_table_.payload(e, 2) != seen_) continue;
    if (mode_ == SinceNode::Left::holds) at = from_now(at);
    w.row({word(at.ts), at.id}, left_table_.row(e));
  }
}

bool UntilNode::load(StateReader& r) {
  reset();
  const std::uint64_t* now = r.single("UNTIL: now", 2);
  const StateTable* t = r.table(4, types(), "UNTIL: fulfilled at, from");
  std::vector<plan::Type> left_types;
  for (auto c : left_columns_) left_types.push_back(types()[c]);
  const StateTable* left = r.table(2, left_types, "UNTIL: left side");
  if (!now || !t || !left) return false;
  seen_ = 1;
  for (std::size_t i = 0; i < t->size(); ++i) add(t->cells(i), pos_at(*t, i, 0), pos_at(*t, i, 2));
  for (std::size_t i = 0; i < left->size(); ++i) {
    auto e = left_table_.insert(left->cells(i)).first;
    left_table_.payload(e, 0) = left->word(i, 0);
    left_table_.payload(e, 1) = left->word(i, 1);
    left_table_.payload(e, 2) = seen_;
  }
  Pos at{ticks(now[0]), now[1]};
  if (at != Pos::begin()) advance(at);
  return true;
}

// What the groups hold follows from the child's rows; only what was told is written.
void AggregateNode::save(StateWriter& w) const {
  if (event()) return;
  w.table(0, types(), "aggregation: told");
  std::vector<Cell> row(arity());
  for (auto e = groups_.first(); e != RowTable::kNone; e = groups_.next(e)) {
    if (groups_.payload(e, kTold) == 0) continue;
    row[0] = groups_.payload(e, kResult);
    std::copy_n(groups_.row(e), groups_.arity(), row.data() + 1);
    w.row({}, row.data());
  }
}

bool AggregateNode::load(StateReader& r) {
  if (event()) return true;
  const StateTable* t = r.table(0, types(), "aggregation: told");
  if (!t) return false;
  reset();
  ++stamp_;
  child_->scan([&](const Cell* row) {
    change(row, true);
    return false;
  });
  if (t->size() > 0 || !group_columns_.empty()) touched_.clear();
  for (std::size_t i = 0; i < t->size(); ++i) {
    auto e = groups_.find(t->cells(i) + 1);
    if (e == RowTable::kNone) return false;
    groups_.payload(e, kTold) = 1;
    groups_.payload(e, kResult) = t->cells(i)[0];
  }
  return true;
}

}  // namespace surety::logic
