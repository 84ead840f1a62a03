#pragma once
// The account of what was promised and what was done: pledges and performances against the clauses
// that promise. Start here; docs/duties.md, "Fulfilment", is the manual.
//
//   auto a = fulfil::account(agreement, statements, {.known_at = k});
//   for (auto& c : a.clauses) c.state;     // "nothing recorded", "vague", "open", "partly done", "done"
//
// Amounts are intervals and are added exactly, per unit; unlike units are never added, parties are
// never ranked, a missing figure stays missing. Promise, allocation, shipment, receipt, deployment
// are separate stages (DOMAIN.md §6.11): a later stage never replaces an earlier one silently.
// A pure function of the set of statements; any order gives the same result; linear but for sorting.
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/statement.h"
#include "plan/agreement.h"

namespace surety::fulfil {

struct Options {
  Instant known_at = Instant::max();
  model::Exercise view = model::Exercise::actual;  // as in duty: hypothetical shows both, marked
};

// One pledge or performance as it stands after corrections and withdrawals.
struct Entry {
  std::string id;  // statement id
  model::Kind kind = model::Kind::pledge;
  std::string clause;  // empty: under the instrument, no clause named
  std::string party;   // who promised or did it
  std::string author;  // whose word it is
  std::string item, stage;
  model::Amount amount;       // none stated: no bounds, no words
  bool withheld = false;      // the amount is known to the author and not to this reader
  std::string by, condition;  // as the source words it
  Instant when, known_at;
  model::Exercise exercise = model::Exercise::actual;
  std::string pledge;               // performance: the pledge it is about, if it says so
  std::vector<std::string> amends;  // earlier statements that this one replaced, oldest first
  std::string source, text;
};

// Per clause, party, item and unit. `promised` by stage (proposed … allocated), `done` by stage
// (shipped … withdrawn): sums of bounds; stages are not added together.
struct Balance {
  std::string party, item, unit;
  std::map<std::string, model::Amount> promised, done;
  // Both from the figures alone. confirmed: received by somebody other than the giver, or deployed and
  // acknowledged; at_most: the largest that anybody claims. open: firmest promise less what was done,
  // absent when either has no figure.
  model::Amount confirmed, at_most;
  std::optional<model::Amount> open;
  bool vague = false;                // some promise has words and no figure, or bounds that differ
  std::vector<std::string> words;    // vague as stated: the sources' own words
  std::vector<std::string> entries;  // ids
};

struct ClauseAccount {
  std::string clause, title, kind;
  model::Binding binding = model::Binding::legal;
  std::vector<std::string> bearers;  // of the clause
  std::vector<std::string> silent;   // bearers for whom nothing is recorded
  std::string state;                 // nothing recorded | vague | open | partly done | done
  std::vector<Balance> balances;     // sorted by party, item, unit
};

// A contribution to the force, party by party and unit by unit.
struct Force {
  std::string clause, party, item, unit;
  model::Amount pledged, ready, deployed, withdrawn;
  std::string words;  // vague as stated
  std::vector<std::string> entries;
};

struct Hub {
  std::string clause, name, party;
  std::string stage;                           // the last one recorded
  std::optional<model::Amount> capacity;       // only if stated
  std::map<std::string, model::Amount> stock;  // unit → in less out, where both have figures
  std::vector<std::string> entries;
};

struct Account {
  std::string instrument;
  std::vector<ClauseAccount> clauses;  // in the text's order
  std::vector<Force> forces;
  std::vector<Hub> hubs;
  std::vector<Entry> entries;   // by time, then id
  std::vector<Error> problems;  // statements that could not be placed, with the reason
};

Account account(const plan::Agreement& agreement, std::span<const model::Statement> statements, const Options& options);

std::string to_json(const ClauseAccount& c, const std::string& instrument);
std::string to_json(const Force& f, const std::string& instrument);
std::string to_json(const Hub& h, const std::string& instrument);
std::string to_json(const Entry& e, const std::string& instrument);

}  // namespace surety::fulfil
