#include "store/standing.h"

#include "base/files.h"
#include "record/text_lines.h"
#include "store/log.h"

namespace surety::store {

namespace {

std::string seconds_since(const record::Judged& judged) { return to_string(Instant::from_posix(judged.since.value_or(0))); }

// Of `published` and those that were kept. One that cannot be judged (of another log, damaged) vouches for nothing.
std::optional<record::Judged> largest_operative(const std::string& record_dir, const record::Policy& policy,
                                                const std::optional<record::Fallback>& fallback, Instant now,
                                                const record::Judged& published) {
  const bool stands = published.standing != record::Standing::unwitnessed;
  const auto kept = cosigned_in(record_dir);
  for (auto it = kept.rbegin(); it != kept.rend() && (!stands || it->first > published.checkpoint.size); ++it) {
    auto judged = record::judge(it->second, policy, fallback, now);
    if (judged && judged->standing != record::Standing::unwitnessed) return std::move(*judged);
  }
  return stands ? std::optional(published) : std::nullopt;
}

}  // namespace

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

Result<std::optional<record::Fallback>> read_fallback(const std::string& path) {
  if (path.empty()) return std::nullopt;
  SURETY_TRY(const std::string text, read_file(path));
  SURETY_TRY(auto fallback, parse_fallback(text, path));
  return fallback;
}

Result<RecordStanding> standing_of(const std::string& record_dir, const PolicyFiles& files, Instant now) {
  SURETY_TRY(const std::string bytes, published_checkpoint(record_dir));
  RecordStanding out;
  if (files.policy.empty()) {
    SURETY_TRY(const auto read, record::read_checkpoint(bytes));
    out.judged.checkpoint = read.checkpoint;
    return out;
  }
  out.agreed = true;
  SURETY_TRY(out.policy, read_policy(files.policy));
  SURETY_TRY(out.fallback, read_fallback(files.fallback));
  SURETY_TRY(out.judged, record::judge(bytes, out.policy, out.fallback, now));
  out.operative = largest_operative(record_dir, out.policy, out.fallback, now, out.judged);
  return out;
}

std::string standing_text(const RecordStanding& s) {
  std::string out(record::to_string(s.judged.standing));
  if (!s.agreed) return out + ": no witness policy is agreed";
  const auto witnesses = s.policy.witnesses.size();
  if (witnesses == 0) return out + ": the policy names no witness";
  std::string counted = std::to_string(s.judged.cosigned.size()) + " of " + std::to_string(witnesses) + " witnesses";
  if (const auto n = s.policy.unchecked().size())
    counted +=
        " (" + std::to_string(n) + (n == 1 ? " has a key that this version cannot check)" : " have keys that this version cannot check)");
  if (s.judged.standing != record::Standing::unwitnessed) return out + " since " + seconds_since(s.judged) + ", cosigned by " + counted;
  out += ": cosigned by " + counted + ", which is no quorum";
  if (!s.operative) return out;
  return out + "; its first " + std::to_string(s.operative->checkpoint.size) +
         (s.operative->checkpoint.size == 1 ? " entry is " : " entries are ") + std::string(record::to_string(s.operative->standing)) +
         " since " + seconds_since(*s.operative);
}

}  // namespace surety::store
