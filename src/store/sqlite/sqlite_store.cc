#include "store/sqlite/sqlite_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.h"
#include "record/tiles.h"
#include "store/sqlite/db.h"

namespace surety::store {
namespace {

using record::CompactRange;
using sqlite::Db;
using sqlite::Run;
using sqlite::Statement;

constexpr std::int64_t kApplicationId = 0x53555254;  // "SURT"
constexpr const char* kTreeName = "tree";

// `seen`: see prefix_of().
constexpr const char* kSchema = R"(
BEGIN IMMEDIATE;
CREATE TABLE entry(idx INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE seen(prefix INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY(prefix, idx)) WITHOUT ROWID;
CREATE TABLE value(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
PRAGMA application_id = 1398100564;
PRAGMA user_version = 1;
COMMIT;
)";

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
    SURETY_TRY_STATUS(make(put_, "INSERT INTO entry(idx, body) VALUES(?1, ?2)"));
    SURETY_TRY_STATUS(make(mark_, "INSERT INTO seen(prefix, idx) VALUES(?1, ?2)"));
    SURETY_TRY_STATUS(make(look_, "SELECT idx FROM seen WHERE prefix = ?1 ORDER BY idx"));
    SURETY_TRY_STATUS(make(get_, "SELECT body FROM entry WHERE idx = ?1"));
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
    if (out && db_.run("COMMIT")) return out;
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

  Result<std::string> get(std::uint64_t index) override {
    Run run(get_);
    const int code = get_.bind(1, static_cast<std::int64_t>(index)).step();
    if (code == SQLITE_ROW) return std::string(get_.bytes(0));
    if (code == SQLITE_DONE)
      return err(fail("store.no-such-entry", "the record has no entry of this number").in(db_.path()).found(std::to_string(index)));
    return err(db_.error("read an entry"));
  }

  Result<std::optional<std::uint64_t>> find(const Digest& leaf) override {
    return look(leaf, [&](std::string_view body) { return record::leaf_hash(body) == leaf; });
  }

  Status scan(std::uint64_t from, std::uint64_t to, const EntryVisitor& visit) override {
    SURETY_TRY(Statement rows, db_.prepare("SELECT idx, body FROM entry WHERE idx >= ?1 AND idx < ?2 ORDER BY idx"));
    rows.bind(1, static_cast<std::int64_t>(from)).bind(2, static_cast<std::int64_t>(to));
    std::uint64_t next = from;
    int code = 0;
    while ((code = rows.step()) == SQLITE_ROW) {
      if (static_cast<std::uint64_t>(rows.number(0)) != next)
        return err(fail("store.damaged", "an entry is missing from the database")
                       .in(db_.path())
                       .found("no entry " + std::to_string(next))
                       .help("restore a backup, or rebuild the database from its record directory")
                       .ours());
      if (!visit(next++, rows.bytes(1))) return {};
    }
    if (code != SQLITE_DONE) return err(db_.error("read entries"));
    return {};
  }

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
  // Looks all of them up in the order of `seen`, then writes: neighbours in the index share its pages,
  // which makes a large batch several times faster than one entry after the other.
  Result<std::vector<Appended>> append_inside(std::span<const std::string_view> entries) {
    SURETY_TRY(CompactRange range, tree());
    std::vector<Digest> leaves;
    leaves.reserve(entries.size());
    std::vector<std::pair<std::int64_t, std::size_t>> order;
    order.reserve(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      leaves.push_back(record::leaf_hash(entries[i]));
      order.emplace_back(prefix_of(leaves[i]), i);
    }
    std::sort(order.begin(), order.end());
    constexpr std::size_t kNowhere = ~std::size_t{0};
    std::vector<std::size_t> same_as(entries.size(), kNowhere);  // an earlier one of this batch
    std::vector<std::optional<std::uint64_t>> there(entries.size());
    const bool empty = range.size() == 0;
    for (std::size_t k = 0; k < order.size(); ++k) {
      const std::size_t i = order[k].second;
      for (std::size_t j = k; j-- > 0 && order[j].first == order[k].first;)
        if (entries[order[j].second] == entries[i])
          same_as[i] = same_as[order[j].second] == kNowhere ? order[j].second : same_as[order[j].second];
      if (same_as[i] != kNowhere || empty) continue;
      SURETY_TRY(there[i], look(leaves[i], [&](std::string_view body) { return body == entries[i]; }));
    }
    std::vector<Appended> out;
    out.reserve(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (same_as[i] != kNowhere) {
        out.push_back({out[same_as[i]].index, true});
      } else if (there[i]) {
        out.push_back({*there[i], true});
      } else {
        Run run(put_);
        if (put_.bind(1, static_cast<std::int64_t>(range.size())).blob(2, entries[i]).step() != SQLITE_DONE)
          return err(db_.error("append an entry"));
        out.push_back({range.size(), false});
        range.append(leaves[i]);
      }
    }
    for (const auto& [prefix, i] : order) {
      if (out[i].duplicate) continue;
      Run run(mark_);
      if (mark_.bind(1, prefix).bind(2, static_cast<std::int64_t>(out[i].index)).step() != SQLITE_DONE)
        return err(db_.error("append an entry"));
    }
    Run run(set_);
    const std::string bytes = range.bytes();
    if (set_.text(1, kTreeName).blob(2, bytes).step() != SQLITE_DONE) return err(db_.error("append entries"));
    return out;
  }

  template <class Same>
  Result<std::optional<std::uint64_t>> look(const Digest& leaf, const Same& same) {
    Run run(look_);
    look_.bind(1, prefix_of(leaf));
    int code = 0;
    while ((code = look_.step()) == SQLITE_ROW) {
      const std::int64_t index = look_.number(0);
      Run inner(get_);
      if (get_.bind(1, index).step() != SQLITE_ROW) return err(db_.error("read an entry"));
      if (same(get_.bytes(0))) return std::optional<std::uint64_t>(static_cast<std::uint64_t>(index));
    }
    if (code != SQLITE_DONE) return err(db_.error("look an entry up"));
    return std::optional<std::uint64_t>();
  }

  void roll_back() {
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
  Statement put_, mark_, look_, get_, value_, set_;
};

// True when it is ours, false when it is empty and new.
Result<bool> check_version(Db& db) {
  SURETY_TRY(const std::int64_t app, db.number("PRAGMA application_id"));
  SURETY_TRY(const std::int64_t version, db.number("PRAGMA user_version"));
  SURETY_TRY(const std::int64_t tables, db.number("SELECT count(*) FROM sqlite_schema"));
  if (app == 0 && version == 0 && tables == 0) return false;
  if (app != kApplicationId)
    return err(fail("store.not-ours", "this is a database of another program")
                   .in(db.path())
                   .found("application id " + std::to_string(app))
                   .expected("a Surety database")
                   .help("give another --db"));
  if (version > kSchemaVersion)
    return err(fail("store.newer-version", "this database was written by a newer Surety")
                   .in(db.path())
                   .found("schema version " + std::to_string(version))
                   .expected("at most " + std::to_string(kSchemaVersion))
                   .help("use that newer Surety; this one leaves the database as it is"));
  return true;
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
  SURETY_TRY(const bool ours, check_version(db));
  if (mode == Mode::write) {
    SURETY_TRY_STATUS(db.run("PRAGMA journal_mode = WAL"));
    SURETY_TRY_STATUS(db.run("PRAGMA synchronous = FULL"));
    SURETY_TRY_STATUS(db.settle());
    if (!ours) SURETY_TRY_STATUS(db.run(kSchema));
  } else if (!ours) {
    return err(fail("store.missing", "this database is empty").in(path).help("make one with `surety import`"));
  }
  SURETY_TRY_STATUS(db.run("PRAGMA cache_size = -65536"));
  auto out = std::make_unique<SqliteStore>(std::move(db), std::move(lock), mode);
  SURETY_TRY_STATUS(out->prepare());
  return std::unique_ptr<Store>(std::move(out));
}

}  // namespace surety::store
