// PostgreSQL killed (SIGKILL) under load and started again: nothing acknowledged is lost, none doubled.
#include <gtest/gtest.h>
#include <unistd.h>

#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "store/record_commands.h"
#include "store/sequencer.h"
#include "store/test_postgres.h"
#include "tests/faults/campaign.h"

namespace surety::faults {
namespace {

using store::Log;
using store::LogOptions;

// The server frees a dead session's lock a moment later.
Result<std::unique_ptr<Log>> open_soon(const LogOptions& options) {
  auto log = Log::open(options);
  for (int i = 0; i < 500 && !log && log.error().code == "store.in-use"; ++i) {
    ::usleep(10'000);
    log = Log::open(options);
  }
  return log;
}

TEST(Postgres, KilledAndRestartedUnderLoad) {
  if (!store::TestPostgres::installed()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  store::TestPostgres server;
  ASSERT_TRUE(server.running());
  store::TestDir dir;
  const LogOptions options{.database = server.fresh_database(),
                           .record_dir = dir.path("record"),
                           .key_file = dir.path("log.key"),
                           .origin = "example.org/faults",
                           .disk = nullptr};
  std::mt19937 random(std::random_device{}());
  std::vector<std::pair<std::uint64_t, std::string>> acknowledged;
  std::mutex mutex;
  for (int round = 0; round < rounds(3, 250); ++round) {
    auto log = open_soon(options);
    ASSERT_TRUE(log) << log.error().text();
    {
      store::Sequencer sequencer(**log, {.publish_every_ms = 20});
      std::vector<std::thread> writers;
      for (int t = 0; t < 4; ++t)
        writers.emplace_back([&, t] {
          for (int n = 0;; ++n) {
            const std::string entry = std::to_string(round) + " " + std::to_string(t) + " " + std::to_string(n);
            const auto placed = sequencer.submit(entry);
            if (!placed) return;
            const std::lock_guard lock(mutex);
            acknowledged.emplace_back(placed->index, entry);
          }
        });
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 300));
      server.kill_nine();
      for (auto& w : writers) w.join();
    }
    log->reset();
    server.start();
    ASSERT_TRUE(server.running());
    count("PostgreSQL killed with SIGKILL under load");
  }
  auto log = open_soon(options);
  ASSERT_TRUE(log) << log.error().text();
  for (const auto& [index, entry] : acknowledged) ASSERT_EQ(*(*log)->store().get(index), entry) << "an acknowledged entry is lost";
  std::set<std::string> seen;
  const std::uint64_t size = *(*log)->store().size();
  ASSERT_TRUE((*log)->store().scan(0, size, [&](std::uint64_t, std::string_view e) { return seen.emplace(e).second; }));
  EXPECT_EQ(seen.size(), size);
  log->reset();
  const auto check = store::fsck(options);
  ASSERT_TRUE(check) << check.error().text();
  EXPECT_EQ(check->problems, std::vector<std::string>{});
  EXPECT_EQ(run_verifier(dir.path("record")), 0);
  count("entries acknowledged by PostgreSQL before a kill, all found again", static_cast<long>(acknowledged.size()));
}

}  // namespace
}  // namespace surety::faults
