#include "geo/geo.h"

#include <gtest/gtest.h>

namespace surety::geo {
namespace {

using model::Place;
using model::Truth;

Place at(double lat, double lon, std::int64_t radius = 0) {
  Place p;
  p.located = true;
  p.lat_e6 = static_cast<std::int32_t>(lat * 1e6);
  p.lon_e6 = static_cast<std::int32_t>(lon * 1e6);
  p.radius_m = radius;
  return p;
}

// One degree square with a hole, wound the "wrong" way round on purpose.
constexpr const char* kSquare = R"({"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[
 [[30,50],[30,51],[31,51],[31,50],[30,50]],[[30.4,50.4],[30.6,50.4],[30.6,50.6],[30.4,50.6],[30.4,50.4]]]}})";

TEST(Region, ErrorRadiusNearABoundaryIsUndetermined) {
  const auto square = Region::parse(kSquare, "square").value();
  EXPECT_EQ(square.contains(at(50.2, 30.2)), Truth::holds);
  EXPECT_EQ(square.contains(at(50.5, 30.5)), Truth::fails) << "in the hole";
  EXPECT_EQ(square.contains(at(49, 30.2)), Truth::fails);
  EXPECT_EQ(square.contains(at(50.01, 30.2, 5000)), Truth::undetermined);
  EXPECT_EQ(square.contains(at(49.9, 30.2, 50000)), Truth::undetermined);
  Place name;
  name.name = "somewhere";
  EXPECT_EQ(square.contains(name), Truth::undetermined);
}

TEST(Region, WithinALine) {
  // Along a meridian, so that the great circle is the drawn line. 0.01° of longitude here is 707 m.
  const auto line = Region::parse(R"({"type":"LineString","coordinates":[[30,50],[30,51]]})", "line").value();
  EXPECT_EQ(line.within(at(50.5, 30.01), 800), Truth::holds);
  EXPECT_EQ(line.within(at(50.5, 30.01), 600), Truth::fails);
  EXPECT_EQ(line.within(at(50.5, 30.01, 300), 800), Truth::undetermined);
  EXPECT_EQ(line.contains(at(50.5, 30)), Truth::fails);
}

TEST(Region, BadGeometryIsAnErrorNotACrash) {
  const char* bad[] = {"",
                       "{}",
                       "[1]",
                       R"({"type":"Point","coordinates":[1,2]})",
                       R"({"type":"Polygon","coordinates":[[[30,50],[31,51],[30,50]]]})",
                       R"({"type":"Polygon","coordinates":[[[30,50],[31,51],[30,51],[31,50],[30,50]]]})",
                       R"({"type":"Polygon","coordinates":[[[50,130],[51,131],[50,131],[50,130]]]})",
                       R"({"type":"FeatureCollection","features":[]})"};
  for (const char* text : bad) EXPECT_FALSE(Region::parse(text, "bad")) << text;
}

TEST(Distance, KyivToKharkiv) {
  // 411 km by great circle between 50.45N 30.52E and 49.99N 36.23E.
  EXPECT_NEAR(static_cast<double>(distance_m(at(50.45, 30.52), at(49.99, 36.23))), 409e3, 4e3);
  EXPECT_TRUE(may_coincide(at(50, 30, 6000), at(50.1, 30, 6000), 0));
  EXPECT_FALSE(may_coincide(at(50, 30, 5000), at(50.1, 30, 5000), 0));
}

TEST(Circle, AsItIsAskedFor) {
  const auto c = parse_circle("48.52,-37.93,15km");
  ASSERT_TRUE(c) << c.error().text();
  EXPECT_EQ(c->centre.lat_e6, 48'520'000);
  EXPECT_EQ(c->centre.lon_e6, -37'930'000);
  EXPECT_EQ(c->metres, 15'000);
  EXPECT_EQ(parse_circle("-90,180,0.5km")->metres, 500);
  EXPECT_EQ(parse_circle("0,0,0m")->metres, 0);
  for (const char* bad :
       {"", "48.52", "48.52,37.93", "48.52,37.93,15", "48.52,37.93,15 km", "48.52, 37.93,15km", "91,0,1km", "0,181,1km", "0,0,-1km",
        "0,0,30000km", "nan,0,1km", "0,inf,1km", "1e1,0,1km", "48.52,37.93,15kms", "48.52;37.93;15km", ",,km"})
    EXPECT_EQ(parse_circle(bad).error().code, "geo.bad-circle") << bad;
}

// A report's error radius is taken as it is: nearer than the distance for certain, farther for certain, or neither. Against the
// plain definition, over the antimeridian and the poles too.
TEST(Circle, WithinIsNeverAGuess) {
  EXPECT_EQ(within({"a village", false, 0, 0, 0}, *parse_circle("0,0,20000km")), Truth::undetermined);
  EXPECT_EQ(within(at(0, -179.99), *parse_circle("0,179.99,3km")), Truth::holds);
  EXPECT_EQ(within(at(89.99, 0), *parse_circle("89.99,180,3km")), Truth::holds);
  std::uint64_t seed = 1;
  const auto random = [&](std::int64_t most) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::int64_t>((seed >> 33) % static_cast<std::uint64_t>(most));
  };
  int seen[3] = {};
  for (int n = 0; n < 20'000; ++n) {
    Circle c;
    c.centre = at(static_cast<double>(random(180'000)) / 1000 - 90, static_cast<double>(random(360'000)) / 1000 - 180);
    c.metres = random(200'000);
    Place p = c.centre;
    p.lat_e6 = static_cast<std::int32_t>(std::clamp<std::int64_t>(p.lat_e6 + random(4'000'000) - 2'000'000, -90'000'000, 90'000'000));
    p.radius_m = random(50'000);
    const std::int64_t off = distance_m(c.centre, p);
    const Truth found = within(p, c);
    ++seen[static_cast<int>(found)];
    // Nowhere in the circle of error is it otherwise.
    ASSERT_EQ(found == Truth::holds, off + p.radius_m <= c.metres);
    ASSERT_EQ(found == Truth::fails, off - p.radius_m > c.metres);
  }
  for (const int times : seen) EXPECT_GT(times, 1000);
}

}  // namespace
}  // namespace surety::geo
