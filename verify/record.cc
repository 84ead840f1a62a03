#include "verify/record.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "verify/tree.h"

namespace verify {
namespace {

namespace fs = std::filesystem;

// Path of tile number n, as C2SP tlog-tiles spells it: groups of three digits, "x" before all but the last.
std::string number_path(std::uint64_t n) {
  char part[16];
  std::snprintf(part, sizeof part, "%03u", static_cast<unsigned>(n % 1000));
  std::string out = part;
  while (n >= 1000) {
    n /= 1000;
    std::snprintf(part, sizeof part, "x%03u/", static_cast<unsigned>(n % 1000));
    out = part + out;
  }
  return out;
}

std::string path_of(const std::string& folder, std::uint64_t n, unsigned width) {
  std::string out = "tile/" + folder + "/" + number_path(n);
  if (width < 256) out += ".p/" + std::to_string(width);
  return out;
}

// Gives each entry of a bundle to `take`, in order; how many there are, or nothing when the bytes are cut short.
template <class Take>
std::optional<unsigned> each_entry(std::string_view rest, Take take) {
  unsigned count = 0;
  for (; !rest.empty(); ++count) {
    if (rest.size() < 2) return std::nullopt;
    const std::size_t length = static_cast<unsigned char>(rest[0]) * 256u + static_cast<unsigned char>(rest[1]);
    if (rest.size() < 2 + length) return std::nullopt;
    take(count, rest.substr(2, length));
    rest.remove_prefix(2 + length);
  }
  return count;
}

// The partial file, or the full one that it has grown into since.
std::optional<std::string> load(const std::string& dir, const std::string& folder, std::uint64_t n, unsigned width) {
  auto bytes = read_file(dir + "/" + path_of(folder, n, width));
  return !bytes && width < 256 ? read_file(dir + "/" + path_of(folder, n, 256)) : bytes;
}

class Check {
 public:
  Check(std::string dir, Findings& out) : dir_(std::move(dir)), out_(out) {}

  void run() {
    const std::uint64_t size = out_.checkpoint.size;
    for (std::uint64_t first = 0; first < size; first += 256)
      bundle(first / 256, static_cast<unsigned>(std::min<std::uint64_t>(256, size - first)));
    if (!open_.empty()) {
      const std::string& rest = open_[0].hashes;  // of the tile that is not full
      for (std::size_t at = 0; at < rest.size(); at += 32) {
        Hash leaf{};
        std::memcpy(leaf.data(), rest.data() + at, 32);
        tree_.add(leaf);
      }
    }
    for (std::size_t level = 0; level < open_.size(); ++level)
      if (!open_[level].hashes.empty()) close_tile(level);
    if (tree_.size() != size)
      out_.problem("checkpoint: size " + std::to_string(size) + ", but " + std::to_string(tree_.size()) + " entries can be read");
    else if (tree_.root() != out_.checkpoint.root)
      out_.problem("checkpoint: root " + hex(out_.checkpoint.root) + ", but the entries give " + hex(tree_.root()));
    walk();
  }

 private:
  struct OpenTile {
    std::uint64_t number = 0;
    std::string hashes;
    Tree tree;
  };

  std::optional<std::string> load(const std::string& folder, std::uint64_t n, unsigned width) {
    auto bytes = verify::load(dir_, folder, n, width);
    if (bytes) out_.bytes += bytes->size();
    return bytes;
  }

  void bundle(std::uint64_t n, unsigned width) {
    const std::string path = path_of("entries", n, width);
    const auto bytes = load("entries", n, width);
    if (!bytes) return out_.problem(path + ": missing or unreadable");
    const auto count = each_entry(*bytes, [&](unsigned i, std::string_view entry) {
      if (i < width) take(entry);
    });
    if (!count) return out_.problem(path + ": cut short");
    if (*count != width && *count != 256)
      return out_.problem(path + ": " + std::to_string(*count) + " entries, expected " + std::to_string(width));
    ++out_.bundles;
  }

  void take(std::string_view entry) {
    std::string why;
    if (!out_.parties.take(out_.entries, entry, why)) out_.problem("entry " + std::to_string(out_.entries) + ": " + why);
    ++out_.entries;
    put(0, leaf_hash(entry));
  }

  void put(std::size_t level, const Hash& hash) {
    if (open_.size() == level) open_.emplace_back();
    open_[level].hashes += as_text(hash);
    open_[level].tree.add(hash);
    if (open_[level].tree.size() == 256) {
      const Hash top = open_[level].tree.root();
      close_tile(level);
      if (level == 0) tree_.add_subtree(8, top);  // its 255 nodes are not hashed a second time
      put(level + 1, top);
    }
  }

  void close_tile(std::size_t level) {
    OpenTile& tile = open_[level];
    const auto width = static_cast<unsigned>(tile.tree.size());
    const std::string folder = std::to_string(level), path = path_of(folder, tile.number, width);
    const auto bytes = load(folder, tile.number, width);
    if (!bytes)
      out_.problem(path + ": missing or unreadable");
    else if (bytes->compare(0, tile.hashes.size(), tile.hashes) != 0 || (bytes->size() != tile.hashes.size() && bytes->size() != 256 * 32))
      out_.problem(path + ": not the hashes of what lies under it");
    else
      ++out_.tiles;
    const std::uint64_t next = tile.number + 1;
    tile = OpenTile();
    tile.number = next;
  }

  // Every file under tile/ must be one that the tree has, or had when it was smaller.
  void walk() {
    std::error_code error;
    std::vector<std::string> files;
    for (fs::recursive_directory_iterator it(dir_ + "/tile", error), end; !error && it != end; it.increment(error))
      if (!it->is_directory()) files.push_back(it->path().generic_string().substr(dir_.size() + 1));
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) stray(file);
  }

  void stray(const std::string& file) {
    const auto not_ours = [&] { out_.problem(file + ": no file of a log has this name"); };
    std::string_view rest = std::string_view(file).substr(5);
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos) return not_ours();
    const std::string folder(rest.substr(0, slash));
    rest.remove_prefix(slash + 1);
    const bool entries = folder == "entries";
    const auto level = entries ? std::optional<std::uint64_t>(0) : decimal(folder);
    if (!level || *level > 7) return not_ours();
    std::uint64_t width = 256;
    if (const auto p = rest.find(".p/"); p != std::string_view::npos) {
      const auto w = decimal(rest.substr(p + 3));
      if (!w || *w < 1 || *w > 255) return not_ours();
      width = *w;
      rest = rest.substr(0, p);
    }
    std::uint64_t n = 0;
    for (const char c : rest) {
      if (c >= '0' && c <= '9' && n < UINT64_MAX / 16)
        n = n * 10 + static_cast<std::uint64_t>(c - '0');
      else if (c != 'x' && c != '/')
        return not_ours();
    }
    if (path_of(folder, n, static_cast<unsigned>(width)) != file) return not_ours();
    const std::uint64_t hashes = *level >= 8 ? 0 : out_.checkpoint.size >> (8 * *level);
    const std::uint64_t now = n < hashes / 256 ? 256 : n == hashes / 256 ? hashes % 256 : 0;
    if (now < width) {
      ++out_.beyond;  // written, not signed for yet
      return;
    }
    if (now == width) return;  // checked above
    const auto old = read_file(dir_ + "/" + file);
    const auto present = load(folder, n, static_cast<unsigned>(now));
    if (!old || !present) return out_.problem(file + ": unreadable");
    if (present->compare(0, old->size(), *old) != 0 || !whole(*old, entries, width))
      return out_.problem(file + ": not the beginning of what it grew into");
    ++out_.old_partials;
  }

  static bool whole(const std::string& bytes, bool entries, std::uint64_t width) {
    if (!entries) return bytes.size() == width * 32;
    std::size_t at = 0;
    std::uint64_t count = 0;
    for (; at + 2 <= bytes.size(); ++count)
      at += 2 + static_cast<unsigned char>(bytes[at]) * 256u + static_cast<unsigned char>(bytes[at + 1]);
    return at == bytes.size() && count == width;
  }

  std::string dir_;
  Findings& out_;
  Tree tree_;
  std::vector<OpenTile> open_;
};

}  // namespace

void check_authors(const std::string& dir, Findings& out) {
  const std::uint64_t size = out.checkpoint.size;
  const auto known = [&](const std::string& author) {
    return std::any_of(out.parties.keys().begin(), out.parties.keys().end(), [&](const PartyKey& p) { return p.key.name == author; });
  };
  for (std::uint64_t first = 0; first < size; first += 256) {
    const auto width = static_cast<unsigned>(std::min<std::uint64_t>(256, size - first));
    const auto bytes = load(dir, "entries", first / 256, width);
    if (!bytes) return out.problem(path_of("entries", first / 256, width) + ": missing or unreadable");
    each_entry(*bytes, [&](unsigned i, std::string_view entry) {
      if (i >= width || !entry.starts_with("statement/v1\n")) return;
      ++out.notes;
      std::string why;
      const auto note = parse_note(entry, why);
      const std::string author = note ? author_of(*note) : std::string();
      if (note && !known(author)) {
        ++out.strangers;
        return;
      }
      if (note && signed_by_author(*note, first + i, out.parties.keys(), why))
        ++out.authored;
      else
        out.problem("entry " + std::to_string(first + i) + ": " + why);
    });
  }
}

void check_record(const std::string& dir, const Key& key, Findings& out) {
  const auto bytes = read_file(dir + "/checkpoint");
  if (!bytes) return out.problem("checkpoint: missing or unreadable");
  std::string why;
  const auto note = parse_note(*bytes, why);
  if (!note) return out.problem("checkpoint: " + why);
  if (!signed_by(*note, key, why)) return out.problem("checkpoint: " + why);
  const auto checkpoint = parse_checkpoint(note->text, why);
  if (!checkpoint) return out.problem("checkpoint: " + why);
  if (checkpoint->origin != key.name)
    return out.problem("checkpoint: origin " + checkpoint->origin + " is not the key's name, " + key.name);
  out.checkpoint = *checkpoint;
  out.checkpoint_read = true;
  out.parties = Parties(key.name);
  Check(dir, out).run();
}

}  // namespace verify
