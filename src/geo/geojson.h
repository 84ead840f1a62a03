#pragma once
// GeoJSON text to plain rings and lines, so that the JSON library and S2 never meet in one file.
#include <string>
#include <vector>

#include "base/error.h"

namespace surety::geo {

struct LonLat {
  double lon = 0, lat = 0;
};
using Path = std::vector<LonLat>;

struct Geometry {
  std::vector<std::vector<Path>> polygons;  // each: outer ring, then holes; rings closed
  std::vector<Path> lines;
};

Result<Geometry> parse_geojson(const std::string& text, const std::string& name);

}  // namespace surety::geo
