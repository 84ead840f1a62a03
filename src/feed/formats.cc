// The table that registers every format. A new one is a file with a Reader and a line here.
#include "feed/reader.h"

namespace surety::feed {
namespace {

bool is_json(const Columns&, std::string_view first) { return first.starts_with('{'); }
bool is_alerts(const Columns& h, std::string_view) {
  return h.has("started_at") && h.has("finished_at") && (h.has("region") || h.has("oblast"));
}
bool is_air_attacks(const Columns& h, std::string_view) {
  return h.has("time_start") && h.has("time_end") && h.has("model") && h.has("launched");
}
bool is_events(const Columns& h, std::string_view) {
  return h.find({"lon", "longitude"}) != Columns::npos && h.find({"event_type", "labels"}) != Columns::npos;
}

}  // namespace

const std::vector<Format>& table() {
  static const std::vector<Format> formats{
      {{"statements", "our own statements, one JSON object a line", "docs/formats/statement.md"}, Framing::lines, is_json, make_statements},
      {{"alerts", "air-raid alerts as intervals by named region", "region or oblast, started_at, finished_at"},
       Framing::csv,
       is_alerts,
       make_alerts},
      {{"air-attacks", "missiles and drones per reporting window", "time_start, time_end, model, launched, destroyed"},
       Framing::csv,
       is_air_attacks,
       make_air_attacks},
      {{"events", "reports with a point, a time of publication and labels", "datetime, lon, lat, event_type"},
       Framing::csv,
       is_events,
       make_events},
  };
  return formats;
}

std::vector<FormatInfo> formats() {
  std::vector<FormatInfo> out;
  for (const auto& f : table()) out.push_back(f.info);
  return out;
}

}  // namespace surety::feed
