#pragma once
// Who may speak for whom is decided in the log itself: each change of the parties' keys is an entry, so that anybody who
// has the log alone can tell which key spoke for whom, from which entry to which (docs/formats/record.md).
//
//   parties/v1
//   entry 17                          (its own place; it takes effect with the next entry)
//   at 2026-06-01T00:00:00Z
//   by chair                          (when it is said who decided)
//   admit example.org/monitor+e163b982+AQOh…
//
// The last part is `admit <vkey>`, `rotate <vkey>` (the same, and the party's other keys end), `revoke <party>`, or `list` and
// the lines of a list that was kept outside the log before (statement_note.h): that comes first or not at all. So no change
// reaches into what was signed before it. Pure.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "record/statement_note.h"

namespace surety::record {

constexpr std::string_view kPartyChangeBegin = "parties/v1\n";

struct PartyChange {
  enum class Did { list, admit, rotate, revoke };
  Did did = Did::admit;
  std::uint64_t entry = 0;
  Instant at{};
  std::string by;    // may be empty
  std::string what;  // list: its lines; admit, rotate: the vkey; revoke: the party's name
  bool operator==(const PartyChange&) const = default;
};
std::string party_change_text(const PartyChange& change);
// Exactly the inverse. Error record.bad-party-change.
Result<PartyChange> parse_party_change(std::string_view entry);

// The list as this change leaves it; comments and order stay. Errors record.unknown-author (nobody of that name),
// record.key-in-force (admitting a key that speaks already), record.bad-party-keys. `file` is for errors.
Result<std::string> after_change(std::string_view list, const PartyChange& change, const std::string& file = {});

// The list that a log has, entry after entry.
class PartyHistory {
 public:
  PartyHistory() = default;
  // As it stood after some entries of the log.
  PartyHistory(std::uint64_t changes, std::string list) : changes_(changes), list_(std::move(list)) {}
  // Every entry, or at least every change, in order. Error record.bad-party-change: such an entry changes nothing.
  Status take(std::uint64_t index, std::string_view entry);
  std::uint64_t changes() const { return changes_; }  // 0: the log says nothing about keys
  const std::string& list() const { return list_; }

 private:
  std::uint64_t changes_ = 0;
  std::string list_;
};

// The list without its comments.
std::string party_lines(const PartyKeys& keys);
// The first difference between two lists, in words ("party … is not in the log"); empty: they have the same keys and ranges.
std::string party_difference(const PartyKeys& shown, const PartyKeys& in_log);

}  // namespace surety::record
