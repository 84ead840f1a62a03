// A statement committed to field by field, and read back from what is still known of it.
#include "engine/committed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "engine/book.h"
#include "store/test_dir.h"

namespace surety::engine {
namespace {

using model::Statement;

const char* const kLines[] = {
    R"({"v":1,"kind":"observation","author":"ua-air-force","speaks_for":"Ukraine","means":"official-report","admiralty":"C3","event":"strike.drone","from":"2025-04-17T16:30:00Z","to":"2025-04-18T06:30:00Z","known_at":"2025-04-18T07:30:00Z","place":{"name":"Ukraine"},"actor":"Russia","actor_basis":"the report names it","fields":{"launched":{"low":"37","high":"37"},"model":"Shahed-136/131"},"source":"bulletin, row 1356","text":"with \"quotes\", commas, {braces} and \\"})",
    R"({"v":1,"kind":"observation","exercise":"exercise","author":"a","origin":"b","event":"fire.mortar","from":"2025-04-17T16:30:00Z","to":"2025-04-17T17:30:00Z","lasting":true,"open_end":true,"place":{"name":"x","lat":-48.512345,"lon":-0.03,"radius_m":200},"source":"s"})",
    R"({"v":1,"kind":"decision","author":"Commission","event":"RenewedAttack","from":"2026-01-06T00:00:00Z","actor":"Russia","fields":{"holds":"yes"},"about":["s-0123456789abcdef"],"instrument":"Paris-Framework","clauses":["A1","A2"],"source":"minutes"})",
    R"({"v":1,"kind":"coverage","author":"f","event":"coverage","from":"2026-01-06T00:00:00Z","to":"2026-01-06T06:00:00Z","fields":{"a":"1","b":"2","blind":"night","c":"3","d":"4","e":"5","feed":"f","g":"6","h":"7","sees":"all","state":"partial"},"source":"f"})",
};

Author author(const char* name = "example.org/monitor") { return {*record::SigningKey::generate(name), "Truce", sha256("text"), false}; }

std::vector<record::Field> known(const std::vector<record::Field>& all, const std::vector<std::string>& without) {
  std::vector<record::Field> out;
  for (const auto& f : all)
    if (std::find(without.begin(), without.end(), f.name) == without.end()) out.push_back(f);
  return out;
}

class Committed : public ::testing::TestWithParam<const char*> {};

TEST_P(Committed, EverythingKnownGivesTheSameStatementUnderTheSameId) {
  const Statement s = *model::parse_statement(GetParam());
  const auto made = sign(s, author(), {});
  ASSERT_TRUE(made) << made.error().text();
  const auto note = record::parse_statement_text(record::parse_note(made->entry)->text);
  ASSERT_TRUE(note);
  std::vector<std::string> encoded;
  for (const auto& d : made->disclosures) encoded.push_back(d.encoded);
  std::reverse(encoded.begin(), encoded.end());
  const auto fields = record::open_disclosures(note->sd, encoded);
  ASSERT_TRUE(fields);
  const auto back = statement_from(made->entry, *note, *fields);
  ASSERT_TRUE(back) << back.error().text();
  ASSERT_TRUE(*back);
  EXPECT_EQ(model::canonical(**back), model::canonical(s));
  EXPECT_EQ((*back)->id, s.id);
  for (const char* word : {"Russia", "ua-air-force", "Shahed", "48.5", "Commission"})
    EXPECT_EQ(made->entry.find(word), std::string::npos) << "the entry says nothing of what was said";
}
INSTANTIATE_TEST_SUITE_P(Statements, Committed, ::testing::ValuesIn(kLines));

struct Noted {
  std::string entry;
  record::StatementNote note;
  std::vector<record::Field> fields;
};
Noted noted(const char* line) {
  const Statement s = *model::parse_statement(line);
  const auto made = sign(s, author(), {});
  return {made->entry, *record::parse_statement_text(record::parse_note(made->entry)->text), fields_of(s)};
}

TEST(CommittedFields, WhatIsMissingOnlyWidensDoubt) {
  const Noted n = noted(kLines[1]);
  const auto read = [&](const std::vector<std::string>& without) { return *statement_from(n.entry, n.note, known(n.fields, without)); };
  for (const char* needed : {"kind", "exercise", "event", "when", "speaks_for", "about", "instrument", "clauses"})
    EXPECT_FALSE(read({needed})) << "no statement without " << needed;
  // The cell instead of the point: its circle holds the point and the point's own circle of error.
  const auto fine = read({"place"});
  ASSERT_TRUE(fine && fine->place);
  EXPECT_TRUE(fine->place->located);
  EXPECT_NEAR(fine->place->lat_e6, -48'550'000, 1);
  EXPECT_NEAR(fine->place->lon_e6, -50'000, 1);
  EXPECT_GE(fine->place->radius_m, 7'900);
  EXPECT_TRUE(fine->place->name.empty());
  EXPECT_GE(read({"place", "cell-0.1"})->place->radius_m, 79'000);
  EXPECT_FALSE(read({"place", "cell-0.1", "cell-1"})->place);
  EXPECT_EQ(read({"author"})->author, "example.org/monitor") << "who signed it said it";
  EXPECT_EQ(read({"origin"})->independent_origin(), "withheld") << "hidden origins never corroborate each other";
  EXPECT_EQ(read({"source"})->source, "withheld");
  const std::string salted = "s-" + hex(sha256(n.entry)).substr(0, 16);
  EXPECT_EQ(read({"source"})->id, salted) << "an id that the rest does not give is not taken on trust";
  EXPECT_EQ(read({"id"})->id, salted);
}

TEST(CommittedFields, ACellIsOnlyGivenWhenItHoldsTheWholeCircleOfError) {
  const auto cells = [](const char* place) {
    std::vector<std::string> out;
    const std::string line =
        std::string(R"({"v":1,"kind":"observation","author":"a","event":"fire","from":"2026-01-06T00:00:00Z","place":)") + place +
        R"(,"source":"s"})";
    for (const auto& f : fields_of(*model::parse_statement(line)))
      if (f.name.starts_with("cell")) out.push_back(f.name);
    return out;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(cells(R"({"lat":48.55,"lon":37.55})"), (Names{"cell-1", "cell-0.1"}));
  EXPECT_EQ(cells(R"({"lat":48.55,"lon":37.55,"radius_m":2000})"), (Names{"cell-1", "cell-0.1"}));
  EXPECT_EQ(cells(R"({"lat":48.55,"lon":37.55,"radius_m":9000})"), Names{"cell-1"});
  EXPECT_EQ(cells(R"({"lat":48.5001,"lon":37.55,"radius_m":200})"), Names{"cell-1"});
  EXPECT_EQ(cells(R"({"lat":48.55,"lon":37.55,"radius_m":90000})"), Names{});
  EXPECT_EQ(cells(R"({"name":"Sumy"})"), Names{});
}

TEST(CommittedFields, HostileDisclosuresAreRefusedOrSayLess) {
  const Noted n = noted(kLines[0]);
  const auto with = [&](const std::string& name, const std::string& value) {
    auto fields = known(n.fields, {name});
    fields.push_back({name, value});
    return statement_from(n.entry, n.note, fields);
  };
  EXPECT_FALSE(with("event", "17"));
  EXPECT_FALSE(with("when", "17"));
  EXPECT_FALSE(with("when", R"({"to":"2025-04-18T06:30:00Z"})"));
  EXPECT_FALSE(with("about", "{}"));
  const auto injected =
      with("when", R"({"from":"2025-04-17T16:30:00Z","to":"2025-04-18T06:30:00Z","known_at":"2025-04-18T07:30:00Z","actor":"Nobody"})");
  ASSERT_TRUE(injected && *injected);
  EXPECT_EQ((*injected)->actor, "Russia");
  const auto claimed = with("id", "\"s-0123456789abcdef\"");
  ASSERT_TRUE(claimed && *claimed);
  EXPECT_NE((*claimed)->id, "s-0123456789abcdef") << "nobody takes another statement's id";
}

class SignedBook : public ::testing::Test {
 protected:
  std::vector<Statement> public_book() { return read_shared_book(db_, {"public"})->statements; }
  Book open() { return std::move(*Book::open({.database = db_, .record_dir = {}, .key_file = {}, .origin = {}, .disk = nullptr})); }
  store::TestDir dir_;
  std::string db_ = dir_.path("s.db");
};

TEST_F(SignedBook, TheSameStatementIsOneHoweverOftenItIsSigned) {
  std::vector<Statement> all;
  for (const char* l : {kLines[0], kLines[1], kLines[3]}) all.push_back(*model::parse_statement(l));
  const Author a = author("a.example/x"), b = author("b.example/y");
  {
    Book book = open();
    EXPECT_EQ(book.keep(all, a)->added, 3u);
    EXPECT_EQ(book.keep(all, a)->duplicates, 3u) << "again by the same party";
    EXPECT_EQ(book.keep(all, author("a.example/x"))->duplicates, 3u) << "and by its new key";
    EXPECT_EQ(book.keep(all, b)->added, 3u) << "another's signature is new";
    EXPECT_EQ(book.keep(all)->added, 3u) << "and so is the plain one";
    ASSERT_TRUE(book.publish());
  }
  const auto read = read_book(db_);
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(model::canonical((*read)[i]), model::canonical(all[i]));
  EXPECT_FALSE(public_book().empty()) << "the plain ones are public";
}

TEST_F(SignedBook, ACorrectionFindsItsTargetInTheSameBatchAndAfterItsIdIsForgotten) {
  Statement first = *model::parse_statement(kLines[1]);
  Statement fix = first;
  fix.kind = model::Kind::correction;
  fix.about = {first.id};
  fix.event = "fire.rocket";
  model::seal(fix);
  Statement lost = fix;
  lost.about = {"s-ffffffffffffffff"};
  model::seal(lost);
  Book book = open();
  const std::vector<Statement> all = {first, fix, lost};
  const auto kept = book.keep(all, author());
  ASSERT_TRUE(kept) << kept.error().text();
  EXPECT_EQ(kept->added, 2u);
  ASSERT_EQ(kept->refused.size(), 1u);
  EXPECT_EQ(kept->refused[0].first, 2u);
  EXPECT_EQ(kept->refused[0].second.code, "record.nothing-to-supersede");
  auto hidden = store::DisclosureStore::open(store::disclosures_beside(db_));
  const Digest leaf = record::leaf_hash(*book.log().store().get(0));
  ASSERT_TRUE((*hidden)->forget(book.log(), leaf, {"id", "place"}, "chair", {}));
  const auto read = read_book(db_);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_NE((*read)[0].id, first.id);
  EXPECT_EQ((*read)[1].about[0], (*read)[0].id);
}

TEST_F(SignedBook, ThePublicReadsWhatIsReleasedToIt) {
  Author a = author();
  const std::vector<Statement> one = {*model::parse_statement(kLines[0])}, two = {*model::parse_statement(kLines[1])};
  Book book = open();
  ASSERT_EQ(book.keep(one, a)->added, 1u);
  EXPECT_TRUE(public_book().empty());
  a.release_to = "public";
  ASSERT_EQ(book.keep(two, a)->added, 1u);
  ASSERT_EQ(public_book().size(), 1u);
  EXPECT_EQ(read_book(db_)->size(), 2u);
  auto hidden = store::DisclosureStore::open(store::disclosures_beside(db_));
  const Digest leaf = record::leaf_hash(*book.log().store().get(1));
  ASSERT_TRUE((*hidden)->redact(book.log(), leaf, {"place", "cell-0.1", "id"}, "public", "chair", {}));
  const auto seen = public_book();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_GE(seen[0].place->radius_m, 79'000) << "the coarse cell is still public";
  EXPECT_EQ((*read_book(db_))[1].place->radius_m, 200);
}

TEST_F(SignedBook, TheDoorTakesOnlyWhatAKeyInForceHasSigned) {
  const Author a = author();
  const auto made = sign(*model::parse_statement(kLines[0]), a, {});
  record::BundleEntry note{made->entry, {}, {}};
  for (const auto& d : made->disclosures) note.disclosures.push_back(d.encoded);
  const auto parties = *record::PartyKeys::parse(record::party_line({a.key.verifier(), 0}));
  const auto revoked = *record::PartyKeys::parse(*record::revoke_party(record::party_line({a.key.verifier(), 0}), a.key.name(), 1));
  Book book = open();
  EXPECT_EQ(book.submit({note}, {}).error().code, "record.unknown-author");
  record::BundleEntry forged = note;
  forged.entry.replace(forged.entry.find("evidence"), 8, "delivery");
  EXPECT_EQ(book.submit({note, forged}, parties).error().code, "record.bad-signature");
  EXPECT_EQ(*book.log().store().size(), 0u) << "one that does not hold refuses all";
  record::BundleEntry foreign = note;
  foreign.disclosures.push_back(record::encode_disclosure("c2FsdA", {"extra", "1"}));
  EXPECT_EQ(book.submit({foreign}, parties).error().code, "record.not-committed");
  const auto placed = book.submit({note}, parties);
  ASSERT_TRUE(placed) << placed.error().text();
  EXPECT_FALSE((*placed)[0].duplicate);
  const auto next = sign(*model::parse_statement(kLines[1]), a, {});
  EXPECT_EQ(book.submit({{next->entry, {}, {}}}, revoked).error().code, "record.key-not-in-force");
  EXPECT_TRUE(book.submit({{next->entry, {}, {}}}, parties)) << "without disclosures it is taken as well: the log need not know";
  std::uint64_t withheld = 0;
  EXPECT_EQ(read_book(db_, &withheld)->size(), 1u);
  EXPECT_EQ(withheld, 1u);
}

}  // namespace
}  // namespace surety::engine
