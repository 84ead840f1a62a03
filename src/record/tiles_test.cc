#include "record/tiles.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace surety::record {
namespace {

TEST(Tiles, PathsAsTheSpecificationSpellsThem) {
  const std::pair<TileName, const char*> known[] = {
      {{0, 0, 256}, "tile/0/000"},
      {{0, 67, 256}, "tile/0/067"},
      {{0, 1234067, 256}, "tile/0/x001/x234/067"},
      {{1, 1234, 17}, "tile/1/x001/234.p/17"},
      {{kEntries, 1000, 256}, "tile/entries/x001/000"},
      {{kEntries, 0, 1}, "tile/entries/000.p/1"},
  };
  for (const auto& [name, path] : known) {
    EXPECT_EQ(tile_path(name), path);
    const auto back = parse_tile_path(path);
    ASSERT_TRUE(back) << path;
    EXPECT_EQ(*back, name);
  }
  for (const char* bad : {"tile/0/0", "tile/0/0000", "tile/0/x000/000", "tile/0/001.p/256", "tile/0/001.p/0", "tile/0/001.p/01",
                          "tile/00/001", "tile/8/001", "tile/-1/001", "tile/0/x1/234", "tile/0/x001", "tile/0/", "/tile/0/000",
                          "tile/0/000/", "tile/entry/000", "tile/0/000.p/", "tile/0/x999/x999/x999/x999/x999/x999/x999/999", ""})
    EXPECT_FALSE(parse_tile_path(bad)) << bad;
}

TEST(Tiles, BundlesKeepEntriesApart) {
  std::string bundle;
  const std::string large(kMaxEntry, 'x');
  for (std::string_view entry : {std::string_view("one"), std::string_view(), std::string_view(large)})
    ASSERT_TRUE(append_to_bundle(bundle, entry));
  const auto entries = entries_of(bundle);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ((*entries)[0], "one");
  EXPECT_EQ((*entries)[1], "");
  EXPECT_EQ((*entries)[2], large);
  EXPECT_EQ(append_to_bundle(bundle, large + "y").error().code, "record.entry-too-large");
  EXPECT_FALSE(entries_of(bundle.substr(0, bundle.size() - 1)));
  EXPECT_FALSE(entries_of(bundle + "\x01"));
  EXPECT_FALSE(entries_of(std::string(2 * 257, '\0')));
}

// Tiles of a tree built the plain way, for every size, read back as hashes.
class MemoryTiles final : public TileSource {
 public:
  std::map<std::string, std::string> files;
  Result<std::string> read(const TileName& tile) override {
    const auto it = files.find(tile_path(tile));
    if (it == files.end()) return err(fail("test.missing", "no such tile").in(tile_path(tile)));
    return it->second;
  }
};

TEST(Tiles, ProofsFromTilesAndWhatPublishingWrites) {
  const std::uint64_t size = 70'000;  // three levels of tiles
  std::map<std::pair<int, std::uint64_t>, Digest> nodes;
  CompactRange range;
  std::vector<Digest> roots{range.root()};
  for (std::uint64_t i = 0; i < size; ++i) {
    const Digest leaf = leaf_hash(std::to_string(i));
    nodes[{0, i}] = leaf;
    range.append(leaf, [&](int level, std::uint64_t n, const Digest& h) { nodes[{level, n}] = h; });
    roots.push_back(range.root());
  }
  MemoryTiles tiles;
  const auto write = [&](std::uint64_t from, std::uint64_t to) {
    for (const TileName& tile : new_tiles(from, to)) {
      if (tile.level == kEntries) continue;
      std::string bytes;
      for (unsigned k = 0; k < tile.width; ++k) bytes += view(nodes.at({tile.level * 8, tile.n * 256 + k}));
      tiles.files[tile_path(tile)] = bytes;
    }
  };
  std::mt19937_64 random(3);
  std::uint64_t at = 0;
  while (at < size) {
    const std::uint64_t next = std::min(size, at + 1 + random() % 3000);
    write(at, next);
    at = next;
    const HashReader hashes = tile_hashes(tiles, at, 16);
    ASSERT_EQ(*root_at(at, hashes), roots[at]);
    for (int k = 0; k < 4; ++k) {
      const std::uint64_t index = random() % at, old = random() % (at + 1);
      const auto inclusion = inclusion_proof(index, at, hashes);
      ASSERT_TRUE(inclusion) << inclusion.error().text();
      ASSERT_TRUE(verify_inclusion(index, at, nodes.at({0, index}), *inclusion, roots[at]));
      const auto consistency = consistency_proof(old, at, hashes);
      ASSERT_TRUE(consistency);
      ASSERT_TRUE(verify_consistency(old, at, *consistency, roots[old], roots[at]));
    }
  }
  EXPECT_EQ(tile_width(0, 273, size), 112u);
  EXPECT_EQ(tile_width(1, 1, size), 17u);
  EXPECT_EQ(tile_width(2, 0, size), 1u);
  EXPECT_EQ(tile_width(3, 0, size), 0u);
  // A partial tile that was tidied away is found in the full one.
  const std::uint64_t small = 300;
  std::erase_if(tiles.files, [](const auto& file) { return file.first.find(".p/") != std::string::npos; });
  const HashReader hashes = tile_hashes(tiles, small);
  EXPECT_EQ(*root_at(small, hashes), roots[small]);
}

}  // namespace
}  // namespace surety::record
