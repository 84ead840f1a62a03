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
#include "store/sqlite/seen.h"
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
  sqlite3_exec(db, "PRAGMA user_version = 4; PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  const std::string before = *read_file(path());
  for (Mode mode : {Mode::read, Mode::write}) {
    const auto newer = open_store(path(), mode);
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, "store.newer-version");
    EXPECT_NE(newer.error().text().find("schema version 4"), std::string::npos);
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

// Earlier layouts of a database of 20,000 entries, which is more than the index keeps in memory.
class EarlierVersion : public StoreTest {
 protected:
  static constexpr int kEntries = 20'000;
  static std::string entry(int i) { return "entry " + std::to_string(i); }
  EarlierVersion() {
    for (int i = 0; i < kEntries; ++i) tree_.append(record::leaf_hash(entry(i)));
  }
  void make(int version, const std::string& tables, const std::string& rows) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &db), SQLITE_OK);
    const std::string sql = "PRAGMA synchronous = OFF; BEGIN; " + tables +
                            "CREATE TABLE value(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
                            "PRAGMA application_id = 1398100564; PRAGMA user_version = " +
                            std::to_string(version) + ";" + rows + "INSERT INTO value VALUES('tree', x'" + hex(tree_.bytes()) +
                            "'), ('name', CAST('kept' AS BLOB)); COMMIT";
    ASSERT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
  void expect_brought_up() {
    for (const Mode mode : {Mode::read, Mode::write}) {
      auto store = open_store(path(), mode);
      ASSERT_TRUE(store) << store.error().text();
      EXPECT_EQ((*store)->tree()->root(), tree_.root());
      EXPECT_EQ((*store)->value("name")->value_or(""), "kept");
      record::CompactRange again;
      ASSERT_TRUE((*store)->scan(0, kEntries, [&](std::uint64_t, std::string_view entry) {
        again.append(record::leaf_hash(entry));
        return true;
      }));
      EXPECT_EQ(again.root(), tree_.root());
      for (int i = 0; i < kEntries; i += 371)
        EXPECT_EQ((*store)->find(record::leaf_hash(entry(i)))->value_or(kEntries), static_cast<std::uint64_t>(i));
    }
    auto store = open();
    EXPECT_EQ(append(*store, {entry(7), entry(kEntries - 1), "one more"}),
              (std::vector<Appended>{{7, true}, {kEntries - 1, true}, {kEntries, false}}));
  }
  record::CompactRange tree_;
};

TEST_F(EarlierVersion, TheFirstARowForEachEntryAndForEachHash) {
  std::string rows;
  for (int i = 0; i < kEntries; ++i)
    rows += "INSERT INTO entry VALUES(" + std::to_string(i) + ", CAST('" + entry(i) + "' AS BLOB));INSERT INTO seen VALUES(" +
            std::to_string(prefix_of(record::leaf_hash(entry(i)))) + "," + std::to_string(i) + ");";
  make(1,
       "CREATE TABLE entry(idx INTEGER PRIMARY KEY, body BLOB NOT NULL);"
       "CREATE TABLE seen(prefix INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY(prefix, idx)) WITHOUT ROWID;",
       rows);
  expect_brought_up();
}

TEST_F(EarlierVersion, TheSecondOneTableOfSortedPairs) {
  constexpr int kMarked = 16'384;  // the rest was in memory alone
  std::string rows = "INSERT INTO marked VALUES(" + std::to_string(kMarked) + ");", bundle;
  std::vector<sqlite::Seen::Pair> pairs;
  for (int i = 0; i < kEntries; ++i) {
    if (i < kMarked) pairs.emplace_back(prefix_of(record::leaf_hash(entry(i))), i);
    ASSERT_TRUE(record::append_to_bundle(bundle, entry(i)));
    if (i % 100 != 99) continue;
    rows += "INSERT INTO chunk VALUES(" + std::to_string(i - 99) + ", x'" + hex(bundle) + "');";
    bundle.clear();
  }
  std::sort(pairs.begin(), pairs.end());
  for (std::size_t at = 0; at < pairs.size(); at += 160) {
    const std::size_t n = std::min<std::size_t>(160, pairs.size() - at);
    const std::string_view bytes(reinterpret_cast<const char*>(pairs.data() + at), n * 16);
    rows +=
        "INSERT INTO seen VALUES(" + (at == 0 ? "-9223372036854775807 - 1" : std::to_string(pairs[at].first)) + ", x'" + hex(bytes) + "');";
  }
  make(2,
       "CREATE TABLE chunk(first INTEGER PRIMARY KEY, entries BLOB NOT NULL);"
       "CREATE TABLE seen(prefix INTEGER PRIMARY KEY, pairs BLOB NOT NULL); CREATE TABLE marked(upto INTEGER NOT NULL);",
       rows);
  expect_brought_up();
}

// Runs of runs of runs, prefixes that many entries share, and one that nothing has.
TEST_F(StoreTest, TheIndexMergesItsRuns) {
  using sqlite::Seen;
  auto db = sqlite::Db::open(path(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  ASSERT_TRUE(db);
  ASSERT_TRUE(db->run("PRAGMA synchronous = OFF; PRAGMA page_size = 16384"));
  ASSERT_TRUE(db->run((std::string(Seen::kRuns) + Seen::kMark).c_str()));
  Seen seen;
  ASSERT_TRUE(seen.prepare(*db));
  std::mt19937_64 random(5);
  std::vector<Seen::Pair> all;
  for (int round = 0; round < 66; ++round) {
    std::vector<Seen::Pair> fresh;
    for (std::size_t i = 0; i < 16'500; ++i) {
      const auto prefix = i % 50 == 0 ? std::int64_t{4711} : static_cast<std::int64_t>(random());
      fresh.emplace_back(prefix, all.size() + i);
    }
    all.insert(all.end(), fresh.begin(), fresh.end());
    std::sort(fresh.begin(), fresh.end());
    ASSERT_TRUE(db->run("BEGIN"));
    ASSERT_TRUE(seen.write_down(fresh, all.size()));
    ASSERT_TRUE(db->run(round == 30 ? "ROLLBACK" : "COMMIT"));
    if (round == 30) seen.drop(), all.resize(all.size() - fresh.size());
  }
  EXPECT_LE(db->number("SELECT count(*) FROM run").value_or(0), 14);
  EXPECT_EQ(db->number("SELECT sum(pairs) FROM run").value_or(0), static_cast<std::int64_t>(all.size()));
  const auto found = [&](Seen& index, std::vector<Seen::Pair> asked) {
    std::sort(asked.begin(), asked.end());
    std::multimap<std::int64_t, std::uint64_t> out;
    EXPECT_TRUE(index.look(asked, [&](std::size_t k, std::uint64_t at) -> Status {
      out.emplace(asked[k].first, at);
      return {};
    }));
    return out;
  };
  std::vector<Seen::Pair> asked{{4711, 0}, {4712, 0}};
  for (std::size_t i = 1; i < all.size(); i += 501)
    if (all[i].first != 4711) asked.emplace_back(all[i].first, 0);
  Seen again;  // what another opening finds
  ASSERT_TRUE(again.prepare(*db));
  for (Seen* const index : {&seen, &again}) {
    const auto there = found(*index, asked);
    EXPECT_EQ(there.count(4711), all.size() / 50);
    EXPECT_EQ(there.count(4712), 0u);
    for (std::size_t i = 1; i < all.size(); i += 501)
      if (all[i].first != 4711) {
        EXPECT_EQ(there.find(all[i].first)->second, all[i].second);
      }
  }
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
