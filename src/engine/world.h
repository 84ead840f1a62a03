#pragma once
// The world as derived from the statements: start here. One pure function ties the rooms together;
// what it returns is immutable and may be read from many threads.
//
//   engine::Request r;  r.agreements = {paris};  r.known_at = t;
//   auto world = engine::derive(statements, r).value();
//   world.instruments[0].outcome.duties …
//
// The same statements in any order or batching, and the same request, give the same bytes. There is
// no clock in it: `now` defaults to the latest known-at among the statements that stand.
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "duty/duty.h"
#include "engine/base_rate.h"
#include "engine/standing.h"
#include "fulfil/fulfil.h"
#include "geo/geo.h"
#include "incident/incident.h"
#include "model/verdict.h"
#include "plan/agreement.h"

namespace surety::engine {

struct Request {
  std::vector<std::shared_ptr<const plan::Agreement>> agreements;
  Instant known_at = Instant::max();
  Instant now = Instant::min();  // min: the latest known-at, at most known_at
  model::Exercise view = model::Exercise::actual;
  incident::Settings fusing;
};

struct Instrument {
  std::shared_ptr<const plan::Agreement> agreement;
  duty::Outcome outcome;
  fulfil::Account account;
};

struct World {
  Instant known_at, now;
  model::Exercise view = model::Exercise::actual;
  Standing standing;                       // statements that stand, sorted by id
  std::vector<model::Incident> incidents;  // by time; those with an `end` count for nothing
  std::vector<Instrument> instruments;     // in the request's order

  const model::Statement* statement(const std::string& id) const;
  const model::Incident* incident(const std::string& id) const;
};

// Errors: those of the agreements' geometry files and of `duty::decide`.
Result<World> derive(std::span<const model::Statement> all, const Request& request);

// One verdict of any instrument, by id or by a prefix that only it has.
struct FoundVerdict {
  const Instrument* instrument = nullptr;
  const model::StateVerdict* state = nullptr;
  const model::DutyVerdict* duty = nullptr;
};
Result<FoundVerdict> find_verdict(const World& world, const std::string& id);

// A statement's place in an incident, JSON as the API and --json give it.
// `near`: how far it was from there, and whether within.
std::string to_json(const model::Incident& incident, const geo::Circle* near = nullptr);
std::string to_json(const BaseRate& rate);

}  // namespace surety::engine
