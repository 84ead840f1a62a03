// Guards taken to where they are needed: what an operator cannot compute by itself is computed for the
// values that stand beside it. Every rewriting is exact; those that take a guard into a window make the
// verdict wait until the window is known (the propagation of MonPoly: S. Müller, thesis, ETH 2009, §5.3).
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "logic/bound_behind.h"
#include "logic/normal_form.h"

namespace surety::logic {
using plan::Formula;
using plan::Op;
using plan::Term;

namespace {

using Names = std::set<std::string>;
using Items = std::vector<Formula>;
using Bound = std::optional<Names>;  // nothing: cannot be computed

Names variables(const Formula& f) {
  const auto v = plan::free_variables(f);
  return {v.begin(), v.end()};
}

bool within(const Names& some, const Names& all) { return std::includes(all.begin(), all.end(), some.begin(), some.end()); }

// The names and what a comparison adds to them, or nothing where it cannot be made.
Bound compared(const plan::Node& n, bool negated, Names names) {
  if (const int side = negated ? -1 : assigned_side(n, names); side >= 0) {
    names.insert(n.terms[static_cast<std::size_t>(side)].name);
    return names;
  }
  Names out = names;
  for (std::size_t k = 0; k < n.terms.size(); ++k) {
    const bool group = k >= 2 && !negated && n.terms[k].op == Term::Op::variable;
    if (group)
      out.insert(n.terms[k].name);
    else if (!all_known(n.terms[k], names))
      return std::nullopt;
  }
  return out;
}

Formula with_sub(const plan::Node& n, std::size_t k, Formula f) {
  plan::Node m = n;
  m.digest = {};
  m.sub[k] = std::move(f);
  return Formula(std::move(m));
}

// A temporal formula with the guard inside, as the points that it looks at see it: where the guard
// holds, ONCE f is ONCE (f AND EVENTUALLY guard). Nothing where that would look ahead without end.
std::optional<Formula> inwards(const plan::Node& n, const Formula& guard) {
  const bool past = n.op == Op::once || n.op == Op::since;
  if (past && !n.interval.bounded()) return std::nullopt;
  const Formula there = n.op == Op::previous ? plan::next(n.interval, guard)
                        : n.op == Op::next   ? plan::previous(n.interval, guard)
                        : past               ? plan::eventually(n.interval, guard)
                                             : plan::once(n.interval, guard);
  return with_sub(n, n.sub.size() - 1, there && n.sub.back());
}

class Guarding {
 public:
  // The formula with its parts brought to stand by themselves, as far as they can be.
  Formula visit(const Formula& f) {
    if (const auto it = done_.find(&*f); it != done_.end()) return it->second.second;
    if (++work_ > kMaxWork) return f;
    Formula g = f->op == Op::conjunction ? conjunction(f) : whole(f);
    if (g->op == Op::since || g->op == Op::until) g = leaning(g);
    if (g->op == Op::match_future && !alone(g)) g = begun(g);
    done_.emplace(&*f, std::pair(f, g));
    return g;
  }

 private:
  static constexpr int kMaxWork = 4'000;

  Formula whole(const Formula& f) {
    plan::Node n = *f;
    bool same = true;
    for (Formula& s : n.sub) {
      Formula v = visit(s);
      same = same && v.same_object(s);
      s = std::move(v);
    }
    if (same) return f;
    n.digest = {};
    return Formula(std::move(n));
  }

  Formula conjunction(const Formula& f) {
    Items items;
    conjuncts(f, items);
    for (Formula& i : items) i = visit(i);
    for (std::size_t k = 0; k < items.size(); ++k) {
      const Formula& inside = items[k]->op == Op::negation ? items[k]->sub[0] : items[k];
      if (is_test(inside->op) || alone(inside)) continue;
      Items rest = items;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(k));
      // Else as it was: guards from further out may do.
      if (auto g = distribute(rest, items[k]); g && alone(*g)) return *g;
    }
    return plan::all_of(items);
  }

  // A part that cannot stand alone gets the others as its guard.
  std::optional<Formula> distribute(const Items& rest, const Formula& item) {
    if (rest.empty()) return std::nullopt;
    const Formula all = plan::all_of(rest);
    if (item->op == Op::disjunction) return visit((all && item->sub[0]) || (all && item->sub[1]));
    if (item->op == Op::exists) return visit(quantified(*item, all));
    const bool negated = item->op == Op::negation;
    const Formula& g = negated ? item->sub[0] : item;
    const Formula guard = guard_for(g, rest);
    if (guard->op == Op::truth) return std::nullopt;
    std::optional<Formula> guarded;
    if (g->op >= Op::previous && g->op <= Op::until && !needs_no_guard(*g)) guarded = inwards(*g, guard);
    if (g->op == Op::exists) guarded = quantified(*g, guard);
    if (g->op == Op::conjunction) guarded = guard && g;
    if (!guarded) return std::nullopt;
    const Formula done = visit(*guarded);
    if (!alone(done)) return std::nullopt;
    return visit(all && (negated ? !done : done));
  }

  // Of SINCE and UNTIL where the right guards all there is: what the left lacks is no guard.
  bool needs_no_guard(const plan::Node& n) {
    if (n.op != Op::since && n.op != Op::until) return false;
    const Bound right = alone(n.sub[1]);
    return right && within(variables(n.sub[0]), *right);
  }

  // The guard inside an EXISTS, whose variables are called otherwise where they would catch its own.
  Formula quantified(const plan::Node& n, const Formula& guard) {
    const Names taken = variables(guard);
    Formula body = n.sub[0];
    std::vector<std::string> vars = n.vars;
    for (auto& v : vars) {
      if (!taken.contains(v)) continue;
      const std::string other = fmt::format("#e{}", ++fresh_);
      body = rename(body, v, other);
      v = other;
    }
    return plan::exists(vars, guard && body);
  }

  // Of the parts those that bind what `item` uses, by themselves; other variables hidden. TRUE: none.
  Formula guard_for(const Formula& item, const Items& parts) {
    const Names uses = variables(item);
    Names wanted = uses, named;
    Items links, chosen;
    for (const Formula& p : parts)
      if (p->op == Op::equal || p->op == Op::matches) links.push_back(p);
    for (std::size_t k = 0; k < links.size();) {  // y = x + 1 passes on what binds x
      const Names its = variables(links[k]);
      const bool touched = std::any_of(its.begin(), its.end(), [&](auto& v) { return wanted.contains(v); });
      const bool more = touched && !within(its, wanted);
      if (more) wanted.insert(its.begin(), its.end());
      k = more ? 0 : k + 1;
    }
    for (const Formula& p : parts) {
      if (p->op == Op::negation || is_test(p->op)) continue;
      const Names its = variables(p);
      const bool useful = std::any_of(its.begin(), its.end(), [&](auto& v) { return wanted.contains(v) && !named.contains(v); });
      if (!useful || !alone(p)) continue;
      chosen.push_back(p);
      named.insert(its.begin(), its.end());
    }
    for (std::size_t k = 0; k < links.size();) {
      const Bound more = compared(*links[k], false, named);
      const bool adds = more && *more != named;
      if (adds) {
        chosen.push_back(links[k]);
        named = *more;
      }
      k = adds ? 0 : k + 1;
    }
    std::vector<std::string> others;
    for (const std::string& v : named)
      if (!uses.contains(v)) others.push_back(v);
    return plan::exists(others, plan::all_of(chosen));
  }

  // A left operand that is not bound by itself. (a AND b) SINCE c is (a SINCE c) AND (b SINCE c): of the
  // two points the later does for both. A comparison holds at all points or at none. All else is guarded
  // by what the right has been in the window. UNTIL is the mirror image.
  Formula leaning(const Formula& f) {
    const plan::Node& n = *f;
    const Formula& left = n.sub[0];
    const bool negated = left->op == Op::negation;
    const Formula& inside = negated ? left->sub[0] : left;
    const Bound right = alone(n.sub[1]);
    if (alone(inside) || !right || !within(variables(left), *right)) return f;
    if (left->op == Op::conjunction) return visit(with_sub(n, 0, left->sub[0]) && with_sub(n, 0, left->sub[1]));
    const plan::Bound& lower = n.interval.lower;
    if (is_test(inside->op) && !lower.calendar) {
      const Formula some = with_sub(n, 0, plan::truth()) && left;
      const bool takes_now = lower.ticks == 0 && !lower.open;
      return takes_now ? some || n.sub[1] : some;
    }
    const plan::Interval window{{}, n.interval.upper};
    const Formula seen = n.op == Op::since ? plan::once(window, n.sub[1]) : plan::eventually(window, n.sub[1]);
    const Formula guarded = visit(seen && inside);
    return with_sub(n, 0, negated ? !guarded : guarded);
  }

  // A regular expression that is bound at its far end: that it will be is tested where it begins.
  Formula begun(const Formula& f) {
    const auto end = far_end(*f);
    if (!end || !f->interval.bounded()) return f;
    const Formula g = begun_with(*f, plan::eventually(f->interval, *end));
    return alone(g) ? g : f;
  }

  // The variables that f binds by itself: what the compiler can build operators for.
  Bound alone(const Formula& f) {
    if (const auto it = alone_.find(&*f); it != alone_.end()) return it->second.second;
    Bound b = bound_by(f);
    alone_.emplace(&*f, std::pair(f, b));
    return b;
  }

  Bound bound_by(const Formula& f) {
    const plan::Node& n = *f;
    switch (n.op) {
      case Op::predicate:
        return variables(f);
      case Op::disjunction: {
        const Bound a = alone(n.sub[0]), b = alone(n.sub[1]);
        if (n.sub[0]->op == Op::falsity) return b;
        if (n.sub[1]->op == Op::falsity) return a;
        return a && b && *a == *b ? a : std::nullopt;
      }
      case Op::exists: {
        Bound b = alone(n.sub[0]);
        for (const std::string& v : n.vars)
          if (b) b->erase(v);
        return b;
      }
      case Op::since:
      case Op::until: {
        const Formula& left = n.sub[0]->op == Op::negation ? n.sub[0]->sub[0] : n.sub[0];
        const Bound right = alone(n.sub[1]);
        return right && alone(left) && within(variables(left), *right) ? right : std::nullopt;
      }
      case Op::aggregate: {
        if (!alone(n.sub[0])) return std::nullopt;
        Names out(n.vars.begin(), n.vars.end());
        out.insert(n.name);
        return out;
      }
      case Op::let:
      case Op::let_past:
        return alone(n.sub[0]) ? alone(n.sub[1]) : std::nullopt;
      case Op::match_past:
      case Op::match_future: {
        const Bound b = bound_behind<Bound>(n.regex, Names{}, [&](std::size_t k, const Names& names) { return tested(n.sub[k], names); });
        return b && within(variables(f), *b) ? b : std::nullopt;
      }
      case Op::previous:
      case Op::next:
      case Op::once:
      case Op::eventually:
        return alone(n.sub[0]);
      default:
        return together(f);
    }
  }

  // Each part by itself, then comparisons and negations as soon as they are bound.
  Bound together(const Formula& f) {
    Items items, tests;
    conjuncts(f, items);
    Names names;
    for (const Formula& i : items) {
      const bool negated = i->op == Op::negation;
      const Formula& inside = negated ? i->sub[0] : i;
      if (is_test(inside->op)) {
        tests.push_back(i);
        continue;
      }
      const Bound b = inside->op == Op::truth || inside->op == Op::falsity ? Names{} : alone(inside);
      if (!b) return std::nullopt;
      if (negated)
        tests.push_back(i);
      else
        names.insert(b->begin(), b->end());
    }
    for (std::size_t k = 0; k < tests.size();) {
      const bool negated = tests[k]->op == Op::negation;
      const plan::Node& inside = negated ? *tests[k]->sub[0] : *tests[k];
      const bool fits = is_test(inside.op) || within(variables(tests[k]), names);
      const Bound b = is_test(inside.op) ? compared(inside, negated, names) : names;
      if (fits && b) {
        names = *b;
        tests.erase(tests.begin() + static_cast<std::ptrdiff_t>(k));
        k = 0;
      } else {
        ++k;
      }
    }
    return tests.empty() ? Bound(names) : std::nullopt;
  }

  // Behind a test of a regular expression.
  Bound tested(const Formula& f, const Names& names) {
    const bool negated = f->op == Op::negation;
    const Formula& inside = negated ? f->sub[0] : f;
    if (is_test(inside->op)) return compared(*inside, negated, names);
    Bound b = alone(inside);
    if (!b || (negated && !within(*b, names))) return std::nullopt;
    b->insert(names.begin(), names.end());
    return b;
  }

  // Keep the originals alive, so that an address stays its own.
  std::map<const plan::Node*, std::pair<Formula, Formula>> done_;
  std::map<const plan::Node*, std::pair<Formula, Bound>> alone_;
  int work_ = 0, fresh_ = 0;
};

}  // namespace

Formula guarded_form(const Formula& f) { return Guarding().visit(f); }

}  // namespace surety::logic
