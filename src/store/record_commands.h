#pragma once
// What `surety record verify|prove|fsck` do, as functions; src/cli only parses and prints. The
// program in verify/ checks the same things with other code, on purpose.
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "record/checkpoint.h"
#include "record/party_change.h"
#include "record/receipt.h"
#include "store/log.h"

namespace surety::store {

struct RecordCheck {
  record::Checkpoint checkpoint;
  std::uint64_t entries = 0, tiles = 0, bundles = 0, signatures = 0;
  record::PartyHistory parties;       // whose keys speak, as the entries say
  std::vector<std::string> problems;  // empty: the record holds. Each names the file and what is wrong.
};

// Every entry, every tile, the root and the log's signature of a record directory. `vkey` empty:
// the directory's own log.vkey (which proves only that the record agrees with itself).
// An Error means that it could not be checked (no such directory, unreadable key).
Result<RecordCheck> verify_record(const std::string& record_dir, const std::string& vkey = {});

// The tlog-proof text for one entry: index, inclusion proof, signed checkpoint (docs/formats).
Result<std::string> prove(const std::string& record_dir, std::uint64_t index);
// The index whose leaf hash begins with these hexadecimal digits, by reading the bundles.
Result<std::optional<std::uint64_t>> find_leaf(const std::string& record_dir, const std::string& hex_prefix);

// The body of a witness's add-checkpoint, given what it cosigned last, for the present checkpoint or an earlier signed one.
Result<std::string> witness_request(const std::string& record_dir, std::uint64_t old_size, const std::string& signed_checkpoint = {});

// Was the promise of a receipt kept? `broken` needs a cosignature, by one of the witnesses, that is
// later than the promise was due, on a checkpoint whose tree does not have the entry.
enum class Promise { kept, open, broken };
struct ReceiptCheck {
  Promise promise = Promise::open;
  record::Receipt receipt;
  std::optional<std::uint64_t> index;  // kept: where it is
  std::string witnessed_by;            // broken: by whose clock
  std::string proof;                   // broken: receipt and checkpoint, for anyone who has the tiles
};
Result<ReceiptCheck> check_receipt(const std::string& record_dir, std::string_view receipt,
                                   const std::vector<record::VerifierKey>& witnesses);

// verify_record, and the database against it: same entries, same tree, nothing extra, and what the
// database kept (tree, index by hash) and the list of the parties' keys recomputed. Read only.
Result<RecordCheck> fsck(const LogOptions& options);

}  // namespace surety::store
