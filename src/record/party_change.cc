#include "record/party_change.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "record/text_lines.h"

namespace surety::record {
namespace {

using Did = PartyChange::Did;
constexpr std::string_view kOld = "parties/v1\n", kNew = "parties/v2\n", kUnsigned = "unsigned\n";
constexpr std::array<std::string_view, 4> kDids = {"list", "admit", "rotate", "revoke"};

Error bad_change(std::string what) {
  return fail("record.bad-party-change", "this is not a change of the parties' keys")
      .found(std::move(what))
      .expected("the lines of docs/formats/record.md, in their order");
}

Status check_what(const PartyChange& change) {
  if (change.did == Did::revoke) return check_key_name(change.what);
  if (change.did == Did::list) {
    SURETY_TRY(const PartyKeys keys, PartyKeys::parse(change.what));
    if (keys.keys().empty() || party_lines(keys) != change.what) return err(bad_change("a list of nobody, or with other lines in it"));
    return {};
  }
  SURETY_TRY(const VerifierKey key, parse_vkey(change.what));
  if (key.algorithm != Algorithm::ed25519) return err(bad_change("a key that is none of an author"));
  return {};
}

Result<std::string> admitted(std::string_view list, const VerifierKey& key, std::uint64_t from, const std::string& file) {
  SURETY_TRY(const PartyKeys keys, PartyKeys::parse(list, file));
  for (const PartyKey& k : keys.keys())
    if (k.key == key && k.until == kNoEnd)
      return err(fail("record.key-in-force", "this key speaks for its party already")
                     .in(file)
                     .found(key.name + " from entry " + std::to_string(k.from))
                     .expected("another key: surety record keygen " + key.name));
  return std::string(list) + party_line({key, from});
}

std::string id_words(std::uint32_t id) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(id));
  return text;
}

// By a key that is in the list and in force here.
Status check_signature(std::string_view list, const PartyChange& change, std::uint64_t index) {
  SURETY_TRY(const PartyKeys keys, PartyKeys::parse(list));
  const NoteSignature& signature = *change.signature;
  for (const PartyKey& k : keys.keys())
    if (k.in_force(index) && k.key.name == signature.name && k.key.id == signature.id)
      return verify({party_change_text(change), {signature}}, k.key);
  return err(fail("record.key-not-in-force", "the key that signed this change of keys is not in force")
                 .found(signature.name + "+" + id_words(signature.id))
                 .expected("a key of the party that it is about, or of the body that admits it, which the log has in force"));
}

}  // namespace

std::string party_lines(const PartyKeys& keys) {
  std::string out;
  for (const PartyKey& key : keys.keys()) out += party_line(key);
  return out;
}

bool is_party_change(std::string_view entry) { return entry.starts_with(kOld) || entry.starts_with(kNew); }

std::string party_change_text(const PartyChange& c) {
  std::string out(c.number ? kNew : kOld);
  out += c.number ? "log " + c.log + "\nchange " + std::to_string(c.number) : "entry " + std::to_string(c.entry);
  out += "\nat " + to_string(c.at) + "\n";
  if (!c.by.empty()) out += "by " + c.by + "\n";
  out += kDids[static_cast<std::size_t>(c.did)];
  return out + (c.did == Did::list ? "\n" + c.what : " " + c.what + "\n");
}

std::string party_change_entry(const PartyChange& c) {
  std::string text = party_change_text(c);
  if (c.signature) return note_bytes({std::move(text), {*c.signature}});
  return c.number ? text + std::string(kUnsigned) : text;
}

Result<PartyChange> parse_party_change(std::string_view entry) {
  PartyChange out;
  const bool old = entry.starts_with(kOld);
  if (!old && !entry.starts_with(kNew)) return err(bad_change("another first line"));
  Note note{std::string(entry), {}};
  if (!old && entry.ends_with(kUnsigned)) {
    note.text.resize(entry.size() - kUnsigned.size());
  } else if (!old) {
    SURETY_TRY(note, parse_note(entry));
    if (note.signatures.size() != 1) return err(bad_change("several signatures"));
    out.signature = note.signatures[0];
  }
  std::string_view text = note.text;
  const auto next = [&](std::string_view word) { return take_field(text, word); };
  text.remove_prefix(kOld.size());
  if (const auto log = old ? std::nullopt : next("log")) out.log = *log;
  const auto place = next(old ? "entry" : "change");
  const auto number = place ? decimal(*place) : std::nullopt;
  if (!number || (!old && *number == 0)) return err(bad_change("no number"));
  (old ? out.entry : out.number) = *number;
  const auto at = next("at");
  if (!at) return err(bad_change("no time"));
  SURETY_TRY(out.at, parse_instant(*at));
  if (const auto by = next("by")) out.by = *by;
  const std::string_view head = text.substr(0, text.find_first_of(" \n"));
  const auto did = std::find(kDids.begin(), kDids.end(), head);
  if (did == kDids.end()) return err(bad_change(std::string(head.substr(0, 80))));
  out.did = static_cast<Did>(did - kDids.begin());
  text.remove_prefix(std::min(text.size(), head.size() + 1));
  if (out.did != Did::list && text.ends_with('\n')) text.remove_suffix(1);
  out.what = text;
  SURETY_TRY_STATUS(check_what(out));
  if (!old) SURETY_TRY_STATUS(check_key_name(out.log));
  // Catches what is left over and every second spelling at once.
  const bool odd = std::any_of(out.by.begin(), out.by.end(), [](char c) { return (static_cast<unsigned char>(c) < 0x20) || c == 0x7f; });
  if (party_change_entry(out) != entry || odd || first_bad_utf8(out.by) != std::string::npos)
    return err(bad_change("more lines, or another spelling of one"));
  return out;
}

std::string change_words(const PartyChange& c) {
  std::string out(kDids[static_cast<std::size_t>(c.did)]);
  if (c.did == Did::list) {
    const auto keys = std::count(c.what.begin(), c.what.end(), '\n');
    out += " of " + std::to_string(keys) + (keys == 1 ? " key" : " keys");
  } else {
    out += " " + c.what.substr(0, c.did == Did::revoke ? c.what.size() : c.what.find('+') + 9);
  }
  if (!c.by.empty()) out += ", by " + c.by;
  return out + (c.signature ? ", signed by " + c.signature->name + "+" + id_words(c.signature->id) : ", unsigned");
}

std::vector<std::string> in_parts(const PartyKeys& keys) {
  constexpr std::size_t kPart = 48'000;  // an entry has at most 65,535 bytes
  std::vector<std::string> out;
  for (const PartyKey& key : keys.keys()) {
    if (out.empty() || out.back().size() > kPart) out.emplace_back();
    out.back() += party_line(key);
  }
  return out;
}

Result<std::string> after_change(std::string_view list, const PartyChange& change, std::uint64_t index, const std::string& file) {
  const std::uint64_t next = index + 1;
  std::string out(list);
  if (change.did == Did::list) {
    out += change.what;
  } else if (change.did == Did::revoke) {
    return revoke_party(list, change.what, next, file);
  } else {
    SURETY_TRY(const VerifierKey key, parse_vkey(change.what));
    if (change.did == Did::rotate) {
      SURETY_TRY(out, revoke_party(list, key.name, next, file));
    }
    SURETY_TRY(out, admitted(out, key, next, file));
  }
  SURETY_TRY_STATUS(PartyKeys::parse(out, file));
  return out;
}

std::string PartyHistory::saved() const {
  std::string out = only_lists_ ? "lists" : "changes";
  for (const std::uint64_t place : places_) out += " " + std::to_string(place);
  return out + "\n" + list_;
}

std::optional<PartyHistory> PartyHistory::from_saved(std::string log, std::string_view text) {
  PartyHistory out(std::move(log));
  auto line = take_line(text);
  if (!line || !(line->starts_with("lists") || line->starts_with("changes"))) return std::nullopt;
  out.only_lists_ = line->starts_with("lists");
  for (line->remove_prefix(out.only_lists_ ? 5 : 7); !line->empty();) {
    line->remove_prefix(1);
    const auto place = decimal(line->substr(0, line->find(' ')));
    if (!place) return std::nullopt;
    out.places_.push_back(*place);
    line->remove_prefix(std::min(line->size(), line->find(' ')));
  }
  out.list_ = text;
  return out;
}

Status PartyHistory::in_turn(std::uint64_t index, const PartyChange& change) const {
  if (change.number == 0 && change.entry != index) return err(bad_change("it says that it is entry " + std::to_string(change.entry)));
  const bool here = log_.empty() || change.number == 0 || change.log == log_;
  if (change.number != 0 && (change.number != changes() + 1 || !here))
    return err(fail("record.change-out-of-turn", "this change of keys was made for another place")
                   .found("change " + std::to_string(change.number) + " of " + change.log)
                   .expected("change " + std::to_string(changes() + 1) + " of " + (log_.empty() ? change.log : log_))
                   .help("another change came between, or it is another log's: sign it anew"));
  if (change.did == Did::list && (change.number == 0 ? changes() != 0 : !only_lists_))
    return err(bad_change("a list, though the log had said before who speaks"));
  if (change.did == Did::list && change.signature) return err(bad_change("a list that is signed"));
  return {};
}

Status PartyHistory::take(std::uint64_t index, std::string_view entry) {
  if (!is_party_change(entry)) return {};
  SURETY_TRY(const PartyChange change, parse_party_change(entry));
  SURETY_TRY_STATUS(in_turn(index, change));
  if (change.signature) SURETY_TRY_STATUS(check_signature(list_, change, index));
  SURETY_TRY(list_, after_change(list_, change, index));
  places_.push_back(index);
  only_lists_ = only_lists_ && change.did == Did::list;
  return {};
}

std::string party_difference(const PartyKeys& shown, const PartyKeys& in_log) {
  const auto missing = [](const PartyKeys& from, const PartyKeys& of) -> const PartyKey* {
    for (const PartyKey& key : of.keys())
      if (std::find(from.keys().begin(), from.keys().end(), key) == from.keys().end()) return &key;
    return nullptr;
  };
  const auto words = [](const PartyKey& key) {
    std::string line = party_line(key);
    line.pop_back();
    return line;
  };
  if (const PartyKey* more = missing(in_log, shown)) return words(*more) + ": not so in the log";
  if (const PartyKey* less = missing(shown, in_log)) return words(*less) + ": in the log, and not here";
  return {};
}

}  // namespace surety::record
