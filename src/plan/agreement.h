#pragma once
// One agreement, compiled: what `treaty` writes and `duty`, `fulfil` and the pages read. Plain data,
// no behaviour; owned by whoever holds it; safe to share between threads once made. The words are
// LANGUAGE.md's (LANGUAGE.md §3 the grammar, §7 the semantics); docs/language.md is the manual.
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/calendar.h"
#include "base/decimal.h"
#include "base/instant.h"
#include "model/words.h"
#include "plan/condition.h"

namespace surety::plan {

// What is released goes to all, to the parties, to the guarantors, or stays within the mission. Who
// counts as which is decided where readers have accounts.
inline constexpr std::array<std::string_view, 4> kReleases{"public", "parties", "guarantors", "mission-internal"};

struct Source {
  std::string quote;   // what the text cites: article, page, address
  std::string sha256;  // of the quoted text, when given
};

enum class BodyRule { chair, majority, unanimity };
struct Body {
  std::string name;
  std::vector<std::string> members;  // groups already spread out
  std::string chair;
  BodyRule rule = BodyRule::chair;
  bool accused_not_voting = false;
};

// An event as the agreement declares it. `reported_as` are class prefixes of our taxonomy whose
// incidents count as this event ("strike" covers "strike.drone"); empty: only its own name. That
// mapping is our reading, and shown as such.
struct Event {
  std::string name;
  std::map<std::string, std::string> fields;  // name → type word
  std::vector<std::string> reported_as;
  std::vector<std::string> observed_by;
  TextSpan span;
};

// evidence corroborated means 2 reports of different origin.
struct EvidenceRule {
  enum class Means { different, inspection_by, decision_of, one_report_by, any_statement };
  model::Grade grade = model::Grade::none;
  Means means = Means::any_statement;
  int count = 1;
  std::string of;  // "origin", "sensor", or a body or party
};

struct Zone {
  enum class Kind { within, line, area, minus };
  std::string name;
  Kind kind = Kind::area;
  std::string file;      // line, area: geometry beside the agreement (GeoJSON)
  std::string of, less;  // within D of X; X minus Y
  Quantity distance;
};

// weapon Heavy = Gun of calibre at least 100 mm, …
struct WeaponPart {
  std::string type;
  std::string comparison;  // "", "at least", "at most", "above", "below"
  Quantity calibre;
};
struct Weapon {
  std::string name;
  std::vector<WeaponPart> parts;
};

// A number that we chose, not the text: named, with the reason, and listed by every verdict on it.
struct Parameter {
  std::string name;
  std::variant<std::int64_t, Span, CalendarSpan, Quantity> value;
  std::string reason;
};

struct Finding {
  std::string name;
  std::string decided_by;  // body; empty: the machine derives it
  Condition when;
  TextSpan span;
};

struct Act {  // how performance is observed
  std::string name;
  std::vector<std::string> parameters;
  Condition is;
};

enum class Modal { must, must_not, may, power };
enum class AnchorKind { entry_into_force, the_event, the_finding, the_notice, ceasefire, named };
struct Anchor {
  AnchorKind kind = AnchorKind::entry_into_force;
  std::string name;  // named: an event
};
using AnySpan = std::variant<Span, CalendarSpan>;

struct Time {
  enum class Kind { none, continuously, within, by, every, unspecified };
  Kind kind = Kind::none;
  AnySpan span = Span{};
  Anchor anchor;  // within; continuously from
  Instant by;
  std::optional<std::pair<AnySpan, Anchor>> starting;  // "starting within 2 calendar days after …"
};

struct ActionTerm {
  std::string name;                    // an event, a declared act, a built-in act, or free words
  std::vector<std::string> arguments;  // as written
  bool and_next = true;                // joined to the next term by "and" (else "or")
  bool monitorable = false;            // an event or declared act: performance can be observed
  std::optional<Condition> performed;  // for bearer ?b; certain/possible as any condition
};

struct Reading {
  std::string name;
  bool of_trigger = true;  // "when"; false: "performed"
  Condition is;
};

enum class Withdrawn { cease, void_, continue_, other };
struct BindingLine {
  model::Binding kind = model::Binding::legal;
  std::optional<Condition> once;  // reserved once Concluded …
};

struct Clause {
  std::string id, title;
  Source source;
  std::string kind;                  // "consultation", "non-use", "force", …; rows of compare
  std::vector<std::string> bearers;  // groups spread out
  std::string bearer_words;          // as written: "each of Coalition"
  bool each = false;                 // each of: one instance a bearer; else joint, one instance
  Modal modal = Modal::must;
  std::vector<ActionTerm> actions;
  std::vector<std::string> beneficiaries;
  std::optional<Condition> when, except;
  Time time;
  std::vector<std::string> without_prejudice, notwithstanding;                     // clause ids
  model::Grade occurrence = model::Grade::none, attribution = model::Grade::none;  // on evidence …
  std::vector<std::string> otherwise;
  bool otherwise_unspecified = false;
  Withdrawn withdrawn = Withdrawn::cease;
  std::vector<std::string> withdrawn_then;  // other: the clauses that then apply
  std::optional<BindingLine> binding;       // else the agreement's
  std::vector<std::string> releasable;
  bool survives_termination = false;
  std::vector<Reading> readings;
  std::vector<std::string> notes;
  std::vector<std::string> parameters;  // names of Parameters it uses
  TextSpan span;
};

struct Transition {
  std::vector<std::string> from;
  std::string to;
  Condition when;
  TextSpan span;
};
struct StatusMachine {
  std::string name;
  std::string initial;  // the first state named
  std::vector<Transition> transitions;
};

struct Purpose {  // statements of purpose, and the clauses that serve them (S4)
  std::string name, text;
  Source source;
  std::vector<std::string> served_by;
};
struct Objection {  // objections and threats recorded against clauses (S16)
  std::string by, text;
  std::vector<std::string> against;
  std::string date;  // as the source gives it, YYYY-MM-DD or YYYY-MM
  Source source;
};
struct HistoryEntry {  // drafts, meetings, who moved what (S18)
  std::string date, text;
  Source source;
};

struct InForce {
  std::optional<Instant> from, until;  // until is exclusive: the first instant outside
  std::optional<Condition> when;       // a condition precedent; absent with no from: never stated
};

struct Agreement {
  std::string name, version, title, file;
  std::vector<std::string> parties;
  std::map<std::string, std::vector<std::string>> groups;
  std::vector<Body> bodies;
  Clock clock;
  BindingLine binding;
  std::vector<std::string> releasable, endorsed_by, signed_by;
  std::vector<Source> sources;
  InForce in_force;
  std::vector<EvidenceRule> evidence;
  std::vector<Zone> zones;
  std::vector<Weapon> weapons;
  std::vector<Event> events;
  std::vector<Parameter> parameters;
  std::vector<Finding> findings;
  std::vector<Act> acts;
  std::vector<Clause> clauses;
  std::vector<StatusMachine> machines;
  std::vector<Purpose> purposes;
  std::vector<Objection> objections;
  std::vector<HistoryEntry> history;
  std::vector<std::string> notes;
  std::vector<Pattern> patterns;  // every atom that conditions refer to, by index
  std::string text_sha256;        // of the .treaty file's bytes
  std::string hash;               // of the compiled form: the "program hash" of a verdict

  const Clause* clause(const std::string& id) const;
  const Body* body(const std::string& name) const;
  const Event* event(const std::string& name) const;
  const Finding* finding(const std::string& name) const;
};

// The compiled form as canonical JSON: everything that has meaning, nothing of where it stood in the
// text. `hash` is SHA-256 of it, so a change of comments or layout keeps it.
std::string canonical(const Agreement& a);
std::string to_string(const AnySpan& span);   // "14 calendar days"
std::string to_string(const Anchor& anchor);  // "entry into force"

}  // namespace surety::plan
