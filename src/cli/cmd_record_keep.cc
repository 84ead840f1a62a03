// Keeping a record: backup, restore, and moving it to another store. Each says what it has and proves it by the tree.
#include <fmt/format.h>

#include <filesystem>

#include "base/files.h"
#include "base/json_out.h"
#include "cli/record.h"
#include "record/checkpoint.h"
#include "store/disclosure_store.h"
#include "store/migrate.h"
#include "store/party_list.h"

namespace surety::cli {
namespace {

void show(const RecordArgs& args, const char* kind, const std::string& to, const store::Moved& moved, const std::string& words) {
  if (!args.json) return line(fmt::format("{}: {}; {}, root {}", to, words, count(moved.size, "entry", "entries"), hex(moved.root)));
  JsonOut j;
  j.object().member("kind", kind).member("to", to).member("before", static_cast<std::int64_t>(moved.before));
  line(j.member("size", static_cast<std::int64_t>(moved.size)).member("root", hex(moved.root)).end().take());
}

Status nothing_there(const std::string& path) {
  if (store::is_postgres(path) || !file_exists(path)) return {};
  return err(fail("store.exists", "there is a file already").in(path).help("nothing is written over: name another, or move it away"));
}

// The disclosures are another file on purpose, and so is their copy: the record may be handed on, they may not. Says where they
// went; nothing if there are none, or a copy is there already.
Result<std::string> copy_disclosures(const std::string& from, const std::string& to) {
  const std::string hidden = store::disclosures_beside(from), hidden_to = store::disclosures_beside(to);
  if (!file_exists(hidden) || file_exists(hidden_to)) return std::string();
  SURETY_TRY(auto disclosures, store::DisclosureStore::open(hidden));
  SURETY_TRY_STATUS(disclosures->backup(hidden_to));
  return hidden_to;
}

// The list of the parties' keys follows from the entries, so it comes back with them.
Result<std::string> parties_from_log(const std::string& db) {
  SURETY_TRY(auto store, store::open_store(db, store::Mode::read));
  const std::string file = store::parties_beside(db);
  if (file_exists(file)) return std::string();
  SURETY_TRY(const bool written, store::write_parties_from_log(*store, store::Mode::read, file));
  return written ? file : std::string();
}

Status backup(const RecordArgs& args) {
  SURETY_TRY_STATUS(nothing_there(args.to));
  SURETY_TRY(auto store, store::open_store(args.db, store::Mode::read));
  SURETY_TRY_STATUS(store->backup(args.to));
  if (file_exists(store::disclosures_beside(args.db))) SURETY_TRY_STATUS(nothing_there(store::disclosures_beside(args.to)));
  SURETY_TRY(const std::string hidden_to, copy_disclosures(args.db, args.to));
  SURETY_TRY(const store::Moved moved, store::measure(args.to));
  show(args, "backup", args.to, moved, hidden_to.empty() ? "backed up" : "backed up, disclosures in " + hidden_to);
  return {};
}

Status migrate(const RecordArgs& args) {
  SURETY_TRY(const store::Moved moved, store::migrate(args.db, args.to));
  SURETY_TRY(const std::string hidden_to, copy_disclosures(args.db, args.to));
  std::string words = moved.before ? fmt::format("{} were there, the rest copied", moved.before) : "copied";
  if (!hidden_to.empty()) words += ", disclosures in " + hidden_to;
  SURETY_TRY(const std::string parties, parties_from_log(args.to));
  if (!parties.empty()) words += ", the parties' keys in " + parties;
  const std::string key = store::beside(args.db, ".key"), key_to = store::beside(args.to, ".key");
  SURETY_TRY(auto store, store::open_store(args.to, store::Mode::read));
  show(args, "migrate", store->name(), moved, words);
  if (!args.json && key != key_to) line(fmt::format("the log goes on there once its key is there: mv {} {}", key, key_to));
  return {};
}

// As the directory says; whoever takes entries from it checks the signature.
Result<std::uint64_t> published_size(const std::string& dir) {
  SURETY_TRY(const std::string bytes, read_file(dir + "/checkpoint"));
  SURETY_TRY(const auto read, record::read_checkpoint(bytes));
  return read.checkpoint.size;
}

// What lies beside a database that was restored, and what does not.
Result<std::string> found_beside(const std::string& db, const store::Moved& has) {
  std::string out;
  if (const std::string hidden = store::disclosures_beside(db); has.notes && !file_exists(hidden))
    out = fmt::format(" ({} without {})",
                      count(has.notes, "signed statement is only a commitment", "signed statements are only commitments"), hidden);
  SURETY_TRY(const std::string parties, parties_from_log(db));
  if (!parties.empty()) out += "; the parties' keys, as the log has them, in " + parties;
  return out;
}

Status restore(const RecordArgs& args) {
  const std::string dir = directory(args);
  const bool published = file_exists(dir + "/checkpoint");
  if (args.what.empty() && !published)
    return err(fail("store.nothing-to-restore", "there is neither a backup nor a record directory to restore from")
                   .in(dir)
                   .expected("surety record restore BACKUP, or --record DIR"));
  store::Moved moved;
  std::optional<std::uint64_t> before;  // what the database held already
  std::string words, beside;
  if (!args.what.empty()) {
    SURETY_TRY_STATUS(nothing_there(args.db));
    SURETY_TRY(moved, store::migrate(args.what, args.db));
    before = moved.before;
    words = count(moved.size - moved.before, "entry", "entries") + " from " + args.what;
    SURETY_TRY(const std::string hidden_to, copy_disclosures(args.what, args.db));
    if (!hidden_to.empty()) words += " with its disclosures";
    if (!hidden_to.empty() && moved.before == moved.size) beside = ", but disclosures, now in " + hidden_to;
  }
  SURETY_TRY(const std::uint64_t ahead, published ? published_size(dir) : Result<std::uint64_t>(0));
  if (published && (args.what.empty() || ahead > moved.size)) {
    std::string vkey;
    if (!args.vkey.empty()) {
      SURETY_TRY(const auto key, vkey_of(args.vkey));
      vkey = record::vkey_text(key);
    }
    SURETY_TRY(const store::Moved from_dir, store::restore_from_record(dir, args.db, vkey));
    words += fmt::format("{}{} from {}", words.empty() ? "" : ", ", count(from_dir.size - from_dir.before, "entry", "entries"), dir);
    before = before.value_or(from_dir.before);
  }
  SURETY_TRY(store::Moved measured, store::measure(args.db));
  measured.before = before.value_or(0);
  const bool held = measured.before == measured.size && measured.size > 0;
  SURETY_TRY_STATUS(store::meets_anchor(args.db, args.anchor, measured.size));
  SURETY_TRY(const std::string found, found_beside(args.db, measured));
  words = held ? "it holds every entry already, nothing was restored" + beside : "restored: " + words;
  show(args, "restore", args.db, measured, words + found);
  return {};
}

}  // namespace

int record_backup(const RecordArgs& args) { return exit_code(backup(args), args); }
int record_restore(const RecordArgs& args) { return exit_code(restore(args), args); }
int record_migrate(const RecordArgs& args) { return exit_code(migrate(args), args); }

}  // namespace surety::cli
