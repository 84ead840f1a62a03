// The call of the program: names, options, help. Nothing here decides anything.
#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>

#include "access/policy.h"
#include "cli/commands.h"
#include "cli/record_call.h"
#include "logic/front/monitor_command.h"
#include "lsp/lsp.h"
#include "store/log.h"

namespace {

using namespace surety::cli;

// Everything outlives the parse: CLI11 writes into it, the chosen command reads it.
struct Call {
  Inputs in;
  ImportArgs import;
  ServeArgs serve;
  RecordArgs record;
  AccountArgs account;
  std::vector<std::string> files, sets;
  std::string id, clause, from, to, near, date, zone = "UTC", out;
  bool witness = false, all = false, write = false, check_only = false, html = false;
  std::function<int()> command;
};

CLI::App* world_verb(Call& c, CLI::App& parent, const char* name, const char* what, const char* example, bool agreements = true) {
  auto* sub = verb(parent, name, what, example);
  if (agreements) sub->add_option("agreements", c.in.agreements, "agreements, as .treaty texts")->required();
  sub->add_option("--db", c.in.db, "statements of this database")->type_name("DB");
  sub->add_option("-e,--evidence", c.in.evidence, "statements of these feeds")->type_name("FEED");
  sub->add_option("--assume", c.in.assume, "hypothetical statements; every line is then marked so")
      ->type_name("FILE")
      ->allow_extra_args(false);
  sub->add_option("--known-at", c.in.known_at, "only what was known at this instant")->type_name("INSTANT");
  sub->add_option("--now", c.in.now, "the moment at which deadlines are read; default: the latest known")->type_name("INSTANT");
  sub->add_option("--view", c.in.view, "actual, hypothetical or exercise")->type_name("VIEW");
  sub->add_flag("--json", c.in.json, "one JSON object a line");
  feed_options(sub, c.in.settings_file, c.sets);
  return sub;
}

void treaty_verbs(Call& c, CLI::App& app) {
  auto* check_verb =
      verb(app, "check", "compile agreements and say what is wrong, open or unmonitorable", "surety check agreements/*.treaty");
  check_verb->add_option("files", c.files)->required();
  check_verb->add_flag("--json", c.in.json);
  check_verb->callback([&c] { c.command = [&c] { return check(c.files, c.in.json); }; });

  auto* fmt_verb = verb(app, "fmt", "print agreements in the one layout", "surety fmt --write my.treaty");
  fmt_verb->add_option("files", c.files)->required();
  fmt_verb->add_flag("-w,--write", c.write, "write the files");
  fmt_verb->add_flag("--check", c.check_only, "exit 1 if a file is not in the layout");
  fmt_verb->callback([&c] { c.command = [&c] { return format(c.files, c.write, c.check_only); }; });

  auto* analyse_verb =
      verb(app, "analyse", "what a text leaves unmonitorable, unreachable or circular", "surety analyse agreements/paris-2026.treaty");
  analyse_verb->add_option("files", c.files)->required();
  analyse_verb->add_flag("--json", c.in.json);
  analyse_verb->callback([&c] { c.command = [&c] { return analyse(c.files, c.in.json); }; });

  auto* meaning_verb = verb(app, "meaning", "an agreement's clauses in plain words", "surety meaning agreements/budapest-1994.treaty 4");
  meaning_verb->add_option("file", c.id)->required();
  meaning_verb->add_option("clause", c.clause);
  meaning_verb->callback([&c] { c.command = [&c] { return meaning(c.id, c.clause); }; });
}

void world_verbs(Call& c, CLI::App& app) {
  auto* run_verb = world_verb(c, app, "run", "every change of state and of a duty, in order",
                              "surety run agreements/easter-truce-2025.treaty -e examples/truces-2025/news.ndjson --json");
  run_verb->add_flag("--witness", c.witness, "with --json: the whole proof of each");
  run_verb->callback([&c] { c.command = [&c] { return run(c.in, c.witness); }; });
  world_verb(c, app, "status", "in force or dormant, states, and what is waited for",
             "surety status agreements/paris-2026.treaty --db surety.db")
      ->callback([&c] { c.command = [&c] { return status(c.in); }; });
  auto* duties_verb =
      world_verb(c, app, "duties", "who owes what, by when, done or not", "surety duties agreements/paris-2026.treaty --db surety.db");
  duties_verb->add_flag("--all", c.all, "every change, not only how each duty stands");
  duties_verb->callback([&c] { c.command = [&c] { return duties(c.in, c.all); }; });
  auto* incidents_verb = world_verb(c, app, "incidents", "what happened, graded and attributed",
                                    "surety incidents --db surety.db --from 2025-04-19T15:00:00Z", false);
  incidents_verb->add_option("--from", c.from)->type_name("INSTANT");
  incidents_verb->add_option("--to", c.to)->type_name("INSTANT");
  incidents_verb->add_option("--near", c.near, "what may have been there, by the positions that are known: 48.52,37.93,15km")
      ->type_name("LAT,LON,DISTANCE");
  incidents_verb->callback([&c] { c.command = [&c] { return incidents(c.in, c.from, c.to, c.near); }; });
  world_verb(c, app, "fulfilment", "promised, done, open, vague as stated", "surety fulfilment agreements/paris-2026.treaty --db surety.db")
      ->callback([&c] { c.command = [&c] { return fulfilment(c.in); }; });
  auto* explain_verb = world_verb(c, app, "explain", "why a verdict is what it is, down to the statements",
                                  "surety explain agreements/easter-truce-2025.treaty --db surety.db --verdict v-1a2b3c");
  explain_verb->add_option("--verdict", c.id, "its id, or enough of its beginning")->required()->type_name("ID");
  explain_verb->callback([&c] { c.command = [&c] { return explain(c.in, c.id); }; });
  world_verb(c, app, "compare", "what each instrument obliges on the same events, side by side",
             "surety compare agreements/paris-2026.treaty agreements/budapest-1994.treaty --db surety.db")
      ->callback([&c] { c.command = [&c] { return compare(c.in); }; });
  world_verb(c, app, "whatif", "run with assumptions; every line is marked hypothetical",
             "surety whatif agreements/paris-2026.treaty --db surety.db --assume examples/truces-2025/hypothetical-ceasefire.ndjson")
      ->callback([&c] {
        c.command = [&c] {
          if (c.in.view.empty()) c.in.view = "hypothetical";  // marked even when nothing is assumed
          const int code = status(c.in);
          return code ? code : duties(c.in, false);
        };
      });
  world_verb(c, app, "brief", "one page on an agreement: reports against the base rate, incidents, states, breaches",
             "surety brief agreements/easter-truce-2025.treaty --db surety.db")
      ->callback([&c] { c.command = [&c] { return brief(c.in); }; });
  auto* report_verb = app.add_subcommand("report", "reports as documents")->require_subcommand(1);
  auto* daily_verb =
      world_verb(c, *report_verb, "daily", "one day, as Markdown or HTML",
                 "surety report daily agreements/easter-truce-2025.treaty --db surety.db --date 2025-04-20 --zone Europe/Kyiv");
  daily_verb->add_option("--date", c.date)->required()->type_name("YYYY-MM-DD");
  daily_verb->add_option("--zone", c.zone, "whose day it is")->type_name("ZONE");
  daily_verb->add_flag("--html", c.html);
  daily_verb->add_option("-o,--out", c.out)->type_name("FILE");
  daily_verb->callback([&c] { c.command = [&c] { return daily(c.in, c.date, c.zone, c.html, c.out); }; });
}

void account_verbs(Call& c, CLI::App& app) {
  auto* account_verb = app.add_subcommand("account", "people's accounts for `surety serve --accounts`")->require_subcommand(1);
  enum Takes { nothing, name_only, maybe_name, role };
  const auto add = [&](const char* name, const char* what, const char* example, Takes takes, int (*run_it)(const AccountArgs&)) {
    auto* sub = verb(*account_verb, name, what, example);
    if (takes != nothing) sub->add_option("account", c.account.account)->required(takes != maybe_name);
    if (takes == role) {
      sub->add_option("agreements", c.account.agreements, "where the party or body of --of is named");
      sub->add_option("--role", c.account.role, "member, desk-officer, watch-officer, monitor, chair or auditor")
          ->required()
          ->type_name("ROLE");
      sub->add_option("--of", c.account.of, "the party or body that this person speaks for")->type_name("NAME");
    }
    sub->add_option("--db", c.account.db)->type_name("DB")->capture_default_str();
    sub->add_option("--accounts", c.account.accounts, "default: `<db>.accounts`")->type_name("FILE");
    sub->add_flag("--json", c.account.json, "one JSON object a line");
    sub->callback([&c, run_it] { c.command = [&c, run_it] { return run_it(c.account); }; });
    return sub;
  };
  add("add", "a new account; asks for a password, shows the second factor once", "surety account add anna --role monitor", role,
      account_add);
  add("list", "the accounts", "surety account list", nothing, account_list);
  add("role", "another role", "surety account role petro --role member --of Ukraine agreements/paris-2026.treaty", role, account_role);
  add("password", "another password", "surety account password anna", name_only, account_password);
  add("totp", "another second factor, when the old one is lost", "surety account totp anna", name_only, account_totp);
  add("disable", "no more log-ins", "surety account disable anna", name_only, account_disable)
      ->add_flag("--undo", c.account.undo, "allow them again");
  add("sessions", "who is logged in, from where, until when", "surety account sessions", maybe_name, account_sessions);
  add("revoke", "end one session, or all of an account", "surety account revoke anna", name_only, account_revoke);
}

void other_verbs(Call& c, CLI::App& app) {
  auto* import_verb =
      verb(app, "import", "read feeds into the record; bad rows are quarantined and counted", "surety import news.ndjson --db surety.db");
  import_verb->add_option("feeds", c.import.files)->required();
  import_verb->add_option("--db", c.import.db)->type_name("DB")->capture_default_str();
  import_verb->add_option("--record", c.import.record, "default: `record` beside the database")->type_name("DIR");
  import_verb->add_option("--quarantine", c.import.quarantine, "write the quarantined rows here, each with its reason")->type_name("FILE");
  import_verb->add_option("-o,--out", c.import.out, "carry the feed over to our own format instead of importing it")->type_name("FILE");
  import_verb->add_option("--key", c.import.key, "sign each statement with this party's key and commit to its fields (docs/record.md)")
      ->type_name("FILE");
  import_verb->add_option("--agreement", c.import.agreement, "with --key: under which agreement it speaks")->type_name("TREATY");
  import_verb->add_flag("--public-time", c.import.public_time, "with --key: state in the open when it happened");
  import_verb->add_option("--release-to", c.import.release_to, "with --key: release every field to this audience at once, such as public")
      ->type_name("AUDIENCE");
  import_verb->add_option("--anchor", c.import.anchor, "second copy of the last checkpoint, outside the database; remembered")
      ->type_name("FILE|postgres://…");
  import_verb->add_flag("--json", c.import.json, "one JSON object a file");
  feed_options(import_verb, c.import.settings_file, c.sets);
  import_verb->callback([&c] { c.command = [&c] { return import_feeds(c.import); }; });

  auto* serve_verb =
      verb(app, "serve", "the dashboard, the API and the record on one address", "surety serve --db surety.db agreements/*.treaty");
  serve_verb->add_option("agreements", c.serve.in.agreements)->required();
  serve_verb->add_option("--db", c.serve.in.db)->required()->type_name("DB");
  serve_verb->add_option("--record", c.serve.record)->type_name("DIR");
  serve_verb->add_option("--assume", c.serve.in.assume, "a scenario for the hypothetical view")->type_name("FILE")->allow_extra_args(false);
  serve_verb->add_option("--now", c.serve.in.now)->type_name("INSTANT");
  serve_verb->add_option("--accounts", c.serve.accounts, "people log in (surety account); without: only what is public")->type_name("FILE");
  serve_verb->add_option("--address", c.serve.address)->capture_default_str();
  serve_verb->add_option("--host", c.serve.hosts, "the name that a proxy with TLS before it is asked under; may be given often")
      ->type_name("NAME")
      ->allow_extra_args(false);
  serve_verb->add_option("--port", c.serve.port)->capture_default_str()->check(CLI::Range(0, 65535));
  serve_verb->callback([&c] { c.command = [&c] { return serve(c.serve); }; });
  verb(app, "lsp", "the language server of the Treaty language, on standard input and output", "surety lsp")->callback([&c] {
    c.command = [] { return surety::lsp::serve_stdio(); };
  });
}

// The words of the command that was called: "record verify".
std::string words_of(const CLI::App& app) {
  for (const CLI::App* sub : app.get_subcommands()) {
    const std::string rest = words_of(*sub);
    return sub->get_name() + (rest.empty() ? "" : " " + rest);
  }
  return {};
}

// --set a=b pairs go to whichever command took them.
int finish(Call& c) {
  for (const auto& pair : c.sets) {
    const auto eq = pair.find('=');
    if (eq == std::string::npos) {
      return failed(surety::fail("call.bad-setting", "a setting is written name=value")
                        .field("--set")
                        .found(pair)
                        .help("docs/feeds.md lists the settings"),
                    c.in.json);
    }
    c.in.settings.emplace_back(pair.substr(0, eq), pair.substr(eq + 1));
  }
  c.import.settings = c.in.settings;
  c.import.settings_file = c.import.settings_file.empty() ? c.in.settings_file : c.import.settings_file;
  c.record.in.settings = c.in.settings;
  if (!c.command) return 2;
  const int code = c.command();
  // Only now: a new database has made its own by then, and one that lost its key was told so.
  if (code == 3) return code;
  for (const std::string& db : {c.in.db, c.import.db, c.record.db})
    if (surety::store::named_as_before(db))
      std::fprintf(stderr, "surety: the files of this database are called surety.key and so on, as all once were: name them %s and so on\n",
                   surety::store::own_file(db, ".key").c_str());
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_DFL);  // `surety … | head` ends quietly
  // The monitor keeps its field's own flags (-sig, -formula), which no option parser here would take.
  if (argc > 1 && std::string(argv[1]) == "monitor") return surety::logic::monitor_main(argc - 1, argv + 1);
  CLI::App app{"Surety runs a conditional security guarantee: the agreement, the evidence, what follows, and the proof."};
  app.set_version_flag("--version", "surety " SURETY_VERSION);
  app.require_subcommand(1);
  app.footer(
      "surety COMMAND --help shows a command's options and an example.\n`surety monitor -sig S -formula F -log L` is the logic engine by "
      "itself.");
  Call call;
  treaty_verbs(call, app);
  other_verbs(call, app);
  world_verbs(call, app);
  account_verbs(call, app);
  record_verbs(app, call.record, call.sets, call.command);
  // The option parser would only say that a command is required.
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands([&](CLI::App* sub) { return sub->check_name(argv[1]); }).empty())
    return failed(surety::fail("call.unknown-command", "there is no such command").found(argv[1]).help("surety --help lists the commands"),
                  false);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) ? 2 : 0;
  }
  const std::string words = words_of(app);
  if (!surety::access::find_command(words))
    return failed(surety::fail("call.not-in-table", "the table of access has no row for this command").found(words).ours(), false);
  return finish(call);
}
