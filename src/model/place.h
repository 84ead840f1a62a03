#pragma once
// A place on WGS 84 with what is not known about it. Coordinates are integers in millionths of a
// degree so that bytes and comparisons are exact; `radius_m` is the error radius: the true point is
// somewhere within it. A place can also be only a name.
#include <cstdint>
#include <string>

namespace surety::model {

struct Place {
  std::string name;      // as the source wrote it, or the region's name
  bool located = false;  // the coordinates below are meant
  std::int32_t lat_e6 = 0;
  std::int32_t lon_e6 = 0;
  std::int64_t radius_m = 0;  // 0: the source states no error
  bool operator==(const Place&) const = default;
};

}  // namespace surety::model
