#include "duty/zones.h"

#include <cstdlib>

#include "base/files.h"

namespace surety::duty {
namespace {

using model::Truth;

// Whole metres of a length; nothing for another dimension.
std::optional<std::int64_t> metres(const Quantity& q) {
  const double factor = q.unit == "km" ? 1000.0 : q.unit == "m" ? 1.0 : q.unit == "mm" ? 0.001 : 0.0;
  if (factor == 0.0) return std::nullopt;
  return static_cast<std::int64_t>(q.number.approximate() * factor + 0.5);
}

std::string folder(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

}  // namespace

Result<Zones> Zones::read(const plan::Agreement& agreement) {
  std::map<std::string, std::string> texts;
  for (const auto& zone : agreement.zones) {
    if (zone.file.empty() || texts.contains(zone.file)) continue;
    const std::string path = zone.file.front() == '/' ? zone.file : folder(agreement.file) + zone.file;
    SURETY_TRY(texts[zone.file], read_file(path));
  }
  return parse(agreement, texts);
}

Result<Zones> Zones::parse(const plan::Agreement& agreement, const std::map<std::string, std::string>& texts) {
  Zones out;
  for (const auto& zone : agreement.zones) {
    out.zones_.emplace(zone.name, zone);
    if (zone.file.empty() || out.regions_.contains(zone.file)) continue;
    const auto text = texts.find(zone.file);
    if (text == texts.end())
      return err(fail("duty.no-geometry", "a zone's geometry is missing")
                     .in(agreement.file, zone.file.empty() ? 0 : 1)
                     .field(zone.name)
                     .found(zone.file)
                     .help("put the GeoJSON file beside the agreement"));
    SURETY_TRY(auto region, geo::Region::parse(text->second, zone.file));
    out.regions_.emplace(zone.file, std::move(region));
  }
  return out;
}

Truth Zones::contains(const std::string& name, const model::Place& place) const {
  const auto it = zones_.find(name);
  if (it == zones_.end()) return Truth::undetermined;
  const plan::Zone& zone = it->second;
  switch (zone.kind) {
    case plan::Zone::Kind::minus:
      return model::both(contains(zone.of, place), model::opposite(contains(zone.less, place)));
    case plan::Zone::Kind::within: {
      const auto m = metres(zone.distance);
      return m ? within(zone.of, place, *m) : Truth::undetermined;
    }
    case plan::Zone::Kind::line:
    case plan::Zone::Kind::area:
      break;
  }
  const auto region = regions_.find(zone.file);
  return region == regions_.end() ? Truth::undetermined : region->second.contains(place);
}

Truth Zones::within(const std::string& name, const model::Place& place, std::int64_t distance) const {
  const auto it = zones_.find(name);
  if (it == zones_.end() || it->second.file.empty()) return Truth::undetermined;
  const auto region = regions_.find(it->second.file);
  return region == regions_.end() ? Truth::undetermined : region->second.within(place, distance);
}

}  // namespace surety::duty
