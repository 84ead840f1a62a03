#include <charconv>
#include <filesystem>

#include "base/calendar.h"
#include "base/files.h"
#include "feed/coding.h"
#include "feed/gazetteer.h"
#include "feed/lexicon.h"
#include "feed/reader.h"

namespace surety::feed {
namespace {

Error bad_setting(std::string_view name, std::string_view value, std::string expected) {
  return fail("feed.bad-setting", "this setting's value cannot be read")
      .field(std::string(name))
      .found(std::string(value))
      .expected(std::move(expected));
}

Result<Span> span_of(std::string_view name, std::string_view value) {
  std::int64_t n = 0;
  const auto [end, bad] = std::from_chars(value.data(), value.data() + value.size(), n);
  std::string_view unit(end, static_cast<std::size_t>(value.data() + value.size() - end));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  constexpr std::int64_t kMost = 1'000'000;  // hours: a century
  if (bad == std::errc() && n >= 0 && n <= kMost) {
    if (unit == "h") return Span::hours(n);
    if (unit == "min") return Span::minutes(n);
    if (unit == "s") return Span::seconds(n);
  }
  return err(bad_setting(name, value, "a whole number with h, min or s, such as 24 h"));
}

std::string* text_setting(Settings& s, std::string_view name) {
  struct Entry {
    std::string_view name;
    std::string Settings::* member;
  };
  static constexpr Entry kTexts[] = {
      {"format", &Settings::format},       {"feed", &Settings::feed},   {"author", &Settings::author},
      {"origin", &Settings::origin},       {"means", &Settings::means}, {"speaks_for", &Settings::speaks_for},
      {"admiralty", &Settings::admiralty}, {"actor", &Settings::actor}, {"actor_basis", &Settings::actor_basis}};
  for (const auto& e : kTexts)
    if (e.name == name) return &(s.*e.member);
  return nullptr;
}

Status set_choice(bool& out, std::string_view name, std::string_view value, std::string_view yes, std::string_view no) {
  if (value != yes && value != no) return err(bad_setting(name, value, std::string(yes) + " or " + std::string(no)));
  out = value == yes;
  return {};
}

Status set_sheet(Settings& s, std::string_view name, std::string_view value, const std::string& folder) {
  const std::string path = (std::filesystem::path(folder) / value).string();
  if (name == "places") {
    SURETY_TRY(s.places, Gazetteer::read(path));
  }
  if (name == "lexicon") {
    SURETY_TRY(s.lexicon, Lexicon::read(path));
  }
  if (name == "coding") {
    SURETY_TRY(s.coding, CodingSheet::read(path));
  }
  return {};
}

Status set_words(std::vector<std::string>& out, std::string_view value) {
  out.clear();
  while (!value.empty()) {
    const auto cut = value.find_first_of(", ");
    if (cut != 0) out.emplace_back(value.substr(0, cut));
    value = cut == std::string_view::npos ? std::string_view{} : value.substr(cut + 1);
  }
  return {};
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\r')) s.remove_suffix(1);
  return s;
}

}  // namespace

Status set(Settings& s, std::string_view name, std::string_view value, const std::string& folder) {
  if (auto* text = text_setting(s, name)) {
    *text = value;
    return {};
  }
  if (name == "zone") {
    SURETY_TRY([[maybe_unused]] const bool known, zone_exists(value));
    s.zone = value;
    return {};
  }
  if (name == "exercise") {
    const auto word = model::exercise_of(value);
    if (!word) return err(bad_setting(name, value, "actual, exercise or hypothetical"));
    s.exercise = *word;
    return {};
  }
  if (name == "lag") {
    SURETY_TRY(s.lag, span_of(name, value));
    return {};
  }
  if (name == "from" || name == "to") {
    SURETY_TRY((name == "from" ? s.from : s.to), parse_instant(value));
    return {};
  }
  if (name == "radius_m") {
    if (std::from_chars(value.data(), value.data() + value.size(), s.radius_m).ptr != value.data() + value.size() || s.radius_m < 0)
      return err(bad_setting(name, value, "whole metres"));
    return {};
  }
  if (name == "text") return set_choice(s.keep_text, name, value, "keep", "drop");
  if (name == "midnight") return set_choice(s.midnight_unknown, name, value, "unknown", "exact");
  if (name == "only") return set_words(s.only, value);
  if (name == "places" || name == "lexicon" || name == "coding") return set_sheet(s, name, value, folder);
  return err(fail("feed.unknown-setting", "there is no such setting")
                 .field(std::string(name))
                 .expected("format feed zone author origin speaks_for means admiralty actor actor_basis exercise lag midnight from to only "
                           "text radius_m places lexicon coding"));
}

Result<Settings> read_settings(const std::string& path) {
  SURETY_TRY(const auto bytes, read_file(path));
  const std::string folder = std::filesystem::path(path).parent_path().string();
  Settings s;
  long number = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto end = std::min(bytes.find('\n', at), bytes.size());
    std::string_view line = std::string_view(bytes).substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.starts_with('#')) continue;
    if (const auto comment = line.find(" #"); comment != std::string_view::npos) line = line.substr(0, comment);
    line = trimmed(line);
    if (line.empty()) continue;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos)
      return err(fail("feed.bad-setting", "this line is no setting").in(path, number).found(std::string(line)).expected("name = value"));
    auto ok = set(s, trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)), folder);
    if (!ok) return err(ok.error().file_name.empty() ? std::move(ok.error()).in(path, number) : std::move(ok.error()));
  }
  return s;
}

}  // namespace surety::feed
