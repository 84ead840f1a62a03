#include "serve/standing_view.h"

#include "serve/json_parts.h"

namespace surety::serve {
namespace {

using Reached = std::map<std::string, std::uint64_t>;

std::optional<Instant> at(std::optional<std::uint64_t> seconds) {
  return seconds ? std::optional(Instant::from_posix(*seconds)) : std::nullopt;
}

std::optional<Instant> when(const Reached& reached, const std::string& name) {
  const auto it = reached.find(name);
  return it == reached.end() ? std::nullopt : at(it->second);
}

// Late: asked, and it does not cosign. One whose key is of an algorithm that this version does not know is not asked.
void write_state(JsonOut& j, const record::VerifierKey& key, const std::string& name, const store::WitnessStates& states) {
  const auto it = states.find(name);
  const bool late = it != states.end() && it->second.late_since;
  j.member("checked", record::checkable(key));
  instant(j, "late_since", late ? it->second.late_since : std::nullopt);
  if (late) j.member("late_because", it->second.why);
}

void write_policy(JsonOut& j, const record::Policy& policy, const Reached& reached, const store::WitnessStates& states) {
  j.member("quorum", policy.quorum).key("witnesses").array();
  for (const auto& [name, key] : policy.witnesses) {
    j.object().member("name", name).member("key", key.name);
    instant(j, "cosigned", when(reached, name));
    write_state(j, key, name, states);
    j.end();
  }
  j.end().key("groups").array();
  for (const record::Policy::Group& group : policy.groups) {
    j.object().member("name", group.name).member("needed", group.needed);
    texts(j, "members", group.members);
    instant(j, "reached", when(reached, group.name));
    j.end();
  }
  j.end();
}

}  // namespace

std::string vouched_for(const Result<store::RecordStanding>& found) {
  return found ? store::standing_text(*found) : "unwitnessed: it cannot be told who vouches for it: " + found.error().message;
}

void write_standing(JsonOut& j, const Result<store::RecordStanding>& found, const store::WitnessStates& states) {
  const auto standing = found ? found->judged.standing : record::Standing::unwitnessed;
  j.member("standing", record::to_string(standing)).member("vouched_for", vouched_for(found));
  j.key("vouching");
  if (!found) {
    j.null();
    return;
  }
  const record::Judged& judged = found->judged;
  j.object().key("operative").boolean(standing != record::Standing::unwitnessed);
  instant(j, "since", at(judged.since));
  j.member("origin", judged.checkpoint.origin).member("size", static_cast<std::int64_t>(judged.checkpoint.size));
  j.key("operative_size");
  if (found->operative) {
    j.number(static_cast<std::int64_t>(found->operative->checkpoint.size));
    j.member("operative_standing", record::to_string(found->operative->standing));
  } else {
    j.null();
  }
  j.key("agreed").boolean(found->agreed);
  write_policy(j, found->policy, record::reached(found->policy, judged.cosigned), states);
  j.key("fallback");
  if (found->fallback) {
    j.object().member("hours", found->fallback->delay.us / Span::hours(1).us).member("quorum", found->fallback->policy.quorum).end();
  } else {
    j.null();
  }
  j.end();
}

}  // namespace surety::serve
