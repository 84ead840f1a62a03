#include <fmt/format.h>

#include <algorithm>

#include "base/calendar.h"
#include "report/sections.h"

namespace surety::report {
namespace {

std::string range(std::size_t low, std::size_t high) { return low == high ? std::to_string(low) : fmt::format("{} to {}", low, high); }

// Fewest to most over the windows before, certain and possible apart.
std::string before_text(const engine::FeedRate& f) {
  if (f.before.empty()) return "no coverage before";
  const auto spread = [&](std::size_t engine::WindowCount::* n) {
    const auto [least, most] =
        std::minmax_element(f.before.begin(), f.before.end(), [&](const auto& a, const auto& b) { return a.*n < b.*n; });
    return range((*least).*n, (*most).*n);
  };
  const std::string certain = spread(&engine::WindowCount::certain), possible = spread(&engine::WindowCount::possible);
  return certain + (possible == certain ? "" : " certain, " + possible + " possible") + fmt::format(", in {} windows", f.before.size());
}

std::string count_text(const engine::WindowCount& w) {
  return w.certain == w.possible ? std::to_string(w.certain) : fmt::format("{} certain, {} possible", w.certain, w.possible);
}

bool in_window(const model::Incident& i, const Window& w) { return i.when.from < w.to && i.when.to >= w.from; }

}  // namespace

void base_rate_part(Document& d, const engine::World& world, const Window& w) {
  const auto rate = engine::base_rate(world.standing.statements, w.from, w.to);
  d.heading(2, "What was reported, against the equal windows before");
  Table t{{"feed", "whose word", "reports of", "in this window", "before, fewest to most"}, {}, "no feed reports anything in this window"};
  for (const auto& f : rate.feeds)
    t.rows.push_back(
        {f.author, f.speaks_for.empty() ? "no party's" : f.speaks_for + ", a party", f.event, count_text(f.window), before_text(f)});
  d.table(std::move(t));
  d.say(
      "Possible: the report's time is known only roughly and may have fallen into the window. Equal windows, counted alike; only those "
      "that the feed's stated coverage reaches.");
  d.heading(2, "Who could have seen, and what nobody could");
  std::vector<std::string> lines;
  for (const auto& c : rate.coverage) {
    std::string text = c.feed + ", " + c.place + " (" + c.state + "): ";
    if (!c.sees.empty()) text += "sees " + c.sees;
    if (!c.blind.empty()) text += (c.sees.empty() ? "" : "; ") + std::string("blind to ") + c.blind;
    lines.push_back(text);
  }
  if (lines.empty()) return d.say("No coverage statement reaches this window: silence here says nothing.");
  d.items(std::move(lines));
}

void incident_part(Document& d, const engine::World& world, const Window& w, std::size_t most) {
  std::size_t ended = 0, alerts = 0;
  std::vector<const model::Incident*> shown;
  for (const auto& i : world.incidents) {
    if (!in_window(i, w)) continue;
    if (!i.end.empty()) {
      ++ended;
    } else if (i.event == "alert.air") {
      ++alerts;
    } else if (i.place || !i.attributions.empty()) {
      shown.push_back(&i);
    }
  }
  const auto certainly = [&](const model::Incident& i) { return i.when.from >= w.from && i.when.to < w.to; };
  const auto inside = std::count_if(shown.begin(), shown.end(), [&](const auto* i) { return certainly(*i); });
  std::stable_sort(shown.begin(), shown.end(), [&](const auto* a, const auto* b) {
    if (certainly(*a) != certainly(*b)) return certainly(*a);
    const auto attributed = [](const model::Incident& i) {
      return i.attributions.empty() ? model::Grade::none : i.attributions.front().grade;
    };
    if (a->occurrence != b->occurrence) return a->occurrence > b->occurrence;
    return attributed(*a) > attributed(*b);
  });
  d.heading(2, "Incidents");
  d.say(
      fmt::format("{} incidents certainly in the window, {} more possibly; {} reports ended otherwise (refuted, unverifiable, duplicate); "
                  "{} alerts stand alone, which warn and prove nothing.",
                  inside, shown.size() - static_cast<std::size_t>(inside), ended, alerts));
  Table t{{"when (" + w.zone + ")", "where", "what", "occurred", "attributed to", "from"}, {}, "no incident recorded in this window"};
  for (std::size_t n = 0; n < shown.size() && n < most; ++n) {
    const auto& i = *shown[n];
    t.rows.push_back({time_text(i.when, w.zone), place_text(i), i.event, std::string(name(i.occurrence)), attribution_text(i),
                      fmt::format("{} report{}, {} origin{}", i.members.size(), i.members.size() == 1 ? "" : "s", i.origins.size(),
                                  i.origins.size() == 1 ? "" : "s")});
  }
  d.table(std::move(t));
  if (shown.size() > most)
    d.say(fmt::format("… and {} more, what is certain and best established first: surety incidents", shown.size() - most));
}

void record_part(Document& d, const engine::World& world) {
  std::string text =
      fmt::format("From {} statements known by {}: {} stand", world.standing.considered,
                  world.known_at >= Instant::max() ? "the end of the record" : to_string(world.known_at), world.standing.statements.size());
  if (world.standing.replaced || world.standing.withdrawn)
    text += fmt::format(", {} were corrected, {} withdrawn", world.standing.replaced, world.standing.withdrawn);
  d.say(text + ". Time is read as of " + to_string(world.now) + ".");
}

}  // namespace surety::report
