#pragma once
// What was reported in a window, against the equal windows before it, feed by feed, with the coverage
// under each count: no rate is shown without it (DESIGN.md, "Coverage"). Counts are statements whose
// event begins in the window; those whose time only may fall into it are counted as possible.
#include <map>
#include <span>
#include <string>
#include <vector>

#include "model/statement.h"

namespace surety::engine {

struct WindowCount {
  Instant from, to;
  std::size_t certain = 0;   // surely began inside
  std::size_t possible = 0;  // certain, and those that may have
};

struct FeedRate {
  std::string author;      // the feed
  std::string speaks_for;  // the party whose word all of it is; empty: not one party's
  std::string event;       // "acts of force" (strike, fire, assault, explosion) or "alerts"
  WindowCount window;
  std::vector<WindowCount> before;  // oldest first; only windows the feed covers
};

struct CoverageLine {
  std::string feed, state, place, sees, blind, source;
  Instant from, to;
};

struct BaseRate {
  Instant from, to;
  std::vector<FeedRate> feeds;         // sorted by author, event
  std::vector<CoverageLine> coverage;  // that touch the window
};

// [from, to) and the equal windows before it, at most `most`, that the feed's own coverage statements
// cover from end to end without a break. `statements` are those that stand.
BaseRate base_rate(std::span<const model::Statement> statements, Instant from, Instant to, int most = 10);

}  // namespace surety::engine
