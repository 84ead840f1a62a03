#pragma once
// Who is believed: C2SP tlog-policy, cosignatures, and the parties' keys.
#include <map>

#include "verify/note.h"

namespace verify {

struct Policy {
  struct Group {
    std::string name;
    std::size_t needed = 1;
    std::vector<std::string> members;
  };
  std::vector<Key> logs;
  std::map<std::string, Key> witnesses;
  std::vector<Group> groups;
  std::string quorum;
};
std::optional<Policy> parse_policy(std::string_view text, std::string& why);

// Witnesses whose keys are of an algorithm that is not checked here (ML-DSA-44, say): they count as never having signed.
std::vector<std::string> unchecked(const Policy& policy);
// When the quorum was reached by the cosignatures on this note; nothing when it was not. A bad
// cosignature by a known witness sets `why` and counts as a failure (`bad`).
std::optional<std::uint64_t> quorum_time(const Policy& policy, const Note& note, bool& bad, std::string& why);

struct PartyKey {
  Key key;
  std::uint64_t from = 0, until = UINT64_MAX;
};
std::optional<std::vector<PartyKey>> parse_parties(std::string_view text, std::string& why);

}  // namespace verify
