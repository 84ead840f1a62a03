#pragma once
// The zones an agreement names, with their geometry. The one part of this room that reads files; made
// once, then pure. Movable; may be read from many threads.
#include <map>
#include <string>

#include "base/error.h"
#include "geo/geo.h"
#include "plan/agreement.h"

namespace surety::duty {

class Zones {
 public:
  // Geometry lies beside the agreement's file. A file that cannot be read is an error that names it.
  static Result<Zones> read(const plan::Agreement& agreement);
  // The same from GeoJSON texts, file name → text: for tests and for agreements that are not files.
  static Result<Zones> parse(const plan::Agreement& agreement, const std::map<std::string, std::string>& texts);

  // Unknown zone, place that is only a name, position error across the boundary: undetermined.
  model::Truth contains(const std::string& zone, const model::Place& place) const;
  model::Truth within(const std::string& zone, const model::Place& place, std::int64_t metres) const;

 private:
  std::map<std::string, plan::Zone> zones_;
  std::map<std::string, geo::Region> regions_;  // by file
};

}  // namespace surety::duty
