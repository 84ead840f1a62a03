// The evidence in examples/truces-2025: canonical as it lies, the counts that its README states, and,
// where the source files are at hand (SURETY_SHARED, default ../shared), the same bytes again.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/files.h"
#include "feed/feed.h"

namespace surety::feed {
namespace {

const std::string kFolder = SURETY_SOURCE_DIR "/examples/truces-2025/";

const Imported& carried(const std::string& name) {
  static std::map<std::string, Imported> read;
  const auto [at, fresh] = read.try_emplace(name);
  if (!fresh) return at->second;
  Settings s;
  s.format = "statements";
  auto all = import_all(kFolder + name, s);
  EXPECT_TRUE(all) << all.error().text();
  if (all) at->second = std::move(*all);
  return at->second;
}

Instant at(const char* text) { return parse_instant(text).value(); }
struct Window {
  Instant from, to;
  bool begins(const model::Statement& s) const { return from <= s.when.from && s.when.from < to; }
  bool touches(const model::Statement& s) const { return s.when.from < to && from <= s.when.to; }
};
const Window kEaster{at("2025-04-19T15:00:00Z"), at("2025-04-20T21:00:00Z")};
const Window kVictoryDay{at("2025-05-07T21:00:00Z"), at("2025-05-10T21:00:00Z")};

Window before(const Window& w, int n) {
  const Span length = w.to - w.from;
  return {Instant{w.from.us - n * length.us}, Instant{w.to.us - n * length.us}};
}

TEST(Truces, EveryFileIsCanonicalAndEveryIdIsThere) {
  for (const char* name : {"alerts.ndjson", "air-attacks.ndjson", "news.ndjson", "coverage.ndjson"}) {
    const auto& got = carried(name);
    EXPECT_EQ(got.counts.statements, got.counts.rows) << name;
    EXPECT_GT(got.counts.rows, 30u) << name;
    EXPECT_EQ(to_ndjson(got.all), read_file(kFolder + name).value()) << name;
  }
}

TEST(Truces, AlertStartsAgainstTheWindowsBefore) {
  const auto& alerts = carried("alerts.ndjson").all.statements;
  const auto starts = [&](const Window& w) {
    return std::count_if(alerts.begin(), alerts.end(), [&](const auto& s) { return w.begins(s); });
  };
  const int easter[] = {5, 75, 90, 58, 39, 58, 39, 28, 62, 77, 39};
  for (int n = 0; n <= 10; ++n) EXPECT_EQ(starts(before(kEaster, n)), easter[n]) << n;
  const int victory_day[] = {45, 145, 115, 123, 117, 121};
  for (int n = 0; n <= 5; ++n) EXPECT_EQ(starts(before(kVictoryDay, n)), victory_day[n]) << n;
}

TEST(Truces, NoLargeAttackWindowTouchesATruce) {
  const auto& attacks = carried("air-attacks.ndjson").all.statements;
  const auto large = [&](const Window& w) {
    return std::count_if(attacks.begin(), attacks.end(), [&](const auto& s) {
      const auto* model = std::get_if<std::string>(&s.fields.at("model"));
      return w.touches(s) && (model->starts_with("Shahed") || s.event == "strike.missile");
    });
  };
  EXPECT_EQ(large(kEaster), 0);
  EXPECT_EQ(large(kVictoryDay), 0);
  for (int n = 1; n <= 10; ++n) EXPECT_GT(large(before(kEaster, n)), 0) << n;
  for (int n = 1; n <= 5; ++n) EXPECT_GT(large(before(kVictoryDay, n)), 0) << n;
}

// An actor stands in the news only where somebody read it there, and never with an epithet.
TEST(Truces, NewsNamesActorsOnlyByReading) {
  for (const auto& s : carried("news.ndjson").all.statements) {
    EXPECT_TRUE(s.text.empty()) << "headlines are not copied: " << s.source;
    if (s.actor.empty()) continue;
    EXPECT_TRUE(s.actor == "Russia" || s.actor == "Ukraine") << s.actor;
    EXPECT_EQ(s.actor_basis, "headline names it; coded by reading");
    EXPECT_TRUE(s.fields.contains("coder")) << s.source;
  }
}

TEST(Truces, PartiesWordsAreMarked) {
  for (const char* name : {"alerts.ndjson", "air-attacks.ndjson"})
    for (const auto& s : carried(name).all.statements) ASSERT_EQ(s.speaks_for, "Ukraine") << s.source;
}

TEST(Truces, ReadAgainFromTheSourcesGivesTheSameBytes) {
  const char* shared = std::getenv("SURETY_SHARED");
  const std::string data = (shared ? std::string(shared) : std::string(SURETY_SOURCE_DIR "/../shared")) + "/data/";
  if (!file_exists(data + "viina-incidents/viina_incidents_202504.csv.gz")) GTEST_SKIP() << "no source files in " << data;
  struct Source {
    const char* settings;
    const char* from;
    std::vector<std::string> files;
    const char* out;
  };
  const Source sources[] = {
      {"alerts", "2025-04-07T03:00:00Z", {"ua-sirens-oblast-intervals/oblast_alerts_2022-03_2025-12.csv.gz"}, "alerts.ndjson"},
      {"air-attacks", "2025-04-07T03:00:00Z", {"ua-air-attacks/missile_attacks_daily.csv"}, "air-attacks.ndjson"},
      {"news",
       "2025-04-10T21:00:00Z",
       {"viina-incidents/viina_incidents_202504.csv.gz", "viina-incidents/viina_incidents_202505.csv.gz"},
       "news.ndjson"}};
  for (const auto& source : sources) {
    auto s = read_settings(kFolder + "feeds/" + source.settings + ".feed");
    ASSERT_TRUE(s) << s.error().text();
    s->from = at(source.from);
    s->to = kVictoryDay.to;
    std::string out;
    for (const auto& file : source.files) {
      const auto all = import_all(data + file, *s);
      ASSERT_TRUE(all) << all.error().text();
      out += to_ndjson(all->all);
    }
    EXPECT_EQ(out, read_file(kFolder + source.out).value()) << source.out;
  }
}

}  // namespace
}  // namespace surety::feed
