// What the instruments make of the world: /status, /states, /duties, /fulfilment, /explain.
#include <algorithm>
#include <set>

#include "serve/json_parts.h"

namespace surety::serve {
namespace {

bool wanted(const engine::Instrument& i, const Frame& frame) { return frame.only.empty() || i.agreement->name == frame.only; }

void write_problem(JsonOut& j, const Error& e) {
  j.object().member("code", e.code).member("message", e.message);
  maybe(j, "found", e.found_text);
  maybe(j, "expected", e.expected_text);
  maybe(j, "help", e.help_text);
  j.end();
}

// The state each machine is in at `now`: its last certain verdict, else the state it begins in.
void write_machines(JsonOut& j, const engine::Instrument& i) {
  j.key("machines").array();
  for (const auto& m : i.agreement->machines) {
    const model::StateVerdict* last = nullptr;
    for (const auto& v : i.outcome.states) {
      if (v.machine == m.name && v.certain) last = &v;
    }
    j.object().member("machine", m.name).member("state", last ? last->to : m.initial);
    instant(j, "since", last ? std::optional(last->event_time) : std::nullopt);
    maybe(j, "verdict", last ? last->id : "");
    j.end();
  }
  j.end();
}

void write_tallies(JsonOut& j, const duty::Outcome& outcome) {
  j.key("tallies").array();
  for (const auto& t : outcome.tallies) {
    j.object().member("clause", t.clause).member("occurred_certain", t.occurred_certain);
    j.member("occurred_possible", t.occurred_possible).member("attributed", t.attributed);
    j.member("unattributed", t.unattributed).member("excused", t.excused).end();
  }
  j.end();
}

std::string status_of(const engine::Instrument& i) {
  const duty::Outcome& o = i.outcome;
  JsonOut j;
  j.object().member("kind", "status").member("instrument", i.agreement->name);
  j.key("in_force").string(model::name(o.standing.in_force));
  instant(j, "since", o.standing.since);
  instant(j, "until", o.standing.until);
  j.member("because", o.standing.because);
  write_machines(j, i);
  j.key("waiting").array();
  for (const auto& w : o.waiting) j.raw(duty::to_json(w));
  j.end().key("counts").array();
  for (const auto& c : o.counts) j.raw(duty::to_json(c));
  j.end();
  write_tallies(j, o);
  j.key("problems").array();
  for (const auto& p : o.problems) write_problem(j, p);
  for (const auto& p : i.account.problems) write_problem(j, p);
  return j.end().end().take();
}

bool matches(const model::DutyVerdict& v, const Frame& f) {
  return (f.state.empty() || model::name(v.state) == f.state) && (f.bearer.empty() || v.bearer == f.bearer) &&
         (f.clause.empty() || v.clause == f.clause);
}

// Leaves of a proof, each once, in the order in which a reader meets them.
void gather(const model::Witness& w, std::vector<std::string>& out, std::set<std::string>& seen) {
  for (const auto& leaf : w.leaves) {
    if (seen.insert(leaf).second) out.push_back(leaf);
  }
  for (const auto& child : w.children) gather(child, out, seen);
}

constexpr std::size_t kMostLeaves = 200;

}  // namespace

std::string status(const engine::World& world, const Frame& frame) {
  std::vector<const engine::Instrument*> list;
  for (const auto& i : world.instruments) {
    if (wanted(i, frame)) list.push_back(&i);
  }
  JsonOut j;
  open(j, "statuses", world, frame);
  return page(std::move(j), frame, list.size(), [&](std::size_t n) { return status_of(*list[n]); });
}

std::string states(const engine::World& world, const Frame& frame) {
  std::vector<const model::StateVerdict*> list;
  for (const auto& i : world.instruments) {
    if (!wanted(i, frame)) continue;
    for (const auto& v : i.outcome.states) list.push_back(&v);
  }
  JsonOut j;
  open(j, "states", world, frame);
  return page(std::move(j), frame, list.size(), [&](std::size_t n) { return model::to_json(*list[n]); });
}

std::string duties(const engine::World& world, const Frame& frame) {
  std::vector<const model::DutyVerdict*> list;
  for (const auto& i : world.instruments) {
    if (!wanted(i, frame)) continue;
    const auto add = [&](const model::DutyVerdict& v) {
      if (matches(v, frame)) list.push_back(&v);
    };
    if (frame.all) {
      for (const auto& v : i.outcome.duties) add(v);
    } else {
      for (const std::size_t n : i.outcome.current) add(i.outcome.duties[n]);
    }
  }
  JsonOut j;
  open(j, "duties", world, frame);
  return page(std::move(j), frame, list.size(), [&](std::size_t n) { return model::to_json(*list[n]); });
}

std::string fulfilment(const engine::World& world, const Frame& frame) {
  std::vector<std::string> items;
  for (const auto& i : world.instruments) {
    if (!wanted(i, frame)) continue;
    const std::string& name = i.agreement->name;
    for (const auto& c : i.account.clauses) items.push_back(fulfil::to_json(c, name));
    for (const auto& f : i.account.forces) items.push_back(fulfil::to_json(f, name));
    for (const auto& h : i.account.hubs) items.push_back(fulfil::to_json(h, name));
    for (const auto& e : i.account.entries) items.push_back(fulfil::to_json(e, name));
  }
  JsonOut j;
  open(j, "fulfilment", world, frame);
  return page(std::move(j), frame, items.size(), [&](std::size_t n) { return items[n]; });
}

Result<std::string> explain(const engine::World& world, const std::string& id) {
  SURETY_TRY(const engine::FoundVerdict found, engine::find_verdict(world, id));
  const plan::Agreement& a = *found.instrument->agreement;
  const model::Witness& witness = found.state ? found.state->witness : found.duty->witness;
  JsonOut j;
  j.object().member("kind", "explanation").key("verdict");
  j.raw(found.state ? model::to_json(*found.state, true) : model::to_json(*found.duty, true));
  if (const plan::Clause* c = found.duty ? a.clause(found.duty->clause) : nullptr) {
    j.key("clause").object().member("id", c->id).member("title", c->title).member("source", c->source.quote);
    j.member("line", static_cast<std::int64_t>(c->span.line));
    texts(j, "notes", c->notes);
    j.end();
  }
  j.member("program", a.hash).member("text_sha256", a.text_sha256);
  std::vector<std::string> leaves;
  std::set<std::string> seen;
  gather(witness, leaves, seen);
  j.member("leaves", leaves.size()).key("evidence").array();
  for (std::size_t n = 0; n < std::min(leaves.size(), kMostLeaves); ++n) {
    if (const auto* s = world.statement(leaves[n])) {
      j.raw(statement(*s));
    } else if (const auto* i = world.incident(leaves[n])) {
      j.raw(engine::to_json(*i));
    }
  }
  return j.end().end().take();
}

}  // namespace surety::serve
