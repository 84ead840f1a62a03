#pragma once
// Conditions of an agreement, compiled. Every atom about the world is a Pattern: a three-valued
// relation that `duty` computes from incidents before logic runs (zone tests, calibres, grades,
// unknown and withheld fields are all settled there). A Condition is then two ordinary metric
// first-order formulas over those relations: one for what certainly holds, one for what possibly
// does. Negation swaps them, so doubt can only widen the gap between the two.
//
// For pattern k there are two predicates, both with arguments (incident id: string, party: string):
//   "p<k>!"  certain: the incident surely matches and this party surely did it
//   "p<k>?"  possible: it may match; an unattributed incident may be by any party of the agreement
// Party is "" where the pattern does not ask who. Facts are stamped with the incident's event time
// (`when.to`: by then it had surely happened) in microseconds.
// Norm facts fed back by duty: "breached"(clause id, party), "fulfilled"(clause id, party),
// "state"(machine, state) at the instant of change, the first state included; "suspended"(clause id,
// party), "resumed"(…); "entry"() at entry into force, "expiry"() at the end of its term (`until`).
//
// What treaty makes of a condition (docs/language.md, "What a condition means"):
// - A finding that no body decides is spelled out: its events become patterns of their own, with
//   `counts_as` naming it. Only findings that a body decides are patterns under their own name.
// - An act's performance, and a pattern that stands for an undeclared or built-in act, is a pattern
//   named by the act: statements of kind performance, decision, notice or conclusion with that
//   `event` are its facts (decide: any decision on the finding that its test names).
// - A pattern for a sum has `sum_field`, and its predicates a third argument, a float: the least
//   amount in "!", the greatest in "?", in `sum_unit`.
// - Windows on calendars are calendar bounds; stamps are microseconds, so TickScale is 1'000'000.
// - `performed` of a must is standing over what happened since the duty was triggered (or in force);
//   of a must-not it is pointwise: each row is one act that is forbidden.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "model/words.h"
#include "plan/formula.h"

namespace surety::plan {

// Where in the text something stands: byte offsets, and 1-based line for people.
struct TextSpan {
  std::uint32_t begin = 0, end = 0, line = 0;
};

struct Test {
  enum class Op { is, is_not, in, outside, at_least, at_most, above, below };
  std::string field;        // "weapon", "rounds", "place", …; "distance to Line" has distance_to set
  std::string distance_to;  // zone name
  Op op = Op::is;
  std::string word;  // id on the right: zone, weapon class, text value
  std::optional<Quantity> quantity;
};

struct Pattern {
  enum class Who { anyone, bearer, same_party, named };
  std::uint32_t index = 0;
  std::string name;      // event, finding or weapon-event name as written
  bool decided = false;  // a finding that only its body's decision makes true
  std::string decided_by;
  std::vector<Test> tests;  // all must hold
  Who who = Who::anyone;
  std::vector<std::string> parties;  // named, groups spread out
  bool each_party = false;           // "each of": must hold for every one of `parties`
  model::Grade occurrence = model::Grade::none, attribution = model::Grade::none;
  std::string counts_as;            // the finding through which the text speaks of it, if any
  std::string sum_field, sum_unit;  // set when amounts are added up
  std::string text;                 // as written, for explanations
  TextSpan span;                    // its first use
};

// A compiled condition. Free variables, if any: b (the bearer, a party), p (the same party),
// i (the incident that makes it true, when the condition is one single atom).
struct Condition {
  Formula certain, possible;
  std::vector<std::string> free;        // names in the order of the verdict's columns
  std::vector<std::uint32_t> patterns;  // that it rests on
  std::vector<std::string> parameters;  // our own numbers that it rests on
  std::string text;                     // as written in the agreement
};

// The formula with a term in place of a free variable: duty puts the bearer in for b, so that what
// it asks the monitor is closed. Grouping by the variable is dropped with it. Bound occurrences stay.
Formula substitute(const Formula& f, const std::string& variable, const Term& by);

}  // namespace surety::plan
