#pragma once
// An Incident is one happening in the world, fused from the statements that speak of it. Occurrence
// and attribution carry separate grades; contradictory attributions are kept side by side; no
// attribution means unknown, and unknown never breaches anybody (LANGUAGE.md §7.5).
#include <string>
#include <vector>

#include "model/statement.h"

namespace surety::model {

struct Attribution {
  std::string party;
  Grade grade = Grade::claimed;
  std::vector<std::string> by;  // statement ids, sorted
  std::string basis;            // in words
};

struct Incident {
  std::string id;     // "i-" + 16 hex of SHA-256 over the sorted member ids
  std::string event;  // the most specific class that all members allow
  Exercise exercise = Exercise::actual;
  TimeRange when;       // intersection where members agree, else hull
  Instant first_known;  // known-at of the earliest member
  Instant known_at;     // known-at when it took its present shape: the latest member
  std::optional<Place> place;
  Grade occurrence = Grade::claimed;
  std::vector<Attribution> attributions;  // sorted by grade down, then party
  std::vector<std::string> members;       // statement ids, sorted
  std::vector<std::string> origins;       // distinct independent origins, sorted
  Fields fields;
  std::string end;                   // "", refuted, duplicate, settled, notified, exercise, unverifiable
  std::vector<std::string> reasons;  // how grade and attribution came about, one sentence each
};

}  // namespace surety::model
