#pragma once
// What the parser understood of a text, before any name is looked up. Everything carries the place it
// came from. A part that was missing or unreadable is an empty word or a `missing` condition, and a
// diagnostic has said so: the checker passes over it in silence.
#include <optional>
#include <string>
#include <vector>

#include "plan/agreement.h"

namespace surety::treaty::ast {

using At = plan::TextSpan;

struct Word {
  std::string text;  // of a string: its value
  At at;
  bool empty() const { return text.empty(); }
};
using Words = std::vector<Word>;

// A number with what it measures ("14 calendar days", "15 km", "3"), or a name standing for one.
struct Measure {
  At at;
  std::string number, unit;  // unit: "hours", "calendar days", "months", "km", "EUR", "" …
  std::string name;          // a parameter, or a parameter of an act; then no number
  bool none() const { return number.empty() && name.empty(); }
};

struct Anchor {
  plan::AnchorKind kind = plan::AnchorKind::entry_into_force;
  Word name;
  At at;
};

// within S [after A], since A
struct Window {
  At at;
  bool since = false;
  Measure span;
  std::optional<Anchor> anchor;
};

struct Grade {
  At at;
  Word occurrence, attribution;  // attribution empty: not asked for
};

struct Test {
  At at;
  Word field;     // empty when `distance` is set
  Word distance;  // zone
  plan::Test::Op op = plan::Test::Op::is;
  Measure value;  // comparisons
  Word word;      // is, is not, in, outside
};

struct Pattern {
  enum class Who { none, one, each, same_party, anyone };
  At at;
  At referred;  // of a finding spelled out: where the text speaks of it; else unset
  Word name;
  Who who = Who::none;
  Words parties;
  std::vector<Test> tests;
  std::optional<Grade> grade;
};

struct Cond {
  enum class Kind { missing, either, both, negated, quiet, count, sum, state, clauses, expiry, test, pattern };
  Kind kind = Kind::missing;
  At at;
  bool parenthesised = false;
  std::vector<Cond> parts;                               // either, both, negated
  Pattern pattern;                                       // quiet, count, sum, pattern; test holds its one test here
  Measure number;                                        // count: n; sum: the quantity compared with
  plan::Test::Op comparison = plan::Test::Op::at_least;  // sum
  Measure span;                                          // quiet
  std::optional<Window> window;
  Words refs;           // clauses
  Word subject, state;  // state: machine and state; clauses: state; sum: field
};

struct Argument {
  At at;
  std::string text;  // as written
  Word word;         // a bare name, when it is one
  Measure measure;   // a quantity, when it is one
  Words refs;        // clauses, when it is those
};
struct Action {
  Word name;
  std::vector<Argument> arguments;
  bool and_next = true;
};

// One line of a clause or of the header; which members are set depends on the kind.
struct Line {
  enum class Kind {
    error,
    // of the header
    title,
    parties,
    group,
    body,
    clock,
    in_force,
    signed_by,
    endorsed_by,
    // of both
    source,
    binding,
    releasable,
    note,
    // of a clause
    norm,
    benefit,
    when,
    continuously,
    within,
    by,
    every,
    unspecified,
    starting,
    except,
    without_prejudice,
    notwithstanding,
    evidence,
    otherwise,
    withdrawn,
    survives,
    reading,
    kind,
  };
  Kind kind = Kind::error;
  At at;
  Word word, second, third;  // see parse_*.cc: each production says what goes where
  Words names;
  bool each = false;
  Words refs;
  std::vector<Action> actions;
  std::optional<Cond> cond;
  std::optional<Window> window;
  std::optional<Anchor> anchor;
  Measure span;
  std::optional<Grade> grade;
};

struct Field {
  Word name, type;
};
struct EvidenceRule {
  At at;
  plan::EvidenceRule::Means means = plan::EvidenceRule::Means::any_statement;
  Word count, of;
};
struct WeaponPart {
  Word type;
  std::optional<plan::Test::Op> comparison;
  Measure calibre;
};

struct Declaration {
  enum class Kind { evidence, zone, weapon, event, act, finding, parameter, purpose, objection, history };
  Kind kind = Kind::event;
  At at;
  Word name;  // objection: who; history: the date; evidence: the level
  std::vector<EvidenceRule> rules;
  plan::Zone::Kind zone_kind = plan::Zone::Kind::area;
  Word first, second;  // zone: of/less, or the file; purpose, objection, history: text, source
  Measure measure;     // zone: the distance; parameter: its value
  std::vector<WeaponPart> parts;
  std::vector<Field> fields;
  Words reported_as, names;  // event: observed by; act: parameters; objection: on (one word)
  Words refs;                // purpose: served by; objection: against
  std::optional<Cond> cond;  // act, finding
};

struct Clause {
  At at, head;
  Word id, title;
  std::vector<Line> lines;
};

struct Transition {
  At at;
  Words from;
  Word to;
  Cond when;
};
struct Status {
  At at;
  Word name;
  std::vector<Transition> transitions;
};

struct Document {
  Word name, version;
  std::vector<Line> header;
  std::vector<Declaration> declarations;
  std::vector<Clause> clauses;
  std::vector<Status> machines;
};

}  // namespace surety::treaty::ast
