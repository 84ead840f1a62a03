#pragma once
// Zones, lines and distances on the WGS 84 sphere, with the error radius of a place taken seriously:
// near a boundary the answer is `undetermined`, never a guess (LANGUAGE.md §7.6). Geometry is GeoJSON
// (RFC 7946, longitude first). Spherical distances differ from the ellipsoid's by at most 0.6 %; the
// error radius of a report is larger.
//
//   auto ua = geo::Region::read("agreements/geometry/ukraine.geojson").value();
//   ua.contains(place);          // holds | undetermined | fails
//   line.within(place, 15'000);  // "within 15 km of Line"
//
// A Region owns its geometry, is movable, and may be read from many threads at once.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/place.h"
#include "model/words.h"

namespace surety::geo {

// Centre to centre, whole metres. Both places must be located.
std::int64_t distance_m(const model::Place& a, const model::Place& b);

// Could the two be the same point? Circles that touch, widened by `slack_m`; a place without
// coordinates may be anywhere, unless both have names and the names differ.
bool may_coincide(const model::Place& a, const model::Place& b, std::int64_t slack_m);

// A point and how far around it, as somebody asks: "48.52,37.93,15km", latitude first. Error geo.bad-circle.
struct Circle {
  model::Place centre;
  std::int64_t metres = 0;
};
Result<Circle> parse_circle(std::string_view text);
// Within the circle, for all that is known of where it is? A place that is only a name is undetermined.
model::Truth within(const model::Place& p, const Circle& circle);

class Region {
 public:
  // Polygon, MultiPolygon, LineString, MultiLineString, or a Feature / FeatureCollection of them.
  // Errors: geo.not-geojson, geo.bad-geometry, each with the file and the member.
  static Result<Region> read(const std::string& path);
  static Result<Region> parse(const std::string& geojson, const std::string& name);

  Region(Region&&) noexcept;
  Region& operator=(Region&&) noexcept;
  ~Region();

  // Inside the areas. Lines contain nothing. A place that is only a name is undetermined.
  model::Truth contains(const model::Place& p) const;
  // Within `metres` of the areas or lines (zero inside an area).
  model::Truth within(const model::Place& p, std::int64_t metres) const;
  // Metres from the centre to the nearest edge or area; 0 inside.
  std::int64_t distance_m(const model::Place& p) const;

 private:
  struct Shape;
  explicit Region(std::unique_ptr<Shape> shape);
  std::unique_ptr<Shape> shape_;
};

}  // namespace surety::geo
