#include "incident/incident.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace surety::incident {
namespace {

using model::Grade;
using model::Incident;
using model::Statement;

// author, speaks_for, event, from, to, lat, lon, radius, actor → one observation.
Statement say(std::string author, std::string speaks_for, std::string event, std::string from, std::string to, double lat, double lon,
              std::int64_t radius, std::string actor = {}) {
  Statement s;
  s.author = std::move(author);
  s.speaks_for = std::move(speaks_for);
  s.event = std::move(event);
  s.when.from = parse_instant("2025-04-" + from + ":00Z").value();
  s.when.to = parse_instant("2025-04-" + to + ":00Z").value();
  s.known_at = s.when.to;
  model::Place p;
  p.located = true;
  p.lat_e6 = static_cast<std::int32_t>(lat * 1e6);
  p.lon_e6 = static_cast<std::int32_t>(lon * 1e6);
  p.radius_m = radius;
  s.place = p;
  s.actor = std::move(actor);
  s.source = "test";
  model::seal(s);
  return s;
}

const Settings kSettings;

TEST(Fuse, OneHappeningToldTwiceIsOneIncidentCorroborated) {
  const auto out = fuse(std::vector{say("press", "", "fire.artillery", "19T16:00", "19T16:30", 48.0, 37.8, 2000),
                                    say("monitor", "", "fire", "19T16:10", "19T16:10", 48.01, 37.8, 500)},
                        kSettings);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].event, "fire.artillery");
  EXPECT_EQ(out[0].occurrence, Grade::corroborated);
  EXPECT_EQ(out[0].place->radius_m, 500);
  EXPECT_TRUE(out[0].attributions.empty());
}

TEST(Fuse, APartysWordAboutItsOpponentStaysAClaim) {
  const auto out = fuse(std::vector{say("army-a", "Alpha", "fire", "19T16:00", "19T16:10", 48, 37, 500, "Bravo"),
                                    say("ministry-a", "Alpha", "fire", "19T16:05", "19T16:10", 48, 37, 500, "Bravo")},
                        kSettings);
  ASSERT_EQ(out.size(), 1u) << "two offices of one party are one voice, and one happening";
  EXPECT_EQ(out[0].occurrence, Grade::claimed);
  EXPECT_EQ(out[0].attributions.at(0).grade, Grade::claimed);
}

TEST(Fuse, AnAdmissionCorroboratesAttribution) {
  for (const auto& [accuser, accused] : {std::pair{"Alpha", "Bravo"}, {"Bravo", "Alpha"}}) {
    const auto out = fuse(std::vector{say("one", accuser, "fire", "19T16:00", "19T16:10", 48, 37, 500, accused),
                                      say("two", accused, "fire", "19T16:05", "19T16:10", 48, 37, 500, accused)},
                          kSettings);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].attributions.at(0).party, accused);
    EXPECT_EQ(out[0].attributions.at(0).grade, Grade::corroborated);
  }
}

TEST(Fuse, ContradictionsAreKept) {
  const auto out = fuse(std::vector{say("one", "Alpha", "fire", "19T16:00", "19T16:10", 48, 37, 500, "Bravo"),
                                    say("two", "Bravo", "fire", "19T16:05", "19T16:10", 48, 37, 500, "Alpha")},
                        kSettings);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].attributions.size(), 2u);
}

TEST(Fuse, AChainOfNeighboursIsNotOneIncident) {
  std::vector<Statement> chain;
  for (int i = 0; i < 20; ++i) chain.push_back(say("m" + std::to_string(i), "", "fire", "19T16:00", "19T16:10", 48.0 + 0.05 * i, 37, 500));
  for (const auto& incident : fuse(chain, kSettings)) EXPECT_LE(incident.members.size(), 3u) << "5.6 km apart";
}

TEST(Fuse, ExerciseNeverMixesWithActual) {
  auto drill = say("press", "", "fire", "19T16:00", "19T16:10", 48, 37, 500);
  drill.exercise = model::Exercise::exercise;
  model::seal(drill);
  EXPECT_EQ(fuse(std::vector{drill, say("monitor", "", "fire", "19T16:00", "19T16:10", 48, 37, 500)}, kSettings).size(), 2u);
}

TEST(Fuse, AlertsJoinTheWaveTheyWarnedOf) {
  auto bulletin = say("air-force", "Alpha", "strike.drone", "19T18:00", "20T06:00", 49, 32, 700'000, "Bravo");
  bulletin.means = "official-report";
  bulletin.fields["launched"] = model::Amount{Decimal(37), Decimal(37), "", ""};
  model::seal(bulletin);
  auto alert = say("warning", "Alpha", "alert.air", "19T20:00", "19T21:00", 50, 36, 120'000);
  alert.when.lasting = true;
  model::seal(alert);
  const auto later = say("warning", "Alpha", "alert.air", "20T20:00", "20T21:00", 50, 36, 120'000);
  const auto press = say("press", "", "strike.drone", "19T20:30", "19T20:30", 50, 36.2, 3000);
  const auto far = say("press", "", "strike.drone", "19T20:30", "19T20:30", 46, 30, 3000);
  const auto out = fuse(std::vector{bulletin, alert, later, press, far}, kSettings);
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out[0].members.size(), 3u) << "bulletin, the alert in its window, the press report under that alert";
  EXPECT_EQ(out[0].occurrence, Grade::corroborated);
  EXPECT_EQ(out[0].attributions.at(0).grade, Grade::claimed) << "who did it still rests on one party's word";
}

TEST(Fuse, VagueReportsStandAlone) {
  const auto out = fuse(std::vector{say("press", "", "fire", "19T00:00", "19T23:59", 48, 37, 150'000),
                                    say("radio", "", "fire", "19T00:00", "19T23:59", 48, 37, 150'000),
                                    say("press", "", "fire", "10T00:00", "19T23:59", 48, 37, 500),
                                    say("radio", "", "fire", "10T00:00", "19T23:59", 48, 37, 500)},
                        kSettings);
  EXPECT_EQ(out.size(), 4u) << "a province for a day, or a village for ten days, is no identity";
}

TEST(Fuse, AReportCodedOnReadingEndsTheCase) {
  auto football = say("press", "", "casualties.civilian", "19T16:00", "19T16:10", 48, 37, 500);
  football.fields["coder"] = std::string("not an incident: a football result");
  model::seal(football);
  EXPECT_EQ(fuse(std::vector{football}, kSettings).at(0).end, "refuted");
}

// Any order of arrival, and doubles already removed, give the same incidents.
TEST(Fuse, OrderDoesNotMatter) {
  std::mt19937 random(7);
  std::vector<Statement> all;
  for (int i = 0; i < 400; ++i) {
    const int minute = static_cast<int>(random() % 59);
    const int hour = 10 + static_cast<int>(random() % 12);
    const auto time = "19T" + std::to_string(hour) + ":" + (minute < 10 ? "0" : "") + std::to_string(minute);
    const char* events[] = {"fire", "fire.mortar", "strike.drone", "alert.air", "strike"};
    all.push_back(say("m" + std::to_string(random() % 5), random() % 3 ? "" : "Alpha", events[random() % 5], time, time,
                      48 + static_cast<double>(random() % 100) / 200, 37 + static_cast<double>(random() % 100) / 200,
                      static_cast<std::int64_t>(random() % 30000), random() % 4 ? "" : "Bravo"));
  }
  const auto shape = [](const std::vector<Incident>& list) {
    std::string text;
    for (const auto& i : list) text += i.id + std::string(name(i.occurrence)) + i.event + to_string(i.when.from) + "\n";
    return text;
  };
  const std::string expected = shape(fuse(all, kSettings));
  for (int round = 0; round < 10; ++round) {
    std::shuffle(all.begin(), all.end(), random);
    ASSERT_EQ(shape(fuse(all, kSettings)), expected);
  }
}

}  // namespace
}  // namespace surety::incident
