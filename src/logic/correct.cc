#include <algorithm>

#include "logic/monitor_impl.h"

namespace surety::logic {

// The log holds the facts as they are now. For each formula and key, the points that the changed
// facts can touch are evaluated again, on a private network over just the facts those points rest
// on, and compared with the verdicts that stand. If points still to come are touched too, the live
// operators forget the key and take over what the private ones hold.
void Monitor::Impl::correct() {
  std::vector<Correction> all;
  all.swap(corrections);
  for (std::size_t f = 0; f < formulas.size(); ++f) correct_formula(f, all);
}

namespace {

struct Group {
  std::vector<Stretch> stretches;
  std::vector<Pos> points;
};

void unite(std::vector<Stretch>& all) {
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.from < b.from; });
  std::vector<Stretch> out;
  for (auto& s : all) {
    if (!out.empty() && s.from <= out.back().to) {
      out.back().add(s);
    } else {
      out.push_back(s);
    }
  }
  all = std::move(out);
}

}  // namespace

Replayer& Monitor::Impl::replayer(std::size_t f) {
  Replayer& r = replayers[f];
  if (r.net) return r;
  r.log = std::make_unique<LogStore>(log->arities());
  r.net = std::make_unique<Network>(r.log.get(), Context{&strings, options.scale});
  SURETY_CHECK(r.net->add(formulas[f].formula, formulas[f].columns, sig));
  r.net->seal();
  // A variable confines the work only if it stands in one column of each operator.
  for (auto& [v, by] : analyses[f].keys()) {
    bool usable = true;
    for (auto& [node, names] : r.net->names) {
      std::set<long> at;
      for (auto& n : names) at.insert(std::find(n.begin(), n.end(), v) - n.begin());
      bool has = std::any_of(names.begin(), names.end(), [&](auto& n) { return std::find(n.begin(), n.end(), v) != n.end(); });
      usable = usable && (!has || at.size() == 1);
    }
    if (usable) r.variables.push_back(v);
  }
  // First the one that confines most predicates: what it does not confine is read whole.
  auto confines = [&](const std::string& v) {
    auto& columns = analyses[f].keys().at(v).column;
    return std::count_if(columns.begin(), columns.end(), [](auto& c) { return c.second >= 0; });
  };
  std::stable_sort(r.variables.begin(), r.variables.end(), [&](auto& a, auto& b) { return confines(a) > confines(b); });
  return r;
}

void Monitor::Impl::correct_formula(std::size_t f, const std::vector<Correction>& all) {
  const Analysis& a = analyses[f];
  std::map<std::pair<std::string, Cell>, Group> groups;
  for (auto& c : all) {
    if (c.predicate ? !a.reads(*c.predicate) : a.sparse()) continue;
    Stretch touched = a.touched(c.predicate, {c.at, c.at}, *log);
    if (touched.empty()) continue;
    std::pair<std::string, Cell> key;
    if (c.predicate)
      for (auto& v : replayer(f).variables) {
        int column = a.keys().at(v).column.at(*c.predicate);
        if (column < 0) continue;
        key = {v, c.row[static_cast<std::size_t>(column)]};
        break;
      }
    groups[key].stretches.push_back(touched);
    groups[key].points.push_back(c.at);
  }
  for (auto& [key, group] : groups) {
    unite(group.stretches);
    for (auto& s : group.stretches) {
      Task task{s, key.first, key.second, {}};
      for (auto& p : group.points)
        if (s.from <= p && p <= s.to) task.points.push_back(p);
      replay(f, task);
    }
  }
}

void Monitor::Impl::replay(std::size_t f, const Task& task) {
  const Domain& live = *net->roots[f].domain;
  if (live.started() && task.touched.from <= live.now()) {
    Stretch decided{task.touched.from, std::min(task.touched.to, live.now())};
    reconsider(f, task, decided);
  }
  if (!live.started() || task.touched.to > live.now()) patch(f, task);
}

void Monitor::Impl::reconsider_deferred() {
  std::vector<Deferred> now;
  now.swap(deferred);
  for (auto& d : now) reconsider(d.formula, d.task, d.decided);
}

// Which decided points see beyond the frontier follows from the log: a snapshot need not hold them.
void Monitor::Impl::find_deferred() {
  if (ran.ended) return;
  for (std::size_t f = 0; f < formulas.size(); ++f) {
    const Domain& live = *net->roots[f].domain;
    if (!live.started()) continue;
    auto open = [&](Pos p) { return analyses[f].seen({p, p}, *log).to >= ran.closed; };
    Pos first = Pos::end();
    for (Pos p = live.now(); p != Pos::begin() && open(p); p = log->point_before(p)) first = p;
    if (first == Pos::end()) continue;
    const Stretch all{first, live.now()};
    deferred.push_back({f, Task{all, "", 0, {}}, all});
  }
}

// Evaluates points that are decided again and publishes what is different now.
void Monitor::Impl::reconsider(std::size_t f, const Task& task, Stretch decided) {
  Replayer& r = replayer(f);
  r.net->reset();
  r.log->clear();
  Stretch seen = analyses[f].seen(decided, *log);
  if (seen.to >= ran.closed && !ran.ended) deferred.push_back({f, task, decided});
  std::vector<Pos> points = fill(*r.log, f, task, seen);
  auto& columns = formulas[f].columns;
  auto column = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), task.variable) - columns.begin());
  std::vector<Cell> row(columns.size());
  std::map<Pos, std::set<std::vector<Cell>>> now;
  r.net->run({Pos::end(), plan::kForever, true}, [&](std::size_t, const Pos& at) {
    if (at < decided.from || at > decided.to) return;
    const Root& root = r.net->roots[0];
    root.node->scan([&](const Cell* cells) {
      for (std::size_t i = 0; i < row.size(); ++i) row[i] = cells[root.columns[i]];
      now[at].insert(row);
      return false;
    });
  });
  std::vector<std::pair<Pos, std::vector<Cell>>> fallen;
  auto look = [&](Pos at, const VerdictStore::Kept& v) {
    if (!v.stands || (!task.variable.empty() && v.row[column] != task.key)) return;
    auto it = now.find(at);
    if (it == now.end() || !it->second.contains(v.row)) fallen.emplace_back(at, v.row);
  };
  if (!task.variable.empty() && analyses[f].sparse()) {
    // Verdicts of the key can only stand where facts of it stand, or stood until now.
    points.insert(points.end(), task.points.begin(), task.points.end());
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    for (auto& p : points)
      if (p >= decided.from && p <= decided.to) kept[f].each(p, p, look);
  } else {
    kept[f].each(decided.from, decided.to, look);
  }
  for (auto& [at, x] : fallen) tell(f, at, x, kept[f].set(at, x, false), false);
  for (auto& [at, rows] : now)
    for (auto& x : rows)
      if (auto version = kept[f].set(at, x, true)) tell(f, at, x, version, true);
}

// The points that are seen, with the facts that matter; returns them.
std::vector<Pos> Monitor::Impl::fill(LogStore& to, std::size_t f, const Task& task, Stretch seen) {
  const Analysis& a = analyses[f];
  Pos end = std::min(seen.to == Pos::end() ? seen.to : seen.to.after(), ran.closed);
  const KeyedBy* by = task.variable.empty() ? nullptr : &a.keys().at(task.variable);
  std::vector<Pos> points;
  bool some_points = by && a.sparse() && std::all_of(by->column.begin(), by->column.end(), [](auto& x) { return x.second >= 0; });
  if (some_points) {
    for (auto& [p, column] : by->column) log->find(p, static_cast<std::uint32_t>(column), task.key, seen.from, end, points);
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
  }
  auto copy = [&](const LogStore::Point& p, const LogStore::Block& b) {
    to.append_point(p.pos);
    for (std::size_t i = p.first; i < p.first + p.count; ++i) {
      const LogStore::Fact& fact = b.facts[i];
      if (!a.reads(fact.predicate)) continue;
      const Cell* row = b.row(fact);
      if (by) {
        int column = by->column.at(fact.predicate);
        if (column >= 0 && row[column] != task.key) continue;
      }
      to.append_fact(fact.id, fact.predicate, row);
      ++stats.replayed;
    }
  };
  if (some_points) {
    for (auto& p : points) {
      auto c = log->lower_bound(p);
      copy(log->point(c), log->block(c));
    }
    return points;
  }
  for (auto c = log->lower_bound(seen.from); !log->at_end(c) && log->point(c).pos < end; ++c.at) {
    points.push_back(log->point(c).pos);
    copy(log->point(c), log->block(c));
  }
  return points;
}

// Brings the live operators to what they would hold had the facts always been so. Live and private
// network were made from the same formula: their operators and domains correspond.
void Monitor::Impl::patch(std::size_t f, const Task& task) {
  Replayer& r = replayer(f);
  r.net->reset();
  r.log->clear();
  Stretch needed{Pos::begin(), Pos::end()};
  const Domain& root = *net->roots[f].domain;
  if (root.started()) needed.from = analyses[f].seen({root.now(), root.now()}, *log).from;
  fill(*r.log, f, task, needed);
  for (auto& d : r.net->domains) {
    const Domain* live = net->find_domain(d->requirement);
    d->run_to(live->started() ? live->now() : Pos::begin());
  }
  std::set<const Node*> done;
  auto walk = [&](auto& self, Node* live, Node* other) -> void {
    if (!done.insert(other).second) return;
    for (std::size_t i = 0; i < live->children.size(); ++i) self(self, live->children[i], other->children[i]);
    if (task.variable.empty()) {
      live->reset();
      live->absorb(*other);
      return;
    }
    const auto& names = r.net->names.at(other)[0];
    auto at = std::find(names.begin(), names.end(), task.variable);
    if (at == names.end()) return;
    live->erase_key(static_cast<std::size_t>(at - names.begin()), task.key);
    live->absorb(*other);
  };
  walk(walk, net->roots[f].node, r.net->roots[0].node);
}

}  // namespace surety::logic
