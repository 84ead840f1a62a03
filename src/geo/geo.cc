#include "geo/geo.h"

#include <s2/mutable_s2shape_index.h>
#include <s2/s2closest_edge_query.h>
#include <s2/s2contains_point_query.h>
#include <s2/s2latlng.h>
#include <s2/s2loop.h>
#include <s2/s2polygon.h>
#include <s2/s2polyline.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "base/files.h"
#include "geo/geojson.h"

namespace surety::geo {
namespace {

constexpr double kEarthRadiusM = 6371010.0;  // mean radius, as S2Earth

S2LatLng latlng(const model::Place& p) { return S2LatLng::FromE6(p.lat_e6, p.lon_e6); }

std::vector<S2Point> points(const Path& path, bool ring) {
  std::vector<S2Point> out;
  for (std::size_t i = 0; i + (ring ? 1 : 0) < path.size(); ++i) {
    const S2Point p = S2LatLng::FromDegrees(path[i].lat, path[i].lon).ToPoint();
    if (out.empty() || out.back() != p) out.push_back(p);  // S2 refuses doubled vertices
  }
  return out;
}

}  // namespace

std::int64_t distance_m(const model::Place& a, const model::Place& b) {
  return std::llround(latlng(a).GetDistance(latlng(b)).radians() * kEarthRadiusM);
}

bool may_coincide(const model::Place& a, const model::Place& b, std::int64_t slack_m) {
  if (a.located && b.located) return distance_m(a, b) <= a.radius_m + b.radius_m + slack_m;
  return a.name.empty() || b.name.empty() || a.name == b.name;
}

namespace {

// The number at the beginning of the text, which it takes off; nothing when there is none.
std::optional<double> take_number(std::string_view& text) {
  double out = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out, std::chars_format::fixed);
  if (ec != std::errc() || !std::isfinite(out)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return out;
}

bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

}  // namespace

Result<Circle> parse_circle(std::string_view text) {
  std::string_view rest = text;
  const auto lat = take_number(rest);
  const bool first = take(rest, ",");
  const auto lon = take_number(rest);
  const bool second = take(rest, ",");
  const auto far = take_number(rest);
  const double unit = rest == "km" ? 1000 : rest == "m" ? 1 : 0;
  constexpr double kHalfWay = 20'100'000;  // round the earth: farther there is nothing
  if (!lat || !first || !lon || !second || !far || unit == 0 || std::abs(*lat) > 90 || std::abs(*lon) > 180 || *far < 0 ||
      *far * unit > kHalfWay)
    return err(fail("geo.bad-circle", "this is not a point and a distance around it")
                   .found(std::string(text.substr(0, 80)))
                   .expected("latitude, longitude, metres or kilometres: 48.52,37.93,15km"));
  Circle out;
  out.centre.located = true;
  out.centre.lat_e6 = static_cast<std::int32_t>(std::lround(*lat * 1e6));
  out.centre.lon_e6 = static_cast<std::int32_t>(std::lround(*lon * 1e6));
  out.metres = std::llround(*far * unit);
  return out;
}

model::Truth within(const model::Place& p, const Circle& circle) {
  if (!p.located) return model::Truth::undetermined;
  const std::int64_t off = distance_m(p, circle.centre);
  if (off + p.radius_m <= circle.metres) return model::Truth::holds;
  return off - p.radius_m > circle.metres ? model::Truth::fails : model::Truth::undetermined;
}

// One index over all areas and one over areas and lines, so that a region of a thousand islands costs
// as much to ask as one of a single outline.
struct Region::Shape {
  std::vector<std::unique_ptr<S2Polygon>> polygons;
  std::vector<std::unique_ptr<S2Polyline>> lines;
  MutableS2ShapeIndex areas, all;

  void build() {
    for (const auto& polygon : polygons) {
      areas.Add(std::make_unique<S2Polygon::Shape>(polygon.get()));
      all.Add(std::make_unique<S2Polygon::Shape>(polygon.get()));
    }
    for (const auto& line : lines) all.Add(std::make_unique<S2Polyline::Shape>(line.get()));
    areas.ForceBuild();
    all.ForceBuild();
  }

  static double metres_to(const MutableS2ShapeIndex& index, const S2Point& p, bool interiors) {
    S2ClosestEdgeQuery query(&index);
    query.mutable_options()->set_include_interiors(interiors);
    S2ClosestEdgeQuery::PointTarget target(p);
    return query.GetDistance(&target).ToAngle().radians() * kEarthRadiusM;
  }
};

Region::Region(std::unique_ptr<Shape> shape) : shape_(std::move(shape)) {}
Region::Region(Region&&) noexcept = default;
Region& Region::operator=(Region&&) noexcept = default;
Region::~Region() = default;

Result<Region> Region::read(const std::string& path) {
  SURETY_TRY(const auto text, read_file(path));
  return parse(text, path);
}

Result<Region> Region::parse(const std::string& geojson, const std::string& name) {
  SURETY_TRY(const Geometry geometry, parse_geojson(geojson, name));
  auto shape = std::make_unique<Shape>();
  for (const auto& rings : geometry.polygons) {
    std::vector<std::unique_ptr<S2Loop>> loops;
    for (const auto& ring : rings) {
      const auto vertices = points(ring, true);
      if (vertices.size() < 3) return err(fail("geo.bad-geometry", "a ring has fewer than three different positions").in(name));
      auto loop = std::make_unique<S2Loop>();
      loop->set_s2debug_override(S2Debug::DISABLE);  // we report a bad loop; S2 would abort on it
      loop->Init(vertices);
      loop->Normalize();  // the smaller side is inside, whatever the winding
      S2Error error;
      if (loop->FindValidationError(&error))
        return err(fail("geo.bad-geometry", "a ring crosses itself")
                       .in(name)
                       .found(std::string(error.text()))
                       .help("repair the outline, for example by buffering it by zero"));
      loops.push_back(std::move(loop));
    }
    auto polygon = std::make_unique<S2Polygon>();
    polygon->set_s2debug_override(S2Debug::DISABLE);
    polygon->InitNested(std::move(loops));
    shape->polygons.push_back(std::move(polygon));
  }
  for (const auto& path : geometry.lines) {
    const auto vertices = points(path, false);
    if (vertices.size() < 2) return err(fail("geo.bad-geometry", "a line has fewer than two different positions").in(name));
    shape->lines.push_back(std::make_unique<S2Polyline>(vertices, S2Debug::DISABLE));
  }
  shape->build();
  return Region(std::move(shape));
}

model::Truth Region::contains(const model::Place& p) const {
  if (!p.located) return model::Truth::undetermined;
  if (shape_->polygons.empty()) return model::Truth::fails;
  const S2Point point = latlng(p).ToPoint();
  if (p.radius_m > 0) {
    S2ClosestEdgeQuery query(&shape_->areas);
    query.mutable_options()->set_include_interiors(false);
    S2ClosestEdgeQuery::PointTarget target(point);
    if (query.IsDistanceLess(&target, S1ChordAngle(S1Angle::Radians(static_cast<double>(p.radius_m) / kEarthRadiusM))))
      return model::Truth::undetermined;
  }
  return MakeS2ContainsPointQuery(&shape_->areas).Contains(point) ? model::Truth::holds : model::Truth::fails;
}

model::Truth Region::within(const model::Place& p, std::int64_t metres) const {
  if (!p.located) return model::Truth::undetermined;
  const double d = Shape::metres_to(shape_->all, latlng(p).ToPoint(), true);
  const auto radius = static_cast<double>(p.radius_m), limit = static_cast<double>(metres);
  if (d + radius <= limit) return model::Truth::holds;
  return d - radius > limit ? model::Truth::fails : model::Truth::undetermined;
}

std::int64_t Region::distance_m(const model::Place& p) const {
  return std::llround(Shape::metres_to(shape_->all, latlng(p).ToPoint(), true));
}

}  // namespace surety::geo
