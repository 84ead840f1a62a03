#include "store/log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "store/record_commands.h"
#include "store/record_dir.h"
#include "store/sqlite/db.h"
#include "store/test_dir.h"

namespace surety::store {
namespace {

namespace fs = std::filesystem;

class LogTest : public ::testing::Test {
 protected:
  LogOptions options() {
    return {.database = dir_.path("surety.db"), .record_dir = {}, .key_file = {}, .origin = "example.org/truce", .disk = nullptr};
  }
  std::unique_ptr<Log> open() {
    auto out = Log::open(options());
    EXPECT_TRUE(out) << out.error().text();
    return out ? std::move(*out) : nullptr;
  }
  void add(Log& log, int from, int to) {
    std::vector<std::string> entries;
    for (int i = from; i < to; ++i) entries.push_back("entry " + std::to_string(i));
    const std::vector<std::string_view> views(entries.begin(), entries.end());
    const auto placed = log.append(views);
    ASSERT_TRUE(placed) << placed.error().text();
  }
  void expect_holds() {
    const auto check = verify_record(record());
    ASSERT_TRUE(check) << check.error().text();
    EXPECT_EQ(check->problems, std::vector<std::string>{});
    const auto whole = fsck(options());
    ASSERT_TRUE(whole) << whole.error().text();
    EXPECT_EQ(whole->problems, std::vector<std::string>{});
  }
  std::string record() const { return dir_.path("record"); }
  TestDir dir_;
};

TEST_F(LogTest, GrowsInAnyStepsAndHolds) {
  auto log = open();
  EXPECT_EQ(log->checkpoint().size, 0u);
  expect_holds();
  int size = 0;
  for (int step : {1, 1, 3, 250, 1, 1, 255, 256, 513, 7}) {
    add(*log, size, size + step);
    size += step;
    const auto checkpoint = log->publish();
    ASSERT_TRUE(checkpoint) << checkpoint.error().text();
    EXPECT_EQ(checkpoint->size, static_cast<std::uint64_t>(size));
    if (step == 255) {
      log.reset();
      log = open();
    }
    expect_holds();
  }
  EXPECT_FALSE(fs::exists(record() + "/tile/0/000.p")) << "partial tiles go when the full one is published";
  struct stat st{};
  ASSERT_EQ(::stat((dir_.path("surety.db.key")).c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
  for (const auto& file : fs::recursive_directory_iterator(record()))
    if (file.is_regular_file()) {
      EXPECT_EQ(read_file(file.path())->find("PRIVATE"), std::string::npos);
    }
}

TEST_F(LogTest, SameEntriesAndKeyGiveTheSameDirectory) {
  {
    auto log = open();
    add(*log, 0, 700);
    ASSERT_TRUE(log->publish());
  }
  const std::string first = *read_file(record() + "/checkpoint");
  fs::rename(record(), dir_.path("kept"));
  {
    auto log = open();
  }  // rebuilt from the database
  EXPECT_EQ(*read_file(record() + "/checkpoint"), first);
  for (const auto& file : fs::recursive_directory_iterator(record()))
    if (file.is_regular_file()) {
      EXPECT_EQ(*read_file(file.path()), *read_file(dir_.path("kept") + file.path().string().substr(record().size())));
    }
  expect_holds();
}

TEST_F(LogTest, EntriesThatWereNeverPublishedArePublishedOnOpen) {
  {
    auto log = open();
    add(*log, 0, 10);
    ASSERT_TRUE(log->publish());
    add(*log, 10, 300);
  }
  auto log = open();
  EXPECT_EQ(log->checkpoint().size, 300u);
  expect_holds();
}

TEST_F(LogTest, ARestoredBackupCannotForkTheLog) {
  {
    auto log = open();
    add(*log, 0, 10);
    ASSERT_TRUE(log->publish());
    ASSERT_TRUE(log->store().backup(dir_.path("backup.db")));
  }
  {
    auto log = open();
    add(*log, 10, 20);
    ASSERT_TRUE(log->publish());
  }
  for (const char* file : {"surety.db", "surety.db-wal", "surety.db-shm"}) fs::remove(dir_.path(file));
  fs::rename(dir_.path("backup.db"), dir_.path("surety.db"));
  const auto again = Log::open(options());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "store.older-than-record");
  EXPECT_EQ(again.error().fault, Fault::ours);
}

TEST_F(LogTest, AnotherLogsDirectoryOrKeyIsRefused) {
  {
    auto log = open();
    add(*log, 0, 3);
    ASSERT_TRUE(log->publish());
  }
  LogOptions other = options();
  other.database = dir_.path("other.db");
  EXPECT_EQ(Log::open(other).error().code, "store.other-log");
  fs::rename(dir_.path("other.db.key"), dir_.path("surety.db.key"));
  EXPECT_EQ(Log::open(options()).error().code, "store.other-log");
  fs::remove(dir_.path("surety.db.key"));
  EXPECT_EQ(Log::open(options()).error().code, "store.no-key");
}

TEST_F(LogTest, AKeyThatOthersCanReadIsRefused) {
  {
    auto log = open();
  }
  ASSERT_EQ(::chmod(dir_.path("surety.db.key").c_str(), 0644), 0);
  EXPECT_EQ(Log::open(options()).error().code, "store.open-key");
}

TEST_F(LogTest, ProofsForEveryEntry) {
  auto log = open();
  add(*log, 0, 600);
  const auto checkpoint = *log->publish();
  for (std::uint64_t i : {0u, 1u, 255u, 256u, 511u, 599u}) {
    const auto text = prove(record(), i);
    ASSERT_TRUE(text) << text.error().text();
    EXPECT_TRUE(text->starts_with("c2sp.org/tlog-proof@v1\nindex " + std::to_string(i) + "\n"));
    EXPECT_TRUE(text->ends_with(*read_file(record() + "/checkpoint")));
    record::Proof proof;
    std::size_t at = text->find('\n', text->find("index")) + 1;
    while ((*text)[at] != '\n') {
      const auto end = text->find('\n', at);
      const std::string raw = *from_base64(std::string_view(*text).substr(at, end - at));
      Digest hash{};
      std::copy(raw.begin(), raw.end(), hash.begin());
      proof.push_back(hash);
      at = end + 1;
    }
    EXPECT_TRUE(record::verify_inclusion(i, 600, record::leaf_hash("entry " + std::to_string(i)), proof, checkpoint.root));
  }
  EXPECT_EQ(prove(record(), 600).error().code, "record.no-such-leaf");
  EXPECT_EQ(*find_leaf(record(), hex(record::leaf_hash("entry 300")).substr(0, 16)), 300u);
}

// Every bit of every file of a small record, one at a time: each flip is found.
TEST_F(LogTest, EveryFlippedBitIsFound) {
  {
    auto log = open();
    add(*log, 0, 2);
    ASSERT_TRUE(log->publish());
    add(*log, 2, 5);
    ASSERT_TRUE(log->publish());
  }
  const std::string pinned =
      record::vkey_text(*record::parse_vkey(read_file(record() + "/log.vkey")->substr(0, read_file(record() + "/log.vkey")->size() - 1)));
  std::size_t flips = 0, files = 0;
  for (const auto& file : fs::recursive_directory_iterator(record())) {
    if (!file.is_regular_file()) continue;
    const std::string path = file.path(), good = *read_file(path);
    ++files;
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ 1 << bit % 8);
      std::ofstream(path, std::ios::binary) << bad;
      const auto check = verify_record(record());
      ASSERT_TRUE(!check || !check->problems.empty()) << path << " bit " << bit;
      ++flips;
    }
    std::ofstream(path, std::ios::binary) << good;
  }
  expect_holds();
  EXPECT_EQ(files, 6u);
  RecordProperty("flips", static_cast<int>(flips));
}

TEST_F(LogTest, MissingAndForeignFilesAreFound) {
  {
    auto log = open();
    add(*log, 0, 300);
    ASSERT_TRUE(log->publish());
  }
  std::vector<std::string> paths;
  for (const auto& file : fs::recursive_directory_iterator(record() + "/tile"))
    if (file.is_regular_file()) paths.push_back(file.path());
  EXPECT_EQ(paths.size(), 5u);
  for (const std::string& path : paths) {
    fs::rename(path, path + "-aside");
    EXPECT_FALSE(verify_record(record())->problems.empty()) << path;
    fs::rename(path + "-aside", path);
  }
  std::ofstream(record() + "/tile/0/notes.txt") << "hello";
  EXPECT_EQ(verify_record(record())->problems.size(), 1u);
}

TEST_F(LogTest, FsckFindsWhatChangedInTheDatabase) {
  {
    auto log = open();
    add(*log, 0, 20);
    ASSERT_TRUE(log->publish());
  }
  const std::string sql = "sqlite3 " + dir_.path("surety.db") + " ";
  const auto broken = [&](const std::string& damage) {
    fs::copy_file(dir_.path("surety.db"), dir_.path("good.db"), fs::copy_options::overwrite_existing);
    EXPECT_EQ(std::system((sql + "\"" + damage + "\"").c_str()), 0) << damage;
    const auto check = fsck(options());
    const bool found = !check || !check->problems.empty();
    fs::copy_file(dir_.path("good.db"), dir_.path("surety.db"), fs::copy_options::overwrite_existing);
    return found;
  };
  if (std::system("command -v sqlite3 >/dev/null 2>&1") != 0) GTEST_SKIP() << "the sqlite3 tool is not installed";
  EXPECT_TRUE(broken("UPDATE chunk SET entries=x'000161'"));
  EXPECT_TRUE(broken("UPDATE chunk SET entries=substr(entries, 1, length(entries) - 1)"));
  EXPECT_TRUE(broken("UPDATE chunk SET entries=entries || x'000161'"));
  EXPECT_TRUE(broken("DELETE FROM chunk"));
  EXPECT_TRUE(broken("UPDATE marked SET upto=20"));
  EXPECT_TRUE(broken("UPDATE value SET value=x'0000000000000000' WHERE name='tree'"));
  EXPECT_TRUE(broken("INSERT INTO chunk VALUES(20, x'000161')"));
  expect_holds();
}

// A sieve that says no where a run has the entry would let it in a second time.
TEST_F(LogTest, FsckFindsWhatChangedInTheIndex) {
  auto log = open();
  add(*log, 0, 17'000);  // more than the index keeps in memory
  ASSERT_TRUE(log->publish());
  log.reset();
  expect_holds();
  auto db = sqlite::Db::open(options().database, SQLITE_OPEN_READWRITE);
  ASSERT_TRUE(db);
  const auto bytes_of = [&](const std::string& where) {
    auto row = db->prepare(("SELECT " + where).c_str());
    EXPECT_TRUE(row && row->step() == SQLITE_ROW) << where;
    return std::string(row->bytes(0));
  };
  const auto put = [&](const char* sql, std::string_view bytes) {
    auto row = db->prepare(sql);
    ASSERT_TRUE(row) << row.error().text();
    ASSERT_EQ(row->blob(1, bytes).step(), SQLITE_DONE) << sql;
  };
  const auto expect_found = [&](const char* read, const char* write, std::size_t at, char to) {
    const std::string good = bytes_of(read);
    std::string bad = good;
    ASSERT_LT(at, bad.size());
    ASSERT_NE(bad[at], to);
    bad[at] = to;
    put(write, bad);
    const auto check = fsck(options());
    EXPECT_TRUE(!check || !check->problems.empty()) << write;
    put(write, good);
  };
  expect_found("lines FROM sieve ORDER BY at LIMIT 1", "UPDATE sieve SET lines = ?1 WHERE at = (SELECT min(at) FROM sieve)", 1000, 0);
  expect_found("pairs FROM block ORDER BY at LIMIT 1", "UPDATE block SET pairs = ?1 WHERE at = (SELECT min(at) FROM block)", 16, 1);
  expect_found("pairs FROM block ORDER BY at LIMIT 1", "UPDATE block SET pairs = ?1 WHERE at = (SELECT min(at) FROM block)", 8, 1);
  expect_found("firsts FROM run", "UPDATE run SET firsts = ?1", 15, 0x7f);
  ASSERT_TRUE(db->run("UPDATE run SET pairs = pairs - 1"));
  const auto shorter = fsck(options());
  EXPECT_TRUE(!shorter || !shorter->problems.empty());
  ASSERT_TRUE(db->run("UPDATE run SET pairs = pairs + 1"));
  expect_holds();
}

}  // namespace
}  // namespace surety::store
