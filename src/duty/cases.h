#pragma once
// For tests: statements and incidents written in a line, agreements as text, outcomes as text.
#include <algorithm>
#include <string>
#include <vector>

#include "duty/duty.h"
#include "treaty/treaty.h"

namespace surety::duty {

inline Instant at(const std::string& text) { return parse_instant(text).value(); }

// Sealed by its canonical bytes, known when it happened unless said otherwise.
inline model::Statement say(model::Kind kind, const std::string& author, const std::string& event, const std::string& when,
                            const std::string& actor = {}) {
  model::Statement s;
  s.kind = kind;
  s.author = author;
  s.event = event;
  s.when = {at(when), at(when), false, false};
  s.known_at = s.when.to;
  s.actor = actor;
  s.source = "test";
  model::seal(s);
  return s;
}

// An incident of one observation, as the incident room makes it.
inline model::Incident incident_of(const model::Statement& s, model::Grade occurrence, model::Grade attribution = model::Grade::none) {
  model::Incident i;
  i.event = s.event;
  i.exercise = s.exercise;
  i.when = s.when;
  i.first_known = i.known_at = s.known_at;
  i.place = s.place;
  i.occurrence = occurrence;
  i.members = {s.id};
  i.origins = {s.independent_origin()};
  i.fields = s.fields;
  i.id = "i-" + s.id.substr(2);
  if (!s.actor.empty()) i.attributions.push_back({s.actor, attribution, {s.id}, s.actor_basis});
  return i;
}

inline plan::Agreement agreement(const std::string& text) {
  auto c = treaty::compile_text(text, "test.treaty");
  for (const auto& d : c.diagnostics)
    if (d.severity == treaty::Severity::error) fputs(treaty::to_text(d, c.tree.text, c.file).c_str(), stderr);
  return c.agreement.value();
}

// Every line of an outcome, as canonical JSON: what must not depend on the order of inputs.
inline std::string all_bytes(const Outcome& o) {
  std::string out = o.standing.because + "\n";
  for (const auto& v : o.states) out += model::to_json(v, true) + "\n";
  for (const auto& v : o.duties) out += model::to_json(v, true) + "\n";
  for (const auto i : o.current) out += std::to_string(i) + " ";
  for (const auto& w : o.waiting) out += to_json(w) + "\n";
  for (const auto& c : o.counts) out += to_json(c) + "\n";
  return out;
}

}  // namespace surety::duty
