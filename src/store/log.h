#pragma once
// The record that a run writes: a Store, and beside it the record directory that anyone can check
// (checkpoint, tile/…, log.vkey). The entry point of this room.
//
//   SURETY_TRY(auto log, Log::open({.database = "surety.db", .origin = "example.org/truce"}));
//   SURETY_TRY(auto placed, log->append(entries));   // durable now
//   SURETY_TRY(auto checkpoint, log->publish());     // tiles, then the signed checkpoint
//
// Order, so that nothing signed can be lost: entries (database commit) → tiles (fsync) → the
// checkpoint in the database by compare-and-swap → the checkpoint file by rename and folder fsync.
// With an anchor (a second copy of the checkpoint, elsewhere), the anchor moves before the database's copy.
// `open` finishes whatever a crash left undone. A checkpoint in the directory that the database does
// not know (a database restored from an old backup) is refused: signing on would fork the log.
// The private key lies at `<database>.key`, mode 0600, never in the record directory.
#include <memory>
#include <string>

#include "base/instant.h"
#include "record/checkpoint.h"
#include "store/store.h"

namespace surety::store {

class Disk;

struct LogOptions {
  std::string database = "surety.db";  // path, or postgres://…
  std::string record_dir;              // empty: `record` beside the database
  std::string key_file;                // empty: `<database>.key`, see beside()
  std::string origin;                  // used when the log is new; empty: `surety.local/<stem>`
  std::string anchor{};                // anchor.h; empty: the one that the database remembers, if any
  Disk* disk = nullptr;                // tests put a failing one here; must outlive the log
};
// The paths that the empty ones stand for.
LogOptions with_defaults(LogOptions options);
// A file that belongs to a database: "surety.db" and ".key" → "surety.db.key"; of PostgreSQL's database truce "truce.key", here.
std::string beside(const std::string& database, std::string_view ending);
// The same, whatever is there.
std::string own_file(const std::string& database, std::string_view ending);
// A PostgreSQL database whose files are called surety.*, as all were before: `surety.key` is there and `truce.key` is not.
bool named_as_before(const std::string& database);

// One thread at a time; sequencer.h takes submissions from many.
class Log {
 public:
  // Creates what is missing (database, key, directory), takes the write lock, recovers.
  static Result<std::unique_ptr<Log>> open(LogOptions options);
  virtual ~Log() = default;

  // Durable when it returns; see Store::append.
  virtual Result<std::vector<Appended>> append(std::span<const std::string_view> entries) = 0;
  // Writes tiles and checkpoint up to the store's size; returns the checkpoint. No-op when current.
  virtual Result<record::Checkpoint> publish() = 0;
  // A signed promise that this entry will be in the tree within the merge delay.
  virtual std::string receipt(std::string_view entry, Instant accepted, std::int64_t merge_delay_s) = 0;
  // Adds what witnesses answered (signature lines) to the published checkpoint, as record::answered says; returns of how
  // many of these witnesses there was something new.
  virtual Result<int> add_cosignatures(std::string_view signature_lines, const std::vector<record::VerifierKey>& witnesses) = 0;
  // The last published one, and its bytes with every signature.
  virtual const record::Checkpoint& checkpoint() const = 0;
  virtual std::string signed_checkpoint() const = 0;
  virtual const record::VerifierKey& vkey() const = 0;
  virtual const LogOptions& options() const = 0;
  virtual Store& store() = 0;
};

}  // namespace surety::store
