#pragma once
// Writes the record directory: `checkpoint`, `tile/…`, `log.vkey` (C2SP tlog-tiles, served as it
// lies). Holds only the right edge of the tree in memory, so memory is flat in the log's size.
//
// Files of a tree of one size never change; a crash can only leave files beyond the checkpoint,
// which the next `add` writes again with the same bytes. One thread.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "record/checkpoint.h"
#include "record/tiles.h"
#include "store/disk.h"

namespace surety::store {

// Tiles of a record directory, for proofs and checks.
class DirectoryTiles final : public record::TileSource {
 public:
  DirectoryTiles(Disk& disk, std::string dir) : disk_(disk), dir_(std::move(dir)) {}
  Result<std::string> read(const record::TileName& tile) override { return disk_.read(dir_ + "/" + record::tile_path(tile)); }

 private:
  Disk& disk_;
  std::string dir_;
};

class RecordDir {
 public:
  RecordDir(Disk& disk, std::string dir) : disk_(disk), dir_(std::move(dir)) {}

  // Loads the right edge of a tree of this size and root from the tiles that are there. Error
  // store.record-damaged when they do not give this root.
  Status resume(std::uint64_t size, const Digest& root);
  // The next entry. Writes each tile as it fills.
  Status add(std::string_view entry);
  // Writes the partial tiles; everything added is durable when it returns.
  Status flush();
  const record::CompactRange& tree() const { return tree_; }

  // Atomic and durable. Call only after `flush`. Then removes partial tiles that have become full.
  Status put_checkpoint(std::string_view signed_checkpoint);
  // The file `checkpoint`; empty when there is none.
  Result<std::string> read_checkpoint();
  // Writes log.vkey, or refuses if another key's lies there (store.other-log).
  Status put_vkey(const record::VerifierKey& key);

 private:
  Status push_hash(int level, const Digest& hash);
  Status write(const record::TileName& tile, std::string_view bytes);

  Disk& disk_;
  std::string dir_;
  record::CompactRange tree_;
  std::string bundle_;                     // the entry bundle that is filling
  std::vector<std::vector<Digest>> edge_;  // by tile level: the hashes of the tile that is filling
  std::uint64_t flushed_size_ = 0;         // tiles up to here are durable and must not be touched
  std::vector<std::string> unsynced_;
  std::vector<std::string> outdated_;  // `.p` folders of tiles that are now full
};

}  // namespace surety::store
