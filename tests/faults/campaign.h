#pragma once
// How much of the fault campaign to run, and the count that it prints at the end.
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace surety::faults {

bool whole_campaign();  // --faults or SURETY_FAULTS=1
// Rounds of one kind of fault: `quick` in an ordinary test run, `whole` in a campaign.
inline int rounds(int quick, int whole) { return whole_campaign() ? whole : quick; }
// Counted by name and printed as a table when the program ends.
void count(const std::string& what, long n = 1);

// Calls f(bad, bit) with each bit of `good` flipped in turn; `step` beyond 1 leaves most of them out. Returns how many.
template <class F>
long every_bit(const std::string& good, F f, std::size_t step = 1) {
  long done = 0;
  for (std::size_t bit = 0; bit < good.size() * 8 && !::testing::Test::HasFatalFailure(); bit += step, ++done) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
    f(bad, bit);
  }
  return done;
}

// The separate verifier over a record directory: its exit code (0 holds, 1 does not).
int run_verifier(const std::string& record_dir);

}  // namespace surety::faults
