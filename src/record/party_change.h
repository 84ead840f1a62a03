#pragma once
// Who may speak for whom is decided in the log itself: each change of the parties' keys is an entry, so that anybody who
// has the log alone can tell which key spoke for whom, from which entry to which (docs/formats/record.md).
//
//   parties/v2
//   log example.org/truce
//   change 3                          (the third change of this log's keys: what was signed for one place fits no other)
//   at 2026-06-01T00:00:00Z
//   by chair                          (when it is said who decided)
//   rotate example.org/monitor+e163b982+AQOh…
//
//   — example.org/monitor 4WO5gpn…    (or `unsigned` in place of the empty line and this)
//
// The last line above the signature is `admit <vkey>`, `rotate <vkey>` (the same, and the party's other keys end), `revoke <party>`,
// or `list` and lines of a list that was kept outside the log before (statement_note.h): those come first or not at all. So no
// change reaches into what was signed before it. Who signs must be in the list at that entry. Version 1 is read as well: `entry 17`,
// its own place, for `log` and `change`, and no signature. Pure.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "record/statement_note.h"

namespace surety::record {

bool is_party_change(std::string_view entry);

struct PartyChange {
  enum class Did { list, admit, rotate, revoke };
  Did did = Did::admit;
  std::uint64_t entry = 0;  // of version 1
  Instant at{};
  std::string by;    // may be empty
  std::string what;  // list: its lines; admit, rotate: the vkey; revoke: the party's name
  std::string log{};
  std::uint64_t number = 0;  // from 1; 0: version 1
  std::optional<NoteSignature> signature{};
  bool operator==(const PartyChange&) const = default;
};
// What is signed, and the entry.
std::string party_change_text(const PartyChange& change);
std::string party_change_entry(const PartyChange& change);
// Exactly the inverse. Error record.bad-party-change. That the signature is good is seen to by PartyHistory.
Result<PartyChange> parse_party_change(std::string_view entry);
// "rotate example.org/monitor+1a2b3c4d, by chair, signed by example.org/monitor+e163b982", or "…, unsigned".
std::string change_words(const PartyChange& change);

// The lines of a list as entries can hold them.
std::vector<std::string> in_parts(const PartyKeys& keys);

// The list that a log has, entry after entry.
class PartyHistory {
 public:
  // `log`: the name of its key; empty: not known here, and not looked at.
  explicit PartyHistory(std::string log = {}) : log_(std::move(log)) {}
  // As it stood after some entries, in a text of its own.
  std::string saved() const;
  static std::optional<PartyHistory> from_saved(std::string log, std::string_view text);

  // Every entry, or at least every change, in order. Then the entry changes nothing: errors record.bad-party-change,
  // record.change-out-of-turn (another log's, or another number), record.bad-signature, record.key-not-in-force (who signed
  // is not in the list), record.unknown-author (nobody of that name), record.key-in-force (admitting a key that speaks already),
  // record.bad-party-keys.
  Status take(std::uint64_t index, std::string_view entry);
  std::uint64_t changes() const { return places_.size(); }              // 0: the log says nothing about keys
  const std::vector<std::uint64_t>& places() const { return places_; }  // their entries
  const std::string& list() const { return list_; }
  const std::string& log() const { return log_; }

 private:
  Status in_turn(std::uint64_t index, const PartyChange& change) const;

  std::string log_, list_;
  std::vector<std::uint64_t> places_;
  bool only_lists_ = true;
};

// The list as this change at this entry leaves it; comments and order stay. `file` is for errors.
Result<std::string> after_change(std::string_view list, const PartyChange& change, std::uint64_t index, const std::string& file = {});

// The list without its comments.
std::string party_lines(const PartyKeys& keys);
// The first difference between two lists, in words ("party … is not in the log"); empty: they have the same keys and ranges.
std::string party_difference(const PartyKeys& shown, const PartyKeys& in_log);

}  // namespace surety::record
