#include "geo/geojson.h"

#include <simdjson.h>

namespace surety::geo {
namespace {

namespace sj = simdjson;
using sj::dom::element;

struct Reader {
  const std::string& name;
  Geometry out;

  Error bad(const char* member, const char* expected) const {
    return fail("geo.bad-geometry", "this geometry cannot be read").in(name).field(member).expected(expected);
  }

  Result<Path> path(element coordinates, std::size_t least) {
    sj::dom::array list;
    if (coordinates.get_array().get(list)) return err(bad("coordinates", "a list of positions"));
    Path p;
    for (element position : list) {
      double lon = 0, lat = 0;
      if (position.at(0).get_double().get(lon) || position.at(1).get_double().get(lat) || lon < -180 || lon > 180 || lat < -90 || lat > 90)
        return err(bad("coordinates", "positions [longitude, latitude] in degrees, longitude first"));
      p.push_back({lon, lat});
    }
    if (p.size() < least)
      return err(bad("coordinates", least == 4 ? "a closed ring of at least four positions" : "at least two positions"));
    return p;
  }

  Status polygon(element coordinates) {
    sj::dom::array rings;
    if (coordinates.get_array().get(rings)) return err(bad("coordinates", "a list of rings"));
    std::vector<Path> polygon;
    for (element ring : rings) {
      SURETY_TRY(auto p, path(ring, 4));
      if (p.front().lon != p.back().lon || p.front().lat != p.back().lat)
        return err(bad("coordinates", "a ring whose last position is its first"));
      polygon.push_back(std::move(p));
    }
    if (!polygon.empty()) out.polygons.push_back(std::move(polygon));
    return {};
  }

  Status line(element coordinates) {
    SURETY_TRY(auto p, path(coordinates, 2));
    out.lines.push_back(std::move(p));
    return {};
  }

  Status many(element parent, const char* member, Status (Reader::*one)(element)) {
    sj::dom::array list;
    if (parent[member].get_array().get(list)) return err(bad(member, "a list"));
    for (element item : list) SURETY_TRY_STATUS((this->*one)(item));
    return {};
  }

  Status geometry(element e) {
    std::string_view type;
    if (e["type"].get_string().get(type)) return err(bad("type", "a GeoJSON type"));
    element inner;
    if (type == "FeatureCollection") return many(e, "features", &Reader::geometry);
    if (type == "GeometryCollection") return many(e, "geometries", &Reader::geometry);
    if (type == "MultiPolygon") return many(e, "coordinates", &Reader::polygon);
    if (type == "MultiLineString") return many(e, "coordinates", &Reader::line);
    if (type == "Feature") return e["geometry"].get(inner) ? Status(err(bad("geometry", "a geometry"))) : geometry(inner);
    if (e["coordinates"].get(inner)) return err(bad("coordinates", "coordinates"));
    if (type == "Polygon") return polygon(inner);
    if (type == "LineString") return line(inner);
    return err(bad("type", "Polygon, LineString, their Multi forms, or a Feature of them").found(std::string(type)));
  }
};

}  // namespace

Result<Geometry> parse_geojson(const std::string& text, const std::string& name) {
  sj::dom::parser parser(64 << 20);
  element root;
  if (auto e = parser.parse(text).get(root))
    return err(fail("geo.not-geojson", "this file is not JSON").in(name).found(sj::error_message(e)).expected("GeoJSON, RFC 7946"));
  Reader reader{name, {}};
  SURETY_TRY_STATUS(reader.geometry(root));
  if (reader.out.polygons.empty() && reader.out.lines.empty())
    return err(fail("geo.bad-geometry", "this file holds no area and no line").in(name).expected("at least one Polygon or LineString"));
  return std::move(reader.out);
}

}  // namespace surety::geo
