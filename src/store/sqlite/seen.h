#pragma once
// Which entries have this hash? By the first 8 bytes of it (`prefix_of`): whoever asks compares the entries, so a collision
// costs a look and never an answer.
//
// Two parts. Entries from `marked` on are in memory, read and hashed again when the database is opened; when there are too
// many, they go into rows of sorted pairs, all at once, so that a commit of a few entries does not write a page for each.
// Memory does not grow with the log. One thread.
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/sqlite/db.h"

namespace surety::store::sqlite {

class Seen {
 public:
  using Pair = std::pair<std::int64_t, std::uint64_t>;  // prefix, index
  static constexpr std::size_t kInMemory = 16'384;
  // A row holds the pairs whose prefixes are from its own on, below the next row's; the first row's is the least of all.
  static constexpr const char* kSchema =
      "CREATE TABLE seen(prefix INTEGER PRIMARY KEY, pairs BLOB NOT NULL);"
      "INSERT INTO seen VALUES(-9223372036854775807 - 1, x'');"
      "CREATE TABLE marked(upto INTEGER NOT NULL);"
      "INSERT INTO marked VALUES(0);";

  Status prepare(Db& db);  // `db` must outlive it
  // Entries below are in the rows; those from here on must be in memory before anything is asked.
  Result<std::uint64_t> marked();
  void remember(const Pair& pair) { recent_.emplace(pair.first, pair.second); }
  std::size_t remembered() const { return recent_.size(); }
  void forget() { recent_.clear(); }

  // Calls `candidate(k, index)` for each entry that has the prefix of pairs[k]. `pairs` must be sorted.
  using Candidate = std::function<Status(std::size_t k, std::uint64_t index)>;
  Status look(const std::vector<Pair>& pairs, const Candidate& candidate);
  // Inside a transaction: writes everything in memory, and `more` (sorted), into the rows, and marks them. Memory is left for the
  // caller to `forget` once that is committed.
  Status write_down(const std::vector<Pair>& more, std::uint64_t upto);

 private:
  struct Row {
    std::int64_t prefix = 0, next = 0;  // of the row after it
    bool last = false;
    std::vector<Pair> pairs;
    bool covers(std::int64_t p) const { return p >= prefix && (last || p < next); }
  };
  Result<Row> row_of(std::int64_t prefix);
  Status put(std::int64_t prefix, const Pair* pairs, std::size_t n);

  Db* db_ = nullptr;
  Statement row_, put_, marked_, mark_;
  std::unordered_multimap<std::int64_t, std::uint64_t> recent_;
};

}  // namespace surety::store::sqlite
