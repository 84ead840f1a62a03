#include "store/record_dir.h"

namespace surety::store {
namespace {

using record::CompactRange;
using record::kEntries;
using record::kTileWidth;
using record::TileName;

std::string join(const std::vector<Digest>& hashes) {
  std::string out;
  out.reserve(hashes.size() * 32);
  for (const Digest& hash : hashes) out += view(hash);
  return out;
}

Digest top_of(std::vector<Digest> row) {
  while (row.size() > 1) {
    for (std::size_t i = 0; i < row.size() / 2; ++i) row[i] = record::node_hash(row[2 * i], row[2 * i + 1]);
    row.resize(row.size() / 2);
  }
  return row[0];
}

Error damaged(const std::string& dir, std::string what) {
  return fail("store.record-damaged", "the record directory does not hold what its checkpoint promises")
      .in(dir)
      .found(std::move(what))
      .help("look at it with `surety record verify`; moved aside, it is rebuilt from the database on the next run")
      .ours();
}

}  // namespace

Status RecordDir::resume(std::uint64_t size, const Digest& root) {
  // Left by a publishing that failed half way (a full disk): none of them is covered by a checkpoint,
  // and the next one may be of another size and not write over them.
  for (const std::string& path : unsynced_) disk_.remove(path);
  tree_ = CompactRange();
  bundle_.clear();
  edge_.clear();
  unsynced_.clear();
  outdated_.clear();
  flushed_size_ = size;
  if (size == 0) return {};
  DirectoryTiles tiles(disk_, dir_);
  auto tree = record::range_at(size, record::tile_hashes(tiles, size, 64));
  if (!tree) return err(damaged(dir_, tree.error().message + " " + tree.error().file_name));
  if (tree->root() != root) return err(damaged(dir_, "root " + hex(tree->root())).expected("root " + hex(root)));
  tree_ = std::move(*tree);
  for (int level = 0; size >> (level * record::kTileHeight) > 0; ++level) {
    const std::uint64_t hashes = size >> (level * record::kTileHeight);
    auto& row = edge_.emplace_back();
    const auto width = static_cast<unsigned>(hashes % kTileWidth);
    if (width == 0) continue;
    auto bytes = tiles.read({level, hashes / kTileWidth, width});
    if (!bytes) bytes = tiles.read({level, hashes / kTileWidth, kTileWidth});
    if (!bytes) return err(damaged(dir_, bytes.error().file_name + " is missing"));
    row.resize(width);
    for (unsigned i = 0; i < width; ++i) std::copy_n(bytes->data() + i * 32, 32, row[i].begin());
  }
  if (const auto width = static_cast<unsigned>(size % kTileWidth); width != 0) {
    auto bytes = tiles.read({kEntries, size / kTileWidth, width});
    if (!bytes) bytes = tiles.read({kEntries, size / kTileWidth, kTileWidth});
    if (!bytes) return err(damaged(dir_, bytes.error().file_name + " is missing"));
    const auto entries = record::entries_of(*bytes);
    if (!entries || entries->size() < width) return err(damaged(dir_, "a broken entry bundle"));
    for (unsigned i = 0; i < width; ++i) {
      if (record::leaf_hash((*entries)[i]) != edge_[0][i])
        return err(damaged(dir_, "entry " + std::to_string(size - width + i) + " is not the one that was hashed"));
      SURETY_TRY_STATUS(record::append_to_bundle(bundle_, (*entries)[i]));
    }
  }
  return {};
}

Status RecordDir::write(const TileName& tile, std::string_view bytes) {
  const std::string path = dir_ + "/" + record::tile_path(tile);
  SURETY_TRY_STATUS(disk_.write(path, bytes));
  unsynced_.push_back(path);
  if (tile.width == kTileWidth) outdated_.push_back(path + ".p");
  return {};
}

Status RecordDir::push_hash(int level, const Digest& hash) {
  if (edge_.size() <= static_cast<std::size_t>(level)) edge_.emplace_back();
  auto& row = edge_[static_cast<std::size_t>(level)];
  row.push_back(hash);
  if (row.size() < kTileWidth) return {};
  const std::uint64_t n = (tree_.size() >> (level * record::kTileHeight)) / kTileWidth - 1;
  SURETY_TRY_STATUS(write({level, n, kTileWidth}, join(row)));
  const Digest top = top_of(std::move(row));
  edge_[static_cast<std::size_t>(level)].clear();
  return push_hash(level + 1, top);
}

Status RecordDir::add(std::string_view entry) {
  SURETY_TRY_STATUS(record::append_to_bundle(bundle_, entry));
  const Digest leaf = record::leaf_hash(entry);
  tree_.append(leaf);
  if (tree_.size() % kTileWidth == 0) {
    SURETY_TRY_STATUS(write({kEntries, tree_.size() / kTileWidth - 1, kTileWidth}, bundle_));
    bundle_.clear();
  }
  return push_hash(0, leaf);
}

Status RecordDir::flush() {
  for (std::size_t level = 0; level < edge_.size(); ++level) {
    const auto& row = edge_[level];
    const int shift = static_cast<int>(level) * record::kTileHeight;
    const std::uint64_t hashes = tree_.size() >> shift;
    // A tile that the last checkpoint already covers is never opened for writing again, not even
    // for the same bytes: a crash would leave it empty.
    if (!row.empty() && hashes != flushed_size_ >> shift)
      SURETY_TRY_STATUS(write({static_cast<int>(level), hashes / kTileWidth, static_cast<unsigned>(row.size())}, join(row)));
  }
  if (!bundle_.empty() && tree_.size() != flushed_size_)
    SURETY_TRY_STATUS(write({kEntries, tree_.size() / kTileWidth, static_cast<unsigned>(tree_.size() % kTileWidth)}, bundle_));
  SURETY_TRY_STATUS(disk_.sync(unsynced_, dir_));
  unsynced_.clear();
  flushed_size_ = tree_.size();
  return {};
}

Status RecordDir::put_checkpoint(std::string_view signed_checkpoint) {
  SURETY_CHECK(unsynced_.empty());
  SURETY_TRY_STATUS(disk_.replace(dir_ + "/checkpoint", signed_checkpoint));
  for (const std::string& folder : outdated_) disk_.remove(folder);
  outdated_.clear();
  return {};
}

Result<std::string> RecordDir::read_checkpoint() {
  const std::string path = dir_ + "/checkpoint";
  if (!disk_.exists(path)) return std::string();
  return disk_.read(path);
}

Status RecordDir::put_vkey(const record::VerifierKey& key) {
  const std::string path = dir_ + "/log.vkey", line = record::vkey_text(key) + "\n";
  if (!disk_.exists(path)) return disk_.replace(path, line);
  SURETY_TRY(const std::string there, disk_.read(path));
  if (there != line)
    return err(fail("store.other-log", "this record directory belongs to another log")
                   .in(path)
                   .found(there.substr(0, std::min(there.find('\n'), std::size_t{120})))
                   .expected(record::vkey_text(key))
                   .help("name the database that it belongs to, or another directory with --record"));
  return {};
}

}  // namespace surety::store
