#pragma once
// Which entries have this hash? By the first 8 bytes of it (`prefix_of`): whoever asks compares the entries, so a collision
// costs a look and never an answer.
//
// A log-structured merge tree (O'Neil et al., Acta Informatica 33, 1996), tiered: entries from `marked` on are in memory, read
// and hashed again when the database is opened; when there are too many, they become a run, a sorted list that never changes;
// eight runs of about one size become one. A pair is so written once for each power of eight, however long the log is.
// Before a run is read its sieve is asked, a Bloom filter of cache lines (Putze, Sanders, Singler, JEA 14, 2010): 10 bits a
// pair, under 2 % false. Sieves are held in memory up to 64 MB (50 million entries); a run beyond that is read without. One thread.
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/sqlite/db.h"

namespace surety::store::sqlite {

class Seen {
 public:
  using Pair = std::pair<std::int64_t, std::uint64_t>;  // prefix, index
  static constexpr std::size_t kInMemory = 16'384;
  // Of run r, block n lies at r·2^32 + n, and so do the rows of its sieve. `firsts`: the first prefix of each block.
  static constexpr const char* kRuns =
      "CREATE TABLE run(id INTEGER PRIMARY KEY, pairs INTEGER NOT NULL, firsts BLOB NOT NULL);"
      "CREATE TABLE block(at INTEGER PRIMARY KEY, pairs BLOB NOT NULL);"
      "CREATE TABLE sieve(at INTEGER PRIMARY KEY, lines BLOB NOT NULL);";
  static constexpr const char* kMark =
      "CREATE TABLE marked(upto INTEGER NOT NULL);"
      "INSERT INTO marked VALUES(0);";

  Status prepare(Db& db);  // `db` must outlive it
  // Entries below are in the runs; those from here on must be in memory before anything is asked.
  Result<std::uint64_t> marked();
  void remember(const Pair& pair) { recent_.emplace(pair.first, pair.second); }
  std::size_t remembered() const { return recent_.size(); }
  void forget() { recent_.clear(); }
  // After a rollback: what is held of the runs may not be there.
  void drop() { runs_.clear(), loaded_ = 0; }

  // Calls `candidate(k, index)` for each entry that has the prefix of pairs[k]. `pairs` must be sorted. Inside a transaction,
  // or with nobody else writing.
  using Candidate = std::function<Status(std::size_t k, std::uint64_t index)>;
  Status look(const std::vector<Pair>& pairs, const Candidate& candidate);
  // Inside a transaction: makes a run of everything in memory and `more` (sorted), and marks it. Memory is left for the caller to
  // `forget` once that is committed.
  Status write_down(const std::vector<Pair>& more, std::uint64_t upto);
  // Inside a transaction, into empty tables: a run of `pairs` sorted ones, which `next` gives one after the other.
  Status take_over(std::uint64_t pairs, const std::function<Result<Pair>()>& next);

 private:
  struct RunOf {
    std::int64_t id = 0;
    std::uint64_t pairs = 0;
    std::vector<std::int64_t> firsts;
    std::string sieve;  // empty: not held
  };
  class Writer;
  class Reader;
  Status load();
  Status load_sieve(RunOf& run);
  Status read_block(const RunOf& run, std::size_t block, std::vector<Pair>& out);
  Status look_in(const RunOf& run, const std::vector<Pair>& pairs, const Candidate& candidate);
  Status merge(std::size_t runs, const std::vector<Pair>& fresh);
  Status remove(std::int64_t id);
  Status put(Statement& into, std::int64_t at, std::string_view bytes);

  Db* db_ = nullptr;
  Statement runs_all_, put_run_, drop_run_, block_, put_block_, drop_blocks_, sieve_, put_sieve_, drop_sieve_, marked_, mark_;
  std::unordered_multimap<std::int64_t, std::uint64_t> recent_;
  std::vector<RunOf> runs_;    // oldest first
  std::uint64_t loaded_ = 0;   // `marked` when they were read
  std::vector<Pair> scratch_;  // a block
};

}  // namespace surety::store::sqlite
