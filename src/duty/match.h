#pragma once
// Patterns against happenings, in Kleene's three values: what surely matches, what may. Internal.
#include <string>
#include <string_view>
#include <vector>

#include "duty/world.h"

namespace surety::duty {

// One happening that matches a pattern, surely or possibly, for one party ("" when the pattern does
// not ask who). Views point into the World or the agreement.
struct Match {
  std::int64_t at = 0;  // stamp in µs, inside the window
  std::uint32_t happening = 0;
  std::string_view party;
  bool certain = false;
};

// The time in which incidents count; open ends are Instant::min/max. `until` is the first instant outside.
struct Window {
  Instant from = Instant::min(), until = Instant::max();
};

// What the pattern asks of the happening itself: event, fields, place, occurrence grade; not of who.
model::Truth occurred(const World& world, const plan::Agreement& agreement, const plan::Pattern& pattern, const Happening& h);
// Whether `party` did it, at the pattern's grade of attribution. Never certain while another party is
// named with equal or better grounds; possible for everybody while nobody is established.
model::Truth done_by(const Happening& h, const std::string& party, model::Grade at_least);
// What is not established when the happening may match the pattern for `party` and need not: "who did
// it", "the place", "rounds" (a field), each in the order of the text.
std::vector<std::string> left_open(const World& world, const plan::Agreement& agreement, const plan::Pattern& pattern, const Happening& h,
                                   const std::string& party);
// Inside the window: holds, straddles its edge, or fails.
model::Truth inside(const TimeRange& when, const Window& window);

// All matches, by stamp, then happening, then party. Acts of speech are not bound to the window:
// a finding may be made after the term about what happened within it.
std::vector<Match> match(const World& world, const plan::Agreement& agreement, const plan::Pattern& pattern, const Window& window);

// One test against one happening.
model::Truth test(const World& world, const plan::Agreement& agreement, const plan::Test& test, const Happening& h);

}  // namespace surety::duty
