#include "verify/parties.h"

#include <algorithm>
#include <cstdio>

namespace verify {
namespace {

constexpr std::string_view kOld = "parties/v1\n", kNew = "parties/v2\n", kUnsigned = "unsigned\n";

// A line's rest, behind `word` and a blank; takes it off the text. Nothing when the next line is another one.
std::optional<std::string_view> line_after(std::string_view& text, std::string_view word) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos || end <= word.size() + 1 || !text.starts_with(word) || text[word.size()] != ' ') return std::nullopt;
  const std::string_view rest = text.substr(word.size() + 1, end - word.size() - 1);
  text.remove_prefix(end + 1);
  return rest;
}

unsigned two_digits(std::string_view t, std::size_t at) { return static_cast<unsigned>((t[at] - '0') * 10 + (t[at + 1] - '0')); }

// "2026-06-01T00:00:00Z", with up to six digits of a fraction that does not end with a zero.
bool is_time(std::string_view t) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (t.size() < kShape.size() + 1 || t.back() != 'Z') return false;
  for (std::size_t i = 0; i < kShape.size(); ++i)
    if (kShape[i] == 'd' ? !digit(t[i]) : t[i] != kShape[i]) return false;
  const std::string_view fraction = t.substr(kShape.size(), t.size() - kShape.size() - 1);
  if (!fraction.empty() && (fraction.size() < 2 || fraction.size() > 7 || fraction[0] != '.' || fraction.back() == '0' ||
                            !std::all_of(fraction.begin() + 1, fraction.end(), digit)))
    return false;
  const unsigned year = two_digits(t, 0) * 100 + two_digits(t, 2), month = two_digits(t, 5), day = two_digits(t, 8);
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const unsigned days = month == 2 ? (leap ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  return month >= 1 && month <= 12 && day >= 1 && day <= days && two_digits(t, 11) < 24 && two_digits(t, 14) < 60 && two_digits(t, 17) < 60;
}

// No notes, no empty lines, single blanks: a list in the log has one spelling.
bool one_spelling(std::string_view list) {
  for (const std::string_view no : {"\t", "  ", " \n", "\n\n", "\n#", "\n "})
    if (list.find(no) != std::string_view::npos) return false;
  return list.starts_with("party ");
}

std::string hex_id(std::string_view id) {
  std::string out;
  for (const char c : id) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += two;
  }
  return out;
}

std::string counted(std::string_view lines) {
  const auto n = std::count(lines.begin(), lines.end(), '\n');
  return std::to_string(n) + (n == 1 ? " key" : " keys");
}

// A party's name, or its key's name and hash.
std::string_view short_of(std::string_view did, std::string_view what) {
  const auto plus = what.find('+');
  return what.substr(0, did == "revoke" || plus == std::string_view::npos ? what.size() - 1 : plus + 9);
}

bool same(const PartyKey& a, const PartyKey& b) {
  return a.key.name == b.key.name && a.key.bytes == b.key.bytes && a.from == b.from && a.until == b.until;
}

}  // namespace

bool Parties::take(std::uint64_t index, std::string_view entry, std::string& why) {
  const bool old = entry.starts_with(kOld);
  if (!old && !entry.starts_with(kNew)) return true;
  Note note{std::string(entry), {}};
  if (!old && entry.ends_with(kUnsigned)) {
    note.text.resize(entry.size() - kUnsigned.size());
  } else if (!old) {
    auto parsed = parse_note(entry, why);
    if (!parsed) return false;
    note = std::move(*parsed);
  }
  std::string_view rest = note.text;
  rest.remove_prefix(kOld.size());
  why = "a change of keys whose lines are not as they should be";
  const auto log = old ? std::optional<std::string_view>(log_) : line_after(rest, "log");
  const auto place = log ? line_after(rest, old ? "entry" : "change") : std::nullopt;
  const auto number = place ? decimal(*place) : std::nullopt;
  const auto time = number ? line_after(rest, "at") : std::nullopt;
  if (!time || !is_time(*time) || (!old && !(is_name(*log) && clean_line(*log)))) return false;
  const auto by = line_after(rest, "by");
  if (by && !clean_line(*by)) return false;
  const auto word = std::min(rest.find_first_of(" \n"), rest.size());
  const std::string_view did = rest.substr(0, word), what = rest.substr(std::min(rest.size(), word + 1));
  if (!what.ends_with('\n') || (did == "list" && !note.signatures.empty())) return false;
  if (old ? *number != index : *number != changes_.size() + 1 || (!log_.empty() && *log != log_)) {
    why = old ? "a change of keys that says it is entry " + std::string(*place)
              : "a change of keys for another place: change " + std::string(*place) + " of " + std::string(*log);
    return false;
  }
  if (!note.signatures.empty() && !signed_here(note, index, why)) return false;
  if (!apply(did, what, index + 1, !old, why)) return false;
  only_lists_ = only_lists_ && did == "list";
  KeyChange& change = changes_.emplace_back(KeyChange{index, std::string(did), {}});
  change.words += did == "list" ? " of " + counted(what) : " " + std::string(short_of(did, what));
  if (by) change.words += ", by " + std::string(*by);
  if (!note.signatures.empty()) change.signed_by = note.signatures[0].name + "+" + hex_id(note.signatures[0].id);
  return true;
}

// By one key alone, which is in the list and in force here.
bool Parties::signed_here(const Note& note, std::uint64_t index, std::string& why) const {
  why = "a change of keys with several signatures";
  if (note.signatures.size() != 1) return false;
  const Signature& s = note.signatures[0];
  why = "a change of keys signed by " + s.name + "+" + hex_id(s.id) + ", which is not in force here";
  for (const PartyKey& p : keys_)
    if (p.key.name == s.name && p.key.id == s.id && index >= p.from && index < p.until) return signed_by(note, p.key, why);
  return false;
}

bool Parties::apply(std::string_view did, std::string_view rest, std::uint64_t next, bool again, std::string& why) {
  if (did == "list") {
    const bool first = again ? only_lists_ : changes_.empty();
    const auto keys = first ? parse_parties(rest, why) : std::nullopt;
    if (!first) why = "a list of keys, though the log had said before who speaks";
    if (!keys || keys->empty() || !one_spelling(rest)) return false;
    std::vector<PartyKey> all = keys_;
    all.insert(all.end(), keys->begin(), keys->end());
    why = "it gives one key to two parties";
    for (const PartyKey& a : all)
      for (const PartyKey& b : *keys)
        if (a.key.bytes == b.key.bytes && a.key.name != b.key.name) return false;
    keys_ = std::move(all);
    return true;
  }
  rest.remove_suffix(1);
  if (did == "revoke") {
    why = "it revokes the keys of one who has none";
    return end_all_of(std::string(rest), next);
  }
  const auto key = parse_key(rest);
  if ((did != "admit" && did != "rotate") || !key || key->algorithm != 1) return false;
  for (const PartyKey& known : keys_) {
    if (known.key.bytes != key->bytes) continue;
    why = known.key.name == key->name ? "it admits a key that speaks already" : "it gives one key to two parties";
    if (known.key.name != key->name || (did == "admit" && known.until == UINT64_MAX)) return false;
  }
  why = "it replaces the keys of one who has none";
  if (did == "rotate" && !end_all_of(key->name, next)) return false;
  keys_.push_back({*key, next, UINT64_MAX});
  return true;
}

bool Parties::end_all_of(const std::string& party, std::uint64_t at) {
  bool known = false;
  std::vector<PartyKey> kept;
  for (PartyKey key : keys_) {
    if (key.key.name == party) {
      known = true;
      if (key.from >= at) continue;  // it would have begun later
      key.until = std::min(key.until, at);
    }
    kept.push_back(std::move(key));
  }
  keys_ = std::move(kept);
  return known;
}

std::string author_of(const Note& note) {
  std::string_view rest = note.text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.starts_with("author ")) return std::string(line.substr(7));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return {};
}

bool signed_by_author(const Note& note, std::uint64_t index, const std::vector<PartyKey>& keys, std::string& why) {
  const std::string author = author_of(note);
  why = "no key of " + author + " is in force at leaf " + std::to_string(index);
  bool good = false;
  for (const PartyKey& p : keys)
    if (p.key.name == author && index >= p.from && index < p.until && !good) good = signed_by(note, p.key, why);
  if (good && note.signatures.size() != 1) why = "signatures other than the author's";
  return good && note.signatures.size() == 1;
}

std::string words(const PartyKey& key) {
  return key.key.name + "+" + hex_id(key.key.id) + " entries " + std::to_string(key.from) + " to " +
         (key.until == UINT64_MAX ? std::string("…") : std::to_string(key.until - 1));
}

std::string difference(const std::vector<PartyKey>& shown, const std::vector<PartyKey>& in_log) {
  const auto has = [](const std::vector<PartyKey>& list, const PartyKey& key) {
    return std::any_of(list.begin(), list.end(), [&](const PartyKey& other) { return same(key, other); });
  };
  for (const PartyKey& key : shown)
    if (!has(in_log, key)) return words(key) + ": not so in the log";
  for (const PartyKey& key : in_log)
    if (!has(shown, key)) return words(key) + ": in the log, and not here";
  return {};
}

}  // namespace verify
