#include "store/postgres/postgres_store.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "record/tiles.h"
#include "store/postgres/pg.h"

namespace surety::store {
namespace {

using pg::Connection;
using pg::Rows;
using record::CompactRange;

constexpr int kSchemaVersion = 1;
constexpr const char* kTables = R"(
CREATE TABLE surety.entry(idx bigint PRIMARY KEY, body bytea NOT NULL);
ALTER TABLE surety.entry ALTER body SET STORAGE EXTERNAL;
CREATE TABLE surety.seen(prefix bigint NOT NULL, idx bigint NOT NULL, PRIMARY KEY(prefix, idx));
CREATE TABLE surety.value(name text PRIMARY KEY, value bytea NOT NULL);
CREATE TABLE surety.version(number int NOT NULL);
INSERT INTO surety.version VALUES(1);
)";
constexpr std::int64_t kLockKey = 0x53555254;  // one log a database, one writer a log

class PostgresStore final : public Store {
 public:
  explicit PostgresStore(Connection connection) : db_(std::move(connection)) {}

  Result<std::vector<Appended>> append(std::span<const std::string_view> entries) override {
    if (broken_) return err(broken_error());
    for (const auto entry : entries)
      if (entry.size() > record::kMaxEntry) {
        std::string unused;
        return err(record::append_to_bundle(unused, entry).error());
      }
    if (entries.empty()) return std::vector<Appended>{};
    SURETY_TRY_STATUS(command("BEGIN"));
    auto out = append_inside(entries);
    Status done = out ? command("COMMIT") : err(out.error());
    if (done) return out;
    undo(done.error());
    return err(std::move(done.error()));
  }

  Result<std::uint64_t> size() override {
    SURETY_TRY(const CompactRange range, tree());
    return range.size();
  }

  Result<CompactRange> tree() override { return read_tree("SELECT value FROM surety.value WHERE name = 'tree'"); }

  Result<std::string> get(std::uint64_t index) override {
    SURETY_TRY(const Rows rows, run("SELECT body FROM surety.entry WHERE idx = $1::bigint", {pg::int8(static_cast<std::int64_t>(index))}));
    if (rows.count() == 1) return std::string(rows.bytes(0, 0));
    return err(fail("store.no-such-entry", "the record has no entry of this number").in(db_.name()).found(std::to_string(index)));
  }

  Result<std::optional<std::uint64_t>> find(const Digest& leaf) override {
    SURETY_TRY(const Rows rows,
               run("SELECT e.idx, e.body FROM surety.seen s JOIN surety.entry e USING(idx) WHERE s.prefix = $1::bigint ORDER BY 1",
                   {pg::int8(prefix_of(leaf))}));
    for (int i = 0; i < rows.count(); ++i)
      if (record::leaf_hash(rows.bytes(i, 1)) == leaf) return std::optional(static_cast<std::uint64_t>(rows.number(i, 0)));
    return std::optional<std::uint64_t>();
  }

  Status scan(std::uint64_t from, std::uint64_t to, const EntryVisitor& visit) override {
    constexpr std::uint64_t kPage = 4096;
    SURETY_TRY(const std::uint64_t end_now, highest());
    const std::uint64_t end = std::min(to, end_now);
    for (std::uint64_t next = from; next < end;) {
      SURETY_TRY(const Rows rows,
                 run("SELECT idx, body FROM surety.entry WHERE idx >= $1::bigint AND idx < $2::bigint ORDER BY idx",
                     {pg::int8(static_cast<std::int64_t>(next)), pg::int8(static_cast<std::int64_t>(std::min(end, next + kPage)))}));
      const std::uint64_t page_end = std::min(end, next + kPage);
      for (int i = 0; i < rows.count(); ++i, ++next) {
        if (static_cast<std::uint64_t>(rows.number(i, 0)) != next) break;
        if (!visit(next, rows.bytes(i, 1))) return {};
      }
      if (next < page_end)
        return err(fail("store.damaged", "an entry is missing from the database")
                       .in(db_.name())
                       .found("no entry " + std::to_string(next))
                       .help("restore a backup, or rebuild the database from its record directory")
                       .ours());
    }
    return {};
  }

  Result<std::optional<std::string>> value(std::string_view name) override {
    SURETY_TRY(const Rows rows, run("SELECT value FROM surety.value WHERE name = $1::text", {std::string(name)}));
    if (rows.count() == 0) return std::optional<std::string>();
    return std::optional<std::string>(rows.bytes(0, 0));
  }

  Status set_value(std::string_view name, std::string_view value) override {
    if (broken_) return err(broken_error());
    SURETY_TRY(const Rows done, run(kSet, {std::string(name), std::string(value)}));
    (void)done;
    return {};
  }

  Result<bool> swap_value(std::string_view name, const std::optional<std::string>& expected, std::string_view to) override {
    if (broken_) return err(broken_error());
    SURETY_TRY(const Rows rows,
               expected ? run("UPDATE surety.value SET value = $2::bytea WHERE name = $1::text AND value = $3::bytea RETURNING 1::bigint",
                              {std::string(name), std::string(to), *expected})
                        : run("INSERT INTO surety.value VALUES($1::text, $2::bytea) ON CONFLICT DO NOTHING RETURNING 1::bigint",
                              {std::string(name), std::string(to)}));
    return rows.count() == 1;
  }

  Result<std::vector<std::pair<std::string, std::string>>> values(std::string_view prefix) override {
    SURETY_TRY(const Rows rows, run("SELECT name, value FROM surety.value WHERE starts_with(name, $1::text) ORDER BY name COLLATE \"C\"",
                                    {std::string(prefix)}));
    std::vector<std::pair<std::string, std::string>> out;
    for (int i = 0; i < rows.count(); ++i) out.emplace_back(rows.bytes(i, 0), rows.bytes(i, 1));
    return out;
  }

  Status backup(const std::string& target) override {
    return err(fail("store.no-backup", "a PostgreSQL record is copied with migrate, or with pg_dump")
                   .in(db_.name())
                   .help("surety record migrate --db " + db_.name() + " --to " + target));
  }

  std::string name() const override { return db_.name(); }

 private:
  static constexpr const char* kSet =
      "INSERT INTO surety.value VALUES($1::text, $2::bytea) ON CONFLICT(name) DO UPDATE SET value = EXCLUDED.value";

  Result<Rows> run(const char* sql, const std::vector<std::optional<std::string>>& parameters = {}) {
    auto out = db_.run(sql, parameters);
    if (!out && !db_.alive()) broken_ = true;
    return out;
  }
  Status command(const char* sql) {
    SURETY_TRY(const Rows rows, run(sql));
    (void)rows;
    return {};
  }

  // The row lock keeps even a second sequencer, which the advisory lock should have stopped, from
  // building on the same tree.
  Result<CompactRange> read_tree(const char* sql) {
    SURETY_TRY(const Rows rows, run(sql));
    if (rows.count() == 0) return CompactRange();
    return CompactRange::parse(rows.bytes(0, 0));
  }

  Result<std::uint64_t> highest() {
    SURETY_TRY(const Rows rows, run("SELECT coalesce(max(idx) + 1, 0)::bigint FROM surety.entry"));
    return static_cast<std::uint64_t>(rows.number(0, 0));
  }

  // Which of these leaf hashes are there already: by the database, then byte by byte.
  Result<std::multimap<std::int64_t, std::pair<std::uint64_t, std::string>>> candidates(const std::vector<std::int64_t>& prefixes) {
    std::multimap<std::int64_t, std::pair<std::uint64_t, std::string>> out;
    SURETY_TRY(const Rows rows, run("SELECT s.prefix, e.idx, e.body FROM surety.seen s JOIN surety.entry e USING(idx) WHERE s.prefix = "
                                    "ANY($1::bigint[]) ORDER BY 2",
                                    {pg::int8_array(prefixes)}));
    for (int i = 0; i < rows.count(); ++i)
      out.emplace(rows.number(i, 0), std::pair{static_cast<std::uint64_t>(rows.number(i, 1)), std::string(rows.bytes(i, 2))});
    return out;
  }

  Result<std::vector<Appended>> append_inside(std::span<const std::string_view> entries) {
    SURETY_TRY(CompactRange range, read_tree("SELECT value FROM surety.value WHERE name = 'tree' FOR UPDATE"));
    std::vector<Digest> leaves;
    std::vector<std::int64_t> prefixes;
    for (const std::string_view entry : entries) {
      leaves.push_back(record::leaf_hash(entry));
      prefixes.push_back(prefix_of(leaves.back()));
    }
    SURETY_TRY(const auto there, candidates(prefixes));
    std::unordered_map<std::string_view, std::uint64_t> fresh;  // looked up only, never walked
    std::vector<Appended> out;
    std::string entry_rows, seen_rows;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const auto [a, b] = there.equal_range(prefixes[i]);
      const auto same = std::find_if(a, b, [&](const auto& c) { return c.second.second == entries[i]; });
      if (same != b) {
        out.push_back({same->second.first, true});
        continue;
      }
      const auto [it, added] = fresh.emplace(entries[i], range.size());
      out.push_back({it->second, !added});
      if (!added) continue;
      const std::string index = pg::int4(8) + pg::int8(static_cast<std::int64_t>(range.size()));
      entry_rows += pg::int2(2) + index + pg::int4(static_cast<std::int32_t>(entries[i].size()));
      entry_rows += entries[i];
      seen_rows += pg::int2(2) + pg::int4(8) + pg::int8(prefixes[i]) + index;
      range.append(leaves[i]);
    }
    if (entry_rows.empty()) return out;
    SURETY_TRY_STATUS(db_.copy_in("COPY surety.entry FROM STDIN BINARY", entry_rows));
    SURETY_TRY_STATUS(db_.copy_in("COPY surety.seen FROM STDIN BINARY", seen_rows));
    SURETY_TRY(const Rows set, run(kSet, {std::string("tree"), range.bytes()}));
    (void)set;
    return out;
  }

  void undo(const Error& why) {
    const bool undone = db_.alive() && (!db_.in_transaction() || db_.run("ROLLBACK"));
    // Undone by a server that answers: nothing of it is there. Otherwise nobody knows.
    if (!undone || why.code != "store.full-disk") broken_ = true;
  }
  Error broken_error() const {
    return fail("store.failed", "this database failed before and what it holds is not known")
        .in(db_.name())
        .help("close it and open it again: opening recovers")
        .ours();
  }

  Connection db_;
  bool broken_ = false;
};

Status take_write_lock(Connection& db) {
  SURETY_TRY(const Rows got, db.run("SELECT pg_try_advisory_lock($1::bigint)::int", {pg::int8(kLockKey)}));
  if (got.number(0, 0) == 1) return {};
  SURETY_TRY(const Rows holder,
             db.run("SELECT pid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = $1::bigint::oid AND granted "
                    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                    {pg::int8(kLockKey)}));
  return err(fail("store.in-use", "another process is writing to this record")
                 .in(db.name())
                 .found(holder.count() ? "server process " + std::to_string(holder.number(0, 0)) : "a lock")
                 .expected("one writer at a time, because a log has one order")
                 .help("wait for it to end, or stop it, and run the command again")
                 .ours());
}

Status prepare_schema(Connection& db, Mode mode) {
  SURETY_TRY(const Rows there, db.run("SELECT count(*)::bigint FROM pg_tables WHERE schemaname = 'surety' AND tablename = 'version'"));
  if (there.number(0, 0) == 0) {
    if (mode == Mode::read)
      return err(fail("store.missing", "there is no record in this database").in(db.name()).help("make one with `surety import`"));
    SURETY_TRY(const Rows schema, db.run("CREATE SCHEMA IF NOT EXISTS surety"));
    (void)schema;
    const std::unique_ptr<PGresult, void (*)(PGresult*)> made(PQexec(db.get(), (std::string("BEGIN;") + kTables + "COMMIT;").c_str()),
                                                              PQclear);
    if (PQresultStatus(made.get()) != PGRES_COMMAND_OK)
      return err(fail("store.failed", "the tables cannot be made").in(db.name()).found(PQerrorMessage(db.get())).ours());
    return {};
  }
  SURETY_TRY(const Rows version, db.run("SELECT max(number)::bigint FROM surety.version"));
  if (version.number(0, 0) > kSchemaVersion)
    return err(fail("store.newer-version", "this database was written by a newer Surety")
                   .in(db.name())
                   .found("schema version " + std::to_string(version.number(0, 0)))
                   .expected("at most " + std::to_string(kSchemaVersion))
                   .help("use that newer Surety; this one leaves the database as it is"));
  return {};
}

}  // namespace

std::string postgres_name(const std::string& url) {
  using Options = std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)>;
  const auto of = [](const Options& options, const char* keyword) -> std::string {
    for (const PQconninfoOption* o = options.get(); o && o->keyword; ++o)
      if (o->val && std::string_view(o->keyword) == keyword) return o->val;
    return {};
  };
  const Options given(PQconninfoParse(url.c_str(), nullptr), PQconninfoFree), otherwise(PQconndefaults(), PQconninfoFree);
  std::string name;
  for (const char* keyword : {"dbname", "user"})
    for (const Options* from : {&given, &otherwise})
      if (name.empty()) name = of(*from, keyword);
  std::string out;
  for (const char c : name) {
    constexpr const char* kHex = "0123456789abcdef";
    const auto b = static_cast<unsigned char>(c);
    if (b < 0x20 || b == 0x7f || c == '/' || c == '%' || (c == '.' && out.empty()))
      out += {'%', kHex[b >> 4], kHex[b & 15]};
    else
      out += c;
  }
  return out.empty() ? "surety" : out;
}

Result<std::unique_ptr<Store>> open_postgres(const std::string& url, Mode mode) {
  SURETY_TRY(Connection db, Connection::open(url));
  if (mode == Mode::write) SURETY_TRY_STATUS(take_write_lock(db));
  SURETY_TRY_STATUS(prepare_schema(db, mode));
  // Whatever the server's default, an acknowledged entry is on its disk.
  SURETY_TRY(const Rows durable, db.run(mode == Mode::write ? "SET synchronous_commit = on" : "SET default_transaction_read_only = on"));
  (void)durable;
  SURETY_TRY(const Rows fsync, db.run("SELECT current_setting('fsync')"));
  if (mode == Mode::write && fsync.bytes(0, 0) != "on")
    return err(fail("store.failed", "this PostgreSQL server does not write to its disk before it answers")
                   .in(db.name())
                   .found("fsync = off")
                   .expected("fsync = on")
                   .help("switch fsync on in postgresql.conf"));
  return std::unique_ptr<Store>(std::make_unique<PostgresStore>(std::move(db)));
}

}  // namespace surety::store
