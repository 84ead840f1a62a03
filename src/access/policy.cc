#include "access/policy.h"

#include <fmt/format.h>

namespace surety::access {
namespace {

using Cells = std::array<Cell, kRoles.size()>;
constexpr Cell kNo = 0;
constexpr Cell kOpen = bit(Release::public_);
constexpr Cell kParties = kOpen | bit(Release::parties);
constexpr Cell kGuarantors = kOpen | bit(Release::guarantors);
constexpr Cell kAll = kOpen | bit(Release::parties) | bit(Release::guarantors) | bit(Release::mission_internal);

// In the order of kRoles:       public member    desk         watch monitor chair auditor operator
constexpr Cells kReads{kOpen, kParties, kGuarantors, kAll, kAll, kAll, kAll, kNo};
constexpr Cells kSame{kOpen, kOpen, kOpen, kOpen, kOpen, kOpen, kOpen, kNo};      // the same bytes for all
constexpr Cells kLoggedIn{kNo, kOpen, kOpen, kOpen, kOpen, kOpen, kOpen, kNo};    // needs a session
constexpr Cells kAnyCopy{kOpen, kOpen, kOpen, kOpen, kOpen, kOpen, kOpen, kAll};  // reads files that are public
constexpr Cells kMachine{kNo, kNo, kNo, kNo, kNo, kNo, kNo, kAll};                // needs the machine's secret files

constexpr Row kTable[] = {
    {Surface::path, "GET", "/", kSame, "the page"},
    {Surface::path, "GET", "/{file}", kSame, "the page's own files"},
    {Surface::path, "GET", "/healthz", kSame, "is it up"},
    {Surface::path, "GET", "/record/{file*}", kSame, "the record directory: commitments, never values"},
    {Surface::path, "GET", "/api/v1", kReads, "what there is"},
    {Surface::path, "GET", "/api/v1/", kReads, "the same"},
    {Surface::path, "GET", "/api/v1/agreements", kReads, "the agreements"},
    {Surface::path, "GET", "/api/v1/agreements/{name}", kReads, "one text, clause by clause"},
    {Surface::path, "GET", "/api/v1/agreements/{name}/geometry", kReads, "its zones"},
    {Surface::path, "GET", "/api/v1/status", kReads, "in force or not, and what is waited for"},
    {Surface::path, "GET", "/api/v1/states", kReads, "changes of state"},
    {Surface::path, "GET", "/api/v1/duties", kReads, "duties"},
    {Surface::path, "GET", "/api/v1/incidents", kReads, "incidents"},
    {Surface::path, "GET", "/api/v1/incidents/{id}", kReads, "one incident with its statements"},
    {Surface::path, "GET", "/api/v1/statements/{id}", kReads, "one statement"},
    {Surface::path, "GET", "/api/v1/fulfilment", kReads, "promised, done, open"},
    {Surface::path, "GET", "/api/v1/coverage", kReads, "who could see what"},
    {Surface::path, "GET", "/api/v1/timeline", kReads, "incidents by hour"},
    {Surface::path, "GET", "/api/v1/compare", kReads, "instruments side by side"},
    {Surface::path, "GET", "/api/v1/explain/{verdict}", kReads, "why a verdict is what it is"},
    {Surface::path, "GET", "/api/v1/events", kSame, "that something has changed, never what"},
    {Surface::path, "GET", "/api/v1/session", kSame, "who is logged in"},
    {Surface::path, "POST", "/api/v1/session", kSame, "log in"},
    {Surface::path, "DELETE", "/api/v1/session", kLoggedIn, "log out"},

    {Surface::command, "", "check", kAnyCopy, ""},
    {Surface::command, "", "fmt", kAnyCopy, ""},
    {Surface::command, "", "analyse", kAnyCopy, ""},
    {Surface::command, "", "meaning", kAnyCopy, ""},
    {Surface::command, "", "run", kAnyCopy, ""},
    {Surface::command, "", "status", kAnyCopy, ""},
    {Surface::command, "", "duties", kAnyCopy, ""},
    {Surface::command, "", "incidents", kAnyCopy, ""},
    {Surface::command, "", "fulfilment", kAnyCopy, ""},
    {Surface::command, "", "explain", kAnyCopy, ""},
    {Surface::command, "", "compare", kAnyCopy, ""},
    {Surface::command, "", "whatif", kAnyCopy, ""},
    {Surface::command, "", "brief", kAnyCopy, ""},
    {Surface::command, "", "report daily", kAnyCopy, ""},
    {Surface::command, "", "monitor", kAnyCopy, ""},
    {Surface::command, "", "lsp", kAnyCopy, ""},
    {Surface::command, "", "record verify", kAnyCopy, ""},
    {Surface::command, "", "record prove", kAnyCopy, ""},
    {Surface::command, "", "record promise", kAnyCopy, "needs a receipt"},
    {Surface::command, "", "record keygen", kAnyCopy, "makes a key of one's own"},
    {Surface::command, "", "record commit", kAnyCopy, "signs with one's own key"},
    {Surface::command, "", "record witness", kAnyCopy, "signs with one's own key"},
    {Surface::command, "", "record status", kAnyCopy, "needs the policy"},
    {Surface::command, "", "record fsck", kMachine, "reads the database itself"},
    {Surface::command, "", "record parties", kMachine, "changes whose word is taken"},
    {Surface::command, "", "record submit", kMachine, "signs with the log's key"},
    {Surface::command, "", "record cosign", kMachine, "adds to the log's checkpoint"},
    {Surface::command, "", "record fields", kMachine, "reads the disclosures"},
    {Surface::command, "", "record release", kMachine, "the same"},
    {Surface::command, "", "record redact", kMachine, "the same"},
    {Surface::command, "", "record forget", kMachine, "the same"},
    {Surface::command, "", "record disclose", kMachine, "the same"},
    {Surface::command, "", "record bundle", kMachine, "the same"},
    {Surface::command, "", "record backup", kMachine, "reads the database itself"},
    {Surface::command, "", "record restore", kMachine, "writes a database"},
    {Surface::command, "", "record migrate", kMachine, "the same"},
    {Surface::command, "", "import", kMachine, "signs with the log's key"},
    {Surface::command, "", "serve", kMachine, "with --accounts: opens the accounts and the disclosures"},
    {Surface::command, "", "account add", kMachine, ""},
    {Surface::command, "", "account list", kMachine, ""},
    {Surface::command, "", "account role", kMachine, ""},
    {Surface::command, "", "account password", kMachine, ""},
    {Surface::command, "", "account totp", kMachine, ""},
    {Surface::command, "", "account disable", kMachine, ""},
    {Surface::command, "", "account sessions", kMachine, ""},
    {Surface::command, "", "account revoke", kMachine, ""},
};

// {x} stands for one part that is not empty, {x*} for a rest that is not empty.
bool fits(std::string_view pattern, std::string_view path) {
  while (true) {
    const std::size_t p = pattern.find('/'), q = path.find('/');
    const std::string_view part = pattern.substr(0, p), given = path.substr(0, q);
    if (part.ends_with("*}")) return !path.empty();
    const bool one = part.starts_with('{') ? !given.empty() : part == given;
    if (!one || (p == std::string_view::npos) != (q == std::string_view::npos)) return false;
    if (p == std::string_view::npos) return true;
    pattern.remove_prefix(p + 1);
    path.remove_prefix(q + 1);
  }
}

std::string cell_words(Cell cell) {
  if (cell == kNo) return "–";
  if (cell == kAll) return "all";
  std::string out;
  for (const Release r : kReleases) {
    if (cell & bit(r)) out += (out.empty() ? "" : ", ") + std::string(name(r));
  }
  return out;
}

std::string table_of(Surface surface) {
  std::string out = surface == Surface::path ? "| path |" : "| command |";
  std::string rule = "|---|";
  for (const Role r : kRoles) {
    out += " " + std::string(name(r)) + " |";
    rule += "---|";
  }
  out += surface == Surface::path ? " what |\n" + rule + "---|\n" : " |\n" + rule + "---|\n";
  for (const Row& row : kTable) {
    if (row.surface != surface) continue;
    out += surface == Surface::path ? fmt::format("| `{} {}` |", row.method, row.what) : fmt::format("| `surety {}` |", row.what);
    for (const Cell c : row.cells) out += " " + cell_words(c) + " |";
    out += fmt::format(" {} |\n", row.says);
  }
  return out;
}

}  // namespace

std::span<const Row> table() { return kTable; }

const Row* find_path(std::string_view method, std::string_view path) {
  if (method == "HEAD") method = "GET";
  for (const Row& row : kTable) {
    if (row.surface == Surface::path && row.method == method && fits(row.what, path)) return &row;
  }
  return nullptr;
}

const Row* find_command(std::string_view words) {
  for (const Row& row : kTable) {
    if (row.surface == Surface::command && row.what == words) return &row;
  }
  return nullptr;
}

bool cleared(Role role, Release release) { return role == Role::operator_ || (kReads[static_cast<std::size_t>(role)] & bit(release)) != 0; }

std::string as_markdown() { return "### Paths\n\n" + table_of(Surface::path) + "\n### Commands\n\n" + table_of(Surface::command); }

}  // namespace surety::access
