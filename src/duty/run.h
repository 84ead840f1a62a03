#pragma once
// One evaluation of one agreement: its facts, its conditions as signals, what has been derived so far.
// Internal to the room; lives inside decide(). The parts are applied in this order: standing (is the
// instrument in force), then machines and clauses in the order in which they depend on one another,
// then what is waited for.
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "duty/match.h"
#include "duty/prove.h"
#include "duty/watch.h"

namespace surety::duty {

// A condition over time, in the stretches between withdrawals of findings: what rested on a withdrawn
// finding no longer holds from then on (LANGUAGE.md §7.4).
class Signal {
 public:
  std::optional<Watch::Moment> next(const std::string& b, Entry entry, Ticks t) const;
  bool at(const std::string& b, Entry entry, Ticks t) const;
  std::vector<Held> intervals(const std::string& b, Entry entry) const;  // up to kForever
  void add(Ticks from, Watch w) { epochs_.emplace_back(from, std::move(w)); }

 private:
  Ticks end(const std::string& b, Entry entry, Ticks t) const;
  std::vector<std::pair<Ticks, Watch>> epochs_;  // each until the next one's begin
};

struct Run {
  Run(const plan::Agreement& a, const World& w, const Options& o);

  const plan::Agreement& agreement;
  const World& world;
  const Options& options;
  Ticks now = 0;
  Window window;                            // stated in the text; open otherwise
  std::vector<std::vector<Match>> matches;  // by pattern
  FactBase facts;                           // all of them
  std::vector<Held> force, possible_force;  // when the instrument is in force
  Outcome outcome;

  Result<Signal> signal(const plan::Formula& f, const std::string& name, const std::vector<std::string>& bearers = {});
  Prover prover() const { return Prover(world, agreement, facts); }
  // A norm fact: breached, fulfilled, suspended, resumed (clause, party) or state (machine, state).
  void note(const std::string& predicate, const std::string& a, const std::string& b, Ticks at);
  void publish_notes();  // makes them visible to what is evaluated next

  std::vector<std::string> parameters(const plan::Condition& c) const;  // "name = value"
  std::string zone() const { return agreement.clock.zone; }
  std::string day(Ticks t) const { return local_text(Instant{t}, zone()) + " " + zone(); }
  // When a verdict that rests on `p` and was brought about at `t` was known.
  Instant known(const Proof& p, bool by_deadline, Ticks t) const;
  void make_term_facts();  // entry into force, end of the term: once standing is known
  // Of an absence: when the latest thing considered was known, or the instant that made it final.
  Instant known_absence(Ticks t) const { return std::max(world.seen(), Instant{t}); }

 private:
  void make_facts();
  FactBase without_withdrawn(Ticks at) const;

  std::vector<Ticks> withdrawals_;      // instants, in order
  std::set<std::string> withdrawable_;  // predicates with a withdrawn fact
  std::map<std::string, std::vector<Fact>> notes_;
  std::set<std::string> names_;  // owns the text of note facts
};

// standing.cc
Status stand(Run& run);
// machine.cc
Status run_machine(Run& run, const plan::StatusMachine& machine);
// order.cc: machines (as "m:NAME") and clauses (as "c:ID"), each after what it reads.
std::vector<std::string> evaluation_order(const plan::Agreement& a);
// words.cc
std::string ask_for(const Run& run, const plan::Pattern& p);  // "Ceasefire, at least verified, observed by Mechanism"
Waiting waiting_for(Run& run, const std::string& subject, const plan::Condition& c, Waiting::Why why);
std::string joined(const std::vector<std::string>& list);  // "a, b, c"
std::string after_waits_for(const std::string& text);      // what follows "waits for "
void finish(model::StateVerdict& v);                       // sets the id from the content
void finish(model::DutyVerdict& v);

}  // namespace surety::duty
