#include "store/migrate.h"

#include <algorithm>

#include "base/files.h"
#include "record/checkpoint.h"
#include "record/tiles.h"
#include "store/anchor.h"
#include "store/disk.h"
#include "store/record_dir.h"
#include "store/store.h"

namespace surety::store {
namespace {

constexpr std::size_t kBatch = 4096;

Error not_a_prefix(const std::string& where) {
  return fail("store.not-a-prefix", "the target holds entries that are not the beginning of the source")
      .in(where)
      .help("name an empty database");
}

// Appends in batches and checks that every entry got the next index.
class Copier {
 public:
  explicit Copier(Store& to) : to_(to) {}
  Status add(std::string_view entry) {
    batch_.emplace_back(entry);
    return batch_.size() < kBatch ? Status() : flush();
  }
  Status flush() {
    const std::vector<std::string_view> views(batch_.begin(), batch_.end());
    SURETY_TRY(const auto placed, to_.append(views));
    for (const Appended& a : placed)
      if (a.duplicate) return err(not_a_prefix(to_.name()));
    batch_.clear();
    return {};
  }

 private:
  Store& to_;
  std::vector<std::string> batch_;
};

// The tree of the first `size` entries, from the entries themselves.
Result<record::CompactRange> tree_of(Store& store, std::uint64_t size) {
  record::CompactRange out;
  SURETY_TRY_STATUS(store.scan(0, size, [&](std::uint64_t, std::string_view entry) {
    out.append(record::leaf_hash(entry));
    return true;
  }));
  return out;
}

}  // namespace

Result<Moved> measure(const std::string& database) {
  SURETY_TRY(auto store, open_store(database, Mode::read));
  SURETY_TRY(const record::CompactRange kept, store->tree());
  record::CompactRange tree;
  Moved out;
  SURETY_TRY_STATUS(store->scan(0, kept.size(), [&](std::uint64_t, std::string_view entry) {
    tree.append(record::leaf_hash(entry));
    out.notes += entry.starts_with("statement/v1\n");
    return true;
  }));
  if (tree.size() != kept.size() || tree.root() != kept.root())
    return err(fail("store.damaged", "the entries do not give the tree that is kept with them")
                   .in(database)
                   .found("root " + hex(tree.root()))
                   .expected("root " + hex(kept.root()))
                   .ours());
  out.size = tree.size();
  out.root = tree.root();
  return out;
}

Status meets_anchor(const std::string& database, const std::string& anchor, std::uint64_t size) {
  SURETY_TRY(auto store, open_store(database, Mode::read));
  SURETY_TRY(const auto remembered, store->value("anchor"));
  const std::string where = anchor.empty() ? remembered.value_or("") : anchor;
  if (where.empty()) return {};
  SURETY_TRY(const auto vkey, store->value("log.vkey"));
  SURETY_TRY(const auto key, record::parse_vkey(vkey.value_or("")));
  SURETY_TRY(const auto kept, Anchor::at(where));
  SURETY_TRY(const auto bytes, kept->read(key.name));
  if (!bytes) return {};
  SURETY_TRY(const record::Checkpoint anchored, record::open_checkpoint(*bytes, key));
  if (anchored.size <= size) return {};
  return err(fail("store.older-than-anchor", "what was restored is older than the last checkpoint that was signed")
                 .in(database)
                 .found(std::to_string(size) + (size == 1 ? " entry" : " entries"))
                 .expected("at least " + std::to_string(anchored.size) + ", which the anchor " + where + " knows")
                 .help("find a newer backup or record directory and restore it as well; until then nothing can be added, only read")
                 .ours());
}

Result<Moved> migrate(const std::string& from, const std::string& to) {
  SURETY_TRY(auto source, open_store(from, Mode::read));
  SURETY_TRY(auto target, open_store(to, Mode::write));
  SURETY_TRY(const record::CompactRange tree, source->tree());
  SURETY_TRY(const record::CompactRange there, target->tree());
  SURETY_TRY(const record::CompactRange beginning, tree_of(*source, std::min(there.size(), tree.size())));
  if (there.size() > tree.size() || beginning.root() != there.root()) return err(not_a_prefix(target->name()));
  Copier copier(*target);
  Status status;
  SURETY_TRY_STATUS(source->scan(there.size(), tree.size(), [&](std::uint64_t, std::string_view entry) {
    status = copier.add(entry);
    return status.has_value();
  }));
  if (!status) return err(std::move(status.error()));
  SURETY_TRY_STATUS(copier.flush());
  SURETY_TRY(const auto values, source->values(""));
  for (const auto& [name, value] : values)
    if (name != "tree") SURETY_TRY_STATUS(target->set_value(name, value));
  SURETY_TRY(const record::CompactRange now, target->tree());
  SURETY_TRY(const record::CompactRange reread, tree_of(*target, now.size()));
  if (now.root() != tree.root() || reread.root() != tree.root())
    return err(fail("store.damaged", "what arrived does not give the same tree")
                   .in(target->name())
                   .found("root " + hex(reread.root()))
                   .expected("root " + hex(tree.root()))
                   .ours());
  return Moved{there.size(), now.size(), now.root()};
}

Result<Moved> restore_from_record(const std::string& record_dir, const std::string& database, const std::string& vkey) {
  SURETY_TRY(auto store, open_store(database, Mode::write));
  SURETY_TRY(const auto known, store->value("log.vkey"));
  std::string line = !vkey.empty() ? vkey : known.value_or("");
  if (line.empty()) {
    SURETY_TRY(line, read_file(record_dir + "/log.vkey"));
    line = line.substr(0, line.find('\n'));
  }
  SURETY_TRY(const record::VerifierKey key, record::parse_vkey(line));
  SURETY_TRY(const std::string bytes, read_file(record_dir + "/checkpoint"));
  SURETY_TRY(const record::Checkpoint checkpoint, record::open_checkpoint(bytes, key));
  SURETY_TRY(const auto last, store->value("checkpoint"));
  SURETY_TRY(const record::CompactRange there, store->tree());
  DirectoryTiles tiles(real_disk(), record_dir);
  const auto hashes = record::tile_hashes(tiles, checkpoint.size, 64);
  SURETY_TRY(const record::CompactRange beginning, record::range_at(std::min(there.size(), checkpoint.size), hashes));
  if (there.size() > checkpoint.size || beginning.root() != there.root()) return err(not_a_prefix(store->name()));
  // Everything is checked before anything is appended: entries cannot be taken back.
  record::CompactRange tree = there;
  for (const bool append : {false, true}) {
    Copier copier(*store);
    for (std::uint64_t n = there.size() / record::kTileWidth; n * record::kTileWidth < checkpoint.size; ++n) {
      SURETY_TRY(const std::string bundle, tiles.read({record::kEntries, n, record::tile_width(record::kEntries, n, checkpoint.size)}));
      SURETY_TRY(const auto entries, record::entries_of(bundle));
      for (std::size_t i = 0; i < entries.size(); ++i) {
        if (n * record::kTileWidth + i < there.size()) continue;
        if (append)
          SURETY_TRY_STATUS(copier.add(entries[i]));
        else
          tree.append(record::leaf_hash(entries[i]));
      }
    }
    if (append) SURETY_TRY_STATUS(copier.flush());
    if (tree.size() != checkpoint.size || tree.root() != checkpoint.root)
      return err(fail("store.record-damaged", "the entries of the record directory do not give the root of its checkpoint")
                     .in(record_dir)
                     .found("root " + hex(tree.root()))
                     .expected("root " + hex(checkpoint.root))
                     .help("find a good copy; surety-verify names the broken files"));
  }
  SURETY_TRY_STATUS(store->set_value("log.vkey", record::vkey_text(key)));
  SURETY_TRY(const bool swapped, store->swap_value("checkpoint", last, bytes));
  if (!swapped) return err(fail("store.forked", "another process signs for this log").in(store->name()).ours());
  return Moved{there.size(), tree.size(), tree.root()};
}

}  // namespace surety::store
