#pragma once
// C2SP tlog-policy: which logs, which witnesses, and which sets of witnesses are enough, as k-of-n groups
// of groups. Parties that distrust each other write it so that no side can speak for the other:
//
//   log <vkey>
//   witness a1 <vkey>
//   …
//   group alpha any a1 a2
//   group bravo any b1 b2
//   group neutral 2 n1 n2 n3
//   group all-sides all alpha bravo neutral
//   quorum all-sides
//
// A checkpoint is operative only at quorum; below it, it is *unwitnessed*. A key of an algorithm that this version cannot check
// (ML-DSA-44, say) may be named: it counts as one that has never signed (docs/decisions/0007). Pure; thread-safe.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "record/checkpoint.h"
#include "record/cosignature.h"

namespace surety::record {

struct Policy {
  struct Group {
    std::string name;
    std::size_t needed = 1;
    std::vector<std::string> members;
  };
  std::vector<VerifierKey> logs;
  std::vector<std::pair<std::string, VerifierKey>> witnesses;  // by the policy's own name for each
  std::map<std::string, std::string> urls;                     // by that name, of those that state one
  std::vector<Group> groups;                                   // each names only earlier ones
  std::string quorum;                                          // a name, or "none"

  std::vector<VerifierKey> witness_keys() const;  // that this version can check
  std::vector<std::string> unchecked() const;     // the names of the other witnesses
};
// Errors record.bad-policy with the line: unknown name, name used twice, a member of two groups, a key
// twice, k out of range, no quorum or two, control characters.
Result<Policy> parse_policy(std::string_view text, const std::string& file = {});

// When each witness and each group of the policy was reached, in seconds: the moment of the cosignature that completed it. Who is
// missing in it was not.
std::map<std::string, std::uint64_t> reached(const Policy& policy, const std::vector<Cosigned>& by);
// Seconds at which the quorum was reached (the moment of the cosignature that completed it), or
// nothing. `none` is reached at 0.
std::optional<std::uint64_t> quorum_reached(const Policy& policy, const std::vector<Cosigned>& by);

// What the parties agreed for the case that a witness which the quorum needs stops answering:
// after `delay` from the moment when `policy` (the neutral ones, say) was satisfied, its quorum is
// enough, and everything that rests on it says so.
struct Fallback {
  Policy policy;
  Span delay = Span::hours(72);
};
enum class Standing { witnessed, by_fallback, unwitnessed };
std::string_view to_string(Standing standing);  // "witnessed", "witnessed-by-fallback", "unwitnessed"

struct Judged {
  Checkpoint checkpoint;
  Standing standing = Standing::unwitnessed;
  std::vector<Cosigned> cosigned;
  std::optional<std::uint64_t> since;  // when it became operative
};
// Opens a signed checkpoint under the policy: signed by one of its logs, cosigned by whom. An error
// is a bad signature or an unknown log; too few witnesses is a standing, not an error. `quorum none` is unwitnessed.
Result<Judged> judge(std::string_view signed_checkpoint, const Policy& policy, const std::optional<Fallback>& fallback, Instant now);

}  // namespace surety::record
