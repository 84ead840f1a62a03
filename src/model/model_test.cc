#include <gtest/gtest.h>

#include "base/files.h"
#include "model/statement.h"

namespace surety::model {
namespace {

std::vector<std::string> examples() {
  const std::string text = read_file(std::string(SURETY_SOURCE_DIR) + "/docs/formats/statement.md").value();
  std::vector<std::string> out;
  for (std::size_t at = 0; (at = text.find("\n{\"v\"", at)) != std::string::npos;) {
    const auto end = text.find('\n', ++at);
    out.push_back(text.substr(at, end - at));
  }
  return out;
}

TEST(Statement, TheManualsExamplesRoundTrip) {
  const auto lines = examples();
  ASSERT_EQ(lines.size(), 2u);
  for (const auto& line : lines) {
    const auto s = parse_statement(line);
    ASSERT_TRUE(s) << s.error().text();
    const auto again = parse_statement(canonical(*s));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(canonical(*again), canonical(*s));
    EXPECT_EQ(again->id, s->id);
  }
}

TEST(Statement, MemberOrderAndZoneDoNotChangeTheId) {
  const char* a = R"({"v":1,"kind":"observation","author":"m","event":"fire","from":"2025-01-01T02:00:00+02:00","source":"x"})";
  const char* b =
      R"({"source":"x","from":"2025-01-01T00:00:00Z","to":"2025-01-01T00:00:00Z","event":"fire","author":"m","origin":"m","kind":"observation","v":1})";
  EXPECT_EQ(parse_statement(a).value().id, parse_statement(b).value().id);
}

TEST(Statement, PlacesAreExact) {
  const auto s =
      parse_statement(
          R"({"v":1,"kind":"observation","author":"m","event":"fire","from":"2025-01-01T00:00:00Z","place":{"name":"Donetsk","lat":48.015880,"lon":-37.8,"radius_m":500},"source":"x"})")
          .value();
  EXPECT_EQ(s.place->lat_e6, 48015880);
  EXPECT_EQ(s.place->lon_e6, -37800000);
  EXPECT_NE(canonical(s).find(R"("lat":48.01588,"lon":-37.8,"radius_m":500)"), std::string::npos);
}

struct Bad {
  const char* json;
  const char* code;
  const char* field;
};
TEST(Statement, EveryErrorNamesItsField) {
  const std::string head = R"({"v":1,"kind":"observation","author":"m","event":"fire","source":"x",)";
  const Bad cases[] = {
      {R"("from":"2025-01-01T00:00:00")", "time.bad-instant", "from"},
      {R"("from":"2025-01-02T00:00:00Z","to":"2025-01-01T00:00:00Z")", "statement.negative-time", "to"},
      {R"("from":"2025-01-01T00:00:00Z","colour":"red")", "statement.unknown-member", "colour"},
      {R"("from":"2025-01-01T00:00:00Z","place":{"lat":91,"lon":0})", "statement.bad-place", "place.lat"},
      {R"("from":"2025-01-01T00:00:00Z","place":{"lat":1})", "statement.bad-place", "place"},
      {R"("from":"2025-01-01T00:00:00Z","fields":{"n":3})", "statement.wrong-type", "fields.n"},
      {R"("from":"2025-01-01T00:00:00Z","fields":{"n":{"low":"4","high":"3"}})", "statement.bad-amount", "fields.n"},
      {R"("from":"2025-01-01T00:00:00Z","from":"2025-01-01T00:00:00Z")", "statement.twice", "from"},
      {R"("from":"2025-01-01T00:00:00Z","admiralty":"G7")", "statement.bad-grade", "admiralty"},
      {R"("to":"2025-01-01T00:00:00Z")", "statement.missing", "from"},
  };
  for (const auto& c : cases) {
    const auto r = parse_statement(head + c.json + "}", "f.ndjson", 7);
    ASSERT_FALSE(r) << c.json;
    EXPECT_EQ(r.error().code, c.code) << c.json;
    EXPECT_EQ(r.error().field_name, c.field) << c.json;
    EXPECT_EQ(r.error().line_number, 7);
  }
  for (const char* junk : {"", "[]", "{", "{\"v\":1", "{} {}", "null", "{\"v\":1,\"kind\":\"observation\""})
    EXPECT_FALSE(parse_statement(junk)) << junk;
}

TEST(Amount, VagueStaysVague) {
  Amount thousands{{}, {}, "soldiers", "thousands"};
  EXPECT_EQ(to_string(thousands), "“thousands” (no figure given)");
  Amount up_to{{}, Decimal(3), "EUR", ""};
  EXPECT_EQ(to_string(up_to), "up to 3 EUR");
  Amount two{Decimal(2), Decimal(2), "EUR", ""};
  const auto sum = add(up_to, two).value();
  EXPECT_FALSE(sum.low);
  EXPECT_EQ(sum.high->text(), "5");
  EXPECT_EQ(add(up_to, thousands).error().code, "unit.mixed");
}

}  // namespace
}  // namespace surety::model
