#include "store/migrate.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "store/log.h"
#include "store/record_commands.h"
#include "store/test_dir.h"
#include "store/test_postgres.h"

namespace surety::store {
namespace {

namespace fs = std::filesystem;

LogOptions options_for(const std::string& database, const TestDir& dir) {
  return {.database = database,
          .record_dir = dir.path("record"),
          .key_file = dir.path("log.key"),
          .origin = "example.org/truce",
          .disk = nullptr};
}

// A server frees the lock of a closed session a moment later than we close it.
std::unique_ptr<Log> open_soon(const LogOptions& options) {
  auto log = Log::open(options);
  for (int i = 0; i < 200 && !log && log.error().code == "store.in-use"; ++i) {
    ::usleep(10'000);
    log = Log::open(options);
  }
  EXPECT_TRUE(log) << log.error().text();
  return log ? std::move(*log) : nullptr;
}

void add(Log& log, int from, int to) {
  std::vector<std::string> entries;
  for (int i = from; i < to; ++i) entries.push_back("entry " + std::to_string(i));
  ASSERT_TRUE(log.append(std::vector<std::string_view>(entries.begin(), entries.end())));
  const auto published = log.publish();
  ASSERT_TRUE(published) << published.error().text();
}

void expect_holds(const LogOptions& options) {
  const auto check = fsck(options);
  ASSERT_TRUE(check) << check.error().text();
  EXPECT_EQ(check->problems, std::vector<std::string>{});
}

TEST(Migrate, SqliteToPostgresAndBackGoesOnAsTheSameLog) {
  if (!TestPostgres::shared()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  TestDir dir;
  const LogOptions sqlite = options_for(dir.path("a.db"), dir), postgres = options_for(TestPostgres::shared()->fresh_database(), dir),
                   back = options_for(dir.path("b.db"), dir);
  {
    auto log = open_soon(sqlite);
    add(*log, 0, 5000);
    ASSERT_TRUE(log->store().set_value("agreement:x", "hash"));
  }
  const auto there = migrate(sqlite.database, postgres.database);
  ASSERT_TRUE(there) << there.error().text();
  EXPECT_EQ(there->size, 5000u);
  {
    auto log = open_soon(postgres);
    EXPECT_EQ(log->checkpoint().size, 5000u);
    add(*log, 5000, 5300);
    EXPECT_EQ(**log->store().value("agreement:x"), "hash");
  }
  expect_holds(postgres);
  ASSERT_TRUE(migrate(postgres.database, back.database));
  const auto onward = migrate(postgres.database, sqlite.database);
  ASSERT_TRUE(onward) << onward.error().text();
  EXPECT_EQ(onward->before, 5000u) << "the old copy only gets what it lacks";
  {
    auto log = open_soon(back);
    add(*log, 5300, 5301);
  }
  expect_holds(back);
  EXPECT_EQ(migrate(back.database, postgres.database)->before, 5300u);
  // A database with other entries is left alone.
  {
    auto other = open_store(dir.path("other.db"), Mode::write);
    const std::string_view e[] = {"foreign"};
    ASSERT_TRUE((*other)->append(e));
  }
  EXPECT_EQ(migrate(back.database, dir.path("other.db")).error().code, "store.not-a-prefix");
}

TEST(Restore, ABackupThatIsTooOldGetsTheRestFromTheRecord) {
  TestDir dir;
  const LogOptions options = options_for(dir.path("surety.db"), dir);
  {
    auto log = open_soon(options);
    add(*log, 0, 300);
    ASSERT_TRUE(log->store().backup(dir.path("backup.db")));
    add(*log, 300, 1000);
  }
  fs::remove(dir.path("surety.db-wal"));
  fs::remove(dir.path("surety.db-shm"));
  fs::rename(dir.path("backup.db"), dir.path("surety.db"));
  EXPECT_EQ(Log::open(options).error().code, "store.older-than-record");
  const auto restored = restore_from_record(options.record_dir, options.database);
  ASSERT_TRUE(restored) << restored.error().text();
  EXPECT_EQ(restored->before, 300u);
  EXPECT_EQ(restored->size, 1000u);
  {
    auto log = open_soon(options);
    add(*log, 1000, 1001);
  }
  expect_holds(options);
}

TEST(Restore, FromNothingAndNeverFromADamagedRecord) {
  TestDir dir;
  const LogOptions options = options_for(dir.path("surety.db"), dir);
  {
    auto log = open_soon(options);
    add(*log, 0, 700);
  }
  const LogOptions fresh = options_for(dir.path("new.db"), dir);
  const std::string bundle = dir.path("record/tile/entries/001");
  const std::string good = *read_file(bundle);
  {
    std::ofstream(bundle, std::ios::binary) << good.substr(0, 50) + "X" + good.substr(51);
  }
  EXPECT_EQ(restore_from_record(options.record_dir, fresh.database).error().code, "store.record-damaged");
  EXPECT_EQ(*(*open_store(fresh.database, Mode::read))->size(), 0u) << "nothing of it was taken";
  {
    std::ofstream(bundle, std::ios::binary) << good;
  }
  ASSERT_TRUE(restore_from_record(options.record_dir, fresh.database));
  expect_holds(fresh);
  auto log = open_soon(fresh);
  add(*log, 700, 701);
}

}  // namespace
}  // namespace surety::store
