#include "engine/base_rate.h"

#include <algorithm>
#include <tuple>

namespace surety::engine {
namespace {

using model::Kind;
using model::Statement;

std::string field_text(const Statement& s, const std::string& name) {
  const auto it = s.fields.find(name);
  if (it == s.fields.end()) return {};
  const auto* text = std::get_if<std::string>(&it->second);
  return text ? *text : std::string();
}

// An event that lasts is counted where it began; an instant of unknown moment where it must have been.
void count(WindowCount& w, const Statement& s) {
  const bool begins_inside = s.when.from >= w.from && s.when.from < w.to;
  const bool certain = s.when.lasting || s.when.from == s.when.to ? begins_inside : s.when.from >= w.from && s.when.to <= w.to;
  const bool possible = s.when.lasting ? begins_inside : s.when.from < w.to && s.when.to >= w.from;
  w.certain += certain;
  w.possible += certain || possible;
}

// Other classes (a place changed hands, casualties) are no acts that a window could count.
std::string group_of(const std::string& event) {
  const std::string family = event.substr(0, event.find('.'));
  if (family == "alert") return "alerts";
  return family == "strike" || family == "fire" || family == "assault" || family == "explosion" ? "acts of force" : "";
}

struct Stretch {
  Instant from, to;
};
using Reach = std::map<std::string, std::vector<Stretch>>;  // feed → where it sees anything, joined

Reach reach_of(std::span<const Statement> statements) {
  Reach reach;
  for (const auto& s : statements)
    if (s.kind == Kind::coverage && field_text(s, "state") != "blind") reach[field_text(s, "feed")].push_back({s.when.from, s.when.to});
  for (auto& [feed, stretches] : reach) {
    std::sort(stretches.begin(), stretches.end(), [](const Stretch& a, const Stretch& b) { return a.from < b.from; });
    std::vector<Stretch> joined;
    for (const Stretch& next : stretches) {
      if (joined.empty() || next.from > joined.back().to) joined.push_back(next);
      joined.back().to = std::max(joined.back().to, next.to);
    }
    stretches = std::move(joined);
  }
  return reach;
}

bool covers(const Reach& reach, const std::string& feed, const WindowCount& w) {
  const auto it = reach.find(feed);
  return it != reach.end() &&
         std::any_of(it->second.begin(), it->second.end(), [&](const Stretch& s) { return s.from <= w.from && w.to <= s.to; });
}

std::vector<CoverageLine> coverage_lines(std::span<const Statement> statements, Instant from, Instant to) {
  std::vector<CoverageLine> out;
  for (const auto& s : statements)
    if (s.kind == Kind::coverage && s.when.from < to && s.when.to > from)
      out.push_back({field_text(s, "feed"), field_text(s, "state"), s.place ? s.place->name : "", field_text(s, "sees"),
                     field_text(s, "blind"), s.source, s.when.from, s.when.to});
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return std::tie(a.feed, b.state, a.place, a.from) < std::tie(b.feed, a.state, b.place, b.from);
  });
  return out;
}

FeedRate new_feed(const Statement& s, const std::string& group, const Reach& reach, Instant from, Instant to, int most) {
  FeedRate feed{s.author, s.speaks_for, group, {from, to}, {}};
  const Span length = to - from;
  for (int i = 1; i <= most; ++i) {
    const Instant start{from.us - i * length.us};
    const WindowCount w{start, start + length};
    if (!covers(reach, s.author, w)) break;
    feed.before.insert(feed.before.begin(), w);
  }
  return feed;
}

}  // namespace

BaseRate base_rate(std::span<const Statement> statements, Instant from, Instant to, int most) {
  BaseRate out{from, to, {}, coverage_lines(statements, from, to)};
  const Reach reach = reach_of(statements);
  std::map<std::pair<std::string, std::string>, FeedRate> feeds;
  for (const auto& s : statements) {
    const std::string group = s.kind == Kind::observation ? group_of(s.event) : "";
    if (group.empty()) continue;
    auto it = feeds.find({s.author, group});
    if (it == feeds.end()) it = feeds.emplace(std::pair{s.author, group}, new_feed(s, group, reach, from, to, most)).first;
    FeedRate& feed = it->second;
    if (feed.speaks_for != s.speaks_for) feed.speaks_for.clear();
    count(feed.window, s);
    for (auto& w : feed.before) count(w, s);
  }
  for (auto& [key, feed] : feeds) {
    const bool nothing =
        feed.window.possible == 0 && std::all_of(feed.before.begin(), feed.before.end(), [](const auto& w) { return w.possible == 0; });
    if (!nothing) out.feeds.push_back(std::move(feed));
  }
  return out;
}

}  // namespace surety::engine
