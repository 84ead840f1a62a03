#pragma once
// Moves whole records: between stores (SQLite ↔ PostgreSQL), and from a record directory back into a
// database. Each proves itself: what arrives must give the tree that was promised, or it is refused.
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace surety::store {

struct Moved {
  std::uint64_t before = 0;  // entries that were there already
  std::uint64_t size = 0;    // entries now
  Digest root{};
  std::uint64_t notes = 0;  // by `measure`: signed statements, which say nothing without their disclosures
};

// What a database holds, read anew from its entries. Error store.damaged when they do not give the tree that is kept with them.
Result<Moved> measure(const std::string& database);
// Does a restored database of this size reach what its anchor (`anchor`, or the one that it remembers; none is fine) knows to have
// been signed? Error store.older-than-anchor.
Status meets_anchor(const std::string& database, const std::string& anchor, std::uint64_t size);

// Every entry in its place, and every named value. The target must be empty or the beginning of the
// source (a broken-off migration goes on). The private key is a file: move it by hand.
// Errors store.not-a-prefix, and those of both stores.
Result<Moved> migrate(const std::string& from, const std::string& to);

// A database that is gone or older than its record directory gets the entries back from the
// directory's bundles, up to its signed checkpoint, checked against the log's key: `vkey` if given,
// else the database's, else the directory's own. Afterwards `Log::open` goes on without a fork.
Result<Moved> restore_from_record(const std::string& record_dir, const std::string& database, const std::string& vkey = {});

}  // namespace surety::store
