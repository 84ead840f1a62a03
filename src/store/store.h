#pragma once
// Entries in log order, made durable, and a few named values: all that Surety asks of a database.
// An entry is bytes (at most 65,535); the store knows nothing of what they say. `open_store` opens
// SQLite (a path) or PostgreSQL ("postgres://…"). Most callers want log.h, which adds the Merkle
// log's files and checkpoints on top.
//
// Invariants, guarded by store_test.cc for every backend:
// - entries have the indices 0, 1, 2, … without a gap, and the bytes of an index never change;
// - no two entries have the same bytes;
// - when `append` returns, its entries are on disk; when it fails, none of them is;
// - the tree that `tree()` returns is the tree of exactly the entries present.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "record/merkle.h"

namespace surety::store {

struct Appended {
  std::uint64_t index = 0;
  bool duplicate = false;  // these bytes were there already, at `index`
  bool operator==(const Appended&) const = default;
};

// Return false to stop.
using EntryVisitor = std::function<bool(std::uint64_t index, std::string_view entry)>;

// One thread at a time. Only one open writer a database: a second one is refused
// (store.in-use, naming the process that holds it); readers may come and go.
class Store {
 public:
  virtual ~Store() = default;

  // One durable transaction for the whole batch, in order. A duplicate within the batch counts too.
  // Errors: record.entry-too-large (nothing is appended), store.full-disk, store.failed. After
  // store.failed the state is unknown: close, open again.
  virtual Result<std::vector<Appended>> append(std::span<const std::string_view> entries) = 0;

  virtual Result<std::uint64_t> size() = 0;
  virtual Result<record::CompactRange> tree() = 0;
  virtual Result<std::string> get(std::uint64_t index) = 0;  // store.no-such-entry
  virtual Result<std::optional<std::uint64_t>> find(const Digest& leaf_hash) = 0;
  // Entries [from, to), in order. What is appended meanwhile is not seen beyond `to`.
  virtual Status scan(std::uint64_t from, std::uint64_t to, const EntryVisitor& visit) = 0;

  // Named values: "agreement:paris-2026" → hash, "checkpoint" → the last signed one.
  virtual Result<std::optional<std::string>> value(std::string_view name) = 0;
  virtual Status set_value(std::string_view name, std::string_view value) = 0;
  // Sets it only if it is now `expected` (nullopt: absent). false: it was something else.
  virtual Result<bool> swap_value(std::string_view name, const std::optional<std::string>& expected, std::string_view value) = 0;
  // Every value whose name begins so, by name.
  virtual Result<std::vector<std::pair<std::string, std::string>>> values(std::string_view prefix) = 0;

  // A copy of everything, taken while others write. SQLite: to a new database file.
  virtual Status backup(const std::string& target) = 0;
  // What a person would call it: the path, or the address without its password.
  virtual std::string name() const = 0;
};

enum class Mode { read, write };  // `write` creates what is not there

// How a database finds an entry by its leaf hash: by the first 8 bytes. Whoever finds compares the
// bytes, so a collision costs a look and never an answer.
constexpr std::int64_t prefix_of(const Digest& hash) {
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < 8; ++i) v = v << 8 | hash[i];
  return static_cast<std::int64_t>(v);
}

// "postgres://…" or "postgresql://…", not a path.
bool is_postgres(std::string_view where);

// Errors: store.newer-version (this program is too old for the database), store.not-ours (not one
// of our databases), store.in-use, store.missing (Mode::read), store.failed.
Result<std::unique_ptr<Store>> open_store(const std::string& where, Mode mode);

}  // namespace surety::store
