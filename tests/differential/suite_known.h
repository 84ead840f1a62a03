#pragma once
// The cases of the outside suite in which we mean to differ, each with its reason; the manual lists
// the same cases (docs/monitor-language.md, "Where the peers disagree").
#include <string_view>

namespace surety::differential {

bool known_difference(std::string_view name);
bool accepted_beyond_peers(std::string_view name);

}  // namespace surety::differential
