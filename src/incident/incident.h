#pragma once
// Observations to incidents: the same happening, once, graded and attributed. A pure function of the
// set of statements: any order or batching gives the same incidents with the same ids. Near-linear:
// one sort, then a sweep over time with a spatial grid.
//
//   auto incidents = incident::fuse(live_statements, incident::Settings{});
//
// The rules are ours, not from a source; README.md states them and every incident carries the
// reasons that applied to it. Grades default to independence of origins (DESIGN.md, DOMAIN.md §1.3);
// an agreement with its own `evidence` rules re-grades in `duty`.
#include <span>
#include <string>
#include <vector>

#include "model/incident.h"
#include "model/statement.h"

namespace surety::incident {

// Parameters of our reading. Two reports are of the same happening only if their times overlap
// within time_slack and their places could coincide within distance_slack_m.
struct Settings {
  Span time_slack = Span::minutes(30);
  std::int64_t distance_slack_m = 5'000;
  // Vaguer reports never join: that two reports could be of one happening is no sign that they are.
  Span vaguest_time = Span::hours(30);  // "some time that day"
  std::int64_t vaguest_m = 30'000;      // a settlement and its surroundings, not a province
};

// `statements` are those that stand (corrected and withdrawn ones already taken out), any order.
// Sorted by time, then id. Pledges, coverage and verdicts make no incidents.
std::vector<model::Incident> fuse(std::span<const model::Statement> statements, const Settings& settings);

// Occurrence, attributions, origins, end and reasons of one incident from its members. Exposed so
// that the rules can be tested alone. `members` sorted by id.
void grade(model::Incident& incident, std::span<const model::Statement* const> members);

// "strike" covers "strike.drone" and itself.
bool covers(const std::string& general, const std::string& special);

}  // namespace surety::incident
