#include "store/record_commands.h"

#include <algorithm>

#include "base/files.h"
#include "record/cosignature.h"
#include "record/proof.h"
#include "record/receipt.h"
#include "record/tiles.h"
#include "record/witness.h"
#include "store/anchor.h"
#include "store/cosigned.h"
#include "store/directory_check.h"
#include "store/party_list.h"
#include "store/record_dir.h"

namespace surety::store {
namespace {

using record::kEntries;
using record::kTileWidth;

Result<record::VerifierKey> read_vkey(const std::string& record_dir, const std::string& vkey) {
  if (!vkey.empty()) return record::parse_vkey(vkey);
  const std::string path = record_dir + "/log.vkey";
  SURETY_TRY(const std::string line, read_file(path));
  if (!line.ends_with('\n') || line.find('\n') + 1 != line.size())
    return err(fail("record.bad-key", "this is not a key").in(path).expected("one line"));
  auto key = record::parse_vkey(std::string_view(line).substr(0, line.size() - 1));
  if (!key) return err(std::move(key.error()).in(path));
  return key;
}

// The signed checkpoint of a record directory, opened under its own key.
struct Published {
  record::VerifierKey key;
  std::string bytes;
  record::Checkpoint checkpoint;
};
Result<Published> published_in(const std::string& record_dir) {
  Published out;
  SURETY_TRY(out.key, read_vkey(record_dir, {}));
  SURETY_TRY(out.bytes, published_checkpoint(record_dir));
  SURETY_TRY(out.checkpoint, record::open_checkpoint(out.bytes, out.key));
  return out;
}

// The second copy of the last signed checkpoint, which stops a restored backup from forking the log.
class KeptCheckpoint {
 public:
  static Result<KeptCheckpoint> read(Store& store, const record::VerifierKey& key) {
    KeptCheckpoint out;
    SURETY_TRY(out.bytes_, store.value("checkpoint"));
    if (!out.bytes_) return out;
    auto opened = record::open_checkpoint(*out.bytes_, key);
    if (opened)
      out.checkpoint_ = std::move(*opened);
    else
      out.problem_ = "its last checkpoint: " + opened.error().message;
    return out;
  }
  // To be shown the tree as it grows over the entries.
  void passes(const record::CompactRange& tree) {
    if (checkpoint_ && tree.size() == checkpoint_->size && tree.root() != checkpoint_->root)
      problem_ = "its last checkpoint does not have the root of its entries";
  }
  // What is wrong with it, or nothing. A crash may leave it ahead of the directory, never beside it.
  std::string problem(const std::string& published, const record::Checkpoint& there, std::uint64_t entries) const {
    if (!problem_.empty()) return problem_;
    if (!checkpoint_ || checkpoint_->size < there.size) return "its last checkpoint is older than the record directory's";
    if (checkpoint_->size > entries) return "its last checkpoint covers more entries than it has";
    if (checkpoint_->size == there.size && *bytes_ != published)
      return "its last checkpoint is not, byte for byte, the record directory's (opening the log for writing brings them together)";
    return {};
  }

 private:
  std::optional<std::string> bytes_;
  std::optional<record::Checkpoint> checkpoint_;
  std::string problem_;
};

// The second copy of the checkpoint, where one is kept, against the entries.
class AnchoredCheckpoint {
 public:
  static Result<AnchoredCheckpoint> read(Store& store, const LogOptions& options, const record::VerifierKey& key) {
    AnchoredCheckpoint out;
    SURETY_TRY(const auto remembered, store.value("anchor"));
    const std::string where = options.anchor.empty() ? remembered.value_or("") : options.anchor;
    if (where.empty()) return out;
    SURETY_TRY(const auto anchor, Anchor::at(where));
    SURETY_TRY(const auto bytes, anchor->read(key.name));
    const auto opened = bytes ? record::open_checkpoint(*bytes, key) : err(fail("store.no-anchor", "it is not there"));
    if (opened)
      out.checkpoint_ = *opened;
    else
      out.problem_ = "its anchor " + where + ": " + opened.error().message;
    return out;
  }
  void passes(const record::CompactRange& tree) {
    if (checkpoint_ && tree.size() == checkpoint_->size && tree.root() != checkpoint_->root)
      problem_ = "its anchor has another root at size " + std::to_string(tree.size());
  }
  std::string problem(std::uint64_t entries) const {
    if (!problem_.empty() || !checkpoint_ || checkpoint_->size <= entries) return problem_;
    return "it is an old state: its anchor knows a checkpoint of size " + std::to_string(checkpoint_->size);
  }

 private:
  std::optional<record::Checkpoint> checkpoint_;
  std::string problem_;
};

}  // namespace

Result<RecordCheck> verify_record(const std::string& record_dir, const std::string& vkey) {
  SURETY_TRY(const record::VerifierKey key, read_vkey(record_dir, vkey));
  SURETY_TRY(const std::string bytes, read_file(record_dir + "/checkpoint"));
  RecordCheck out;
  auto checkpoint = record::open_checkpoint(bytes, key);
  if (!checkpoint) {
    out.problems.push_back("checkpoint: " + in_words(checkpoint.error()));
    return out;
  }
  out.checkpoint = std::move(*checkpoint);
  out.signatures = 1;
  check_directory(record_dir, out);
  return out;
}

Result<std::string> prove(const std::string& record_dir, std::uint64_t index) {
  SURETY_TRY(const Published log, published_in(record_dir));
  const record::Checkpoint& checkpoint = log.checkpoint;
  DirectoryTiles tiles(real_disk(), record_dir);
  SURETY_TRY(const record::Proof proof, record::inclusion_proof(index, checkpoint.size, record::tile_hashes(tiles, checkpoint.size, 64)));
  return record::proof_text({{}, index, proof, log.bytes});
}

Result<std::optional<std::uint64_t>> find_leaf(const std::string& record_dir, const std::string& hex_prefix) {
  SURETY_TRY(const Published log, published_in(record_dir));
  const record::Checkpoint& checkpoint = log.checkpoint;
  DirectoryTiles tiles(real_disk(), record_dir);
  for (std::uint64_t n = 0; n * kTileWidth < checkpoint.size; ++n) {
    SURETY_TRY(const std::string bundle, tiles.read({kEntries, n, record::tile_width(kEntries, n, checkpoint.size)}));
    SURETY_TRY(const auto entries, record::entries_of(bundle));
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (hex(record::leaf_hash(entries[i])).starts_with(hex_prefix)) return std::optional<std::uint64_t>(n * kTileWidth + i);
  }
  return std::optional<std::uint64_t>();
}

Result<std::string> witness_request(const std::string& record_dir, std::uint64_t old_size, const std::string& signed_checkpoint) {
  SURETY_TRY(const Published log, published_in(record_dir));
  record::Checkpoint asked = log.checkpoint;
  if (!signed_checkpoint.empty()) {
    SURETY_TRY(asked, record::open_checkpoint(signed_checkpoint, log.key));
  }
  // The tiles are those of the checkpoint that stands: partial ones of earlier sizes go as they fill.
  DirectoryTiles tiles(real_disk(), record_dir);
  SURETY_TRY(record::Proof proof, record::consistency_proof(old_size, asked.size, record::tile_hashes(tiles, log.checkpoint.size, 64)));
  return record::add_checkpoint_body({old_size, std::move(proof), signed_checkpoint.empty() ? log.bytes : signed_checkpoint});
}

Result<ReceiptCheck> check_receipt(const std::string& record_dir, std::string_view receipt_bytes,
                                   const std::vector<record::VerifierKey>& witnesses) {
  SURETY_TRY(const Published log, published_in(record_dir));
  ReceiptCheck out;
  SURETY_TRY(out.receipt, record::open_receipt(receipt_bytes, log.key));
  SURETY_TRY(out.index, find_leaf(record_dir, hex(out.receipt.leaf)));
  if (out.index) {
    out.promise = Promise::kept;
    return out;
  }
  SURETY_TRY(const record::Note note, record::parse_note(log.bytes));
  SURETY_TRY(const auto cosigned, record::cosignatures(note, witnesses));
  for (const record::Cosigned& c : cosigned) {
    // Only someone else's clock can show that the log had its time.
    if (Instant::from_posix(c.posix_seconds) <= out.receipt.due()) continue;
    out.promise = Promise::broken;
    out.witnessed_by = c.witness.name;
    out.proof = std::string(receipt_bytes) + "\n" + log.bytes;
    return out;
  }
  out.promise = Promise::open;
  return out;
}

Result<RecordCheck> fsck(const LogOptions& given) {
  const LogOptions options = with_defaults(given);
  SURETY_TRY(auto store, open_store(options.database, Mode::read));
  SURETY_TRY(const auto vkey, store->value("log.vkey"));
  if (!vkey) return err(fail("store.no-key", "this database has no log yet").in(store->name()));
  SURETY_TRY(RecordCheck out, verify_record(options.record_dir, *vkey));
  SURETY_TRY(const record::CompactRange kept, store->tree());
  const auto wrong = [&](std::string text) {
    if (out.problems.size() < kMaxProblems) out.problems.push_back(store->name() + ": " + std::move(text));
  };
  if (kept.size() < out.checkpoint.size)
    wrong("it has " + std::to_string(kept.size()) + " entries, fewer than the checkpoint's " + std::to_string(out.checkpoint.size));

  SURETY_TRY(const record::VerifierKey key, record::parse_vkey(*vkey));
  SURETY_TRY(auto last, KeptCheckpoint::read(*store, key));
  SURETY_TRY(auto anchored, AnchoredCheckpoint::read(*store, options, key));
  record::CompactRange tree;
  record::PartyHistory parties(key.name);
  last.passes(tree);
  DirectoryTiles tiles(real_disk(), options.record_dir);
  const auto published = record::tile_hashes(tiles, out.checkpoint.size, 64);
  std::vector<Digest> leaves;  // a batch, looked up after the scan's statement is done with them
  const auto look_up = [&](std::uint64_t first) -> Status {
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      SURETY_TRY(const auto at, store->find(leaves[i]));
      if (at != first + i) wrong("entry " + std::to_string(first + i) + " is not found by its hash");
    }
    leaves.clear();
    return {};
  };
  constexpr std::uint64_t kBatch = 4096;
  for (std::uint64_t from = 0; from < kept.size(); from += kBatch) {
    const auto scanned = store->scan(from, std::min(kept.size(), from + kBatch), [&](std::uint64_t index, std::string_view entry) {
      const Digest leaf = record::leaf_hash(entry);
      tree.append(leaf);
      last.passes(tree);
      anchored.passes(tree);
      leaves.push_back(leaf);
      (void)parties.take(index, entry);  // what is wrong with one is told of the record directory
      if (index < out.checkpoint.size) {
        const auto there = published(0, index);
        if (!there || *there != leaf) wrong("entry " + std::to_string(index) + " is not the published one");
      }
      return true;
    });
    if (!scanned) {
      wrong(in_words(scanned.error()));
      return out;
    }
    SURETY_TRY_STATUS(look_up(from));
  }
  SURETY_TRY_STATUS(store->scan(kept.size(), INT64_MAX, [&](std::uint64_t index, std::string_view) {
    wrong("entry " + std::to_string(index) + " lies beyond the tree that it keeps");
    return false;
  }));
  SURETY_TRY(const std::string published_checkpoint, read_file(options.record_dir + "/checkpoint"));
  if (auto why = last.problem(published_checkpoint, out.checkpoint, tree.size()); !why.empty()) wrong(std::move(why));
  if (auto why = anchored.problem(tree.size()); !why.empty()) wrong(std::move(why));
  if (tree.size() != kept.size())
    wrong("it has " + std::to_string(tree.size()) + " entries, but its tree has " + std::to_string(kept.size()));
  if (tree.size() == kept.size() && tree.root() != kept.root()) wrong("the tree that it keeps is not that of its entries");
  SURETY_TRY(const auto remembered, parties_in_log(*store, Mode::read));
  if (remembered.list() != parties.list()) wrong("the list of the parties' keys that it keeps is not that of its entries");
  SURETY_TRY(const std::string how, parties_differ(parties, parties_beside(options.database)));
  if (!how.empty())
    out.problems.push_back(parties_beside(options.database) + ": " + how + " (surety record parties --from-log writes it anew)");
  return out;
}

}  // namespace surety::store
