#pragma once
// One clause as a norm: its life for every bearer, in every reading. Internal to the room.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "duty/run.h"

namespace surety::duty {

// What clauses learn from the clauses before them.
struct Ledger {
  using Key = std::pair<std::string, std::string>;  // clause, party
  struct Breach {
    std::string bearer, trigger;
    Ticks at = 0;
    Proof proof;
  };
  std::map<Key, std::vector<Held>> active;  // when the clause bound that party to something
  std::map<std::string, std::vector<Breach>> breaches;
  std::map<Key, std::vector<Held>> suspended;  // by a power duly used
  std::map<Key, Ticks> waived, terminated;
  std::map<Key, std::string> by;  // the statement that did it
};

// One reading of a clause: a trigger and a way of performing it.
struct Reading {
  std::string name;                            // empty: the only one
  const plan::Condition* when = nullptr;       // null: the clause has none
  const plan::Condition* performed = nullptr;  // null: as the actions say
};

class Norm {
 public:
  Norm(Run& run, Ledger& ledger, const plan::Clause& clause);
  Status go();

 private:
  struct Trigger {
    Ticks at = 0, shown = 0;
    std::string id;
    const Happening* happening = nullptr;
    Proof proof;
    std::string about;  // what is shown of it in waits and reasons
  };
  struct Performance {  // what the actions ask for, one signal a term
    struct Term {
      const plan::ActionTerm* action = nullptr;  // null: the reading's own condition
      const plan::Condition* condition = nullptr;
      Signal certain, possible;
    };
    std::vector<std::vector<Term>> any_of;  // alternatives, each of terms that are all needed
  };
  using Line = model::DutyVerdict;

  // norm.cc
  Status bind();
  void reserve_line(const std::string& bearer, std::vector<Line>& out);
  void idle_line(const std::string& bearer, const Reading& r, std::vector<Line>& out);
  void merge_readings(std::vector<std::vector<Line>> by_reading, const std::vector<Reading>& readings);
  Line line(const std::string& bearer, model::DutyState state, Ticks at, Instant known, Proof p) const;
  Status run_reading(const Reading& r, std::vector<Line>& out);
  std::vector<Held> standing_force(const Reading& r, const std::string& b, bool certain, Status& status);
  void wait(Waiting w);
  void decision_waits(const Reading& r);
  std::string trigger_wait(const Reading& r);
  Prover prover() const { return run_.prover(); }

  // prohibit.cc
  Status prohibit(const Reading& r, std::vector<Line>& out);
  struct Violation;
  Status collect_violations(const Reading& r, std::vector<Violation>& out);
  model::Truth excused(const Happening& h, const std::string& bearer, Ticks at, Proof& by);
  void judge(const std::string& b, const std::vector<Held>& sure, const std::vector<Held>& may, const std::vector<Violation>& list,
             std::vector<Line>& out);
  void close_prohibition(const std::string& b, const std::vector<Held>& sure, std::size_t breaches, std::size_t possible, Ticks last,
                         std::vector<Line>& out);
  Tally tally_;
  std::set<std::string> seen_, unattributed_;

  // oblige.cc
  Status oblige(const Reading& r, std::vector<Line>& out);
  Result<Performance> performance(const Reading& r);
  void rest_on_breach(Trigger& t, const std::vector<std::string>& bearers) const;
  Result<std::vector<Trigger>> triggers(const Reading& r, const std::string& unit, const std::vector<std::string>& parties);
  void periodic(const Performance& perf, const std::string& unit, const std::vector<std::string>& parties, std::vector<Line>& out);
  void instance(const Trigger& t, const Performance& perf, const std::string& unit, const std::vector<std::string>& parties,
                std::optional<Instant> due, std::vector<Line>& out);
  Status maintain(const Reading& r, std::vector<Line>& out);
  void permit(const Reading& r, std::vector<Line>& out, Status& status);
  Result<std::optional<Instant>> anchored(const plan::AnySpan& span, const plan::Anchor& anchor, const Trigger& t, bool& waits) const;
  std::optional<Watch::Moment> done(const Performance& perf, const std::vector<std::string>& parties, Entry entry, bool certain) const;
  Proof done_proof(const Performance& perf, const std::vector<std::string>& parties, Entry entry, Ticks at) const;
  std::optional<Ticks> first_of(const std::string& event) const;

  // What other clauses may rest on, kept only if every reading says so.
  void record(const std::string& fact, const std::string& bearer, const std::vector<std::string>& parties, const std::string& trigger,
              Ticks at, const Proof& p);
  void publish_records(std::size_t readings);
  struct Record {
    std::vector<std::string> parties;
    Proof proof;
    std::size_t readings = 0;
  };
  std::map<std::tuple<std::string, Ticks, std::string, std::string>, Record> records_;  // fact, at, bearer, trigger

  // powers.cc
  Status use_power(const Reading& r, std::vector<Line>& out);

  struct Unit {
    std::string name;
    std::vector<std::string> parties;
  };
  std::vector<Unit> units() const;

  Run& run_;
  Ledger& ledger_;
  const plan::Clause& clause_;
  std::vector<Held> force_, possible_force_;  // instrument in force and clause bound
  model::Binding binding_ = model::Binding::legal;
  std::string unbound_;  // what it is reserved or conditional until
  Waiting unbound_wait_;
  std::string action_;
  std::vector<std::string> parameters_;
};

// Intersection of two lists of maximal intervals.
std::vector<Held> overlap(const std::vector<Held>& a, const std::vector<Held>& b);
const Held* holding(const std::vector<Held>& list, Ticks t);
std::vector<std::string> clause_ids(const plan::Agreement& a, const std::vector<std::string>& arguments);
std::string words(const plan::Clause& c);  // "support and choose-means"

}  // namespace surety::duty
