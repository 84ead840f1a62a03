#pragma once
// Whose key speaks for whom, as the entries of a log say it (docs/formats/record.md, "Entries about keys").
#include "verify/policy.h"

namespace verify {

struct KeyChange {
  std::uint64_t entry = 0;
  std::string words;      // "rotate example.org/monitor+1a2b3c4d, by chair"
  std::string signed_by;  // "example.org/monitor+e163b982"; empty: nobody
};

// Takes every entry in order.
class Parties {
 public:
  // `log`: the name of its key; empty: any.
  explicit Parties(std::string log = {}) : log_(std::move(log)) {}
  // false: it is a change of keys and does not hold; `why` says what is wrong, and it changes nothing.
  bool take(std::uint64_t index, std::string_view entry, std::string& why);
  bool any() const { return !changes_.empty(); }
  const std::vector<KeyChange>& changes() const { return changes_; }
  const std::vector<PartyKey>& keys() const { return keys_; }

 private:
  bool end_all_of(const std::string& party, std::uint64_t at);
  bool apply(std::string_view did, std::string_view rest, std::uint64_t next, bool again, std::string& why);
  bool signed_here(const Note& note, std::uint64_t index, std::string& why) const;

  std::string log_;
  std::vector<KeyChange> changes_;
  bool only_lists_ = true;
  std::vector<PartyKey> keys_;
};

// The author that a statement note names; empty: none.
std::string author_of(const Note& note);
// Is it signed by its author alone, with a key in force at this place of the log? If not, `why` says so.
bool signed_by_author(const Note& note, std::uint64_t index, const std::vector<PartyKey>& keys, std::string& why);

// "example.org/monitor+1a2b3c4d entries 1 to 9", or "to …".
std::string words(const PartyKey& key);
// How a list that somebody shows differs from the log's; empty: it does not.
std::string difference(const std::vector<PartyKey>& shown, const std::vector<PartyKey>& in_log);

}  // namespace verify
