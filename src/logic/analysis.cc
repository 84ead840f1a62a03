#include "logic/analysis.h"

#include <algorithm>
#include <functional>
#include <set>

namespace surety::logic {
using plan::Formula;
using plan::Op;
using plan::Term;

namespace {

// LET names in scope: walks go into the definition at each use.
struct Scope {
  const plan::Node* let;
  std::shared_ptr<const Scope> outer;
};
using ScopePtr = std::shared_ptr<const Scope>;

// The LET that a predicate names, and the scope its definition stands in.
const plan::Node* find_let(const ScopePtr& s, const plan::Node& p, ScopePtr* outer) {
  for (const Scope* e = s.get(); e; e = e->outer.get())
    if (e->let->name == p.name && e->let->vars.size() == p.terms.size()) {
      *outer = e->outer;
      return e->let;
    }
  return nullptr;
}

bool any_op(const Formula& f, const std::function<bool(const plan::Node&)>& test) {
  if (test(*f)) return true;
  return std::any_of(f->sub.begin(), f->sub.end(), [&](auto& s) { return any_op(s, test); });
}

// Whether its relation is empty at points without facts of it; and all temporal operands are so too.
struct Sparse {
  const Signature& sig;
  bool eventful(const Formula& f, const ScopePtr& s) const {
    switch (f->op) {
      case Op::falsity:
        return true;
      case Op::predicate: {
        ScopePtr outer;
        if (auto* let = find_let(s, *f, &outer)) return eventful(let->sub[0], outer);
        return sig.find(f->name) != Signature::kNone;
      }
      case Op::conjunction:
        return eventful(f->sub[0], s) || eventful(f->sub[1], s);
      case Op::disjunction:
        return eventful(f->sub[0], s) && eventful(f->sub[1], s);
      case Op::exists:
        return eventful(f->sub[0], s);
      case Op::aggregate:
        return !f->vars.empty() && eventful(f->sub[0], s);
      case Op::let:
        return eventful(f->sub[1], std::make_shared<Scope>(Scope{&*f, s}));
      default:
        return false;
    }
  }
  bool safe(const Formula& f, const ScopePtr& s) const {
    switch (f->op) {
      case Op::previous:
      case Op::next:
      case Op::match_past:
      case Op::match_future:
      case Op::let_past:
        return false;
      case Op::predicate: {
        ScopePtr outer;
        auto* let = find_let(s, *f, &outer);
        return !let || safe(let->sub[0], outer);
      }
      case Op::let:
        return safe(f->sub[1], std::make_shared<Scope>(Scope{&*f, s}));
      case Op::once:
      case Op::eventually:
        return eventful(f->sub[0], s) && safe(f->sub[0], s);
      case Op::since:
      case Op::until: {
        const Formula& left = f->sub[0];
        bool ok = left->op == Op::truth || (left->op == Op::negation && eventful(left->sub[0], s) && safe(left->sub[0], s));
        return ok && eventful(f->sub[1], s) && safe(f->sub[1], s);
      }
      default:
        return std::all_of(f->sub.begin(), f->sub.end(), [&](auto& x) { return safe(x, s); });
    }
  }
};

// Which column of each predicate holds the variable; -1 where it is not in all occurrences.
void key_columns(const Formula& f, const std::string& v, const ScopePtr& s, const Signature& sig, std::map<PredicateIndex, int>& out,
                 bool& usable) {
  if (f->op == Op::predicate) {
    int at = -1, times = 0;
    bool plain = true;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < f->terms.size(); ++i) {
      const Term& t = f->terms[i];
      plain = plain && t.op == Term::Op::variable && seen.insert(t.name).second;
      if (t.op == Term::Op::variable && t.name == v) {
        at = static_cast<int>(i);
        ++times;
      }
    }
    ScopePtr outer;
    if (auto* let = find_let(s, *f, &outer)) {
      if (!plain) usable = false;
      std::string inner = at >= 0 ? let->vars[static_cast<std::size_t>(at)] : "#";
      return key_columns(let->sub[0], inner, outer, sig, out, usable);
    }
    PredicateIndex p = sig.find(f->name);
    if (p == Signature::kNone) return;
    auto [it, fresh] = out.emplace(p, at);
    if (!fresh && it->second != at) it->second = -1;
    return;
  }
  if (f->op == Op::let) return key_columns(f->sub[1], v, std::make_shared<Scope>(Scope{&*f, s}), sig, out, usable);
  bool hides = f->op == Op::aggregate && std::find(f->vars.begin(), f->vars.end(), v) == f->vars.end();
  for (auto& x : f->sub) key_columns(x, hides ? "#" : v, s, sig, out, usable);
}

}  // namespace

Analysis::Analysis(Formula normal, const Signature& sig, plan::TickScale scale) : formula_(std::move(normal)), sig_(sig), scale_(scale) {
  bool usable = true;
  key_columns(formula_, "#", nullptr, sig_, predicates_, usable);
  Sparse sparse{sig_};
  sparse_ = sparse.eventful(formula_, nullptr) && sparse.safe(formula_, nullptr);
  // These keep what they hold by time, not by key.
  if (any_op(formula_, [](const plan::Node& n) { return n.op == Op::let_past || n.op == Op::match_past || n.op == Op::match_future; }))
    return;
  for (auto& v : plan::free_variables(formula_)) {
    KeyedBy k;
    usable = true;
    key_columns(formula_, v, nullptr, sig_, k.column, usable);
    if (usable && std::any_of(k.column.begin(), k.column.end(), [](auto& x) { return x.second >= 0; })) keys_[v] = std::move(k);
  }
}

namespace {

Pos next_point(const LogStore& log, Pos p) {
  auto c = log.lower_bound(p.after());
  return log.at_end(c) ? Pos::end() : log.point(c).pos;
}

Pos previous_point(const LogStore& log, Pos p) { return log.point_before(p); }

struct Walk {
  const LogStore& log;
  const Signature& sig;
  plan::TickScale scale;

  Stretch touched(const Formula& f, const ScopePtr& s, std::optional<PredicateIndex> p, const Stretch& at) const {
    Stretch r;
    if (!p) r = at;  // the point itself: wherever it is looked at
    ScopePtr outer;
    if (f->op == Op::predicate) {
      if (auto* let = find_let(s, *f, &outer)) {
        r.add(touched(let->sub[0], outer, p, at));
      } else if (p && sig.find(f->name) == *p) {
        r = at;
      }
      return r;
    }
    if (f->op == Op::let || f->op == Op::let_past) {
      r.add(touched(f->sub[1], std::make_shared<Scope>(Scope{&*f, s}), p, at));
      if (f->op == Op::let_past) {
        r.add(touched(f->sub[0], std::make_shared<Scope>(Scope{&*f, nullptr}), p, at));
        if (!r.empty()) r.to = Pos::end();
      }
      return r;
    }
    for (auto& x : f->sub) r.add(touched(x, s, p, at));
    if (r.empty()) return r;
    switch (f->op) {
      case Op::previous:
        r.to = next_point(log, r.to);
        break;
      case Op::next:
        r.from = previous_point(log, r.from);
        break;
      case Op::once:
      case Op::since:
      case Op::match_past:
        r.to = Pos{plan::last_seen(f->interval, r.to.ts, scale), UINT64_MAX};
        break;
      case Op::eventually:
      case Op::until:
      case Op::match_future:
        r.from = Pos{plan::earliest(f->interval, r.from.ts, scale), 0};
        break;
      default:
        break;
    }
    return r;
  }

  Stretch seen(const Formula& f, const ScopePtr& s, Stretch at) const {
    if (f->op == Op::predicate) {
      ScopePtr outer;
      if (auto* let = find_let(s, *f, &outer)) at.add(seen(let->sub[0], outer, at));
      return at;
    }
    if (f->op == Op::let) return seen(f->sub[1], std::make_shared<Scope>(Scope{&*f, s}), at);
    if (f->op == Op::let_past) {
      at.add(seen(f->sub[1], nullptr, at));
      at.from = Pos::begin();
      return at;
    }
    switch (f->op) {
      case Op::previous:
        at.from = previous_point(log, at.from);
        break;
      case Op::next:
        at.to = next_point(log, at.to);
        break;
      case Op::once:
      case Op::since:
      case Op::match_past:
        at.from = std::min(at.from, Pos{plan::earliest(f->interval, at.from.ts, scale), 0});
        break;
      case Op::eventually:
      case Op::until:
      case Op::match_future:
        at.to = std::max(at.to, Pos{plan::last_seen(f->interval, at.to.ts, scale), UINT64_MAX});
        break;
      default:
        break;
    }
    Stretch r = at;
    for (auto& x : f->sub) r.add(seen(x, s, at));
    return r;
  }
};

}  // namespace

Stretch Analysis::touched(std::optional<PredicateIndex> p, const Stretch& at, const LogStore& log) const {
  return Walk{log, sig_, scale_}.touched(formula_, nullptr, p, at);
}

Stretch Analysis::seen(const Stretch& at, const LogStore& log) const { return Walk{log, sig_, scale_}.seen(formula_, nullptr, at); }

}  // namespace surety::logic
