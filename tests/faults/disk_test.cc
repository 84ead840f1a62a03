// The record directory on a disk that fails at each of its operations in turn: power lost, disk full,
// durability refused. After each the log goes on, and what is on the disk then is a record that the separate
// verifier accepts, with every acknowledged entry and no checkpoint taken back.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "store/log.h"
#include "store/record_commands.h"
#include "store/test_dir.h"
#include "tests/faults/campaign.h"
#include "tests/faults/faulty_disk.h"
#include "verify/record.h"

namespace surety::faults {
namespace {

using store::Log;
using store::LogOptions;

constexpr int kSteps[] = {1, 2, 250, 3, 1, 257, 40};

struct World {
  store::TestDir dir;
  FaultyDisk disk;
  std::uint64_t acknowledged = 0, published = 0;

  explicit World(unsigned seed) : disk(seed) {}
  LogOptions options() {
    return {
        .database = dir.path("surety.db"), .record_dir = dir.path("record"), .key_file = {}, .origin = "example.org/faults", .disk = &disk};
  }
  // Appends and publishes step by step. False as soon as the machine is off; other failures of
  // publishing are for the next step to make good.
  bool work(Log& log, std::size_t from_step) {
    for (std::size_t s = from_step; s < std::size(kSteps); ++s) {
      std::vector<std::string> entries;
      for (int i = 0; i < kSteps[s]; ++i) entries.push_back("step " + std::to_string(s) + " entry " + std::to_string(i));
      const auto placed = log.append(std::vector<std::string_view>(entries.begin(), entries.end()));
      EXPECT_TRUE(placed);
      acknowledged = std::max(acknowledged, placed->back().index + 1);
      const auto checkpoint = log.publish();
      if (checkpoint) published = std::max(published, checkpoint->size);
      if (disk.dead()) return false;
    }
    return true;
  }
  void expect_whole() {
    auto log = Log::open(options());
    ASSERT_TRUE(log) << log.error().text();
    EXPECT_GE((*log)->checkpoint().size, published) << "a published checkpoint was taken back";
    EXPECT_GE((*log)->checkpoint().size, acknowledged) << "an acknowledged entry is missing";
    ASSERT_TRUE(work(**log, 0));  // duplicates are no entries; the rest is added
    std::uint64_t all = 0;
    for (const int n : kSteps) all += static_cast<std::uint64_t>(n);
    EXPECT_EQ((*log)->checkpoint().size, all);
    log->reset();
    const std::string out = dir.path("copy");
    const std::string prefix = dir.path("record");
    for (const auto& [path, bytes] : disk.files()) {
      const std::string to = out + path.substr(prefix.size());
      std::filesystem::create_directories(std::filesystem::path(to).parent_path());
      ASSERT_TRUE(write_file_atomically(to, bytes));
    }
    const auto vkey = verify::read_file(out + "/log.vkey");
    ASSERT_TRUE(vkey);
    verify::Findings f;
    verify::check_record(out, *verify::parse_key(vkey->substr(0, vkey->size() - 1)), f);
    EXPECT_EQ(f.problems, std::vector<std::string>{});
    EXPECT_EQ(f.entries, all);
  }
};

long operations_of_a_quiet_run() {
  World world(0);
  auto log = Log::open(world.options());
  EXPECT_TRUE(log);
  EXPECT_TRUE(world.work(**log, 0));
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
        if (log) world.work(**log, 0);
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
