#include "engine/committed.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "base/json_out.h"
#include "record/merkle.h"

namespace surety::engine {
namespace {

using model::Kind;
using model::Statement;
using record::Field;
using record::NoteKind;

constexpr std::size_t kOwnSlots = 10;  // fields of the statement's own `fields` that get a slot each

constexpr std::string_view kFieldSchema =
    "statement fields/1: id kind exercise author origin speaks_for means admiralty event when place cell-1 cell-0.1 actor actor_basis "
    "fields fields.* about instrument clauses source text; values as in the statement format/1, when = "
    "{from,to,lasting,open_end,known_at}\n";

// Their absence would be read as a value, so without one of them there is no statement.
constexpr std::string_view kNeeded[] = {"kind", "exercise", "speaks_for", "event", "when", "about", "instrument", "clauses"};

constexpr std::string_view kTimes[] = {"from", "to", "lasting", "open_end", "known_at"};

NoteKind note_kind(Kind kind) {
  switch (kind) {
    case Kind::finding:
    case Kind::decision:
      return NoteKind::finding;
    case Kind::correction:
      return NoteKind::correction;
    case Kind::withdrawal:
      return NoteKind::withdrawal;
    case Kind::performance:
      return NoteKind::delivery;
    case Kind::verdict:
      return NoteKind::verdict;
    case Kind::notice:
    case Kind::pledge:
    case Kind::conclusion:
      return NoteKind::notice;
    case Kind::observation:
    case Kind::coverage:
      return NoteKind::evidence;
  }
  return NoteKind::evidence;
}

std::string text(std::string_view value) {
  JsonOut j;
  j.string(value);
  return j.take();
}

std::string list(const std::vector<std::string>& values) {
  JsonOut j;
  j.array();
  for (const auto& v : values) j.string(v);
  return j.end().take();
}

// The end of the JSON value that begins at `at`.
std::size_t value_end(std::string_view json, std::size_t at) {
  int depth = 0;
  for (bool quoted = false; at < json.size(); ++at) {
    const char c = json[at];
    if (quoted) {
      if (c == '\\') ++at;
      quoted = c != '"';
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
    if (c == '"') quoted = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
  }
  return json.size();
}

// Members of a canonical object, values as they are. Of another text (a disclosure may hold any JSON), those up to the
// first that is written otherwise.
std::vector<Field> members_of(std::string_view json) {
  std::vector<Field> out;
  for (std::size_t at = 1; at + 1 < json.size() && json[at] == '"';) {
    std::size_t quote = at + 1;
    while (quote < json.size() && json[quote] != '"') quote += json[quote] == '\\' ? 2 : 1;
    if (quote + 1 >= json.size() || json[quote + 1] != ':') break;
    const std::size_t end = value_end(json, quote + 2);
    out.push_back({std::string(json.substr(at + 1, quote - at - 1)), std::string(json.substr(quote + 2, end - quote - 2))});
    at = end + 1;
  }
  return out;
}

// A cell says "somewhere in here", so it must hold the whole circle of error.
bool holds_circle(const model::Place& p, std::int64_t step) {
  const double r = static_cast<double>(p.radius_m) / 111'000.0 * 1e6;
  const double across = r / std::max(0.01, std::cos(static_cast<double>(p.lat_e6) / 1e6 * std::numbers::pi / 180));
  const auto inside = [&](std::int64_t v, double margin) {
    const double rest = static_cast<double>(((v % step) + step) % step);
    return rest >= margin && rest + margin <= static_cast<double>(step);
  };
  return p.radius_m == 0 || (inside(p.lat_e6, r) && inside(p.lon_e6, across));
}

void add_place(std::vector<Field>& out, const Statement& s, std::string raw) {
  out.push_back({"place", std::move(raw)});
  if (!s.place->located) return;
  const auto cells = record::position_fields(s.place->lat_e6, s.place->lon_e6);
  if (holds_circle(*s.place, 1'000'000)) out.push_back(cells[0]);
  if (holds_circle(*s.place, 100'000)) out.push_back(cells[1]);
}

std::string when_text(const Statement& s) {
  JsonOut j;
  j.object().member("from", to_string(s.when.from)).member("to", to_string(s.when.to));
  if (s.when.lasting) j.member("lasting", true);
  if (s.when.open_end) j.member("open_end", true);
  return j.member("known_at", to_string(s.known_at)).end().take();
}

// The middle of a cell ["48.5","37.9"], with a radius that reaches its corners anywhere on earth.
std::string place_of_cell(const std::string& raw, bool coarse) {
  const auto parts = [&] {
    std::vector<double> out;
    for (std::size_t at = 0; (at = raw.find('"', at)) != std::string::npos;) {
      const auto end = raw.find('"', at + 1);
      if (end == std::string::npos) break;
      out.push_back(std::strtod(raw.substr(at + 1, end - at - 1).c_str(), nullptr));
      at = end + 1;
    }
    return out;
  }();
  if (parts.size() != 2) return {};
  const auto e6 = [&](double v) {
    const auto n = static_cast<std::int64_t>(std::llround(v * 1e6)) + (coarse ? 500'000 : 50'000);
    std::string digits = std::to_string(n < 0 ? -n : n);
    digits.insert(0, digits.size() < 7 ? 7 - digits.size() : 0, '0');
    digits.insert(digits.size() - 6, ".");
    while (digits.ends_with('0')) digits.pop_back();
    if (digits.ends_with('.')) digits.pop_back();
    return (n < 0 ? "-" : "") + digits;
  };
  return "{\"lat\":" + e6(parts[0]) + ",\"lon\":" + e6(parts[1]) + ",\"radius_m\":" + (coarse ? "79000" : "7900") + "}";
}

using Known = std::map<std::string, std::string>;

void write_members(JsonOut& j, const Known& known, const record::StatementNote& note) {
  const auto raw = [&](const std::string& name) {
    const auto it = known.find(name);
    return it == known.end() ? std::string() : it->second;
  };
  const auto put = [&](const char* name, const std::string& value) {
    if (!value.empty() && value != "\"\"" && value != "[]") j.key(name).raw(value);
  };
  put("kind", raw("kind"));
  put("exercise", raw("exercise"));
  put("author", raw("author").empty() ? text(note.author) : raw("author"));
  // All whose origin is withheld count as one, so that they do not corroborate each other.
  put("origin", raw("origin").empty() ? text("withheld") : raw("origin"));
  for (const char* name : {"speaks_for", "means", "admiralty", "event"}) put(name, raw(name));
  for (const Field& f : members_of(raw("when")))
    if (std::find(std::begin(kTimes), std::end(kTimes), f.name) != std::end(kTimes)) j.key(f.name).raw(f.value);
  const std::string place = !raw("place").empty()      ? raw("place")
                            : !raw("cell-0.1").empty() ? place_of_cell(raw("cell-0.1"), false)
                            : !raw("cell-1").empty()   ? place_of_cell(raw("cell-1"), true)
                                                       : std::string();
  put("place", place);
  for (const char* name : {"actor", "actor_basis"}) put(name, raw(name));
  std::string fields = raw("fields");
  if (fields.empty()) {
    JsonOut own;
    own.object();
    for (const auto& [name, value] : known)
      if (name.starts_with("fields.")) own.key(name.substr(7)).raw(value);
    fields = own.end().take();
  }
  if (fields != "{}") put("fields", fields);
  for (const char* name : {"about", "instrument", "clauses"}) put(name, raw(name));
  put("source", raw("source").empty() ? text("withheld") : raw("source"));
  put("text", raw("text"));
}

}  // namespace

std::string_view field_schema() { return kFieldSchema; }

std::vector<Field> fields_of(const Statement& s) {
  std::vector<Field> out = {{"id", text(s.id)},
                            {"kind", text(model::name(s.kind))},
                            {"exercise", text(model::name(s.exercise))},
                            {"author", text(s.author)},
                            {"origin", text(s.independent_origin())},
                            {"speaks_for", text(s.speaks_for)},
                            {"event", text(s.event)},
                            {"when", when_text(s)},
                            {"about", list(s.about)},
                            {"instrument", text(s.instrument)},
                            {"clauses", list(s.clauses)},
                            {"source", text(s.source)}};
  for (Field& f : members_of(model::canonical(s))) {
    if (f.name == "place") add_place(out, s, std::move(f.value));
    if (f.name == "means" || f.name == "admiralty" || f.name == "actor" || f.name == "actor_basis" || f.name == "text")
      out.push_back(std::move(f));
    if (f.name != "fields") continue;
    if (s.fields.size() > kOwnSlots) {
      out.push_back(std::move(f));
      continue;
    }
    for (Field& own : members_of(f.value)) out.push_back({"fields." + own.name, std::move(own.value)});
  }
  return out;
}

Result<Signed> sign(const Statement& s, const Author& author, std::optional<std::uint64_t> supersedes, const record::Random& random) {
  record::StatementNote note;
  note.kind = note_kind(s.kind);
  const bool corrects = note.kind == NoteKind::correction || note.kind == NoteKind::withdrawal;
  if (corrects && !supersedes)
    return err(fail("record.nothing-to-supersede", "this corrects or withdraws a statement that the record does not have")
                   .field("about")
                   .found(s.about.empty() ? "nothing" : s.about[0])
                   .expected("the id of a statement in the record")
                   .help("import that one first"));
  if (corrects) note.supersedes = supersedes;
  note.agreement = author.agreement;
  note.agreement_version = author.version;
  note.author = author.key.name();
  if (author.public_time && s.when.from == s.when.to) note.event_time = s.when.from;
  static const Digest schema = sha256(kFieldSchema);
  note.schema = schema;
  SURETY_TRY(record::Committed committed, record::commit(fields_of(s), record::kSlots, random));
  note.sd = std::move(committed.digests);
  Signed out;
  out.entry = record::sign_statement(note, author.key);
  out.leaf = record::leaf_hash(out.entry);
  out.disclosures = std::move(committed.disclosures);
  return out;
}

Result<std::optional<Statement>> statement_from(std::string_view entry, const record::StatementNote& note,
                                                const std::vector<Field>& fields) {
  Known known;
  for (const Field& f : fields) known[f.name] = f.value;
  for (const std::string_view name : kNeeded)
    if (!known.contains(std::string(name))) return std::optional<Statement>();
  JsonOut j;
  j.object().member("v", 1);
  write_members(j, known, note);
  SURETY_TRY(Statement s, model::parse_statement(j.end().text()));
  // An id that the rest does not give is somebody else's, or what gave it has been forgotten.
  const auto id = known.find("id");
  if (id == known.end() || id->second != text(s.id)) s.id = "s-" + hex(sha256(entry)).substr(0, 16);
  return std::optional(std::move(s));
}

}  // namespace surety::engine
