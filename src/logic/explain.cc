#include "logic/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "base/json_out.h"
#include "logic/explain_check.h"
#include "logic/explain_shape.h"
#include "logic/front/monitorable.h"

namespace surety::logic {
namespace {

using plan::Formula;
using plan::Op;
using Lets = std::vector<Formula>;

struct Cost {
  std::size_t leaves = 0, nodes = 1;
  auto operator<=>(const Cost&) const = default;
};
struct Priced {
  Proof proof;
  Cost cost;
};
struct Failed {
  Error why;
};

class Explainer {
 public:
  Explainer(const History& h, plan::TickScale scale) : history_(h), scale_(scale), meaning_(h, scale) {}

  // The smallest proof that f holds (or fails) at i under v, which knows all of its variables.
  Priced prove(const Formula& f, std::size_t i, const Valuation& all, const Lets& lets, bool holds) {
    const Valuation v = restricted(all, f);
    const auto key = std::tuple(&*f, i, v, lets.size(), holds);
    if (const auto it = memo_.find(key); it != memo_.end()) return it->second;
    Priced p = holds ? holding(f, i, v, lets) : failing(f, i, v, lets);
    kept_.push_back(f);
    return memo_.emplace(key, std::move(p)).first->second;
  }

  bool holds(const Formula& f, std::size_t i, const Valuation& v, const Lets& lets) { return !rows(f, i, v, lets).empty(); }

 private:
  std::set<Valuation> rows(const Formula& f, std::size_t i, const Valuation& v, const Lets& lets) {
    auto r = meaning_.rows(f, i, v, lets);
    if (!r) throw Failed{std::move(r.error())};
    return std::move(*r);
  }

  static Priced node(Rule rule, bool holds, const Formula& f, std::size_t i, const Valuation& v, std::vector<Priced> children = {}) {
    Priced out;
    out.proof.rule = rule;
    out.proof.holds = holds;
    out.proof.formula = f;
    out.proof.point = i;
    out.proof.values = v;
    if (rule == Rule::fact) out.cost.leaves = 1;
    for (Priced& c : children) {
      out.cost.leaves += c.cost.leaves;
      out.cost.nodes += c.cost.nodes;
      out.proof.children.push_back(std::move(c.proof));
    }
    return out;
  }
  Priced over_range(Rule rule, bool holds, const Formula& f, std::size_t i, const Valuation& v, const Lets& lets,
                    std::vector<Priced> children = {}) {
    Priced out = node(rule, holds, f, i, v, std::move(children));
    std::tie(out.proof.from, out.proof.to) = lets.empty() ? reach(history_, f, i, scale_) : std::pair(std::size_t{0}, history_.size() - 1);
    out.proof.scanned = facts_between(history_, out.proof.from, out.proof.to);
    return out;
  }
  static void keep_smaller(std::optional<Priced>& best, Priced p) {
    if (!best || p.cost < best->cost) best = std::move(p);
  }

  Priced holding(const Formula& f, std::size_t i, const Valuation& v, const Lets& lets) {
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
        return predicate(f, i, v, lets);
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
        return over_range(Rule::computed, true, f, i, v, lets);
      case Op::since:
      case Op::until:
        return chain(f, i, v, lets);
      default:
        return at_point(f, i, v, lets);
    }
  }

  static Lets inside(const Formula& let, Lets lets) {
    lets.push_back(let);
    return lets;
  }

  Priced one_of(const Formula& f, std::size_t i, const Valuation& v, const Lets& lets, bool truth) {
    std::optional<Priced> best;
    for (const Formula& s : f->sub)
      if (holds(s, i, v, lets) == truth) keep_smaller(best, prove(s, i, v, lets, truth));
    SURETY_CHECK(best.has_value());
    return node(Rule::one, truth, f, i, v, {std::move(*best)});
  }

  Priced predicate(const Formula& f, std::size_t i, const Valuation& v, const Lets& lets) {
    for (std::size_t k = lets.size(); k-- > 0;) {
      if (lets[k]->name != f->name) continue;
      if (lets[k]->op == Op::let_past) return over_range(Rule::computed, true, f, i, v, lets);
      Valuation args;
      for (std::size_t a = 0; a < f->terms.size(); ++a) args[lets[k]->vars[a]] = *value_of(f->terms[a], v);
      const Lets outer(lets.begin(), lets.begin() + static_cast<std::ptrdiff_t>(k));
      return node(Rule::definition, true, f, i, v, {prove(lets[k]->sub[0], i, args, outer, true)});
    }
    const KnownFact* found = nullptr;
    for (const KnownFact& fact : history_[i].facts) {
      if (fact.predicate != f->name || fact.args.size() != f->terms.size()) continue;
      bool same = true;
      for (std::size_t a = 0; a < fact.args.size() && same; ++a) same = value_of(f->terms[a], v) == fact.args[a];
      if (same && (found == nullptr || fact.id < found->id)) found = &fact;
    }
    if (found == nullptr) return over_range(Rule::computed, true, f, i, v, lets);
    Priced p = node(Rule::fact, true, f, i, v);
    p.proof.fact = found->id;
    return p;
  }

  Priced witness(const Formula& f, std::size_t i, const Valuation& v, const Lets& lets) {
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
  Priced enough(const Formula& f, const AtLeast& shape, std::size_t i, const Valuation& v, const Lets& lets) {
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

  Priced aggregate(const Formula& f, std::size_t i, const Valuation& v, const Lets& lets) {
    std::vector<Priced> children;
    for (const Valuation& w : rows(f->sub[0], i, groups(f, v), lets)) children.push_back(prove(f->sub[0], i, w, lets, true));
    return over_range(Rule::aggregate, true, f, i, v, lets, std::move(children));
  }

  bool near(const Formula& f, std::size_t i, std::size_t j) const {
    if (f->op == Op::previous && j + 1 != i) return false;
    if (f->op == Op::next && j != i + 1) return false;
    return plan::contains(f->interval, history_[std::min(i, j)].ts, history_[std::max(i, j)].ts, scale_);
  }

  Priced at_point(const Formula& f, std::size_t i, const Valuation& v, const Lets& lets) {
    const bool future = f->op == Op::next || f->op == Op::eventually;
    std::optional<Priced> best;
    for (std::size_t j = future ? i : 0; j < (future ? history_.size() : i + 1); ++j) {
      if (near(f, i, j) && holds(f->sub[0], j, v, lets)) keep_smaller(best, prove(f->sub[0], j, v, lets, true));
    }
    return node(Rule::at_point, true, f, i, v, {std::move(*best)});
  }

  Priced chain(const Formula& f, std::size_t i, const Valuation& v, const Lets& lets) {
    const bool future = f->op == Op::until;
    std::optional<Priced> best;
    for (std::size_t j = future ? i : 0; j < (future ? history_.size() : i + 1); ++j) {
      if (!near(f, i, j) || !holds(f->sub[1], j, v, lets)) continue;
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

  Priced failing(const Formula& f, std::size_t i, const Valuation& v, const Lets& lets) {
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
      case Op::negation:
        return node(Rule::negation, false, f, i, v, {prove(n.sub[0], i, v, lets, true)});
      case Op::conjunction:
        return one_of(f, i, v, lets, false);
      case Op::disjunction:
        return node(Rule::all, false, f, i, v, {prove(n.sub[0], i, v, lets, false), prove(n.sub[1], i, v, lets, false)});
      case Op::let:
      case Op::let_past:
        return node(Rule::one, false, f, i, v, {prove(n.sub[1], i, v, inside(f, lets), false)});
      default:
        return over_range(Rule::none, false, f, i, v, lets);
    }
  }

  static constexpr std::size_t kMostWitnesses = 256;  // beyond, the smallest of the first ones is taken

  const History& history_;
  plan::TickScale scale_;
  Meaning meaning_;
  std::map<std::tuple<const plan::Node*, std::size_t, Valuation, std::size_t, bool>, Priced> memo_;
  std::vector<Formula> kept_;  // memo_ names them by address
};

const char* name_of(Rule r) {
  static constexpr const char* kNames[] = {"fact",  "test",     "negation",  "all",        "one",  "witness", "at-point",
                                           "chain", "at-least", "aggregate", "definition", "none", "computed"};
  return kNames[static_cast<int>(r)];
}

void collect(const Proof& p, std::set<FactId>& out) {
  if (p.rule == Rule::fact) out.insert(p.fact);
  for (const Proof& c : p.children) collect(c, out);
}

std::string values_text(const Valuation& v) {
  std::string s;
  for (const auto& [name, value] : v) s += (s.empty() ? "" : ", ") + name + " = " + plan::to_text(value);
  return s;
}

void print(const Proof& p, int indent, std::string& out) {
  out += std::string(static_cast<std::size_t>(indent) * 2, ' ');
  out += fmt::format("{} at point {}: {}", p.holds ? "holds" : "fails", p.point, plan::text_short(p.formula, 70));
  if (!p.values.empty()) out += " with " + values_text(p.values);
  if (p.rule == Rule::fact)
    out += fmt::format(" [fact {}]", p.fact);
  else if (p.rule == Rule::none)
    out += fmt::format(" [none among {} facts at points {} to {}]", p.scanned, p.from, p.to);
  else if (p.rule == Rule::aggregate)
    out += fmt::format(" [these {} and no others among {} facts at points {} to {}]", p.children.size(), p.scanned, p.from, p.to);
  else if (p.rule == Rule::at_least)
    out += fmt::format(" [{} distinct witnesses]", p.children.size());
  else
    out += fmt::format(" [{}]", name_of(p.rule));
  out += '\n';
  for (const Proof& c : p.children) print(c, indent + 1, out);
}

void put(const Proof& p, JsonOut& j) {
  j.object().member("rule", name_of(p.rule)).member("holds", p.holds).member("formula", plan::text(p.formula)).member("point", p.point);
  j.key("values").object();
  for (const auto& [name, value] : p.values) j.member(name, plan::to_text(value));
  j.end();
  if (p.rule == Rule::fact) j.member("fact", static_cast<std::int64_t>(p.fact));
  if (p.rule == Rule::none || p.rule == Rule::aggregate || p.rule == Rule::computed) {
    j.member("from", p.from).member("to", p.to).member("scanned", p.scanned);
  }
  if (!p.children.empty()) {
    j.key("children").array();
    for (const Proof& c : p.children) put(c, j);
    j.end();
  }
  j.end();
}

}  // namespace

Result<Proof> explain(const History& history, const Formula& f, const Valuation& row, std::size_t point, plan::TickScale scale) {
  if (point >= history.size()) {
    return err(fail("logic.no-such-verdict", "the history has no such time-point")
                   .found(std::to_string(point))
                   .expected("less than " + std::to_string(history.size())));
  }
  const Formula simple = core(f);
  try {
    Explainer e(history, scale);
    for (const std::string& v : plan::free_variables(simple)) {
      if (!row.contains(v)) return err(fail("logic.no-such-verdict", "the verdict gives no value to a variable").field(v));
    }
    if (!e.holds(simple, point, row, {})) {
      return err(fail("logic.no-such-verdict", "the formula does not hold there").field(values_text(row)).found(plan::text_short(f)));
    }
    return e.prove(simple, point, row, {}, true).proof;
  } catch (Failed& failed) {
    return err(std::move(failed.why));
  }
}

std::vector<FactId> leaves(const Proof& p) {
  std::set<FactId> out;
  collect(p, out);
  return {out.begin(), out.end()};
}

std::string text(const Proof& p) {
  std::string out;
  print(p, 0, out);
  return out;
}

std::string to_json(const Proof& p) {
  JsonOut j;
  put(p, j);
  return j.take();
}

}  // namespace surety::logic
