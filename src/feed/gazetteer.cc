#include "feed/gazetteer.h"

#include <algorithm>
#include <charconv>

#include "base/decimal.h"
#include "base/files.h"
#include "feed/lexicon.h"
#include "feed/sheet.h"

namespace surety::feed {
namespace {

// Edits between two names, in bytes (a Cyrillic letter counts up to twice): enough to rank spellings.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t up = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = up;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string folded(std::string_view name) {
  const std::string low = lowered(name);
  std::string out;
  for (std::size_t i = 0; i < low.size(); ++i) {
    const std::string_view rest = std::string_view(low).substr(i);
    if (low[i] == ' ' || low[i] == '-' || low[i] == '\'' || low[i] == '`' || low[i] == '.') continue;
    if (rest.starts_with("\xe2\x80\x99") || rest.starts_with("\xe2\x80\x98")) {  // ’ ‘
      i += 2;
    } else if (rest.starts_with("\xca\xbc") || rest.starts_with("\xc2\xa0")) {  // ʼ, no-break blank
      i += 1;
    } else {
      out += low[i];
    }
  }
  return out;
}

Result<std::int32_t> degrees_e6(std::string_view text, int limit) {
  const auto bad = [&] {
    return err(fail("feed.bad-coordinate", "this is not a coordinate in decimal degrees")
                   .found(std::string(text))
                   .expected("-" + std::to_string(limit) + " to " + std::to_string(limit) + ", such as 48.01588"));
  };
  // Digits beyond the sixth are dropped: a tenth of a metre, far below any error stated here.
  if (const auto dot = text.find('.'); dot != std::string_view::npos && text.size() > dot + 7) {
    if (text.find_first_not_of("0123456789", dot + 1) != std::string_view::npos) return bad();
    text = text.substr(0, dot + 7);
  }
  const auto number = Decimal::parse(text);
  if (!number || *number > Decimal(limit) || *number < Decimal(-limit)) return bad();
  const auto scaled = multiply(*number, Decimal(1'000'000));
  if (!scaled) return bad();
  const std::string whole = scaled->text();
  std::int32_t out = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), out);
  if (error != std::errc() || end != whole.data() + std::min(whole.find('.'), whole.size())) return bad();
  return out;
}

const model::Place* Gazetteer::find(std::string_view name) const {
  const auto found = by_name_.find(folded(name));
  return found == by_name_.end() ? nullptr : &places_[found->second];
}

std::string Gazetteer::nearest(std::string_view name) const {
  const std::string wanted = folded(name);
  std::size_t best = wanted.size() / 2 + 1;  // further than that, a proposal would only mislead
  std::string out;
  for (const auto& [key, written] : spelling_)
    if (const auto n = edits(wanted, key); n < best) {
      best = n;
      out = written;
    }
  return out;
}

Result<model::Place> Gazetteer::get(std::string_view name) const {
  if (const auto* place = find(name)) return *place;
  const std::string near = nearest(name);
  return err(fail("feed.unknown-place", "the gazetteer has no such place")
                 .found(std::string(name))
                 .expected("one of its " + std::to_string(spelling_.size()) + " names")
                 .help(near.empty() ? "add it to the gazetteer with its source"
                                    : "did you mean " + near + "? If so, add this spelling to its aliases"));
}

Result<std::shared_ptr<const Gazetteer>> Gazetteer::read(const std::string& path) {
  SURETY_TRY(const auto bytes, read_file(path));
  return parse(bytes, path);
}

Result<std::shared_ptr<const Gazetteer>> Gazetteer::parse(std::string_view bytes, const std::string& file) {
  auto out = std::make_shared<Gazetteer>();
  std::size_t name = 0, aliases = 0, lat = 0, lon = 0, radius = 0;
  const auto open = [&](const Columns& c) -> Status {
    SURETY_TRY(name, c.need({"name"}));
    SURETY_TRY(aliases, c.need({"aliases"}));
    SURETY_TRY(lat, c.need({"lat"}));
    SURETY_TRY(lon, c.need({"lon"}));
    SURETY_TRY(radius, c.need({"radius_m"}));
    return {};
  };
  const auto add = [&](std::string_view written) -> Status {
    const auto [at, fresh] = out->by_name_.emplace(folded(written), out->places_.size());
    if (!fresh && at->second != out->places_.size())
      return err(fail("feed.bad-sheet", "two places of the gazetteer share a name")
                     .field("aliases")
                     .found(std::string(written))
                     .help("one name must mean one place"));
    out->spelling_.emplace(at->first, written);
    return {};
  };
  const auto line = [&](const Row& row) -> Status {
    model::Place p{std::string(cell(row, name)), true, 0, 0, 0};
    SURETY_TRY(p.lat_e6, degrees_e6(cell(row, lat), 90));
    SURETY_TRY(p.lon_e6, degrees_e6(cell(row, lon), 180));
    const auto metres = cell(row, radius);
    if (std::from_chars(metres.data(), metres.data() + metres.size(), p.radius_m).ec != std::errc() || p.radius_m < 0)
      return err(fail("feed.bad-sheet", "this is not a radius").field("radius_m").found(std::string(metres)).expected("whole metres"));
    SURETY_TRY_STATUS(add(p.name));
    for (std::string_view rest = cell(row, aliases); !rest.empty();) {
      const auto cut = rest.find('|');
      if (const auto alias = rest.substr(0, cut); !alias.empty()) SURETY_TRY_STATUS(add(alias));
      rest = cut == std::string_view::npos ? std::string_view{} : rest.substr(cut + 1);
    }
    out->places_.push_back(std::move(p));
    return {};
  };
  SURETY_TRY_STATUS(read_sheet(bytes, file, open, line));
  return std::shared_ptr<const Gazetteer>(std::move(out));
}

}  // namespace surety::feed
