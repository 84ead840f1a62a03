#include "duty/run.h"

#include <fmt/format.h>

#include <algorithm>

namespace surety::duty {

using plan::Formula;

std::optional<Watch::Moment> Signal::next(const std::string& b, Entry entry, Ticks t) const {
  for (std::size_t k = 0; k < epochs_.size(); ++k) {
    const Ticks until = k + 1 < epochs_.size() ? epochs_[k + 1].first : plan::kForever;
    if (until <= t) continue;
    const auto m = epochs_[k].second.next(b, entry, std::max(t, epochs_[k].first));
    if (m && m->at < until) return m;
  }
  return std::nullopt;
}

bool Signal::at(const std::string& b, Entry entry, Ticks t) const {
  const auto m = next(b, entry, t);
  return m && m->at == t;
}

Ticks Signal::end(const std::string& b, Entry entry, Ticks t) const {
  for (std::size_t k = 0; k < epochs_.size(); ++k) {
    const Ticks until = k + 1 < epochs_.size() ? epochs_[k + 1].first : plan::kForever;
    if (until <= t) continue;
    const Ticks e = epochs_[k].second.end(b, entry, t);
    if (e < until || until == plan::kForever) return e;
    t = until;
    if (!epochs_[k + 1].second.at(b, entry, t)) return t;
  }
  return plan::kForever;
}

std::vector<Held> Signal::intervals(const std::string& b, Entry entry) const {
  std::vector<Held> out;
  for (Ticks t = entry.at;;) {
    const auto m = next(b, entry, t);
    if (!m) return out;
    const Ticks to = end(b, entry, m->at);
    out.push_back({m->at, to, m->shown != m->at});
    if (to == plan::kForever) return out;
    t = std::max(to, m->at + 1);
  }
}

Run::Run(const plan::Agreement& a, const World& w, const Options& o) : agreement(a), world(w), options(o) {
  now = o.now.us ? o.now.us : std::min(o.known_at, w.seen()).us;
  if (a.in_force.from) window.from = *a.in_force.from;
  if (a.in_force.until) window.until = *a.in_force.until;
  make_facts();
}

namespace {

constexpr double kUnbounded = 1e300;  // finite: the monitor's reals are

// The field that is added up, in the pattern's unit, from below and from above.
std::pair<double, double> amounts(const Happening& h, const plan::Pattern& p) {
  const auto it = h.fields().find(p.sum_field);
  if (it == h.fields().end()) return {0, kUnbounded};
  model::Amount a;
  if (const auto* amount = std::get_if<model::Amount>(&it->second)) a = *amount;
  if (const auto* text = std::get_if<std::string>(&it->second))
    if (const auto n = Decimal::parse(*text)) a = {*n, *n, "", ""};
  const auto in_unit = [&](const std::optional<Decimal>& n) -> std::optional<double> {
    if (!n) return std::nullopt;
    if (a.unit == p.sum_unit || p.sum_unit.empty()) return n->approximate();
    for (const auto& [from, to, factor] : {std::tuple{"km", "m", 1000.0}, {"m", "km", 0.001}, {"t", "kg", 1000.0}, {"kg", "t", 0.001}})
      if (a.unit == from && p.sum_unit == to) return n->approximate() * factor;
    return std::nullopt;
  };
  return {in_unit(a.low).value_or(0), in_unit(a.high).value_or(kUnbounded)};
}

// The shortest window that any condition looks back over, at least a minute.
Ticks shortest_window(const Formula& f, Ticks shortest) {
  if (f->interval.upper && (f->op == plan::Op::once || f->op == plan::Op::historically || f->op == plan::Op::since)) {
    constexpr Ticks kSome = 1'700'000'000'000'000;  // the length of a calendar window hardly depends on when
    const Ticks length = plan::last_seen(f->interval, kSome, kScale) - kSome;
    shortest = std::min(shortest, std::max<Ticks>(length, Span::minutes(1).us));
  }
  for (const auto& sub : f->sub) shortest = shortest_window(sub, shortest);
  return shortest;
}

Ticks shortest_window(const plan::Agreement& a) {
  Ticks shortest = plan::kForever;
  const auto look = [&](const plan::Condition& c) { shortest = shortest_window(c.possible, shortest); };
  const auto maybe = [&](const std::optional<plan::Condition>& c) {
    if (c) look(*c);
  };
  maybe(a.in_force.when);
  for (const auto& f : a.findings) look(f.when);
  for (const auto& m : a.machines)
    for (const auto& t : m.transitions) look(t.when);
  for (const auto& c : a.clauses) {
    maybe(c.when);
    maybe(c.except);
    for (const auto& action : c.actions) maybe(action.performed);
    for (const auto& r : c.readings) look(r.is);
  }
  return shortest;
}

// What may have happened at any moment of a stretch is seen by every window that the stretch touches:
// "no P for 6 hours" must not be certain while an undated P may lie in those hours (LANGUAGE.md §7.6).
void spread(std::vector<Fact>& may, Fact f, Ticks from, Ticks step) {
  for (Ticks t = from; t < f.at; t = step < f.at - t ? t + step : f.at) {
    Fact earlier = f;
    earlier.at = t;
    may.push_back(earlier);
  }
}

}  // namespace

void Run::make_facts() {
  std::set<Ticks> times;
  const Ticks step = shortest_window(agreement);
  for (const auto& pattern : agreement.patterns) {
    matches.push_back(match(world, agreement, pattern, window));
    const std::string certain = fmt::format("p{}!", pattern.index), possible = fmt::format("p{}?", pattern.index);
    std::vector<Fact> sure, may;
    for (const auto& m : matches.back()) {
      const Happening& h = world[m.happening];
      if (m.at > now) continue;
      Fact f{m.at, h.id, m.party, 0};
      const Ticks from = std::max(h.when.from, window.from).us;
      if (pattern.sum_field.empty()) {
        may.push_back(f);
        spread(may, f, from, step);
        if (m.certain) sure.push_back(f);
      } else {  // at least so much, at most so much; no bound: nothing sure, and nothing can be ruled out
        const auto [low, high] = amounts(h, pattern);
        f.value = high;
        may.push_back(f);
        spread(may, f, from, step);
        f.value = low;
        if (m.certain) sure.push_back(f);
      }
      if (h.withdrawn && h.withdrawn->us <= now) {
        times.insert(h.withdrawn->us);
        withdrawable_.insert(certain);
        withdrawable_.insert(possible);
      }
    }
    facts.put(certain, std::move(sure));
    facts.put(possible, std::move(may));
  }
  withdrawals_.assign(times.begin(), times.end());
}

void Run::make_term_facts() {
  std::vector<Fact> entry;
  for (const auto& h : force)
    if (h.from <= now && h.from > Instant::min().us) entry.push_back({h.from, {}, {}, 0});
  facts.put("entry", std::move(entry));
  if (window.until < Instant::max() && window.until.us <= now) facts.put("expiry", {{window.until.us, {}, {}, 0}});
}

FactBase Run::without_withdrawn(Ticks at) const {
  FactBase remaining(&facts);
  for (const auto& predicate : withdrawable_) {
    std::vector<Fact> kept;
    for (const auto& f : facts.of(predicate)) {
      const Happening* h = world.find(std::string(f.a));
      if (!h || !h->withdrawn || h->withdrawn->us > at) kept.push_back(f);
    }
    remaining.put(predicate, std::move(kept));
  }
  return remaining;
}

Result<Signal> Run::signal(const Formula& f, const std::string& name, const std::vector<std::string>& bearers) {
  Signal result;
  SURETY_TRY(auto first, Watch::build(f, name, facts, now, bearers));
  result.add(INT64_MIN, std::move(first));
  const auto reads = predicates(f);
  if (std::none_of(reads.begin(), reads.end(), [&](const auto& p) { return withdrawable_.contains(p); })) return result;
  for (const Ticks w : withdrawals_) {
    const FactBase left = without_withdrawn(w);
    SURETY_TRY(auto next, Watch::build(f, name, left, now, bearers));
    result.add(w, std::move(next));
  }
  return result;
}

void Run::note(const std::string& predicate, const std::string& a, const std::string& b, Ticks at) {
  notes_[predicate].push_back({at, *names_.insert(a).first, *names_.insert(b).first, 0});
}

void Run::publish_notes() {
  for (const auto& [predicate, list] : notes_)
    if (facts.of(predicate).size() != list.size()) facts.put(predicate, list);
}

std::vector<std::string> Run::parameters(const plan::Condition& c) const {
  std::vector<std::string> list;
  for (const auto& name : c.parameters) {
    for (const auto& p : agreement.parameters) {
      if (p.name != name) continue;
      std::string value;
      if (const auto* n = std::get_if<std::int64_t>(&p.value)) value = std::to_string(*n);
      if (const auto* s = std::get_if<Span>(&p.value)) value = human(*s);
      if (const auto* s = std::get_if<CalendarSpan>(&p.value)) value = to_string(*s);
      if (const auto* q = std::get_if<Quantity>(&p.value)) value = to_string(*q);
      list.push_back(name + " = " + value);
    }
  }
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

Instant Run::known(const Proof& p, bool by_deadline, Ticks t) const {
  if (by_deadline || p.known == Instant::min()) return std::max(p.known, Instant{t});
  return p.known;
}

}  // namespace surety::duty
