// The record directory on a disk that fails at each of its operations in turn: power lost, disk full,
// durability refused. After each the log goes on, and what is on the disk then is a record that the separate
// verifier accepts, with every acknowledged entry and no checkpoint taken back.
#include <gtest/gtest.h>

#include "tests/faults/campaign.h"
#include "tests/faults/world.h"

namespace surety::faults {
namespace {

using store::Log;

// All steps; what fails is for the next step to make good. Ends when the machine is off.
void work(World& world, Log& log) {
  for (std::size_t s = 0; s < std::size(kSteps) && !world.disk.dead(); ++s) world.step(log, s);
}

long operations_of_a_quiet_run() {
  World world(0);
  auto log = Log::open(world.options());
  EXPECT_TRUE(log);
  work(world, **log);
  return world.disk.operations();
}

void campaign(FaultyDisk::Fault fault, const char* name) {
  const long operations = operations_of_a_quiet_run();
  ASSERT_GT(operations, 20);
  const int seeds = fault == FaultyDisk::Fault::crash ? rounds(1, 12) : 1;
  for (int seed = 0; seed < seeds; ++seed)
    for (long at = 1; at <= operations; ++at) {
      SCOPED_TRACE(std::string(name) + " at operation " + std::to_string(at) + ", seed " + std::to_string(seed));
      World world(static_cast<unsigned>(seed * 1000 + at));
      world.disk.plan(fault, at);
      {
        auto log = Log::open(world.options());
        if (log) work(world, **log);
        if (!log && fault != FaultyDisk::Fault::crash) {
          EXPECT_TRUE(log.error().code.starts_with("store.")) << log.error().text();
        }
      }
      if (!world.disk.fired()) break;  // there are no more operations of this kind
      if (fault == FaultyDisk::Fault::crash) world.disk.lose_power();
      world.expect_whole();
      if (::testing::Test::HasFailure()) return;
      count(name);
    }
}

TEST(FaultyDisk, PowerLostAtEachOperation) {
  campaign(FaultyDisk::Fault::crash, "power lost at a file operation, unsynced data dropped or torn");
}
TEST(FaultyDisk, DiskFullAtEachOperation) { campaign(FaultyDisk::Fault::full, "disk full at a file operation"); }
TEST(FaultyDisk, DurabilityRefusedAtEachOperation) { campaign(FaultyDisk::Fault::sync_fails, "fsync failed, its data lost"); }

}  // namespace
}  // namespace surety::faults
