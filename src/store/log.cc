#include "store/log.h"

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "record/cosignature.h"
#include "record/receipt.h"
#include "record/tiles.h"
#include "store/anchor.h"
#include "store/disk.h"
#include "store/key_file.h"
#include "store/postgres/postgres_store.h"
#include "store/record_dir.h"

namespace surety::store {
namespace {

using record::Checkpoint;
using record::SigningKey;

constexpr const char* kVkeyName = "log.vkey";
constexpr const char* kCheckpointName = "checkpoint";
constexpr const char* kAnchorName = "anchor";

constexpr const char* kShared = "surety";  // what the files of every PostgreSQL database were called before

std::string stem_of(const std::string& database) { return is_postgres(database) ? postgres_name(database) : database; }

// The key of this log: read, or made when the database is new.
Result<SigningKey> own_key(Store& store, const LogOptions& options) {
  SURETY_TRY(const auto known, store.value(kVkeyName));
  if (!file_exists(options.key_file)) {
    if (known)
      return err(fail("store.no-key", "the private key of this log is not where it was")
                     .in(options.key_file)
                     .expected("the key of " + *known)
                     .help("put it back; without it nothing can be added to this log, and a new log must be begun"));
    SURETY_TRY(SigningKey key, SigningKey::generate(options.origin));
    SURETY_TRY_STATUS(write_key_file(options.key_file, key));
    SURETY_TRY_STATUS(store.set_value(kVkeyName, record::vkey_text(key.verifier())));
    return key;
  }
  SURETY_TRY(SigningKey key, read_key_file(options.key_file));
  const std::string vkey = record::vkey_text(key.verifier());
  if (!known) {
    SURETY_TRY_STATUS(store.set_value(kVkeyName, vkey));
  } else if (*known != vkey) {
    return err(fail("store.other-log", "this private key belongs to another log").in(options.key_file).found(vkey).expected(*known));
  }
  return key;
}

// `surety.key` is this database's only if the database knows it; otherwise it is looked for, or made, under its own name.
Status leave_the_key_of_another(Store& store, LogOptions& options) {
  SURETY_TRY(const auto known, store.value(kVkeyName));
  if (known) {
    SURETY_TRY(const SigningKey key, read_key_file(options.key_file));
    if (record::vkey_text(key.verifier()) == *known) return {};
  }
  options.key_file = own_file(options.database, ".key");
  return {};
}

class RealLog final : public Log {
 public:
  RealLog(LogOptions options, std::unique_ptr<Store> store, SigningKey key)
      : options_(std::move(options)),
        store_(std::move(store)),
        key_(std::move(key)),
        dir_(options_.disk ? *options_.disk : real_disk(), options_.record_dir) {}

  // Brings directory and database together after whatever happened; see log.h.
  Status recover() {
    SURETY_TRY_STATUS(make_directories(options_.record_dir));
    if (auto ours = dir_.put_vkey(vkey()); !ours) return err(std::move(ours.error()).help(own_directory()));
    SURETY_TRY_STATUS(load());
    SURETY_TRY_STATUS(meet_anchor());
    SURETY_TRY_STATUS(publish());
    return {};
  }

  Result<std::vector<Appended>> append(std::span<const std::string_view> entries) override { return store_->append(entries); }

  Result<Checkpoint> publish() override {
    if (!loaded_) SURETY_TRY_STATUS(load());
    loaded_ = false;  // until all of it has worked
    SURETY_TRY(const record::CompactRange tree, store_->tree());
    if (tree.size() > checkpoint_.size || !signed_) {
      SURETY_TRY_STATUS(write_tiles(tree.size(), tree.root()));
      SURETY_TRY_STATUS(sign(tree));
    }
    loaded_ = true;
    return checkpoint_;
  }

  std::string receipt(std::string_view entry, Instant accepted, std::int64_t merge_delay_s) override {
    accepted.us -= accepted.us % 1'000'000;
    return record::sign_receipt({record::leaf_hash(entry), accepted, merge_delay_s}, key_);
  }

  Result<int> add_cosignatures(std::string_view lines, const std::vector<record::VerifierKey>& witnesses) override {
    if (!loaded_) SURETY_TRY_STATUS(load());
    SURETY_CHECK(signed_.has_value());
    SURETY_TRY(record::Note note, record::parse_note(*signed_));
    int added = 0;
    for (const record::VerifierKey& witness : witnesses) {
      const auto before = note.signatures.size();
      record::add_missing(note, record::answered(note.text, lines, witness));
      added += note.signatures.size() > before;
    }
    if (added == 0) return 0;
    loaded_ = false;
    const std::string bytes = record::note_bytes(note);
    SURETY_TRY(const bool swapped, store_->swap_value(kCheckpointName, signed_, bytes));
    if (!swapped) return err(forked_meanwhile());
    signed_ = bytes;
    SURETY_TRY_STATUS(dir_.put_checkpoint(bytes));
    loaded_ = true;
    return added;
  }

  std::string signed_checkpoint() const override { return signed_.value_or(""); }
  const Checkpoint& checkpoint() const override { return checkpoint_; }
  const record::VerifierKey& vkey() const override { return key_.verifier(); }
  const LogOptions& options() const override { return options_; }
  Store& store() override { return *store_; }

 private:
  // Two databases in one folder have the same directory unless one of them is given its own.
  std::string own_directory() const {
    const std::filesystem::path database = stem_of(options_.database);
    return "give this database a directory of its own, in this and every later command: --record " +
           (database.parent_path() / (database.stem().string() + ".record")).string();
  }

  // The last signed checkpoint is the database's; the directory may lag behind it, never lead.
  Status load() {
    SURETY_TRY(signed_, store_->value(kCheckpointName));
    SURETY_TRY(const std::string in_dir, dir_.read_checkpoint());
    Checkpoint ours{vkey().name, 0, record::empty_root(), {}}, theirs = ours;
    if (signed_) {
      SURETY_TRY(ours, record::open_checkpoint(*signed_, vkey()));
    }
    if (!in_dir.empty()) {
      auto opened = record::open_checkpoint(in_dir, vkey());
      if (!opened) return err(std::move(opened.error()).in(options_.record_dir + "/checkpoint"));
      theirs = std::move(*opened);
    }
    if (theirs.size > ours.size || (theirs.size == ours.size && theirs.root != ours.root) || (!in_dir.empty() && !signed_))
      return err(forked(theirs, ours));
    SURETY_TRY(const record::CompactRange tree, store_->tree());
    if (tree.size() < ours.size || (tree.size() == ours.size && tree.root() != ours.root))
      return err(fail("store.damaged", "the database has fewer entries than its own last checkpoint says")
                     .in(store_->name())
                     .found(std::to_string(tree.size()))
                     .expected(std::to_string(ours.size))
                     .help("restore a backup")
                     .ours());
    SURETY_TRY_STATUS(dir_.resume(theirs.size, theirs.root));
    if (signed_ && in_dir != *signed_) {
      SURETY_TRY_STATUS(write_tiles(ours.size, ours.root));
      SURETY_TRY_STATUS(dir_.put_checkpoint(*signed_));
    }
    checkpoint_ = ours;
    loaded_ = true;
    return {};
  }

  // The anchor may be ahead only over entries that are here: then a crash came between it and the database's copy.
  Status meet_anchor() {
    SURETY_TRY(const auto remembered, store_->value(kAnchorName));
    const std::string where = options_.anchor.empty() ? remembered.value_or("") : Anchor::lasting(options_.anchor);
    if (where.empty()) return {};
    SURETY_TRY(anchor_, Anchor::at(where));
    SURETY_TRY(anchored_, anchor_->read(vkey().name));
    if (!anchored_ && remembered == where)
      return err(fail("store.no-anchor", "the second copy of the checkpoint is not where it was")
                     .in(where)
                     .expected("the anchor of " + vkey().name)
                     .help("put it back; if it is lost for good, begin another with --anchor and a new place")
                     .ours());
    if (anchored_) {
      auto opened = record::open_checkpoint(*anchored_, vkey());
      if (!opened) return err(fail("store.other-log", "this anchor is of another log").in(where).expected(record::vkey_text(vkey())));
      SURETY_TRY(const bool ours, has_beginning(*opened));
      if (!ours) return err(behind_anchor(*opened, where));
    } else if (signed_) {
      SURETY_TRY(const bool swapped, anchor_->swap(vkey().name, anchored_, *signed_));
      if (!swapped) return err(forked_meanwhile());
      anchored_ = signed_;
    }
    return remembered == where ? Status() : store_->set_value(kAnchorName, where);
  }

  // Do our entries begin with the tree of this checkpoint?
  Result<bool> has_beginning(const Checkpoint& other) {
    if (other.size == checkpoint_.size) return other.root == checkpoint_.root;
    SURETY_TRY(const record::CompactRange tree, store_->tree());
    if (other.size > tree.size()) return false;
    record::CompactRange beginning;
    if (other.size < checkpoint_.size) {
      DirectoryTiles tiles(options_.disk ? *options_.disk : real_disk(), options_.record_dir);
      SURETY_TRY(beginning, record::range_at(other.size, record::tile_hashes(tiles, checkpoint_.size, 64)));
    } else {
      SURETY_TRY_STATUS(store_->scan(0, other.size, [&](std::uint64_t, std::string_view entry) {
        beginning.append(record::leaf_hash(entry));
        return true;
      }));
    }
    return beginning.root() == other.root;
  }

  Error behind_anchor(const Checkpoint& anchored, const std::string& where) const {
    return fail("store.older-than-anchor", "the database is older than the last checkpoint that was signed; going on would fork the log")
        .in(where)
        .found("a signed checkpoint of size " + std::to_string(anchored.size))
        .expected("one over the entries here, whose last checkpoint has size " + std::to_string(checkpoint_.size))
        .help(
            "database and record directory were restored from an old backup, or this is a copy: find the newer ones, then `surety record "
            "restore`")
        .ours();
  }

  Error forked(const Checkpoint& theirs, const Checkpoint& ours) const {
    return fail("store.older-than-record", "the database is older than its own record directory; going on would fork the log")
        .in(options_.record_dir + "/checkpoint")
        .found("a signed checkpoint of size " + std::to_string(theirs.size))
        .expected("at most size " + std::to_string(ours.size) + ", the last that the database knows")
        .help(
            "the database was restored from an old backup, or is another one: restore a newer backup; what was "
            "published after it is in the record directory, and `surety record restore` takes it from there")
        .ours();
  }

  Error forked_meanwhile() const {
    return fail("store.forked", "another process has signed a checkpoint of this log meanwhile")
        .in(store_->name())
        .help("two sequencers run on one log: stop one")
        .ours();
  }

  Status write_tiles(std::uint64_t size, const Digest& root) {
    Status status;
    SURETY_TRY_STATUS(store_->scan(dir_.tree().size(), size, [&](std::uint64_t, std::string_view entry) {
      status = dir_.add(entry);
      return status.has_value();
    }));
    if (!status) return status;
    if (dir_.tree().size() != size || dir_.tree().root() != root)
      return err(fail("store.damaged", "the entries in the database do not give the tree that was built from them")
                     .in(store_->name())
                     .found("root " + hex(dir_.tree().root()) + " at size " + std::to_string(dir_.tree().size()))
                     .expected("root " + hex(root) + " at size " + std::to_string(size))
                     .help("restore a backup")
                     .ours());
    return dir_.flush();
  }

  Status sign(const record::CompactRange& tree) {
    const Checkpoint next{vkey().name, tree.size(), tree.root(), {}};
    const std::string bytes = record::sign_checkpoint(next, key_);
    if (anchor_) {
      SURETY_TRY(const bool moved, anchor_->swap(vkey().name, anchored_, bytes));
      if (!moved) return err(forked_meanwhile());
      anchored_ = bytes;
    }
    SURETY_TRY(const bool swapped, store_->swap_value(kCheckpointName, signed_, bytes));
    if (!swapped) return err(forked_meanwhile());
    signed_ = bytes;
    SURETY_TRY_STATUS(dir_.put_checkpoint(bytes));
    checkpoint_ = next;
    return {};
  }

  LogOptions options_;
  std::unique_ptr<Store> store_;
  SigningKey key_;
  RecordDir dir_;
  std::unique_ptr<Anchor> anchor_;                // none: none was agreed
  std::optional<std::string> signed_, anchored_;  // what the database has, and the anchor
  Checkpoint checkpoint_;
  bool loaded_ = false;
};

}  // namespace

std::string own_file(const std::string& database, std::string_view ending) { return stem_of(database) + std::string(ending); }

std::string beside(const std::string& database, std::string_view ending) {
  std::string own = own_file(database, ending), shared = kShared + std::string(ending);
  return !file_exists(own) && file_exists(shared) && named_as_before(database) ? shared : own;
}

bool named_as_before(const std::string& database) {
  return is_postgres(database) && stem_of(database) != kShared && !file_exists(own_file(database, ".key")) &&
         file_exists(kShared + std::string(".key"));
}

LogOptions with_defaults(LogOptions options) {
  const std::filesystem::path database = stem_of(options.database);
  if (options.record_dir.empty()) options.record_dir = (database.parent_path() / "record").string();
  if (options.key_file.empty()) options.key_file = beside(options.database, ".key");
  if (options.origin.empty()) {
    std::string stem = database.stem().string();
    for (char& c : stem)
      if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == '+') c = '-';
    options.origin = "surety.local/" + (stem.empty() ? "log" : stem);
  }
  return options;
}

Result<std::unique_ptr<Log>> Log::open(LogOptions options) {
  const bool by_default = options.key_file.empty();
  options = with_defaults(std::move(options));
  SURETY_TRY(auto store, open_store(options.database, Mode::write));
  if (by_default && named_as_before(options.database)) SURETY_TRY_STATUS(leave_the_key_of_another(*store, options));
  SURETY_TRY(SigningKey key, own_key(*store, options));
  auto log = std::make_unique<RealLog>(std::move(options), std::move(store), std::move(key));
  SURETY_TRY_STATUS(log->recover());
  return std::unique_ptr<Log>(std::move(log));
}

}  // namespace surety::store
