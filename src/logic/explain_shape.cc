#include "logic/explain_shape.h"

#include <algorithm>

#include "logic/front/types.h"
#include "logic/normal_form.h"

namespace surety::logic {
namespace {

using plan::Formula;
using plan::Op;
using plan::Term;

void flatten(const Formula& f, std::vector<Formula>& out) {
  if (f->op != Op::conjunction) return out.push_back(f);
  flatten(f->sub[0], out);
  flatten(f->sub[1], out);
}

// k <= n or k < n with k a number: the least n that does.
std::optional<std::int64_t> lower_bound(const Formula& f, const std::string& n) {
  if (f->op != Op::less && f->op != Op::less_equal) return std::nullopt;
  const Term& k = f->terms[0];
  const Term& v = f->terms[1];
  if (v.op != Term::Op::variable || v.name != n || k.op != Term::Op::constant) return std::nullopt;
  const auto* value = std::get_if<std::int64_t>(&k.value);
  if (value == nullptr || *value == INT64_MAX) return std::nullopt;
  return f->op == Op::less ? *value + 1 : *value;
}

using Range = std::pair<std::size_t, std::size_t>;

Range joined(Range a, Range b) { return {std::min(a.first, b.first), std::max(a.second, b.second)}; }

}  // namespace

std::optional<AtLeast> at_least(const plan::Formula& f) {
  if (f->op != Op::exists || f->vars.size() != 1) return std::nullopt;
  std::vector<Formula> parts;
  flatten(f->sub[0], parts);
  std::optional<AtLeast> out;
  for (const Formula& p : parts) {
    if (p->op != Op::aggregate) continue;
    if (out || p->aggregate != plan::Aggregate::count || p->name != f->vars[0]) return std::nullopt;
    out = AtLeast{p, 1};
  }
  if (!out) return std::nullopt;
  for (const Formula& p : parts) {
    if (p == out->count) continue;
    const auto k = lower_bound(p, f->vars[0]);
    if (!k) return std::nullopt;
    out->needed = std::max(out->needed, *k);
  }
  // An ungrouped count of nothing is 0: without a bound above 0 there may be no witness to show.
  return parts.size() > 1 ? out : std::nullopt;
}

// Intervals slide, so both ends can be searched for.
Window window(const History& h, const plan::Node& n, std::size_t i, plan::TickScale scale) {
  const auto index = [&](auto it) { return static_cast<std::size_t>(it - h.begin()); };
  const auto at = h.begin() + static_cast<std::ptrdiff_t>(i);
  Window w;
  if (looks_ahead(n.op)) {
    const plan::Ticks from = plan::first_seen(n.interval, h[i].ts, scale), to = plan::last_seen(n.interval, h[i].ts, scale);
    const auto first = std::partition_point(at, h.end(), [&](const Moment& m) { return m.ts < from; });
    w = {index(first), index(std::partition_point(first, h.end(), [&](const Moment& m) { return m.ts <= to; }))};
    if (n.op == Op::next) w = {std::max(w.first, i + 1), std::min(w.end, i + 2)};
  } else {
    const plan::Ticks now = h[i].ts;
    const auto gone = [&](const Moment& m) { return plan::last_seen(n.interval, m.ts, scale) < now; };
    const auto seen = [&](const Moment& m) { return plan::first_seen(n.interval, m.ts, scale) <= now; };
    const auto first = std::partition_point(h.begin(), at + 1, gone);
    w = {index(first), index(std::partition_point(first, at + 1, seen))};
    if (n.op == Op::previous) w = {i == 0 ? 0 : std::max(w.first, i - 1), std::min(w.end, i)};
  }
  return {w.first, std::max(w.first, w.end)};
}

std::pair<std::size_t, std::size_t> reach(const History& h, const Formula& f, std::size_t i, plan::TickScale scale, const Scope& scope) {
  const std::size_t last = h.size() - 1;
  Range out{i, i};
  const auto with = [&](const Formula& g, std::size_t j, const Scope& s) { out = joined(out, reach(h, g, j, scale, s)); };
  if (f->op == Op::predicate) {
    const auto k = in_scope(scope, f->name);
    if (!k) return out;
    const bool past = scope[*k].let->op == Op::let_past;
    if (past) out.first = 0;
    if (past && scope[*k].below != SIZE_MAX) return out;  // no further than the use that led into the definition
    with(scope[*k].let->sub[0], i, scope_of_definition(scope, *k, i));
    return out;
  }
  if (f->op == Op::let || f->op == Op::let_past) {
    Scope inside = scope;
    inside.push_back({f});
    with(f->sub[1], i, inside);
    return out;
  }
  std::size_t from = i, to = i;
  if (f->op == Op::previous && i > 0) from = to = i - 1;
  if (f->op == Op::next && i < last) from = to = i + 1;
  const bool looks = f->op >= Op::once && f->op <= Op::until;
  if (looks || f->op == Op::match_past || f->op == Op::match_future) {
    const Window w = window(h, *f, i, scale);
    (looks_ahead(f->op) ? to : from) = looks_ahead(f->op) ? std::max(w.end, i + 1) - 1 : std::min(w.first, i);
  }
  for (const Formula& s : f->sub) {
    // Windows slide, so the two ends of this window reach furthest.
    with(s, from, scope);
    if (to != from) with(s, to, scope);
  }
  return joined(out, {from, to});
}

std::size_t facts_between(const History& h, std::size_t from, std::size_t to) {
  std::size_t n = 0;
  for (std::size_t i = from; i <= to && i < h.size(); ++i) n += h[i].facts.size();
  return n;
}

std::optional<std::size_t> in_scope(const Scope& scope, const std::string& name) {
  for (std::size_t k = scope.size(); k-- > 0;)
    if (scope[k].let->name == name) return k;
  return std::nullopt;
}

Scope scope_of_definition(const Scope& scope, std::size_t k, std::size_t point) {
  Scope out(scope.begin(), scope.begin() + static_cast<std::ptrdiff_t>(k));
  if (scope[k].let->op == Op::let_past) out.push_back({scope[k].let, point});
  return out;
}

ScopeKey key_of(const Scope& scope) {
  ScopeKey out;
  for (const InScope& s : scope) out.emplace_back(&*s.let, s.below);
  return out;
}

AggregatedTypes aggregated_types(const Formula& f, const Signature* signature) {
  if (signature == nullptr) return {};
  auto typing = infer_types(*signature, f);
  return typing ? std::move(typing->aggregated) : AggregatedTypes{};
}

}  // namespace surety::logic
