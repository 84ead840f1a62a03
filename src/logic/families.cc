#include "logic/families.h"

#include <algorithm>
#include <unordered_set>

#include "logic/nodes_event.h"

namespace surety::logic {

namespace {

template <class F>
void each_below(Node* root, F&& f) {
  std::unordered_set<const Node*> seen;
  std::vector<Node*> todo = {root};
  while (!todo.empty()) {
    Node* n = todo.back();
    todo.pop_back();
    if (!seen.insert(n).second) continue;
    f(n);
    todo.insert(todo.end(), n->children.begin(), n->children.end());
  }
}

}  // namespace

long Families::column_of(std::uint32_t f, const Node* live, const std::string& v) const {
  const auto names = live_.names.find(live);
  if (names == live_.names.end()) return -1;
  for (auto& n : names->second) {
    if (n.root != f) continue;
    const auto at = std::find(n.columns.begin(), n.columns.end(), v);
    if (at != n.columns.end()) return at - n.columns.begin();
  }
  return -1;
}

bool Families::filtered(std::uint32_t f, Node* n, const std::string& v, Keyed keyed, Tell tell) const {
  const long column = column_of(f, n, v);
  if (column < 0) return false;
  bool some = false, all = true;
  for (Node* c : n->children) {
    if (column_of(f, c, v) < 0) continue;
    some = true;
    all = filtered(f, c, v, keyed, tell) && all;
  }
  if (n->children.empty())
    if (const auto p = live_.predicate_of(n)) some = keyed(*p);
  tell(n, column, some && all);
  return some && all;
}

// A variable confines the work if it stands in one column of each operator that has it, and whatever
// remembers rows remembers, of this value, only what facts of this value gave.
bool Families::confines(std::uint32_t f, const std::string& v) const {
  auto& columns = analyses_[f].keys().at(v).column;
  bool usable = true;
  each_below(live_.roots[f].node, [&](Node* n) {
    const auto names = live_.names.find(n);
    if (!usable || names == live_.names.end()) return;
    long column = -2;
    bool has = false;
    for (auto& x : names->second) {
      if (x.root != f) continue;
      const auto at = std::find(x.columns.begin(), x.columns.end(), v);
      const long here = at == x.columns.end() ? -1 : at - x.columns.begin();
      has = has || here >= 0;
      usable = usable && (column == -2 || column == here);
      column = here;
    }
    usable = usable || !has;
    if (usable && has && n->remembers())
      usable = filtered(f, n, v, [&](PredicateIndex p) { return columns.at(p) >= 0; }, [](Node*, long, bool) {});
  });
  return usable;
}

const std::vector<std::string>& Families::variables(std::uint32_t f) {
  auto [it, fresh] = variables_.try_emplace(f);
  if (!fresh) return it->second;
  auto& out = it->second;
  for (auto& [v, by] : analyses_[f].keys())
    if (confines(f, v)) out.push_back(v);
  auto reach = [&](const std::string& v) {
    auto& columns = analyses_[f].keys().at(v).column;
    return std::count_if(columns.begin(), columns.end(), [](auto& c) { return c.second >= 0; });
  };
  std::stable_sort(out.begin(), out.end(), [&](auto& a, auto& b) { return reach(a) > reach(b); });
  return out;
}

void Families::collect(Family& family) const {
  family.sparse = true;
  for (auto f : family.formulas) {
    family.sparse = family.sparse && analyses_[f].sparse();
    for (PredicateIndex p = 0; p < sig_.size(); ++p)
      if (analyses_[f].reads(p)) family.filters.try_emplace(p);
  }
  family.variables.resize(family.formulas.size());
  family.verdict_columns.resize(family.formulas.size());
}

Family Families::unconfined(std::vector<std::uint32_t> formulas) const {
  Family family;
  family.formulas = std::move(formulas);
  collect(family);
  return family;
}

// The formula by itself, confined by all that a fact of p binds.
Family Families::confined(std::uint32_t f, PredicateIndex p) {
  Family family;
  family.formulas = {f};
  struct Bound {
    std::uint32_t column;
    std::string variable;
  };
  std::vector<Bound> bound;
  for (auto& v : variables(f)) {
    const int column = analyses_[f].keys().at(v).column.at(p);
    if (column >= 0) bound.push_back({static_cast<std::uint32_t>(column), v});
  }
  std::sort(bound.begin(), bound.end(), [](auto& a, auto& b) { return a.column < b.column; });
  std::vector<std::string> variables;
  std::vector<std::uint32_t> verdict_columns;
  auto& columns = formulas_[f].columns;
  for (auto& b : bound) {
    const auto cell = static_cast<std::uint32_t>(family.key.size());
    family.key.push_back(b.column);
    variables.push_back(b.variable);
    verdict_columns.push_back(static_cast<std::uint32_t>(std::find(columns.begin(), columns.end(), b.variable) - columns.begin()));
    for (auto& [q, column] : analyses_[f].keys().at(b.variable).column) {
      if (column < 0) continue;
      family.filters[q].columns.push_back(static_cast<std::uint32_t>(column));
      family.filters[q].cells.push_back(cell);
    }
  }
  collect(family);
  family.variables = {std::move(variables)};
  family.verdict_columns = {std::move(verdict_columns)};
  return family;
}

const std::vector<Family>& Families::reading(PredicateIndex p) {
  auto [it, fresh] = reading_.try_emplace(p);
  if (!fresh) return it->second;
  auto& all = it->second;
  // The same facts for both: the same key, and where both read a predicate, the same filter.
  auto agrees = [](const Family& a, const Family& b) {
    return a.key == b.key && a.sparse == b.sparse && std::all_of(a.filters.begin(), a.filters.end(), [&](auto& x) {
             const auto y = b.filters.find(x.first);
             return y == b.filters.end() || y->second == x.second;
           });
  };
  for (std::uint32_t f = 0; f < formulas_.size(); ++f) {
    if (!analyses_[f].reads(p)) continue;
    Family one = confined(f, p);
    const auto with = std::find_if(all.begin(), all.end(), [&](auto& x) { return agrees(x, one); });
    if (with == all.end()) {
      all.push_back(std::move(one));
      continue;
    }
    with->formulas.push_back(f);
    with->filters.merge(one.filters);
    with->variables.push_back(std::move(one.variables[0]));
    with->verdict_columns.push_back(std::move(one.verdict_columns[0]));
  }
  return all;
}

const Family& Families::looking_at_points() {
  if (at_points_) return *at_points_;
  std::vector<std::uint32_t> formulas;
  for (std::uint32_t f = 0; f < formulas_.size(); ++f)
    if (!analyses_[f].sparse()) formulas.push_back(f);
  return at_points_.emplace(unconfined(std::move(formulas)));
}

const Family& Families::alone(std::uint32_t f) {
  auto it = alone_.find(f);
  return it != alone_.end() ? it->second : alone_.emplace(f, unconfined({f})).first->second;
}

bool Families::concerns(std::uint32_t f, PredicateIndex p, const Cell* row) {
  auto [it, fresh] = readers_.try_emplace({f, p});
  if (fresh)
    each_below(live_.roots[f].node, [&](const Node* n) {
      if (live_.predicate_of(n) == p) it->second.push_back(static_cast<const PredicateNode*>(n));
    });
  return std::any_of(it->second.begin(), it->second.end(), [&](auto* r) { return r->fits(row); });
}

Replayer& Families::replayer(const Family& family) {
  Replayer& r = replayers_[family.formulas];
  if (r.net) return r;
  r.log = std::make_unique<LogStore>(live_.log()->arities());
  r.net = std::make_unique<Network>(r.log.get(), live_.context());
  for (auto f : family.formulas) SURETY_CHECK(r.net->add(formulas_[f].formula, formulas_[f].columns, sig_));
  r.net->seal();
  return r;
}

}  // namespace surety::logic
