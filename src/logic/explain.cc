#include "logic/explain.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "logic/explain_check.h"
#include "logic/explain_runs.h"
#include "logic/explain_shape.h"
#include "logic/normal_form.h"

namespace surety::logic {
namespace {

using plan::Formula;
using plan::Op;
using ProofPtr = std::shared_ptr<const Proof>;

constexpr std::size_t kMostCuts = 8;            // failing tests shown for a regular expression
constexpr std::size_t kLastResort = 1'000'000;  // leaves that Rule::computed is taken for

struct Priced {
  ProofPtr proof;
  ProofCost cost;
  bool cut_short = false;  // something in it was stated as a whole because it was too long
};
struct Failed {
  Error why;
};

class Explainer {
 public:
  Explainer(const History& h, const Formula& f, const Reading& r)
      : history_(h), scale_(r.scale), meaning_(h, r.scale, aggregated_types(f, r.signature)) {}

  // The smallest proof that f holds (or fails) at i under v, which knows all of its variables.
  Priced prove(const Formula& f, std::size_t i, const Valuation& all, const Scope& lets, bool holds) {
    const Valuation v = restricted(all, f);
    const auto key = std::tuple(&*f, i, v, key_of(lets), holds);
    if (const auto it = memo_.find(key); it != memo_.end()) return it->second;
    Priced p = holds ? holding(f, i, v, lets) : failing(f, i, v, lets);
    kept_.push_back(f);
    return memo_.emplace(key, std::move(p)).first->second;
  }

  bool holds(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) { return !rows(f, i, v, lets).empty(); }

 private:
  std::set<Valuation> rows(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    auto r = meaning_.rows(f, i, v, lets);
    if (!r) throw Failed{std::move(r.error())};
    return std::move(*r);
  }

  struct Draft {
    Proof proof;
    std::vector<Priced> children;
  };
  static Draft draft(Rule rule, bool holds, const Formula& f, std::size_t i, const Valuation& v, std::vector<Priced> children = {}) {
    Draft d;
    d.proof.rule = rule;
    d.proof.holds = holds;
    d.proof.formula = f;
    d.proof.point = i;
    d.proof.values = v;
    d.children = std::move(children);
    return d;
  }
  static Priced finish(Draft d) {
    Priced out{nullptr, {d.proof.rule == Rule::fact ? 1u : 0u, 1}};
    for (Priced& c : d.children) {
      out.cost = out.cost + c.cost;
      out.cut_short = out.cut_short || c.cut_short;
      d.proof.children.push_back(std::move(c.proof));
    }
    out.proof = std::make_shared<const Proof>(std::move(d.proof));
    return out;
  }
  static Priced node(Rule rule, bool holds, const Formula& f, std::size_t i, const Valuation& v, std::vector<Priced> children = {}) {
    return finish(draft(rule, holds, f, i, v, std::move(children)));
  }
  Priced over_range(Rule rule, bool holds, const Formula& f, std::size_t i, const Valuation& v, const Scope& lets,
                    std::vector<Priced> children = {}) {
    Draft d = draft(rule, holds, f, i, v, std::move(children));
    std::tie(d.proof.from, d.proof.to) = reach(history_, f, i, scale_, lets);
    d.proof.scanned = facts_between(history_, d.proof.from, d.proof.to);
    return finish(std::move(d));
  }
  static void keep_smaller(std::optional<Priced>& best, Priced p) {
    if (!best || p.cost < best->cost) best = std::move(p);
  }
  // A failure taken apart, or stated as a whole when that is too long. What rests on one that was too
  // long is so as well: not a few steps of a long way and then a statement about the rest.
  Priced unless_too_long(Priced apart, const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    if (!apart.cut_short && apart.cost.nodes <= kMostFailing) return apart;
    Priced whole = over_range(Rule::none, false, f, i, v, lets);
    whole.cut_short = true;
    return whole;
  }

  Priced holding(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    const plan::Node& n = *f;
    switch (n.op) {
      case Op::truth:
      case Op::falsity:
      case Op::equal:
      case Op::less:
      case Op::less_equal:
      case Op::substring:
      case Op::matches:
        return node(Rule::test, true, f, i, v);
      case Op::predicate:
        return predicate(f, i, v, lets, true);
      case Op::negation:
        return node(Rule::negation, true, f, i, v, {prove(n.sub[0], i, v, lets, false)});
      case Op::conjunction:
        return node(Rule::all, true, f, i, v, {prove(n.sub[0], i, v, lets, true), prove(n.sub[1], i, v, lets, true)});
      case Op::disjunction:
        return one_of(f, i, v, lets, true);
      case Op::exists:
        return witness(f, i, v, lets);
      case Op::aggregate:
        return aggregate(f, i, v, lets);
      case Op::let:
      case Op::let_past:
        return node(Rule::one, true, f, i, v, {prove(n.sub[1], i, v, inside(f, lets), true)});
      case Op::match_past:
      case Op::match_future:
        return run(f, i, v, lets);
      case Op::since:
      case Op::until:
        return chain(f, i, v, lets);
      default:
        return at_point(f, i, v, lets);
    }
  }

  static Scope inside(const Formula& let, Scope lets) {
    lets.push_back({let});
    return lets;
  }

  Priced one_of(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets, bool truth) {
    std::optional<Priced> best;
    for (const Formula& s : f->sub)
      if (holds(s, i, v, lets) == truth) keep_smaller(best, prove(s, i, v, lets, truth));
    SURETY_CHECK(best.has_value());
    return node(Rule::one, truth, f, i, v, {std::move(*best)});
  }

  Priced predicate(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets, bool holds) {
    if (const auto k = in_scope(lets, f->name)) return definition(f, i, v, lets, *k, holds);
    if (clock_of(f->name, history_, i) && !told_at(history_, i, f->name)) return node(Rule::clock, holds, f, i, v);
    if (!holds) return over_range(Rule::none, false, f, i, v, lets);
    const KnownFact* found = nullptr;
    for (const KnownFact& fact : history_[i].facts) {
      if (fact.predicate != f->name || fact.args.size() != f->terms.size()) continue;
      bool same = true;
      for (std::size_t a = 0; a < fact.args.size() && same; ++a) same = value_of(f->terms[a], v) == fact.args[a];
      if (same && (found == nullptr || fact.id < found->id)) found = &fact;
    }
    SURETY_CHECK(found != nullptr);
    Draft d = draft(Rule::fact, true, f, i, v);
    d.proof.fact = found->id;
    return finish(std::move(d));
  }

  Priced definition(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets, std::size_t k, bool holds) {
    const plan::Node& let = *lets[k].let;
    if (i >= lets[k].below) return node(Rule::definition, false, f, i, v);
    Valuation args;
    for (std::size_t a = 0; a < f->terms.size(); ++a) {
      const auto value = value_of(f->terms[a], v);
      if (!value) return over_range(Rule::none, false, f, i, v, lets);
      args[let.vars[a]] = *value;
    }
    const bool recursive = let.op == Op::let_past;
    if (recursive && unfolded_ == kMostUnfoldings) {
      Priced whole = over_range(holds ? Rule::computed : Rule::none, holds, f, i, v, lets);
      whole.cost.leaves += kLastResort;
      whole.cut_short = true;
      return whole;
    }
    unfolded_ += recursive;
    Priced p = node(Rule::definition, holds, f, i, v, {prove(let.sub[0], i, args, scope_of_definition(lets, k, i), holds)});
    unfolded_ -= recursive;
    return holds ? p : unless_too_long(std::move(p), f, i, v, lets);
  }

  Priced witness(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    if (const auto shape = at_least(f); shape && shape->needed > 0) return enough(f, *shape, i, v, lets);
    std::optional<Priced> best;
    Valuation outer = v;
    for (const std::string& x : f->vars) outer.erase(x);
    std::size_t tried = 0;
    for (const Valuation& w : rows(f->sub[0], i, outer, lets)) {
      if (++tried > kMostWitnesses) break;
      keep_smaller(best, prove(f->sub[0], i, w, lets, true));
    }
    return node(Rule::witness, true, f, i, v, {std::move(*best)});
  }

  // The k cheapest of all witnesses of the count.
  Priced enough(const Formula& f, const AtLeast& shape, std::size_t i, const Valuation& v, const Scope& lets) {
    std::vector<Priced> all;
    for (const Valuation& w : rows(shape.count->sub[0], i, groups(shape.count, v), lets)) {
      all.push_back(prove(shape.count->sub[0], i, w, lets, true));
    }
    std::stable_sort(all.begin(), all.end(), [](const Priced& a, const Priced& b) { return a.cost < b.cost; });
    all.resize(std::min(all.size(), static_cast<std::size_t>(shape.needed)));
    return node(Rule::at_least, true, f, i, v, std::move(all));
  }

  static Valuation groups(const Formula& count, const Valuation& v) {
    Valuation out;
    for (const std::string& g : count->vars)
      if (const auto it = v.find(g); it != v.end()) out.insert(*it);
    return out;
  }

  Priced aggregate(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    std::vector<Priced> children;
    for (const Valuation& w : rows(f->sub[0], i, groups(f, v), lets)) children.push_back(prove(f->sub[0], i, w, lets, true));
    return over_range(Rule::aggregate, true, f, i, v, lets, std::move(children));
  }

  Priced at_point(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    std::optional<Priced> best;
    const Window w = window(history_, *f, i, scale_);
    for (std::size_t j = w.first; j < w.end; ++j)
      if (holds(f->sub[0], j, v, lets)) keep_smaller(best, prove(f->sub[0], j, v, lets, true));
    return node(Rule::at_point, true, f, i, v, {std::move(*best)});
  }

  Priced chain(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    const bool future = f->op == Op::until;
    std::optional<Priced> best;
    const Window w = window(history_, *f, i, scale_);
    for (std::size_t j = w.first; j < w.end; ++j) {
      if (!holds(f->sub[1], j, v, lets)) continue;
      std::vector<Priced> steps{prove(f->sub[1], j, v, lets, true)};
      bool all = true;
      for (std::size_t k = future ? i : j + 1; k < (future ? j : i + 1) && all; ++k) {
        all = holds(f->sub[0], k, v, lets);
        if (all) steps.push_back(prove(f->sub[0], k, v, lets, true));
      }
      if (all) keep_smaller(best, node(Rule::chain, true, f, i, v, std::move(steps)));
    }
    return std::move(*best);
  }

  Priced failing(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    const plan::Node& n = *f;
    switch (n.op) {
      case Op::truth:
      case Op::falsity:
      case Op::equal:
      case Op::less:
      case Op::less_equal:
      case Op::substring:
      case Op::matches:
        return node(Rule::test, false, f, i, v);
      case Op::predicate:
        return predicate(f, i, v, lets, false);
      case Op::negation:
        return node(Rule::negation, false, f, i, v, {prove(n.sub[0], i, v, lets, true)});
      case Op::conjunction:
        return one_of(f, i, v, lets, false);
      case Op::disjunction:
        return node(Rule::all, false, f, i, v, {prove(n.sub[0], i, v, lets, false), prove(n.sub[1], i, v, lets, false)});
      case Op::let:
      case Op::let_past:
        return node(Rule::one, false, f, i, v, {prove(n.sub[1], i, v, inside(f, lets), false)});
      case Op::previous:
      case Op::next:
        return no_step(f, i, v, lets);
      case Op::match_past:
      case Op::match_future:
        return cut(f, i, v, lets);
      default:
        return over_range(Rule::none, false, f, i, v, lets);
    }
  }

  Priced no_step(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    const Window w = window(history_, *f, i, scale_);
    if (w.first == w.end) return node(Rule::at_point, false, f, i, v);
    return unless_too_long(node(Rule::at_point, false, f, i, v, {prove(f->sub[0], w.first, v, lets, false)}), f, i, v, lets);
  }

  // The runs of a regular expression. Tests that are the same formula are one.
  struct Expression {
    plan::Regex regex;
    std::vector<std::size_t> starts, ends;
  };
  Expression expression(const Formula& f, std::size_t i) const {
    Expression e{f->regex, {}, {}};
    const auto rename = [&](const auto& self, plan::Regex& r) -> void {
      if (r.op == plan::Regex::Op::test)
        for (std::size_t k = r.test; k-- > 0;)
          if (f->sub[k] == f->sub[r.test]) r.test = k;
      for (plan::Regex& p : r.parts) self(self, p);
    };
    rename(rename, e.regex);
    const bool future = f->op == Op::match_future;
    (future ? e.starts : e.ends).push_back(i);
    const Window w = window(history_, *f, i, scale_);
    for (std::size_t j = w.first; j < w.end; ++j) (future ? e.ends : e.starts).push_back(j);
    return e;
  }
  Runs runs(const Expression& e, const Formula& f, const Valuation& v, const Scope& lets, bool truth) {
    return {e.regex, e.starts, e.ends,
            [&, known = std::map<TestAt, bool>()](TestAt t) mutable {
              const auto [it, fresh] = known.emplace(t, false);
              if (fresh) it->second = holds(f->sub[t.test], t.point, v, lets);
              return it->second;
            },
            [&, truth](TestAt t) { return prove(f->sub[t.test], t.point, v, lets, truth).cost; }};
  }

  Priced run(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    const Expression e = expression(f, i);
    const auto best = cheapest_run(runs(e, f, v, lets, true));
    SURETY_CHECK(best.has_value());
    std::vector<Priced> steps;
    for (const TestAt t : best->tests) steps.push_back(prove(f->sub[t.test], t.point, v, lets, true));
    Draft d = draft(Rule::run, true, f, i, v, std::move(steps));
    d.proof.from = best->from;
    d.proof.to = best->to;
    return finish(std::move(d));
  }

  Priced cut(const Formula& f, std::size_t i, const Valuation& v, const Scope& lets) {
    const Expression e = expression(f, i);
    const auto best = cheapest_cut(runs(e, f, v, lets, false), kMostCuts);
    if (!best) return over_range(Rule::none, false, f, i, v, lets);
    std::vector<Priced> tests;
    for (const TestAt t : *best) tests.push_back(prove(f->sub[t.test], t.point, v, lets, false));
    return unless_too_long(node(Rule::cut, false, f, i, v, std::move(tests)), f, i, v, lets);
  }

  static constexpr std::size_t kMostWitnesses = 256;  // beyond, the smallest of the first ones is taken

  const History& history_;
  plan::TickScale scale_;
  Meaning meaning_;
  std::map<std::tuple<const plan::Node*, std::size_t, Valuation, ScopeKey, bool>, Priced> memo_;
  std::vector<Formula> kept_;  // memo_ names them by address
  int unfolded_ = 0;
};

}  // namespace

Result<Proof> explain(const History& history, const Formula& f, const Valuation& row, std::size_t point, const Reading& reading) {
  if (point >= history.size()) {
    return err(fail("logic.no-such-verdict", "the history has no such time-point")
                   .found(std::to_string(point))
                   .expected("less than " + std::to_string(history.size())));
  }
  const Formula simple = core(f);
  for (const std::string& v : plan::free_variables(simple)) {
    if (!row.contains(v)) return err(fail("logic.no-such-verdict", "the verdict gives no value to a variable").field(v));
  }
  try {
    Explainer e(history, simple, reading);
    if (!e.holds(simple, point, row, {})) {
      return err(fail("logic.no-such-verdict", "the formula does not hold there").field(values_text(row)).found(plan::text_short(f)));
    }
    return *e.prove(simple, point, row, {}, true).proof;
  } catch (Failed& failed) {
    return err(std::move(failed.why));
  }
}

}  // namespace surety::logic
