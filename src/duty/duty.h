#pragma once
// What one agreement makes of what happened: whether it is in force, its ceasefire's state, what each
// bearer owes, what was broken, what is waited for. Start here; docs/duties.md is the manual.
//
//   auto zones = duty::Zones::read(agreement).value();
//   auto out = duty::decide(agreement, incidents, statements, {.known_at = k, .now = t, .zones = &zones});
//   out->standing.in_force;      // holds | undetermined | fails, and `because`
//   out->duties[out->current[0]];
//
// A pure function: the same sets in any order give the same bytes; nothing is kept between calls;
// thread-safe. Near-linear in incidents and statements. Semantics: LANGUAGE.md §7, docs/duties.md.
// Event time and known-at are both used: what is later than `known_at` is not looked at, deadlines
// and windows are read at `now` (event time).
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "duty/zones.h"
#include "model/incident.h"
#include "model/statement.h"
#include "model/verdict.h"
#include "plan/agreement.h"

namespace surety::duty {

struct Options {
  Instant known_at = Instant::max();
  Instant now;  // event time up to which time has passed
  // actual: actual only. exercise: exercise only. hypothetical: actual and hypothetical together, and
  // every line that comes out is marked hypothetical.
  model::Exercise view = model::Exercise::actual;
  std::size_t scanned = 0;       // statements in the log up to known_at; 0: as many as were given
  const Zones* zones = nullptr;  // the agreement's geometry; without it every zone test is undetermined
};

// Whether the instrument itself lives.
struct Standing {
  model::Truth in_force = model::Truth::fails;
  std::optional<Instant> since, until;  // event time; `until` is the first instant outside
  std::string because;                  // one sentence; dormant: what exactly is waited for
  model::Witness witness;
};

// Something that the text waits for, or that only a named body may settle. Never a verdict.
struct Waiting {
  enum class Why {
    condition,      // a condition that would bring instrument, machine or clause to life
    reserved,       // the clause never binds until this is concluded
    decision,       // a body must find it; `qualifying` incidents are prepared for it
    attribution,    // occurred, not attributed: breaches nobody
    notice,         // a deadline runs from a notice that was not given
    unmonitorable,  // the text names no way to observe performance
    invalid,        // a power was used without right, or an anchor or deadline cannot be computed
  };
  Why why = Why::condition;
  std::string instrument;
  std::string subject;  // "agreement", "clause A1", "machine Guarantees"
  std::string text;     // one sentence for a person
  std::string event;    // what is waited for, as the agreement names it
  model::Grade grade = model::Grade::none;
  std::string body;                   // who must observe, decide or conclude it; empty: anyone
  std::size_t qualifying = 0;         // incidents that would qualify, or that lack only attribution
  std::vector<std::string> examples;  // ids of the first few of them
  std::size_t scanned = 0;            // "none recorded among N statements"
};
const char* name(Waiting::Why why);

// How often a pattern happened inside the agreement's window: between `certain` and `possible`.
struct Count {
  std::string instrument;
  std::uint32_t pattern = 0;  // index in the agreement
  std::string text;           // as written
  std::string party;          // "": whoever did it, unattributed ones too
  std::optional<Instant> from, until;
  std::size_t certain = 0, possible = 0;
};

// For each prohibition: what occurred, and how much of that anybody can be held to.
struct Tally {
  std::string instrument, clause;
  std::size_t occurred_certain = 0, occurred_possible = 0;  // whoever did it
  std::size_t attributed = 0;                               // certain, at the required grade, to a bearer
  std::size_t unattributed = 0;                             // certain to have occurred, not attributed at the required grade
  std::size_t excused = 0;                                  // an exception or a prevailing clause covers it
};

// A status machine's state at `now`.
struct Present {
  std::string instrument, machine, state;
  std::optional<Instant> since;  // event time; absent: from the beginning
};

struct Outcome {
  Standing standing;
  std::vector<Present> machines;
  std::vector<model::StateVerdict> states;  // every change, by event time
  std::vector<model::DutyVerdict> duties;   // every change, by event time
  std::vector<std::size_t> current;         // into `duties`: the last of each (clause, bearer, trigger, reading)
  std::vector<Waiting> waiting;
  std::vector<Count> counts;
  std::vector<Tally> tallies;
  std::vector<Error> problems;  // errors as data: deadlines that cannot be computed, …
};

// Fails only on an agreement that no run could evaluate (a condition that is not monitorable).
Result<Outcome> decide(const plan::Agreement& agreement, std::span<const model::Incident> incidents,
                       std::span<const model::Statement> statements, const Options& options);

// Sets `supersedes` where a verdict of `now` takes the place of one in `before` (an earlier known-at)
// about the same machine or the same duty instance, and its content differs.
void link(const Outcome& before, Outcome& now);

std::string to_json(const Waiting& w);
std::string to_json(const Count& c);

}  // namespace surety::duty
