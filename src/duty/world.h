#pragma once
// What happened, as this agreement grades it: incidents and acts of speech under one shape. Internal
// to the room; built once by decide(), read-only afterwards. Event time in `when`.
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "duty/duty.h"

namespace surety::duty {

// An incident, or one act of speech (decision, notice, conclusion, performance, finding) by itself.
struct Happening {
  std::string id;  // of the incident or statement
  std::string event;
  model::Kind kind = model::Kind::observation;  // observation: an incident
  const model::Incident* incident = nullptr;
  const model::Statement* statement = nullptr;  // an act of speech
  TimeRange when;
  Instant known_at;
  model::Grade occurrence = model::Grade::none;  // by the agreement's own evidence rules
  std::vector<model::Attribution> attributions;  // the same, by grade down
  std::vector<const model::Statement*> members;  // those that were given, sorted by id
  bool doubtful = false;                         // unverifiable: possible only
  std::optional<Instant> withdrawn;              // a finding that was taken back, and when
  Instant withdrawn_known;

  bool act() const { return statement != nullptr; }
  const model::Fields& fields() const { return incident ? incident->fields : statement->fields; }
  const std::optional<model::Place>& place() const { return incident ? incident->place : statement->place; }
  std::int64_t stamp() const { return when.to.us; }  // by then it had surely happened
};

class World {
 public:
  World(const plan::Agreement& agreement, std::span<const model::Incident> incidents, std::span<const model::Statement> statements,
        const Options& options);

  const std::vector<Happening>& all() const { return happenings_; }  // by stamp, then id
  const Happening& operator[](std::uint32_t i) const { return happenings_[i]; }
  const std::map<std::string, std::vector<std::uint32_t>>& by_event() const { return by_event_; }
  // An incident or act by its id, or the incident that a statement is a member of.
  const Happening* find(const std::string& id) const;
  std::size_t scanned() const { return scanned_; }
  Instant seen() const { return seen_; }  // the latest known-at of anything considered
  const Options& options() const { return *options_; }

  // A body's decision that it did not happen defeats whatever is less than adjudicated.
  bool refuted(const Happening& h, const std::string& event) const;

 private:
  void add_acts(std::span<const model::Statement> statements);
  void add_incidents(std::span<const model::Incident> incidents);
  void grade_act(Happening& h) const;
  void grade_incident(Happening& h) const;

  const plan::Agreement* agreement_;
  const Options* options_;
  std::vector<model::Statement> resolved_;  // corrections standing as what they correct
  std::unordered_map<std::string, const model::Statement*> statements_;
  std::vector<Happening> happenings_;
  std::map<std::string, std::vector<std::uint32_t>> by_event_;
  std::unordered_map<std::string, std::uint32_t> by_id_;
  std::unordered_set<std::string> denied_;  // "event\nid", from decisions that it does not hold
  std::size_t scanned_ = 0;
  Instant seen_;
};

// The highest grade that these statements reach: a level with rules of its own is reached only by
// them, any other level as `own` says. `observers` are the bodies the text mandates for the event.
model::Grade grade_by_rules(const plan::Agreement& agreement, const std::vector<const model::Statement*>& statements, model::Grade own,
                            const std::vector<std::string>& observers, std::size_t origins);

// The fewest statements that carry the happening to `occurrence`, and `party` to `attribution`.
std::vector<std::string> leaves_for(const plan::Agreement& agreement, const Happening& h, model::Grade occurrence,
                                    const std::string& party);
// Latest known-at among leaves, or the happening's own when they were not given.
Instant known_from(const Happening& h, const std::vector<std::string>& leaves);

std::string text_field(const model::Fields& fields, const std::string& name);
// "strike" covers "strike.drone" and itself.
bool covers(const std::string& general, const std::string& special);

}  // namespace surety::duty
