#include "store/disclosure_store.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/json_out.h"
#include "store/sqlite/db.h"

namespace surety::store {
namespace {

using sqlite::Db;
using sqlite::Statement;

constexpr const char* kPublic = "public";
constexpr const char* kDisclosureSchema = R"(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
CREATE TABLE IF NOT EXISTS disclosure(leaf BLOB NOT NULL, field TEXT NOT NULL, encoded TEXT NOT NULL, PRIMARY KEY(leaf, field)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS released(leaf BLOB NOT NULL, field TEXT NOT NULL, audience TEXT NOT NULL, PRIMARY KEY(leaf, field, audience)) WITHOUT ROWID;
)";

Error no_such_field(const std::string& field) {
  return fail("store.no-such-field", "no disclosure of this field is kept")
      .field(field)
      .help("it was never committed to, or it was forgotten");
}

}  // namespace

DisclosureStore::DisclosureStore(std::unique_ptr<Db> db) : db_(std::move(db)) {}
DisclosureStore::~DisclosureStore() = default;

Result<std::unique_ptr<DisclosureStore>> DisclosureStore::open(const std::string& path) {
  // Made by us first, so that its content is never readable by others, not for a moment.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return err(fail("store.failed", "the disclosure store cannot be opened")
                   .in(path)
                   .help("check that its folder is there and who may write to it"));
  ::close(fd);
  SURETY_TRY(Db db, Db::open(path, SQLITE_OPEN_READWRITE));
  SURETY_TRY_STATUS(db.run(kDisclosureSchema));
  SURETY_TRY_STATUS(db.settle());
  return std::unique_ptr<DisclosureStore>(new DisclosureStore(std::make_unique<Db>(std::move(db))));
}

Status DisclosureStore::put(const Digest& leaf, const std::vector<record::Disclosure>& disclosures) {
  SURETY_TRY_STATUS(db_->run("BEGIN IMMEDIATE"));
  for (const record::Disclosure& d : disclosures) {
    auto insert = db_->prepare("INSERT INTO disclosure VALUES(?1, ?2, ?3)");
    if (!insert || insert->blob(1, view(leaf)).text(2, d.field.name).text(3, d.encoded).step() != SQLITE_DONE) {
      Error e = insert ? db_->error("keep a disclosure") : std::move(insert.error());
      (void)db_->run("ROLLBACK");
      return err(std::move(e));
    }
  }
  return db_->run("COMMIT");
}

Status DisclosureStore::note(Log& log, const char* what, const Digest& leaf, const std::vector<std::string>& fields,
                             const std::string& audience, const std::string& by, Instant at) {
  JsonOut j;
  j.object().member("v", 1).member("kind", "access").member("did", what).member("leaf", base64(view(leaf))).key("fields").array();
  for (const std::string& field : fields) j.string(field);
  j.end();
  if (!audience.empty()) j.member("audience", audience);
  j.member("by", by).member("at", to_string(at)).member("nonce", base64url(record::system_random(16))).end();
  const std::string entry = j.take();
  const std::string_view one[] = {entry};
  SURETY_TRY(const auto placed, log.append(one));
  SURETY_CHECK(placed.size() == 1);
  return {};
}

Status DisclosureStore::release(Log& log, const Digest& leaf, const std::string& field, const std::string& audience, const std::string& by,
                                Instant at) {
  SURETY_TRY(Statement there, db_->prepare("SELECT 1 FROM disclosure WHERE leaf = ?1 AND field = ?2"));
  if (there.blob(1, view(leaf)).text(2, field).step() != SQLITE_ROW) return err(no_such_field(field));
  SURETY_TRY_STATUS(note(log, "release", leaf, {field}, audience, by, at));
  SURETY_TRY(Statement insert, db_->prepare("INSERT OR IGNORE INTO released VALUES(?1, ?2, ?3)"));
  if (insert.blob(1, view(leaf)).text(2, field).text(3, audience).step() != SQLITE_DONE) return err(db_->error("release a field"));
  return {};
}

Status DisclosureStore::redact(Log& log, const Digest& leaf, const std::string& field, const std::string& audience, const std::string& by,
                               Instant at) {
  // Takes effect before it is noted: a crash between the two errs towards silence.
  SURETY_TRY(Statement remove, db_->prepare("DELETE FROM released WHERE leaf = ?1 AND field = ?2 AND audience = ?3"));
  if (remove.blob(1, view(leaf)).text(2, field).text(3, audience).step() != SQLITE_DONE) return err(db_->error("redact a field"));
  return note(log, "redact", leaf, {field}, audience, by, at);
}

Status DisclosureStore::forget(Log& log, const Digest& leaf, const std::string& field, const std::string& by, Instant at) {
  for (const char* sql : {"DELETE FROM released WHERE leaf = ?1 AND field = ?2", "DELETE FROM disclosure WHERE leaf = ?1 AND field = ?2"}) {
    SURETY_TRY(Statement remove, db_->prepare(sql));
    if (remove.blob(1, view(leaf)).text(2, field).step() != SQLITE_DONE) return err(db_->error("forget a field"));
  }
  // The write-ahead log still has the old page; empty it, so that the bytes are gone from the disk's files.
  SURETY_TRY_STATUS(db_->run("PRAGMA wal_checkpoint(TRUNCATE)"));
  return note(log, "forget", leaf, {field}, {}, by, at);
}

Result<std::vector<std::string>> DisclosureStore::disclose(Log& log, const Digest& leaf, const std::string& audience,
                                                           const std::string& reader, Instant at) {
  SURETY_TRY(Statement rows, db_->prepare("SELECT d.field, d.encoded, max(r.audience = 'public') FROM disclosure d JOIN released r ON "
                                          "r.leaf = d.leaf AND r.field = d.field "
                                          "WHERE d.leaf = ?1 AND r.audience IN (?2, 'public') GROUP BY d.field ORDER BY d.field"));
  rows.blob(1, view(leaf)).text(2, audience);
  std::vector<std::string> out, restricted;
  int code = 0;
  while ((code = rows.step()) == SQLITE_ROW) {
    out.emplace_back(rows.bytes(1));
    if (rows.number(2) == 0) restricted.emplace_back(rows.bytes(0));
  }
  if (code != SQLITE_DONE) return err(db_->error("read disclosures"));
  // Nothing restricted leaves before the log knows of it.
  if (!restricted.empty()) SURETY_TRY_STATUS(note(log, "access", leaf, restricted, audience == kPublic ? "" : audience, reader, at));
  return out;
}

}  // namespace surety::store
