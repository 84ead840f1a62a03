#pragma once
// People's accounts and their sessions: one SQLite file of its own (`<database>.accounts`, mode 0600),
// never in the record directory. Start here.
//
//   auto accounts = Accounts::open("surety.db.accounts", {.now = clock}).value();
//   auto enrolled = accounts->add("anna", Role::monitor, "", password).value();  // shows the second factor once
//   auto answer = accounts->log_in({.account = …, .password = …, .code = …, .address = …});
//   auto reader = accounts->reader(token);          // none: no such session, or it has ended
//
// - Passwords: password.h. Second factor: totp.h; every account has one, and a code opens once.
// - A session is 256 random bits, given once; the file keeps their SHA-256. It ends when idle, at an
//   absolute age, when revoked, and whenever its account's password, role or second factor changes.
// - Attempts are counted for each account's name and each address before anything is checked, and after a
//   few each further failure doubles the wait. An unknown account is answered equally and in equal time.
// - No secret is in an error, a log or a list.
// Thread-safe; several processes may use one file. Errors access.*, and those of SQLite (store.*).
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/password.h"
#include "access/roles.h"
#include "base/instant.h"

namespace surety::access {

struct AccountOptions {
  std::function<Instant()> now;  // required: wall clock, or a test's
  PasswordCost cost;
  Span idle = Span::minutes(30);
  Span absolute = Span::hours(12);
  int free_attempts = 5;  // of one account; of one address four times as many
  Span longest_wait = Span::minutes(15);
};

struct Enrolled {
  Reader reader;
  std::string second_factor;  // totp_address(): holds the secret, shown once
};
struct AccountLine {
  Reader reader;
  bool disabled = false;
  Instant created;
  int sessions = 0;
};
struct SessionLine {
  std::string id, account, address;
  Instant created, seen, ends;  // ends: if nothing more happens
};
struct Attempt {
  std::string account, password, code, address;
};
struct LogIn {
  enum class Outcome { in, refused, wait };
  Outcome outcome = Outcome::refused;
  std::string token;  // in: base64url, 43 characters
  Reader reader;      // in
  Span wait;          // wait: until the next attempt is looked at
};

class Accounts {
 public:
  // Makes the file if `create`. Errors access.no-accounts (it is not there), store.not-ours.
  static Result<std::unique_ptr<Accounts>> open(const std::string& path, AccountOptions options, bool create = false);
  virtual ~Accounts() = default;

  // For the operator. Errors access.bad-name, access.taken, access.unknown, access.bad-password.
  virtual Result<Enrolled> add(const std::string& account, Role role, const std::string& speaks_for, const std::string& password) = 0;
  virtual Result<std::vector<AccountLine>> list() = 0;  // by name
  virtual Status set_role(const std::string& account, Role role, const std::string& speaks_for) = 0;
  virtual Status set_password(const std::string& account, const std::string& password) = 0;
  virtual Result<Enrolled> new_second_factor(const std::string& account) = 0;  // the old one opens no more
  virtual Status disable(const std::string& account, bool disabled) = 0;
  virtual Result<std::vector<SessionLine>> sessions(const std::string& account = {}) = 0;  // open ones; empty: everybody's
  virtual Result<int> revoke(const std::string& account_or_session) = 0;                   // how many it ended

  // For the server.
  virtual Result<LogIn> log_in(const Attempt& attempt) = 0;
  virtual Result<std::optional<Reader>> reader(const std::string& token) = 0;
  virtual Status log_out(const std::string& token) = 0;
};

}  // namespace surety::access
