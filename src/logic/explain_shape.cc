#include "logic/explain_shape.h"

#include <algorithm>
#include <vector>

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

std::pair<std::size_t, std::size_t> reach(const History& h, const Formula& f, std::size_t i, plan::TickScale scale) {
  const std::size_t last = h.size() - 1;
  const Range everything{0, last};
  Range out{i, i};
  if (f->op == Op::let || f->op == Op::let_past) return everything;
  if (f->op == Op::previous) return i == 0 ? out : joined(out, reach(h, f->sub[0], i - 1, scale));
  if (f->op == Op::next) return i == last ? out : joined(out, reach(h, f->sub[0], i + 1, scale));
  const bool past = f->op == Op::once || f->op == Op::since || f->op == Op::historically || f->op == Op::match_past;
  const bool future = f->op == Op::eventually || f->op == Op::until || f->op == Op::always || f->op == Op::match_future;
  std::size_t from = i, to = i;
  if (past)
    while (from > 0 && plan::last_seen(f->interval, h[from - 1].ts, scale) >= h[i].ts) --from;
  if (future)
    while (to < last && plan::last_seen(f->interval, h[i].ts, scale) >= h[to + 1].ts) ++to;
  for (const Formula& s : f->sub) {
    // Windows slide, so the two ends of this window reach furthest.
    out = joined(out, joined(reach(h, s, from, scale), reach(h, s, to, scale)));
  }
  return joined(out, {from, to});
}

std::size_t facts_between(const History& h, std::size_t from, std::size_t to) {
  std::size_t n = 0;
  for (std::size_t i = from; i <= to && i < h.size(); ++i) n += h[i].facts.size();
  return n;
}

}  // namespace surety::logic
