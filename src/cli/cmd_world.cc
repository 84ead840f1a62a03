// Commands that print the derived world: run, status, duties, incidents, fulfilment, explain,
// compare, brief, report daily.
#include <fmt/format.h>

#include <unistd.h>
#include <cstdio>

#include "base/files.h"
#include "base/json_out.h"
#include "cli/commands.h"
#include "geo/geo.h"
#include "report/sections.h"
#include "store/standing.h"

namespace surety::cli {
namespace {

template <class Show>
int with_world(const Inputs& in, Show show) {
  const auto world = derive(in);
  if (!world) return failed(world.error(), in.json);
  return show(*world);
}

void print(const report::Document& d) {
  const std::string text = report::to_text(d);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void problems(const engine::Instrument& i, bool json) {
  for (const auto& e : i.outcome.problems) failed(e, json);
  for (const auto& e : i.account.problems) failed(e, json);
}

// Leaves what may have been there; says in words how sure that is, and what has no position.
std::string keep_near(engine::World& world, const geo::Circle& circle) {
  std::size_t sure = 0, perhaps = 0;
  const std::size_t unlocated = std::erase_if(world.incidents, [](const auto& i) { return !i.place || !i.place->located; });
  std::erase_if(world.incidents, [&](const auto& i) {
    const auto is = geo::within(*i.place, circle);
    sure += is == model::Truth::holds;
    perhaps += is == model::Truth::undetermined;
    return is == model::Truth::fails;
  });
  return fmt::format("{} within, {} perhaps (the report's error reaches across), {} without a position left out.", sure, perhaps,
                     unlocated);
}

}  // namespace

int run(const Inputs& in, bool witness) {
  return with_world(in, [&](const engine::World& world) {
    const std::string mark = report::begin(world, "").mark;
    const auto tell = [&](Instant at, const std::string& what) { line((mark.empty() ? "" : mark + " │ ") + to_string(at) + "  " + what); };
    for (const auto& i : world.instruments) {
      for (const auto& v : i.outcome.states)
        if (in.json)
          line(model::to_json(v, witness));
        else
          tell(v.event_time,
               fmt::format("{}  {}: {} → {}  {}", v.instrument, v.machine, v.from.empty() ? "(begin)" : v.from, v.to, v.witness.text));
      for (const auto& v : i.outcome.duties)
        if (in.json)
          line(model::to_json(v, witness));
        else
          tell(v.event_time, fmt::format("{}  clause {} {}: {}{}  {}", v.instrument, v.clause, v.bearer, name(v.state),
                                         v.reading.empty() ? "" : " (reading “" + v.reading + "” only)", v.witness.text));
      if (in.json)
        for (const auto& w : i.outcome.waiting) line(duty::to_json(w));
      problems(i, in.json);
    }
    return 0;
  });
}

// Who vouches for the record that the answer rests on. Nothing without a database; the clock only moves a fallback.
void show_standing(const Inputs& in) {
  if (in.db.empty()) return;
  const auto now = instant_option("--now", in.now, wall_clock());
  const std::string dir = store::with_defaults(log_options(in.db, {})).record_dir;
  const auto found = store::standing_of(dir, store::policy_beside(in.db), now.value_or(wall_clock()));
  if (!found)
    return line(in.json ? "{\"kind\":\"record-standing\",\"standing\":\"unwitnessed\"}"
                        : "The record: unwitnessed: " + found.error().message);
  if (!in.json)
    return line(fmt::format("The record, {}: {}", count(found->judged.checkpoint.size, "entry", "entries"), store::standing_text(*found)));
  JsonOut j;
  j.object().member("kind", "record-standing").member("size", static_cast<std::int64_t>(found->judged.checkpoint.size));
  line(j.member("standing", record::to_string(found->judged.standing)).member("vouched_for", store::standing_text(*found)).end().take());
}

int status(const Inputs& in) {
  return with_world(in, [&](const engine::World& world) {
    for (const auto& i : world.instruments) {
      if (in.json) {
        const auto& s = i.outcome.standing;
        JsonOut j;
        j.object().member("kind", "standing").member("instrument", i.agreement->name).member("version", i.agreement->version);
        j.member("in_force", name(s.in_force)).member("because", s.because).member("exercise", name(world.view));
        if (s.since) j.member("since", to_string(*s.since));
        if (s.until) j.member("until", to_string(*s.until));
        line(j.end().take());
        for (const auto& v : i.outcome.states) line(model::to_json(v));
        for (const auto& w : i.outcome.waiting) line(duty::to_json(w));
        continue;
      }
      auto d = report::begin(world, i.agreement->title.empty() ? i.agreement->name : i.agreement->title);
      report::standing_part(d, i);
      if (!i.outcome.states.empty()) report::state_part(d, i, report::window_of(world, i));
      report::waiting_part(d, i);
      print(d);
    }
    if (world.view == model::Exercise::actual) show_standing(in);
    return 0;
  });
}

int duties(const Inputs& in, bool all) {
  return with_world(in, [&](const engine::World& world) {
    for (const auto& i : world.instruments) {
      if (in.json) {
        if (all)
          for (const auto& v : i.outcome.duties) line(model::to_json(v));
        else
          for (const auto n : i.outcome.current) line(model::to_json(i.outcome.duties[n]));
      } else {
        auto d = report::begin(world, i.agreement->title.empty() ? i.agreement->name : i.agreement->title);
        report::duty_part(d, i, i.agreement->clock.zone, all);
        print(d);
      }
      problems(i, in.json);
    }
    return 0;
  });
}

int incidents(const Inputs& in, const std::string& from, const std::string& to, const std::string& near) {
  auto derived = derive(in);
  if (!derived) return failed(derived.error(), in.json);
  engine::World& world = *derived;
  report::Window w{Instant::min(), Instant::max(), "UTC"};
  for (const auto& [option, text, bound] : {std::tuple{"--from", &from, &w.from}, {"--to", &to, &w.to}}) {
    const auto t = instant_option(option, *text, *bound);
    if (!t) return failed(t.error(), in.json);
    *bound = *t;
  }
  std::erase_if(world.incidents, [&](const auto& i) { return i.when.from >= w.to || i.when.to < w.from; });
  std::optional<geo::Circle> circle;
  std::string words;
  if (!near.empty()) {
    auto given = geo::parse_circle(near);
    if (!given) return failed(std::move(given.error()).field("--near"), in.json);
    circle = std::move(*given);
    words = keep_near(world, *circle);
  }
  if (!in.json) {
    auto d = report::begin(world, "Incidents");
    report::incident_part(d, world, w, static_cast<std::size_t>(-1));
    if (!words.empty()) d.say(near + ": " + words);
    print(d);
    return 0;
  }
  for (const auto& i : world.incidents) line(engine::to_json(i, circle ? &*circle : nullptr));
  return 0;
}

int fulfilment(const Inputs& in) {
  return with_world(in, [&](const engine::World& world) {
    for (const auto& i : world.instruments) {
      const auto& a = i.account;
      if (in.json) {
        for (const auto& c : a.clauses) line(fulfil::to_json(c, a.instrument));
        for (const auto& f : a.forces) line(fulfil::to_json(f, a.instrument));
        for (const auto& h : a.hubs) line(fulfil::to_json(h, a.instrument));
        for (const auto& e : a.entries) line(fulfil::to_json(e, a.instrument));
      } else {
        auto d = report::begin(world, i.agreement->title.empty() ? i.agreement->name : i.agreement->title);
        report::fulfilment_part(d, i);
        print(d);
      }
      problems(i, in.json);
    }
    return 0;
  });
}

int explain(const Inputs& in, const std::string& id) {
  return with_world(in, [&](const engine::World& world) {
    const auto found = engine::find_verdict(world, id);
    if (!found) return failed(found.error(), in.json);
    if (in.json) {
      line(found->state ? model::to_json(*found->state, true) : model::to_json(*found->duty, true));
    } else {
      print(report::explanation(world, *found));
    }
    return 0;
  });
}

int compare(const Inputs& in) {
  return with_world(in, [&](const engine::World& world) {
    if (in.json) {
      for (const auto& i : world.instruments)
        for (const auto n : i.outcome.current) line(model::to_json(i.outcome.duties[n]));
      return 0;
    }
    auto d = report::begin(world, "What each instrument obliges, on the same events");
    for (const auto& i : world.instruments) {
      d.heading(2, i.agreement->title.empty() ? i.agreement->name : i.agreement->title);
      report::standing_part(d, i);
    }
    d.heading(2, "Side by side");
    report::compare_part(d, world);
    print(d);
    return 0;
  });
}

int brief(const Inputs& in) {
  return with_world(in, [&](const engine::World& world) {
    for (const auto& i : world.instruments) {
      print(report::briefing(world, i));
      problems(i, in.json);
    }
    return 0;
  });
}

int daily(const Inputs& in, const std::string& date, const std::string& zone, bool html, const std::string& out) {
  const auto day = parse_civil(date);
  if (!day) return failed(Error(day.error()).field("--date"), in.json);
  const auto from = to_instant({day->year, day->month, day->day, 0, 0, 0}, zone),
             to = to_instant({day->year, day->month, day->day, 24, 0, 0}, zone);
  if (!from) return failed(from.error(), in.json);
  if (!to) return failed(to.error(), in.json);
  return with_world(in, [&](const engine::World& world) {
    const auto d = report::daily(world, *from, *to, zone, date);
    const std::string text = html ? report::to_html(d) : report::to_markdown(d);
    if (out.empty()) {
      std::fwrite(text.data(), 1, text.size(), stdout);
      return 0;
    }
    const auto written = write_file_atomically(out, text);
    return written ? 0 : failed(written.error(), in.json);
  });
}

}  // namespace surety::cli
