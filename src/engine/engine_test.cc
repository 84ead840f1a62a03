#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "engine/book.h"
#include "engine/world.h"
#include "treaty/treaty.h"

namespace surety::engine {
namespace {

using model::Exercise;
using model::Statement;

Statement parse(const std::string& members) {
  auto s = model::parse_statement(R"({"v":1,"source":"test",)" + members + "}");
  EXPECT_TRUE(s) << s.error().text();
  return *s;
}

Statement fire(const std::string& author, const std::string& time, const std::string& actor) {
  return parse(R"("kind":"observation","author":")" + author + R"(","event":"fire","from":")" + time +
               R"(","place":{"name":"Line","lat":48,"lon":37.8,"radius_m":500},"actor":")" + actor + "\"");
}

TEST(Standing, CorrectionsReplaceAndWithdrawalsRemoveAsKnownThen) {
  const auto first = fire("monitor", "2025-01-01T10:00:00Z", "Alpha");
  const auto corrected = parse(
      R"("kind":"correction","author":"monitor","event":"fire","from":"2025-01-01T10:00:00Z","known_at":"2025-01-02T00:00:00Z","actor":"Bravo","about":[")" +
      first.id + "\"]");
  const auto withdrawn = parse(
      R"("kind":"withdrawal","author":"monitor","event":"fire","from":"2025-01-01T10:00:00Z","known_at":"2025-01-03T00:00:00Z","about":[")" +
      corrected.id + "\"]");
  const std::vector all{withdrawn, first, corrected};
  const auto at = [&](const char* day) { return standing(all, parse_instant(day).value(), Exercise::actual); };
  EXPECT_EQ(at("2025-01-01T12:00:00Z").statements.at(0).actor, "Alpha");
  EXPECT_EQ(at("2025-01-02T12:00:00Z").statements.at(0).actor, "Bravo");
  EXPECT_EQ(at("2025-01-02T12:00:00Z").statements.at(0).kind, model::Kind::observation);
  // The correction was taken back: the first word stands again.
  EXPECT_EQ(at("2025-01-03T12:00:00Z").statements.at(0).actor, "Alpha");
  EXPECT_EQ(at("2025-01-03T12:00:00Z").withdrawn, 1u);
}

TEST(Standing, AHypotheticalViewMarksEverything) {
  auto scenario = fire("nobody", "2025-01-01T11:00:00Z", "Alpha");
  scenario.exercise = Exercise::hypothetical;
  model::seal(scenario);
  const std::vector all{fire("monitor", "2025-01-01T10:00:00Z", "Alpha"), scenario};
  EXPECT_EQ(standing(all, Instant::max(), Exercise::actual).statements.size(), 1u);
  const auto both = standing(all, Instant::max(), Exercise::hypothetical);
  ASSERT_EQ(both.statements.size(), 2u);
  for (const auto& s : both.statements) EXPECT_EQ(s.exercise, Exercise::hypothetical);
}

TEST(BaseRate, ARangeIsCertainToPossible) {
  std::vector<Statement> all;
  all.push_back(parse(
      R"("kind":"coverage","author":"x","event":"coverage","from":"2025-01-01T00:00:00Z","to":"2025-01-05T00:00:00Z","fields":{"feed":"press","state":"partial"})"));
  all.push_back(parse(R"("kind":"observation","author":"press","event":"fire","from":"2025-01-04T01:00:00Z")"));
  all.push_back(parse(R"("kind":"observation","author":"press","event":"fire","from":"2025-01-03T20:00:00Z","to":"2025-01-04T02:00:00Z")"));
  all.push_back(parse(R"("kind":"observation","author":"press","event":"fire","from":"2025-01-02T10:00:00Z")"));
  const auto rate = base_rate(all, parse_instant("2025-01-04T00:00:00Z").value(), parse_instant("2025-01-05T00:00:00Z").value());
  ASSERT_EQ(rate.feeds.size(), 1u);
  EXPECT_EQ(rate.feeds[0].window.certain, 1u);
  EXPECT_EQ(rate.feeds[0].window.possible, 2u);
  ASSERT_EQ(rate.feeds[0].before.size(), 3u) << "only windows that the coverage reaches";
  EXPECT_EQ(rate.feeds[0].before[1].certain, 1u);
  EXPECT_EQ(rate.coverage.size(), 1u);
}

std::shared_ptr<const plan::Agreement> truce() {
  auto compiled = treaty::compile_text(R"(agreement Test version 1.
parties Alpha, Bravo.
clock UTC, months round refuse, start day excluded.
binding political.
source "test".
in force from 2025-01-01T00:00.
event Hostility reported as "fire" { place: position }.
clause 1 "Halt" source "1" kind cessation
  each of Alpha, Bravo must not Hostility continuously from entry into force
  on evidence at least reported, attributed at least reported
  otherwise unspecified.
status Truce
  in-force to strained when 3 Hostility by anyone, at least reported within 24 hours
  strained to in-force when no Hostility by anyone, at least reported for 24 hours.
)",
                                       "test.treaty");
  for (const auto& d : compiled.diagnostics)
    if (d.severity == treaty::Severity::error) ADD_FAILURE() << treaty::to_text(d, compiled.tree.text, "test.treaty");
  return compiled.agreement ? std::make_shared<const plan::Agreement>(*compiled.agreement) : nullptr;
}

std::string bytes_of(const World& w) {
  std::string out;
  for (const auto& i : w.incidents) out += to_json(i) + "\n";
  for (const auto& i : w.instruments) {
    for (const auto& v : i.outcome.states) out += model::to_json(v, true) + "\n";
    for (const auto& v : i.outcome.duties) out += model::to_json(v, true) + "\n";
    for (const auto& x : i.outcome.waiting) out += duty::to_json(x) + "\n";
  }
  return out;
}

TEST(Derive, AnyOrderAndAnyBatchingGiveTheSameBytes) {
  const auto agreement = truce();
  ASSERT_TRUE(agreement);
  std::mt19937 random(3);
  std::vector<Statement> all;
  for (int i = 0; i < 60; ++i) {
    const int hour = static_cast<int>(random() % 72);
    const auto time = to_string(parse_instant("2025-01-02T00:00:00Z").value() + Span::hours(hour));
    all.push_back(fire("m" + std::to_string(random() % 3), time, random() % 3 ? (random() % 2 ? "Alpha" : "Bravo") : ""));
  }
  Request request;
  request.agreements = {agreement};
  request.now = parse_instant("2025-01-10T00:00:00Z").value();
  const std::string expected = bytes_of(derive(all, request).value());
  EXPECT_NE(expected.find("\"state\":\"breached\""), std::string::npos);
  EXPECT_NE(expected.find("\"status\":\"strained\""), std::string::npos);
  for (int round = 0; round < 5; ++round) {
    std::shuffle(all.begin(), all.end(), random);
    auto doubled = all;
    doubled.insert(doubled.end(), all.begin(), all.begin() + 20);
    ASSERT_EQ(bytes_of(derive(doubled, request).value()), expected);
  }
}

TEST(Derive, SwappingThePartiesSwapsTheVerdicts) {
  const auto agreement = truce();
  ASSERT_TRUE(agreement);
  const auto world = [&](const char* who) {
    Request request;
    request.agreements = {agreement};
    request.now = parse_instant("2025-01-10T00:00:00Z").value();
    return derive(std::vector{fire("m", "2025-01-02T10:00:00Z", who)}, request).value();
  };
  for (const char* who : {"Alpha", "Bravo"}) {
    std::vector<std::string> breached;
    const auto w = world(who);
    for (const auto& v : w.instruments[0].outcome.duties)
      if (v.state == model::DutyState::breached) breached.push_back(v.bearer);
    EXPECT_EQ(breached, std::vector<std::string>{who});
  }
}

struct Folder {
  std::string path = (std::filesystem::temp_directory_path() / ("surety-engine-" + std::to_string(getpid()))).string();
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

TEST(Book, WhatIsKeptIsReadBackAndNothingTwice) {
  const Folder folder;
  const std::vector all{fire("a", "2025-01-01T10:00:00Z", ""), fire("b", "2025-01-01T11:00:00Z", "")};
  {
    store::LogOptions options;
    options.database = folder.path + "/s.db";
    auto book = Book::open(options);
    ASSERT_TRUE(book) << book.error().text();
    EXPECT_EQ(book->keep(all).value().added, 2u);
    EXPECT_EQ(book->keep(all).value().duplicates, 2u);
    ASSERT_TRUE(book->publish());
    EXPECT_EQ(book->published_size(), 2u);
  }
  const auto read = read_book(folder.path + "/s.db");
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->at(0).id, all[0].id);
}

}  // namespace
}  // namespace surety::engine
