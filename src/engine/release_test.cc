// What is left of an agreement for a reader says nothing of what is hidden, and nothing else.
#include "engine/release.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "engine/world.h"
#include "store/test_dir.h"
#include "treaty/treaty.h"

namespace surety::engine {
namespace {

// `secret`: a clause, and whatever it needs declared, that only Alpha may read.
std::string text_with(const std::string& declared, const std::string& secret) {
  return R"(agreement Hill version 1.
parties Alpha, Bravo, Mediator.
group Belligerents = Alpha, Bravo.
body Monitor of Mediator.
clock UTC, months round refuse, start day excluded.
binding legal.
source "test".
in force from 2026-06-01T00:00.
event Fire reported as "fire" { place: position, rounds: count }.
event Notice { subject: text } observed by Monitor.
)" + declared +
         R"(
clause 1 "Quiet" source "1"
  each of Belligerents must not Fire continuously
  on evidence at least reported, attributed at least reported
  otherwise unspecified.
)" + secret +
         R"(
clause 2 "Word" source "2"
  each of Belligerents must Notice
  when clause 1 is breached
  within 48 hours after the event
  otherwise unspecified.
clause 4 "After the secret one" source "4"
  Bravo must Notice
  when clause 9 is breached
  within 48 hours after the event
  otherwise unspecified.
clause 5 "Narrow" source "5"
  releasable to Bravo
  Bravo must not Fire continuously
  on evidence at least claimed, attributed at least claimed
  otherwise unspecified.
status Truce
  calm to strained when Fire, at least reported within 72 hours
  strained to calm when no Fire by anyone, at least reported for 3 calendar days.
status Secret
  calm to strained when clause 9 is breached.
)";
}

const std::string kOne = text_with("", R"(clause 9 "One" source "9"
  releasable to Alpha
  Alpha must not Fire continuously
  on evidence at least reported, attributed at least reported
  otherwise unspecified.)");
const std::string kOther = text_with(R"(event Convoy reported as "movement" { count: count }.
parameter hidden-number = 7 "our own".
finding Many is Fire where rounds at least 40.)",
                                     R"(clause 9 "Another, and much longer, title of something else" source "annex Z, paragraph 44"
  releasable to Alpha
  each of Belligerents must not Many continuously
  without prejudice to clause 1
  on evidence at least verified, attributed at least verified
  otherwise unspecified.)");

struct ReleaseTest : testing::Test {
  store::TestDir dir;
  std::shared_ptr<const plan::Agreement> compiled(const std::string& text) {
    const std::string path = dir.path("hill.treaty");
    EXPECT_TRUE(write_file_atomically(path, text));
    auto a = treaty::load(path);
    EXPECT_TRUE(a) << a.error().text();
    return std::make_shared<const plan::Agreement>(std::move(*a));
  }
  static std::vector<std::string> clauses(const plan::Agreement& a) {
    std::vector<std::string> out;
    for (const auto& c : a.clauses) out.push_back(c.id);
    return out;
  }
  using Ids = std::vector<std::string>;
};

TEST_F(ReleaseTest, EachSeesWhatIsReleasedAndWhatRestsOnThatAlone) {
  const auto whole = compiled(kOne);
  const auto all = share_of(whole, {"Alpha", "Bravo", "public"});
  EXPECT_EQ(all, whole) << "nothing is hidden: the same object";
  const auto open = share_of(whole, {"public"});
  EXPECT_EQ(clauses(*open), (Ids{"1", "2"})) << "4 waits for a breach of 9: its verdicts would tell";
  EXPECT_EQ(clauses(*share_of(whole, {"Alpha", "public"})), (Ids{"1", "9", "2", "4"}));
  EXPECT_EQ(clauses(*share_of(whole, {"Bravo", "public"})), (Ids{"1", "2", "5"}));
  ASSERT_EQ(open->machines.size(), 1u);
  EXPECT_EQ(open->machines[0].name, "Truce");
  EXPECT_EQ(open->hash, "");
  EXPECT_EQ(names_released_to(*whole), (std::set<std::string>{"Alpha", "Bravo"}));
}

TEST_F(ReleaseTest, WhatIsLeftIsTheSameWhateverTheHiddenClauseSays) {
  const auto one = compiled(kOne), other = compiled(kOther);
  ASSERT_NE(plan::canonical(*one), plan::canonical(*other));
  for (const std::vector<std::string>& audiences : {Ids{"public"}, Ids{"Bravo", "public"}, Ids{"Mediator", "mission-internal", "public"}})
    EXPECT_EQ(plan::canonical(*share_of(one, audiences)), plan::canonical(*share_of(other, audiences)));
  EXPECT_NE(plan::canonical(*share_of(one, {"Alpha"})), plan::canonical(*share_of(other, {"Alpha"})));
}

TEST_F(ReleaseTest, AWholeAgreementMayBeForSome) {
  std::string text = kOne;
  text.insert(text.find("source \"test\""), "releasable to Belligerents.\n");
  const auto whole = compiled(text);
  EXPECT_EQ(share_of(whole, {"public"}), nullptr);
  EXPECT_EQ(share_of(whole, {"Mediator", "public"}), nullptr);
  EXPECT_NE(share_of(whole, {"Bravo", "public"}), nullptr);
}

TEST_F(ReleaseTest, AClauseMayBeForOneOfTheFourReleases) {
  for (const std::string release : {"parties", "guarantors", "mission-internal"}) {
    std::string text = kOne;
    const auto at = text.find("releasable to Alpha");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, std::string_view("releasable to Alpha").size(), "releasable to " + release);
    const auto whole = compiled(text);
    EXPECT_LT(share_of(whole, {"public"})->clauses.size(), whole->clauses.size()) << release;
    EXPECT_LT(share_of(whole, {"Alpha", "public"})->clauses.size(), whole->clauses.size()) << release;
    EXPECT_GT(share_of(whole, {release, "public"})->clauses.size(), share_of(whole, {"public"})->clauses.size()) << release;
  }
}

// Fewer verdicts, never other ones.
TEST_F(ReleaseTest, VerdictsOfAShareAreVerdictsOfTheWhole) {
  const auto whole = compiled(kOther);
  std::vector<model::Statement> all;
  for (int i = 0; i < 12; ++i) {
    auto s = model::parse_statement(R"({"v":1,"kind":"observation","author":"press-)" + std::to_string(i % 3) +
                                    R"(","event":"fire","from":"2026-06-)" + std::string(i < 7 ? "0" : "") + std::to_string(i + 3) +
                                    R"(T08:00:00Z","actor":")" + (i % 2 ? "Alpha" : "Bravo") +
                                    R"(","fields":{"rounds":{"low":"50","high":"50"}},"source":"test"})");
    ASSERT_TRUE(s) << s.error().text();
    all.push_back(std::move(*s));
  }
  const auto derived = [&](std::shared_ptr<const plan::Agreement> a) {
    Request r;
    r.agreements = {std::move(a)};
    return derive(all, r).value();
  };
  const auto full = derived(whole), less = derived(share_of(whole, {"public"}));
  std::set<std::string> known;
  for (const auto& v : full.instruments[0].outcome.states) known.insert(model::to_json(v, true));
  for (const auto& v : full.instruments[0].outcome.duties) known.insert(model::to_json(v, true));
  std::size_t seen = 0;
  for (const auto& v : less.instruments[0].outcome.states) seen += known.contains(model::to_json(v, true));
  for (const auto& v : less.instruments[0].outcome.duties) seen += known.contains(model::to_json(v, true));
  EXPECT_EQ(seen, less.instruments[0].outcome.states.size() + less.instruments[0].outcome.duties.size());
  EXPECT_GT(seen, 8u);
  EXPECT_GT(known.size(), seen);
}

}  // namespace
}  // namespace surety::engine
