#pragma once
// Who vouches for a record: its checkpoint against the agreed witness policy (docs/record.md, "Who vouches for it").
#include <optional>
#include <string>
#include <vector>

#include "record/policy.h"
#include "store/cosigned.h"

namespace surety::store {

// Empty: `<database>.policy` and `<database>.fallback` beside the database, when they are there.
struct PolicyFiles {
  std::string policy;    // C2SP tlog-policy
  std::string fallback;  // first line "<hours> h", then a tlog-policy
};
PolicyFiles policy_beside(const std::string& database, PolicyFiles given = {});

struct RecordStanding {
  bool agreed = false;                      // is there a policy? Without one nothing is ever more than unwitnessed
  record::Judged judged;                    // the checkpoint that stands
  std::optional<record::Judged> operative;  // the largest one that is: an earlier one when the log has grown since
  record::Policy policy;                    // as agreed; empty without one
  std::optional<record::Fallback> fallback;
};
// `now` counts only for an agreed fallback. Errors: no checkpoint, a bad policy, record.bad-signature, record.unknown-log.
Result<RecordStanding> standing_of(const std::string& record_dir, const PolicyFiles& files, Instant now);
// "witnessed since 2026-01-03T10:00:00Z, cosigned by 2 of 3 witnesses", "unwitnessed: no witness policy is agreed"
std::string standing_text(const RecordStanding& standing);

Result<record::Policy> read_policy(const std::string& path);
Result<std::optional<record::Fallback>> read_fallback(const std::string& path);  // "": none is agreed
// "<hours> h" line end, policy.
Result<record::Fallback> parse_fallback(std::string_view text, const std::string& file);

}  // namespace surety::store
