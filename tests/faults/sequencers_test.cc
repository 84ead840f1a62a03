// Two sequencers started on one log by mistake: in one process and in two, on both stores, and with the lock that should
// stop the second taken away.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
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

TEST(TwoSequencers, TheSecondIsRefusedAndNothingForks) {
  store::TestDir dir;
  std::vector<std::string> databases{dir.path("surety.db")};
  if (store::TestPostgres::shared()) databases.push_back(store::TestPostgres::shared()->fresh_database());
  for (const std::string& database : databases) {
    const std::string base = dir.path(database.starts_with("postgres") ? "pg" : "sqlite");
    const LogOptions options{.database = database,
                             .record_dir = base + "/record",
                             .key_file = dir.path("log.key"),
                             .origin = "example.org/faults",
                             .disk = nullptr};
    std::atomic<int> opened = 0, refused = 0;
    std::vector<std::thread> threads;
    std::atomic<bool> go = false, end = false;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        while (!go) std::this_thread::yield();
        auto log = Log::open(options);
        if (!log) {
          EXPECT_EQ(log.error().code, "store.in-use") << log.error().text();
          ++refused;
          return;
        }
        ++opened;
        const std::string entry = "by thread " + std::to_string(t);
        const std::string_view one[] = {entry};
        EXPECT_TRUE((*log)->append(one));
        EXPECT_TRUE((*log)->publish());
        while (!end) std::this_thread::yield();
      });
    go = true;
    while (opened + refused < 4) std::this_thread::yield();
    end = true;
    for (auto& t : threads) t.join();
    EXPECT_EQ(opened, 1);
    EXPECT_EQ(run_verifier(options.record_dir), 0);
    count("second sequencers refused", refused);
  }
}

// A child that writes for a while. It exits 0 when the log was its own, 7 when it was refused as it should be.
int write_for_a_while(const LogOptions& options, int child) {
  auto log = Log::open(options);
  if (!log) return log.error().code == "store.in-use" ? 7 : 3;
  store::Sequencer sequencer(**log, {.publish_every_ms = 2});
  for (int n = 0; n < 60; ++n)
    if (!sequencer.submit("child " + std::to_string(child) + " entry " + std::to_string(n))) return 3;
  return 0;
}

TEST(TwoSequencers, OfTwoProcessesOneIsRefused) {
  store::TestDir dir;
  const LogOptions options{
      .database = dir.path("surety.db"), .record_dir = {}, .key_file = {}, .origin = "example.org/faults", .disk = nullptr};
  std::uint64_t expected = 0;
  for (int round = 0; round < rounds(5, 200); ++round) {
    pid_t children[3];
    for (int c = 0; c < 3; ++c)
      if ((children[c] = ::fork()) == 0) ::_exit(write_for_a_while(options, round * 3 + c));
    for (const pid_t child : children) {
      int status = 0;
      ASSERT_EQ(::waitpid(child, &status, 0), child);
      ASSERT_TRUE(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 7)) << WEXITSTATUS(status);
      if (WEXITSTATUS(status) == 0)
        expected += 60;
      else
        count("second sequencers refused, in another process");
    }
  }
  auto log = Log::open(options);
  ASSERT_TRUE(log);
  EXPECT_EQ((*log)->checkpoint().size, expected);
  log->reset();
  const auto check = store::fsck(options);
  ASSERT_TRUE(check) << check.error().text();
  EXPECT_EQ(check->problems, std::vector<std::string>{});
}

// Somebody deletes the lock file, or the file system has no locks: what stops a fork then is the compare-and-swap of the last
// signed checkpoint. One of the two stops, nothing signed contradicts anything signed before.
TEST(TwoSequencers, WithoutTheLockNothingForks) {
  for (int round = 0; round < rounds(5, 100); ++round) {
    store::TestDir dir;
    const LogOptions options{
        .database = dir.path("surety.db"), .record_dir = {}, .key_file = {}, .origin = "example.org/faults", .disk = nullptr};
    std::vector<std::unique_ptr<Log>> logs;
    for (int i = 0; i < 2; ++i) {
      auto log = Log::open(options);
      ASSERT_TRUE(log) << log.error().text();
      logs.push_back(std::move(*log));
      std::filesystem::remove(options.database + ".lock");
    }
    std::set<std::string> acknowledged;
    std::vector<record::Checkpoint> signed_ones;
    for (int n = 0; n < 20; ++n) {
      Log& log = *logs[static_cast<std::size_t>((n >> (round % 3)) & 1)];
      const std::string entry = "entry " + std::to_string(n);
      const std::string_view one[] = {entry};
      if (log.append(one)) acknowledged.insert(entry);
      const auto checkpoint = log.publish();
      if (checkpoint) signed_ones.push_back(*checkpoint);
      if (!checkpoint) {
        ASSERT_TRUE(checkpoint.error().code == "store.forked" || checkpoint.error().code == "store.record-damaged")
            << checkpoint.error().text();
        count("publications refused to a sequencer that had no lock");
      }
    }
    logs.clear();
    auto log = Log::open(options);
    ASSERT_TRUE(log) << log.error().text();
    EXPECT_EQ((*log)->checkpoint().size, acknowledged.size());
    store::Store& store = (*log)->store();
    record::CompactRange tree;
    ASSERT_TRUE(store.scan(0, acknowledged.size(), [&](std::uint64_t, std::string_view entry) {
      acknowledged.erase(std::string(entry));
      tree.append(record::leaf_hash(entry));
      for (const record::Checkpoint& c : signed_ones)
        if (c.size == tree.size()) {
          EXPECT_EQ(c.root, tree.root()) << "a checkpoint was signed that this log denies";
        }
      return true;
    }));
    EXPECT_TRUE(acknowledged.empty());
    log->reset();
    EXPECT_EQ(run_verifier(dir.path("record")), 0);
  }
}

}  // namespace
}  // namespace surety::faults
