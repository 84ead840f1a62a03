#include "store/disclosure_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "base/json_out.h"
#include "store/sqlite/db.h"

namespace surety::store {
namespace {

using sqlite::Db;
using sqlite::Run;
using sqlite::Statement;

constexpr const char* kPublic = "public";
constexpr const char* kWhole = "*";  // in the place of a field: all of them
// One row a statement: its disclosures as lines. A row a field would cost twenty rows for each statement imported.
constexpr const char* kDisclosureSchema = R"(
CREATE TABLE IF NOT EXISTS disclosure(leaf BLOB NOT NULL UNIQUE, id TEXT, lines TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_id ON disclosure(id) WHERE id IS NOT NULL;
CREATE TABLE IF NOT EXISTS released(leaf BLOB NOT NULL, field TEXT NOT NULL, audience TEXT NOT NULL, PRIMARY KEY(leaf, field, audience)) WITHOUT ROWID;
)";

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    out.emplace_back(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.size(), out.back().size() + 1));
  }
  return out;
}

std::string text_of(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

std::string field_of(const std::string& encoded) {
  const auto parsed = record::parse_disclosure(encoded);
  return parsed ? parsed->field.name : std::string();
}

Error no_such_field(const std::string& field, const std::vector<std::string>& names) {
  std::string known;
  for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
  return fail("store.no-such-field", "no disclosure of this field is kept")
      .found(field)
      .expected(known.empty() ? "nothing is kept of this statement" : "one of " + known)
      .help("it was never committed to, or it was forgotten");
}

using Lines = std::vector<DisclosureStore::Line>;

Status check_kept(const Lines& lines, const DisclosureStore::Names& fields) {
  std::vector<std::string> names;
  for (const auto& line : lines) names.push_back(line.field);
  for (const std::string& field : fields)
    if (std::find(names.begin(), names.end(), field) == names.end()) return err(no_such_field(field, names));
  return {};
}

// The digests under which the statement commits to these fields, sorted.
DisclosureStore::Names slots_of(const Lines& lines, const DisclosureStore::Names& fields) {
  DisclosureStore::Names out;
  for (const auto& line : lines)
    if (std::find(fields.begin(), fields.end(), line.field) != fields.end())
      out.push_back(base64(view(record::disclosure_digest(line.encoded))));
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::string disclosures_beside(const std::string& database) { return beside(database, ".disclosures"); }

// The database, and what is asked of it for each statement of an import or of a reader's world.
struct DisclosureStore::Sql {
  Db db;
  Statement put, leaves, lines, released;
};

DisclosureStore::DisclosureStore(std::unique_ptr<Sql> sql) : sql_(std::move(sql)), db_(&sql_->db) {}
DisclosureStore::~DisclosureStore() = default;

Result<std::unique_ptr<DisclosureStore>> DisclosureStore::open(const std::string& path) {
  auto sql = std::make_unique<Sql>();
  SURETY_TRY(sql->db, Db::open_private(path, "the disclosure store"));
  Db& db = sql->db;
  SURETY_TRY_STATUS(db.run(kDisclosureSchema));
  SURETY_TRY(sql->put, db.prepare("INSERT INTO disclosure VALUES(?1, nullif(?2, ''), ?3) ON CONFLICT(leaf) DO UPDATE SET "
                                  "lines = lines || excluded.lines WHERE instr(lines, excluded.lines) = 0"));
  SURETY_TRY(sql->leaves, db.prepare("SELECT leaf FROM disclosure WHERE id = ?1 ORDER BY leaf"));
  SURETY_TRY(sql->lines, db.prepare("SELECT lines FROM disclosure WHERE leaf = ?1"));
  SURETY_TRY(sql->released, db.prepare("SELECT field, audience FROM released WHERE leaf = ?1"));
  return std::unique_ptr<DisclosureStore>(new DisclosureStore(std::move(sql)));
}

Status DisclosureStore::put(std::span<const Kept> all) {
  SURETY_TRY_STATUS(db_->run("BEGIN IMMEDIATE"));
  const auto insert_all = [&]() -> Status {
    for (const Kept& kept : all) {
      const std::string lines = text_of(kept.encoded);
      Run run(sql_->put);
      if (sql_->put.blob(1, view(kept.leaf)).text(2, kept.id).text(3, lines).step() != SQLITE_DONE)
        return err(db_->error("keep disclosures"));
    }
    return {};
  };
  if (auto done = insert_all(); !done) {
    (void)db_->run("ROLLBACK");
    return done;
  }
  return db_->run("COMMIT");
}

Result<std::vector<Digest>> DisclosureStore::leaves_of(const std::string& id) {
  Statement& rows = sql_->leaves;
  Run run(rows);
  rows.text(1, id);
  std::vector<Digest> out;
  int code = 0;
  while ((code = rows.step()) == SQLITE_ROW) {
    const std::string_view bytes = rows.bytes(0);
    if (bytes.size() == 32) std::memcpy(out.emplace_back().data(), bytes.data(), 32);
  }
  if (code != SQLITE_DONE) return err(db_->error("look up a statement"));
  return out;
}

Result<std::vector<std::string>> DisclosureStore::all_of(const Digest& leaf) {
  Run run(sql_->lines);
  const int code = sql_->lines.blob(1, view(leaf)).step();
  if (code == SQLITE_DONE) return std::vector<std::string>();
  if (code != SQLITE_ROW) return err(db_->error("read disclosures"));
  return lines_of(sql_->lines.bytes(0));
}

Result<std::vector<DisclosureStore::Line>> DisclosureStore::read(const Digest& leaf) {
  SURETY_TRY(auto all, all_of(leaf));
  std::vector<Line> out;
  for (std::string& encoded : all) {
    std::string field = field_of(encoded);
    out.push_back({std::move(field), std::move(encoded)});
  }
  return out;
}

Result<DisclosureStore::Released> DisclosureStore::released_of(const Digest& leaf, const std::vector<Line>& lines) {
  Statement& rows = sql_->released;
  Run run(rows);
  rows.blob(1, view(leaf));
  std::set<std::pair<std::string, std::string>> out;
  int code = 0;
  while ((code = rows.step()) == SQLITE_ROW) {
    const std::string field(rows.bytes(0)), audience(rows.bytes(1));
    if (field != kWhole) out.emplace(field, audience);
    if (field == kWhole)
      for (const Line& line : lines) out.emplace(line.field, audience);
  }
  if (code != SQLITE_DONE) return err(db_->error("read who may know what"));
  return Released(out.begin(), out.end());
}

Status DisclosureStore::note(Log& log, const char* what, std::span<const Digest> leaves, const Names& slots, const std::string& audience,
                             const std::string& by, Instant at) {
  JsonOut j;
  j.object().member("v", 1).member("kind", "access").member("did", what);
  if (leaves.size() == 1) {
    j.member("leaf", base64(view(leaves[0])));
  } else {
    j.key("leaves").array();
    for (const Digest& leaf : leaves) j.string(base64(view(leaf)));
    j.end();
  }
  j.key("slots").array();
  for (const std::string& slot : slots) j.string(slot);
  j.end();
  if (!audience.empty()) j.member("audience", audience);
  j.member("by", by).member("at", to_string(at)).member("nonce", base64url(record::system_random(16))).end();
  const std::string entry = j.take();
  const std::string_view one[] = {entry};
  SURETY_TRY(const auto placed, log.append(one));
  SURETY_CHECK(placed.size() == 1);
  return {};
}

Status DisclosureStore::release(Log& log, const Digest& leaf, const Names& fields, const std::string& audience, const std::string& by,
                                Instant at) {
  SURETY_TRY(const auto lines, read(leaf));
  SURETY_TRY_STATUS(check_kept(lines, fields));
  const Names digests = slots_of(lines, fields);
  SURETY_TRY_STATUS(note(log, "release", {&leaf, 1}, digests, audience, by, at));
  SURETY_TRY(Statement insert, db_->prepare("INSERT OR IGNORE INTO released VALUES(?1, ?2, ?3)"));
  for (const std::string& field : fields) {
    if (insert.blob(1, view(leaf)).text(2, field).text(3, audience).step() != SQLITE_DONE) return err(db_->error("release a field"));
    insert.reset();
  }
  return {};
}

Status DisclosureStore::release_whole(Log& log, std::span<const Digest> leaves, const std::string& audience, const std::string& by,
                                      Instant at) {
  if (leaves.empty()) return {};
  SURETY_CHECK(leaves.size() <= kReleaseAtOnce);
  SURETY_TRY_STATUS(note(log, "release", leaves, {kWhole}, audience, by, at));
  SURETY_TRY_STATUS(db_->run("BEGIN IMMEDIATE"));
  SURETY_TRY(Statement insert, db_->prepare("INSERT OR IGNORE INTO released VALUES(?1, ?2, ?3)"));
  for (const Digest& leaf : leaves) {
    if (insert.blob(1, view(leaf)).text(2, kWhole).text(3, audience).step() != SQLITE_DONE) {
      Error e = db_->error("release statements");
      (void)db_->run("ROLLBACK");
      return err(std::move(e));
    }
    insert.reset();
  }
  return db_->run("COMMIT");
}

Status DisclosureStore::redact(Log& log, const Digest& leaf, const Names& fields, const std::string& audience, const std::string& by,
                               Instant at) {
  // Takes effect before it is noted: a crash between the two errs towards silence. A release of the whole becomes one
  // of each other field.
  SURETY_TRY(const auto lines, read(leaf));
  SURETY_TRY(const auto allowed, released_of(leaf, lines));
  SURETY_TRY(Statement insert, db_->prepare("INSERT OR IGNORE INTO released VALUES(?1, ?2, ?3)"));
  for (const auto& [field, who] : allowed) {
    if (who != audience || std::find(fields.begin(), fields.end(), field) != fields.end()) continue;
    if (insert.blob(1, view(leaf)).text(2, field).text(3, who).step() != SQLITE_DONE) return err(db_->error("redact a field"));
    insert.reset();
  }
  Names goes = fields;
  goes.emplace_back(kWhole);
  SURETY_TRY(Statement remove, db_->prepare("DELETE FROM released WHERE leaf = ?1 AND field = ?2 AND audience = ?3"));
  for (const std::string& field : goes) {
    if (remove.blob(1, view(leaf)).text(2, field).text(3, audience).step() != SQLITE_DONE) return err(db_->error("redact a field"));
    remove.reset();
  }
  return note(log, "redact", {&leaf, 1}, slots_of(lines, fields), audience, by, at);
}

Status DisclosureStore::forget(Log& log, const Digest& leaf, const Names& fields, const std::string& by, Instant at) {
  SURETY_TRY(const auto lines, read(leaf));
  SURETY_TRY_STATUS(check_kept(lines, fields));
  const Names digests = slots_of(lines, fields);
  Names stay;
  for (const Line& line : lines)
    if (std::find(fields.begin(), fields.end(), line.field) == fields.end()) stay.push_back(line.encoded);
  SURETY_TRY(Statement update, db_->prepare("UPDATE disclosure SET id = NULL, lines = ?2 WHERE leaf = ?1"));
  if (update.blob(1, view(leaf)).text(2, text_of(stay)).step() != SQLITE_DONE) return err(db_->error("forget a field"));
  update.reset();
  SURETY_TRY(Statement remove, db_->prepare("DELETE FROM released WHERE leaf = ?1 AND field = ?2"));
  for (const std::string& field : fields) {
    if (remove.blob(1, view(leaf)).text(2, field).step() != SQLITE_DONE) return err(db_->error("forget a field"));
    remove.reset();
  }
  // The write-ahead log still has the old page; empty it, so that the bytes are gone from the disk's files.
  SURETY_TRY_STATUS(db_->run("PRAGMA wal_checkpoint(TRUNCATE)"));
  return note(log, "forget", {&leaf, 1}, digests, {}, by, at);
}

Status DisclosureStore::backup(const std::string& target) {
  const int fd = ::open(target.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return err(fail("store.exists", "the target of the backup is there already, or cannot be made").in(target).help("name a new file"));
  SURETY_TRY(Statement into, db_->prepare("VACUUM INTO ?1"));  // takes an empty file, and keeps its mode
  const bool copied = into.text(1, target).step() == SQLITE_DONE;
  const bool synced = ::fsync(fd) == 0;
  ::close(fd);
  if (!copied || !synced) return err(db_->error("copy the disclosures"));
  return {};
}

Result<DisclosureStore::Released> DisclosureStore::released(const Digest& leaf) {
  SURETY_TRY(const auto lines, read(leaf));
  return released_of(leaf, lines);
}

Result<DisclosureStore::Share> DisclosureStore::share_of(const Digest& leaf, const std::vector<std::string>& audiences) {
  SURETY_TRY(auto lines, read(leaf));
  SURETY_TRY(const auto allowed, released_of(leaf, lines));
  Share out;
  for (Line& line : lines) {
    bool mine = false, open = false;
    for (const auto& [name, audience] : allowed) {
      if (name != line.field) continue;
      mine = mine || std::find(audiences.begin(), audiences.end(), audience) != audiences.end();
      open = open || audience == kPublic;
    }
    out.restricted = out.restricted || (mine && !open);
    if (mine) out.encoded.push_back(std::move(line.encoded));
  }
  return out;
}

Result<std::set<std::string>> DisclosureStore::audiences() {
  SURETY_TRY(Statement rows, db_->prepare("SELECT DISTINCT audience FROM released"));
  std::set<std::string> out;
  int code = 0;
  while ((code = rows.step()) == SQLITE_ROW) out.emplace(rows.bytes(0));
  if (code != SQLITE_DONE) return err(db_->error("read who may know what"));
  return out;
}

Status DisclosureStore::note_reading(Log& log, std::span<const Digest> leaves, const std::string& audience, const std::string& reader,
                                     Instant at) {
  for (; !leaves.empty(); leaves = leaves.subspan(std::min(leaves.size(), kReleaseAtOnce)))
    SURETY_TRY_STATUS(note(log, "access", leaves.first(std::min(leaves.size(), kReleaseAtOnce)), {}, audience, reader, at));
  return {};
}

Result<std::vector<std::string>> DisclosureStore::disclose(Log& log, const Digest& leaf, const std::string& audience,
                                                           const std::string& reader, Instant at) {
  SURETY_TRY(const auto lines, read(leaf));
  SURETY_TRY(const auto allowed, released_of(leaf, lines));
  std::map<std::string, std::string> out;  // by field name
  Names restricted;
  for (const auto& [field, encoded] : lines) {
    const auto may = [&, &name = field](const std::string& who) {
      return std::find(allowed.begin(), allowed.end(), std::pair(name, who)) != allowed.end();
    };
    if (!may(kPublic) && (audience.empty() || !may(audience))) continue;
    if (!may(kPublic)) restricted.push_back(base64(view(record::disclosure_digest(encoded))));
    out[field] = encoded;
  }
  // Nothing restricted leaves before the log knows of it.
  std::sort(restricted.begin(), restricted.end());
  if (!restricted.empty()) SURETY_TRY_STATUS(note(log, "access", {&leaf, 1}, restricted, audience == kPublic ? "" : audience, reader, at));
  std::vector<std::string> handed;
  for (auto& [field, encoded] : out) handed.push_back(std::move(encoded));
  return handed;
}

}  // namespace surety::store
