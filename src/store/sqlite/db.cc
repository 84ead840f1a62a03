#include "store/sqlite/db.h"

#include <fcntl.h>
#include <unistd.h>

namespace surety::store::sqlite {

Error sqlite_error(sqlite3* db, const std::string& path, const char* doing) {
  const int code = db ? sqlite3_errcode(db) : SQLITE_CANTOPEN;
  const int extended = db ? sqlite3_extended_errcode(db) : code;
  std::string said = db ? sqlite3_errmsg(db) : "it cannot be opened";
  if (code == SQLITE_FULL || extended == SQLITE_IOERR_WRITE || extended == SQLITE_IOERR_TRUNCATE || extended == SQLITE_IOERR_SHMSIZE)
    return fail("store.full-disk", std::string("could not ") + doing + ": the disk is full or cannot be written")
        .in(path)
        .found(said)
        .help("free some space and run the same command again: what was acknowledged is safe")
        .ours();
  if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
    return fail("store.not-ours", "this file is not a database that can be read")
        .in(path)
        .found(said)
        .expected("a Surety database")
        .help("give another --db, or restore a backup");
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
    return fail("store.in-use", "another program is writing to this database")
        .in(path)
        .found(said)
        .help("wait for it to end, or stop it")
        .ours();
  if (code == SQLITE_CANTOPEN)
    return fail("store.failed", "this database cannot be opened")
        .in(path)
        .found(said)
        .help("check that its folder is there and who may read and write it");
  return fail("store.failed", std::string("could not ") + doing).in(path).found(said + " (" + std::to_string(extended) + ")").ours();
}

Result<Db> Db::open(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_EXRESCODE, nullptr);
  Db out;
  out.db_.reset(raw);
  out.path_ = path;
  if (code != SQLITE_OK) return err(out.error("open this database"));
  sqlite3_busy_timeout(raw, 5000);
  return out;
}

Result<Db> Db::open_private(const std::string& path, const std::string& what) {
  // Made by us first, so that it is never readable by others, not for a moment.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return err(fail("store.failed", what + " cannot be opened").in(path).help("check that its folder is there and who may write to it"));
  ::close(fd);
  SURETY_TRY(Db db, open(path, SQLITE_OPEN_READWRITE));
  SURETY_TRY_STATUS(db.run("PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON"));
  SURETY_TRY_STATUS(db.settle());
  return db;
}

Status Db::run(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return err(error(sql));
  return {};
}

Result<Statement> Db::prepare(const char* sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(db_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK) return err(error(sql));
  return Statement(raw);
}

Result<std::int64_t> Db::number(const char* sql) {
  SURETY_TRY(Statement s, prepare(sql));
  if (s.step() != SQLITE_ROW) return err(error(sql));
  return s.number(0);
}

// After a crash, what recovery reads from the write-ahead log may be in the system's cache alone: when an fsync has failed, its
// pages count as clean and are never written. A commit behind them would be lost with them, and so would they, after they were
// shown to others. So all of it goes into the database, and a first commit makes the new, empty log durable.
// A reader that still holds the old log keeps it in use; then the next opening does this.
Status Db::settle() {
  {
    SURETY_TRY(Statement look, prepare("PRAGMA wal_checkpoint"));
    if (look.step() != SQLITE_ROW) return err(error("bring the database up to date"));
    if (look.number(1) <= 0) return {};  // it was closed in order
  }
  SURETY_TRY(const std::int64_t version, number("PRAGMA user_version"));
  SURETY_TRY_STATUS(run("PRAGMA wal_checkpoint(TRUNCATE)"));
  return run(("PRAGMA user_version = " + std::to_string(version)).c_str());
}

}  // namespace surety::store::sqlite
