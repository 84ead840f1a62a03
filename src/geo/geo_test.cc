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

}  // namespace
}  // namespace surety::geo
