#include "record/disclosure.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "record/statement_note.h"

namespace surety::record {
namespace {

TEST(Disclosures, TheExamplesOfRfc9901) {
  // RFC 9901 §4.2.1 and §4.2.3: the same content in the spellings that the RFC lists.
  const char* spellings[] = {"WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
                             "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsImZhbWlseV9uYW1lIiwiTcO2Yml1cyJd"};
  for (const char* text : spellings) {
    const auto d = parse_disclosure(text);
    ASSERT_TRUE(d) << text;
    EXPECT_EQ(d->salt, "_26bc4LT-ac6q2KI6cBW5es");
    EXPECT_EQ(d->field, (Field{"family_name",
                               "\"M\xc3\xb6"
                               "bius\""}));
  }
  EXPECT_EQ(base64url(view(disclosure_digest(spellings[0]))), "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
}

TEST(Disclosures, CommitOpenAndRefuse) {
  const std::vector<Field> fields{{"place", "{\"lat\":\"48.5\"}"}, {"sensor", "\"UAV 7 \\\"north\\\"\""}, {"count", "3"}, {"seen", "null"}};
  const auto c = commit(fields);
  ASSERT_TRUE(c);
  EXPECT_EQ(c->digests.size(), kSlots);
  EXPECT_TRUE(std::is_sorted(c->digests.begin(), c->digests.end()));
  std::vector<std::string> all;
  for (const Disclosure& d : c->disclosures) all.push_back(d.encoded);
  auto sorted = fields;
  std::sort(sorted.begin(), sorted.end(), [](const Field& a, const Field& b) { return a.name < b.name; });
  EXPECT_EQ(*open_disclosures(c->digests, all), sorted);
  EXPECT_EQ(open_disclosures(c->digests, {all[2]})->front(), fields[2]);
  EXPECT_EQ(open_disclosures(c->digests, {all[0], all[0]}).error().code, "record.bad-disclosure");
  const auto other = commit(fields);
  EXPECT_EQ(open_disclosures(c->digests, {other->disclosures[0].encoded}).error().code, "record.not-committed")
      << "equal values of two statements have different digests";
  for (const std::string& text : all)
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
      std::string bad = text;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
      ASSERT_FALSE(open_disclosures(c->digests, {bad})) << "bit " << bit;
    }
  EXPECT_EQ(commit(std::vector<Field>(33, {"x", "1"})).error().code, "record.too-many-fields");
  EXPECT_EQ(commit({{"x", "1"}, {"x", "2"}}).error().code, "record.bad-field");
  EXPECT_EQ(commit({{"_sd", "1"}}).error().code, "record.bad-field");
  for (const char* value : {"", "1,2", "\"open", "{\"a\"}", "[1,]", "nonsense", "1]"}) EXPECT_FALSE(commit({{"x", value}})) << value;
}

TEST(Disclosures, PositionsFromCoarseToFine) {
  EXPECT_EQ(position_fields(48'512'345, -37'000'001),
            (std::vector<Field>{
                {"cell-1", "[\"48\",\"-38\"]"}, {"cell-0.1", "[\"48.5\",\"-37.1\"]"}, {"point", "[\"48.512345\",\"-37.000001\"]"}}));
  EXPECT_EQ(position_fields(0, -1)[0].value, "[\"0\",\"-1\"]");
}

// Everything an audience gets for two statements that differ in one withheld field must be
// distributed alike: number of digests, order, length of the note, place of the disclosed digests.
TEST(Disclosures, AWithheldFieldCannotBeLearnt) {
  const auto audience_sees = [](const std::vector<Field>& withheld, const Random& random) {
    std::vector<Field> fields{{"zone", "\"A\""}};
    fields.insert(fields.end(), withheld.begin(), withheld.end());
    const auto c = commit(fields, kSlots, random);
    StatementNote s;
    s.agreement = "truce";
    s.author = "example.org/monitor";
    s.sd = c->digests;
    return std::pair{statement_text(s), c->disclosures[0].encoded};
  };
  // (1) The bytes have one length, whatever is withheld, and how much.
  const std::vector<std::vector<Field>> worlds{{},
                                               {{"actor", "\"Alpha\""}},
                                               {{"actor", "\"Bravo\""}},
                                               {{"actor", "\"" + std::string(500, 'x') + "\""}, {"point", "[1,2]"}, {"sensor", "1"}}};
  std::set<std::size_t> lengths;
  for (const auto& world : worlds)
    for (int i = 0; i < 20; ++i) lengths.insert(audience_sees(world, system_random).first.size());
  EXPECT_EQ(lengths.size(), 1u);
  // (2) Where the disclosed digest stands among the slots says nothing: uniform in every world.
  for (const auto& world : worlds) {
    std::vector<int> places(kSlots, 0);
    constexpr int kRounds = 1600;
    for (int i = 0; i < kRounds; ++i) {
      const auto [text, encoded] = audience_sees(world, system_random);
      const auto parsed = parse_statement_text(text);
      const auto at = std::find(parsed->sd.begin(), parsed->sd.end(), disclosure_digest(encoded));
      ++places[static_cast<std::size_t>(at - parsed->sd.begin())];
    }
    double chi = 0;
    for (const int n : places) chi += (n - 50.0) * (n - 50.0) / 50.0;
    EXPECT_LT(chi, 85) << "31 degrees of freedom; 85 is beyond one in a million";
  }
  // (3) Someone who guesses every possible value of the withheld field finds no digest that fits,
  // without the salt; with an unsalted hash this very search succeeds, so the search is a real one.
  const auto c = commit({{"actor", "\"Bravo\""}});
  const auto found = [&](const std::vector<Digest>& digests) {
    for (const char* guess : {"\"Alpha\"", "\"Bravo\"", "\"unknown\""})
      for (const std::string& salt : {std::string(), std::string(22, 'A'), c->disclosures[0].field.name})
        if (std::find(digests.begin(), digests.end(), disclosure_digest(encode_disclosure(salt, {"actor", guess}))) != digests.end())
          return true;
    return false;
  };
  EXPECT_FALSE(found(c->digests));
  EXPECT_TRUE(found({disclosure_digest(encode_disclosure("", {"actor", "\"Bravo\""}))}));
  // (4) A decoy has no disclosure that anyone could later present.
  EXPECT_EQ(c->disclosures.size(), 1u);
}

}  // namespace
}  // namespace surety::record
