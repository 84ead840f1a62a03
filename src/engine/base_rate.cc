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

}  // namespace

BaseRate base_rate(std::span<const Statement> statements, Instant from, Instant to, int most) {
  BaseRate out{from, to, {}, {}};
  const Span length = to - from;
  std::map<std::string, Instant> reaches_back;  // feed → start of its coverage
  for (const auto& s : statements) {
    if (s.kind != Kind::coverage) continue;
    const auto [it, fresh] = reaches_back.emplace(field_text(s, "feed"), s.when.from);
    if (!fresh) it->second = std::min(it->second, s.when.from);
    if (s.when.from < to && s.when.to > from)
      out.coverage.push_back({field_text(s, "feed"), field_text(s, "state"), field_text(s, "sees"), field_text(s, "blind"), s.source, s.when.from, s.when.to});
  }
  std::map<std::tuple<std::string, std::string, std::string>, FeedRate> feeds;
  for (const auto& s : statements) {
    if (s.kind != Kind::observation) continue;
    const std::string family = s.event.substr(0, s.event.find('.'));
    auto [it, fresh] = feeds.try_emplace({s.author, family, s.speaks_for});
    FeedRate& feed = it->second;
    if (fresh) {
      feed.author = s.author;
      feed.speaks_for = s.speaks_for;
      feed.event = family;
      feed.window = {from, to};
      const auto reach = reaches_back.find(s.author);
      for (int i = most; i >= 1 && reach != reaches_back.end(); --i) {
        const Instant start{from.us - i * length.us};
        if (start >= reach->second) feed.before.push_back({start, start + length});
      }
    }
    count(feed.window, s);
    for (auto& w : feed.before) count(w, s);
  }
  for (auto& [key, feed] : feeds) {
    const bool nothing = feed.window.possible == 0 &&
                         std::all_of(feed.before.begin(), feed.before.end(), [](const auto& w) { return w.possible == 0; });
    if (!nothing) out.feeds.push_back(std::move(feed));
  }
  std::sort(out.coverage.begin(), out.coverage.end(), [](const auto& a, const auto& b) {
    return std::tie(a.feed, a.from, a.state) < std::tie(b.feed, b.from, b.state);
  });
  return out;
}

}  // namespace surety::engine
