#pragma once
// How much of the fault campaign to run, and the count that it prints at the end.
#include <map>
#include <string>

namespace surety::faults {

bool whole_campaign();  // --faults or SURETY_FAULTS=1
// Rounds of one kind of fault: `quick` in an ordinary test run, `whole` in a campaign.
inline int rounds(int quick, int whole) { return whole_campaign() ? whole : quick; }
// Counted by name and printed as a table when the program ends.
void count(const std::string& what, long n = 1);

// The separate verifier over a record directory: its exit code (0 holds, 1 does not).
int run_verifier(const std::string& record_dir);

}  // namespace surety::faults
