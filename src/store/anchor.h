#pragma once
// The last signed checkpoint, kept a second time where no backup of the database or of the record directory takes it
// along (Sunlight's lock database does the same): whoever restores an old state of both is then refused, where
// signing on would fork the log.
//
//   SURETY_TRY(auto anchor, Anchor::at("/mnt/other-disk/truce.anchor"));   // or postgres://…, another database
//   SURETY_TRY(const bool moved, anchor->swap(origin, before, signed_checkpoint));
//
// Compare-and-swap: of two sequencers on one log, one is told. Log (log.h) moves the anchor before its own copy, so
// after a crash the anchor may be one step ahead, over entries that the database has. Not thread-safe.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace surety::store {

class Anchor {
 public:
  // A file (one log each), or a PostgreSQL database that no log of ours writes to (any number of logs). The address is
  // remembered in the log's database, so one with a password is refused (store.open-password).
  static Result<std::unique_ptr<Anchor>> at(const std::string& where);
  // What is remembered: a path is made absolute.
  static std::string lasting(const std::string& where);
  virtual ~Anchor() = default;
  virtual Result<std::optional<std::string>> read(const std::string& origin) = 0;
  // Durable when it returns true; false: it was not `expected`.
  virtual Result<bool> swap(const std::string& origin, const std::optional<std::string>& expected, std::string_view bytes) = 0;
};

}  // namespace surety::store
