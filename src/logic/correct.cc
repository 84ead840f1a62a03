#include <algorithm>
#include <iterator>

#include "logic/monitor_impl.h"

namespace surety::logic {

// The log holds the facts as they are now. For each family of formulas and each key, the points that
// the changed facts can touch are evaluated again, on a private network over just the facts those
// points rest on, and compared with the verdicts that stand. If points still to come are touched too,
// the live operators forget the key and take over what the private ones hold.
void Monitor::Impl::correct() {
  const std::vector<Task> walked = walk_over_late_points();
  std::vector<Correction> all;
  all.swap(corrections);
  struct Group {
    std::vector<Task::Item> items;
    std::vector<Pos> points;
  };
  std::map<std::pair<const Family*, std::vector<Cell>>, Group> groups;
  std::vector<std::pair<const Family*, std::vector<Cell>>> order;  // as first met: addresses have none
  auto add = [&](const Family& family, const Correction& c) {
    std::vector<Cell> key;
    for (auto column : family.key) key.push_back(c.row[column]);
    std::vector<Task::Item> items;
    for (std::uint32_t i = 0; i < family.formulas.size(); ++i) {
      const auto f = family.formulas[i];
      if (c.predicate && !families->concerns(f, *c.predicate, c.row.data())) continue;
      Stretch touched = analyses[f].touched(c.predicate, {c.at, c.at}, *log);
      if (!touched.empty()) items.push_back({i, touched});
    }
    if (items.empty()) return;
    auto [it, fresh] = groups.try_emplace({&family, std::move(key)});
    if (fresh) order.push_back(it->first);
    it->second.items.insert(it->second.items.end(), items.begin(), items.end());
    it->second.points.push_back(c.at);
  };
  for (auto& c : all) {
    if (!c.predicate) {
      add(families->looking_at_points(), c);
      continue;
    }
    for (auto& family : families->reading(*c.predicate)) add(family, c);
  }
  for (auto& which : order) {
    Group& group = groups.at(which);
    std::sort(group.items.begin(), group.items.end(), [](auto& a, auto& b) { return a.stretch.from < b.stretch.from; });
    // Items that overlap are one task; what lies apart is not read in between.
    for (std::size_t i = 0; i < group.items.size();) {
      Task task{which.first, which.second, {}, {}};
      Stretch span;
      for (; i < group.items.size() && (span.empty() || group.items[i].stretch.from <= span.to); ++i) {
        span.add(group.items[i].stretch);
        task.add(group.items[i]);
      }
      for (auto& p : group.points)
        if (span.from <= p && p <= span.to) task.points.push_back(p);
      replay(task);
    }
  }
  for (auto& task : walked) replay(task);
}

// A late point may lie beyond those that an operator which looks ahead has seen, and before the frontier, where it
// takes it that there is none. First it must have walked there, else what rests on it is taken over as of too early a
// time. What is decided on the way is decided again when all is corrected.
std::vector<Monitor::Impl::Task> Monitor::Impl::walk_over_late_points() {
  std::vector<Task> walked(formulas.size());
  net->run(ran, [&](std::size_t f, const Pos& at) {
    if (walked[f].items.empty()) walked[f] = {&families->alone(static_cast<std::uint32_t>(f)), {}, {{0, {at, at}}}, {}};
    walked[f].items[0].stretch.to = at;
  });
  std::erase_if(walked, [](const Task& t) { return t.items.empty(); });
  return walked;
}

void Monitor::Impl::Task::add(const Item& item) {
  auto same = std::find_if(items.begin(), items.end(), [&](auto& x) { return x.formula == item.formula; });
  if (same == items.end()) {
    items.push_back(item);
  } else {
    same->stretch.add(item.stretch);
  }
}

void Monitor::Impl::replay(const Task& task) {
  Task decided{task.family, task.key, {}, task.points}, open{task.family, task.key, {}, {}};
  for (auto& item : task.items) {
    const Domain& live = *net->roots[task.family->formulas[item.formula]].domain;
    if (live.started() && item.stretch.from <= live.now())
      decided.items.push_back({item.formula, {item.stretch.from, std::min(item.stretch.to, live.now())}});
    if (!live.started() || item.stretch.to > live.now()) open.items.push_back(item);
  }
  Task again{task.family, task.key, {}, task.points};
  for (auto& item : decided.items)
    if (!ran.ended && analyses[task.family->formulas[item.formula]].seen(item.stretch, *log).to >= ran.closed)
      again.items.push_back(*std::find_if(task.items.begin(), task.items.end(), [&](auto& x) { return x.formula == item.formula; }));
  if (!again.items.empty()) deferred.push_back(std::move(again));
  if (!decided.items.empty()) reconsider(decided);
  if (!open.items.empty()) patch(open);
}

// Where a live NEXT was decided by a point that has been withdrawn since, and knows of no other: the first
// place behind it, or the end.
Pos Monitor::Impl::next_is_gone() const {
  Pos first = Pos::end();
  for (auto& d : net->domains)
    for (auto* f : d->futures)
      if (!ran.ended && d->started() && f->looks_at_next() && !f->ready(d->now())) first = std::min(first, d->now().after());
  return first;
}

// The frontier has moved on. While decided points waited for what follows them, the live operators took it
// that nothing does (a NEXT that is not there); so the points that have come since are to them as if they
// came late.
void Monitor::Impl::reconsider_deferred(Pos since) {
  auto c = log->lower_bound(since);
  for (; !log->at_end(c) && log->point(c).pos < ran.closed; ++c.at) corrections.push_back({log->point(c).pos, std::nullopt, {}});
  if (!corrections.empty()) correct();
  std::vector<Task> now;
  now.swap(deferred);
  for (auto& task : now) replay(task);
}

// Which decided points see beyond the frontier follows from the log: a snapshot need not hold them.
void Monitor::Impl::find_deferred() {
  if (ran.ended || options.retain == 0) return;
  for (std::uint32_t f = 0; f < formulas.size(); ++f) {
    const Domain& live = *net->roots[f].domain;
    if (!live.started()) continue;
    auto open = [&](Pos p) { return analyses[f].seen({p, p}, *log).to >= ran.closed; };
    Pos first = Pos::end();
    for (Pos p = live.now(); p != Pos::begin() && open(p); p = log->point_before(p)) first = p;
    if (first != Pos::end()) deferred.push_back({&families->alone(f), {}, {{0, {first, Pos::end()}}}, {}});
  }
}

// What one formula's verdicts are at the points that were evaluated again.
struct Monitor::Impl::Found {
  Rows rows;
  std::vector<std::pair<Pos, std::size_t>> ends;  // points in order, each with the end of its rows
};

// Evaluates points that are decided again and publishes what is different now.
void Monitor::Impl::reconsider(const Task& task) {
  const Family& family = *task.family;
  Replayer& r = families->replayer(family);
  Stretch seen;
  for (auto& item : task.items) seen.add(analyses[family.formulas[item.formula]].seen(item.stretch, *log));
  std::vector<Pos> points = fill(r, task, seen);
  std::vector<Found> found;
  std::vector<const Task::Item*> wanted(family.formulas.size());
  for (auto f : family.formulas) found.push_back({Rows(formulas[f].columns.size()), {}});
  for (auto& item : task.items) wanted[item.formula] = &item;
  r.net->run({Pos::end(), plan::kForever, true}, [&](std::size_t i, const Pos& at) {
    if (!wanted[i] || at < wanted[i]->stretch.from || at > wanted[i]->stretch.to) return;
    const Root& root = r.net->roots[i];
    root.node->scan([&](const Cell* cells) {
      Cell* row = found[i].rows.add();
      for (std::size_t c = 0; c < root.columns.size(); ++c) row[c] = cells[root.columns[c]];
      return false;
    });
    found[i].ends.emplace_back(at, found[i].rows.size());
  });
  // Verdicts of the key can only stand where facts of it stand, or stood until now.
  points.insert(points.end(), task.points.begin(), task.points.end());
  std::sort(points.begin(), points.end());
  for (auto& item : task.items) compare(task, item, points, found[item.formula]);
}

// Publishes where what was found differs from the verdicts that stand. `points`: in order, those with
// facts of the key.
void Monitor::Impl::compare(const Task& task, const Task::Item& item, const std::vector<Pos>& points, const Found& found) {
  const Family& family = *task.family;
  const auto f = family.formulas[item.formula];
  std::vector<Pos> all;
  if (!family.key.empty() && family.sparse) {
    std::copy_if(points.begin(), points.end(), std::back_inserter(all),
                 [&](Pos p) { return p >= item.stretch.from && p <= item.stretch.to; });
  } else {
    for (auto& x : found.ends) all.push_back(x.first);
    kept[f].each(item.stretch.from, [&](const VerdictStore::Kept& k) {
      if (k.at > item.stretch.to) return false;
      if (all.empty() || all.back() != k.at) all.push_back(k.at);
      return true;
    });
    std::sort(all.begin(), all.end());
  }
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::size_t next = 0, begin = 0;
  std::vector<const Cell*> rows;
  // Facts without the key's variables may have given rows of other keys too (`R(x) OR (W() AND x = 3)`).
  const auto of_key = [&](const Cell* row) { return matches(row, family.verdict_columns[item.formula], task.key.data()); };
  for (Pos at : all) {
    rows.clear();
    for (; next < found.ends.size() && found.ends[next].first <= at; begin = found.ends[next++].second)
      if (found.ends[next].first == at)
        for (std::size_t k = begin; k < found.ends[next].second; ++k)
          if (of_key(found.rows[k])) rows.push_back(found.rows[k]);
    kept[f].replace(at, rows, of_key, [&](const Cell* row, std::uint32_t version, bool stands) {
      tell(f, at, {row, formulas[f].columns.size()}, version, stands);
    });
  }
}

// Puts the points that are seen, with the facts that matter, into the private log; returns them.
std::vector<Pos> Monitor::Impl::fill(Replayer& r, const Task& task, Stretch seen) {
  const Family& family = *task.family;
  r.net->reset();
  r.log->clear();
  const Pos end = std::min(seen.to == Pos::end() ? seen.to : seen.to.after(), ran.closed);
  std::vector<LogStore::Place> found;
  std::vector<Cell> key;
  for (auto& [p, filter] : family.filters) {
    key.clear();
    for (auto c : filter.cells) key.push_back(task.key[c]);
    log->find(p, filter.columns, key.data(), seen.from, end, found);
  }
  stats.replayed += found.size();
  std::sort(found.begin(), found.end(), [](auto& a, auto& b) { return std::tie(a.at, a.fact) < std::tie(b.at, b.fact); });
  std::vector<Pos> points;
  auto open_point = [&](Pos at) {
    points.push_back(at);
    r.log->append_point(at);
  };
  auto c = family.sparse ? LogStore::Cursor{} : log->lower_bound(seen.from);
  auto open_points_up_to = [&](Pos last) {
    for (; !log->at_end(c) && log->point(c).pos <= last && log->point(c).pos < end; ++c.at) open_point(log->point(c).pos);
  };
  for (auto& x : found) {
    if (!family.sparse) {
      open_points_up_to(x.at);
    } else if (points.empty() || points.back() != x.at) {
      open_point(x.at);
    }
    const LogStore::Fact& fact = x.block->facts[x.fact];
    r.log->append_fact(fact.id, fact.predicate, x.block->row(fact));
  }
  if (!family.sparse) open_points_up_to(Pos::end());
  return points;
}

// Brings the live operators to what they would hold had the facts always been so. Live and private
// network were made from the same formulas: their operators and domains correspond.
void Monitor::Impl::patch(const Task& task) {
  const Family& family = *task.family;
  Replayer& r = families->replayer(family);
  Stretch needed{Pos::end(), Pos::end()};
  for (auto& item : task.items) {
    const auto f = family.formulas[item.formula];
    const Domain& root = *net->roots[f].domain;
    needed.from = std::min(needed.from, root.started() ? analyses[f].seen({root.now(), root.now()}, *log).from : Pos::begin());
  }
  fill(r, task, needed);
  // To the very time of the live ones, even if no such point is left: what has expired there has been
  // told of, and must not be taken over to be told of again.
  for (auto& d : r.net->domains) {
    const Domain* live = net->find_domain(d->requirement);
    d->run_to(live->started() ? live->now() : Pos::begin());
  }
  std::set<const Node*> done;
  for (auto& item : task.items) {
    const auto f = family.formulas[item.formula];
    auto& variables = family.variables[item.formula];
    auto walk = [&](auto& self, Node* live, Node* other) -> void {
      if (!done.insert(other).second) return;
      for (std::size_t i = 0; i < live->children.size(); ++i) self(self, live->children[i], other->children[i]);
      if (family.key.empty()) {
        live->reset();
        live->absorb(*other);
        return;
      }
      std::vector<std::pair<std::uint32_t, Cell>> by;
      for (std::size_t k = 0; k < variables.size(); ++k)
        if (const long at = families->column_of(f, live, variables[k]); at >= 0) by.emplace_back(at, task.key[k]);
      if (by.empty()) return;
      std::sort(by.begin(), by.end());
      ColumnMap columns;
      std::vector<Cell> key;
      for (auto& [column, cell] : by) columns.push_back(column), key.push_back(cell);
      live->erase_matching(columns, key.data());
      live->absorb(*other);
    };
    walk(walk, net->roots[f].node, r.net->roots[item.formula].node);
  }
}

}  // namespace surety::logic
