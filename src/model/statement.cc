#include "model/statement.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/bytes.h"
#include "base/json_out.h"

namespace surety::model {
namespace {

// Millionths of a degree as decimal text without trailing zeros: 48015880 → "48.01588".
std::string degrees(std::int32_t e6) {
  const bool negative = e6 < 0;
  const long v = std::labs(static_cast<long>(e6));
  std::string out = fmt::format("{}{}", negative ? "-" : "", v / 1000000);
  if (v % 1000000) {
    out += fmt::format(".{:06}", v % 1000000);
    while (out.back() == '0') out.pop_back();
  }
  return out;
}

void write_place(JsonOut& j, const Place& p) {
  j.key("place").object();
  if (!p.name.empty()) j.member("name", p.name);
  if (p.located) {
    j.key("lat").raw(degrees(p.lat_e6)).key("lon").raw(degrees(p.lon_e6));
    if (p.radius_m) j.member("radius_m", p.radius_m);
  }
  j.end();
}

void write_amount(JsonOut& j, const Amount& a) {
  j.object();
  if (a.low) j.member("low", a.low->text());
  if (a.high) j.member("high", a.high->text());
  if (!a.unit.empty()) j.member("unit", a.unit);
  if (!a.words.empty()) j.member("words", a.words);
  j.end();
}

void write_field(JsonOut& j, const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    j.string(*text);
  } else if (const auto* amount = std::get_if<Amount>(&value)) {
    write_amount(j, *amount);
  } else {
    j.object().member(std::holds_alternative<Unknown>(value) ? "unknown" : "withheld", true).end();
  }
}

void write_list(JsonOut& j, std::string_view name, const std::vector<std::string>& list) {
  if (list.empty()) return;
  j.key(name).array();
  for (const auto& item : list) j.string(item);
  j.end();
}

void write_text(JsonOut& j, std::string_view name, const std::string& text) {
  if (!text.empty()) j.member(name, text);
}

}  // namespace

std::string canonical(const Statement& s) {
  JsonOut j;
  j.object().member("v", 1).member("kind", name(s.kind));
  if (s.exercise != Exercise::actual) j.member("exercise", name(s.exercise));
  j.member("author", s.author);
  if (s.origin != s.author) write_text(j, "origin", s.origin);
  write_text(j, "speaks_for", s.speaks_for);
  write_text(j, "means", s.means);
  write_text(j, "admiralty", s.admiralty);
  j.member("event", s.event).member("from", to_string(s.when.from));
  if (s.when.to != s.when.from) j.member("to", to_string(s.when.to));
  if (s.when.lasting) j.member("lasting", true);
  if (s.when.open_end) j.member("open_end", true);
  if (s.known_at != s.when.to) j.member("known_at", to_string(s.known_at));
  if (s.place) write_place(j, *s.place);
  write_text(j, "actor", s.actor);
  write_text(j, "actor_basis", s.actor_basis);
  if (!s.fields.empty()) {
    j.key("fields").object();
    for (const auto& [key, value] : s.fields) {
      j.key(key);
      write_field(j, value);
    }
    j.end();
  }
  write_list(j, "about", s.about);
  write_text(j, "instrument", s.instrument);
  write_list(j, "clauses", s.clauses);
  j.member("source", s.source);
  write_text(j, "text", s.text);
  j.end();
  return j.take();
}

void seal(Statement& s) {
  if (s.origin == s.author) s.origin.clear();
  s.id = "s-" + hex(sha256(canonical(s))).substr(0, 16);
}

}  // namespace surety::model
