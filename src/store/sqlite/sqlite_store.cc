#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/files.h"
#include "record/tiles.h"
#include "store/sqlite/chunks.h"
#include "store/sqlite/db.h"
#include "store/sqlite/seen.h"

namespace surety::store {
namespace {

using record::CompactRange;
using sqlite::Db;
using sqlite::Run;
using sqlite::Seen;
using sqlite::Statement;

constexpr std::int64_t kApplicationId = 0x53555254;  // "SURT"
constexpr const char* kTreeName = "tree";

constexpr int kSqliteVersion = 3;
const std::string kTables = std::string(sqlite::Chunks::kSchema) + Seen::kRuns + Seen::kMark;
const std::string kSchema = "BEGIN IMMEDIATE;" + kTables +
                            "CREATE TABLE value(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
                            "PRAGMA application_id = 1398100564; PRAGMA user_version = 3; COMMIT;";

// Held for as long as the writer is open; the kernel lets go of it when the process dies.
class WriteLock {
 public:
  static Result<WriteLock> take(const std::string& database) {
    const std::string path = database + ".lock";
    WriteLock out;
    out.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (out.fd_ < 0)
      return err(fail("store.failed", "this database cannot be opened for writing")
                     .in(database)
                     .found("its lock file cannot be created")
                     .help("check that the folder is there and who may write to it"));
    if (::flock(out.fd_, LOCK_EX | LOCK_NB) != 0) {
      auto holder = read_file(path);
      return err(fail("store.in-use", "another process is writing to this record")
                     .in(database)
                     .found(holder && !holder->empty() ? "process " + holder->substr(0, holder->find('\n')) : "a lock")
                     .expected("one writer at a time, because a log has one order")
                     .help("wait for it to end, or stop it, and run the command again")
                     .ours());
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(out.fd_, 0) != 0 || ::pwrite(out.fd_, pid.data(), pid.size(), 0) < 0) {
      // Only the pid in the message is lost; the lock itself holds (the disk may be full).
    }
    return out;
  }
  WriteLock() = default;
  WriteLock(WriteLock&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  WriteLock& operator=(WriteLock&& o) noexcept {
    std::swap(fd_, o.fd_);
    return *this;
  }
  ~WriteLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  int fd_ = -1;
};

class SqliteStore final : public Store {
 public:
  SqliteStore(Db db, WriteLock lock, Mode mode) : lock_(std::move(lock)), db_(std::move(db)), mode_(mode) {}

  Status prepare() {
    const auto make = [&](Statement& s, const char* sql) -> Status {
      SURETY_TRY(s, db_.prepare(sql));
      return {};
    };
    SURETY_TRY_STATUS(chunks_.prepare(db_));
    SURETY_TRY_STATUS(seen_.prepare(db_));
    SURETY_TRY_STATUS(make(value_, "SELECT value FROM value WHERE name = ?1"));
    SURETY_TRY_STATUS(make(set_, "INSERT INTO value(name, value) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value = ?2"));
    return {};
  }

  Result<std::vector<Appended>> append(std::span<const std::string_view> entries) override {
    SURETY_CHECK(mode_ == Mode::write);
    if (broken_) return err(broken_error());
    for (const auto entry : entries)
      if (entry.size() > record::kMaxEntry) {
        std::string unused;
        return err(record::append_to_bundle(unused, entry).error());
      }
    if (entries.empty()) return std::vector<Appended>{};
    SURETY_TRY_STATUS(db_.run("BEGIN IMMEDIATE"));
    auto out = append_inside(entries);
    if (out && db_.run("COMMIT")) {
      known_ = next_;
      if (written_down_) seen_.forget();
      if (!written_down_)
        for (const Seen::Pair& pair : fresh_) seen_.remember(pair);
      return out;
    }
    Error e = out ? db_.error("commit") : std::move(out.error());
    roll_back();
    // A full disk leaves the transaction undone and the file as it was. After any other failure
    // nobody knows what is on disk: stop, and let `open` look.
    if (e.code != "store.full-disk") broken_ = true;
    return err(std::move(e));
  }

  Result<std::uint64_t> size() override {
    SURETY_TRY(const CompactRange range, tree());
    return range.size();
  }

  Result<CompactRange> tree() override {
    SURETY_TRY(const auto bytes, value(kTreeName));
    if (!bytes) return CompactRange();
    return CompactRange::parse(*bytes);
  }

  Result<std::string> get(std::uint64_t index) override { return chunks_.get(index); }

  Result<std::optional<std::uint64_t>> find(const Digest& leaf) override {
    // A reader's several looks at the index must be of one state.
    const bool reader = mode_ == Mode::read;
    if (reader) SURETY_TRY_STATUS(db_.run("BEGIN"));
    auto out = find_inside(leaf);
    if (reader) SURETY_TRY_STATUS(db_.run("COMMIT"));
    return out;
  }

  Status scan(std::uint64_t from, std::uint64_t to, const EntryVisitor& visit) override { return chunks_.scan(from, to, visit); }

  Result<std::optional<std::string>> value(std::string_view name) override {
    Run run(value_);
    const int code = value_.text(1, name).step();
    if (code == SQLITE_ROW) return std::optional<std::string>(value_.bytes(0));
    if (code == SQLITE_DONE) return std::optional<std::string>();
    return err(db_.error("read a value"));
  }

  Status set_value(std::string_view name, std::string_view value) override {
    if (broken_) return err(broken_error());
    Run run(set_);
    if (set_.text(1, name).blob(2, value).step() != SQLITE_DONE) return err(db_.error("set a value"));
    return {};
  }

  Result<bool> swap_value(std::string_view name, const std::optional<std::string>& expected, std::string_view to) override {
    if (broken_) return err(broken_error());
    SURETY_TRY_STATUS(db_.run("BEGIN IMMEDIATE"));
    const auto now = value(name);
    if (!now || *now != expected) {
      roll_back();
      if (!now) return err(now.error());
      return false;
    }
    if (auto set = set_value(name, to); !set) {
      roll_back();
      return err(std::move(set.error()));
    }
    if (auto done = db_.run("COMMIT"); !done) {
      roll_back();
      return err(std::move(done.error()));
    }
    return true;
  }

  Result<std::vector<std::pair<std::string, std::string>>> values(std::string_view prefix) override {
    SURETY_TRY(Statement rows, db_.prepare("SELECT name, value FROM value WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name"));
    rows.text(1, prefix);
    std::vector<std::pair<std::string, std::string>> out;
    int code = 0;
    while ((code = rows.step()) == SQLITE_ROW) out.emplace_back(rows.bytes(0), rows.bytes(1));
    if (code != SQLITE_DONE) return err(db_.error("read values"));
    return out;
  }

  Status backup(const std::string& target) override {
    if (file_exists(target))
      return err(fail("store.exists", "the target of the backup is there already").in(target).help("name a new file"));
    SURETY_TRY(Statement into, db_.prepare("VACUUM INTO ?1"));
    if (into.text(1, target).step() != SQLITE_DONE) return err(db_.error("copy the database"));
    // VACUUM INTO does not wait for the disk; a backup that a power cut can take is not one.
    SURETY_TRY(Db copy, Db::open(target, SQLITE_OPEN_READWRITE));
    const int fd = ::open(target.c_str(), O_RDONLY | O_CLOEXEC);
    const bool synced = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!synced) return err(fail("store.failed", "the backup could not be made durable").in(target).ours());
    return {};
  }

  std::string name() const override { return db_.path(); }

 private:
  Result<std::optional<std::uint64_t>> find_inside(const Digest& leaf) {
    SURETY_TRY_STATUS(catch_up());
    std::optional<std::uint64_t> out;
    SURETY_TRY_STATUS(seen_.look({{prefix_of(leaf), 0}}, [&](std::size_t, std::uint64_t index) -> Status {
      SURETY_TRY(const std::string body, chunks_.get(index));
      if (record::leaf_hash(body) == leaf) out = std::min(out.value_or(index), index);
      return {};
    }));
    return out;
  }

  // Puts into memory what is not in the rows of the index yet: after opening, and what others added since.
  Status catch_up() {
    SURETY_TRY(const std::uint64_t now, size());
    if (known_ == now && known_ != 0) return {};
    SURETY_TRY(const std::uint64_t marked, seen_.marked());
    if (known_ < marked || seen_.remembered() > 4 * Seen::kInMemory) {  // a reader: the writer has written them down
      seen_.forget();
      known_ = marked;
    }
    SURETY_TRY_STATUS(chunks_.scan(known_, now, [&](std::uint64_t index, std::string_view entry) {
      seen_.remember({prefix_of(record::leaf_hash(entry)), index});
      return true;
    }));
    known_ = now;
    return {};
  }

  // Where each entry is already: in the log (`there`), or earlier in this batch (`same_as`). In the order of the index:
  // neighbours share its rows.
  struct Known {
    std::vector<std::optional<std::uint64_t>> there;
    std::vector<std::size_t> same_as;
  };
  static constexpr std::size_t kNowhere = ~std::size_t{0};
  Result<Known> look_up(std::span<const std::string_view> entries, const std::vector<Seen::Pair>& order) {
    Known out{std::vector<std::optional<std::uint64_t>>(entries.size()), std::vector<std::size_t>(entries.size(), kNowhere)};
    for (std::size_t k = 1; k < order.size(); ++k) {
      const std::size_t i = order[k].second;
      for (std::size_t j = k; j-- > 0 && order[j].first == order[k].first;)
        if (const std::size_t other = order[j].second; entries[other] == entries[i])
          out.same_as[i] = out.same_as[other] == kNowhere ? other : out.same_as[other];
    }
    SURETY_TRY_STATUS(seen_.look(order, [&](std::size_t k, std::uint64_t index) -> Status {
      SURETY_TRY(const std::string body, chunks_.get(index));
      if (const std::size_t i = order[k].second; body == entries[i]) out.there[i] = index;
      return {};
    }));
    return out;
  }

  Result<std::vector<Appended>> append_inside(std::span<const std::string_view> entries) {
    SURETY_TRY_STATUS(catch_up());
    SURETY_TRY(CompactRange range, tree());
    const std::uint64_t first = range.size();
    std::vector<Digest> leaves;
    leaves.reserve(entries.size());
    std::vector<Seen::Pair> order;
    order.reserve(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      leaves.push_back(record::leaf_hash(entries[i]));
      order.emplace_back(prefix_of(leaves[i]), i);
    }
    std::sort(order.begin(), order.end());
    SURETY_TRY(const Known known, look_up(entries, order));
    std::vector<Appended> out;
    out.reserve(entries.size());
    std::vector<std::string_view> added;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (known.same_as[i] != kNowhere) {
        out.push_back({out[known.same_as[i]].index, true});
      } else if (known.there[i]) {
        out.push_back({*known.there[i], true});
      } else {
        out.push_back({range.size(), false});
        added.push_back(entries[i]);
        range.append(leaves[i]);
      }
    }
    SURETY_TRY_STATUS(chunks_.append(first, added));
    next_ = range.size();
    fresh_.clear();
    for (const auto& [prefix, i] : order)
      if (!out[i].duplicate) fresh_.emplace_back(prefix, out[i].index);
    written_down_ = seen_.remembered() + fresh_.size() > Seen::kInMemory;
    if (written_down_) SURETY_TRY_STATUS(seen_.write_down(fresh_, next_));
    Run run(set_);
    const std::string bytes = range.bytes();
    if (set_.text(1, kTreeName).blob(2, bytes).step() != SQLITE_DONE) return err(db_.error("append entries"));
    return out;
  }

  void roll_back() {
    chunks_.forget();
    seen_.drop();
    if (!sqlite3_get_autocommit(db_.get()) && !db_.run("ROLLBACK")) broken_ = true;
  }
  Error broken_error() const {
    return fail("store.failed", "this database failed before and what is on disk is not known")
        .in(db_.path())
        .help("close it and open it again: opening recovers")
        .ours();
  }

  WriteLock lock_;  // before db_: let go of last
  Db db_;
  Mode mode_;
  bool broken_ = false;
  Statement value_, set_;
  sqlite::Chunks chunks_;
  Seen seen_;
  std::uint64_t known_ = 0;  // entries below are in the index, in its rows or in memory
  // Of the transaction under way: the size after it, what the index must remember, and whether it was written down.
  std::uint64_t next_ = 0;
  std::vector<Seen::Pair> fresh_;
  bool written_down_ = false;
};

// Its version, 0 when it is empty and new.
Result<std::int64_t> check_version(Db& db) {
  SURETY_TRY(const std::int64_t app, db.number("PRAGMA application_id"));
  SURETY_TRY(const std::int64_t version, db.number("PRAGMA user_version"));
  SURETY_TRY(const std::int64_t tables, db.number("SELECT count(*) FROM sqlite_schema"));
  if (app == 0 && version == 0 && tables == 0) return 0;
  if (app != kApplicationId)
    return err(fail("store.not-ours", "this is a database of another program")
                   .in(db.path())
                   .found("application id " + std::to_string(app))
                   .expected("a Surety database")
                   .help("give another --db"));
  if (version > kSqliteVersion)
    return err(fail("store.newer-version", "this database was written by a newer Surety")
                   .in(db.path())
                   .found("schema version " + std::to_string(version))
                   .expected("at most " + std::to_string(kSqliteVersion))
                   .help("use that newer Surety; this one leaves the database as it is"));
  return version;
}

// Version 1 had a row for each entry and for each hash. One transaction, so that it is of one version or the other; it needs as
// much free space as the database has.
Status bring_up_from_1(Db& db) {
  SURETY_TRY_STATUS(db.run(("BEGIN IMMEDIATE; DROP TABLE seen;" + kTables).c_str()));
  sqlite::Chunks chunks;
  Seen seen;
  SURETY_TRY_STATUS(chunks.prepare(db));
  SURETY_TRY_STATUS(seen.prepare(db));
  SURETY_TRY(Statement rows, db.prepare("SELECT body FROM entry ORDER BY idx"));
  std::vector<std::string> batch;
  std::uint64_t size = 0;
  for (int code = SQLITE_ROW; code == SQLITE_ROW;) {
    code = rows.step();
    if (code == SQLITE_ROW) batch.emplace_back(rows.bytes(0));
    if (code != SQLITE_ROW && code != SQLITE_DONE) return err(db.error("read entries"));
    if (batch.size() < Seen::kInMemory && code == SQLITE_ROW) continue;
    std::vector<Seen::Pair> pairs;
    for (const std::string& entry : batch) pairs.emplace_back(prefix_of(record::leaf_hash(entry)), size + pairs.size());
    SURETY_TRY_STATUS(chunks.append(size, std::vector<std::string_view>(batch.begin(), batch.end())));
    size += batch.size();
    std::sort(pairs.begin(), pairs.end());
    SURETY_TRY_STATUS(seen.write_down(pairs, size));
    batch.clear();
  }
  rows = Statement();
  return db.run("DROP TABLE entry; PRAGMA user_version = 3; COMMIT");
}

// Version 2 had the whole index in one table of rows of sorted pairs, most of which were written anew for every 16,384 entries.
Status bring_up_from_2(Db& db) {
  SURETY_TRY_STATUS(db.run("BEGIN IMMEDIATE"));
  SURETY_TRY_STATUS(db.run(Seen::kRuns));
  Seen seen;
  SURETY_TRY_STATUS(seen.prepare(db));
  SURETY_TRY(const std::int64_t pairs, db.number("SELECT ifnull(sum(length(pairs)), 0) / 16 FROM seen"));
  SURETY_TRY(Statement rows, db.prepare("SELECT pairs FROM seen ORDER BY prefix"));
  std::string_view row;
  SURETY_TRY_STATUS(seen.take_over(static_cast<std::uint64_t>(pairs), [&]() -> Result<Seen::Pair> {
    while (row.size() < sizeof(Seen::Pair)) {
      if (rows.step() != SQLITE_ROW) return err(db.error("read the index of hashes"));
      row = rows.bytes(0);
    }
    Seen::Pair pair;
    std::memcpy(static_cast<void*>(&pair), row.data(), sizeof pair);
    row.remove_prefix(sizeof pair);
    return pair;
  }));
  rows = Statement();
  return db.run("DROP TABLE seen; PRAGMA user_version = 3; COMMIT");
}

Status prepare_for_writing(Db& db, std::int64_t version) {
  SURETY_TRY_STATUS(db.run("PRAGMA page_size = 16384"));
  SURETY_TRY_STATUS(db.run("PRAGMA journal_mode = WAL"));
  SURETY_TRY_STATUS(db.run("PRAGMA synchronous = FULL"));
  SURETY_TRY_STATUS(db.settle());
  if (version == 0) return db.run(kSchema.c_str());
  return version == 1 ? bring_up_from_1(db) : version == 2 ? bring_up_from_2(db) : Status();
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, Mode mode) {
  if (mode == Mode::read && !file_exists(path))
    return err(fail("store.missing", "there is no such database").in(path).help("check the path, or make one with `surety import`"));
  WriteLock lock;
  if (mode == Mode::write) {
    SURETY_TRY(lock, WriteLock::take(path));
  }
  SURETY_TRY(Db db, Db::open(path, mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY));
  SURETY_TRY(const std::int64_t version, check_version(db));
  if (mode == Mode::write) {
    SURETY_TRY_STATUS(prepare_for_writing(db, version));
  } else if (version == 0) {
    return err(fail("store.missing", "this database is empty").in(path).help("make one with `surety import`"));
  } else if (version < kSqliteVersion) {  // a reader too needs the present version
    db = Db();
    SURETY_TRY(const auto brought_up, open_sqlite(path, Mode::write));
    SURETY_TRY(db, Db::open(path, SQLITE_OPEN_READONLY));
  }
  // Little is read twice, and memory that was not touched before costs more than reading a page again.
  SURETY_TRY_STATUS(db.run("PRAGMA cache_size = -8192"));
  auto out = std::make_unique<SqliteStore>(std::move(db), std::move(lock), mode);
  SURETY_TRY_STATUS(out->prepare());
  return std::unique_ptr<Store>(std::move(out));
}

}  // namespace surety::store
