#include "record/tiles.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <list>
#include <memory>
#include <unordered_map>

namespace surety::record {
namespace {

constexpr int kMaxTileLevel = 7;  // 8 levels of 8 bits hold 2^64 leaves

std::string index_path(std::uint64_t n) {
  std::string out = std::to_string(n % 1000);
  out.insert(0, 3 - out.size(), '0');
  for (n /= 1000; n > 0; n /= 1000) {
    std::string part = std::to_string(n % 1000);
    part.insert(0, 3 - part.size(), '0');
    out = "x" + part + "/" + out;
  }
  return out;
}

// Decimal without leading zeroes, at most `max`.
bool number(std::string_view text, std::uint64_t max, std::uint64_t& out) {
  if (text.empty() || text.size() > 20 || (text.size() > 1 && text[0] == '0')) return false;
  out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (digit > max || out > (max - digit) / 10) return false;
    out = out * 10 + digit;
  }
  return true;
}

bool parse_index(std::string_view text, std::uint64_t& n) {
  n = 0;
  for (;;) {
    const bool more = text.starts_with('x');
    if (more) text.remove_prefix(1);
    if (text.size() < 3) return false;
    std::uint64_t part = 0;
    for (const char c : text.substr(0, 3)) {
      if (c < '0' || c > '9') return false;
      part = part * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (n > (~std::uint64_t{0} - part) / 1000) return false;
    n = n * 1000 + part;
    text.remove_prefix(3);
    if (!more) return text.empty();
    if (!text.starts_with('/')) return false;
    text.remove_prefix(1);
  }
}

// One tile with the nodes inside it, its hashes first and then row by row upward, as far as pairs are whole.
struct Inner {
  std::vector<Digest> nodes;
  unsigned width = 0;
  const Digest& at(int row, std::uint64_t i) const {
    std::size_t begin = 0;
    unsigned n = width;
    for (; row > 0; --row, n /= 2) begin += n;
    SURETY_CHECK(i < n);
    return nodes[begin + i];
  }
  void fill(std::string_view bytes, unsigned hashes) {
    width = hashes;
    nodes.resize(2 * std::size_t{width});
    std::memcpy(nodes.data(), bytes.data(), std::size_t{width} * sizeof(Digest));
    const Digest* below = nodes.data();
    Digest* to = nodes.data() + width;
    for (unsigned n = width; n > 1; n /= 2) {
      for (unsigned i = 0; i < n / 2; ++i) *to++ = node_hash(below[2 * i], below[2 * i + 1]);
      below += n;
    }
  }
};

class CachedTiles {
 public:
  CachedTiles(TileSource& source, std::uint64_t size, std::size_t limit)
      : source_(source), size_(size), limit_(std::max<std::size_t>(limit, 8)) {}

  Result<Digest> hash(int level, std::uint64_t n) {
    // A hash at level 8·L is asked of the tile that stores it, others of the tile whose top or
    // inner node they are.
    const int tile_level = level / kTileHeight;
    const int inside = level % kTileHeight;
    const std::uint64_t first = n << inside;  // first hash of level 8·L under it
    SURETY_TRY(const Inner* tile, load(tile_level, first / kTileWidth));
    return tile->at(inside, first % kTileWidth >> inside);
  }

 private:
  struct Kept {
    int level = 0;
    std::uint64_t n = 0;
    Inner inner;
  };
  static std::uint64_t key_of(int level, std::uint64_t n) { return n << 3 | static_cast<std::uint64_t>(level); }  // n is below 2^56
  using Order = std::list<Kept>;  // the one used last is first

  // Most hashes of a proof come from the tile that the one before came from.
  Result<const Inner*> load(int level, std::uint64_t n) {
    Order& order = order_[level > 0];
    if (!order.empty() && order.front().level == level && order.front().n == n) return &order.front().inner;
    if (const auto it = tiles_.find(key_of(level, n)); it != tiles_.end()) {
      order.splice(order.begin(), order, it->second);
      return &order.front().inner;
    }
    const unsigned width = tile_width(level, n, size_);
    SURETY_CHECK(width > 0);
    auto bytes = source_.read({level, n, width});
    if (!bytes && width < kTileWidth) bytes = source_.read({level, n, static_cast<unsigned>(kTileWidth)});
    if (!bytes) return err(std::move(bytes.error()));
    if (bytes->size() < width * 32u || bytes->size() % 32 != 0)
      return err(fail("record.bad-tile", "this tile is of the wrong length")
                     .in(tile_path({level, n, width}))
                     .found(std::to_string(bytes->size()) + " bytes")
                     .expected(std::to_string(width * 32) + " bytes"));
    Kept& kept = place_in(order);
    kept.level = level;
    kept.n = n;
    kept.inner.fill(*bytes, width);
    tiles_.emplace(key_of(level, n), order.begin());
    return &kept.inner;
  }

  // A new place or the one that was not used for longest, which is first in `order` then. Of tiles of level 0 few are kept: on a
  // large log none of them is asked for twice, and memory that was not touched before costs more than hashing a tile.
  Kept& place_in(Order& order) {
    const bool full = tiles_.size() >= limit_ || (&order == &order_[0] && order.size() >= limit_ / 16 + 1);
    if (!full) return order.emplace_front();
    Order& from = order_[order_[0].empty()];
    tiles_.erase(key_of(from.back().level, from.back().n));
    order.splice(order.begin(), from, std::prev(from.end()));
    return order.front();
  }

  TileSource& source_;
  std::uint64_t size_;
  std::size_t limit_;
  Order order_[2];  // of level 0, and above
  std::unordered_map<std::uint64_t, Order::iterator> tiles_;
};

}  // namespace

std::string tile_path(const TileName& tile) {
  std::string out = "tile/" + (tile.level == kEntries ? std::string("entries") : std::to_string(tile.level)) + "/" + index_path(tile.n);
  if (tile.width < kTileWidth) out += ".p/" + std::to_string(tile.width);
  return out;
}

Result<TileName> parse_tile_path(std::string_view path) {
  const auto refuse = [&] {
    return err(fail("record.bad-tile-path", "this is not the path of a tile")
                   .found(std::string(path.substr(0, 120)))
                   .expected("tile/<level>/<number> or tile/entries/<number>, with .p/<width> when partial"));
  };
  std::string_view rest = path;
  if (!rest.starts_with("tile/")) return refuse();
  rest.remove_prefix(5);
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) return refuse();
  TileName out;
  std::uint64_t level = 0;
  if (rest.substr(0, slash) == "entries")
    out.level = kEntries;
  else if (number(rest.substr(0, slash), kMaxTileLevel, level))
    out.level = static_cast<int>(level);
  else
    return refuse();
  rest.remove_prefix(slash + 1);
  if (const auto partial = rest.find(".p/"); partial != std::string_view::npos) {
    std::uint64_t width = 0;
    if (!number(rest.substr(partial + 3), kTileWidth - 1, width) || width == 0) return refuse();
    out.width = static_cast<unsigned>(width);
    rest = rest.substr(0, partial);
  }
  if (!parse_index(rest, out.n) || tile_path(out) != path) return refuse();
  return out;
}

unsigned tile_width(int level, std::uint64_t n, std::uint64_t size) {
  const int shift = level == kEntries ? 0 : level * kTileHeight;
  const std::uint64_t hashes = shift >= 64 ? 0 : size >> shift;
  const std::uint64_t full = hashes / kTileWidth;
  if (n < full) return kTileWidth;
  return n == full ? static_cast<unsigned>(hashes % kTileWidth) : 0;
}

std::vector<TileName> new_tiles(std::uint64_t old_size, std::uint64_t size) {
  std::vector<TileName> out;
  if (size <= old_size) return out;
  for (int level = kEntries; level <= kMaxTileLevel; ++level) {
    const int shift = level == kEntries ? 0 : level * kTileHeight;
    const std::uint64_t before = old_size >> shift, now = size >> shift;
    if (now == before) {
      if (level == kEntries) continue;
      break;
    }
    for (std::uint64_t n = before / kTileWidth; n * kTileWidth < now; ++n) out.push_back({level, n, tile_width(level, n, size)});
  }
  return out;
}

Status append_to_bundle(std::string& bundle, std::string_view entry) {
  if (entry.size() > kMaxEntry)
    return err(fail("record.entry-too-large", "an entry of the record has at most 65,535 bytes")
                   .found(std::to_string(entry.size()) + " bytes")
                   .help("keep the large part outside and commit to it by hash and size"));
  bundle += static_cast<char>(entry.size() >> 8);
  bundle += static_cast<char>(entry.size() & 255);
  bundle += entry;
  return {};
}

Result<std::vector<std::string_view>> entries_of(std::string_view bundle) {
  std::vector<std::string_view> out;
  std::string_view rest = bundle;
  while (!rest.empty()) {
    if (out.size() == kTileWidth) return err(fail("record.bad-bundle", "this entry bundle has more than 256 entries"));
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(rest[i])); };
    if (rest.size() < 2 || rest.size() - 2 < (byte(0) << 8 | byte(1)))
      return err(
          fail("record.bad-bundle", "this entry bundle ends inside an entry").found("entry " + std::to_string(out.size()) + " cut short"));
    const std::size_t length = byte(0) << 8 | byte(1);
    out.push_back(rest.substr(2, length));
    rest.remove_prefix(2 + length);
  }
  return out;
}

HashReader tile_hashes(TileSource& source, std::uint64_t size, std::size_t cached) {
  auto tiles = std::make_shared<CachedTiles>(source, size, cached);
  return [tiles](int level, std::uint64_t n) { return tiles->hash(level, n); };
}

}  // namespace surety::record
