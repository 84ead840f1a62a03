#include "logic/explain_check.h"

#include <algorithm>
#include <functional>

#include "logic/explain_shape.h"
#include "logic/normal_form.h"

namespace surety::logic {
namespace {

using plan::Formula;
using plan::Op;
using plan::Regex;

// Reads a regular expression forwards in time: from places, a point and how many tests have been passed, to
// all places where it may end. `test` says where a test leads, if anywhere.
struct Place {
  std::size_t point = 0, passed = 0;
  auto operator<=>(const Place&) const = default;
};
using Places = std::set<Place>;
using PassTest = std::function<std::optional<Place>(std::size_t test, Place)>;

Places read_expression(const Regex& r, Places at, std::size_t last, const PassTest& test) {
  Places out;
  switch (r.op) {
    case Regex::Op::any:
      for (const Place& p : at)
        if (p.point < last) out.insert({p.point + 1, p.passed});
      return out;
    case Regex::Op::test:
      for (const Place& p : at)
        if (const auto q = test(r.test, p)) out.insert(*q);
      return out;
    case Regex::Op::concat:
      for (const Regex& part : r.parts) at = read_expression(part, std::move(at), last, test);
      return at;
    case Regex::Op::either:
      for (const Regex& part : r.parts) out.merge(read_expression(part, at, last, test));
      return out;
    case Regex::Op::star:
      break;
  }
  while (!at.empty()) {
    Places fresh;
    for (const Place& p : read_expression(r.parts[0], at, last, test))
      if (!out.contains(p) && !at.contains(p)) fresh.insert(p);
    out.merge(at);
    at = std::move(fresh);
  }
  return out;
}

bool needs_no_event(Op op) { return op == Op::truth || op == Op::falsity || (op >= Op::equal && op <= Op::matches); }

class Checker {
 public:
  Checker(const History& h, const Formula& f, const Reading& r)
      : history_(h), scale_(r.scale), meaning_(h, r.scale, aggregated_types(f, r.signature)) {}

  // That p proves exactly this.
  Status claim(const Proof& p, const Formula& f, std::size_t i, const Valuation& all, const Scope& lets, bool holds) {
    if (!(p.formula == f)) return wrong(p, "is about another formula");
    if (p.point != i || i >= history_.size()) return wrong(p, "is about another time-point");
    if (p.holds != holds) return wrong(p, "says the opposite");
    if (p.values != restricted(all, f)) return wrong(p, "is about other values");
    if (p.values.size() != plan::free_variables(f).size()) return wrong(p, "leaves a variable open");
    // Branches may be one object: each is checked once.
    if (checked_.contains({&p, key_of(lets)})) return {};
    SURETY_TRY_STATUS(step(p, f, lets));
    checked_.insert({&p, key_of(lets)});
    return {};
  }

 private:
  static Status wrong(const Proof& p, const char* why) {
    return err(fail("logic.bad-proof", std::string("a step of the proof ") + why).found(plan::text_short(p.formula)));
  }
  static Status need(bool ok, const Proof& p, const char* why) { return ok ? Status{} : wrong(p, why); }

  Status child(const Proof& p, std::size_t k, const Formula& f, std::size_t i, const Valuation& v, const Scope& lets, bool holds) {
    if (k >= p.children.size() || p.children[k] == nullptr) return wrong(p, "lacks a part");
    return claim(*p.children[k], f, i, v, lets, holds);
  }

  Status step(const Proof& p, const Formula& f, const Scope& lets) {
    const auto& sub = f->sub;
    switch (p.rule) {
      case Rule::fact:
        return fact(p, f, lets);
      case Rule::clock:
        return clock(p, f, lets);
      case Rule::test:
        return need(needs_no_event(f->op) && test_holds(*f, p.values) == p.holds, p, "is not what the comparison gives");
      case Rule::negation:
        if (f->op != Op::negation) return wrong(p, "uses the wrong rule");
        return child(p, 0, sub[0], p.point, p.values, lets, !p.holds);
      case Rule::all:
        if (f->op != (p.holds ? Op::conjunction : Op::disjunction)) return wrong(p, "uses the wrong rule");
        SURETY_TRY_STATUS(child(p, 0, sub[0], p.point, p.values, lets, p.holds));
        return child(p, 1, sub[1], p.point, p.values, lets, p.holds);
      case Rule::one:
        return one(p, f, lets);
      case Rule::witness:
        return witness(p, f, lets);
      case Rule::at_point:
        return at_point(p, f, lets);
      case Rule::chain:
        return chain(p, f, lets);
      case Rule::run:
        return run(p, f, lets);
      case Rule::cut:
        return cut(p, f, lets);
      case Rule::at_least:
        return enough(p, f, lets);
      case Rule::aggregate:
        return aggregate(p, f, lets);
      case Rule::definition:
        return definition(p, f, lets);
      case Rule::none:
        return evaluated(p, f, lets, false);
      case Rule::computed: {
        const auto k = f->op == Op::predicate ? in_scope(lets, f->name) : std::nullopt;
        const bool can = k && lets[*k].let->op == Op::let_past;
        return can ? evaluated(p, f, lets, true) : wrong(p, "uses the wrong rule");
      }
    }
    return wrong(p, "has an unknown rule");
  }

  Status fact(const Proof& p, const Formula& f, const Scope& lets) {
    if (f->op != Op::predicate || !p.holds) return wrong(p, "uses the wrong rule");
    if (in_scope(lets, f->name)) return wrong(p, "takes a fact for a LET name");
    for (const KnownFact& k : history_[p.point].facts) {
      if (k.id != p.fact || k.predicate != f->name || k.args.size() != f->terms.size()) continue;
      bool same = true;
      for (std::size_t a = 0; a < k.args.size(); ++a) same = same && value_of(f->terms[a], p.values) == k.args[a];
      if (same) return {};
    }
    return wrong(p, "names a fact that is not there");
  }

  Status clock(const Proof& p, const Formula& f, const Scope& lets) {
    const auto says = f->op == Op::predicate ? clock_of(f->name, history_, p.point) : std::nullopt;
    if (!says || says->size() != f->terms.size() || in_scope(lets, f->name) || told_at(history_, p.point, f->name))
      return wrong(p, "uses the wrong rule");
    bool same = true;
    for (std::size_t a = 0; a < says->size(); ++a) same = same && value_of(f->terms[a], p.values) == (*says)[a];
    return need(same == p.holds, p, "is not what the clock says");
  }

  Status one(const Proof& p, const Formula& f, const Scope& lets) {
    if (p.children.size() != 1 || p.children[0] == nullptr) return wrong(p, "needs exactly one part");
    if (f->op == Op::let || f->op == Op::let_past) {
      Scope more = lets;
      more.push_back({f});
      return child(p, 0, f->sub[1], p.point, p.values, more, p.holds);
    }
    if (f->op != (p.holds ? Op::disjunction : Op::conjunction)) return wrong(p, "uses the wrong rule");
    const Formula& side = p.children[0]->formula == f->sub[0] ? f->sub[0] : f->sub[1];
    return child(p, 0, side, p.point, p.values, lets, p.holds);
  }

  Status witness(const Proof& p, const Formula& f, const Scope& lets) {
    if (f->op != Op::exists || !p.holds || p.children.size() != 1 || p.children[0] == nullptr) return wrong(p, "uses the wrong rule");
    Valuation v = p.values;
    for (const std::string& x : f->vars) {
      v.erase(x);
      if (const auto it = p.children[0]->values.find(x); it != p.children[0]->values.end()) v.insert(*it);
    }
    return child(p, 0, f->sub[0], p.point, v, lets, true);
  }

  bool in_window(const Formula& f, std::size_t i, std::size_t j) const {
    const bool future = f->op == Op::next || f->op == Op::eventually || f->op == Op::until;
    if (j >= history_.size() || (future ? j < i : j > i)) return false;
    if (f->op == Op::next && j != i + 1) return false;
    if (f->op == Op::previous && j + 1 != i) return false;
    return plan::contains(f->interval, history_[std::min(i, j)].ts, history_[std::max(i, j)].ts, scale_);
  }

  Status at_point(const Proof& p, const Formula& f, const Scope& lets) {
    const bool step = f->op == Op::previous || f->op == Op::next;
    if (!p.holds && step) {
      const std::size_t j = f->op == Op::next ? p.point + 1 : p.point - 1;  // before the first point: SIZE_MAX
      const bool there = in_window(f, p.point, j);
      if (p.children.size() != (there ? 1 : 0)) return wrong(p, "points outside its window");
      return there ? child(p, 0, f->sub[0], j, p.values, lets, false) : Status{};
    }
    const bool fits = step || f->op == Op::once || f->op == Op::eventually;
    if (!fits || !p.holds || p.children.size() != 1 || p.children[0] == nullptr) return wrong(p, "uses the wrong rule");
    const std::size_t j = p.children[0]->point;
    if (!in_window(f, p.point, j)) return wrong(p, "points outside its window");
    return child(p, 0, f->sub[0], j, p.values, lets, true);
  }

  // Each test that a child names, at the child's point, holds (or fails).
  Status tests(const Proof& p, const Formula& f, const Scope& lets, bool holds) {
    for (std::size_t k = 0; k < p.children.size(); ++k) {
      if (p.children[k] == nullptr) return wrong(p, "lacks a part");
      const auto test = std::find(f->sub.begin(), f->sub.end(), p.children[k]->formula);
      if (test == f->sub.end()) return wrong(p, "names a test that the expression has not");
      SURETY_TRY_STATUS(child(p, k, *test, p.children[k]->point, p.values, lets, holds));
    }
    return {};
  }

  Status run(const Proof& p, const Formula& f, const Scope& lets) {
    const bool future = f->op == Op::match_future;
    if ((!future && f->op != Op::match_past) || !p.holds) return wrong(p, "uses the wrong rule");
    if (p.from > p.to || p.to >= history_.size() || (future ? p.from : p.to) != p.point) return wrong(p, "runs between other points");
    if (!plan::contains(f->interval, history_[p.from].ts, history_[p.to].ts, scale_)) return wrong(p, "points outside its window");
    SURETY_TRY_STATUS(tests(p, f, lets, true));
    const PassTest pass = [&](std::size_t test, Place at) -> std::optional<Place> {
      if (at.passed == p.children.size()) return std::nullopt;
      const Proof& next = *p.children[at.passed];
      if (next.point != at.point || !(next.formula == f->sub[test])) return std::nullopt;
      return Place{at.point, at.passed + 1};
    };
    const Places ends = read_expression(f->regex, {{p.from, 0}}, p.to, pass);
    return need(ends.contains({p.to, p.children.size()}), p, "is no run through the expression");
  }

  Status cut(const Proof& p, const Formula& f, const Scope& lets) {
    const bool future = f->op == Op::match_future;
    if ((!future && f->op != Op::match_past) || p.holds) return wrong(p, "uses the wrong rule");
    SURETY_TRY_STATUS(tests(p, f, lets, false));
    // All other tests are taken to hold: still no run may get through.
    const PassTest pass = [&](std::size_t test, Place at) -> std::optional<Place> {
      for (const auto& c : p.children)
        if (c->point == at.point && c->formula == f->sub[test]) return std::nullopt;
      return at;
    };
    Places starts, ends;
    const Window w = window(history_, *f, p.point, scale_);
    for (std::size_t j = w.first; j < w.end; ++j) (future ? ends : starts).insert({j, 0});
    (future ? starts : ends).insert({p.point, 0});
    const std::size_t last = future ? std::max(w.end, p.point + 1) - 1 : p.point;
    for (const Place& e : read_expression(f->regex, std::move(starts), last, pass))
      if (ends.contains(e)) return wrong(p, "lets a run through");
    return {};
  }

  Status chain(const Proof& p, const Formula& f, const Scope& lets) {
    if ((f->op != Op::since && f->op != Op::until) || !p.holds || p.children.empty() || p.children[0] == nullptr)
      return wrong(p, "uses the wrong rule");
    const std::size_t j = p.children[0]->point;
    if (!in_window(f, p.point, j)) return wrong(p, "points outside its window");
    SURETY_TRY_STATUS(child(p, 0, f->sub[1], j, p.values, lets, true));
    const bool future = f->op == Op::until;
    const std::size_t first = future ? p.point : j + 1, end = future ? j : p.point + 1;
    if (p.children.size() != 1 + (end - first)) return wrong(p, "skips a time-point between");
    for (std::size_t k = first; k < end; ++k) SURETY_TRY_STATUS(child(p, 1 + (k - first), f->sub[0], k, p.values, lets, true));
    return {};
  }

  // Each child shows the counted formula under its own values; no two the same.
  Status distinct(const Proof& p, const Formula& count, const Scope& lets, std::set<Valuation>& seen) {
    for (std::size_t k = 0; k < p.children.size(); ++k) {
      if (p.children[k] == nullptr) return wrong(p, "lacks a part");
      const Valuation& v = p.children[k]->values;
      for (const std::string& g : count->vars) {
        const auto mine = p.values.find(g), its = v.find(g);
        if (mine == p.values.end() || its == v.end() || mine->second != its->second) return wrong(p, "mixes groups");
      }
      SURETY_TRY_STATUS(child(p, k, count->sub[0], p.point, v, lets, true));
      if (!seen.insert(v).second) return wrong(p, "counts a witness twice");
    }
    return {};
  }

  Status enough(const Proof& p, const Formula& f, const Scope& lets) {
    const auto shape = at_least(f);
    if (!shape || !p.holds || shape->needed <= 0) return wrong(p, "uses the wrong rule");
    std::set<Valuation> seen;
    SURETY_TRY_STATUS(distinct(p, shape->count, lets, seen));
    return need(static_cast<std::int64_t>(seen.size()) >= shape->needed, p, "has too few witnesses");
  }

  Status aggregate(const Proof& p, const Formula& f, const Scope& lets) {
    if (f->op != Op::aggregate || !p.holds) return wrong(p, "uses the wrong rule");
    std::set<Valuation> seen;
    SURETY_TRY_STATUS(distinct(p, f, lets, seen));
    Valuation group;
    for (const std::string& g : f->vars) group[g] = p.values.at(g);
    SURETY_TRY(const std::set<Valuation> all, meaning_.rows(f->sub[0], p.point, group, lets));
    if (all != seen) return wrong(p, "leaves out witnesses");
    return evaluated(p, f, lets, true);
  }

  Status definition(const Proof& p, const Formula& f, const Scope& lets) {
    const auto k = f->op == Op::predicate ? in_scope(lets, f->name) : std::nullopt;
    if (!k) return wrong(p, "names no definition");
    const plan::Node& let = *lets[*k].let;
    if (p.point >= lets[*k].below) return need(!p.holds && p.children.empty(), p, "uses a name before it is defined");
    if (let.vars.size() != f->terms.size()) return wrong(p, "uses the wrong rule");
    Valuation args;
    for (std::size_t a = 0; a < f->terms.size(); ++a) {
      const auto value = value_of(f->terms[a], p.values);
      if (!value) return wrong(p, "has an argument without a value");
      args[let.vars[a]] = *value;
    }
    return child(p, 0, let.sub[0], p.point, args, scope_of_definition(lets, *k, p.point), p.holds);
  }

  Status evaluated(const Proof& p, const Formula& f, const Scope& lets, bool holds) {
    if (p.holds != holds) return wrong(p, "uses the wrong rule");
    const auto [from, to] = reach(history_, f, p.point, scale_, lets);
    if (p.from > from || p.to < to) return wrong(p, "did not look at every point it rests on");
    if (p.scanned != facts_between(history_, p.from, p.to)) return wrong(p, "miscounts what it looked at");
    SURETY_TRY(const std::set<Valuation> rows, meaning_.rows(f, p.point, p.values, lets));
    return need(rows.empty() != holds, p, "is not what the facts give");
  }

  const History& history_;
  plan::TickScale scale_;
  Meaning meaning_;
  std::set<std::pair<const Proof*, ScopeKey>> checked_;
};

}  // namespace

Status check_proof(const History& history, const Formula& f, const Valuation& row, std::size_t point, const Proof& proof,
                   const Reading& reading) {
  const Formula simple = core(f);
  return Checker(history, simple, reading).claim(proof, simple, point, row, {}, true);
}

}  // namespace surety::logic
