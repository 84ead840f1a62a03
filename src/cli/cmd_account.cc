// `surety account …`: people's accounts, for whoever runs the machine. Passwords come from the terminal or
// standard input and go nowhere else.
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "access/accounts.h"
#include "base/json_out.h"
#include "cli/commands.h"
#include "store/log.h"
#include "treaty/treaty.h"

namespace surety::cli {
namespace {

using access::Accounts;

Result<std::unique_ptr<Accounts>> accounts_of(const AccountArgs& args, bool create = false) {
  return Accounts::open(args.accounts.empty() ? store::beside(args.db, ".accounts") : args.accounts, account_options(), create);
}

// Whatever way it ends, the terminal shows again what is typed.
class Silent {
 public:
  Silent() : terminal_(::isatty(STDIN_FILENO) && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!terminal_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Silent() {
    if (terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  bool terminal() const { return terminal_; }
  Silent(const Silent&) = delete;
  Silent& operator=(const Silent&) = delete;

 private:
  termios before_{};
  bool terminal_;
};

Result<std::string> ask_password() {
  const Silent silent;
  const auto ask = [&](const char* words) {
    if (silent.terminal()) std::fprintf(stderr, "%s: ", words);
    std::string line;
    std::getline(std::cin, line);
    if (silent.terminal()) std::fputc('\n', stderr);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
  };
  std::string first = ask("Password, 12 characters at least");
  if (first.empty())
    return err(fail("call.no-password", "no password was given")
                   .expected("one line on standard input, or typed at the terminal")
                   .help("printf '%s\\n' \"$PASSWORD\" | surety account …"));
  if (silent.terminal()) {
    std::string again = ask("Again");
    const bool same = first == again;
    access::wipe(again);
    if (!same) return err(fail("call.passwords-differ", "the two passwords differ").help("run the command again"));
  }
  return first;
}

Result<access::Role> role_option(const AccountArgs& args) {
  if (const auto role = access::role_of(args.role)) {
    const bool for_somebody = *role == access::Role::member || *role == access::Role::desk_officer;
    if (for_somebody && args.of.empty())
      return err(fail("call.for-whom", "this role speaks for a party or a body")
                     .field("--of")
                     .expected("the name of one, and the agreement that names it")
                     .help("surety account add NAME --role " + args.role + " --of PARTY agreement.treaty"));
    return *role;
  }
  return err(fail("call.bad-role", "there is no such role")
                 .field("--role")
                 .found(args.role)
                 .expected("member, desk-officer, watch-officer, monitor, chair or auditor"));
}

// A name that no agreement knows would be given nothing, and nobody would notice why.
Status known_name(const AccountArgs& args) {
  if (args.of.empty()) return {};
  std::string known;
  for (const auto& path : args.agreements) {
    SURETY_TRY(const auto agreement, treaty::load(path));
    std::vector<std::string> names = agreement.parties;
    for (const auto& b : agreement.bodies) names.push_back(b.name);
    if (std::find(names.begin(), names.end(), args.of) != names.end()) return {};
    for (const auto& n : names) known += (known.empty() ? "" : ", ") + n;
  }
  return err(fail("call.unknown-party", "no agreement given here names this party or body")
                 .field("--of")
                 .found(args.of)
                 .expected(known.empty() ? "an agreement after the account's name" : known));
}

void show(const access::Enrolled& e, bool json) {
  const access::Reader& r = e.reader;
  if (json) {
    JsonOut j;
    j.object().member("kind", "account").member("account", r.account).member("role", access::name(r.role)).member("of", r.speaks_for);
    return line(j.member("reader", r.pseudonym).member("second_factor", e.second_factor).end().take());
  }
  line(fmt::format("account {}: {}{}, in the record {}", r.account, access::name(r.role), r.speaks_for.empty() ? "" : " of " + r.speaks_for,
                   r.pseudonym));
  line("second factor, shown this once: " + e.second_factor);
}

void show(const access::AccountLine& a, bool json) {
  const access::Reader& r = a.reader;
  if (json) {
    JsonOut j;
    j.object().member("kind", "account").member("account", r.account).member("role", access::name(r.role)).member("of", r.speaks_for);
    j.member("reader", r.pseudonym).member("disabled", a.disabled).member("sessions", a.sessions).member("created", to_string(a.created));
    return line(j.end().take());
  }
  line(fmt::format("{}  {}{}  {}  {}{}", r.account, access::name(r.role), r.speaks_for.empty() ? "" : " of " + r.speaks_for, r.pseudonym,
                   count(static_cast<std::uint64_t>(a.sessions), "open session", "open sessions"), a.disabled ? "  disabled" : ""));
}

void show(const access::SessionLine& s, bool json) {
  if (json) {
    JsonOut j;
    j.object().member("kind", "session").member("session", s.id).member("account", s.account).member("address", s.address);
    j.member("created", to_string(s.created)).member("seen", to_string(s.seen)).member("ends", to_string(s.ends));
    return line(j.end().take());
  }
  line(fmt::format("{}  {}  from {}  since {}, ends {}", s.id, s.account, s.address, to_string(s.created), to_string(s.ends)));
}

int done(const Status& status, const AccountArgs& args, const std::string& said) {
  if (!status) return failed(status.error(), args.json);
  if (args.json) {
    JsonOut j;
    line(j.object().member("kind", "account").member("account", args.account).member("done", said).end().take());
  } else {
    line(fmt::format("{} {}; open sessions of that account have ended", args.account, said));
  }
  return 0;
}

Result<access::Enrolled> enrol(const AccountArgs& args) {
  SURETY_TRY(const access::Role role, role_option(args));
  SURETY_TRY_STATUS(known_name(args));
  SURETY_TRY(const auto accounts, accounts_of(args, true));
  SURETY_TRY(std::string password, ask_password());
  auto enrolled = accounts->add(args.account, role, args.of, password);
  access::wipe(password);
  return enrolled;
}

}  // namespace

access::AccountOptions account_options() {
  access::AccountOptions options;
  options.now = wall_clock;
  return options;
}

int account_add(const AccountArgs& args) {
  const auto enrolled = enrol(args);
  if (!enrolled) return failed(enrolled.error(), args.json);
  show(*enrolled, args.json);
  return 0;
}

int account_list(const AccountArgs& args) {
  const auto accounts = accounts_of(args);
  if (!accounts) return failed(accounts.error(), args.json);
  const auto list = (*accounts)->list();
  if (!list) return failed(list.error(), args.json);
  for (const auto& a : *list) show(a, args.json);
  return 0;
}

int account_role(const AccountArgs& args) {
  const auto role = role_option(args);
  if (!role) return failed(role.error(), args.json);
  if (const auto known = known_name(args); !known) return failed(known.error(), args.json);
  const auto accounts = accounts_of(args);
  if (!accounts) return failed(accounts.error(), args.json);
  return done((*accounts)->set_role(args.account, *role, args.of), args, "is now " + args.role + (args.of.empty() ? "" : " of " + args.of));
}

int account_password(const AccountArgs& args) {
  const auto accounts = accounts_of(args);
  if (!accounts) return failed(accounts.error(), args.json);
  auto password = ask_password();
  if (!password) return failed(password.error(), args.json);
  const Status changed = (*accounts)->set_password(args.account, *password);
  access::wipe(*password);
  return done(changed, args, "has a new password");
}

int account_totp(const AccountArgs& args) {
  const auto accounts = accounts_of(args);
  if (!accounts) return failed(accounts.error(), args.json);
  const auto enrolled = (*accounts)->new_second_factor(args.account);
  if (!enrolled) return failed(enrolled.error(), args.json);
  show(*enrolled, args.json);
  return 0;
}

int account_disable(const AccountArgs& args) {
  const auto accounts = accounts_of(args);
  if (!accounts) return failed(accounts.error(), args.json);
  return done((*accounts)->disable(args.account, !args.undo), args, args.undo ? "may log in again" : "is disabled");
}

int account_sessions(const AccountArgs& args) {
  const auto accounts = accounts_of(args);
  if (!accounts) return failed(accounts.error(), args.json);
  const auto list = (*accounts)->sessions(args.account);
  if (!list) return failed(list.error(), args.json);
  for (const auto& s : *list) show(s, args.json);
  return 0;
}

int account_revoke(const AccountArgs& args) {
  const auto accounts = accounts_of(args);
  if (!accounts) return failed(accounts.error(), args.json);
  const auto ended = (*accounts)->revoke(args.account);
  if (!ended) return failed(ended.error(), args.json);
  if (args.json) {
    JsonOut j;
    line(j.object().member("kind", "revoked").member("of", args.account).member("sessions", *ended).end().take());
  } else {
    line(count(static_cast<std::uint64_t>(*ended), "session", "sessions") + " ended");
  }
  return *ended > 0 ? 0 : 1;
}

}  // namespace surety::cli
