#include <fmt/format.h>

#include <cstdio>
#include <map>

#include "base/json_out.h"
#include "cli/commands.h"
#include "engine/book.h"
#include "feed/feed.h"
#include "store/disclosure_store.h"
#include "treaty/treaty.h"

namespace surety::cli {
namespace {

// Rows that could not be read never stop a run; they are counted where nobody can miss them.
Status read_feed(const std::string& path, const feed::Settings& settings, std::vector<model::Statement>& into) {
  SURETY_TRY(auto imported, feed::import_all(path, settings));
  for (auto& s : imported.all.statements) into.push_back(std::move(s));
  if (imported.counts.quarantined) {
    std::fprintf(stderr, "surety: %s: %zu of %s quarantined; `surety import --quarantine FILE` writes each with its reason\n", path.c_str(),
                 imported.counts.quarantined, count(imported.counts.rows, "row", "rows").c_str());
    const auto& first = imported.all.quarantined.front().reason;
    std::fprintf(stderr, "%s\n", first.text().c_str());
  }
  return {};
}

Result<model::Exercise> view_of(const Inputs& in) {
  if (in.view.empty()) return in.assume.empty() ? model::Exercise::actual : model::Exercise::hypothetical;
  const auto view = model::exercise_of(in.view);
  if (!view)
    return err(fail("call.bad-view", "there is no such view").field("--view").found(in.view).expected("actual, hypothetical or exercise"));
  return *view;
}

}  // namespace

Result<feed::Settings> feed_settings(const Inputs& in) {
  feed::Settings s;
  if (!in.settings_file.empty()) {
    SURETY_TRY(s, feed::read_settings(in.settings_file));
  }
  for (const auto& [name, value] : in.settings) SURETY_TRY_STATUS(feed::set(s, name, value));
  return s;
}

Result<Instant> instant_option(const char* name, const std::string& text, Instant otherwise) {
  if (text.empty()) return otherwise;
  auto t = parse_instant(text);
  if (!t) return err(std::move(t.error()).field(name));
  return *t;
}

int failed(const Error& e, bool json) {
  if (json) {
    JsonOut j;
    j.object().member("kind", "error").member("code", e.code).member("message", e.message);
    if (!e.file_name.empty()) j.member("file", e.file_name);
    if (e.line_number) j.member("line", e.line_number);
    if (!e.field_name.empty()) j.member("field", e.field_name);
    if (!e.found_text.empty()) j.member("found", e.found_text);
    if (!e.expected_text.empty()) j.member("expected", e.expected_text);
    if (!e.help_text.empty()) j.member("help", e.help_text);
    std::fprintf(stderr, "%s\n", j.end().text().c_str());
  } else {
    std::fprintf(stderr, "%s\n", e.text().c_str());
  }
  return static_cast<int>(e.fault);
}

store::LogOptions log_options(const std::string& db, const std::string& record) {
  store::LogOptions options;
  options.database = db;
  options.record_dir = record;
  return options;
}

std::string count(std::uint64_t n, const char* one, const char* many) { return fmt::format("{} {}", n, n == 1 ? one : many); }

void line(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fputc('\n', stdout);
}

Result<engine::World> derive(const Inputs& in) {
  engine::Request request;
  for (const auto& path : in.agreements) {
    SURETY_TRY(auto agreement, treaty::load(path));
    request.agreements.push_back(std::make_shared<const plan::Agreement>(std::move(agreement)));
  }
  std::vector<model::Statement> statements;
  if (!in.db.empty()) {
    std::uint64_t withheld = 0;
    SURETY_TRY(statements, engine::read_book(in.db, &withheld));
    if (withheld)
      std::fprintf(stderr, "surety: %s: %s nothing here: what they say is in %s, as far as it was handed over\n", in.db.c_str(),
                   count(withheld, "signed statement says", "signed statements say").c_str(), store::disclosures_beside(in.db).c_str());
  }
  SURETY_TRY(const auto settings, feed_settings(in));
  for (const auto& path : in.evidence) SURETY_TRY_STATUS(read_feed(path, settings, statements));
  for (const auto& path : in.assume) {
    const auto before = statements.size();
    SURETY_TRY_STATUS(read_feed(path, feed::Settings{}, statements));
    for (auto i = before; i < statements.size(); ++i)
      if (statements[i].exercise != model::Exercise::hypothetical)
        return err(fail("call.not-hypothetical", "an assumption must say that it is one")
                       .in(path)
                       .field("exercise")
                       .found(std::string(model::name(statements[i].exercise)))
                       .expected("hypothetical")
                       .help("put real evidence under --evidence"));
  }
  SURETY_TRY(request.view, view_of(in));
  SURETY_TRY(request.known_at, instant_option("--known-at", in.known_at, Instant::max()));
  SURETY_TRY(request.now, instant_option("--now", in.now, Instant::min()));
  return engine::derive(statements, request);
}

}  // namespace surety::cli
