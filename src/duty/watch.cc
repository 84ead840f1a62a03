#include "duty/watch.h"

#include <algorithm>
#include <set>

#include "base/instant.h"

namespace surety::duty {
namespace {

using plan::Formula;
using plan::Op;

// ONCE without a bound, perhaps under EXISTS: "P has happened". The result is P itself.
std::optional<Formula> happened(const Formula& f) {
  if (f->op == Op::once && f->interval.unconstrained()) return f->sub[0];
  if (f->op == Op::exists)
    if (auto inner = happened(f->sub[0])) return plan::exists(f->vars, *inner);
  return std::nullopt;
}

// NOT ONCE[0,s] P, perhaps with EXISTS between: "no P for s". The result is the window.
std::optional<plan::Interval> quiet(const Formula& f) {
  if (f->op != Op::negation) return std::nullopt;
  const Formula* inner = &f->sub[0];
  while ((*inner)->op == Op::exists) inner = &(*inner)->sub[0];
  if ((*inner)->op == Op::once && (*inner)->interval.bounded()) return (*inner)->interval;
  return std::nullopt;
}

// Parts that share a variable other than the bearer's must be looked at together.
bool separable(const Formula& f) {
  std::map<std::string, int> uses;
  for (const auto& s : f->sub)
    for (const auto& v : plan::free_variables(s))
      if (v != "b" && ++uses[v] > 1) return false;
  return true;
}

void flatten(const Formula& f, Op op, std::vector<Formula>& out) {
  if (f->op == op) {
    for (const auto& s : f->sub) flatten(s, op, out);
  } else {
    out.push_back(f);
  }
}

}  // namespace

std::vector<Held> merge(std::vector<Held> list) {
  std::sort(list.begin(), list.end(), [](const Held& a, const Held& b) { return a.from != b.from ? a.from < b.from : a.to > b.to; });
  std::vector<Held> out;
  for (const auto& h : list) {
    if (h.from >= h.to) continue;
    if (!out.empty() && h.from <= out.back().to) {
      out.back().to = std::max(out.back().to, h.to);
    } else {
      out.push_back(h);
    }
  }
  return out;
}

Result<Watch> Watch::build(const Formula& f, const std::string& name, const FactBase& facts, Ticks now,
                           const std::vector<std::string>& bearers) {
  if ((f->op == Op::conjunction || f->op == Op::disjunction) && separable(f)) {
    Watch w;
    w.kind_ = f->op == Op::conjunction ? Kind::all : Kind::any;
    std::vector<Formula> parts;
    flatten(f, f->op, parts);
    for (const auto& p : parts) {
      SURETY_TRY(auto part, build(p, name, facts, now, bearers));
      w.parts_.push_back(std::move(part));
    }
    return w;
  }
  if (auto inner = happened(f)) {
    SURETY_TRY(auto w, leaf(*inner, name, facts, now, bearers));
    w.sticky_ = true;
    return w;
  }
  SURETY_TRY(auto w, leaf(f, name, facts, now, bearers));
  w.hold_ = quiet(f);
  return w;
}

Result<Watch> Watch::leaf(const Formula& f, const std::string& name, const FactBase& facts, Ticks now,
                          const std::vector<std::string>& bearers) {
  Watch w;
  const auto columns = plan::free_variables(f);
  const auto column = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), "b") - columns.begin());
  w.by_bearer_ = column < columns.size();
  if (w.by_bearer_ || columns.empty()) {
    if (auto all = evaluate(f, name, facts, now)) {
      for (auto& [row, held] : all->rows) {
        auto& list = w.held_[w.by_bearer_ ? row[column] : std::string()];
        list.insert(list.end(), held.begin(), held.end());
      }
      for (auto& [b, list] : w.held_) list = merge(std::move(list));
      return w;
    } else if (!w.by_bearer_) {
      return err(all.error());
    }
    // With b free the formula is not safe (it says what b did not do): one bearer at a time.
    for (const auto& b : bearers) {
      SURETY_TRY(auto one, evaluate(plan::exists({}, plan::substitute(f, "b", plan::str(b))), name, facts, now));
      std::vector<Held> list;
      for (auto& [row, held] : one.rows) list.insert(list.end(), held.begin(), held.end());
      w.held_[b] = merge(std::move(list));
    }
    return w;
  }
  SURETY_TRY(auto all, evaluate(f, name, facts, now));
  std::vector<Held> list;
  for (auto& [row, held] : all.rows) list.insert(list.end(), held.begin(), held.end());
  w.held_[""] = merge(std::move(list));
  return w;
}

std::optional<Watch::Moment> Watch::next_leaf(const std::string& b, Entry entry, Ticks t) const {
  const auto it = held_.find(by_bearer_ ? b : std::string());
  if (it == held_.end()) return std::nullopt;
  const auto& list = it->second;
  if (sticky_) {
    // It has happened since the entry as soon as one interval ends after it.
    const auto h = std::upper_bound(list.begin(), list.end(), entry.since(), [](Ticks e, const Held& x) { return e < x.to; });
    if (h == list.end()) return std::nullopt;
    const Ticks from = std::max(h->from, entry.since());
    return from >= t ? Moment{from, h->from >= entry.since() ? moment(*h) : entry.at} : Moment{t, t};
  }
  Ticks start = std::max(t, entry.at);
  bool waited = false;
  if (hold_) {
    const Ticks lasted = plan::last_seen(*hold_, entry.at, kScale);
    if (entry.at > Instant::min().us && lasted < plan::kForever && lasted + 1 > start) {
      start = lasted + 1;
      waited = true;
    }
  }
  const auto h = std::upper_bound(list.begin(), list.end(), start, [](Ticks e, const Held& x) { return e < x.to; });
  if (h == list.end()) return std::nullopt;
  if (h->from > start) return Moment{h->from, moment(*h)};
  return Moment{start, waited ? start - 1 : start};
}

std::optional<Watch::Moment> Watch::next(const std::string& b, Entry entry, Ticks t) const {
  if (kind_ == Kind::leaf) return next_leaf(b, entry, t);
  if (kind_ == Kind::any) {
    std::optional<Moment> best;
    for (const auto& p : parts_)
      if (const auto m = p.next(b, entry, t); m && (!best || m->at < best->at)) best = m;
    return best;
  }
  Moment now{t, t};
  for (;;) {  // each round moves on to the latest of what the parts wait for, until all agree
    Moment reached = now;
    for (const auto& p : parts_) {
      const auto m = p.next(b, entry, reached.at);
      if (!m) return std::nullopt;
      if (m->at > reached.at) reached = *m;
    }
    if (reached.at == now.at) return now;
    now = reached;
  }
}

bool Watch::at(const std::string& b, Entry entry, Ticks t) const {
  const auto m = next(b, entry, t);
  return m && m->at == t;
}

Ticks Watch::end(const std::string& b, Entry entry, Ticks t) const {
  if (kind_ == Kind::leaf) {
    if (sticky_) return plan::kForever;
    const auto it = held_.find(by_bearer_ ? b : std::string());
    if (it == held_.end()) return t;
    const auto h = std::upper_bound(it->second.begin(), it->second.end(), t, [](Ticks e, const Held& x) { return e < x.to; });
    return h == it->second.end() || h->from > t ? t : h->to;
  }
  if (kind_ == Kind::all) {
    Ticks out = plan::kForever;
    for (const auto& p : parts_) out = std::min(out, p.end(b, entry, t));
    return out;
  }
  for (Ticks out = t;;) {
    Ticks further = out;
    for (const auto& p : parts_)
      if (p.at(b, entry, out)) further = std::max(further, p.end(b, entry, out));
    if (further == out || further == plan::kForever) return further;
    out = further;
  }
}

std::vector<Held> Watch::intervals(const std::string& b, Entry entry) const {
  std::vector<Held> out;
  for (Ticks t = entry.at;;) {
    const auto m = next(b, entry, t);
    if (!m) return out;
    const Ticks to = end(b, entry, m->at);
    out.push_back({m->at, to, m->shown != m->at});
    if (to == plan::kForever) return out;
    t = to;
  }
}

}  // namespace surety::duty
