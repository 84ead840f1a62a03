// What happened and who could have seen it: /incidents, /statements, /coverage, /timeline.
#include <algorithm>
#include <map>

#include "serve/json_parts.h"

namespace surety::serve {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kMostHours = 24 * 92;  // a quarter: more hours than a screen can show

std::string family(const std::string& event) { return event.substr(0, event.find('.')); }

bool inside(const model::Incident& i, const Frame& f) {
  return (!f.from || i.when.to >= *f.from) && (!f.to || i.when.from < *f.to);
}

std::int64_t hour_floor(std::int64_t us) {
  const std::int64_t r = us % kHour;
  return us - (r < 0 ? r + kHour : r);
}

struct Hour {
  std::map<std::string, std::size_t> by_event;
  std::size_t attributed = 0, vague = 0;
};

}  // namespace

std::string statement(const model::Statement& s) {
  return "{\"id\":\"" + s.id + "\"," + model::canonical(s).substr(1);
}

std::string incidents(const engine::World& world, const Frame& frame) {
  std::vector<const model::Incident*> list;
  for (const auto& i : world.incidents) {
    if (inside(i, frame)) list.push_back(&i);
  }
  JsonOut j;
  open(j, "incidents", world, frame);
  return page(std::move(j), frame, list.size(), [&](std::size_t n) { return engine::to_json(*list[n]); });
}

std::string incident(const engine::World& world, const model::Incident& i) {
  JsonOut j;
  j.object().member("kind", "incident-case").key("incident").raw(engine::to_json(i)).key("statements").array();
  for (const auto& id : i.members) {
    if (const auto* s = world.statement(id)) j.raw(statement(*s));
  }
  return j.end().end().take();
}

Window window_of(const engine::World& world, const Frame& frame) {
  Window w{Instant::max(), Instant::min(), false};
  if (frame.from && frame.to) return {*frame.from, *frame.to, true};
  if (const auto* i = instrument(world, frame.only)) {
    const auto& f = i->agreement->in_force;
    if (f.from && f.until) return {*f.from, *f.until, true};
  }
  for (const auto& i : world.incidents) {
    w.from = std::min(w.from, i.when.from);
    w.to = std::max(w.to, i.when.to);
  }
  if (w.from > w.to) return {world.now, world.now, false};
  return {w.from, Instant{w.to.us + 1}, false};
}

std::string coverage(const engine::World& world, const Frame& frame) {
  const Window w = window_of(world, frame);
  JsonOut j;
  open(j, "coverage", world, frame);
  j.member("stated", w.stated).key("rate");
  j.raw(engine::to_json(engine::base_rate(world.standing.statements, w.from, w.to)));
  return j.end().take();
}

std::string timeline(const engine::World& world, const Frame& frame) {
  const Window w = window_of(world, frame);
  // As much before the window as the window is long, so that a reader sees what "usual" looked like.
  const std::int64_t length = std::min(w.to.us - w.from.us, kMostHours * kHour / 2);
  const std::int64_t begin = hour_floor(w.stated ? w.from.us - length : w.to.us - 2 * length);
  std::map<std::int64_t, Hour> hours;
  for (const auto& i : world.incidents) {
    if (!i.end.empty() || i.when.from.us < begin || i.when.from >= w.to) continue;
    Hour& h = hours[hour_floor(i.when.from.us)];
    ++h.by_event[family(i.event)];
    h.attributed += !i.attributions.empty();
    h.vague += i.when.to.us - i.when.from.us > 2 * kHour && !i.when.lasting;
  }
  JsonOut j;
  open(j, "timeline", world, frame);
  j.member("from", to_string(Instant{begin})).member("window_from", to_string(w.from));
  j.member("window_to", to_string(w.to)).member("stated", w.stated).key("hours").array();
  for (const auto& [start, h] : hours) {
    j.object().member("from", to_string(Instant{start})).key("by_event").object();
    for (const auto& [event, n] : h.by_event) j.member(event, n);
    j.end().member("attributed", h.attributed).member("vague_time", h.vague).end();
  }
  return j.end().end().take();
}

}  // namespace surety::serve
