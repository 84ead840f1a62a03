#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "duty/run.h"

namespace surety::duty {
namespace {

constexpr const char* kEnded = "ended";

struct Edge {
  const plan::Transition* transition;
  bool ends = false;  // reads the end of the term
  Signal certain, possible;
  std::vector<Ticks> certain_facts, possible_facts;  // instants of what the condition asks to happen
};

// The predicates under an even number of negations: what has to happen, as against what must not.
void asked(const plan::Formula& f, bool positive, std::set<std::string>& out) {
  if (f->op == plan::Op::predicate && positive) out.insert(f->name);
  for (const auto& s : f->sub) asked(s, f->op == plan::Op::negation ? !positive : positive, out);
}

std::vector<Ticks> fact_times(const plan::Formula& f, const FactBase& facts) {
  std::set<std::string> names;
  asked(f, true, names);
  std::vector<Ticks> out;
  for (const auto& n : names)
    for (const auto& fact : facts.of(n)) out.push_back(fact.at);
  std::sort(out.begin(), out.end());
  return out;
}

struct Move {
  const Edge* edge = nullptr;
  Watch::Moment at;
};

class Machine {
 public:
  Machine(Run& run, const plan::StatusMachine& machine) : run_(run), machine_(machine) {}

  Status build() {
    for (const auto& t : machine_.transitions) {
      const auto reads = predicates(t.when.certain);
      Edge e{&t, std::find(reads.begin(), reads.end(), "expiry") != reads.end(), {}, {}, {}, {}};
      const std::string name = fmt::format("status {}, to {}", machine_.name, t.to);
      SURETY_TRY(e.certain, run_.signal(t.when.certain, name));
      SURETY_TRY(e.possible, run_.signal(t.when.possible, name));
      e.certain_facts = fact_times(t.when.certain, run_.facts);
      e.possible_facts = fact_times(t.when.possible, run_.facts);
      edges_.push_back(std::move(e));
    }
    return {};
  }

  void go() {
    const bool term = run_.window.from > Instant::min();
    entry_ = {term ? run_.window.from.us : kBeginning, false};
    state_ = machine_.initial;
    limit_ = std::min(run_.now, run_.window.until.us);
    if (entry_.at > run_.now) return present();
    if (term) emit("", state_, entry_.at, entry_.at, begin());
    run_.note("state", machine_.name, state_, entry_.at);
    visited_ = {state_};
    while (step()) {
    }
    possible_from_here(limit_ + 1);
    end_with_the_term();
    present();
  }

 private:
  bool leaves_here(const Edge& e) const {
    const auto& from = e.transition->from;
    return std::find(from.begin(), from.end(), state_) != from.end();
  }

  // When this transition would fire. A condition that already held when the state was entered fires
  // only with something new: else "2 Fire within 24 hours" would throw a calmed truce back at once.
  std::optional<Watch::Moment> fires(const Edge& e, bool certain) const {
    const Signal& s = certain ? e.certain : e.possible;
    const auto& facts = certain ? e.certain_facts : e.possible_facts;
    auto m = s.next("", entry_, entry_.at);
    if (m && entry_.used && m->at == entry_.at && !facts.empty()) {
      const auto new_fact = std::lower_bound(facts.begin(), facts.end(), entry_.at);
      const bool visited = std::find(visited_.begin(), visited_.end(), e.transition->to) != visited_.end();
      if (new_fact == facts.end()) return std::nullopt;
      if (*new_fact > entry_.at || visited) {
        const auto later = std::upper_bound(facts.begin(), facts.end(), entry_.at);
        if (later == facts.end()) return std::nullopt;
        m = s.next("", entry_, *later);
      }
    }
    if (!m || m->at > limit_) return std::nullopt;
    if (m->at == run_.window.until.us && !e.ends) return std::nullopt;  // the first instant outside: only its coming counts
    return m;
  }

  // The first transition out of this state that certainly fires; of several at one instant, the first
  // in the text.
  Move first() const {
    Move best;
    for (const auto& e : edges_) {
      if (!leaves_here(e)) continue;
      const auto m = fires(e, true);
      if (m && (!best.edge || m->at < best.at.at)) best = {&e, *m};
    }
    return best;
  }

  bool step() {
    Move move = first();
    // A finding that brought the machine here and was withdrawn ends its effect from then on.
    if (back_ && (!move.edge || back_->at <= move.at.at) && back_->at <= limit_) {
      possible_from_here(back_->at);
      return go_back();
    }
    if (!move.edge) return false;
    possible_from_here(move.at.at);
    const plan::Transition& t = *move.edge->transition;
    auto proof = run_.prover().prove(t.when.certain, move.at.at, {}, entry_.since());
    if (!proof) proof = join("condition", t.when.text, {});
    const std::string from = state_;
    enter(t.to, move.at.at);
    model::StateVerdict& v = emit(from, state_, move.at.at, move.at.shown, std::move(*proof));
    v.parameters = run_.parameters(t.when);
    v.witness.text = fmt::format("{} to {} at {}: {}", from, state_, run_.day(move.at.shown), t.when.text);
    finish(v);
    return true;
  }

  bool go_back() {
    const Back b = *back_;
    Proof p;
    p.witness = {"finding-withdrawn", fmt::format("the finding it rested on was withdrawn at {}", run_.day(b.at)), {b.statement}, 0, {}};
    p.known = b.known;
    const std::string from = state_;
    enter(b.to, b.at);
    emit(from, state_, b.at, b.at, std::move(p));
    return true;
  }

  void enter(const std::string& state, Ticks at) {
    if (at != entry_.at) visited_.clear();
    visited_.push_back(state);
    state_ = state;
    entry_ = {at, true};
    back_.reset();
    run_.note("state", machine_.name, state_, at);
  }

  model::StateVerdict& emit(const std::string& from, const std::string& to, Ticks at, Ticks shown, Proof p, bool certain = true) {
    model::StateVerdict v;
    v.instrument = run_.agreement.name;
    v.machine = machine_.name;
    v.from = from;
    v.to = to;
    v.event_time = Instant{shown};
    v.known_at = run_.known(p, at != shown, shown);
    v.grade = p.uses.empty() ? model::Grade::none : p.occurrence;
    v.exercise = run_.options.view;
    v.certain = certain;
    if (certain)
      for (const Happening* h : p.uses)
        if (h->withdrawn && h->withdrawn->us > at && (!back_ || h->withdrawn->us < back_->at))
          back_ = Back{h->withdrawn->us, h->withdrawn_known, from, h->id};
    v.witness = std::move(p.witness);
    finish(v);
    run_.outcome.states.push_back(std::move(v));
    return run_.outcome.states.back();
  }

  Proof begin() const {
    Proof p;
    p.witness = {"calendar", "the term begins at " + run_.day(entry_.at), {}, 0, {}};
    return p;
  }

  // What may have happened in this state but did not surely: shown, never counted. One line a target.
  void possible_from_here(Ticks until) {
    for (const auto& e : edges_) {
      const auto& t = *e.transition;
      if (!leaves_here(e) || e.ends) continue;
      const auto m = fires(e, false);
      if (!m || m->at >= until) continue;
      if (const auto c = fires(e, true); c && c->at <= m->at) continue;
      auto proof = run_.prover().prove(t.when.possible, m->at, {}, entry_.since());
      if (!proof) proof = join("condition", t.when.text, {});
      model::StateVerdict& v = emit(state_, t.to, m->at, m->shown, std::move(*proof), false);
      v.parameters = run_.parameters(t.when);
      v.witness.text = fmt::format("possibly {} to {} at {}: {}", state_, t.to, run_.day(m->shown), t.when.text);
      finish(v);
    }
  }

  void end_with_the_term() {
    const Ticks until = run_.window.until.us;
    if (run_.window.until == Instant::max() || run_.now < until || entry_.at == until || state_ == kEnded) return;
    Proof p;
    p.witness = {"calendar", "the term ended at " + run_.day(until), {}, 0, {}};
    const std::string from = state_;
    enter(kEnded, until);
    emit(from, kEnded, until, until, std::move(p));
  }

  void present() {
    Present p{run_.agreement.name, machine_.name, state_, std::nullopt};
    if (entry_.at > kBeginning && entry_.at <= run_.now) p.since = Instant{entry_.at};
    run_.outcome.machines.push_back(std::move(p));
  }

  struct Back {
    Ticks at;
    Instant known;
    std::string to, statement;
  };

  Run& run_;
  const plan::StatusMachine& machine_;
  std::vector<Edge> edges_;
  std::string state_;
  Entry entry_;
  Ticks limit_ = 0;
  std::vector<std::string> visited_;  // states entered at this very instant
  std::optional<Back> back_;
};

}  // namespace

Status run_machine(Run& run, const plan::StatusMachine& machine) {
  Machine m(run, machine);
  SURETY_TRY_STATUS(m.build());
  m.go();
  run.publish_notes();
  return {};
}

}  // namespace surety::duty
