#include <fmt/format.h>

#include "duty/run.h"

namespace surety::duty {
namespace {

void by_term(Run& run, Standing& s) {
  const auto& term = run.agreement.in_force;
  s.since = term.from;
  s.until = term.until;
  const Ticks from = term.from ? term.from->us : kBeginning;
  const Ticks until = term.until ? term.until->us : plan::kForever;
  run.force = run.possible_force = {{from, until, false}};
  s.witness.rule = "calendar";
  if (run.now < from) {
    s.because = "not yet in force: the term begins " + run.day(from);
  } else if (run.now >= until) {
    s.because = fmt::format("the term ended: in force from {} until {}", run.day(from), run.day(until));
  } else {
    s.in_force = model::Truth::holds;
    s.because = "in force from " + run.day(from) + (term.until ? " until " + run.day(until) : std::string());
  }
  s.witness.text = s.because;
}

Status by_condition(Run& run, Standing& s) {
  const plan::Condition& c = *run.agreement.in_force.when;
  SURETY_TRY(const auto certain, run.signal(c.certain, "in force when"));
  SURETY_TRY(const auto possible, run.signal(c.possible, "in force when, possibly"));
  run.force = certain.intervals("", {kBeginning});
  run.possible_force = possible.intervals("", {kBeginning});
  const bool held = !run.force.empty();
  if (held && run.force.back().to > run.now) {
    const Held& h = run.force.back();
    s.in_force = model::Truth::holds;
    s.since = Instant{moment(h)};
    auto proof = run.prover().prove(c.certain, h.from, {});
    if (proof) s.witness = std::move(proof->witness);
    s.because = fmt::format("in force since {}: {}", run.day(moment(h)), c.text);
    return {};
  }
  Waiting w = waiting_for(run, "agreement", c, Waiting::Why::condition);
  s.in_force = !run.possible_force.empty() && run.possible_force.back().to > run.now ? model::Truth::undetermined : model::Truth::fails;
  s.because = (held ? "no longer in force: " : s.in_force == model::Truth::undetermined ? "undetermined: " : "dormant: ") + w.text;
  s.witness = {"absent", w.text, {}, run.world.scanned(), {}};
  if (held) {
    s.since = Instant{moment(run.force.back())};
    s.until = Instant{run.force.back().to};
  }
  run.outcome.waiting.push_back(std::move(w));
  return {};
}

}  // namespace

Status stand(Run& run) {
  Standing& s = run.outcome.standing;
  const auto& f = run.agreement.in_force;
  if (f.when) {
    SURETY_TRY_STATUS(by_condition(run, s));
  } else {
    by_term(run, s);
    if (!f.from && !f.until) s.because = "the text states no entry into force; it is read as in force";
  }
  run.make_term_facts();
  return {};
}

}  // namespace surety::duty
