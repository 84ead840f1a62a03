#pragma once
// The commands, one function each. main.cc parses the call; a command prints to standard output,
// errors to standard error, and returns the exit code: 0 done, 1 the thing asked about does not hold,
// 2 the input or the call is wrong, 3 we failed.
#include <string>
#include <utility>
#include <vector>

#include "access/accounts.h"
#include "base/error.h"
#include "base/wall_clock.h"
#include "engine/world.h"
#include "feed/feed.h"
#include "store/log.h"

namespace surety::cli {

// Prints the error (as one JSON object with --json) and returns its exit code.
int failed(const Error& e, bool json);
// A database and, if named, its record directory; the rest at its default.
store::LogOptions log_options(const std::string& db, const std::string& record);
// An instant given by an option; `otherwise` when it was not given. Errors name the option.
Result<Instant> instant_option(const char* name, const std::string& text, Instant otherwise);
// "1 entry", "3 entries"
std::string count(std::uint64_t n, const char* one, const char* many);
// Prints one line.
void line(const std::string& text);

// Where statements and agreements come from; shared by every command that derives something.
struct Inputs {
  std::vector<std::string> agreements;                        // .treaty files
  std::string db;                                             // database; empty: evidence files only
  std::vector<std::string> evidence;                          // feeds, read as `import` would
  std::vector<std::string> assume;                            // hypothetical statements; sets the view
  std::vector<std::pair<std::string, std::string>> settings;  // feed settings
  std::string settings_file;
  std::string known_at, now, view;
  bool json = false;
};
Result<engine::World> derive(const Inputs& in);
// The feed settings that a call gives: those of its file, then the single ones.
Result<feed::Settings> feed_settings(const Inputs& in);

struct ImportArgs {
  std::vector<std::string> files;
  std::string db = "surety.db", record, settings_file, out, quarantine, anchor;
  std::string key, agreement;  // who signs each statement, under what; empty: nobody
  std::string release_to;      // signed ones: to this audience at once
  std::vector<std::pair<std::string, std::string>> settings;
  bool public_time = false, json = false;
};
int import_feeds(const ImportArgs& args);

int check(const std::vector<std::string>& files, bool json);
int format(const std::vector<std::string>& files, bool write, bool check_only);
int analyse(const std::vector<std::string>& files, bool json);
int meaning(const std::string& file, const std::string& clause);

int run(const Inputs& in, bool witness);
int status(const Inputs& in);
int duties(const Inputs& in, bool all);
int incidents(const Inputs& in, const std::string& from, const std::string& to, const std::string& near);
int fulfilment(const Inputs& in);
int explain(const Inputs& in, const std::string& id);
int compare(const Inputs& in);
int brief(const Inputs& in);
int daily(const Inputs& in, const std::string& date, const std::string& zone, bool html, const std::string& out);

struct ServeArgs {
  Inputs in;
  std::string record, accounts, address = "127.0.0.1";
  std::vector<std::string> hosts;  // names that a proxy before it is asked under
  int port = 8040;
};
int serve(const ServeArgs& args);

struct AccountArgs {
  std::string db = "surety.db", accounts;  // accounts empty: `<db>.accounts`
  std::string account, role, of;
  std::vector<std::string> agreements;  // where --of must be named
  bool undo = false, json = false;
};
// The wall clock, and the rest at its default.
access::AccountOptions account_options();
int account_add(const AccountArgs& args);
int account_list(const AccountArgs& args);
int account_role(const AccountArgs& args);
int account_password(const AccountArgs& args);
int account_totp(const AccountArgs& args);
int account_disable(const AccountArgs& args);
int account_sessions(const AccountArgs& args);
int account_revoke(const AccountArgs& args);

}  // namespace surety::cli
