#include <fmt/format.h>

#include <unistd.h>
#include <cstdio>

#include "base/files.h"
#include "cli/commands.h"
#include "engine/book.h"
#include "feed/feed.h"

namespace surety::cli {
namespace {

struct Sinks {
  engine::Book* book = nullptr;  // null with --out: carry over only
  std::string carried;           // NDJSON for --out
  std::string quarantine;        // NDJSON for --quarantine
  std::size_t kept = 0, already = 0;
};

void progress(const std::string& file, std::size_t statements) {
  if (isatty(STDERR_FILENO)) std::fprintf(stderr, "\r%s: %zu statements", file.c_str(), statements);
}

Result<feed::Counts> import_one(const std::string& file, const feed::Settings& settings, Sinks& sinks, bool keep_quarantine) {
  std::size_t known = 0, seen = 0;
  SURETY_TRY(auto counts, feed::import_file(file, settings, [&](feed::Batch&& batch) -> Status {
               if (sinks.book) {
                 SURETY_TRY(const auto kept, sinks.book->keep(batch.statements));
                 sinks.kept += kept.added;
                 known += kept.duplicates;
               } else {
                 sinks.carried += feed::to_ndjson(batch);
               }
               if (keep_quarantine)
                 for (const auto& q : batch.quarantined) sinks.quarantine += feed::to_json(q) + "\n";
               seen += batch.statements.size();
               if (seen > 200'000) progress(file, seen);
               return {};
             }));
  // A statement that the record holds already is a duplicate too, whichever file brought it first.
  counts.statements -= known;
  counts.duplicates += known;
  return counts;
}

void show(const feed::Counts& c, const std::string& file) {
  std::string text =
      fmt::format("{}: {} rows = {} statements + {} duplicates + {} quarantined", file, c.rows, c.statements, c.duplicates, c.quarantined);
  if (c.outside) text += fmt::format(" ({} more outside the window)", c.outside);
  for (const auto& [code, n] : c.reasons) text += fmt::format("\n  quarantined {:6}  {}", n, code);
  line(text);
}

Result<int> import_all(const ImportArgs& args) {
  feed::Settings settings;
  if (!args.settings_file.empty()) {
    SURETY_TRY(settings, feed::read_settings(args.settings_file));
  }
  for (const auto& [name, value] : args.settings) SURETY_TRY_STATUS(feed::set(settings, name, value));
  Sinks sinks;
  std::optional<engine::Book> book;
  if (args.out.empty()) {
    SURETY_TRY(book, engine::Book::open(log_options(args.db, args.record)));
    sinks.book = &*book;
  }
  for (const auto& file : args.files) {
    SURETY_TRY(const auto counts, import_one(file, settings, sinks, !args.quarantine.empty()));
    if (args.json) {
      line(feed::to_json(counts, settings.feed.empty() ? counts.format : settings.feed, file));
    } else {
      show(counts, file);
    }
  }
  if (book) SURETY_TRY_STATUS(book->publish());
  if (!args.out.empty()) SURETY_TRY_STATUS(write_file_atomically(args.out, sinks.carried));
  if (!args.quarantine.empty()) SURETY_TRY_STATUS(write_file_atomically(args.quarantine, sinks.quarantine));
  return 0;
}

}  // namespace

int import_feeds(const ImportArgs& args) {
  const auto done = import_all(args);
  return done ? *done : failed(done.error(), args.json);
}

}  // namespace surety::cli
