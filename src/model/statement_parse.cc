#include <simdjson.h>

#include <cstring>
#include <limits>

#include "model/statement.h"

namespace surety::model {
namespace {

namespace sj = simdjson;
using Object = sj::ondemand::object;
using Value = sj::ondemand::value;

// Where we are, so that every error names file, line and member.
struct At {
  const std::string& file;
  long line;
  Error error(const char* code, std::string message, std::string_view field) const {
    return fail(code, std::move(message)).in(file, line).field(std::string(field));
  }
  Error wrong_type(std::string_view field, const char* expected) const {
    return error("statement.wrong-type", "this member has the wrong type", field).expected(expected);
  }
};

Result<std::string> text_of(Value v, std::string_view field, const At& at) {
  std::string_view text;
  if (v.get_string().get(text)) return err(at.wrong_type(field, "text"));
  return std::string(text);
}

Result<bool> bool_of(Value v, std::string_view field, const At& at) {
  bool b = false;
  if (v.get_bool().get(b)) return err(at.wrong_type(field, "true or false"));
  return b;
}

Result<Instant> instant_of(Value v, std::string_view field, const At& at) {
  SURETY_TRY(auto text, text_of(v, field, at));
  auto t = parse_instant(text);
  if (!t) return err(std::move(t.error()).in(at.file, at.line).field(std::string(field)));
  return *t;
}

Result<std::vector<std::string>> texts_of(Value v, std::string_view field, const At& at) {
  sj::ondemand::array list;
  if (v.get_array().get(list)) return err(at.wrong_type(field, "a list of texts"));
  std::vector<std::string> out;
  for (auto item : list) {
    Value element;
    if (item.get(element)) return err(at.wrong_type(field, "a list of texts"));
    SURETY_TRY(auto text, text_of(element, field, at));
    out.push_back(std::move(text));
  }
  return out;
}

// Exact: digits are read as written, never through a double.
Result<std::int32_t> degrees_of(Value v, std::string_view field, int limit, const At& at) {
  std::string_view raw = v.raw_json_token();
  while (!raw.empty() && std::strchr(" \t\r\n,}", raw.back())) raw.remove_suffix(1);
  double check = 0;
  auto number = Decimal::parse(raw);
  if (!number || v.get_double().get(check))
    return err(at.wrong_type(field, "decimal degrees, for example 48.01588").found(std::string(raw)));
  const auto scaled = multiply(*number, Decimal(1'000'000));
  if (!scaled || *number > Decimal(limit) || *number < Decimal(-limit))
    return err(at.error("statement.bad-place", "this coordinate is not on the earth", field)
                   .found(std::string(raw))
                   .expected("-" + std::to_string(limit) + " to " + std::to_string(limit)));
  const std::string whole = scaled->text();
  if (whole.find('.') != std::string::npos)
    return err(at.error("statement.bad-place", "coordinates have at most six digits after the point", field)
                   .found(std::string(raw))
                   .help("round it: the seventh digit is a centimetre"));
  return static_cast<std::int32_t>(std::strtol(whole.c_str(), nullptr, 10));
}

Result<Place> place_of(Value v, const At& at) {
  Object o;
  if (v.get_object().get(o)) return err(at.wrong_type("place", "an object"));
  Place p;
  bool lat = false, lon = false;
  for (auto member : o) {
    std::string_view key;
    Value value;
    if (member.unescaped_key().get(key) || member.value().get(value)) return err(at.wrong_type("place", "an object"));
    if (key == "name") {
      SURETY_TRY(p.name, text_of(value, "place.name", at));
    } else if (key == "lat") {
      SURETY_TRY(p.lat_e6, degrees_of(value, "place.lat", 90, at));
      lat = true;
    } else if (key == "lon") {
      SURETY_TRY(p.lon_e6, degrees_of(value, "place.lon", 180, at));
      lon = true;
    } else if (key == "radius_m") {
      if (value.get_int64().get(p.radius_m) || p.radius_m < 0) return err(at.wrong_type("place.radius_m", "whole metres, not negative"));
    } else {
      return err(at.error("statement.unknown-member", "the format has no such member", "place." + std::string(key)));
    }
  }
  if (lat != lon) return err(at.error("statement.bad-place", "a place has both coordinates or neither", "place").expected("lat and lon"));
  p.located = lat;
  if (!p.located && p.name.empty()) return err(at.error("statement.bad-place", "a place needs a name or coordinates", "place"));
  return p;
}

Result<FieldValue> field_of(Value v, const std::string& field, const At& at) {
  if (std::string_view text; !v.get_string().get(text)) return FieldValue(std::string(text));
  Object o;
  if (v.get_object().get(o)) return err(at.wrong_type(field, "text, an amount, {\"unknown\":true} or {\"withheld\":true}"));
  Amount a;
  for (auto member : o) {
    std::string_view key;
    Value value;
    if (member.unescaped_key().get(key) || member.value().get(value)) return err(at.wrong_type(field, "an object"));
    if (key == "unknown" || key == "withheld") {
      const bool unknown = key == "unknown";
      SURETY_TRY(const bool yes, bool_of(value, field, at));
      if (!yes) return err(at.wrong_type(field, "true"));
      return unknown ? FieldValue(Unknown{}) : FieldValue(Withheld{});
    }
    const std::string part(key);
    SURETY_TRY(auto text, text_of(value, field + "." + part, at));
    if (part == "unit") {
      a.unit = text;
    } else if (part == "words") {
      a.words = text;
    } else if (part == "low" || part == "high") {
      auto number = Decimal::parse(text);
      if (!number) return err(std::move(number.error()).in(at.file, at.line).field(field + "." + part));
      (part == "low" ? a.low : a.high) = *number;
    } else {
      return err(
          at.error("statement.unknown-member", "an amount has no such part", field + "." + part).expected("low, high, unit or words"));
    }
  }
  if (a.low && a.high && *a.low > *a.high)
    return err(at.error("statement.bad-amount", "the low bound is above the high bound", field).found(to_string(a)));
  return FieldValue(a);
}

template <class T>
Result<T> word_of(Value v, std::string_view field, std::optional<T> (*parse)(std::string_view), const At& at) {
  SURETY_TRY(auto text, text_of(v, field, at));
  const auto word = parse(text);
  if (!word)
    return err(at.error("statement.unknown-word", "this word is not in the vocabulary", field)
                   .found(text)
                   .help("docs/formats/statement.md lists the words"));
  return *word;
}

struct Seen {
  bool v = false, kind = false, author = false, event = false, from = false, to = false, known_at = false, source = false;
};

// Simple text members by name; null when the name is not one of them.
std::string Statement::* text_member(std::string_view key) {
  struct Entry {
    std::string_view key;
    std::string Statement::* member;
  };
  static constexpr Entry kMembers[] = {{"author", &Statement::author},
                                       {"origin", &Statement::origin},
                                       {"speaks_for", &Statement::speaks_for},
                                       {"means", &Statement::means},
                                       {"event", &Statement::event},
                                       {"actor", &Statement::actor},
                                       {"actor_basis", &Statement::actor_basis},
                                       {"instrument", &Statement::instrument},
                                       {"source", &Statement::source},
                                       {"text", &Statement::text},
                                       {"admiralty", &Statement::admiralty}};
  for (const auto& e : kMembers)
    if (e.key == key) return e.member;
  return nullptr;
}

Status read_fields(Statement& s, Value value, const At& at) {
  Object o;
  if (value.get_object().get(o)) return err(at.wrong_type("fields", "an object"));
  for (auto member : o) {
    std::string_view key;
    Value inner;
    if (member.unescaped_key().get(key) || member.value().get(inner)) return err(at.wrong_type("fields", "an object"));
    const std::string name(key);
    SURETY_TRY(auto parsed, field_of(inner, "fields." + name, at));
    if (!s.fields.emplace(name, std::move(parsed)).second)
      return err(at.error("statement.twice", "this field is given twice", "fields." + name));
  }
  return {};
}

Status read_member(Statement& s, Seen& seen, std::string_view key, Value value, const At& at) {
  if (auto member = text_member(key)) {
    SURETY_TRY(s.*member, text_of(value, key, at));
    if (key == "author") seen.author = !s.author.empty();
    if (key == "event") seen.event = !s.event.empty();
    if (key == "source") seen.source = !s.source.empty();
  } else if (key == "v") {
    std::int64_t v = 0;
    if (value.get_int64().get(v) || v != 1)
      return err(at.error("statement.newer-format", "this statement's format is not one this version reads", "v")
                     .expected("1")
                     .help("use a newer surety"));
    seen.v = true;
  } else if (key == "kind") {
    SURETY_TRY(s.kind, word_of<Kind>(value, key, kind_of, at));
    seen.kind = true;
  } else if (key == "exercise") {
    SURETY_TRY(s.exercise, word_of<Exercise>(value, key, exercise_of, at));
  } else if (key == "from") {
    SURETY_TRY(s.when.from, instant_of(value, key, at));
    seen.from = true;
  } else if (key == "to") {
    SURETY_TRY(s.when.to, instant_of(value, key, at));
    seen.to = true;
  } else if (key == "known_at") {
    SURETY_TRY(s.known_at, instant_of(value, key, at));
    seen.known_at = true;
  } else if (key == "lasting") {
    SURETY_TRY(s.when.lasting, bool_of(value, key, at));
  } else if (key == "open_end") {
    SURETY_TRY(s.when.open_end, bool_of(value, key, at));
  } else if (key == "place") {
    SURETY_TRY(s.place, place_of(value, at));
  } else if (key == "fields") {
    return read_fields(s, value, at);
  } else if (key == "about") {
    SURETY_TRY(s.about, texts_of(value, key, at));
  } else if (key == "clauses") {
    SURETY_TRY(s.clauses, texts_of(value, key, at));
  } else {
    return err(at.error("statement.unknown-member", "the format has no such member", key)
                   .help("docs/formats/statement.md lists the members; check the spelling"));
  }
  return {};
}

Status check_whole(Statement& s, const Seen& seen, const At& at) {
  struct Need {
    const char* name;
    bool there;
  };
  for (const Need& n : {Need{"v", seen.v},
                        {"kind", seen.kind},
                        {"author", seen.author},
                        {"event", seen.event},
                        {"from", seen.from},
                        {"source", seen.source}})
    if (!n.there)
      return err(at.error("statement.missing", "a statement needs this member", n.name)
                     .expected("docs/formats/statement.md, column default: required"));
  if (!seen.to) s.when.to = s.when.from;
  if (s.when.to < s.when.from)
    return err(at.error("statement.negative-time", "the event ends before it begins", "to")
                   .found(to_string(s.when.to))
                   .expected("not before " + to_string(s.when.from)));
  if (!seen.known_at) s.known_at = s.when.to;
  if ((s.kind == Kind::correction || s.kind == Kind::withdrawal) && s.about.empty())
    return err(at.error("statement.missing", "a correction or withdrawal names what it is about", "about")
                   .expected("the id of an earlier statement"));
  if (!s.admiralty.empty() &&
      !(s.admiralty.size() == 2 && s.admiralty[0] >= 'A' && s.admiralty[0] <= 'F' && s.admiralty[1] >= '1' && s.admiralty[1] <= '6'))
    return err(at.error("statement.bad-grade", "this is not an Admiralty grade", "admiralty")
                   .found(s.admiralty)
                   .expected("a letter A to F and a digit 1 to 6"));
  return {};
}

}  // namespace

Result<Statement> parse_statement(std::string_view json, const std::string& file, long line) {
  thread_local sj::ondemand::parser parser;
  thread_local std::string buffer;
  const At at{file, line};
  buffer.assign(json);
  buffer.reserve(json.size() + sj::SIMDJSON_PADDING);
  const auto broken = [&](sj::error_code e) {
    return err(at.error("statement.not-json", "this line is not one JSON object", "")
                   .found(sj::error_message(e))
                   .expected("{\"v\":1,\"kind\":…} on one line"));
  };
  sj::ondemand::document doc;
  if (auto e = parser.iterate(buffer.data(), buffer.size(), buffer.capacity()).get(doc)) return broken(e);
  Object o;
  if (auto e = doc.get_object().get(o)) return broken(e);
  Statement s;
  Seen seen;
  std::vector<std::string> keys;
  for (auto member : o) {
    std::string_view key;
    Value value;
    if (auto e = member.unescaped_key().get(key)) return broken(e);
    if (auto e = member.value().get(value)) return broken(e);
    const std::string name(key);
    for (const auto& earlier : keys)
      if (earlier == name) return err(at.error("statement.twice", "this member is given twice", name));
    keys.push_back(name);
    SURETY_TRY_STATUS(read_member(s, seen, name, value, at));
  }
  if (!doc.current_location().error())
    return err(at.error("statement.not-json", "there is more after the object", "").expected("one object a line"));
  SURETY_TRY_STATUS(check_whole(s, seen, at));
  seal(s);
  return s;
}

}  // namespace surety::model
