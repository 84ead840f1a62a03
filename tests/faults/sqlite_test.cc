// SQLite's own files on a disk that fails at each of its operations in turn, and the record directory with them: power lost,
// disk full, fsync failed with its data gone. Then power is lost once more, and everything acknowledged must still be there.
#include <gtest/gtest.h>

#include "tests/faults/campaign.h"
#include "tests/faults/faulty_vfs.h"
#include "tests/faults/world.h"

namespace surety::faults {
namespace {

using store::Log;

// How the log is left between steps and after failures.
enum class Leaving { never, closed, killed };

// All steps, each until it is done, as somebody would who reads the messages: after a failure the log is opened again. Ends
// when the machine is off.
void work(World& world, FaultyVfs& vfs, Leaving leaving) {
  std::unique_ptr<Log> log;
  const auto leave = [&] {
    if (leaving == Leaving::killed)
      vfs.killed_while([&] { log.reset(); });
    else
      log.reset();
  };
  for (std::size_t s = 0; s < std::size(kSteps); ++s)
    for (int attempt = 0;; ++attempt) {
      ASSERT_LT(attempt, 80) << "it does not get on";
      if (!log) {
        auto opened = Log::open(world.options());
        if (vfs.dead()) return;
        if (!opened) {
          EXPECT_TRUE(opened.error().code.starts_with("store.")) << opened.error().text();
          continue;
        }
        log = std::move(*opened);
      }
      const bool done = world.step(*log, s);
      if (vfs.dead()) return;
      if (!done || leaving != Leaving::never) leave();
      if (done) break;
    }
}

long operations_of_a_quiet_run() {
  FaultyVfs vfs(0);
  World world(0);
  work(world, vfs, Leaving::closed);
  return vfs.operations();
}

void campaign(FaultyVfs::Fault fault, const char* name) {
  const long operations = operations_of_a_quiet_run();
  ASSERT_GT(operations, 100);
  // Syncs are few and each is tried; of the others every eleventh, when it is not the whole campaign.
  const long every = fault == FaultyVfs::Fault::sync_fails ? 1 : rounds(11, 1);
  const int seeds = rounds(3, 12);
  for (int seed = 0; seed < seeds; ++seed)
    for (long at = 1 + seed % every; at <= operations; at += every) {
      SCOPED_TRACE(std::string(name) + " at operation " + std::to_string(at) + ", seed " + std::to_string(seed));
      const auto number = static_cast<unsigned>(seed * 100'000 + at);
      FaultyVfs vfs(number);
      World world(number);
      vfs.plan(fault, at, [&] { world.disk.go_off(); });
      work(world, vfs, static_cast<Leaving>(seed % 3));
      if (::testing::Test::HasFailure()) return;
      if (!vfs.fired()) break;  // there are no more operations of this kind
      vfs.lose_power();
      world.disk.lose_power();
      world.expect_whole();
      if (::testing::Test::HasFailure()) return;
      count(name);
    }
}

TEST(FaultySqlite, PowerLostAtEachOperation) {
  campaign(FaultyVfs::Fault::crash, "power lost at an operation of SQLite, unsynced data dropped or torn");
}
TEST(FaultySqlite, DiskFullAtEachWrite) { campaign(FaultyVfs::Fault::full, "disk full at a write of SQLite, then power lost"); }
TEST(FaultySqlite, DurabilityRefusedAtEachSync) {
  campaign(FaultyVfs::Fault::sync_fails, "fsync of SQLite failed with its data lost, then power lost");
}

}  // namespace
}  // namespace surety::faults
