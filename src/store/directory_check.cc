#include "store/directory_check.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "base/files.h"
#include "record/tiles.h"

namespace surety::store {

std::string in_words(const Error& e) { return e.message + (e.found_text.empty() ? "" : " (" + e.found_text + ")"); }

namespace {

using record::kEntries;
using record::kTileWidth;
using record::TileName;

// The hash over a full tile.
Digest over(std::vector<Digest>& hashes) {
  for (std::size_t width = hashes.size(); width > 1; width /= 2)
    for (std::size_t i = 0; i < width / 2; ++i) hashes[i] = record::node_hash(hashes[2 * i], hashes[2 * i + 1]);
  return hashes[0];
}

class TileFiles {
 public:
  explicit TileFiles(std::string dir) : dir_(std::move(dir)) {}
  const std::string& dir() const { return dir_; }

  // A partial tile may have been tidied away once the full one is there, whose beginning it is.
  Result<std::string_view> read(TileName tile, std::string& buffer) const {
    auto bytes = read_file(dir_ + "/" + record::tile_path(tile), buffer);
    if (!bytes && tile.width < kTileWidth) {
      tile.width = kTileWidth;
      if (auto full = read_file(dir_ + "/" + record::tile_path(tile), buffer)) return full;
    }
    return bytes;
  }

  // Whether the file has just these hashes; otherwise what is wrong.
  std::string compare(const TileName& name, const std::vector<Digest>& hashes, std::string& buffer) const {
    const std::string_view expected(reinterpret_cast<const char*>(hashes.data()), hashes.size() * sizeof(Digest));
    const auto bytes = read(name, buffer);
    if (!bytes) return record::tile_path(name) + ": missing or unreadable";
    if (!bytes->starts_with(expected) || (bytes->size() != expected.size() && bytes->size() != kTileWidth * sizeof(Digest)))
      return record::tile_path(name) + ": not the hashes of the entries under it";
    return {};
  }

 private:
  std::string dir_;
};

// What a bundle says, and the tile over it if it is full: found without the others.
struct Bundle {
  std::string unreadable;                                      // why, or empty
  std::string tile_problem;                                    // of a full one's tile
  std::vector<Digest> leaves;                                  // of one that is not full
  Digest top{};                                                // of a full one
  std::vector<std::pair<std::uint64_t, std::string>> changes;  // of the parties' keys: entries
};

// Memory that one thread uses for bundle after bundle.
struct Scratch {
  std::string buffer;
  std::vector<Digest> leaves;
};

Bundle look_at(const TileFiles& files, std::uint64_t n, unsigned width, Scratch& scratch) {
  Bundle out;
  const TileName name{kEntries, n, width};
  const auto wrong = [&](const std::string& how) {
    out.unreadable = record::tile_path(name) + ": " + how;
    return std::move(out);
  };
  const auto bytes = files.read(name, scratch.buffer);
  if (!bytes) return wrong("missing or unreadable");
  const auto entries = record::entries_of(*bytes);
  if (!entries) return wrong(entries.error().message);
  if (entries->size() < width) return wrong(std::to_string(entries->size()) + " entries, expected " + std::to_string(width));
  std::vector<Digest>& leaves = scratch.leaves;
  leaves.clear();
  for (unsigned i = 0; i < width; ++i) {
    const std::string_view entry = (*entries)[i];
    leaves.push_back(record::leaf_hash(entry));
    if (record::is_party_change(entry)) out.changes.emplace_back(n * kTileWidth + i, entry);
  }
  if (width < kTileWidth) {
    out.leaves = leaves;
    return out;
  }
  out.tile_problem = files.compare({0, n, width}, leaves, scratch.buffer);
  out.top = over(leaves);
  return out;
}

// Some bundles at once, on all processors.
std::vector<Bundle> look_at_all(const TileFiles& files, std::uint64_t from, std::uint64_t to, std::uint64_t size) {
  std::vector<Bundle> found(to - from);
  std::atomic<std::uint64_t> next{from};
  const auto work = [&] {
    Scratch scratch;
    for (std::uint64_t n = next++; n < to; n = next++) found[n - from] = look_at(files, n, record::tile_width(kEntries, n, size), scratch);
  };
  constexpr std::uint64_t kWorthAThread = 8;
  const std::uint64_t helpers =
      std::min<std::uint64_t>({std::max(1u, std::thread::hardware_concurrency()) - 1, 7, (to - from) / kWorthAThread});
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 0; i < helpers; ++i) threads.emplace_back(work);
    work();
  }
  return found;
}

class Checker {
 public:
  Checker(std::string dir, RecordCheck& out) : files_(std::move(dir)), out_(out) {
    out_.parties = record::PartyHistory(out.checkpoint.origin);
  }

  void run() {
    constexpr std::uint64_t kAtOnce = 2048;
    const std::uint64_t size = out_.checkpoint.size, bundles = (size + kTileWidth - 1) / kTileWidth;
    for (std::uint64_t n = 0; n < bundles;)
      for (Bundle& bundle : look_at_all(files_, n, std::min(bundles, n + kAtOnce), size)) take(bundle, n++);
    const Digest root = root_of_open_tiles();
    for (std::size_t level = 0; level < rows_.size(); ++level)
      if (!rows_[level].hashes.empty()) close(level);
    if (out_.entries == size && root != out_.checkpoint.root)
      problem("checkpoint: root " + hex(out_.checkpoint.root) + ", but the entries give " + hex(root));
    strays(size);
  }

 private:
  struct Row {
    std::uint64_t next = 0;  // number of the open tile
    bool known = true;       // all of its hashes could be computed
    std::vector<Digest> hashes;
  };

  void problem(std::string text) {
    if (out_.problems.size() < kMaxProblems) out_.problems.push_back(std::move(text));
  }
  Row& row(std::size_t level) {
    if (rows_.size() <= level) rows_.resize(level + 1);
    return rows_[level];
  }

  void take(Bundle& bundle, std::uint64_t n) {
    const unsigned width = record::tile_width(kEntries, n, out_.checkpoint.size);
    row(0).next = width < kTileWidth ? n : n + 1;
    if (!bundle.unreadable.empty()) {
      problem(std::move(bundle.unreadable));
      if (width == kTileWidth) push(1, {}, false);
      return;
    }
    ++out_.bundles;
    out_.entries += width;
    for (const auto& [index, entry] : bundle.changes)
      if (const auto taken = out_.parties.take(index, entry); !taken)
        problem("entry " + std::to_string(index) + ": " + in_words(taken.error()));
    if (width < kTileWidth) {
      row(0).hashes = std::move(bundle.leaves);
      return;
    }
    told(bundle.tile_problem);
    push(1, bundle.top, true);
  }

  void told(const std::string& of_tile) { of_tile.empty() ? void(++out_.tiles) : problem(of_tile); }

  // One tile a level is open at a time, so memory does not grow with the log.
  void push(std::size_t level, const Digest& hash, bool known) {
    Row& r = row(level);
    r.hashes.push_back(hash);
    r.known = r.known && known;
    if (r.hashes.size() < kTileWidth) return;
    const bool whole = r.known;
    push(level + 1, close(level), whole);
  }

  // What no full tile holds are the subtrees at the tree's right edge: nothing is hashed a second time.
  Digest root_of_open_tiles() const {
    std::vector<Digest> peaks;
    for (std::size_t level = rows_.size(); level-- > 0;) {
      record::CompactRange row;
      for (const Digest& hash : rows_[level].hashes) row.append(hash);
      peaks.insert(peaks.end(), row.peaks().begin(), row.peaks().end());
    }
    const auto edge = record::CompactRange::from(out_.entries, std::move(peaks));
    return edge ? edge->root() : record::empty_root();
  }

  // Compares the open tile of this level with its file and closes it; returns the hash over it if it is full.
  Digest close(std::size_t level) {
    Row& r = rows_[level];
    const TileName name{static_cast<int>(level), r.next++, static_cast<unsigned>(r.hashes.size())};
    if (r.known) told(files_.compare(name, r.hashes, buffer_));
    const Digest top = name.width == kTileWidth ? over(r.hashes) : Digest{};
    r.hashes.clear();
    r.known = true;
    return top;
  }

  // Partial tiles of earlier sizes must be beginnings of the present ones; nothing else may lie there.
  void strays(std::uint64_t size) {
    std::error_code ec;
    std::vector<std::string> paths;
    for (auto it = std::filesystem::recursive_directory_iterator(files_.dir() + "/tile", ec);
         !ec && it != std::filesystem::recursive_directory_iterator(); it.increment(ec))
      if (it->is_regular_file()) paths.push_back(it->path().generic_string().substr(files_.dir().size() + 1));
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
      const auto name = record::parse_tile_path(path);
      if (!name) {
        problem(path + ": not a file of a log");
        continue;
      }
      const unsigned now = record::tile_width(name->level, name->n, size);
      if (now <= name->width) continue;  // checked above, or beyond the checkpoint
      const auto old = read_file(files_.dir() + "/" + path);
      const auto present = files_.read({name->level, name->n, now}, buffer_);
      if (!old || !present) continue;
      bool good = present->starts_with(*old);
      if (name->level == kEntries) {
        const auto entries = record::entries_of(*old);
        good = good && entries && entries->size() == name->width;
      } else {
        good = good && old->size() == name->width * 32u;
      }
      if (!good) problem(path + ": not the beginning of the tile that it grew into");
    }
  }

  TileFiles files_;
  RecordCheck& out_;
  std::vector<Row> rows_;  // by level
  std::string buffer_;
};

}  // namespace

void check_directory(const std::string& record_dir, RecordCheck& out) { Checker(record_dir, out).run(); }

}  // namespace surety::store
