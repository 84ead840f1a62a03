// Signed statements of which readers may know different fields: what each is given, what none can learn, and
// what the record then says of it.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <random>

#include "base/files.h"
#include "engine/book.h"
#include "serve/book_source.h"
#include "serve/record_files.h"
#include "serve/test_walk.h"
#include "store/test_dir.h"
#include "treaty/treaty.h"

namespace surety::serve {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kTreaty = R"(agreement Hill version 1.
parties Alpha, Bravo, Mediator.
body Monitor of Mediator.
clock UTC, months round refuse, start day excluded.
binding legal.
source "test".
in force from 2026-06-01T00:00.
event Fire reported as "fire" { place: position, rounds: count }.
finding Heavy is Fire where rounds at least 30.
clause 1 "Quiet" source "1"
  each of Alpha, Bravo must not Heavy continuously
  on evidence at least reported, attributed at least reported
  otherwise unspecified.
status Truce
  calm to strained when Heavy, at least reported within 72 hours
  strained to calm when no Fire by anyone, at least reported for 3 calendar days.
)";

// Without these there is no statement at all (engine/committed.h).
const Names kNeeded{"kind", "exercise", "speaks_for", "event", "when", "about", "instrument", "clauses"};
// And these may each be told or not.
const Names kOptional{"place",         "cell-1",      "cell-0.1", "actor",  "actor_basis", "text", "means",
                      "fields.rounds", "fields.unit", "source",   "origin", "author",      "id"};

model::Statement report(int i, std::mt19937& random) {
  const std::string tag = std::to_string(random() % 900'000 + 100'000);
  return model::parse_statement(R"({"v":1,"kind":"observation","author":"press-)" + std::to_string(i % 3) +
                                R"(","means":"seen","event":"fire","from":"2026-06-0)" + std::to_string(i % 8 + 1) +
                                R"(T08:00:00Z","place":{"name":"Place )" + tag + R"(","lat":48.55,"lon":37.55,"radius_m":10},"actor":")" +
                                (random() % 2 ? "Alpha" : "Bravo") + R"(","actor_basis":"basis )" + tag +
                                R"(","fields":{"rounds":{"low":")" + std::to_string(random() % 60) + R"(","high":"60"},"unit":"unit )" +
                                tag + R"("},"source":"source )" + tag + R"(","text":"words )" + tag + "\"}")
      .value();
}

struct RestrictedTest : testing::Test {
  store::TestDir dir;
  Instant now = parse_instant("2026-07-01T10:00:00Z").value();

  std::string db(const std::string& world = "one") const { return dir.path(world + "/s.db"); }
  store::LogOptions log_of(const std::string& world = "one") const {
    store::LogOptions options;
    options.database = db(world);
    return store::with_defaults(options);
  }
  std::vector<model::Statement> keep(int n, std::mt19937& random) {
    EXPECT_TRUE(make_directories(dir.path("one")));
    auto book = engine::Book::open(log_of()).value();
    engine::Author author{record::SigningKey::generate("example.org/monitor").value(), "Hill", sha256(kTreaty), false, {}, {}};
    std::vector<model::Statement> all;
    for (int i = 0; i < n; ++i) all.push_back(report(i, random));
    EXPECT_EQ(book.keep(all, author).value().added, static_cast<std::size_t>(n));
    EXPECT_TRUE(book.publish());
    return all;
  }
  std::vector<Digest> leaves() {
    std::vector<Digest> out;
    const auto store = store::open_store(db(), store::Mode::read).value();
    EXPECT_TRUE(store->scan(0, store->size().value(), [&](std::uint64_t, std::string_view entry) {
      if (entry.starts_with("statement/v1")) out.push_back(record::leaf_hash(entry));
      return true;
    }));
    return out;
  }
  void release(const Digest& leaf, const Names& fields, const std::string& audience) {
    const auto log = store::Log::open(log_of()).value();
    const auto store = store::DisclosureStore::open(store::disclosures_beside(db())).value();
    const Status done = store->release(*log, leaf, fields, audience, "chair", now);
    EXPECT_TRUE(done) << done.error().text();
    EXPECT_TRUE(log->publish());
  }
  std::unique_ptr<BookSource> source(const std::string& world = "one") {
    EXPECT_TRUE(write_file_atomically(dir.path("hill.treaty"), kTreaty));
    BookOptions options;
    options.agreements = {std::make_shared<const plan::Agreement>(treaty::load(dir.path("hill.treaty")).value())};
    options.database = db(world);
    options.log = log_of(world);
    options.clock = [this] { return now; };
    auto out = std::make_unique<BookSource>(std::move(options));
    const auto read = out->refresh();
    EXPECT_TRUE(read) << read.error().text();
    return out;
  }
  // In the other world everything that these audiences may not know is something else, or not there, or more.
  void change_what_is_withheld(const Names& audiences, std::mt19937& random) {
    const std::string path = store::disclosures_beside(db("other"));
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &raw), SQLITE_OK);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> owner(raw, sqlite3_close);
    int changed = 0;
    for (const Digest& leaf : leaves()) {
      const auto store = store::DisclosureStore::open(path).value();
      const auto released = store->released(leaf).value();
      Names lines = store->all_of(leaf).value(), out;
      for (const std::string& line : lines) {
        auto d = record::parse_disclosure(line).value();
        const bool mine = std::any_of(released.begin(), released.end(), [&](const auto& r) {
          return r.first == d.field.name && std::find(audiences.begin(), audiences.end(), r.second) != audiences.end();
        });
        const unsigned what = mine ? 0 : random() % 3;
        if (what == 0 && mine) out.push_back(line);
        if (what == 1) d.field.value = "\"something else\"";
        if (what == 2) d.field.name += "-other";
        if (what != 0) out.push_back(record::encode_disclosure("another salt", d.field));
        changed += !mine;
      }
      if (random() % 2) out.push_back(record::encode_disclosure("more", {"fields.more", "\"and more\""}));
      std::shuffle(out.begin(), out.end(), random);
      std::string text;
      for (const std::string& line : out) text += line + "\n";
      sqlite3_stmt* update = nullptr;
      ASSERT_EQ(
          sqlite3_prepare_v2(raw, "UPDATE disclosure SET lines = ?1, id = 's-0000000000000000' WHERE leaf = ?2", -1, &update, nullptr),
          SQLITE_OK);
      sqlite3_bind_text(update, 1, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
      sqlite3_bind_blob(update, 2, leaf.data(), 32, SQLITE_STATIC);
      EXPECT_EQ(sqlite3_step(update), SQLITE_DONE);
      sqlite3_finalize(update);
    }
    EXPECT_GT(changed, 0);
  }
  std::vector<std::string> notes() {
    std::vector<std::string> out;
    const auto store = store::open_store(db(), store::Mode::read).value();
    EXPECT_TRUE(store->scan(0, store->size().value(), [&](std::uint64_t, std::string_view entry) {
      if (entry.find("\"did\":\"access\"") != std::string_view::npos) out.emplace_back(entry);
      return true;
    }));
    return out;
  }
};

const std::vector<Reader> kReaders{Reader{},
                                   reader(Role::member, "Alpha"),
                                   reader(Role::desk_officer, "Mediator"),
                                   reader(Role::watch_officer),
                                   reader(Role::monitor, "Monitor"),
                                   reader(Role::chair),
                                   reader(Role::auditor)};

TEST_F(RestrictedTest, EachRoleIsGivenWhatItIsClearedForAndNothingElse) {
  std::mt19937 random(1);
  const auto all = keep(4, random);
  const auto signed_ones = leaves();
  ASSERT_EQ(signed_ones.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    release(signed_ones[i], kNeeded, "public");
    release(signed_ones[i], {"fields.unit"}, std::string(access::name(access::kReleases[i])));
  }
  const auto world = source();
  const Api api(*world, {});
  for (const Reader& who : kReaders) {
    const std::string given = everything(api, who, ids_in(everything(api, who, {})));
    for (std::size_t i = 0; i < 4; ++i) {
      const std::string unit = std::get<std::string>(all[i].fields.at("unit"));
      const auto& row = *access::find_path("GET", "/api/v1/statements/x");
      EXPECT_EQ(given.find(unit) != std::string::npos, access::allowed(row, who.role, access::kReleases[i]))
          << access::name(who.role) << " " << i;
      EXPECT_EQ(given.find("words "), std::string::npos) << "released to nobody";
    }
  }
}

// Whatever the store holds that a reader may not have: another value, another name, nothing at all, in any order.
TEST_F(RestrictedTest, AWithheldFieldCannotBeLearntFromAnythingThatAReaderIsGiven) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::error_code ignored;
    std::filesystem::remove_all(dir.path("one"), ignored);
    std::mt19937 random(seed);
    (void)keep(5, random);
    const Names audiences{"public", "parties", "guarantors", "mission-internal", "monitor", "Alpha", "Mediator"};
    for (const Digest& leaf : leaves()) {
      release(leaf, kNeeded, random() % 4 ? "public" : "parties");
      for (const std::string& field : kOptional) {
        if (random() % 3) release(leaf, {field}, audiences[random() % audiences.size()]);
      }
    }
    for (const Reader& who : kReaders) {
      std::filesystem::remove_all(dir.path("other"), ignored);
      std::filesystem::copy(dir.path("one"), dir.path("other"), std::filesystem::copy_options::recursive);
      const auto mine = access::audiences(who, *access::find_path("GET", "/api/v1/duties"));
      change_what_is_withheld(mine, random);
      const auto one = source("one"), other = source("other");
      const Api first(*one, {.record_dir = log_of("one").record_dir}), second(*other, {.record_dir = log_of("other").record_dir});
      for (const char* file : {"/record/checkpoint", "/record/log.vkey", "/record/tile/0/000.p/12", "/record/tile/entries/000"})
        ASSERT_EQ(ask(first, who, file), ask(second, who, file));
      std::set<std::string> ids = ids_in(everything(first, who, {}));
      ids.merge(ids_in(everything(second, who, {})));
      ASSERT_EQ(everything(first, who, ids), everything(second, who, ids)) << "seed " << seed << ", " << access::name(who.role);
    }
  }
}

TEST_F(RestrictedTest, AReadingIsInTheRecordBeforeAnythingIsGiven) {
  std::mt19937 random(3);
  (void)keep(2, random);
  const Digest leaf = leaves()[0];
  release(leaf, kNeeded, "public");
  release(leaf, {"text"}, "mission-internal");
  const auto world = source();
  const Api api(*world, {});
  (void)everything(api, Reader{}, {});
  (void)everything(api, reader(Role::member, "Alpha"), {});
  EXPECT_TRUE(notes().empty()) << "nothing restricted was given";
  const std::uint64_t revision = world->revision();
  Reader anna = reader(Role::monitor);
  anna.pseudonym = "reader-0a0b0c0d";
  for (int i = 0; i < 3; ++i) EXPECT_NE(everything(api, anna, {}).find("fire"), std::string::npos);
  ASSERT_EQ(notes().size(), 1u) << "once a session";
  EXPECT_NE(notes()[0].find("reader-0a0b0c0d"), std::string::npos);
  EXPECT_NE(notes()[0].find(base64(view(leaf))), std::string::npos);
  for (const char* never : {"anna", "name", "text", "words"}) EXPECT_EQ(notes()[0].find(never), std::string::npos) << never;
  EXPECT_FALSE(world->refresh().value()) << "a note changes nothing for anybody";
  EXPECT_EQ(world->revision(), revision);
  anna.session = "session-2";
  (void)everything(api, anna, {});
  EXPECT_EQ(notes().size(), 2u);
  EXPECT_TRUE(engine::read_book(db())) << "the record is read as before";
  // While another process holds the log, nothing can be noted, and so nothing is given.
  anna.session = "session-3";
  const auto held = store::Log::open(log_of()).value();
  const std::string refused = ask(api, anna, "/api/v1/duties");
  EXPECT_NE(refused.find(" 503 "), std::string::npos) << refused;
  EXPECT_NE(refused.find("access.not-noted"), std::string::npos);
  EXPECT_EQ(notes().size(), 2u);
}

TEST_F(RestrictedTest, WhatIsTakenBackIsGivenNoMore) {
  std::mt19937 random(4);
  const auto all = keep(1, random);
  const Digest leaf = leaves()[0];
  release(leaf, kNeeded, "public");
  release(leaf, {"text"}, "mission-internal");
  const auto world = source();
  const Api api(*world, {});
  const Reader who = reader(Role::auditor);
  const auto sees = [&] { return everything(api, who, ids_in(everything(api, who, {}))).find("words ") != std::string::npos; };
  EXPECT_TRUE(sees());
  {
    const auto log = store::Log::open(log_of()).value();
    const auto store = store::DisclosureStore::open(store::disclosures_beside(db())).value();
    ASSERT_TRUE(store->redact(*log, leaf, {"text"}, "mission-internal", "chair", now));
  }
  EXPECT_TRUE(world->refresh().value());
  EXPECT_FALSE(sees());
}

}  // namespace
}  // namespace surety::serve
