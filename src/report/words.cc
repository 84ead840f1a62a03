#include <fmt/format.h>

#include "base/calendar.h"
#include "report/sections.h"

namespace surety::report {

std::string time_text(const TimeRange& when, const std::string& zone) {
  const std::string from = local_text(when.from, zone), to = local_text(when.to, zone);
  if (when.from == when.to) return from;
  const bool same_day = from.substr(0, 10) == to.substr(0, 10);
  const std::string end = same_day ? to.substr(11) : to;
  if (when.open_end) return from + ", end not known";
  return from + (when.lasting ? " to " : " … ") + end;
}

std::string place_text(const model::Incident& i) {
  if (!i.place) return "place not given";
  std::string text = i.place->name.empty() ? fmt::format("{:.2f}, {:.2f}", i.place->lat_e6 / 1e6, i.place->lon_e6 / 1e6) : i.place->name;
  if (i.place->located && i.place->radius_m >= 1000) text += fmt::format(" (±{} km)", i.place->radius_m / 1000);
  return text;
}

std::string attribution_text(const model::Incident& i) {
  if (i.attributions.empty()) return "unknown";
  std::string text;
  for (const auto& a : i.attributions) text += (text.empty() ? "" : "; ") + a.party + ", " + std::string(name(a.grade));
  return text;
}

std::string due_text(const model::DutyVerdict& v, const std::string& zone) {
  return v.due ? local_text(*v.due, zone) : "no deadline in the text";
}

Document begin(const engine::World& world, std::string title) {
  Document d;
  d.title = std::move(title);
  if (world.view == model::Exercise::hypothetical) d.mark = "HYPOTHETICAL";
  if (world.view == model::Exercise::exercise) d.mark = "EXERCISE";
  return d;
}

Window window_of(const engine::World& world, const engine::Instrument& i) {
  const auto& in_force = i.agreement->in_force;
  Window w{Instant::min(), Instant::max(), i.agreement->clock.zone};
  if (in_force.from && in_force.until) return {*in_force.from, *in_force.until, w.zone};
  for (const auto& incident : world.incidents) {
    if (w.from == Instant::min()) w.from = incident.when.from;
    w.to = std::max(w.to == Instant::max() ? Instant::min() : w.to, incident.when.to);
  }
  return w;
}

}  // namespace surety::report
