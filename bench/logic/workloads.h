#pragma once
// The streams and formulas that monitors are compared on: the published shapes of MonPoly and DejaVu,
// grant and revoke, windowed counts, request and answer; and a treaty's dozen clauses at once. Made
// from a seed; the same seed gives the same events everywhere.
#include <cstdint>
#include <string>
#include <vector>

#include "logic/monitor.h"

namespace surety::bench {

struct Event {
  logic::PredicateIndex predicate;
  std::int64_t a, b;
};

struct Workload {
  std::string name;
  logic::Signature signature;
  std::vector<logic::NamedFormula> formulas;
  std::string formula_text;  // in the peers' syntax; empty: not for peers
  std::vector<Event> (*events)(std::size_t n, std::uint64_t seed);
};

// 1000 events are one second of trace.
inline constexpr std::int64_t kEventsPerSecond = 1000;

// `window`: in seconds; the deadline's is half of it.
std::vector<Workload> workloads(std::int64_t window = 60);

// The log in the peers' format, `per_point` events to a time-point.
std::string log_text(const Workload& w, const std::vector<Event>& events, std::size_t per_point);

}  // namespace surety::bench
