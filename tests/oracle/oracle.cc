#include "oracle.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>

namespace surety::oracle {
namespace {

using plan::Formula;
using plan::Interval;
using plan::Node;
using plan::Op;
using plan::Regex;
using plan::Term;
using plan::Value;

using Valuation = std::map<std::string, Value>;
using Rows = std::set<Valuation>;
using Names = std::set<std::string>;

struct Stuck {  // thrown inside this file only; evaluate() turns it into an Error
  std::string why;
};

Names free_of(const Formula& f) {
  const auto v = plan::free_variables(f);
  return {v.begin(), v.end()};
}

Valuation restrict_to(const Valuation& v, const Names& names) {
  Valuation out;
  for (const auto& [name, value] : v)
    if (names.contains(name)) out.emplace(name, value);
  return out;
}

bool covers(const Valuation& v, const Names& names) {
  return std::all_of(names.begin(), names.end(), [&](const std::string& n) { return v.contains(n); });
}

std::optional<Value> value_of(const Term& t, const Valuation& v) {
  if (t.op == Term::Op::constant) return t.value;
  if (t.op == Term::Op::variable) return v.at(t.name);
  const auto a = value_of(t.args[0], v);
  if (!a) return std::nullopt;
  if (t.args.size() == 1) return plan::apply(t.op, *a);
  const auto b = value_of(t.args[1], v);
  return b ? plan::apply(t.op, *a, &*b) : std::nullopt;
}

bool known(const Term& t, const Valuation& v) {
  std::vector<std::string> names;
  plan::collect_variables(t, names);
  return std::all_of(names.begin(), names.end(), [&](const std::string& n) { return v.contains(n); });
}

// A LET in scope: its definition, and the scope the definition was made in.
struct Scope;
using ScopePtr = std::shared_ptr<const Scope>;
struct Scope {
  std::string name;
  const Node* let = nullptr;
  ScopePtr outer;
  // LETPAST: while its definition is computed at point `below`, only earlier points are visible.
  std::optional<std::size_t> below;
};

class Evaluator {
 public:
  Evaluator(const Question& q, const std::vector<Point>& trace) : trace_(trace), q_(q), scale_(q.scale), budget_(q.budget) {}

  Rows rows(const Formula& f, std::size_t i, const Valuation& v, const ScopePtr& scope);

 private:
  void spend() {
    if (budget_-- == 0) throw Stuck{"the budget is spent"};
  }
  [[noreturn]] static void stuck(const Node& n) { throw Stuck{"cannot be computed: " + plan::text_short(Formula(n), 120)}; }
  bool holds(const Formula& f, std::size_t i, const Valuation& v, const ScopePtr& scope) { return !rows(f, i, v, scope).empty(); }
  bool inside(const Interval& interval, std::size_t early, std::size_t late) const {
    const plan::Ticks s = trace_[early].ts, t = trace_[late].ts;
    const auto& [lower, upper] = interval;
    if (s > t) return false;
    // A calendar's distance stands up to an instant; an open bound leaves just that instant out.
    const bool begun = lower.calendar ? !near(*lower.calendar, s, lower.open ? t : t + 1)
                       : lower.open   ? t - s > lower.ticks
                                      : t - s >= lower.ticks;
    if (!begun || !upper) return begun;
    return upper->calendar ? near(*upper->calendar, s, upper->open ? t + 1 : t)
           : upper->open   ? t - s < upper->ticks
                           : t - s <= upper->ticks;
  }
  // "t is no more than this span after s", read off the calendar.
  bool near(const plan::CalendarBound& c, plan::Ticks s, plan::Ticks t) const {
    const auto at = [&](plan::Ticks ticks) { return Instant{ticks * (1'000'000 / scale_.ticks_per_second)}; };
    const auto edge = c.from == plan::From::earlier ? deadline(at(s), c.span, c.clock) : before(at(t), c.span, c.clock);
    if (!edge) throw Stuck{edge.error().text()};
    return c.from == plan::From::earlier ? at(t) <= *edge : at(s) >= *edge;
  }

  static Formula pushed_in(const Node& n);
  Rows compute(const Formula& f, std::size_t i, const Valuation& v, const ScopePtr& scope);
  Rows predicate(const Node& n, std::size_t i, const Valuation& v, const ScopePtr& scope);
  Rows let_rows(const Node& n, const ScopePtr& found, std::size_t i, const Valuation& v);
  Rows comparison(const Node& n, const Valuation& v);
  Rows text_match(const Node& n, const Valuation& v);
  Rows conjunction(const Formula& f, std::size_t i, const Valuation& v, const ScopePtr& scope);
  Rows exists(const Node& n, std::size_t i, const Valuation& v, const ScopePtr& scope);
  Rows temporal(const Node& n, std::size_t i, const Valuation& v, const ScopePtr& scope);
  Rows aggregate(const Node& n, std::size_t i, const Valuation& v, const ScopePtr& scope);
  Rows dynamic(const Node& n, std::size_t i, const Valuation& v, const ScopePtr& scope);

  using Place = std::pair<std::size_t, Valuation>;
  std::set<Place> walk(const Node& n, const Regex& r, const Place& from, const ScopePtr& scope);

  Value empty_result(const Node& n) const;

  const std::vector<Point>& trace_;
  const Question& q_;
  plan::TickScale scale_;
  std::uint64_t budget_;
  std::map<std::tuple<const Node*, std::size_t, Valuation, const Scope*>, Rows> memo_;
  std::vector<ScopePtr> kept_;  // scopes and formulas that memo_ names by address
  std::vector<Formula> kept_formulas_;
};

// NOT f with the negation one level further in, where that can give a formula that binds variables.
Formula Evaluator::pushed_in(const Node& n) {
  const Node& f = *n.sub[0];
  switch (f.op) {
    case Op::negation:
      return f.sub[0];
    case Op::implication:
      return f.sub[0] && !f.sub[1];
    case Op::disjunction:
      return !f.sub[0] && !f.sub[1];
    case Op::conjunction:
      return !f.sub[0] || !f.sub[1];
    case Op::equivalence:
      return (f.sub[0] && !f.sub[1]) || (!f.sub[0] && f.sub[1]);
    case Op::forall:
      return plan::exists(f.vars, !f.sub[0]);
    case Op::historically:
      return plan::once(f.interval, !f.sub[0]);
    case Op::always:
      return plan::eventually(f.interval, !f.sub[0]);
    default:
      stuck(n);
  }
}

bool unify(const Term& t, const Value& value, Valuation& v) {
  if (t.op == Term::Op::variable && !v.contains(t.name)) {
    v[t.name] = value;
    return true;
  }
  const auto have = value_of(t, v);
  return have && *have == value;
}

// Plain variables first, so that p(x + 1, x) finds x.
bool unify_all(const std::vector<Term>& terms, const Row& row, Valuation& v, const Node& n) {
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t k = 0; k < terms.size(); ++k) {
      const bool plain = terms[k].op == Term::Op::variable || terms[k].op == Term::Op::constant;
      if (plain != (pass == 0)) continue;
      if (!plain && !known(terms[k], v)) throw Stuck{"cannot be computed: " + plan::text(Formula(n))};
      if (!unify(terms[k], row[k], v)) return false;
    }
  }
  return true;
}

Rows Evaluator::rows(const Formula& f, std::size_t i, const Valuation& v, const ScopePtr& scope) {
  spend();
  const Valuation here = restrict_to(v, free_of(f));
  const auto key = std::tuple(&*f, i, here, scope.get());
  auto it = memo_.find(key);
  if (it == memo_.end()) {
    kept_.push_back(scope);
    kept_formulas_.push_back(f);
    it = memo_.emplace(key, compute(f, i, here, scope)).first;
  }
  Rows out;
  for (Valuation w : it->second) {
    w.insert(v.begin(), v.end());
    out.insert(std::move(w));
  }
  return out;
}

Rows Evaluator::compute(const Formula& f, std::size_t i, const Valuation& v, const ScopePtr& scope) {
  const Node& n = *f;
  switch (n.op) {
    case Op::truth:
      return {v};
    case Op::falsity:
      return {};
    case Op::predicate:
      return predicate(n, i, v, scope);
    case Op::equal:
    case Op::less:
    case Op::less_equal:
    case Op::substring:
      return comparison(n, v);
    case Op::matches:
      return text_match(n, v);
    case Op::negation:
      if (!covers(v, free_of(f))) return rows(pushed_in(n), i, v, scope);
      return holds(n.sub[0], i, v, scope) ? Rows{} : Rows{v};
    case Op::conjunction:
      return conjunction(f, i, v, scope);
    case Op::disjunction: {
      Rows out = rows(n.sub[0], i, v, scope);
      for (const Valuation& w : rows(n.sub[1], i, v, scope)) out.insert(w);
      const Names all = free_of(f);
      for (const Valuation& w : out)
        if (!covers(w, all)) stuck(n);
      return out;
    }
    case Op::implication:
      return rows(!n.sub[0] || n.sub[1], i, v, scope);
    case Op::equivalence:
      return rows((n.sub[0] && n.sub[1]) || (!n.sub[0] && !n.sub[1]), i, v, scope);
    case Op::forall:
      return rows(!plan::exists(n.vars, !n.sub[0]), i, v, scope);
    case Op::exists:
      return exists(n, i, v, scope);
    case Op::aggregate:
      return aggregate(n, i, v, scope);
    case Op::let:
    case Op::let_past: {
      auto inner = std::make_shared<Scope>(Scope{n.name, &n, scope, std::nullopt});
      kept_.push_back(inner);
      return rows(n.sub[1], i, v, inner);
    }
    case Op::match_past:
    case Op::match_future:
      return dynamic(n, i, v, scope);
    default:
      return temporal(n, i, v, scope);
  }
}

Rows Evaluator::predicate(const Node& n, std::size_t i, const Valuation& v, const ScopePtr& scope) {
  for (ScopePtr s = scope; s; s = s->outer) {
    if (s->name == n.name) return let_rows(n, s, i, v);
  }
  std::set<Row> facts;
  const auto known_facts = trace_[i].facts.find(n.name);
  const Value index = static_cast<std::int64_t>(i);
  const Value stamp = trace_[i].ts;
  if (known_facts != trace_[i].facts.end())
    facts = known_facts->second;
  else if (n.name == "tp")
    facts = {{index}};
  else if (n.name == "ts")
    facts = {{stamp}};
  else if (n.name == "tpts")
    facts = {{index, stamp}};
  Rows out;
  for (const Row& row : facts) {
    Valuation w = v;
    if (row.size() == n.terms.size() && unify_all(n.terms, row, w, n)) out.insert(std::move(w));
  }
  return out;
}

Rows Evaluator::let_rows(const Node& n, const ScopePtr& found, std::size_t i, const Valuation& v) {
  const Node& let = *found->let;
  if (found->below && i >= *found->below) return {};
  ScopePtr scope = found->outer;
  if (let.op == Op::let_past) {
    // The definition sees itself at earlier points only.
    auto self = std::make_shared<Scope>(Scope{let.name, &let, found->outer, i});
    kept_.push_back(self);
    scope = self;
  }
  Valuation args;
  for (std::size_t k = 0; k < n.terms.size(); ++k) {
    if (!known(n.terms[k], v)) continue;
    const auto value = value_of(n.terms[k], v);
    if (!value) return {};
    args[let.vars[k]] = *value;
  }
  Rows out;
  for (const Valuation& w : rows(let.sub[0], i, args, scope)) {
    Row row;
    for (const std::string& p : let.vars) row.push_back(w.at(p));
    Valuation u = v;
    if (unify_all(n.terms, row, u, n)) out.insert(std::move(u));
  }
  return out;
}

Rows Evaluator::comparison(const Node& n, const Valuation& v) {
  const Term& a = n.terms[0];
  const Term& b = n.terms[1];
  if (n.op == Op::equal) {
    for (const auto& [one, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
      if (one->op != Term::Op::variable || v.contains(one->name) || !known(*other, v)) continue;
      const auto value = value_of(*other, v);
      if (!value) return {};
      Valuation w = v;
      w[one->name] = *value;
      return {w};
    }
  }
  if (!known(a, v) || !known(b, v)) stuck(n);
  const auto x = value_of(a, v), y = value_of(b, v);
  if (!x || !y) return {};
  bool yes = false;
  switch (n.op) {
    case Op::equal:
      yes = *x == *y;
      break;
    case Op::less:
      yes = *x < *y;
      break;
    case Op::less_equal:
      yes = *x <= *y;
      break;
    default:
      yes = std::get<std::string>(*y).find(std::get<std::string>(*x)) != std::string::npos;
  }
  return yes ? Rows{v} : Rows{};
}

// The peers' patterns in RE2's syntax: here \( \) \| group and the bare characters are literal.
std::string re2_syntax(const std::string& p) {
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const char c = p[i];
    if (in_class) {
      const bool first = out.back() == '[' || (out.back() == '^' && out[out.size() - 2] == '[');
      if (c == ']' && !first) in_class = false;
      if (c == '\\' || (c == '[') || (c == ']' && first)) out += '\\';
      out += c;
    } else if (c == '\\' && i + 1 < p.size()) {
      const char d = p[++i];
      if (d == '(' || d == ')' || d == '|')
        out += d;
      else if (d == 'b')
        out += "\\b";
      else
        out += RE2::QuoteMeta(std::string(1, d));
    } else if (c == '(' || c == ')' || c == '|' || c == '{' || c == '}') {
      out += '\\';
      out += c;
    } else {
      in_class = c == '[';
      out += c;
    }
  }
  return out;
}

Rows Evaluator::text_match(const Node& n, const Valuation& v) {
  if (!known(n.terms[0], v) || !known(n.terms[1], v)) stuck(n);
  const auto subject = value_of(n.terms[0], v), pattern = value_of(n.terms[1], v);
  if (!subject || !pattern) return {};
  const RE2 re(re2_syntax(std::get<std::string>(*pattern)), RE2::Latin1);
  if (!re.ok()) return {};
  std::vector<re2::StringPiece> groups(static_cast<std::size_t>(re.NumberOfCapturingGroups()) + 1);
  const std::string& s = std::get<std::string>(*subject);
  if (!re.Match(s, 0, s.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size()))) return {};
  Valuation w = v;
  for (std::size_t k = 2; k < n.terms.size(); ++k) {
    if (n.terms[k].op == Term::Op::wildcard) continue;
    const std::size_t g = k - 1;
    if (g >= groups.size() || groups[g].data() == nullptr) return {};
    if (n.terms[k].op != Term::Op::variable && !known(n.terms[k], w)) stuck(n);
    if (!unify(n.terms[k], Value(std::string(groups[g])), w)) return {};
  }
  return {w};
}

void flatten(const Formula& f, std::vector<Formula>& out) {
  if (f->op != Op::conjunction) return out.push_back(f);
  flatten(f->sub[0], out);
  flatten(f->sub[1], out);
}

Rows Evaluator::conjunction(const Formula& f, std::size_t i, const Valuation& v, const ScopePtr& scope) {
  std::vector<Formula> parts;
  flatten(f, parts);
  Rows done{v};
  Names bound;
  for (const auto& [name, value] : v) bound.insert(name);
  std::string why;
  while (!parts.empty()) {
    bool moved = false;
    for (auto it = parts.begin(); it != parts.end() && !moved; ++it) {
      try {
        Rows next;
        for (const Valuation& w : done)
          for (const Valuation& u : rows(*it, i, w, scope)) next.insert(u);
        const Names now = free_of(*it);
        // With no rows nothing was tried; whether the order works is not known but does not matter.
        done = std::move(next);
        parts.erase(it);
        if (done.empty()) return {};
        moved = true;
      } catch (const Stuck& s) {
        if (s.why == "the budget is spent") throw;
        why = s.why;
      }
    }
    if (!moved) throw Stuck{why};
  }
  return done;
}

Rows Evaluator::exists(const Node& n, std::size_t i, const Valuation& v, const ScopePtr& scope) {
  Valuation inner = v;
  for (const std::string& x : n.vars) inner.erase(x);
  Rows out;
  for (Valuation w : rows(n.sub[0], i, inner, scope)) {
    for (const std::string& x : n.vars) w.erase(x);
    w.insert(v.begin(), v.end());
    out.insert(std::move(w));
  }
  return out;
}

Rows Evaluator::temporal(const Node& n, std::size_t i, const Valuation& v, const ScopePtr& scope) {
  const std::size_t size = trace_.size();
  const Formula& right = n.sub.back();
  Rows out;
  const auto add = [&](const Rows& r) { out.insert(r.begin(), r.end()); };
  switch (n.op) {
    case Op::previous:
      if (i > 0 && inside(n.interval, i - 1, i)) add(rows(right, i - 1, v, scope));
      return out;
    case Op::next:
      if (i + 1 < size && inside(n.interval, i, i + 1)) add(rows(right, i + 1, v, scope));
      return out;
    case Op::once:
      for (std::size_t j = 0; j <= i; ++j)
        if (inside(n.interval, j, i)) add(rows(right, j, v, scope));
      return out;
    case Op::eventually:
      for (std::size_t j = i; j < size; ++j)
        if (inside(n.interval, i, j)) add(rows(right, j, v, scope));
      return out;
    case Op::historically:
      return rows(!plan::once(n.interval, !right), i, v, scope);
    case Op::always:
      return rows(!plan::eventually(n.interval, !right), i, v, scope);
    case Op::since:
      for (std::size_t j = 0; j <= i; ++j) {
        if (!inside(n.interval, j, i)) continue;
        for (const Valuation& w : rows(right, j, v, scope)) {
          if (!covers(w, free_of(n.sub[0]))) stuck(n);
          bool all = true;
          for (std::size_t k = j + 1; k <= i && all; ++k) all = holds(n.sub[0], k, w, scope);
          if (all) out.insert(w);
        }
      }
      return out;
    case Op::until:
      for (std::size_t j = i; j < size; ++j) {
        if (!inside(n.interval, i, j)) continue;
        for (const Valuation& w : rows(right, j, v, scope)) {
          if (!covers(w, free_of(n.sub[0]))) stuck(n);
          bool all = true;
          for (std::size_t k = i; k < j && all; ++k) all = holds(n.sub[0], k, w, scope);
          if (all) out.insert(w);
        }
      }
      return out;
    default:
      stuck(n);
  }
}

double as_real(const Value& v) {
  return std::holds_alternative<double>(v) ? std::get<double>(v) : static_cast<double>(std::get<std::int64_t>(v));
}

// The sum of a multiset, exactly and then rounded once, so that no order of adding can matter.
std::optional<Value> exact_sum(const std::vector<Value>& values) {
  if (std::holds_alternative<std::int64_t>(values[0])) {
    __int128 sum = 0;
    for (const Value& v : values) sum += std::get<std::int64_t>(v);
    if (sum > INT64_MAX || sum < INT64_MIN) return std::nullopt;
    return Value(static_cast<std::int64_t>(sum));
  }
  // Shewchuk's growing expansion (1997): partials that do not overlap, whose sum is exact.
  std::vector<double> partials;
  double special = 0;
  for (const Value& v : values) {
    double x = std::get<double>(v);
    if (!std::isfinite(x)) {
      special += x;
      continue;
    }
    std::vector<double> next;
    for (double y : partials) {
      if (std::fabs(x) < std::fabs(y)) std::swap(x, y);
      const double high = x + y, low = y - (high - x);
      if (low != 0) next.push_back(low);
      x = high;
    }
    next.push_back(x);
    partials = std::move(next);
  }
  if (special != 0 || std::isnan(special)) return std::nullopt;
  double sum = 0;
  for (std::size_t k = partials.size(); k-- > 0;) {
    const double before = sum;
    sum += partials[k];
    const double error = partials[k] - (sum - before);
    if (error == 0) continue;
    // Half-way cases: look at the sign of what is left (as Python's fsum does).
    if (k > 0 && ((error < 0 && partials[k - 1] < 0) || (error > 0 && partials[k - 1] > 0))) {
      const double twice = error * 2, up = sum + twice;
      if (twice == up - sum) sum = up;
    }
    break;
  }
  if (!std::isfinite(sum)) return std::nullopt;
  return Value(sum == 0 ? 0.0 : sum);
}

std::optional<Value> aggregate_of(plan::Aggregate op, std::vector<Value> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  switch (op) {
    case plan::Aggregate::count:
      return Value(static_cast<std::int64_t>(n));
    case plan::Aggregate::minimum:
      return values.front();
    case plan::Aggregate::maximum:
      return values.back();
    case plan::Aggregate::sum:
      return exact_sum(values);
    case plan::Aggregate::median: {
      if (n % 2 == 1) return Value(as_real(values[n / 2]));
      const double m = (as_real(values[n / 2 - 1]) + as_real(values[n / 2])) / 2;
      return std::isnan(m) ? std::nullopt : std::optional<Value>(m == 0 ? 0.0 : m);
    }
    case plan::Aggregate::average:
      break;
  }
  if (std::holds_alternative<std::int64_t>(values[0])) {
    __int128 sum = 0;
    for (const Value& v : values) sum += std::get<std::int64_t>(v);
    return Value(static_cast<double>(sum) / static_cast<double>(n) + 0.0);
  }
  const auto sum = exact_sum(values);
  return sum ? std::optional<Value>(std::get<double>(*sum) / static_cast<double>(n)) : std::nullopt;
}

Value Evaluator::empty_result(const Node& n) const {
  using plan::Aggregate;
  if (n.aggregate == Aggregate::count) return std::int64_t{0};
  if (n.aggregate == Aggregate::average || n.aggregate == Aggregate::median) return 0.0;
  const auto type = q_.aggregated.find(&n);
  if (type == q_.aggregated.end()) throw Stuck{"the type of " + n.over + " was not told"};
  switch (type->second) {
    case plan::Type::integer:
      return std::int64_t{0};
    case plan::Type::real:
      break;
    default:
      return std::string();
  }
  if (n.aggregate == Aggregate::sum) return 0.0;
  return n.aggregate == Aggregate::minimum ? HUGE_VAL : -HUGE_VAL;
}

Rows Evaluator::aggregate(const Node& n, std::size_t i, const Valuation& v, const ScopePtr& scope) {
  const Names by(n.vars.begin(), n.vars.end());
  std::map<Valuation, std::vector<Value>> groups;
  // Only the groups are shared with the outside: other variables of the formula are its own.
  for (const Valuation& w : rows(n.sub[0], i, restrict_to(v, by), scope)) {
    if (!covers(w, free_of(n.sub[0]))) stuck(n);
    groups[restrict_to(w, by)].push_back(w.at(n.over));
  }
  Rows out;
  const auto give = [&](const Valuation& group, const Value& result) {
    Valuation w = v;
    w.insert(group.begin(), group.end());
    if (w.emplace(n.name, result).first->second == result) out.insert(std::move(w));
  };
  for (const auto& [group, values] : groups) {
    if (const auto r = aggregate_of(n.aggregate, values)) give(group, *r);
  }
  if (groups.empty() && n.vars.empty()) {
    give({}, empty_result(n));
  }
  return out;
}

// Regular expressions. Forwards, walk() goes from a point to later ones and reads left to right;
// backwards the other way round.
std::set<Evaluator::Place> Evaluator::walk(const Node& n, const Regex& r, const Place& from, const ScopePtr& scope) {
  spend();
  const bool future = n.op == Op::match_future;
  const auto& [i, v] = from;
  switch (r.op) {
    case Regex::Op::any:
      if (future ? i + 1 < trace_.size() : i > 0) return {{future ? i + 1 : i - 1, v}};
      return {};
    case Regex::Op::test: {
      std::set<Place> out;
      for (const Valuation& w : rows(n.sub[r.test], i, v, scope)) out.emplace(i, w);
      return out;
    }
    case Regex::Op::either: {
      std::set<Place> out;
      for (const Regex& p : r.parts) out.merge(walk(n, p, from, scope));
      return out;
    }
    case Regex::Op::concat: {
      std::set<Place> now{from};
      for (std::size_t k = 0; k < r.parts.size(); ++k) {
        const Regex& p = r.parts[future ? k : r.parts.size() - 1 - k];
        std::set<Place> next;
        for (const Place& place : now) next.merge(walk(n, p, place, scope));
        now = std::move(next);
      }
      return now;
    }
    case Regex::Op::star: {
      std::set<Place> seen{from}, edge{from};
      while (!edge.empty()) {
        std::set<Place> next;
        for (const Place& place : edge) {
          for (const Place& p : walk(n, r.parts[0], place, scope))
            if (seen.insert(p).second) next.insert(p);
        }
        edge = std::move(next);
      }
      return seen;
    }
  }
  return {};
}

Rows Evaluator::dynamic(const Node& n, std::size_t i, const Valuation& v, const ScopePtr& scope) {
  Rows out;
  for (const auto& [j, w] : walk(n, n.regex, {i, v}, scope)) {
    if (!inside(n.interval, std::min(i, j), std::max(i, j))) continue;
    if (!covers(w, free_of(Formula(n)))) stuck(n);
    out.insert(w);
  }
  return out;
}

// VeriMon's progress: with the first `size` points known, how many of f's are decided.
class Progress {
 public:
  Progress(const std::vector<Point>& trace, plan::TickScale scale) : trace_(trace), scale_(scale) {}

  std::size_t of(const Formula& f, std::map<std::string, std::size_t> lets) const {
    const Node& n = *f;
    const std::size_t size = trace_.size();
    if (n.op == Op::predicate) return lets.contains(n.name) ? lets.at(n.name) : size;
    if (n.op == Op::let || n.op == Op::let_past) {
      auto inner = lets;
      if (n.op == Op::let_past) inner[n.name] = size;  // it reads only its own past
      lets[n.name] = of(n.sub[0], inner);
      return of(n.sub[1], lets);
    }
    std::size_t least = size;
    for (const Formula& s : n.sub) least = std::min(least, of(s, lets));
    switch (n.op) {
      case Op::previous:
        return std::min(least + 1, size);
      case Op::next:
        return least == 0 ? 0 : least - 1;
      case Op::eventually:
      case Op::always:
      case Op::until:
      case Op::match_future:
        return window_closed(n.interval, least);
      default:
        return least;
    }
  }

 private:
  // The first point i that some point k <= least, k known, has not left behind.
  std::size_t window_closed(const Interval& interval, std::size_t least) const {
    std::size_t i = 0;
    const std::size_t last = std::min(least, trace_.size() - 1);
    while (!trace_.empty() && i < trace_.size() && plan::last_seen(interval, trace_[i].ts, scale_) < trace_[last].ts) ++i;
    return std::min(i, least);
  }

  const std::vector<Point>& trace_;
  plan::TickScale scale_;
};

}  // namespace

void sort_trace(std::vector<Point>& trace, bool join_equal) {
  std::stable_sort(trace.begin(), trace.end(), [](const Point& a, const Point& b) { return a.ts < b.ts; });
  if (!join_equal) return;
  std::vector<Point> joined;
  for (Point& p : trace) {
    if (joined.empty() || joined.back().ts != p.ts) {
      joined.push_back(std::move(p));
      continue;
    }
    for (auto& [name, rows] : p.facts) joined.back().facts[name].merge(rows);
  }
  trace = std::move(joined);
}

std::size_t decided(const plan::Formula& f, const std::vector<Point>& trace, plan::TickScale scale) {
  return Progress(trace, scale).of(f, {});
}

Result<Answer> evaluate(const Question& q, const std::vector<Point>& trace) {
  Answer out;
  out.columns = plan::free_variables(q.formula);
  const std::size_t points = q.end == End::closed ? trace.size() : decided(q.formula, trace, q.scale);
  Evaluator evaluator(q, trace);
  try {
    for (std::size_t i = 0; i < points; ++i) {
      std::set<Row> rows;
      for (const Valuation& v : evaluator.rows(q.formula, i, {}, nullptr)) {
        Row row;
        for (const std::string& c : out.columns) row.push_back(v.at(c));
        rows.insert(std::move(row));
      }
      out.rows.push_back(std::move(rows));
    }
  } catch (const Stuck& s) {
    return err(fail("oracle.stuck", s.why));
  }
  return out;
}

}  // namespace surety::oracle
