#include <fmt/format.h>

#include <algorithm>

#include "base/calendar.h"
#include "report/sections.h"

namespace surety::report {
namespace {

void proof(Document& d, const engine::World& world, const model::Witness& w, int depth) {
  std::vector<std::string> lines;
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  std::string text = indent + w.rule + ": " + w.text;
  if (w.scanned) text += fmt::format(" (none recorded among {} statements)", w.scanned);
  lines.push_back(text);
  for (const auto& leaf : w.leaves) {
    const auto* s = world.statement(leaf);
    if (!s) {
      lines.push_back(indent + "  " + leaf);
      continue;
    }
    lines.push_back(fmt::format("{}  {} {} says: {}{}, {} — {}", indent, leaf, s->author, s->event,
                                s->actor.empty() ? "" : " by " + s->actor, to_string(s->when.from), s->source));
  }
  d.items(std::move(lines));
  for (const auto& child : w.children) proof(d, world, child, depth + 1);
}

}  // namespace

Document explanation(const engine::World& world, const engine::FoundVerdict& found) {
  Document d = begin(world, "");
  const auto& zone = found.instrument->agreement->clock.zone;
  if (const auto* v = found.state) {
    d.title = v->instrument + ": " + v->machine + " from " + v->from + " to " + v->to;
    d.say("At " + local_text(v->event_time, zone) + " (" + zone + "), known at " + to_string(v->known_at) + ". " + v->witness.text);
    if (!v->parameters.empty()) d.say("Rests on our own parameters, not on the text:");
    d.items(v->parameters);
    d.heading(2, "Proof");
    proof(d, world, v->witness, 0);
  } else if (const auto* u = found.duty) {
    d.title = u->instrument + ", clause " + u->clause + " “" + u->title + "”: " + u->bearer + ", " + std::string(name(u->state));
    d.say("At " + local_text(u->event_time, zone) + " (" + zone + "), known at " + to_string(u->known_at) + "; due: " + due_text(*u, zone) +
          "; " + std::string(name(u->binding)) + ". " + u->witness.text);
    if (const auto* clause = found.instrument->agreement->clause(u->clause); clause && !clause->source.quote.empty())
      d.say("Source: " + clause->source.quote);
    if (!u->waits_for.empty()) d.say("Waits for: " + u->waits_for);
    if (!u->parameters.empty()) d.say("Rests on our own parameters, not on the text:");
    d.items(u->parameters);
    if (const auto* i = world.incident(u->trigger)) {
      d.heading(2, "Incident " + i->id);
      d.items(i->reasons);
    }
    d.heading(2, "Proof");
    proof(d, world, u->witness, 0);
  }
  return d;
}

Document briefing(const engine::World& world, const engine::Instrument& i) {
  const auto& a = *i.agreement;
  const Window w = window_of(world, i);
  Document d = begin(world, a.title.empty() ? a.name : a.title);
  standing_part(d, i);
  for (const auto& s : a.sources) d.say("Source: " + s.quote);
  for (const auto& note : a.notes) d.say("Note: " + note);
  base_rate_part(d, world, w);
  incident_part(d, world, w, 12);
  state_part(d, i, w);
  breach_part(d, i);
  waiting_part(d, i);
  record_part(d, world);
  return d;
}

Document daily(const engine::World& world, Instant from, Instant to, const std::string& zone, const std::string& date) {
  Document d = begin(world, "Daily report, " + date);
  const Window w{from, to, zone};
  d.say("From " + local_text(from, zone) + " to " + local_text(to, zone) + " (" + zone + ").");
  base_rate_part(d, world, w);
  incident_part(d, world, w, 60);
  for (const auto& i : world.instruments) {
    d.heading(1, i.agreement->title.empty() ? i.agreement->name : i.agreement->title);
    standing_part(d, i);
    for (const auto& m : i.agreement->machines) {
      const model::StateVerdict* last = nullptr;
      for (const auto& v : i.outcome.states)
        if (v.machine == m.name && v.certain && v.event_time < from) last = &v;
      if (last) d.say(m.name + " when the day began: " + last->to + ", since " + local_text(last->event_time, zone) + ".");
    }
    engine::Instrument day = i;  // only what changed on this day
    std::erase_if(day.outcome.states, [&](const auto& v) { return v.event_time < from || v.event_time >= to; });
    std::erase_if(day.outcome.duties, [&](const auto& v) { return v.event_time < from || v.event_time >= to; });
    day.outcome.current.clear();
    state_part(d, day, w);
    if (!day.outcome.duties.empty()) duty_part(d, day, zone, true);
  }
  record_part(d, world);
  return d;
}

}  // namespace surety::report
