#pragma once
// SQLite's C interface with owners: Db closes, Statement finalizes, results are Result<T>.
#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace surety::store::sqlite {

// store.full-disk, store.not-ours, store.in-use or store.failed, with SQLite's own words.
Error sqlite_error(sqlite3* db, const std::string& path, const char* doing);

class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* s) : stmt_(s, sqlite3_finalize) {}
  Statement& bind(int at, std::int64_t v) {
    sqlite3_bind_int64(stmt_.get(), at, v);
    return *this;
  }
  Statement& text(int at, std::string_view v) {
    sqlite3_bind_text(stmt_.get(), at, v.data(), static_cast<int>(v.size()), SQLITE_STATIC);
    return *this;
  }
  Statement& blob(int at, std::string_view v) {
    // A null pointer would bind NULL; the empty entry is an entry.
    sqlite3_bind_blob(stmt_.get(), at, v.data() ? v.data() : "", static_cast<int>(v.size()), SQLITE_STATIC);
    return *this;
  }
  int step() { return sqlite3_step(stmt_.get()); }
  // Bindings stay: every use binds all of them again.
  void reset() { sqlite3_reset(stmt_.get()); }
  std::int64_t number(int column) { return sqlite3_column_int64(stmt_.get(), column); }
  // Valid until the next step or reset.
  std::string_view bytes(int column) {
    const void* p = sqlite3_column_blob(stmt_.get(), column);
    return {static_cast<const char*>(p), static_cast<std::size_t>(sqlite3_column_bytes(stmt_.get(), column))};
  }

 private:
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> stmt_{nullptr, sqlite3_finalize};
};

// Resets its statement on every way out, so that no read transaction stays open.
class Run {
 public:
  explicit Run(Statement& s) : s_(s) {}
  ~Run() { s_.reset(); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

 private:
  Statement& s_;
};

class Db {
 public:
  static Result<Db> open(const std::string& path, int flags);
  // For writing, made if it is not there; nobody but its owner may read it (mode 0600), and what is deleted is overwritten.
  // Settled. `what` the file is, for the error: "the disclosure store".
  static Result<Db> open_private(const std::string& path, const std::string& what);
  Status run(const char* sql);
  Result<Statement> prepare(const char* sql);
  Result<std::int64_t> number(const char* sql);
  // To be called by a writer when it has opened a database in WAL mode, before it shows or adds anything.
  Status settle();
  Error error(const char* doing) const { return sqlite_error(db_.get(), path_, doing); }
  sqlite3* get() const { return db_.get(); }
  const std::string& path() const { return path_; }

 private:
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> db_{nullptr, sqlite3_close_v2};
  std::string path_;
};

}  // namespace surety::store::sqlite
