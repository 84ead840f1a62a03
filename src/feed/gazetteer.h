#pragma once
// Names of places with coordinates and the radius within which the named region lies. A CSV with the
// columns name, aliases (joined by `|`), lat, lon, radius_m, source. Names are compared without
// regard to case, blanks, hyphens and apostrophes, in Latin and Cyrillic script; nothing else is
// guessed: an unknown name is an error that proposes the nearest spelling.
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/place.h"

namespace surety::feed {

class Gazetteer {
 public:
  static Result<std::shared_ptr<const Gazetteer>> read(const std::string& path);
  static Result<std::shared_ptr<const Gazetteer>> parse(std::string_view bytes, const std::string& file);

  // The place under its first name, or null. The pointer lives as long as the gazetteer.
  const model::Place* find(std::string_view name) const;
  // feed.unknown-place, with the nearest spelling as help.
  Result<model::Place> get(std::string_view name) const;
  // The known name with the fewest edits, empty when none is near.
  std::string nearest(std::string_view name) const;
  std::size_t size() const { return places_.size(); }

 private:
  std::vector<model::Place> places_;
  std::map<std::string, std::size_t, std::less<>> by_name_;  // folded name → place
  std::map<std::string, std::string> spelling_;              // folded name → as written
};

// Lower case, no blanks, hyphens or apostrophes; the form in which names are compared.
std::string folded(std::string_view name);

// Decimal degrees as millionths, exactly as written; feed.bad-coordinate.
Result<std::int32_t> degrees_e6(std::string_view text, int limit);

}  // namespace surety::feed
