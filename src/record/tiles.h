#pragma once
// C2SP tlog-tiles v0.1.0: the tree cut into tiles of 256 hashes, and entries into bundles of 256.
// Tile (L, N) holds hashes of subtrees of level 8·L, numbers [256·N, 256·N+width). A tile that is not
// full yet is a partial one and lies under another path. Pure; docs/formats/record.md has the bytes.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/merkle.h"

namespace surety::record {

constexpr int kTileHeight = 8;
constexpr std::uint64_t kTileWidth = 256;
constexpr std::size_t kMaxEntry = 65'535;  // bytes; the length prefix has two

struct TileName {
  int level = 0;  // -1 is an entry bundle
  std::uint64_t n = 0;
  unsigned width = 256;  // 1 … 256; below 256 it is partial
  bool operator==(const TileName&) const = default;
};
constexpr int kEntries = -1;

// "tile/0/x001/x234/067", "tile/1/000.p/5", "tile/entries/x001/234"
std::string tile_path(const TileName& tile);
// Exactly the inverse: refuses every other spelling.
Result<TileName> parse_tile_path(std::string_view path);

// The tiles (with their widths) of a tree of `size` leaves that a tree of `old_size` did not have:
// what publishing must write. Entry bundles included.
std::vector<TileName> new_tiles(std::uint64_t old_size, std::uint64_t size);
// Width of tile (level, n) in a tree of `size` leaves; 0 when it has none.
unsigned tile_width(int level, std::uint64_t n, std::uint64_t size);

// Entry bundle: each entry with its length before it, two bytes big endian.
Status append_to_bundle(std::string& bundle, std::string_view entry);  // record.entry-too-large
// Views into `bundle`. Refuses trailing bytes and more than 256 entries.
Result<std::vector<std::string_view>> entries_of(std::string_view bundle);

// Where tiles come from. `read` gives the bytes of a tile of exactly this width, or an error.
class TileSource {
 public:
  virtual ~TileSource() = default;
  virtual Result<std::string> read(const TileName& tile) = 0;
};

// A HashReader over tiles for a tree of `size` leaves. A tile that is missing as a partial one is
// tried as the full one, as the specification asks of clients. Holds up to `cached` tiles with
// their inner nodes, of level 0 a sixteenth of that. `source` must outlive it. One thread.
HashReader tile_hashes(TileSource& source, std::uint64_t size, std::size_t cached = 4096);

}  // namespace surety::record
