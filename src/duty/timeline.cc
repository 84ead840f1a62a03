#include "duty/timeline.h"

#include <algorithm>
#include <set>

#include "logic/monitor.h"

namespace surety::duty {
namespace {

using plan::Formula;
using plan::Op;

struct Points {
  std::vector<Ticks> at;   // sorted, each once
  bool momentary = false;  // may be true at the instant alone
};
using Lets = std::map<std::string, Points>;

void tidy(std::vector<Ticks>& v) {
  std::sort(v.begin(), v.end());
  v.erase(std::unique(v.begin(), v.end()), v.end());
}

// A value that holds at an instant alone falls at the next microsecond.
void add_falls(Points& p) {
  if (!p.momentary) return;
  const std::size_t n = p.at.size();
  for (std::size_t i = 0; i < n; ++i) p.at.push_back(p.at[i] + 1);
  tidy(p.at);
  p.momentary = false;
}

class ChangePoints {
 public:
  ChangePoints(const FactBase& facts, Ticks now) : facts_(facts), now_(now) {}

  Result<Points> of(const Formula& f) {
    switch (f->op) {
      case Op::predicate:
        return predicate(*f);
      case Op::once:
      case Op::historically:
        return windowed(f->interval, f->sub);
      case Op::since:
        return windowed(f->interval, f->sub);
      case Op::let: {
        SURETY_TRY(auto def, of(f->sub[0]));
        const auto shadowed = lets_.find(f->name) == lets_.end() ? std::nullopt : std::optional<Points>(lets_[f->name]);
        lets_[f->name] = std::move(def);
        auto out = of(f->sub[1]);
        if (shadowed)
          lets_[f->name] = *shadowed;
        else
          lets_.erase(f->name);
        return out;
      }
      case Op::previous:
      case Op::next:
      case Op::eventually:
      case Op::always:
      case Op::until:
      case Op::match_past:
      case Op::match_future:
      case Op::let_past:
        return err(fail("duty.future-condition", "a condition may only look back, over windows of time")
                       .found(plan::text_short(f))
                       .help("this operator has no meaning in an agreement's condition"));
      default:
        break;
    }
    Points out;
    std::vector<Points> parts;
    for (const auto& s : f->sub) {
      SURETY_TRY(auto p, of(s));
      out.momentary = out.momentary || p.momentary;
      parts.push_back(std::move(p));
    }
    for (auto& p : parts) {
      if (out.momentary) {
        p.momentary = true;
      }
      out.at.insert(out.at.end(), p.at.begin(), p.at.end());
    }
    tidy(out.at);
    return out;
  }

 private:
  Result<Points> predicate(const plan::Node& n) {
    if (const auto it = lets_.find(n.name); it != lets_.end()) return it->second;
    Points out;
    out.momentary = true;
    for (const auto& fact : facts_.of(n.name)) {
      if (fact.at > now_) break;
      if (out.at.empty() || out.at.back() != fact.at) out.at.push_back(fact.at);
    }
    return out;
  }

  // A window sees a fact from first_seen to last_seen; what changes inside it can change the whole at
  // those two moments only, and, for SINCE, when its left side does.
  Result<Points> windowed(const plan::Interval& interval, const std::vector<Formula>& sub) {
    Points out;
    for (const auto& s : sub) {
      SURETY_TRY(auto p, of(s));
      const bool instant = p.momentary && sub.size() == 1;
      if (!instant) add_falls(p);
      for (const Ticks t : p.at) {
        if (sub.size() == 2) out.at.push_back(t);
        for (const Ticks edge : {instant ? t : t - 1, t}) {
          const Ticks first = plan::first_seen(interval, edge, kScale), last = plan::last_seen(interval, edge, kScale);
          if (first > last) continue;
          if (first <= now_) out.at.push_back(first);
          if (last < now_) out.at.push_back(last + 1);
        }
      }
    }
    tidy(out.at);
    return out;
  }

  const FactBase& facts_;
  Ticks now_;
  Lets lets_;
};

void collect(const Formula& f, std::set<std::string>& bound, std::map<std::string, std::size_t>& out) {
  if (f->op == Op::predicate && !bound.contains(f->name)) out.emplace(f->name, f->terms.size());
  if (f->op == Op::let || f->op == Op::let_past) {
    if (f->op == Op::let) collect(f->sub[0], bound, out);
    const bool fresh = bound.insert(f->name).second;
    if (f->op == Op::let_past) collect(f->sub[0], bound, out);
    collect(f->sub[1], bound, out);
    if (fresh) bound.erase(f->name);
    return;
  }
  for (const auto& s : f->sub) collect(s, bound, out);
}

std::map<std::string, std::size_t> arities(const Formula& f) {
  std::set<std::string> bound;
  std::map<std::string, std::size_t> out;
  collect(f, bound, out);
  return out;
}

// Turns the monitor's rows, time-point by time-point, into maximal intervals.
class Collector {
 public:
  Collector(const std::vector<Ticks>& points, const std::vector<Ticks>& fact_times) : points_(points), fact_times_(fact_times) {}

  void row(Ticks at, std::vector<std::string> values) {
    if (points_[point_] != at)  // rows come in order of time
      point_ = static_cast<std::size_t>(std::lower_bound(points_.begin(), points_.end(), at) - points_.begin());
    const std::size_t point = point_;
    auto [it, fresh] = open_.try_emplace(std::move(values), Open{point, point});
    if (fresh) return;
    if (it->second.last == point || it->second.last + 1 == point) {
      it->second.last = point;
      return;
    }
    flush(it->first, it->second);
    it->second = {point, point};
  }
  Relation finish(std::vector<std::string> columns) {
    for (const auto& [values, o] : open_) flush(values, o);
    out_.columns = std::move(columns);
    return std::move(out_);
  }

 private:
  struct Open {
    std::size_t first = 0, last = 0;
  };
  void flush(const std::vector<std::string>& values, const Open& o) {
    Held h;
    h.from = points_[o.first];
    h.to = o.last + 1 < points_.size() ? points_[o.last + 1] : plan::kForever;
    h.expiry = !std::binary_search(fact_times_.begin(), fact_times_.end(), h.from);
    out_.rows[values].push_back(h);
  }
  const std::vector<Ticks>& points_;
  const std::vector<Ticks>& fact_times_;
  std::size_t point_ = 0;
  std::map<std::vector<std::string>, Open> open_;
  Relation out_;
};

std::string as_text(const plan::Value& v) {
  const auto* s = std::get_if<std::string>(&v);
  return s ? *s : plan::to_text(v);
}

struct Stream {
  const std::vector<Fact>* facts = nullptr;
  logic::PredicateIndex predicate = 0;
  std::size_t arity = 2, next = 0;
};

Status feed(logic::Monitor& m, std::vector<Stream>& streams, const std::vector<Ticks>& points) {
  std::vector<plan::Value> args;
  for (const Ticks t : points) {
    SURETY_TRY([[maybe_unused]] auto point, m.open_point(t));
    for (auto& s : streams) {
      while (s.next < s.facts->size() && (*s.facts)[s.next].at < t) ++s.next;
      for (; s.next < s.facts->size() && (*s.facts)[s.next].at == t; ++s.next) {
        const Fact& f = (*s.facts)[s.next];
        args.clear();
        if (s.arity > 0) args.emplace_back(std::string(f.a));
        if (s.arity > 1) args.emplace_back(std::string(f.b));
        if (s.arity > 2) args.emplace_back(f.value);
        SURETY_TRY_STATUS(m.insert(0, s.predicate, args, t));
      }
    }
    m.complete(t);
  }
  m.finish(logic::End::closed);
  return {};
}

// A formula that reads one pattern and nothing else needs no monitor.
std::optional<Relation> direct(const Formula& whole, const FactBase& facts, Ticks now, const std::vector<std::string>& columns) {
  const Formula* f = &whole;
  while ((*f)->op == Op::exists) f = &(*f)->sub[0];
  if ((*f)->op != Op::predicate || (*f)->terms.size() != 2) return std::nullopt;
  const auto& terms = (*f)->terms;
  for (const auto& t : terms)
    if (t.op != plan::Term::Op::variable && t.op != plan::Term::Op::constant) return std::nullopt;
  if (terms[0] == terms[1]) return std::nullopt;
  Relation out;
  out.columns = columns;
  for (const auto& fact : facts.of((*f)->name)) {
    if (fact.at > now) break;
    const std::string_view args[2] = {fact.a, fact.b};
    bool fits = true;
    for (int k = 0; k < 2; ++k)
      if (terms[static_cast<std::size_t>(k)].op == plan::Term::Op::constant)
        fits = fits && as_text(terms[static_cast<std::size_t>(k)].value) == args[k];
    if (!fits) continue;
    std::vector<std::string> row;
    for (const auto& c : columns) row.emplace_back(terms[0].name == c && terms[0].op == plan::Term::Op::variable ? args[0] : args[1]);
    auto& held = out.rows[std::move(row)];
    if (!held.empty() && held.back().to == fact.at)
      held.back().to = fact.at + 1;
    else if (held.empty() || held.back().from != fact.at)
      held.push_back({fact.at, fact.at + 1, false});
  }
  return out;
}

}  // namespace

void FactBase::put(const std::string& predicate, std::vector<Fact> list) {
  std::stable_sort(list.begin(), list.end(), [](const Fact& x, const Fact& y) {
    if (x.at != y.at) return x.at < y.at;
    return x.a != y.a ? x.a < y.a : x.b < y.b;
  });
  facts_[predicate] = std::move(list);
}

const std::vector<Fact>& FactBase::of(const std::string& predicate) const {
  static const std::vector<Fact> kNone;
  const auto it = facts_.find(predicate);
  if (it != facts_.end()) return it->second;
  return base_ ? base_->of(predicate) : kNone;
}

std::vector<std::string> predicates(const Formula& f) {
  std::vector<std::string> out;
  for (const auto& [name, arity] : arities(f)) out.push_back(name);
  return out;
}

Result<std::vector<Ticks>> change_points(const Formula& f, const FactBase& facts, Ticks now) {
  SURETY_TRY(auto points, ChangePoints(facts, now).of(f));
  add_falls(points);
  // The value before anything happened: far enough back that no window reaches it from any fact.
  points.at.insert(points.at.begin(), Instant::min().us);
  while (!points.at.empty() && points.at.back() > now) points.at.pop_back();
  return std::move(points.at);
}

Result<Relation> evaluate(const Formula& f, const std::string& name, const FactBase& facts, Ticks now) {
  const auto columns = plan::free_variables(f);
  if (auto fast = direct(f, facts, now, columns)) return std::move(*fast);
  SURETY_TRY(const auto points, change_points(f, facts, now));
  logic::Signature signature;
  std::vector<Stream> streams;
  std::vector<Ticks> fact_times;
  for (const auto& [predicate, arity] : arities(f)) {
    logic::Predicate p{predicate, {}, {}};
    for (std::size_t i = 0; i < arity; ++i) p.columns.push_back(i < 2 ? plan::Type::text : plan::Type::real);
    signature.add(std::move(p));
    streams.push_back({&facts.of(predicate), signature.find(predicate), arity, 0});
    for (const auto& fact : facts.of(predicate)) fact_times.push_back(fact.at);
  }
  tidy(fact_times);
  logic::Options options;
  options.scale = kScale;
  options.retain = 0;
  SURETY_TRY(auto monitor, logic::Monitor::compile(std::move(signature), {{name, f, columns}}, options));
  Collector collector(points, fact_times);
  monitor.set_sink([&](const logic::Monitor::RawChange& c) {
    if (c.kind == logic::ChangeKind::withdrawn) return;
    std::vector<std::string> row;
    row.reserve(c.row.size());
    for (std::size_t i = 0; i < c.row.size(); ++i) row.push_back(as_text(monitor.value_of(0, i, c.row[i])));
    collector.row(c.ts, std::move(row));
  });
  SURETY_TRY_STATUS(feed(monitor, streams, points));
  return collector.finish(columns);
}

}  // namespace surety::duty
