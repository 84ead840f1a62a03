#include "store/standing.h"

#include "base/files.h"
#include "record/text_lines.h"
#include "store/log.h"

namespace surety::store {

PolicyFiles policy_beside(const std::string& database, PolicyFiles given) {
  const auto use = [&](std::string& file, const char* ending) {
    if (file.empty() && file_exists(beside(database, ending))) file = beside(database, ending);
  };
  use(given.policy, ".policy");
  use(given.fallback, ".fallback");
  return given;
}

Result<record::Policy> read_policy(const std::string& path) {
  SURETY_TRY(const std::string text, read_file(path));
  return record::parse_policy(text, path);
}

Result<record::Fallback> parse_fallback(std::string_view text, const std::string& file) {
  const auto first = record::take_line(text);
  const auto hours = first && first->ends_with(" h") ? record::decimal(first->substr(0, first->size() - 2)) : std::nullopt;
  if (!hours || *hours > 24 * 366)
    return err(fail("record.bad-policy", "this is not a fallback policy")
                   .in(file, 1)
                   .found(std::string(first.value_or("")))
                   .expected("first `<hours> h`, such as `72 h`, then a policy"));
  record::Fallback out;
  out.delay = Span::hours(static_cast<std::int64_t>(*hours));
  SURETY_TRY(out.policy, record::parse_policy(text, file));
  return out;
}

Result<RecordStanding> standing_of(const std::string& record_dir, const PolicyFiles& files, Instant now) {
  SURETY_TRY(const std::string bytes, read_file(record_dir + "/checkpoint"));
  RecordStanding out;
  if (files.policy.empty()) {
    SURETY_TRY(const record::Note note, record::parse_note(bytes));
    SURETY_TRY(out.judged.checkpoint, record::parse_checkpoint_text(note.text));
    return out;
  }
  out.agreed = true;
  SURETY_TRY(out.policy, read_policy(files.policy));
  out.witnesses = out.policy.witnesses.size();
  if (!files.fallback.empty()) {
    SURETY_TRY(const std::string text, read_file(files.fallback));
    SURETY_TRY(out.fallback, parse_fallback(text, files.fallback));
  }
  SURETY_TRY(out.judged, record::judge(bytes, out.policy, out.fallback, now));
  return out;
}

std::string standing_text(const RecordStanding& s) {
  std::string out(record::to_string(s.judged.standing));
  if (!s.agreed) return out + ": no witness policy is agreed";
  if (s.witnesses == 0) return out + ": the policy names no witness";
  const std::string counted = std::to_string(s.judged.cosigned.size()) + " of " + std::to_string(s.witnesses) + " witnesses";
  if (s.judged.standing == record::Standing::unwitnessed) return out + ": cosigned by " + counted + ", which is no quorum";
  return out + " since " + to_string(Instant{static_cast<std::int64_t>(s.judged.since.value_or(0)) * 1'000'000}) + ", cosigned by " +
         counted;
}

}  // namespace surety::store
