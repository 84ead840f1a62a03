// The second copy of the checkpoint: what it lets through (a crash at any step) and what it refuses (every old state).
#include "store/anchor.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "store/log.h"
#include "store/record_commands.h"
#include "store/test_dir.h"
#include "store/test_postgres.h"

namespace surety::store {
namespace {

class Anchored : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (std::string(GetParam()) == "file") {
      where_ = dir_.path("elsewhere");
      return;
    }
    auto* server = TestPostgres::shared();
    if (!server) GTEST_SKIP() << "no PostgreSQL here";
    where_ = server->fresh_database();
  }
  Result<std::unique_ptr<Log>> open(const std::string& anchor = {}) {
    LogOptions options;
    options.database = dir_.path("live/s.db");
    options.anchor = anchor;
    std::filesystem::create_directories(dir_.path("live"));
    return Log::open(options);
  }
  static void add(Log& log, const std::string& entry) {
    const std::string_view one[] = {entry};
    ASSERT_TRUE(log.append(one));
  }
  // The state of database and record directory together, kept and brought back.
  void keep(const std::string& name) {
    std::filesystem::copy(dir_.path("live"), dir_.path(name), std::filesystem::copy_options::recursive);
  }
  void bring_back(const std::string& name) {
    std::filesystem::remove_all(dir_.path("live"));
    std::filesystem::copy(dir_.path(name), dir_.path("live"), std::filesystem::copy_options::recursive);
  }
  TestDir dir_;
  std::string where_;
};

TEST_P(Anchored, AnOldDatabaseWithItsOldRecordIsRefused) {
  {
    auto log = open(where_);
    ASSERT_TRUE(log) << log.error().text();
    add(**log, "one");
    ASSERT_TRUE((*log)->publish());
  }
  keep("monday");
  {
    auto log = open();  // remembered
    ASSERT_TRUE(log) << log.error().text();
    add(**log, "two");
    ASSERT_TRUE((*log)->publish());
  }
  keep("tuesday");
  bring_back("monday");
  ASSERT_TRUE(verify_record(dir_.path("live/record"))->problems.empty()) << "by itself the old state is sound";
  EXPECT_EQ(open().error().code, "store.older-than-anchor");
  const auto checked = fsck({.database = dir_.path("live/s.db"), .record_dir = {}, .key_file = {}, .origin = {}, .disk = nullptr});
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->problems.size(), 1u);
  bring_back("tuesday");
  EXPECT_TRUE(open());
}

TEST_P(Anchored, AForkOfTheSameSizeIsRefused) {
  {
    auto log = open(where_);
    ASSERT_TRUE(log) << log.error().text();
  }
  keep("begin");
  for (const char* entry : {"this", "that"}) {
    auto log = open();
    if (std::string(entry) == "that") {
      EXPECT_EQ(log.error().code, "store.older-than-anchor");
      return;
    }
    ASSERT_TRUE(log);
    add(**log, entry);
    ASSERT_TRUE((*log)->publish());
    log = {};
    bring_back("begin");
  }
}

// The anchor moves first: a crash right after it leaves entries that the anchor's checkpoint covers, and the database's
// own checkpoint one step behind. That is no old state.
TEST_P(Anchored, ACrashBetweenAnchorAndDatabaseIsNoFork) {
  {
    auto log = open(where_);
    ASSERT_TRUE(log) << log.error().text();
    add(**log, "one");
    ASSERT_TRUE((*log)->publish());
    add(**log, "two");  // durable, and not published
    keep("crashed");
    ASSERT_TRUE((*log)->publish());
  }
  bring_back("crashed");
  auto log = open();
  ASSERT_TRUE(log) << log.error().text();
  EXPECT_EQ((*log)->checkpoint().size, 2u);
  add(**log, "three");
  ASSERT_TRUE((*log)->publish());
  log = {};
  // The same, with other entries in place of those that were signed.
  bring_back("crashed");
  {
    auto store = open_store(dir_.path("live/s.db"), Mode::write);
    ASSERT_TRUE(store);
    const std::string_view other[] = {"another third"};
    ASSERT_TRUE((*store)->append(other));
  }
  EXPECT_EQ(open().error().code, "store.older-than-anchor");
}

TEST_P(Anchored, MissingOrForeignIsRefused) {
  {
    auto log = open(where_);
    ASSERT_TRUE(log) << log.error().text();
    add(**log, "one");
    ASSERT_TRUE((*log)->publish());
  }
  const auto other = Log::open(
      {.database = dir_.path("other.db"), .record_dir = {}, .key_file = {}, .origin = "surety.local/s", .anchor = where_, .disk = nullptr});
  EXPECT_EQ(other.error().code, "store.other-log") << "the same name, another key";
  if (std::string(GetParam()) != "file") return;
  std::filesystem::remove(where_);
  EXPECT_EQ(open().error().code, "store.no-anchor");
  EXPECT_TRUE(open(dir_.path("another"))) << "a new place, said on purpose";
}

TEST_P(Anchored, SwapsOnlyWhatItExpects) {
  auto anchor = std::move(*Anchor::at(where_));
  EXPECT_EQ(*anchor->read("o"), std::nullopt);
  EXPECT_TRUE(*anchor->swap("o", std::nullopt, "first\n"));
  EXPECT_FALSE(*anchor->swap("o", std::nullopt, "second\n"));
  EXPECT_FALSE(*anchor->swap("o", "another\n", "second\n"));
  EXPECT_TRUE(*anchor->swap("o", "first\n", "second\n"));
  EXPECT_EQ(**(*Anchor::at(where_))->read("o"), "second\n");
}

TEST(AnchorAddress, HoldsNoPasswordAndIsAbsolute) {
  for (const char* where : {"postgres://u:secret@h/d", "postgresql://u:s@/d?host=/x", "postgres://h/d?user=u&password=secret"})
    EXPECT_EQ(Anchor::at(where).error().code, "store.open-password") << where;
  for (const char* where : {"postgres://u@h:5432/d", "postgres:///d?host=/x", "some/file"}) EXPECT_TRUE(Anchor::at(where)) << where;
  EXPECT_TRUE(Anchor::lasting("a/../b").ends_with("/b"));
  EXPECT_EQ(Anchor::lasting("postgres://h/d"), "postgres://h/d");
}

INSTANTIATE_TEST_SUITE_P(Both, Anchored, ::testing::Values("file", "postgres"), [](const auto& which) { return std::string(which.param); });

}  // namespace
}  // namespace surety::store
