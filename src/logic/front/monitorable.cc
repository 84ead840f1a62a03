#include "logic/front/monitorable.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "logic/bound_behind.h"
#include "logic/front/lexer.h"
#include "logic/normal_form.h"

namespace surety::logic {
namespace {

using plan::Formula;
using plan::Op;
using plan::Term;
using Names = std::set<std::string>;
using Bound = tl::expected<Names, Refusal>;

Names joined(Names a, const Names& b) {
  a.insert(b.begin(), b.end());
  return a;
}

Names free_of(const Formula& f) {
  const auto v = plan::free_variables(f);
  return {v.begin(), v.end()};
}

bool compares(Op op) { return op >= Op::equal && op <= Op::matches; }

class Checker {
 public:
  explicit Checker(const Formula& whole) : whole_(whole) { scopes_.push_back({whole, false, {}, true}); }

  // The variables that are bound once f holds, or once NOT f does, given those in `bound`.
  Bound bind(const Formula& f, bool negated, const Names& bound) {
    const plan::Node& n = *f;
    const auto& s = n.sub;
    switch (n.op) {
      case Op::truth:
      case Op::falsity:
        return bound;
      case Op::negation:
        return bind(s[0], !negated, bound);
      default:
        break;
    }
    if (const auto sides = alternatives({f, negated}); !sides.empty()) return bind_any(f, sides, bound);
    std::vector<Part> parts;
    flatten({f, negated}, parts);
    if (parts.size() > 1) return bind_all(parts, bound);
    const bool universal = n.op == Op::forall || n.op == Op::historically || n.op == Op::always;
    if (negated == universal) return bind_positive(f, bound);
    if (auto guarded = need(f, bound, f); !guarded) return guarded;
    auto inside = bind_positive(f, bound);
    return inside ? Bound(bound) : inside;
  }

 private:
  struct Part {
    Formula f;
    bool negated;
  };
  // Where a guard may be put: it reaches all that is inside but what lies behind a closed scope.
  struct Place {
    Formula f;
    bool negated;
    Names binds;
    bool closed;
  };

  // NOT taken off FORALL, HISTORICALLY and ALWAYS, which then are EXISTS, ONCE and EVENTUALLY of NOT.
  Bound bind_positive(const Formula& f, const Names& bound) {
    const plan::Node& n = *f;
    switch (n.op) {
      case Op::predicate:
        return bind_predicate(f, bound);
      case Op::equal:
        return bind_equal(f, bound);
      case Op::matches:
        return bind_matches(f, bound);
      case Op::less:
      case Op::less_equal:
      case Op::substring:
        return need_terms(f, n.terms, bound);
      case Op::conjunction:
        return bind_all({{n.sub[0], false}, {n.sub[1], false}}, bound);
      case Op::equivalence:
        return bind_equivalence(f, bound);
      case Op::exists:
      case Op::forall:
        return bind_quantified(f, bound);
      case Op::since:
      case Op::until:
        return bind_since(f, bound);
      case Op::aggregate: {
        auto inside = within(n.sub[0], false, {}, {}, true);
        if (!inside) return inside;
        Names out = joined(bound, {n.vars.begin(), n.vars.end()});
        out.insert(n.name);
        return out;
      }
      case Op::let:
      case Op::let_past:
        return bind_let(f, bound);
      case Op::match_past:
      case Op::match_future:
        return bind_match(f, bound);
      default:
        break;
    }
    if (n.op == Op::eventually || n.op == Op::always)
      if (auto ends = need_bounded(f); !ends) return ends;
    const bool universal = n.op == Op::historically || n.op == Op::always;
    auto inside = within(n.sub[0], universal, reaching(n, bound), {}, !reaches(n));
    return inside ? Bound(joined(bound, *inside)) : inside;
  }

  // What is bound beside a temporal operator guards its operand too, where the engine can take it
  // there: not into a past without end.
  static bool reaches(const plan::Node& n) {
    const bool past = n.op == Op::once || n.op == Op::historically || n.op == Op::since;
    return !past || n.interval.bounded();
  }
  static Names reaching(const plan::Node& n, const Names& bound) { return reaches(n) ? bound : Names{}; }

  Bound within(const Formula& f, bool negated, const Names& bound, Names binds, bool closed) {
    scopes_.push_back({f, negated, std::move(binds), closed});
    auto out = bind(f, negated, bound);
    scopes_.pop_back();
    return out;
  }

  // A predicate of the formula, outside of what is refused, that has the variable as an argument.
  static void guards(const Formula& f, const Formula& but, const std::string& v, Names defined, std::vector<Formula>& out) {
    if (f.same_object(but)) return;
    if (f->op == Op::let || f->op == Op::let_past) defined.insert(f->name);
    if (f->op == Op::predicate && !defined.contains(f->name)) {
      plan::Node p = *f;
      bool has = false;
      for (Term& t : p.terms) {
        if (t.op == Term::Op::variable && t.name == v)
          has = true;
        else
          t = plan::wildcard();
      }
      if (has) out.push_back(Formula(std::move(p)));
    }
    for (const Formula& s : f->sub) guards(s, but, v, defined, out);
  }

  Refusal refused(const Formula& f, std::string message, std::string expected) const {
    return {f, std::move(message), std::move(expected), {}, f, Refusal::How::beside, {}};
  }

  tl::unexpected<Refusal> unguarded(const Formula& f, const std::string& v, const char* where = " here") const {
    Refusal r = refused(f, "variable " + v + " is not bound" + where + ", so infinitely many values would do",
                        "every variable in a positive predicate, or equal to a term over such variables");
    auto scope = scopes_.rbegin();
    while (!scope->closed && !scope->binds.contains(v)) ++scope;
    return guarded_at(std::move(r), v, scope->f, scope->negated ? Refusal::How::condition : Refusal::How::beside);
  }

  tl::unexpected<Refusal> guarded_at(Refusal r, const std::string& v, const Formula& place, Refusal::How how) const {
    r.variable = v;
    r.place = place;
    r.how = how;
    std::vector<Formula> all;
    guards(whole_, r.found, v, {}, all);
    if (!all.empty()) r.guard = all.front();
    return tl::unexpected(std::move(r));
  }

  Bound need(const Formula& f, const Names& bound, const Formula& where) const {
    for (const std::string& v : plan::free_variables(f))
      if (!bound.contains(v)) return unguarded(where, v);
    return bound;
  }

  Bound need_bounded(const Formula& f) const {
    if (f->interval.bounded()) return Names{};
    return tl::unexpected(
        refused(f, std::string(plan::name_of(f->op)) + " looks into the future without end", "an upper bound, such as [0,7d]"));
  }

  Bound need_terms(const Formula& f, const std::vector<Term>& terms, const Names& bound) const {
    for (const Term& t : terms) {
      std::vector<std::string> vars;
      plan::collect_variables(t, vars);
      for (const std::string& v : vars)
        if (!bound.contains(v)) return unguarded(f, v);
    }
    return bound;
  }

  Bound bind_predicate(const Formula& f, const Names& bound) const {
    Names out = bound;
    std::vector<Term> computed;
    for (const Term& t : f->terms) {
      if (t.op == Term::Op::variable)
        out.insert(t.name);
      else
        computed.push_back(t);
    }
    return need_terms(f, computed, out);
  }

  Bound bind_equal(const Formula& f, const Names& bound) const {
    for (std::size_t k : {std::size_t{0}, std::size_t{1}}) {
      const Term& one = f->terms[k];
      if (one.op != Term::Op::variable || bound.contains(one.name)) continue;
      if (!need_terms(f, {f->terms[1 - k]}, bound)) continue;
      return joined(bound, {one.name});
    }
    return need_terms(f, f->terms, bound);
  }

  Bound bind_matches(const Formula& f, const Names& bound) const {
    Bound out = need_terms(f, {f->terms[0], f->terms[1]}, bound);
    for (std::size_t k = 2; out && k < f->terms.size(); ++k) {
      if (f->terms[k].op == Term::Op::variable)
        out->insert(f->terms[k].name);
      else
        out = need_terms(f, {f->terms[k]}, *out);
    }
    return out;
  }

  static void flatten(const Part& p, std::vector<Part>& out) {
    const auto& s = p.f->sub;
    if (p.f->op == Op::negation) return flatten({s[0], !p.negated}, out);
    const bool both = p.negated ? p.f->op == Op::disjunction || p.f->op == Op::implication : p.f->op == Op::conjunction;
    if (!both) return out.push_back(p);
    flatten({s[0], p.negated && p.f->op == Op::disjunction}, out);
    flatten({s[1], p.negated}, out);
  }

  // Any order will do in which each part is bound by those before it.
  Bound bind_all(const std::vector<Part>& given, const Names& bound) {
    struct Waiting {
      Part part;
      Names uses, tried;  // `tried`: what was bound of `uses` when it failed last
      std::optional<Refusal> why;
    };
    std::vector<Part> flat;
    for (const Part& p : given) flatten(p, flat);
    std::vector<Waiting> parts;
    for (Part& p : flat) parts.push_back({p, free_of(p.f), {}, {}});
    Names now = bound;
    for (bool moved = true; moved;) {
      moved = false;
      for (auto it = parts.begin(); it != parts.end();) {
        Names known;
        std::set_intersection(it->uses.begin(), it->uses.end(), now.begin(), now.end(), std::inserter(known, known.end()));
        if (it->why && it->tried == known) {
          ++it;
          continue;
        }
        auto r = bind(it->part.f, it->part.negated, now);
        if (r) {
          now = std::move(*r);
          it = parts.erase(it);
          moved = true;
        } else {
          it->why = std::move(r.error());
          it->tried = std::move(known);
          ++it;
        }
      }
    }
    if (parts.empty()) return now;
    std::vector<Part> left;
    for (const Waiting& w : parts) left.push_back(w.part);
    if (auto apart = bind_apart(left, now)) return *apart;
    return tl::unexpected(std::move(*parts.front().why));
  }

  // a AND (b OR c) as (a AND b) OR (a AND c), where only that binds all.
  std::optional<Names> bind_apart(const std::vector<Part>& parts, const Names& bound) {
    for (std::size_t k = 0; k < parts.size() && parts.size() > 1; ++k) {
      const auto sides = alternatives(parts[k]);
      if (sides.empty() || ++taken_apart_ > kMaxTakenApart) continue;
      std::optional<Names> all;
      for (const Part& side : sides) {
        std::vector<Part> one = parts;
        one[k] = side;
        auto here = bind_all(one, bound);
        if (!here || (all && *all != *here)) break;
        if (&side == &sides.back()) return *here;
        all = std::move(*here);
      }
    }
    return std::nullopt;
  }

  // The sides of what is an OR once negations are pushed inwards.
  static std::vector<Part> alternatives(const Part& p) {
    const auto& s = p.f->sub;
    if (p.f->op == Op::disjunction && !p.negated) return {{s[0], false}, {s[1], false}};
    if (p.f->op == Op::implication && !p.negated) return {{s[0], true}, {s[1], false}};
    if (p.f->op == Op::conjunction && p.negated && negative_form(s[0]) && negative_form(s[1])) return {{s[0], true}, {s[1], true}};
    return {};
  }

  Bound bind_any(const Formula& f, const std::vector<Part>& sides, const Names& bound) {
    const Names all = joined(bound, free_of(f));
    for (const Part& side : sides) {
      const Bound here = bind(side.f, side.negated, bound);
      if (!here) return here;
      for (const std::string& v : all)
        if (!here->contains(v)) return unguarded(side.f, v, " on this side of an OR");
    }
    return all;
  }

  // (NOT a OR b) AND (NOT b OR a), in either order.
  Bound bind_equivalence(const Formula& f, const Names& bound) {
    const auto& s = f->sub;
    const auto half = [&](bool first, const Names& known) { return bind_any(f, {{s[0], first}, {s[1], !first}}, known); };
    auto one = half(true, bound);
    if (one) return half(false, *one);
    auto other = half(false, bound);
    return other ? half(true, *other) : one;
  }

  Bound bind_quantified(const Formula& f, const Names& bound) {
    const Names own(f->vars.begin(), f->vars.end());
    Names inner = bound;
    for (const std::string& v : own) inner.erase(v);
    Bound out = within(f->sub[0], f->op == Op::forall, inner, own, false);
    if (!out) return out;
    for (const std::string& v : own) out->erase(v);
    return joined(std::move(*out), bound);
  }

  Bound bind_since(const Formula& f, const Names& bound) {
    const plan::Node& n = *f;
    if (n.op == Op::until)
      if (auto ends = need_bounded(f); !ends) return ends;
    const auto right = within(n.sub[1], false, reaching(n, bound), {}, !reaches(n));
    if (!right) return right;
    for (const std::string& v : plan::free_variables(n.sub[0])) {
      if (right->contains(v)) continue;
      const char* op = plan::name_of(n.op);
      return guarded_at(refused(f, fmt::format("variable {} on the left of {} is not bound on its right", v, op),
                                fmt::format("on the left of {} only variables of its right side", op)),
                        v, n.sub[1], Refusal::How::beside);
    }
    const auto left = within(n.sub[0], false, *right, {}, true);
    if (!left) return left;
    return joined(bound, *right);
  }

  Bound bind_let(const Formula& f, const Names& bound) {
    const plan::Node& n = *f;
    if (n.op == Op::let_past)
      if (auto past = past_only(n.sub[0], n.name); !past) return past;
    if (auto definition = within(n.sub[0], false, {}, {}, true); !definition) return definition;
    const auto out = within(n.sub[1], false, {}, {}, true);
    return out ? Bound(joined(bound, *out)) : out;
  }

  // The definition of a LETPAST is computed point by point, so nothing in it may look ahead.
  Bound past_only(const Formula& f, const std::string& name) const {
    if (looks_ahead(f->op))
      return tl::unexpected(refused(f, "the definition of LETPAST " + name + " looks into the future", "past operators only"));
    for (const Formula& s : f->sub)
      if (auto past = past_only(s, name); !past) return past;
    return Names{};
  }

  // The guard comes from where the reading begins, in the order of time; or forwards from its far end.
  Bound bind_match(const Formula& f, const Names& bound) {
    const plan::Node& n = *f;
    const bool future = n.op == Op::match_future;
    if (future)
      if (auto ends = need_bounded(f); !ends) return ends;
    const auto from = [&](const Names& known) -> Bound {
      const Bound out = bound_behind<Bound>(n.regex, known, [&](std::size_t k, const Names& at) { return bind_test(n.sub[k], at); });
      if (!out) return out;
      for (const std::string& v : plan::free_variables(f)) {
        if (out->contains(v)) continue;
        return guarded_at(refused(f, "variable " + v + " is not bound on every way through the regular expression",
                                  "a test at its beginning that binds the variable"),
                          v, f, Refusal::How::begins);
      }
      return joined(bound, *out);
    };
    auto out = from({});
    const auto end = future && !out ? far_end(n) : std::nullopt;
    const Bound known = end ? bind(*end, false, {}) : Names{};
    if (!end || !known) return out;
    auto again = from(*known);
    return again ? again : out;
  }

  // A test is a relation of its own, or a comparison.
  Bound bind_test(const Formula& f, const Names& bound) {
    Part p{f, false};
    while (p.f->op == Op::negation) p = {p.f->sub[0], !p.negated};
    if (compares(p.f->op)) return within(p.f, p.negated, bound, {}, true);
    // What normal_form() leaves a negation is asked row by row; all else is written out.
    const Op op = p.f->op;
    const bool both = op == Op::conjunction && negative_form(p.f->sub[0]) && negative_form(p.f->sub[1]);
    const bool moved = both || op == Op::disjunction || op == Op::implication || op == Op::forall || op == Op::historically ||
                       op == Op::always || op == Op::truth || op == Op::falsity;
    if (!p.negated || moved) {
      const auto out = within(p.f, p.negated, {}, {}, true);
      return out ? Bound(joined(bound, *out)) : out;
    }
    if (auto inside = within(p.f, false, {}, {}, true); !inside) return inside;
    scopes_.push_back({f, false, {}, true});
    auto out = need(p.f, bound, f);
    scopes_.pop_back();
    return out;
  }

  static constexpr int kMaxTakenApart = 200;  // each may double the work
  const Formula& whole_;
  std::vector<Place> scopes_;
  int taken_apart_ = 0;
};

// EQUIV doubles both its sides, so nested ones grow beyond any memory.
constexpr double kMaxNodes = 1e6;
double written_out_size(const Formula& f) {
  double size = 1;
  for (const Formula& s : f->sub) size += written_out_size(s);
  return f->op == Op::equivalence ? 2 * size : size;
}

std::string advice(const Refusal& r) {
  const bool bounded = r.found->op == Op::next || r.found->interval.bounded();
  if (r.variable.empty()) return bounded ? "say it with past operators" : "bound the interval, or say it with past operators";
  const std::string guard = r.guard ? plan::text(*r.guard) : "G(" + r.variable + ")";
  const std::string which = r.guard ? "" : ", G being a predicate that has " + r.variable + " as an argument";
  if (r.how == Refusal::How::begins) return fmt::format("guard {}: begin the regular expression with {}?{}", r.variable, guard, which);
  const char* with = r.how == Refusal::How::condition ? "IMPLIES" : "AND";
  return fmt::format("guard {}: write {} {} {}{}", r.variable, guard, with, plan::text_short(r.place), which);
}

// The LETPAST whose name or parameter `word` is, or in its definition the first use of its name that is not
// under PREVIOUS.
const plan::Node* letpast_of(const std::string& word, const Formula& f) {
  if (f->op == Op::let_past && (f->name == word || std::find(f->vars.begin(), f->vars.end(), word) != f->vars.end())) return &*f;
  for (const Formula& s : f->sub)
    if (const plan::Node* found = letpast_of(word, s)) return found;
  return nullptr;
}
const plan::Node* use_now(const std::string& name, const Formula& f) {
  if (f->op == Op::predicate && f->name == name) return &*f;
  if (f->op == Op::previous || ((f->op == Op::let || f->op == Op::let_past) && f->name == name)) return nullptr;
  for (const Formula& s : f->sub)
    if (const plan::Node* found = use_now(name, s)) return found;
  return nullptr;
}

}  // namespace

Error placed_at_letpast(Error why, const Formula& f, std::string_view text, const std::string& file) {
  const plan::Node* at = letpast_of(why.field_name, f);
  if (at == nullptr) return std::move(why).in(file);
  if (at->name == why.field_name)
    if (const plan::Node* use = use_now(at->name, at->sub[0])) at = use;
  const LineColumn p = position(text, at->at);
  return std::move(why).in(file, p.line, p.column).found(plan::text_short(Formula(*at)));
}

std::optional<Refusal> refusal(const Formula& f) {
  auto bound = Checker(f).bind(f, false, {});
  if (bound) return std::nullopt;
  return std::move(bound.error());
}

Formula with_guard(const Formula& f, const Refusal& r, const Formula& guard) {
  const bool here = f.same_object(r.place);
  if (here && r.how == Refusal::How::beside) return guard && f;
  if (here && r.how == Refusal::How::condition) return plan::implies(guard, f);
  if (f->sub.empty()) return f;
  if (here) return begun_with(*f, guard);
  plan::Node n = *f;
  n.digest = {};
  for (Formula& s : n.sub) s = with_guard(s, r, guard);
  return Formula(std::move(n));
}

Status check_monitorable(const Formula& f, std::string_view text, const std::string& file) {
  if (written_out_size(f) > kMaxNodes) {
    return err(fail("logic.too-large", "the formula is too large once EQUIV is written out")
                   .in(file)
                   .expected("at most a million subformulas")
                   .help("name parts of it with LET"));
  }
  const auto r = refusal(f);
  if (!r) return {};
  const LineColumn p = text.empty() ? LineColumn{0, 0} : position(text, r->found->at);
  return err(fail("logic.not-monitorable", r->message)
                 .in(file, p.line, p.column)
                 .field(r->variable)
                 .found(plan::text_short(r->found))
                 .expected(r->expected)
                 .help(advice(*r)));
}

}  // namespace surety::logic
