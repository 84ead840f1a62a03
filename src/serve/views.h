#pragma once
// The bodies of the API, one function a path: pure functions of a world. JSON text out, members and
// order fixed (docs/api.md). `only` restricts to one instrument; empty: all of them.
#include <cstdint>
#include <optional>
#include <string>

#include "engine/world.h"
#include "geo/geo.h"

namespace surety::serve {

// What every list says about itself.
struct Frame {
  std::uint64_t revision = 0;
  std::size_t offset = 0;
  std::size_t limit = 1000;
  std::string only;                   // instrument
  std::optional<Instant> from, to;    // event time, [from, to)
  std::optional<geo::Circle> near;    // incidents: what may have been there
  bool all = false;                   // every change, not only what stands
  std::string state, bearer, clause;  // duties: filters
};

const engine::Instrument* instrument(const engine::World& world, const std::string& name);

std::string agreements(const engine::World& world, const Frame& frame);
std::string agreement(const engine::World& world, const engine::Instrument& i, const Frame& frame);
Result<std::string> geometry(const engine::Instrument& i);
std::string status(const engine::World& world, const Frame& frame);
std::string states(const engine::World& world, const Frame& frame);
std::string duties(const engine::World& world, const Frame& frame);
std::string incidents(const engine::World& world, const Frame& frame);
std::string incident(const engine::World& world, const model::Incident& i);
std::string statement(const model::Statement& s);
std::string fulfilment(const engine::World& world, const Frame& frame);
std::string coverage(const engine::World& world, const Frame& frame);
std::string timeline(const engine::World& world, const Frame& frame);
std::string compare(const engine::World& world, const Frame& frame);
Result<std::string> explain(const engine::World& world, const std::string& id);

// The window an instrument is about: its stated time in force, else the span of the incidents.
struct Window {
  Instant from, to;
  bool stated = false;
};
Window window_of(const engine::World& world, const Frame& frame);

}  // namespace surety::serve
