#include "access/accounts.h"

#include <sodium.h>

#include <algorithm>
#include <mutex>

#include "access/throttle.h"
#include "access/totp.h"
#include "base/bytes.h"
#include "base/files.h"
#include "store/sqlite/db.h"

namespace surety::access {
namespace {

using store::sqlite::Db;
using Query = store::sqlite::Statement;

constexpr std::int64_t kAccountsVersion = 1;
constexpr std::int64_t kAccountsId = 0x53414343;  // "SACC"
constexpr const char* kAccountsSchema = R"(
BEGIN IMMEDIATE;
CREATE TABLE account(name TEXT PRIMARY KEY, pseudonym TEXT UNIQUE NOT NULL, role TEXT NOT NULL, speaks_for TEXT NOT NULL,
  password TEXT NOT NULL, secret BLOB NOT NULL, step INTEGER NOT NULL, disabled INTEGER NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE session(token BLOB PRIMARY KEY, id TEXT UNIQUE NOT NULL, account TEXT NOT NULL, address TEXT NOT NULL,
  created INTEGER NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE failure(who TEXT PRIMARY KEY, count INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA application_id = 1396785987;
PRAGMA user_version = 1;
COMMIT;
)";
constexpr std::size_t kTokenBytes = 32, kTokenCharacters = 43;
constexpr Span kForgotten = Span::hours(24);  // failures older than this count no more
constexpr Span kSeenStep = Span::minutes(1);  // how exactly a session's last use is kept

Error no_account(const std::string& account) {
  return fail("access.unknown", "there is no such account").field("account").found(account).help("surety account list shows them");
}

bool usable_name(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return plain(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || c == '-' || c == '.' || c == '_'; });
}

std::string random_bytes(std::size_t n) {
  SURETY_CHECK(sodium_init() >= 0);
  std::string out(n, '\0');
  randombytes_buf(out.data(), n);
  return out;
}

struct AccountRow {
  Reader reader;
  std::string password, secret;
  std::int64_t step = 0;
  bool disabled = false;
};

constexpr const char* kAccountColumns = "name, pseudonym, role, speaks_for, password, secret, step, disabled, created";

AccountRow account_row(Query& q) {
  AccountRow row;
  row.reader = {std::string(q.bytes(0)), std::string(q.bytes(1)), role_of(q.bytes(2)).value_or(Role::public_), std::string(q.bytes(3)), ""};
  row.password = q.bytes(4);
  row.secret = q.bytes(5);
  row.step = q.number(6);
  row.disabled = q.number(7) != 0;
  return row;
}

class SqliteAccounts final : public Accounts {
 public:
  SqliteAccounts(Db db, AccountOptions options) : db_(std::move(db)), options_(std::move(options)) {}

  // What an unknown account is measured against: a password of nobody, hashed at today's cost.
  Status prepare() {
    SURETY_TRY(nobody_.password, hash_password(random_bytes(32), options_.cost));
    nobody_.secret = random_bytes(kTotpSecretBytes);
    return {};
  }

  Result<Enrolled> add(const std::string& account, Role role, const std::string& speaks_for, const std::string& password) override {
    if (!usable_name(account))
      return err(fail("access.bad-name", "an account cannot have this name")
                     .field("account")
                     .found(account)
                     .expected("1 to 64 of a-z, 0-9, '-', '.', '_', beginning with a letter or digit"));
    SURETY_TRY_STATUS(check_password(password));
    SURETY_TRY(const std::string hash, hash_password(password, options_.cost));
    const std::string secret = random_bytes(kTotpSecretBytes);
    const Reader reader{account, "reader-" + hex(random_bytes(4)), role, speaks_for, ""};
    const std::lock_guard lock(mutex_);
    SURETY_TRY(const auto there, find(account));
    if (there)
      return err(fail("access.taken", "there is an account of this name").field("account").found(account).help("choose another name"));
    SURETY_TRY(Query q, db_.prepare("INSERT INTO account VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7)"));
    q.text(1, account).text(2, reader.pseudonym).text(3, name(role)).text(4, speaks_for).text(5, hash).blob(6, secret);
    if (q.bind(7, options_.now().us).step() != SQLITE_DONE) return err(db_.error("add an account"));
    return Enrolled{reader, totp_address(account, secret)};
  }

  Result<std::vector<AccountLine>> list() override {
    const std::lock_guard lock(mutex_);
    SURETY_TRY_STATUS(end_old_sessions());
    SURETY_TRY(Query q, db_.prepare("SELECT name, pseudonym, role, speaks_for, '', x'', 0, disabled, created, "
                                    "(SELECT count(*) FROM session s WHERE s.account = name) FROM account ORDER BY name"));
    std::vector<AccountLine> out;
    int code = 0;
    while ((code = q.step()) == SQLITE_ROW) {
      const AccountRow row = account_row(q);
      out.push_back({row.reader, row.disabled, Instant{q.number(8)}, static_cast<int>(q.number(9))});
    }
    if (code != SQLITE_DONE) return err(db_.error("list the accounts"));
    return out;
  }

  Status set_role(const std::string& account, Role role, const std::string& speaks_for) override {
    return change(account, "UPDATE account SET role = ?2, speaks_for = ?3 WHERE name = ?1",
                  [&](Query& q) { q.text(2, name(role)).text(3, speaks_for); });
  }

  Status set_password(const std::string& account, const std::string& password) override {
    SURETY_TRY_STATUS(check_password(password));
    SURETY_TRY(const std::string hash, hash_password(password, options_.cost));
    return change(account, "UPDATE account SET password = ?2 WHERE name = ?1", [&](Query& q) { q.text(2, hash); });
  }

  Result<Enrolled> new_second_factor(const std::string& account) override {
    const std::string secret = random_bytes(kTotpSecretBytes);
    SURETY_TRY_STATUS(change(account, "UPDATE account SET secret = ?2, step = 0 WHERE name = ?1", [&](Query& q) { q.blob(2, secret); }));
    const std::lock_guard lock(mutex_);
    SURETY_TRY(const auto row, find(account));
    if (!row) return err(no_account(account));
    return Enrolled{row->reader, totp_address(account, secret)};
  }

  Status disable(const std::string& account, bool disabled) override {
    return change(account, "UPDATE account SET disabled = ?2 WHERE name = ?1", [&](Query& q) { q.bind(2, disabled ? 1 : 0); });
  }

  Result<std::vector<SessionLine>> sessions(const std::string& account) override {
    const std::lock_guard lock(mutex_);
    SURETY_TRY_STATUS(end_old_sessions());
    SURETY_TRY(
        Query q,
        db_.prepare("SELECT id, account, address, created, seen FROM session WHERE ?1 IN ('', account) ORDER BY account, created, id"));
    q.text(1, account);
    std::vector<SessionLine> out;
    int code = 0;
    while ((code = q.step()) == SQLITE_ROW) {
      const Instant created{q.number(3)}, seen{q.number(4)};
      out.push_back({std::string(q.bytes(0)), std::string(q.bytes(1)), std::string(q.bytes(2)), created, seen,
                     std::min(seen + options_.idle, created + options_.absolute)});
    }
    if (code != SQLITE_DONE) return err(db_.error("list the sessions"));
    return out;
  }

  Result<int> revoke(const std::string& account_or_session) override {
    const std::lock_guard lock(mutex_);
    SURETY_TRY(Query q, db_.prepare("DELETE FROM session WHERE account = ?1 OR id = ?1"));
    if (q.text(1, account_or_session).step() != SQLITE_DONE) return err(db_.error("end sessions"));
    return sqlite3_changes(db_.get());
  }

  Result<LogIn> log_in(const Attempt& attempt) override {
    // Names are kept hashed here: what somebody typed into the wrong box may be a password.
    const std::string who = "account " + hex(sha256(attempt.account)), where = "address " + attempt.address;
    AccountRow row;
    {
      const std::lock_guard lock(mutex_);
      SURETY_TRY(const Span wait, charge(who, where));
      if (wait.us > 0) return LogIn{LogIn::Outcome::wait, {}, {}, wait};
      SURETY_TRY(auto found, find(attempt.account));
      row = found && !found->disabled ? std::move(*found) : nobody_;
    }
    // Both factors are always looked at, whoever it is: what is wrong cannot be told from the time it takes.
    const bool password = password_matches(row.password, attempt.password);
    const auto step = matching_step(row.secret, attempt.code, options_.now(), row.step);
    const bool known = !row.reader.account.empty();
    if (!password || !step || !known) return LogIn{};
    return admit(row, *step, attempt, who, where);
  }

  Result<std::optional<Reader>> reader(const std::string& token) override {
    if (token.size() != kTokenCharacters) return std::optional<Reader>{};
    const Digest key = sha256(token);
    const Instant now = options_.now();
    const std::lock_guard lock(mutex_);
    SURETY_TRY(Query q, db_.prepare("SELECT a.name, a.pseudonym, a.role, a.speaks_for, '', x'', 0, a.disabled, 0, s.id, s.created, s.seen "
                                    "FROM session s JOIN account a ON a.name = s.account WHERE s.token = ?1"));
    const int code = q.blob(1, view(key)).step();
    if (code == SQLITE_DONE) return std::optional<Reader>{};
    if (code != SQLITE_ROW) return err(db_.error("look up a session"));
    AccountRow row = account_row(q);
    row.reader.session = q.bytes(9);
    const Instant created{q.number(10)}, seen{q.number(11)};
    q.reset();
    if (row.disabled || ended(created, seen, now)) {
      SURETY_TRY_STATUS(drop(key));
      return std::optional<Reader>{};
    }
    if (now - seen >= kSeenStep) {
      SURETY_TRY(Query touch, db_.prepare("UPDATE session SET seen = ?2 WHERE token = ?1"));
      if (touch.blob(1, view(key)).bind(2, now.us).step() != SQLITE_DONE) return err(db_.error("keep a session open"));
    }
    return std::optional(row.reader);
  }

  Status log_out(const std::string& token) override {
    const std::lock_guard lock(mutex_);
    return drop(sha256(token));
  }

 private:
  // A clock that was set back must not lengthen anything.
  bool ended(Instant created, Instant seen, Instant now) const {
    return now < created || now - seen > options_.idle || now - created >= options_.absolute;
  }

  Result<std::optional<AccountRow>> find(const std::string& account) {
    SURETY_TRY(Query q, db_.prepare(("SELECT " + std::string(kAccountColumns) + " FROM account WHERE name = ?1").c_str()));
    const int code = q.text(1, account).step();
    if (code == SQLITE_ROW) return std::optional(account_row(q));
    if (code == SQLITE_DONE) return std::optional<AccountRow>{};
    return err(db_.error("look up an account"));
  }

  Status drop(const Digest& token) {
    SURETY_TRY(Query q, db_.prepare("DELETE FROM session WHERE token = ?1"));
    if (q.blob(1, view(token)).step() != SQLITE_DONE) return err(db_.error("end a session"));
    return {};
  }

  Status end_old_sessions() {
    const std::int64_t now = options_.now().us;
    SURETY_TRY(Query q, db_.prepare("DELETE FROM session WHERE created > ?1 OR seen < ?1 - ?2 OR created <= ?1 - ?3"));
    if (q.bind(1, now).bind(2, options_.idle.us).bind(3, options_.absolute.us).step() != SQLITE_DONE) return err(db_.error("end sessions"));
    return {};
  }

  // One change of one account, and the end of its sessions, both or neither.
  template <class Bind>
  Status change(const std::string& account, const char* sql, Bind bind) {
    const std::lock_guard lock(mutex_);
    return together([&]() -> Status {
      SURETY_TRY(Query q, db_.prepare(sql));
      q.text(1, account);
      bind(q);
      if (q.step() != SQLITE_DONE) return err(db_.error("change an account"));
      if (sqlite3_changes(db_.get()) == 0) return err(no_account(account));
      SURETY_TRY(Query end, db_.prepare("DELETE FROM session WHERE account = ?1"));
      if (end.text(1, account).step() != SQLITE_DONE) return err(db_.error("end sessions"));
      return {};
    });
  }

  template <class Do>
  Status together(Do&& work) {
    SURETY_TRY_STATUS(db_.run("BEGIN IMMEDIATE"));
    Status done = work();
    if (!done) {
      (void)db_.run("ROLLBACK");
      return done;
    }
    return db_.run("COMMIT");
  }

  Result<Span> waits(const std::string& who, int free) {
    SURETY_TRY(Query q, db_.prepare("SELECT count, last FROM failure WHERE who = ?1"));
    const int code = q.text(1, who).step();
    if (code == SQLITE_DONE) return Span{};
    if (code != SQLITE_ROW) return err(db_.error("look up failures"));
    const Instant last{q.number(1)}, now = options_.now();
    const Span wait = wait_after(q.number(0), free, options_.longest_wait) - (now - last);
    return std::clamp(wait, Span{}, options_.longest_wait);
  }

  Status count(const std::string& who, std::int64_t by) {
    SURETY_TRY(Query q, db_.prepare("INSERT INTO failure VALUES(?1, max(?2, 0), ?3) ON CONFLICT(who) DO UPDATE SET "
                                    "count = max(count + ?2, 0), last = CASE WHEN ?2 > 0 THEN ?3 ELSE last END"));
    if (q.text(1, who).bind(2, by).bind(3, options_.now().us).step() != SQLITE_DONE) return err(db_.error("count a failure"));
    return {};
  }

  // Counted as a failure before anything is looked at, so that many at once gain nothing; taken back by
  // success. Returns how long to wait; then nothing is counted and nothing looked at.
  Result<Span> charge(const std::string& who, const std::string& where) {
    Span wait;
    const Status charged = together([&]() -> Status {
      SURETY_TRY(Query old, db_.prepare("DELETE FROM failure WHERE last < ?1"));
      if (old.bind(1, (options_.now() - kForgotten).us).step() != SQLITE_DONE) return err(db_.error("forget old failures"));
      SURETY_TRY(const Span for_account, waits(who, options_.free_attempts));
      SURETY_TRY(const Span for_address, waits(where, 4 * options_.free_attempts));
      wait = std::max(for_account, for_address);
      if (wait.us > 0) return {};
      SURETY_TRY_STATUS(count(who, 1));
      return count(where, 1);
    });
    if (!charged) return err(charged.error());
    return wait;
  }

  Result<LogIn> admit(AccountRow& row, std::int64_t step, const Attempt& attempt, const std::string& who, const std::string& where) {
    std::string rehashed;
    if (costs_otherwise(row.password, options_.cost)) {
      SURETY_TRY(rehashed, hash_password(attempt.password, options_.cost));
    }
    const std::string token = base64url(random_bytes(kTokenBytes));
    row.reader.session = "session-" + hex(random_bytes(4));
    const std::int64_t now = options_.now().us;
    bool in = false;
    const std::lock_guard lock(mutex_);
    SURETY_TRY_STATUS(together([&]() -> Status {
      // Of two attempts with one code, and of one that raced a change of the account, this lets in one or none.
      SURETY_TRY(
          Query use,
          db_.prepare("UPDATE account SET step = ?2 WHERE name = ?1 AND step < ?2 AND disabled = 0 AND password = ?3 AND secret = ?4"));
      use.text(1, row.reader.account).bind(2, step).text(3, row.password).blob(4, row.secret);
      if (use.step() != SQLITE_DONE) return err(db_.error("use a code"));
      in = sqlite3_changes(db_.get()) == 1;
      if (!in) return {};
      if (!rehashed.empty()) {
        SURETY_TRY(Query again, db_.prepare("UPDATE account SET password = ?2 WHERE name = ?1"));
        if (again.text(1, row.reader.account).text(2, rehashed).step() != SQLITE_DONE) return err(db_.error("hash a password anew"));
      }
      SURETY_TRY(Query open, db_.prepare("INSERT INTO session VALUES(?1, ?2, ?3, ?4, ?5, ?5)"));
      const Digest key = sha256(token);
      open.blob(1, view(key)).text(2, row.reader.session).text(3, row.reader.account).text(4, attempt.address).bind(5, now);
      if (open.step() != SQLITE_DONE) return err(db_.error("open a session"));
      SURETY_TRY(Query forgive, db_.prepare("DELETE FROM failure WHERE who = ?1"));
      if (forgive.text(1, who).step() != SQLITE_DONE) return err(db_.error("forget failures"));
      return count(where, -1);  // the address's other failures stay: one good account opens no others
    }));
    if (!in) return LogIn{};
    return LogIn{LogIn::Outcome::in, token, row.reader, {}};
  }

  std::mutex mutex_;  // guards db_
  Db db_;
  const AccountOptions options_;
  AccountRow nobody_;
};

}  // namespace

Result<std::unique_ptr<Accounts>> Accounts::open(const std::string& path, AccountOptions options, bool create) {
  SURETY_CHECK(options.now);
  if (!create && !file_exists(path))
    return err(fail("access.no-accounts", "there is no file of accounts here")
                   .in(path)
                   .help("make the first account with: surety account add NAME --role ROLE --accounts " + path));
  SURETY_TRY(Db db, Db::open_private(path, "the file of accounts"));
  SURETY_TRY(const std::int64_t id, db.number("PRAGMA application_id"));
  SURETY_TRY(const std::int64_t version, db.number("PRAGMA user_version"));
  SURETY_TRY(const std::int64_t tables, db.number("SELECT count(*) FROM sqlite_schema"));
  if (tables == 0) {
    SURETY_TRY_STATUS(db.run(kAccountsSchema));
  } else if (id != kAccountsId || version != kAccountsVersion) {
    return err(fail("access.not-accounts", "this is not a file of accounts that this version reads")
                   .in(path)
                   .found("application " + std::to_string(id) + ", version " + std::to_string(version))
                   .expected("application " + std::to_string(kAccountsId) + ", version " + std::to_string(kAccountsVersion)));
  }
  auto out = std::make_unique<SqliteAccounts>(std::move(db), std::move(options));
  SURETY_TRY_STATUS(out->prepare());
  return std::unique_ptr<Accounts>(std::move(out));
}

}  // namespace surety::access
