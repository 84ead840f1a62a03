#include "logic/explain_check.h"

#include "logic/explain_shape.h"
#include "logic/front/monitorable.h"

namespace surety::logic {
namespace {

using plan::Formula;
using plan::Op;
using Lets = std::vector<Formula>;

bool needs_no_event(Op op) { return op == Op::truth || op == Op::falsity || (op >= Op::equal && op <= Op::matches); }

class Checker {
 public:
  Checker(const History& h, plan::TickScale scale) : history_(h), scale_(scale), meaning_(h, scale) {}

  // That p proves exactly this.
  Status claim(const Proof& p, const Formula& f, std::size_t i, const Valuation& all, const Lets& lets, bool holds) {
    if (!(p.formula == f)) return wrong(p, "is about another formula");
    if (p.point != i || i >= history_.size()) return wrong(p, "is about another time-point");
    if (p.holds != holds) return wrong(p, "says the opposite");
    if (p.values != restricted(all, f)) return wrong(p, "is about other values");
    if (p.values.size() != plan::free_variables(f).size()) return wrong(p, "leaves a variable open");
    return step(p, f, lets);
  }

 private:
  static Status wrong(const Proof& p, const char* why) {
    return err(fail("logic.bad-proof", std::string("a step of the proof ") + why).found(plan::text_short(p.formula)));
  }
  static Status need(bool ok, const Proof& p, const char* why) { return ok ? Status{} : wrong(p, why); }

  Status child(const Proof& p, std::size_t k, const Formula& f, std::size_t i, const Valuation& v, const Lets& lets, bool holds) {
    if (k >= p.children.size()) return wrong(p, "lacks a part");
    return claim(p.children[k], f, i, v, lets, holds);
  }

  Status step(const Proof& p, const Formula& f, const Lets& lets) {
    const auto& sub = f->sub;
    switch (p.rule) {
      case Rule::fact:
        return fact(p, f, lets);
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
      case Rule::at_least:
        return enough(p, f, lets);
      case Rule::aggregate:
        return aggregate(p, f, lets);
      case Rule::definition:
        return definition(p, f, lets);
      case Rule::none:
        return evaluated(p, f, lets, false);
      case Rule::computed: {
        const bool can = f->op == Op::match_past || f->op == Op::match_future || f->op == Op::predicate;
        return can ? evaluated(p, f, lets, true) : wrong(p, "uses the wrong rule");
      }
    }
    return wrong(p, "has an unknown rule");
  }

  Status fact(const Proof& p, const Formula& f, const Lets& lets) {
    if (f->op != Op::predicate || !p.holds) return wrong(p, "uses the wrong rule");
    for (const Formula& l : lets)
      if (l->name == f->name) return wrong(p, "takes a fact for a LET name");
    for (const KnownFact& k : history_[p.point].facts) {
      if (k.id != p.fact || k.predicate != f->name || k.args.size() != f->terms.size()) continue;
      bool same = true;
      for (std::size_t a = 0; a < k.args.size(); ++a) same = same && value_of(f->terms[a], p.values) == k.args[a];
      if (same) return {};
    }
    return wrong(p, "names a fact that is not there");
  }

  Status one(const Proof& p, const Formula& f, const Lets& lets) {
    if (p.children.size() != 1) return wrong(p, "needs exactly one part");
    if (f->op == Op::let || f->op == Op::let_past) {
      Lets more = lets;
      more.push_back(f);
      return child(p, 0, f->sub[1], p.point, p.values, more, p.holds);
    }
    if (f->op != (p.holds ? Op::disjunction : Op::conjunction)) return wrong(p, "uses the wrong rule");
    const Formula& side = p.children[0].formula == f->sub[0] ? f->sub[0] : f->sub[1];
    return child(p, 0, side, p.point, p.values, lets, p.holds);
  }

  Status witness(const Proof& p, const Formula& f, const Lets& lets) {
    if (f->op != Op::exists || !p.holds || p.children.size() != 1) return wrong(p, "uses the wrong rule");
    Valuation v = p.values;
    for (const std::string& x : f->vars) {
      v.erase(x);
      if (const auto it = p.children[0].values.find(x); it != p.children[0].values.end()) v.insert(*it);
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

  Status at_point(const Proof& p, const Formula& f, const Lets& lets) {
    const bool fits = f->op == Op::previous || f->op == Op::next || f->op == Op::once || f->op == Op::eventually;
    if (!fits || !p.holds || p.children.size() != 1) return wrong(p, "uses the wrong rule");
    const std::size_t j = p.children[0].point;
    if (!in_window(f, p.point, j)) return wrong(p, "points outside its window");
    return child(p, 0, f->sub[0], j, p.values, lets, true);
  }

  Status chain(const Proof& p, const Formula& f, const Lets& lets) {
    if ((f->op != Op::since && f->op != Op::until) || !p.holds || p.children.empty()) return wrong(p, "uses the wrong rule");
    const std::size_t j = p.children[0].point;
    if (!in_window(f, p.point, j)) return wrong(p, "points outside its window");
    SURETY_TRY_STATUS(child(p, 0, f->sub[1], j, p.values, lets, true));
    const bool future = f->op == Op::until;
    const std::size_t first = future ? p.point : j + 1, end = future ? j : p.point + 1;
    if (p.children.size() != 1 + (end - first)) return wrong(p, "skips a time-point between");
    for (std::size_t k = first; k < end; ++k) SURETY_TRY_STATUS(child(p, 1 + (k - first), f->sub[0], k, p.values, lets, true));
    return {};
  }

  // Each child shows the counted formula under its own values; no two the same.
  Status distinct(const Proof& p, const Formula& count, const Lets& lets, std::set<Valuation>& seen) {
    for (std::size_t k = 0; k < p.children.size(); ++k) {
      const Valuation& v = p.children[k].values;
      for (const std::string& g : count->vars) {
        const auto mine = p.values.find(g), its = v.find(g);
        if (mine == p.values.end() || its == v.end() || mine->second != its->second) return wrong(p, "mixes groups");
      }
      SURETY_TRY_STATUS(child(p, k, count->sub[0], p.point, v, lets, true));
      if (!seen.insert(v).second) return wrong(p, "counts a witness twice");
    }
    return {};
  }

  Status enough(const Proof& p, const Formula& f, const Lets& lets) {
    const auto shape = at_least(f);
    if (!shape || !p.holds || shape->needed <= 0) return wrong(p, "uses the wrong rule");
    std::set<Valuation> seen;
    SURETY_TRY_STATUS(distinct(p, shape->count, lets, seen));
    return need(static_cast<std::int64_t>(seen.size()) >= shape->needed, p, "has too few witnesses");
  }

  Status aggregate(const Proof& p, const Formula& f, const Lets& lets) {
    if (f->op != Op::aggregate || !p.holds) return wrong(p, "uses the wrong rule");
    std::set<Valuation> seen;
    SURETY_TRY_STATUS(distinct(p, f, lets, seen));
    Valuation group;
    for (const std::string& g : f->vars) group[g] = p.values.at(g);
    SURETY_TRY(const std::set<Valuation> all, meaning_.rows(f->sub[0], p.point, group, lets));
    if (all != seen) return wrong(p, "leaves out witnesses");
    return evaluated(p, f, lets, true);
  }

  Status definition(const Proof& p, const Formula& f, const Lets& lets) {
    if (f->op != Op::predicate || !p.holds) return wrong(p, "uses the wrong rule");
    for (std::size_t k = lets.size(); k-- > 0;) {
      const plan::Node& let = *lets[k];
      if (let.name != f->name) continue;
      if (let.op != Op::let || let.vars.size() != f->terms.size()) return wrong(p, "uses the wrong rule");
      Valuation args;
      for (std::size_t a = 0; a < f->terms.size(); ++a) {
        const auto value = value_of(f->terms[a], p.values);
        if (!value) return wrong(p, "has an argument without a value");
        args[let.vars[a]] = *value;
      }
      return child(p, 0, let.sub[0], p.point, args, Lets(lets.begin(), lets.begin() + static_cast<std::ptrdiff_t>(k)), true);
    }
    return wrong(p, "names no definition");
  }

  Status evaluated(const Proof& p, const Formula& f, const Lets& lets, bool holds) {
    if (p.holds != holds) return wrong(p, "uses the wrong rule");
    const auto [from, to] = lets.empty() ? reach(history_, f, p.point, scale_) : std::pair(std::size_t{0}, history_.size() - 1);
    if (p.from > from || p.to < to) return wrong(p, "did not look at every point it rests on");
    if (p.scanned != facts_between(history_, p.from, p.to)) return wrong(p, "miscounts what it looked at");
    SURETY_TRY(const std::set<Valuation> rows, meaning_.rows(f, p.point, p.values, lets));
    return need(rows.empty() != holds, p, "is not what the facts give");
  }

  const History& history_;
  plan::TickScale scale_;
  Meaning meaning_;
};

}  // namespace

Status check_proof(const History& history, const Formula& f, const Valuation& row, std::size_t point, const Proof& proof,
                   plan::TickScale scale) {
  return Checker(history, scale).claim(proof, core(f), point, row, {}, true);
}

}  // namespace surety::logic
