#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "incident/incident.h"

namespace surety::incident {
namespace {

using model::Grade;
using model::Statement;

// What a set of statements amounts to, by whose word it is. All statements of one party are one voice.
struct Voices {
  std::set<std::string> parties;      // that speak themselves
  std::set<std::string> independent;  // origins that speak for no party
  bool adjudicated = false;

  void hear(const Statement& s) {
    if (s.kind == model::Kind::decision) adjudicated = true;
    if (s.speaks_for.empty()) {
      independent.insert(s.independent_origin());
    } else {
      parties.insert(s.speaks_for);
    }
  }
  std::size_t count() const { return parties.size() + independent.size(); }
  Grade grade() const {
    if (adjudicated) return Grade::adjudicated;
    if (count() >= 2) return Grade::corroborated;
    return independent.empty() ? Grade::claimed : Grade::reported;
  }
};

std::string list(const std::set<std::string>& names) {
  std::string out;
  for (const auto& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

std::string occurrence_reason(const Voices& v) {
  if (v.adjudicated) return "occurred: a body decided it";
  if (v.count() >= 2)
    return fmt::format("occurred, corroborated: {} origins that do not draw on each other ({}{}{})", v.count(), list(v.independent),
                       !v.independent.empty() && !v.parties.empty() ? ", " : "", list(v.parties));
  if (!v.independent.empty()) return "occurred, reported: one origin, " + list(v.independent);
  return "occurred, claimed: only a party to the conflict says so (" + list(v.parties) + ")";
}

// The accused party's own word counts; the accuser's repetition does not (DOMAIN.md §1.3).
Grade attribution_grade(const std::string& accused, const Voices& v) {
  if (v.adjudicated) return Grade::adjudicated;
  if (v.parties.contains(accused)) return Grade::corroborated;
  return v.grade();
}

std::string field_text(const Statement& s, const std::string& name) {
  const auto it = s.fields.find(name);
  if (it == s.fields.end()) return {};
  const auto* text = std::get_if<std::string>(&it->second);
  return text ? *text : std::string();
}

// Ends of a case other than guilt. A body's negative decision ends it; so do readings of the report
// itself that all members share.
void settle_end(model::Incident& incident, std::span<const Statement* const> members) {
  std::set<std::string> coded;
  for (const Statement* s : members) {
    if (s->kind == model::Kind::decision && field_text(*s, "holds") == "no") {
      incident.end = "refuted";
      incident.reasons.push_back("refuted: " + s->author + " decided that it does not hold");
      return;
    }
    if (s->kind != model::Kind::decision) coded.insert(field_text(*s, "coder"));
  }
  if (coded.size() != 1 || coded.begin()->empty()) return;
  const std::string& how = *coded.begin();
  if (how.starts_with("not an incident")) incident.end = "refuted";
  if (how.starts_with("earlier event")) incident.end = "unverifiable";
  if (how.starts_with("duplicate")) incident.end = "duplicate";
  if (!incident.end.empty()) incident.reasons.push_back(incident.end + ": on reading, the report was coded “" + how + "”");
}

}  // namespace

void grade(model::Incident& incident, std::span<const Statement* const> members) {
  Voices occurrence;
  std::map<std::string, Voices> accused;
  std::map<std::string, std::set<std::string>> bases;
  std::map<std::string, std::vector<std::string>> by;
  std::set<std::string> origins;
  bool only_warnings = true;
  for (const Statement* s : members) only_warnings = only_warnings && s->event == "alert.air";
  for (const Statement* s : members) {
    // A warning is not an impact: it supports an attack's place and time, never that it happened.
    if (s->event != "alert.air" || only_warnings) occurrence.hear(*s);
    origins.insert(s->speaks_for.empty() ? s->independent_origin() : s->speaks_for);
    if (s->actor.empty()) continue;
    accused[s->actor].hear(*s);
    by[s->actor].push_back(s->id);
    if (!s->actor_basis.empty()) bases[s->actor].insert(s->actor_basis);
  }
  incident.occurrence = occurrence.grade();
  incident.origins.assign(origins.begin(), origins.end());
  incident.reasons.push_back(occurrence_reason(occurrence));
  for (const auto& [party, voices] : accused) {
    model::Attribution a;
    a.party = party;
    a.grade = attribution_grade(party, voices);
    a.by = by[party];
    a.basis = list(bases[party]);
    incident.reasons.push_back(fmt::format("attributed to {}, {}: {}", party, model::name(a.grade),
                                           voices.adjudicated               ? "a body decided it"
                                           : voices.parties.contains(party) ? party + " says so itself"
                                           : voices.independent.empty()     ? "on the word of " + list(voices.parties) + ", a party, alone"
                                                                            : "on the word of " + list(voices.independent)));
    incident.attributions.push_back(std::move(a));
  }
  std::stable_sort(incident.attributions.begin(), incident.attributions.end(),
                   [](const auto& a, const auto& b) { return a.grade > b.grade; });
  if (accused.empty()) incident.reasons.push_back("not attributed: no report says who acted");
  if (accused.size() > 1) incident.reasons.push_back("contradictory: the reports name different actors; all are kept");
  settle_end(incident, members);
}

bool covers(const std::string& general, const std::string& special) {
  return special.size() >= general.size() && special.compare(0, general.size(), general) == 0 &&
         (special.size() == general.size() || special[general.size()] == '.');
}

}  // namespace surety::incident
