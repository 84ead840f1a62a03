#pragma once
// Verdicts: changes of a ceasefire's state or of a duty, with event time, known-at, and the witness
// that proves them. They are derived, never stored as truth; the same inputs give the same bytes.
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "model/words.h"

namespace surety::model {

// One node of a proof: a rule applied to leaves (statement ids) and to what its children prove.
// `scanned` > 0 on a rule of absence: none recorded among that many statements.
struct Witness {
  std::string rule;  // "exists", "count", "absent", "deadline-passed", "decided", "calendar", …
  std::string text;  // one sentence for a person
  std::vector<std::string> leaves;
  std::size_t scanned = 0;
  std::vector<Witness> children;
};

struct StateVerdict {
  std::string id;  // "v-" + 16 hex over everything but known_at and witness
  std::string instrument;
  std::string machine;  // the status block's name
  std::string from, to;
  Instant event_time;
  Instant known_at;
  Grade grade = Grade::none;  // lowest grade among what it rests on
  Exercise exercise = Exercise::actual;
  bool certain = true;  // false: possible only, shown but never counted
  Witness witness;
  std::vector<std::string> parameters;  // our own thresholds it rests on, "name = value"
  std::string supersedes;               // id of the verdict that this one replaces
};

struct DutyVerdict {
  std::string id;
  std::string instrument;
  std::string version;
  std::string clause;
  std::string title;
  std::string bearer;
  std::string beneficiary;
  std::string action;  // "support and choose-means"
  std::string kind;    // consultation, council-action, military-support …; rows of `compare`
  DutyState state = DutyState::dormant;
  std::string reading;  // empty: the same in every reading
  Instant event_time;
  Instant known_at;
  std::optional<Instant> due;  // absent: the text sets no deadline
  Binding binding = Binding::legal;
  Grade occurrence = Grade::none;  // of what triggered or breached it
  Grade attribution = Grade::none;
  Exercise exercise = Exercise::actual;
  std::string trigger;     // incident or statement id that set this instance off; empty: none
  std::string waits_for;   // dormant or triggered: what exactly is missing, in words
  std::string decided_by;  // body whose finding the text requires; empty: none
  Witness witness;
  std::vector<std::string> parameters;
  std::string supersedes;
};

// Canonical JSON, one object, the members that DESIGN.md fixes plus the rest.
std::string to_json(const StateVerdict& v, bool with_witness = false);
std::string to_json(const DutyVerdict& v, bool with_witness = false);

}  // namespace surety::model
