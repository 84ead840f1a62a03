#include "record/statement_note.h"

#include <algorithm>
#include <array>

#include "record/text_lines.h"

namespace surety::record {
namespace {

constexpr std::array<std::string_view, 8> kKinds = {"evidence", "finding", "correction", "withdrawal",
                                                    "delivery", "verdict", "amendment",  "notice"};

Error bad_note(std::string what) {
  return fail("record.bad-statement", "this is not a statement note")
      .found(std::move(what))
      .expected("the lines of docs/formats/statement-note.md, in their order");
}

bool needs_earlier(NoteKind kind) { return kind == NoteKind::correction || kind == NoteKind::withdrawal; }

std::optional<Digest> hex_digest(std::string_view text) {
  const auto raw = text.size() == 64 ? from_hex(text) : Result<std::string>(std::string());
  if (!raw || raw->size() != 32) return std::nullopt;
  Digest out{};
  std::copy(raw->begin(), raw->end(), out.begin());
  return out;
}

}  // namespace

std::string_view to_string(NoteKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::string statement_text(const StatementNote& s) {
  std::string out;
  out.reserve(256 + s.agreement.size() + s.author.size() + s.sd.size() * 48);
  const auto line = [&](std::string_view word, std::string_view value) { out.append(word).append(value) += '\n'; };
  line("statement/v1", {});
  line("kind ", to_string(s.kind));
  line("agreement ", s.agreement + " " + hex(s.agreement_version));
  line("author ", s.author);
  if (s.event_time) line("event-time ", to_string(*s.event_time));
  if (s.supersedes) line("supersedes ", std::to_string(*s.supersedes));
  std::vector<Digest> sd = s.sd;
  if (!std::is_sorted(sd.begin(), sd.end())) std::sort(sd.begin(), sd.end());
  for (const Digest& digest : sd) line("sd ", base64(view(digest)));
  line("schema ", hex(s.schema));
  return out;
}

Result<StatementNote> parse_statement_text(std::string_view text) {
  const std::string_view whole = text;
  StatementNote out;
  const auto next = [&](std::string_view word) { return take_field(text, word); };
  if (take_line(text) != "statement/v1") return err(bad_note("another first line"));
  const auto kind = next("kind");
  const auto at = kind ? std::find(kKinds.begin(), kKinds.end(), *kind) : kKinds.end();
  if (at == kKinds.end()) return err(bad_note("kind " + std::string(kind.value_or("missing"))));
  out.kind = static_cast<NoteKind>(at - kKinds.begin());
  const auto agreement = next("agreement");
  const auto blank = agreement ? agreement->rfind(' ') : std::string_view::npos;
  const auto version = blank == std::string_view::npos ? std::nullopt : hex_digest(agreement->substr(blank + 1));
  if (!version || blank == 0) return err(bad_note("no agreement with the hash of its version"));
  out.agreement = agreement->substr(0, blank);
  out.agreement_version = *version;
  const auto author = next("author");
  if (!author || !check_key_name(*author)) return err(bad_note("no author"));
  out.author = *author;
  if (const auto time = next("event-time")) {
    SURETY_TRY(const Instant t, parse_instant(*time));
    out.event_time = t;
  }
  if (const auto index = next("supersedes")) {
    out.supersedes = decimal(*index);
    if (!out.supersedes) return err(bad_note("supersedes " + std::string(*index)));
  }
  if (needs_earlier(out.kind) != out.supersedes.has_value())
    return err(bad_note(needs_earlier(out.kind) ? "a correction that does not say what it supersedes"
                                                : "`supersedes` in a statement that corrects nothing"));
  while (const auto digest = next("sd")) {
    const auto raw = from_base64(*digest);
    if (!raw || raw->size() != 32) return err(bad_note("sd " + std::string(*digest)));
    Digest d{};
    std::copy(raw->begin(), raw->end(), d.begin());
    if (!out.sd.empty() && d <= out.sd.back()) return err(bad_note("digests that are not sorted and distinct"));
    out.sd.push_back(d);
  }
  const auto schema = next("schema");
  const auto hash = schema ? hex_digest(*schema) : std::nullopt;
  if (!hash) return err(bad_note("no schema hash"));
  out.schema = *hash;
  // Catches what is left over and every second spelling (of an instant, say) at once.
  if (!text.empty() || statement_text(out) != whole) return err(bad_note("more lines, or another spelling of one"));
  return out;
}

std::string sign_statement(const StatementNote& statement, const SigningKey& author) {
  SURETY_CHECK(statement.author == author.name());
  const std::string text = statement_text(statement);
  return note_bytes({text, {author.sign(text)}});
}

Result<PartyKeys> PartyKeys::parse(std::string_view text, const std::string& file) {
  PartyKeys out;
  const auto refuse = [&](long line, std::string what) {
    return err(fail("record.bad-party-keys", "this is not a list of the parties' keys")
                   .in(file, line)
                   .found(std::move(what))
                   .expected("party <vkey> from <size> [until <size>]"));
  };
  if (!text.empty() && !text.ends_with('\n')) return refuse(0, "no line end at the end");
  long number = 0;
  while (const auto line = take_line(text)) {
    ++number;
    if (line->empty() || line->starts_with('#')) continue;
    const auto rest = after(*line, "party");
    const auto from = rest ? rest->find(" from ") : std::string_view::npos;
    if (from == std::string_view::npos) return refuse(number, std::string(line->substr(0, 100)));
    PartyKey entry;
    auto key = parse_vkey(rest->substr(0, from));
    if (!key || key->algorithm != Algorithm::ed25519) return refuse(number, "a key that is none, or none of an author");
    entry.key = std::move(*key);
    std::string_view range = rest->substr(from + 6);
    if (const auto until = range.find(" until "); until != std::string_view::npos) {
      const auto size = decimal(range.substr(until + 7));
      if (!size) return refuse(number, "until what size?");
      entry.until = *size;
      range = range.substr(0, until);
    }
    const auto size = decimal(range);
    if (!size || *size >= entry.until) return refuse(number, "from what size?");
    entry.from = *size;
    for (const PartyKey& other : out.lines_)
      if (other.key.key == entry.key.key && other.key.name != entry.key.name) return refuse(number, "one key for two parties");
    out.lines_.push_back(std::move(entry));
  }
  return out;
}

std::string party_line(const PartyKey& key) {
  std::string out = "party " + vkey_text(key.key) + " from " + std::to_string(key.from);
  if (key.until != kNoEnd) out += " until " + std::to_string(key.until);
  return out + "\n";
}

Result<std::string> revoke_party(std::string_view text, std::string_view name, std::uint64_t size, const std::string& file) {
  SURETY_TRY(const PartyKeys all, PartyKeys::parse(text, file));
  std::string out;
  bool known = false;
  while (const auto line = take_line(text)) {
    const auto one = PartyKeys::parse(std::string(*line) + "\n");
    if (!one || one->keys().empty() || one->keys()[0].key.name != name) {
      out += std::string(*line) + "\n";
      continue;
    }
    known = true;
    PartyKey key = one->keys()[0];
    if (key.from >= size) continue;
    key.until = std::min(key.until, size);
    out += party_line(key);
  }
  if (!known)
    return err(fail("record.unknown-author", "no key of this party is in the list")
                   .in(file)
                   .found(std::string(name))
                   .expected("the name of one of the keys"));
  return out;
}

Result<StatementNote> PartyKeys::open(std::string_view entry, std::uint64_t index) const {
  SURETY_TRY(const Note note, parse_note(entry));
  SURETY_TRY(StatementNote out, parse_statement_text(note.text));
  if (note.signatures.size() != 1 || note.signatures[0].name != out.author)
    return err(bad_note("signatures other than the author's own one"));
  bool known = false, in_force = false;
  for (const PartyKey& line : lines_) {
    if (line.key.name != out.author) continue;
    known = true;
    if (index < line.from || index >= line.until) continue;
    in_force = true;
    if (line.key.id != note.signatures[0].id) continue;
    SURETY_TRY_STATUS(verify(note, line.key));
    return out;
  }
  if (!known)
    return err(
        fail("record.unknown-author", "no key of this author is known").found(out.author).help("add a line `party <vkey> from <size>`"));
  if (!in_force)
    return err(fail("record.key-not-in-force", "no key of this author is in force at this place of the log")
                   .found(out.author + " at " + std::to_string(index)));
  return err(fail("record.bad-signature", "the statement is signed by a key that is not its author's now").field(out.author));
}

}  // namespace surety::record
