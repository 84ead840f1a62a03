#include "store/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <random>

#include "base/files.h"
#include "record/tiles.h"
#include "store/test_dir.h"
#include "store/test_postgres.h"

namespace surety::store {
namespace {

std::vector<Appended> append(Store& store, const std::vector<std::string>& entries) {
  const std::vector<std::string_view> views(entries.begin(), entries.end());
  auto out = store.append(views);
  EXPECT_TRUE(out) << out.error().text();
  return out ? *out : std::vector<Appended>{};
}

class AnyStore : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    where_ = dir_.path("surety.db");
    if (std::string(GetParam()) != "postgres") return;
    if (!TestPostgres::shared()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    where_ = TestPostgres::shared()->fresh_database();
  }
  std::unique_ptr<Store> open(Mode mode = Mode::write) {
    auto out = open_store(where_, mode);
    EXPECT_TRUE(out) << out.error().text();
    return out ? std::move(*out) : nullptr;
  }
  TestDir dir_;
  std::string where_;
};
INSTANTIATE_TEST_SUITE_P(, AnyStore, ::testing::Values("sqlite", "postgres"), [](const auto& p) { return std::string(p.param); });

TEST_P(AnyStore, AppendsFindsScansAndComesBack) {
  {
    auto store = open();
    EXPECT_EQ(append(*store, {"a", "b", ""}), (std::vector<Appended>{{0, false}, {1, false}, {2, false}}));
    EXPECT_EQ(append(*store, {"c", "b", "c"}), (std::vector<Appended>{{3, false}, {1, true}, {3, true}}));
    EXPECT_EQ(append(*store, {}), std::vector<Appended>{});
  }
  auto store = open();
  EXPECT_EQ(*store->size(), 4u);
  EXPECT_EQ(*store->get(2), "");
  EXPECT_EQ(*store->get(3), "c");
  EXPECT_EQ(store->get(4).error().code, "store.no-such-entry");
  EXPECT_EQ(*store->find(record::leaf_hash("b")), 1u);
  EXPECT_EQ(*store->find(record::leaf_hash("z")), std::nullopt);
  record::CompactRange tree;
  std::string all;
  ASSERT_TRUE(store->scan(0, 4, [&](std::uint64_t i, std::string_view e) {
    EXPECT_EQ(i, tree.size());
    tree.append(record::leaf_hash(e));
    all += std::string(e) + ";";
    return true;
  }));
  EXPECT_EQ(all, "a;b;;c;");
  EXPECT_EQ(store->tree()->root(), tree.root());
  int seen = 0;
  ASSERT_TRUE(store->scan(1, 3, [&](std::uint64_t, std::string_view) { return ++seen < 1; }));
  EXPECT_EQ(seen, 1);
}

TEST_P(AnyStore, TooLargeAnEntryStopsItsWholeBatch) {
  auto store = open();
  const std::string large(record::kMaxEntry + 1, 'x');
  const std::vector<std::string_view> batch{"fits", large};
  EXPECT_EQ(store->append(batch).error().code, "record.entry-too-large");
  EXPECT_EQ(*store->size(), 0u);
  const std::string just(record::kMaxEntry, '\0');
  append(*store, {just});
  EXPECT_EQ(*store->get(0), just);
}

TEST_P(AnyStore, Values) {
  auto store = open();
  EXPECT_EQ(*store->value("agreement:a"), std::nullopt);
  ASSERT_TRUE(store->set_value("agreement:b", "2"));
  ASSERT_TRUE(store->set_value("agreement:a", std::string("\0x", 2)));
  EXPECT_FALSE(*store->swap_value("agreement:a", std::nullopt, "no"));
  EXPECT_TRUE(*store->swap_value("agreement:a", std::string("\0x", 2), "1"));
  EXPECT_FALSE(*store->swap_value("agreement:a", std::string("\0x", 2), "3"));
  EXPECT_TRUE(*store->swap_value("new", std::nullopt, "here"));
  EXPECT_EQ(*store->values("agreement:"), (std::vector<std::pair<std::string, std::string>>{{"agreement:a", "1"}, {"agreement:b", "2"}}));
}

TEST_P(AnyStore, RandomBatchesAgainstAMap) {
  std::mt19937 random(11);
  std::map<std::string, std::uint64_t> model;
  std::vector<std::string> order;
  auto store = open();
  for (int round = 0; round < 60; ++round) {
    if (random() % 10 == 0) {
      store.reset();
      store = open();
    }
    std::vector<std::string> batch(random() % 50);
    for (auto& e : batch) e = "entry " + std::to_string(random() % 700);
    const auto placed = append(*store, batch);
    ASSERT_EQ(placed.size(), batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto [it, fresh] = model.emplace(batch[i], order.size());
      if (fresh) order.push_back(batch[i]);
      ASSERT_EQ(placed[i], (Appended{it->second, !fresh}));
    }
  }
  std::size_t n = 0;
  ASSERT_TRUE(store->scan(0, order.size(), [&](std::uint64_t i, std::string_view e) { return e == order[i] && ++n; }));
  EXPECT_EQ(n, order.size());
}

TEST_P(AnyStore, SecondWriterIsRefusedReadersAreNot) {
  auto first = open();
  append(*first, {"a"});
  const auto second = open_store(where_, Mode::write);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "store.in-use");
  EXPECT_NE(second.error().found_text.find("process "), std::string::npos) << second.error().text();
  auto reader = open(Mode::read);
  EXPECT_EQ(*reader->size(), 1u);
  append(*first, {"b"});
  EXPECT_EQ(*reader->size(), 2u);
  first.reset();
  // The server hears of the closed session a moment later than we close it.
  auto again = open_store(where_, Mode::write);
  for (int i = 0; i < 200 && !again; ++i) {
    ::usleep(10'000);
    again = open_store(where_, Mode::write);
  }
  EXPECT_TRUE(again);
}

class StoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<Store> open(Mode mode = Mode::write) {
    auto out = open_store(path(), mode);
    EXPECT_TRUE(out) << out.error().text();
    return out ? std::move(*out) : nullptr;
  }
  std::string path() const { return dir_.path("surety.db"); }
  TestDir dir_;
};

TEST(PostgresStore, NewerVersionAndNoServerAreRefused) {
  EXPECT_EQ(open_store("postgres://nobody@/x?host=/nonexistent", Mode::write).error().fault, Fault::ours);
  if (!TestPostgres::shared()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  const std::string url = TestPostgres::shared()->fresh_database();
  EXPECT_EQ(open_store(url, Mode::read).error().code, "store.missing");
  {
    auto store = open_store(url, Mode::write);
    ASSERT_TRUE(store) << store.error().text();
    append(**store, {"a"});
  }
  TestPostgres::shared()->sql(url, "UPDATE surety.version SET number = 2");
  for (Mode mode : {Mode::read, Mode::write}) {
    for (int i = 0; i < 200 && open_store(url, mode).error().code == "store.in-use"; ++i) ::usleep(10'000);
    EXPECT_EQ(open_store(url, mode).error().code, "store.newer-version");
  }
}

TEST(PostgresStore, ThePasswordIsNeverShown) {
  const auto store = open_store("postgres://someone:topsecret@127.0.0.1:1/db", Mode::write);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().text().find("topsecret"), std::string::npos) << store.error().text();
}

TEST_F(StoreTest, NewerForeignAndMissingDatabasesAreRefusedAndLeftAlone) {
  EXPECT_EQ(open_store(path(), Mode::read).error().code, "store.missing");
  {
    auto store = open();
    append(*store, {"a"});
  }
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path().c_str(), &db), SQLITE_OK);
  sqlite3_exec(db, "PRAGMA user_version = 3; PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  const std::string before = *read_file(path());
  for (Mode mode : {Mode::read, Mode::write}) {
    const auto newer = open_store(path(), mode);
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, "store.newer-version");
    EXPECT_NE(newer.error().text().find("schema version 3"), std::string::npos);
  }
  EXPECT_EQ(*read_file(path()), before);

  const std::string foreign = dir_.path("other.db");
  ASSERT_EQ(sqlite3_open(foreign.c_str(), &db), SQLITE_OK);
  sqlite3_exec(db, "CREATE TABLE theirs(x)", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  EXPECT_EQ(open_store(foreign, Mode::write).error().code, "store.not-ours");
  ASSERT_TRUE(write_file_atomically(dir_.path("text.db"), std::string(5000, 'x')));
  EXPECT_EQ(open_store(dir_.path("text.db"), Mode::write).error().code, "store.not-ours");
  EXPECT_FALSE(open_store(dir_.path("no/such/folder/x.db"), Mode::write));
}

// A database as the first version wrote it: a row for each entry, a row for each hash.
TEST_F(StoreTest, TheFirstVersionIsBroughtUp) {
  record::CompactRange tree;
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path().c_str(), &db), SQLITE_OK);
  std::string sql =
      "PRAGMA synchronous = OFF; BEGIN; CREATE TABLE entry(idx INTEGER PRIMARY KEY, body BLOB NOT NULL);"
      "CREATE TABLE seen(prefix INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY(prefix, idx)) WITHOUT ROWID;"
      "CREATE TABLE value(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
      "PRAGMA application_id = 1398100564; PRAGMA user_version = 1;";
  constexpr int kEntries = 20'000;  // more than the index keeps in memory
  for (int i = 0; i < kEntries; ++i) {
    const std::string entry = "entry " + std::to_string(i);
    const Digest leaf = record::leaf_hash(entry);
    tree.append(leaf);
    sql += "INSERT INTO entry VALUES(" + std::to_string(i) + ", CAST('" + entry + "' AS BLOB));INSERT INTO seen VALUES(" +
           std::to_string(prefix_of(leaf)) + "," + std::to_string(i) + ");";
  }
  sql += "INSERT INTO value VALUES('tree', x'" + hex(tree.bytes()) + "'), ('name', CAST('kept' AS BLOB)); COMMIT";
  ASSERT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
  for (const Mode mode : {Mode::read, Mode::write}) {
    auto store = open_store(path(), mode);
    ASSERT_TRUE(store) << store.error().text();
    EXPECT_EQ((*store)->tree()->root(), tree.root());
    EXPECT_EQ((*store)->value("name")->value_or(""), "kept");
    record::CompactRange again;
    ASSERT_TRUE((*store)->scan(0, kEntries, [&](std::uint64_t, std::string_view entry) {
      again.append(record::leaf_hash(entry));
      return true;
    }));
    EXPECT_EQ(again.root(), tree.root());
    for (int i = 0; i < kEntries; i += 371)
      EXPECT_EQ(*(*store)->find(record::leaf_hash("entry " + std::to_string(i))), static_cast<std::uint64_t>(i));
  }
  auto store = open();
  EXPECT_EQ(append(*store, {"entry 7", "one more"}), (std::vector<Appended>{{7, true}, {kEntries, false}}));
}

// More entries than the index keeps in memory, in batches of every size, with a reader beside the writer.
TEST_F(StoreTest, TheIndexFindsWhatWasWrittenDownAndWhatWasNot) {
  auto store = open();
  auto reader = open_store(path(), Mode::read);
  ASSERT_TRUE(reader);
  std::uint64_t size = 0;
  for (const std::size_t batch : {1u, 100u, 16'000u, 500u, 40'000u, 3u, 16'384u, 1u}) {
    std::vector<std::string> entries;
    for (std::size_t i = 0; i < batch; ++i) entries.push_back("entry " + std::to_string(size + i));
    ASSERT_TRUE(store->append(std::vector<std::string_view>(entries.begin(), entries.end())));
    size += batch;
    if (batch == 500) store = nullptr, store = open();
    for (std::uint64_t i = 0; i < size; i += 1 + size / 97)
      for (Store* s : {store.get(), reader->get()})
        ASSERT_EQ(s->find(record::leaf_hash("entry " + std::to_string(i)))->value_or(~std::uint64_t{0}), i) << "of " << size;
    ASSERT_FALSE(*(*reader)->find(record::leaf_hash("never said")));
    const std::string last = "entry " + std::to_string(size - 1);
    const std::string_view again[] = {last, "entry 0"};
    ASSERT_EQ(*store->append(again), (std::vector<Appended>{{size - 1, true}, {0, true}}));
  }
}

TEST_F(StoreTest, BackupIsAWholeStore) {
  auto store = open();
  append(*store, {"a", "b"});
  ASSERT_TRUE(store->set_value("name", "value"));
  const std::string copy = dir_.path("copy.db");
  ASSERT_TRUE(store->backup(copy));
  EXPECT_EQ(store->backup(copy).error().code, "store.exists");
  append(*store, {"c"});
  auto other = open_store(copy, Mode::write);
  ASSERT_TRUE(other) << other.error().text();
  EXPECT_EQ(*(*other)->size(), 2u);
  EXPECT_EQ(*(*other)->value("name"), "value");
}

// The kernel refuses writes beyond the limit, as a full disk would; in a child, which then exits.
TEST_F(StoreTest, FullDiskLosesNothingAcknowledged) {
  const std::string report = dir_.path("report");
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    auto store = open_store(path(), Mode::write);
    const rlimit limit{8'000'000, 8'000'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::uint64_t acknowledged = 0;
    std::string code = "never full";
    for (int i = 0; i < 100'000 && code == "never full"; ++i) {
      const std::string entry = "entry " + std::to_string(i) + std::string(500, '.');
      const std::string_view one[] = {entry};
      const auto placed = (*store)->append(one);
      if (placed)
        ++acknowledged;
      else
        code = placed.error().code + (placed.error().help_text.empty() ? " without help" : "");
    }
    const rlimit open_again{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &open_again);
    const std::string line = std::to_string(acknowledged) + " " + code;
    const int fd = ::open(report.c_str(), O_WRONLY | O_CREAT, 0644);
    const bool ok = ::write(fd, line.data(), line.size()) > 0;
    ::_exit(ok ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  const std::string line = *read_file(report);
  EXPECT_NE(line.find("store.full-disk"), std::string::npos) << line;
  EXPECT_EQ(line.find("without help"), std::string::npos);
  const std::uint64_t acknowledged = std::stoull(line);
  EXPECT_GT(acknowledged, 100u);
  auto store = open();
  EXPECT_EQ(*store->size(), acknowledged);
  append(*store, {"more, now that there is room"});
}

}  // namespace
}  // namespace surety::store
