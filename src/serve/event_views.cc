// What happened and who could have seen it: /incidents, /statements, /coverage, /timeline.
#include <algorithm>
#include <map>

#include "serve/json_parts.h"

namespace surety::serve {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kMostHours = 24 * 14;  // a longer window is counted by day
constexpr std::int64_t kMostDays = 366 * 3;

std::string family(const std::string& event) { return event.substr(0, event.find('.')); }

bool inside(const model::Incident& i, const Frame& f) { return (!f.from || i.when.to >= *f.from) && (!f.to || i.when.from < *f.to); }

std::int64_t floor_to(std::int64_t us, std::int64_t bin) {
  const std::int64_t r = us % bin;
  return us - (r < 0 ? r + bin : r);
}

struct Bin {
  std::map<std::string, std::size_t> by_event;
  std::size_t attributed = 0;
};

void write(JsonOut& j, const Bin& bin) {
  j.key("by_event").object();
  for (const auto& [event, n] : bin.by_event) j.member(event, n);
  j.end().member("attributed", bin.attributed).end();
}

// Classes of docs/taxonomy.md are dotted lower case; an agreement's own events (a meeting, a notice)
// are not what a timeline of incidents counts.
bool of_taxonomy(const model::Incident& i) { return i.end.empty() && !i.event.empty() && i.event[0] >= 'a' && i.event[0] <= 'z'; }

}  // namespace

std::string statement(const model::Statement& s) { return "{\"id\":\"" + s.id + "\"," + model::canonical(s).substr(1); }

std::string incidents(const engine::World& world, const Frame& frame) {
  std::vector<const model::Incident*> list;
  std::size_t unlocated = 0;
  for (const auto& i : world.incidents) {
    if (!inside(i, frame)) continue;
    const bool located = i.place && i.place->located;
    unlocated += !located;
    if (!frame.near || (located && geo::within(*i.place, *frame.near) != model::Truth::fails)) list.push_back(&i);
  }
  JsonOut j;
  open(j, "incidents", world, frame);
  if (frame.near) j.member("unlocated", unlocated);
  return page(std::move(j), frame, list.size(),
              [&](std::size_t n) { return engine::to_json(*list[n], frame.near ? &*frame.near : nullptr); });
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
    if (!of_taxonomy(i)) continue;
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
  const std::int64_t length = w.to.us - w.from.us;
  const std::int64_t bin = length > kMostHours * kHour ? 24 * kHour : kHour;
  const std::int64_t back = w.stated ? w.from.us - length : w.from.us;
  const std::int64_t begin = floor_to(std::max(back, w.to.us - kMostDays * 24 * kHour), bin);
  std::map<std::int64_t, Bin> bins;
  std::map<std::pair<std::int64_t, std::int64_t>, Bin> vague;  // by the time in which it lies
  for (const auto& i : world.incidents) {
    if (!of_taxonomy(i) || i.when.to.us < begin || i.when.from >= w.to) continue;
    const bool known = i.when.lasting || floor_to(i.when.from.us, bin) == floor_to(i.when.to.us, bin);
    if (known && i.when.from.us < begin) continue;
    Bin& b = known ? bins[floor_to(i.when.from.us, bin)] : vague[{i.when.from.us, i.when.to.us}];
    ++b.by_event[family(i.event)];
    b.attributed += !i.attributions.empty();
  }
  JsonOut j;
  open(j, "timeline", world, frame);
  j.member("from", to_string(Instant{begin})).member("window_from", to_string(w.from));
  j.member("window_to", to_string(w.to)).member("stated", w.stated);
  j.member("bin_hours", static_cast<std::int64_t>(bin / kHour)).key("bins").array();
  for (const auto& [start, b] : bins) write(j.object().member("from", to_string(Instant{start})), b);
  j.end().key("vague").array();
  for (const auto& [span, b] : vague)
    write(j.object().member("from", to_string(Instant{span.first})).member("to", to_string(Instant{span.second})), b);
  return j.end().end().take();
}

}  // namespace surety::serve
