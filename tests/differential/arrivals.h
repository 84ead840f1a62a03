#pragma once
// Facts as they may arrive: in any order, twice, wrong at first, or to be withdrawn; what stands in the end,
// and the smallest such history that still shows a failure. Deterministic in the seed.
#include <functional>
#include <string>
#include <vector>

#include "generate.h"
#include "logic/monitor_types.h"
#include "suite_case.h"

namespace surety::differential {

struct Arrival {
  enum class Kind { insert, retract, replace, watermark };
  Kind kind = Kind::insert;
  logic::FactId id = 0;
  std::string predicate;
  Row row;
  plan::Ticks ts = 0;
};

// The facts of a trace in disorder. The same seed gives the same disorder, also for a smaller trace, so that
// shrinking works.
std::vector<Arrival> disorder(const std::vector<Point>& trace, std::uint64_t seed, plan::TickScale scale);

// The trace of what stands when all has arrived, one point a stamp. A withdrawal wins over a replacement and that
// over what was first told, whichever comes first.
std::vector<Point> standing(const std::vector<Arrival>& arrivals);

// Leaves out what can be left out while `fails` holds.
std::vector<Arrival> fewest(std::vector<Arrival> arrivals, const std::function<bool(const std::vector<Arrival>&)>& fails);

// One arrival a line: `insert 3 R(2,2) @4`, `retract 3`, `watermark @6`.
std::string text(const std::vector<Arrival>& arrivals, const logic::Signature& sig);

}  // namespace surety::differential
