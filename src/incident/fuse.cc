#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "base/bytes.h"
#include "geo/geo.h"
#include "incident/cluster.h"
#include "incident/incident.h"

namespace surety::incident {
namespace {

using model::Incident;
using model::Kind;
using model::Statement;

bool earlier(const Statement* a, const Statement* b) { return a->when.from != b->when.from ? a->when.from < b->when.from : a->id < b->id; }

bool is_alert(const Statement& s) { return s.event == "alert.air"; }

// A bulletin that counts what was launched in a window speaks of a wave of attacks, not of one place.
bool speaks_of_a_wave(const Statement& s) {
  return covers("strike", s.event) && s.means == "official-report" && s.when.from < s.when.to && s.fields.contains("launched");
}

// The same night is told in several rows (one a weapon) and bulletins: they are one wave when they
// share at least half of the shorter window.
bool same_wave(const TimeRange& a, const TimeRange& b) {
  const std::int64_t shared = std::min(a.to.us, b.to.us) - std::max(a.from.us, b.from.us);
  return 2 * shared >= std::min(a.to.us - a.from.us, b.to.us - b.from.us);
}

std::vector<Cluster> make_waves(const std::vector<const Statement*>& reports) {
  std::vector<Cluster> waves;
  for (const Statement* s : reports) {
    Cluster* home = nullptr;
    for (std::size_t back = waves.size(); back-- > 0 && back + 4 > waves.size();)
      if (waves[back].exercise == s->exercise && same_wave(waves[back].core, s->when)) {
        home = &waves[back];
        break;
      }
    if (!home) {
      home = &waves.emplace_back();
      home->core = s->when;
      home->exercise = s->exercise;
      home->wave = true;
      home->event = s->event;
      home->anchor = s->place ? &*s->place : nullptr;
    }
    home->core.to = std::max(home->core.to, s->when.to);
    home->core.lasting = false;
    if (!covers(home->event, s->event)) home->event = covers(s->event, home->event) ? s->event : "strike";
    home->members.push_back(s);
  }
  return waves;
}

// The waves that may hold an instant: sorted by start; a wave is at most a day or so long, so a few
// back from the first that starts later are enough, and `longest` says how far back to look.
struct WaveIndex {
  std::vector<Cluster>& waves;
  Span longest{};
  explicit WaveIndex(std::vector<Cluster>& w) : waves(w) {
    for (const auto& c : w) longest = std::max(longest, c.core.to - c.core.from);
  }
  Cluster* holding(const Statement& s) {
    auto it = std::upper_bound(waves.begin(), waves.end(), s.when.from, [](Instant t, const Cluster& c) { return t < c.core.from; });
    Cluster* found = nullptr;
    while (it != waves.begin() && (--it)->core.from + longest >= s.when.from)
      if (it->exercise == s.exercise && s.when.from <= it->core.to) found = &*it;
    return found;
  }
};

// A located report joins a wave only where and while one of the wave's own alerts was sounding.
bool under_alert(const Cluster& wave, const Statement& s, const Settings& settings) {
  if (!covers(wave.event, s.event) || !specific(s, settings)) return false;
  return std::any_of(wave.members.begin(), wave.members.end(), [&](const Statement* m) {
    return is_alert(*m) && m->place && m->when.overlaps(s.when) && geo::may_coincide(*m->place, *s.place, settings.distance_slack_m);
  });
}

const model::Place* best_place(const std::vector<const Statement*>& members) {
  const model::Place* best = nullptr;
  for (const Statement* s : members) {
    if (!s->place) continue;
    const bool better = !best || (s->place->located && (!best->located || s->place->radius_m < best->radius_m));
    if (better) best = &*s->place;
  }
  return best;
}

// A field on which the members disagree is a range when they are amounts of one unit, else unknown.
void merge_field(Incident& incident, const std::string& name, const model::FieldValue& value) {
  auto [it, fresh] = incident.fields.emplace(name, value);
  if (fresh || it->second == value) return;
  auto* a = std::get_if<model::Amount>(&it->second);
  const auto* b = std::get_if<model::Amount>(&value);
  if (a && b && a->unit == b->unit && a->low && b->low && a->high && b->high) {
    a->low = std::min(*a->low, *b->low);
    a->high = std::max(*a->high, *b->high);
    a->words.clear();
  } else {
    it->second = model::Unknown{};
  }
}

Incident to_incident(Cluster& c) {
  auto& members = c.members;
  std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  Incident incident;
  incident.event = c.event;
  incident.exercise = c.exercise;
  incident.when = c.core;
  incident.first_known = Instant::max();
  incident.known_at = Instant::min();
  std::string ids;
  for (const Statement* s : members) {
    incident.members.push_back(s->id);
    ids += s->id;
    incident.first_known = std::min(incident.first_known, s->known_at);
    incident.known_at = std::max(incident.known_at, s->known_at);
    if (!c.wave || !is_alert(*s))
      for (const auto& [name, value] : s->fields)
        if (name != "coder" && name != "holds" && name != "note") merge_field(incident, name, value);
  }
  incident.id = "i-" + hex(sha256(ids)).substr(0, 16);
  const model::Place* place = c.wave ? c.anchor : best_place(members);
  if (place) incident.place = *place;
  grade(incident, members);
  if (c.wave) {
    const auto alerts = std::count_if(members.begin(), members.end(), [](const Statement* s) { return is_alert(*s); });
    incident.reasons.push_back(fmt::format("one wave: {} reports of what was launched in this window, {} alerts that began in it",
                                           members.size() - static_cast<std::size_t>(alerts), alerts));
  }
  if (incident.when.open_end) incident.reasons.push_back("its end is not known: the source merged alerts without a gap");
  return incident;
}

// By time, then id. Sorts indices: an incident is some hundred bytes of strings and lists.
std::vector<Incident> in_order(std::vector<Incident> list) {
  std::vector<std::uint32_t> order(list.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return list[a].when.from != list[b].when.from ? list[a].when.from < list[b].when.from : list[a].id < list[b].id;
  });
  std::vector<Incident> out;
  out.reserve(list.size());
  for (const auto i : order) out.push_back(std::move(list[i]));
  return out;
}

// Decisions, notices, conclusions and performances happen once each; one that is about observations
// belongs to their incident instead.
bool stands_alone(Kind k) {
  return k == Kind::decision || k == Kind::notice || k == Kind::conclusion || k == Kind::performance || k == Kind::finding;
}

struct Sorted {
  std::vector<const Statement*> waves, alerts, points, acts;
};

Sorted sort_out(std::span<const Statement> statements) {
  Sorted out;
  std::vector<const Statement*> all;
  all.reserve(statements.size());
  for (const auto& s : statements) all.push_back(&s);
  std::sort(all.begin(), all.end(), earlier);
  for (const Statement* s : all) {
    if (stands_alone(s->kind)) out.acts.push_back(s);
    if (s->kind != Kind::observation && s->kind != Kind::correction) continue;
    (speaks_of_a_wave(*s) ? out.waves : is_alert(*s) ? out.alerts : out.points).push_back(s);
  }
  return out;
}

}  // namespace

std::vector<Incident> fuse(std::span<const Statement> statements, const Settings& settings) {
  const Sorted sorted = sort_out(statements);
  std::vector<Cluster> waves = make_waves(sorted.waves);
  WaveIndex index(waves);
  std::vector<const Statement*> rest;
  for (const Statement* s : sorted.alerts) {
    Cluster* wave = s->when.open_end ? nullptr : index.holding(*s);
    (wave ? wave->members : rest).push_back(s);
  }
  for (const Statement* s : sorted.points) {
    Cluster* wave = covers("strike", s->event) ? index.holding(*s) : nullptr;
    (wave && under_alert(*wave, *s, settings) ? wave->members : rest).push_back(s);
  }
  std::sort(rest.begin(), rest.end(), earlier);
  Sweep sweep(settings);
  for (const Statement* s : rest) sweep.add(*s);
  std::vector<Cluster> clusters = std::move(waves);
  for (auto& c : sweep.clusters()) clusters.push_back(std::move(c));

  std::unordered_map<std::string_view, std::size_t> home;  // statement id → cluster; only acts ask
  if (!sorted.acts.empty())
    for (std::size_t i = 0; i < clusters.size(); ++i)
      for (const Statement* s : clusters[i].members) home.emplace(s->id, i);
  for (const Statement* s : sorted.acts) {
    const auto target = std::find_if(s->about.begin(), s->about.end(), [&](const auto& id) { return home.contains(id); });
    // A decision also keeps its own name (a finding); only a bare yes or no on reports joins them.
    if (target != s->about.end() && (s->event == "occurrence" || s->event == "attribution")) {
      clusters[home.at(*target)].members.push_back(s);
      continue;
    }
    Cluster& own = clusters.emplace_back();
    own.members = {s};
    own.core = s->when;
    own.event = s->event;
    own.exercise = s->exercise;
  }
  std::vector<Incident> out;
  out.reserve(clusters.size());
  for (auto& c : clusters) out.push_back(to_incident(c));
  return in_order(std::move(out));
}

}  // namespace surety::incident
