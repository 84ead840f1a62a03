#include "duty/prove.h"

#include <fmt/format.h>

#include <algorithm>

namespace surety::duty {
namespace {

using plan::Formula;
using plan::Op;
using plan::Term;
using plan::Value;

constexpr int kProofsCompared = 8;

std::optional<Value> value_of(const Term& t, const Prover::Env& env) {
  if (t.op == Term::Op::constant) return t.value;
  if (t.op == Term::Op::variable) {
    const auto it = env.find(t.name);
    return it == env.end() ? std::nullopt : std::optional<Value>(it->second);
  }
  if (t.args.empty()) return std::nullopt;
  const auto a = value_of(t.args[0], env);
  if (!a) return std::nullopt;
  if (t.args.size() < 2) return plan::apply(t.op, *a);
  const auto b = value_of(t.args[1], env);
  return b ? plan::apply(t.op, *a, &*b) : std::nullopt;
}

bool unify(const Term& t, const Value& v, Prover::Env& env) {
  if (t.op == Term::Op::wildcard) return true;
  if (const auto have = value_of(t, env)) return *have == v;
  if (t.op != Term::Op::variable) return false;
  env.emplace(t.name, v);
  return true;
}

bool bound(const Formula& f, const Prover::Env& env) {
  const auto free = plan::free_variables(f);
  return std::all_of(free.begin(), free.end(), [&](const auto& v) { return env.contains(v); });
}

std::size_t leaf_count(const model::Witness& w) {
  std::size_t n = w.leaves.size();
  for (const auto& c : w.children) n += leaf_count(c);
  return n;
}

bool unbounded_once(const plan::Node& n) { return n.op == Op::once && n.interval.unconstrained(); }

}  // namespace

const plan::Pattern* pattern_of(const plan::Agreement& a, const std::string& predicate) {
  if (predicate.size() < 3 || predicate[0] != 'p' || (predicate.back() != '!' && predicate.back() != '?')) return nullptr;
  std::size_t k = 0;
  for (std::size_t i = 1; i + 1 < predicate.size(); ++i) {
    if (predicate[i] < '0' || predicate[i] > '9') return nullptr;
    k = k * 10 + static_cast<std::size_t>(predicate[i] - '0');
  }
  return k < a.patterns.size() ? &a.patterns[k] : nullptr;
}

std::string describe(const TimeRange& when, const std::string& zone) {
  if (when.from == when.to) return local_text(when.from, zone) + " " + zone;
  return fmt::format("{} {} and {} {}", when.lasting ? "from" : "between", local_text(when.from, zone), local_text(when.to, zone), zone);
}

std::string describe(const Happening& h, const std::string& zone) {
  const std::string where = h.place() && !h.place()->name.empty() ? " at " + h.place()->name : "";
  return fmt::format("{}{}, {}", h.event, where, describe(h.when, zone));
}

Proof join(const std::string& rule, const std::string& text, std::vector<Proof> parts) {
  Proof out;
  out.witness.rule = rule;
  out.witness.text = text;
  for (auto& p : parts) {
    out.occurrence = std::min(out.occurrence, p.occurrence);
    out.attribution = std::min(out.attribution, p.attribution);
    out.known = std::max(out.known, p.known);
    out.uses.insert(out.uses.end(), p.uses.begin(), p.uses.end());
    out.witness.children.push_back(std::move(p.witness));
  }
  return out;
}

Proof Prover::happening(const Happening& h, model::Grade occurrence, const std::string& party, const std::string& rule) const {
  Proof p;
  p.occurrence = h.occurrence;
  p.attribution = model::Grade::none;
  for (const auto& a : h.attributions)
    if (party.empty() || a.party == party) p.attribution = std::max(p.attribution, a.grade);
  p.witness.rule = rule;
  const std::string who = party.empty() ? std::string() : fmt::format(", attributed to {} ({})", party, model::name(p.attribution));
  p.witness.text = fmt::format("{}: {}{}", describe(h, agreement_.clock.zone), model::name(h.occurrence), who);
  if (h.kind == model::Kind::decision)
    p.witness.text = fmt::format("{} decided: {}, {}", h.statement->author, h.event, describe(h.when, agreement_.clock.zone));
  p.witness.leaves = leaves_for(agreement_, h, occurrence, party);
  p.known = known_from(h, p.witness.leaves);
  p.uses = {&h};
  return p;
}

Proof Prover::absent(const std::string& what) const {
  Proof p;
  p.witness.rule = "absent";
  p.witness.text = fmt::format("{}: none recorded among {} statements", what, world_.scanned());
  p.witness.scanned = world_.scanned();
  return p;
}

Proof Prover::leaf(const std::string& predicate, const Fact& f) const {
  const plan::Pattern* pattern = pattern_of(agreement_, predicate);
  const Happening* h = pattern ? world_.find(std::string(f.a)) : nullptr;
  if (h) return happening(*h, pattern->occurrence, std::string(f.b), pattern->decided ? "decided" : "exists");
  Proof p;
  p.witness.rule = "norm";
  if (predicate == "state") {
    p.witness.text = fmt::format("{} is {}", f.a, f.b);
  } else {
    p.witness.text = fmt::format("clause {} was {} by {}", f.a, predicate, f.b);
  }
  return p;
}

// The instants at which something that f reads happened, within [from, to].
std::vector<Ticks> Prover::times(const Formula& f, Ticks from, Ticks to) const {
  std::vector<Ticks> out;
  const std::function<void(const Formula&)> walk = [&](const Formula& g) {
    if (g->op == Op::predicate) {
      if (const auto it = lets_.find(g->name); it != lets_.end()) return walk(it->second->sub[0]);
      const auto& list = facts_.of(g->name);
      auto it = std::lower_bound(list.begin(), list.end(), from, [](const Fact& x, Ticks t) { return x.at < t; });
      for (; it != list.end() && it->at <= to; ++it)
        if (out.empty() || out.back() != it->at) out.push_back(it->at);
    }
    for (const auto& s : g->sub) walk(s);
  };
  walk(f);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::optional<Proof> Prover::prove(const Formula& f, Ticks t, const Env& env, Ticks entry) {
  entry_ = entry;
  std::optional<Proof> best;
  int seen = 0;
  each(f, t, env, [&](const Env&, const Proof& p) {
    if (!best || leaf_count(p.witness) < leaf_count(best->witness)) best = p;
    return ++seen < kProofsCompared;
  });
  return best;
}

bool Prover::holds(const Formula& f, Ticks t, const Env& env) {
  bool found = false;
  each(f, t, env, [&](const Env&, const Proof&) {
    found = true;
    return false;
  });
  return found;
}

bool Prover::each(const Formula& f, Ticks t, const Env& env, const Yield& yield) {
  switch (f->op) {
    case Op::truth:
      return yield(env, Proof{});
    case Op::predicate:
      return each_predicate(*f, t, env, yield);
    case Op::equal:
    case Op::less:
    case Op::less_equal:
      return each_comparison(*f, env, yield);
    case Op::conjunction:
      return each_conjunction(f, t, env, yield);
    case Op::disjunction:
      return each(f->sub[0], t, env, yield) && each(f->sub[1], t, env, yield);
    case Op::once:
      return each_once(f, t, env, yield);
    case Op::since:
      return each_since(f, t, env, yield);
    case Op::aggregate:
      return each_aggregate(*f, t, env, yield);
    case Op::let:
      return each_let(*f, t, env, yield);
    case Op::negation: {
      if (holds(f->sub[0], t, env)) return true;
      std::string what;
      for (const auto& name : predicates(f->sub[0]))
        if (const auto* p = pattern_of(agreement_, name)) what += (what.empty() ? "" : ", ") + p->text;
      return yield(env, absent(what.empty() ? plan::text_short(f->sub[0]) : what));
    }
    case Op::exists: {
      Env inner = env;
      for (const auto& v : f->vars) inner.erase(v);
      return each(f->sub[0], t, inner, [&](const Env& e, const Proof& p) {
        Env outer = e;
        for (const auto& v : f->vars) {
          outer.erase(v);
          if (const auto it = env.find(v); it != env.end()) outer.insert(*it);
        }
        return yield(outer, p);
      });
    }
    default:
      return true;
  }
}

bool Prover::each_predicate(const plan::Node& n, Ticks t, const Env& env, const Yield& yield) {
  if (const auto it = lets_.find(n.name); it != lets_.end()) {
    const plan::Node& let = *it->second;
    Env inner;
    for (std::size_t i = 0; i < let.vars.size() && i < n.terms.size(); ++i)
      if (const auto v = value_of(n.terms[i], env)) inner.emplace(let.vars[i], *v);
    return each(let.sub[0], t, inner, [&](const Env& e, const Proof& p) {
      Env outer = env;
      for (std::size_t i = 0; i < let.vars.size() && i < n.terms.size(); ++i) {
        const auto v = e.find(let.vars[i]);
        if (v != e.end() && !unify(n.terms[i], v->second, outer)) return true;
      }
      return yield(outer, p);
    });
  }
  const auto& list = facts_.of(n.name);
  auto it = std::lower_bound(list.begin(), list.end(), t, [](const Fact& x, Ticks at) { return x.at < at; });
  for (; it != list.end() && it->at == t; ++it) {
    Env e = env;
    bool fits = true;
    if (n.terms.size() > 0) fits = unify(n.terms[0], Value(std::string(it->a)), e);
    if (fits && n.terms.size() > 1) fits = unify(n.terms[1], Value(std::string(it->b)), e);
    if (fits && n.terms.size() > 2) fits = unify(n.terms[2], Value(it->value), e);
    if (fits && !yield(e, leaf(n.name, *it))) return false;
  }
  return true;
}

bool Prover::each_comparison(const plan::Node& n, const Env& env, const Yield& yield) {
  auto a = value_of(n.terms[0], env), b = value_of(n.terms[1], env);
  Proof p;
  p.witness.rule = "compare";
  if (n.op == Op::equal && (a || b) && !(a && b)) {
    Env e = env;
    if (!unify(a ? n.terms[1] : n.terms[0], a ? *a : *b, e)) return true;
    return yield(e, p);
  }
  if (!a || !b || a->index() != b->index()) return true;
  const bool ok = n.op == Op::equal ? *a == *b : n.op == Op::less ? *a < *b : *a <= *b;
  p.witness.text = fmt::format("{} {} {}", plan::to_text(*a),
                               n.op == Op::equal  ? "is"
                               : n.op == Op::less ? "is below"
                                                  : "is at most",
                               plan::to_text(*b));
  return ok ? yield(env, p) : true;
}

bool Prover::each_conjunction(const Formula& f, Ticks t, const Env& env, const Yield& yield) {
  Formula first = f->sub[0], second = f->sub[1];
  const auto guard = [](const Formula& g) {
    return g->op == Op::negation || g->op == Op::less || g->op == Op::less_equal || g->op == Op::equal;
  };
  if (guard(first) && !bound(first, env)) std::swap(first, second);
  for (const Formula* side : {&first, &second}) {
    const plan::Node& n = **side;
    if (n.op != Op::less_equal && n.op != Op::less) continue;
    const auto* least = n.terms[0].op == Term::Op::constant ? std::get_if<std::int64_t>(&n.terms[0].value) : nullptr;
    if (least && n.terms[1].op == Term::Op::variable) needed_[n.terms[1].name] = *least + (n.op == Op::less ? 1 : 0);
  }
  return each(first, t, env, [&](const Env& e, const Proof& left) {
    return each(second, t, e, [&](const Env& e2, const Proof& right) {
      if (right.witness.rule == "compare" || right.witness.rule.empty()) return yield(e2, left);
      if (left.witness.rule == "compare" || left.witness.rule.empty()) return yield(e2, right);
      return yield(e2, join("all", "all of these hold", {left, right}));
    });
  });
}

bool Prover::each_once(const Formula& f, Ticks t, const Env& env, const Yield& yield) {
  Ticks from = plan::earliest(f->interval, t, kScale);
  const Ticks to = plan::latest(f->interval, t, kScale);
  if (unbounded_once(*f)) from = std::max(from, entry_);
  for (const Ticks s : times(f->sub[0], from, to))
    if (!each(f->sub[0], s, env, yield)) return false;
  return true;
}

bool Prover::each_since(const Formula& f, Ticks t, const Env& env, const Yield& yield) {
  const Ticks from = plan::earliest(f->interval, t, kScale), to = plan::latest(f->interval, t, kScale);
  auto candidates = times(f->sub[1], from, to);
  for (auto s = candidates.rbegin(); s != candidates.rend(); ++s) {
    const bool more = each(f->sub[1], *s, env, [&](const Env& e, const Proof& p) {
      for (const Ticks between : times(f, *s + 1, t))
        if (!holds(f->sub[0], between, e)) return true;
      return *s < t && !holds(f->sub[0], t, e) ? true : yield(e, p);
    });
    if (!more) return false;
  }
  return true;
}

bool Prover::each_aggregate(const plan::Node& n, Ticks t, const Env& env, const Yield& yield) {
  struct Group {
    Env by;
    std::map<std::vector<Value>, Proof> found;
    double sum = 0;
  };
  std::map<std::vector<Value>, Group> groups;
  const auto free = plan::free_variables(n.sub[0]);
  Env start;  // variables bound outside stay bound only where they are grouped by
  for (const auto& v : n.vars)
    if (const auto it = env.find(v); it != env.end()) start.insert(*it);
  for (const auto& v : free)
    if (const auto it = env.find(v); it != env.end() && v != n.over) start.insert(*it);
  each(n.sub[0], t, start, [&](const Env& e, const Proof& p) {
    std::vector<Value> key, row;
    for (const auto& v : n.vars) key.push_back(e.at(v));
    for (const auto& v : free) row.push_back(e.contains(v) ? e.at(v) : Value());
    Group& g = groups[key];
    for (const auto& v : n.vars) g.by[v] = e.at(v);
    if (g.found.emplace(row, p).second && e.contains(n.over))
      if (const auto* d = std::get_if<double>(&e.at(n.over))) g.sum += *d;
    return true;
  });
  if (groups.empty() && n.vars.empty()) groups[{}];
  for (auto& [key, g] : groups) {
    Env e = env;
    for (const auto& [v, value] : g.by) e[v] = value;
    if (n.aggregate == plan::Aggregate::count)
      e[n.name] = static_cast<std::int64_t>(g.found.size());
    else if (n.aggregate == plan::Aggregate::sum)
      e[n.name] = g.sum;
    else
      continue;
    std::vector<Proof> parts;
    const auto need = needed_.find(n.name);
    std::size_t take = g.found.size();
    if (n.aggregate == plan::Aggregate::count && need != needed_.end() && need->second >= 0)
      take = std::min(take, static_cast<std::size_t>(need->second));
    std::vector<const Proof*> all;
    for (const auto& [row, p] : g.found) all.push_back(&p);
    std::stable_sort(all.begin(), all.end(), [](const Proof* a, const Proof* b) { return a->known < b->known; });
    for (std::size_t i = 0; i < take; ++i) parts.push_back(*all[i]);
    Proof p = join("count", fmt::format("{} in the window, {} asked for", g.found.size(), take), std::move(parts));
    if (!yield(e, p)) return false;
  }
  return true;
}

bool Prover::each_let(const plan::Node& n, Ticks t, const Env& env, const Yield& yield) {
  const auto before = lets_.find(n.name);
  const plan::Node* shadowed = before == lets_.end() ? nullptr : before->second;
  lets_[n.name] = &n;
  const bool more = each(n.sub[1], t, env, yield);
  if (shadowed)
    lets_[n.name] = shadowed;
  else
    lets_.erase(n.name);
  return more;
}

}  // namespace surety::duty
