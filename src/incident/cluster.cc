#include "incident/cluster.h"

#include <algorithm>

#include "geo/geo.h"

namespace surety::incident {
namespace {

using model::Statement;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);
// A narrow place has an error radius of at most this, so that two of them that could coincide (with
// the default slack) lie in the same or neighbouring cells of half a degree by one and a half.
constexpr std::int64_t kNarrowM = 20'000;

bool narrow(const std::optional<model::Place>& p) { return p && p->located && p->radius_m <= kNarrowM; }

bool compatible(const std::string& a, const std::string& b) { return covers(a, b) || covers(b, a); }

}  // namespace

bool specific(const Statement& s, const Settings& settings) {
  // What lasts is known from beginning to end, and its region is where it lasts: an alert.
  if (s.when.lasting) return !s.when.open_end;
  return s.when.to - s.when.from <= settings.vaguest_time && s.place && (!s.place->located || s.place->radius_m <= settings.vaguest_m);
}

Sweep::Cell Sweep::cell(const model::Place& p, int dlat, int dlon) const {
  const std::int64_t lat = (p.lat_e6 + 90'000'000) / 500'000 + dlat;
  const std::int64_t lon = (p.lon_e6 + 180'000'000) / 1'500'000 + dlon;
  return lat * 1000 + lon;
}

bool Sweep::fits(const Cluster& c, const Statement& s) const {
  if (!specific(s, settings_) || !specific(*c.members.front(), settings_)) return false;
  if (c.exercise != s.exercise || !compatible(c.event, s.event)) return false;
  if (s.when.from > c.core.to + settings_.time_slack || c.core.from > s.when.to + settings_.time_slack) return false;
  if (!c.anchor || !s.place) return !c.anchor && !s.place;
  if (s.when.lasting && !s.place->name.empty()) return s.place->name == c.anchor->name;
  return geo::may_coincide(*c.anchor, *s.place, settings_.distance_slack_m);
}

// Looks through one bucket and, on the way, drops clusters that no later report can reach.
std::size_t Sweep::scan(std::vector<std::size_t>& bucket, const Statement& s) {
  std::size_t found = kNone, kept = 0;
  for (const std::size_t i : bucket) {
    if (clusters_[i].core.to + settings_.time_slack < s.when.from) continue;
    bucket[kept++] = i;
    if (fits(clusters_[i], s) && i < found) found = i;
  }
  bucket.resize(kept);
  return found;
}

std::size_t Sweep::find(const Statement& s) {
  std::size_t best = scan(wide_, s);
  if (narrow(s.place)) {
    for (int dlat = -1; dlat <= 1; ++dlat)
      for (int dlon = -1; dlon <= 1; ++dlon)
        if (const auto it = cells_.find(cell(*s.place, dlat, dlon)); it != cells_.end()) {
          best = std::min(best, scan(it->second, s));
          if (it->second.empty()) cells_.erase(it);
        }
    return best;
  }
  return best;
}

void Sweep::join(Cluster& c, const Statement& s) {
  c.members.push_back(&s);
  c.core.from = std::max(c.core.from, s.when.from);
  c.core.to = std::min(c.core.to, s.when.to);
  if (c.core.to < c.core.from) std::swap(c.core.from, c.core.to);  // apart, but within the slack
  if (covers(c.event, s.event)) c.event = s.event;
}

std::size_t Sweep::add(const Statement& s) {
  const std::size_t at = find(s);
  if (at != kNone) {
    join(clusters_[at], s);
    return at;
  }
  Cluster c;
  c.members = {&s};
  c.core = s.when;
  c.anchor = s.place ? &*s.place : nullptr;
  c.event = s.event;
  c.exercise = s.exercise;
  const std::size_t index = clusters_.size();
  clusters_.push_back(std::move(c));
  if (narrow(s.place)) {
    cells_[cell(*s.place, 0, 0)].push_back(index);
  } else {
    wide_.push_back(index);
  }
  return index;
}

}  // namespace surety::incident
