#pragma once
// Entries in rows of many: a row costs SQLite more than the entry in it, and a commit of many writers is one row or a few.
// A row holds the entries from `first` on as an entry bundle does (record/tiles.h: each with its length before it), and never
// changes. One thread.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/db.h"
#include "store/store.h"

namespace surety::store::sqlite {

class Chunks {
 public:
  static constexpr const char* kSchema = "CREATE TABLE chunk(first INTEGER PRIMARY KEY, entries BLOB NOT NULL);";

  Status prepare(Db& db);  // `db` must outlive it
  // Inside a transaction. Entries have at most 65,535 bytes.
  Status append(std::uint64_t first, std::span<const std::string_view> entries);
  Result<std::string> get(std::uint64_t index);  // store.no-such-entry
  Status scan(std::uint64_t from, std::uint64_t to, const EntryVisitor& visit);
  // After a rollback: what was read may not be there.
  void forget() { loaded_ = {}; }

 private:
  struct Row {
    std::uint64_t first = 0;
    std::string bytes;
    std::vector<std::string_view> entries;  // into bytes
  };
  Status load(std::uint64_t index);
  Status put(std::uint64_t first, std::string_view bytes);
  Result<std::vector<std::string_view>> split(std::uint64_t first, std::string_view bytes) const;
  Error missing(std::uint64_t index) const;

  Db* db_ = nullptr;
  Statement put_, at_;
  Row loaded_;  // the last one that `get` read; rows never change
};

}  // namespace surety::store::sqlite
