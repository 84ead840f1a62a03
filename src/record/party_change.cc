#include "record/party_change.h"

#include <algorithm>
#include <array>

#include "record/text_lines.h"

namespace surety::record {
namespace {

using Did = PartyChange::Did;
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

}  // namespace

std::string party_lines(const PartyKeys& keys) {
  std::string out;
  for (const PartyKey& key : keys.keys()) out += party_line(key);
  return out;
}

std::string party_change_text(const PartyChange& c) {
  std::string out(kPartyChangeBegin);
  out += "entry " + std::to_string(c.entry) + "\nat " + to_string(c.at) + "\n";
  if (!c.by.empty()) out += "by " + c.by + "\n";
  out += kDids[static_cast<std::size_t>(c.did)];
  return out + (c.did == Did::list ? "\n" + c.what : " " + c.what + "\n");
}

Result<PartyChange> parse_party_change(std::string_view entry) {
  std::string_view text = entry;
  PartyChange out;
  const auto next = [&](std::string_view word) { return take_field(text, word); };
  if (!entry.starts_with(kPartyChangeBegin)) return err(bad_change("another first line"));
  text.remove_prefix(kPartyChangeBegin.size());
  const auto place = next("entry");
  const auto number = place ? decimal(*place) : std::nullopt;
  if (!number) return err(bad_change("no number of the entry"));
  out.entry = *number;
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
  // Catches what is left over and every second spelling at once.
  const bool odd = std::any_of(out.by.begin(), out.by.end(), [](char c) { return (static_cast<unsigned char>(c) < 0x20) || c == 0x7f; });
  if (party_change_text(out) != entry || odd || first_bad_utf8(out.by) != std::string::npos)
    return err(bad_change("more lines, or another spelling of one"));
  return out;
}

Result<std::string> after_change(std::string_view list, const PartyChange& change, const std::string& file) {
  const std::uint64_t next = change.entry + 1;
  if (change.did == Did::list) return change.what;
  if (change.did == Did::revoke) return revoke_party(list, change.what, next, file);
  SURETY_TRY(const VerifierKey key, parse_vkey(change.what));
  std::string out(list);
  if (change.did == Did::rotate) {
    SURETY_TRY(out, revoke_party(list, key.name, next, file));
  }
  SURETY_TRY(out, admitted(out, key, next, file));
  SURETY_TRY_STATUS(PartyKeys::parse(out, file));
  return out;
}

Status PartyHistory::take(std::uint64_t index, std::string_view entry) {
  if (!entry.starts_with(kPartyChangeBegin)) return {};
  SURETY_TRY(const PartyChange change, parse_party_change(entry));
  if (change.entry != index) return err(bad_change("it says that it is entry " + std::to_string(change.entry)));
  if (change.did == Did::list && changes_ != 0) return err(bad_change("a list, though the log had said before who speaks"));
  SURETY_TRY(list_, after_change(list_, change));
  ++changes_;
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
