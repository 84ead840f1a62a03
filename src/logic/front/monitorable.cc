#include "logic/front/monitorable.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "logic/front/lexer.h"

namespace surety::logic {
namespace {

using plan::Formula;
using plan::Op;
using plan::Regex;
using plan::Term;
using Names = std::set<std::string>;

Formula with_place(const Formula& f, std::uint32_t at) {
  if (f->at == at) return f;
  plan::Node n = *f;
  n.at = at;
  return Formula(std::move(n));
}

Formula negated(const Formula& f);

Formula core_node(const Formula& f) {
  const plan::Node& n = *f;
  const auto& s = n.sub;
  switch (n.op) {
    case Op::negation:
      return negated(s[0]);
    case Op::implication:
      return negated(s[0]) || core(s[1]);
    case Op::equivalence: {
      return (core(s[0]) && core(s[1])) || (negated(s[0]) && negated(s[1]));
    }
    case Op::forall:
      return !plan::exists(n.vars, negated(s[0]));
    case Op::historically:
      return !plan::once(n.interval, negated(s[0]));
    case Op::always:
      return !plan::eventually(n.interval, negated(s[0]));
    default:
      break;
  }
  if (s.empty()) return f;
  plan::Node copy = n;
  for (Formula& sub : copy.sub) sub = core(sub);
  return Formula(std::move(copy));
}

// NOT of such a formula binds what the formula itself does not.
bool negative(const Formula& f) {
  if (f->op == Op::conjunction) return negative(f->sub[0]) && negative(f->sub[1]);
  return f->op == Op::negation || f->op == Op::implication || f->op == Op::forall;
}

// The core of NOT f.
Formula negated_node(const Formula& f) {
  const plan::Node& n = *f;
  const auto& s = n.sub;
  switch (n.op) {
    case Op::truth:
      return plan::falsity();
    case Op::falsity:
      return plan::truth();
    case Op::negation:
      return core(s[0]);
    case Op::implication:
      return core(s[0]) && negated(s[1]);
    case Op::disjunction:
      return negated(s[0]) && negated(s[1]);
    case Op::conjunction:
      return negative(f) ? negated(s[0]) || negated(s[1]) : !core(f);
    case Op::equivalence:
      return (core(s[0]) && negated(s[1])) || (negated(s[0]) && core(s[1]));
    case Op::forall:
      return plan::exists(n.vars, negated(s[0]));
    case Op::historically:
      return plan::once(n.interval, negated(s[0]));
    case Op::always:
      return plan::eventually(n.interval, negated(s[0]));
    default:
      return !core(f);
  }
}
Formula negated(const Formula& f) { return with_place(negated_node(f), f->at); }

class Checker {
 public:
  Checker(const Formula& whole, std::string_view text, const std::string& file) : whole_(whole), text_(text), file_(file) {}

  // The variables that are bound once f holds, given those in `bound`.
  Result<Names> bind(const Formula& f, const Names& bound) {
    const plan::Node& n = *f;
    switch (n.op) {
      case Op::truth:
      case Op::falsity:
        return bound;
      case Op::predicate:
        return bind_predicate(n, bound);
      case Op::equal:
        return bind_equal(n, bound);
      case Op::less:
      case Op::less_equal:
      case Op::substring:
        return need_terms(n, n.terms, bound);
      case Op::matches:
        return bind_matches(n, bound);
      case Op::negation:
        return bind_negation(n, bound);
      case Op::conjunction:
        return bind_conjunction(f, bound);
      case Op::disjunction:
        return bind_disjunction(f, bound);
      case Op::exists: {
        Names inner = bound;
        for (const std::string& v : n.vars) inner.erase(v);
        SURETY_TRY(Names out, bind(n.sub[0], inner));
        for (const std::string& v : n.vars) out.erase(v);
        out.insert(bound.begin(), bound.end());
        return out;
      }
      case Op::since:
      case Op::until: {
        if (n.op == Op::until) SURETY_TRY_STATUS(need_bounded(n));
        SURETY_TRY(const Names right, bind(n.sub[1], {}));
        SURETY_TRY_STATUS(need(n.sub[0], right, n));
        SURETY_TRY_STATUS(left_side(n.sub[0], right));
        return joined(bound, right);
      }
      case Op::aggregate: {
        SURETY_TRY(Names out, bind(n.sub[0], {}));
        out = bound;
        out.insert(n.vars.begin(), n.vars.end());
        out.insert(n.name);
        return out;
      }
      case Op::let:
      case Op::let_past:
        return bind_let(n, bound);
      case Op::match_past:
      case Op::match_future: {
        if (n.op == Op::match_future) SURETY_TRY_STATUS(need_bounded(n));
        SURETY_TRY(const Names out, bind_regex(n, n.regex, {}));
        SURETY_TRY_STATUS(need(f, out, n));
        return joined(bound, out);
      }
      default:
        break;
    }
    if (n.op == Op::eventually) SURETY_TRY_STATUS(need_bounded(n));
    SURETY_TRY(const Names out, bind(n.sub[0], {}));
    return joined(bound, out);
  }

 private:
  // The left of SINCE and UNTIL, or what it negates, is kept as a relation of its own: only a
  // comparison may lean on the right.
  Status left_side(const Formula& f, const Names& right) {
    const Formula& inside = f->op == Op::negation ? f->sub[0] : f;
    const bool test = inside->op >= Op::equal && inside->op <= Op::matches;
    SURETY_TRY(const Names ok, bind(inside, test ? right : Names{}));
    (void)ok;
    return {};
  }

  static Names joined(Names a, const Names& b) {
    a.insert(b.begin(), b.end());
    return a;
  }

  Error at(const plan::Node& n, std::string message) const {
    Error e = fail("logic.not-monitorable", std::move(message)).found(plan::text_short(Formula(n)));
    if (text_.empty()) return std::move(e).in(file_);
    const LineColumn p = position(text_, n.at);
    return std::move(e).in(file_, p.line, p.column);
  }

  // A predicate of the formula that has the variable as an argument would guard it.
  static void guards(const Formula& f, const std::string& v, std::vector<std::string>& out) {
    if (f->op == Op::predicate) {
      for (const Term& t : f->terms) {
        if (t.op != Term::Op::variable || t.name != v) continue;
        if (std::string g = plan::text(f); std::find(out.begin(), out.end(), g) == out.end()) out.push_back(std::move(g));
      }
    }
    for (const Formula& s : f->sub) guards(s, v, out);
  }

  Error unguarded(const plan::Node& n, const std::string& v) const {
    std::vector<std::string> out;
    guards(whole_, v, out);
    const std::string guard =
        out.empty() ? "a predicate that has " + v + " as an argument" : out.front() + " or another predicate over " + v;
    return at(n, "variable " + v + " is not bound here, so infinitely many values would do")
        .field(v)
        .expected("every variable in a positive predicate, or equal to a term over such variables")
        .help("join this part by AND with " + guard);
  }

  Status need(const Formula& f, const Names& bound, const plan::Node& where) const {
    for (const std::string& v : plan::free_variables(f))
      if (!bound.contains(v)) return err(unguarded(where, v));
    return {};
  }

  Status need_bounded(const plan::Node& n) const {
    if (n.interval.bounded()) return {};
    return err(at(n, std::string(plan::name_of(n.op)) + " looks into the future without end")
                   .expected("an upper bound, such as [0,7d]")
                   .help("bound the interval, or say it with past operators"));
  }

  Result<Names> need_terms(const plan::Node& n, const std::vector<Term>& terms, const Names& bound) const {
    for (const Term& t : terms) {
      std::vector<std::string> vars;
      plan::collect_variables(t, vars);
      for (const std::string& v : vars)
        if (!bound.contains(v)) return err(unguarded(n, v));
    }
    return bound;
  }

  Result<Names> bind_predicate(const plan::Node& n, const Names& bound) const {
    Names out = bound;
    std::vector<Term> computed;
    for (const Term& t : n.terms) {
      if (t.op == Term::Op::variable)
        out.insert(t.name);
      else
        computed.push_back(t);
    }
    return need_terms(n, computed, out);
  }

  Result<Names> bind_equal(const plan::Node& n, const Names& bound) const {
    for (std::size_t k : {std::size_t{0}, std::size_t{1}}) {
      const Term& one = n.terms[k];
      if (one.op != Term::Op::variable || bound.contains(one.name)) continue;
      if (!need_terms(n, {n.terms[1 - k]}, bound)) continue;
      Names out = bound;
      out.insert(one.name);
      return out;
    }
    return need_terms(n, n.terms, bound);
  }

  Result<Names> bind_matches(const plan::Node& n, const Names& bound) const {
    SURETY_TRY(Names out, need_terms(n, {n.terms[0], n.terms[1]}, bound));
    for (std::size_t k = 2; k < n.terms.size(); ++k) {
      if (n.terms[k].op == Term::Op::variable)
        out.insert(n.terms[k].name);
      else {
        SURETY_TRY(out, need_terms(n, {n.terms[k]}, out));
      }
    }
    return out;
  }

  Result<Names> bind_negation(const plan::Node& n, const Names& bound) {
    auto guarded = need(n.sub[0], bound, n);
    if (!guarded && n.sub[0]->op == Op::conjunction) {
      // NOT (a AND b) binds variables when NOT a and NOT b both do, as implications do.
      auto apart = bind(negated(n.sub[0]->sub[0]) || negated(n.sub[0]->sub[1]), bound);
      if (apart) return apart;
    }
    if (!guarded) return err(std::move(guarded.error()));
    SURETY_TRY(const Names inside, bind(n.sub[0], bound));
    (void)inside;
    return bound;
  }

  static void flatten(const Formula& f, std::vector<Formula>& out) {
    if (f->op != Op::conjunction) return out.push_back(f);
    flatten(f->sub[0], out);
    flatten(f->sub[1], out);
  }

  // Any order will do in which each part is bound by those before it.
  Result<Names> bind_conjunction(const Formula& f, const Names& bound) {
    std::vector<Formula> parts;
    flatten(f, parts);
    Names now = bound;
    std::optional<Error> why;
    while (!parts.empty()) {
      bool moved = false;
      why.reset();
      for (auto it = parts.begin(); it != parts.end();) {
        auto r = bind(*it, now);
        if (r) {
          now = std::move(*r);
          it = parts.erase(it);
          moved = true;
        } else {
          if (!why) why = std::move(r.error());
          ++it;
        }
      }
      if (!moved) return err(std::move(*why));
    }
    return now;
  }

  Result<Names> bind_disjunction(const Formula& f, const Names& bound) {
    Names all = bound;
    for (const std::string& v : plan::free_variables(f)) all.insert(v);
    for (const Formula& side : f->sub) {
      SURETY_TRY(const Names here, bind(side, bound));
      for (const std::string& v : all)
        if (!here.contains(v)) return err(unguarded(*side, v));
    }
    return all;
  }

  Result<Names> bind_let(const plan::Node& n, const Names& bound) {
    if (n.op == Op::let_past) SURETY_TRY_STATUS(past_only(n.sub[0], n.name));
    SURETY_TRY(const Names def, bind(n.sub[0], {}));
    (void)def;
    return bind(n.sub[1], bound);
  }

  // The definition of a LETPAST is computed point by point, so nothing in it may look ahead.
  Status past_only(const Formula& f, const std::string& name) const {
    const bool future = f->op == Op::next || f->op == Op::eventually || f->op == Op::until || f->op == Op::match_future;
    if (future) {
      return err(at(*f, "the definition of LETPAST " + name + " looks into the future").field(name).expected("past operators only"));
    }
    for (const Formula& s : f->sub) SURETY_TRY_STATUS(past_only(s, name));
    return {};
  }

  // Forwards the guard comes from the left, backwards from the right.
  Result<Names> bind_regex(const plan::Node& n, const Regex& r, const Names& bound) {
    switch (r.op) {
      case Regex::Op::any:
        return bound;
      case Regex::Op::test:
        return bind(n.sub[r.test], bound);
      case Regex::Op::star: {
        SURETY_TRY(const Names once, bind_regex(n, r.parts[0], bound));
        for (const std::string& v : once)
          if (!bound.contains(v)) return err(unguarded(n, v));
        return bound;
      }
      case Regex::Op::either: {
        std::optional<Names> all;
        for (const Regex& p : r.parts) {
          SURETY_TRY(Names here, bind_regex(n, p, bound));
          if (all && *all != here) {
            Names odd;
            std::set_symmetric_difference(all->begin(), all->end(), here.begin(), here.end(), std::inserter(odd, odd.end()));
            return err(unguarded(n, *odd.begin()));
          }
          all = std::move(here);
        }
        return *all;
      }
      case Regex::Op::concat:
        break;
    }
    Names now = bound;
    for (std::size_t k = 0; k < r.parts.size(); ++k) {
      const bool future = n.op == Op::match_future;
      SURETY_TRY(now, bind_regex(n, r.parts[future ? k : r.parts.size() - 1 - k], now));
    }
    return now;
  }

  const Formula& whole_;
  std::string_view text_;
  const std::string& file_;
};

// EQUIV doubles both its sides, so nested ones grow beyond any memory.
constexpr double kMaxNodes = 1e6;
double core_size(const Formula& f) {
  double size = 1;
  for (const Formula& s : f->sub) size += core_size(s);
  return f->op == Op::equivalence ? 2 * size : size;
}

}  // namespace

plan::Formula core(const plan::Formula& f) { return with_place(core_node(f), f->at); }

Status check_monitorable(const plan::Formula& f, std::string_view text, const std::string& file) {
  if (core_size(f) > kMaxNodes) {
    return err(fail("logic.too-large", "the formula is too large once EQUIV is written out")
                   .in(file)
                   .expected("at most a million subformulas")
                   .help("name parts of it with LET"));
  }
  const Formula simple = core(f);
  auto bound = Checker(f, text, file).bind(simple, {});
  if (!bound) return err(std::move(bound.error()));
  return {};
}

}  // namespace surety::logic
