#include <fmt/format.h>

#include <unistd.h>
#include <cstdio>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/record.h"
#include "engine/book.h"
#include "feed/feed.h"
#include "store/party_list.h"

namespace surety::cli {
namespace {

struct Sinks {
  engine::Book* book = nullptr;            // null with --out: carry over only
  const engine::Author* author = nullptr;  // null: statements in the open, signed by nobody
  std::string carried;                     // NDJSON for --out
  std::string quarantine;                  // NDJSON for --quarantine
};

void progress(const std::string& file, std::size_t statements) {
  if (isatty(STDERR_FILENO)) std::fprintf(stderr, "\r%s: %zu statements", file.c_str(), statements);
}

// Into the book. What cannot be signed (a correction of something that is not here) is quarantined like a bad row.
Status keep(Sinks& sinks, const std::string& file, feed::Batch& batch, feed::Counts& change) {
  SURETY_TRY(auto kept, sinks.author ? sinks.book->keep(batch.statements, *sinks.author) : sinks.book->keep(batch.statements));
  change.duplicates += kept.duplicates;
  for (auto& [number, reason] : kept.refused) {
    ++change.quarantined;
    ++change.reasons[reason.code];
    const std::string bytes = model::canonical(batch.statements[number]);
    batch.quarantined.push_back({std::move(reason).in(file), 0, 0, bytes.size(), bytes});
  }
  return {};
}

Result<feed::Counts> import_one(const std::string& file, const feed::Settings& settings, Sinks& sinks, bool keep_quarantine) {
  feed::Counts change;  // what the record says about statements that the feed was good for
  std::size_t seen = 0;
  SURETY_TRY(auto counts, feed::import_file(file, settings, [&](feed::Batch&& batch) -> Status {
               if (sinks.book)
                 SURETY_TRY_STATUS(keep(sinks, file, batch, change));
               else
                 sinks.carried += feed::to_ndjson(batch);
               if (keep_quarantine)
                 for (const auto& q : batch.quarantined) sinks.quarantine += feed::to_json(q) + "\n";
               seen += batch.statements.size();
               if (seen > 200'000) progress(file, seen);
               return {};
             }));
  // A statement that the record holds already is a duplicate too, whichever file brought it first.
  counts.statements -= change.duplicates + change.quarantined;
  counts.duplicates += change.duplicates;
  counts.quarantined += change.quarantined;
  for (const auto& [code, n] : change.reasons) counts.reasons[code] += n;
  return counts;
}

void show(const feed::Counts& c, const std::string& file) {
  std::string text =
      fmt::format("{}: {} = {} + {} + {} quarantined", file, count(c.rows, "row", "rows"), count(c.statements, "statement", "statements"),
                  count(c.duplicates, "duplicate", "duplicates"), c.quarantined);
  if (c.outside) text += fmt::format(" ({} more outside the window)", c.outside);
  for (const auto& [code, n] : c.reasons) text += fmt::format("\n  quarantined {:6}  {}", n, code);
  line(text);
}

// A whole feed in another encoding gives no statement at all, which must not look like success.
Status readable(const feed::Counts& c, const std::string& file) {
  const auto bad = c.reasons.find("feed.not-utf8");
  if (c.statements + c.duplicates > 0 || bad == c.reasons.end() || bad->second != c.quarantined) return {};
  return err(fail("feed.other-encoding", "no row of this feed can be read: it is not UTF-8")
                 .in(file)
                 .found(count(c.rows, "row", "rows") + ", all quarantined")
                 .expected("UTF-8 text")
                 .help("find the source's encoding and convert the file, for example: iconv -f WINDOWS-1251 -t UTF-8 " + file));
}

struct Outcome {
  std::vector<std::string> not_done;
  int code = 0;
};

// One file after the other. A bad one does not keep the others out; when the record itself fails, nothing goes on.
Result<Outcome> import_files(const ImportArgs& args, const feed::Settings& settings, Sinks& sinks) {
  Outcome out;
  for (const auto& file : args.files) {
    auto counts = import_one(file, settings, sinks, !args.quarantine.empty());
    Status good = counts ? readable(*counts, file) : err(std::move(counts.error()));
    if (counts && args.json) line(feed::to_json(*counts, settings.feed.empty() ? counts->format : settings.feed, file));
    if (counts && !args.json) show(*counts, file);
    if (good) continue;
    out.not_done.push_back(file);
    out.code = std::max(out.code, failed(good.error(), args.json));
    if (good.error().fault == Fault::ours) break;
  }
  return out;
}

// Which files are in, when not all are. Running the same again adds only what is missing.
void summary(const ImportArgs& args, const Outcome& done) {
  if (done.not_done.empty() || args.files.size() < 2 || args.json) return;
  std::string not_in;
  for (const auto& file : done.not_done) not_in += (not_in.empty() ? "" : ", ") + file;
  const bool stopped = done.code == static_cast<int>(Fault::ours);
  std::fprintf(stderr, "surety: %s: %s%s; what was read before is kept, and running the same again adds only what is missing\n",
               stopped ? "stopped at" : "not imported", not_in.c_str(), stopped ? "" : "; all other files are in");
}

Result<int> import_all(const ImportArgs& args) {
  Inputs in;
  in.settings_file = args.settings_file;
  in.settings = args.settings;
  SURETY_TRY(const feed::Settings settings, feed_settings(in));
  Sinks sinks;
  std::optional<engine::Author> author;
  if (!args.key.empty()) {
    SURETY_TRY(author, author_of(args.key, args.agreement, args.public_time));
    author->release_to = args.release_to;
    author->now = wall_clock();
    sinks.author = &*author;
  }
  std::optional<engine::Book> book;
  if (args.out.empty()) {
    store::LogOptions options = log_options(args.db, args.record);
    options.anchor = args.anchor;
    SURETY_TRY(book, engine::Book::open(options));
    if (author) SURETY_TRY_STATUS(store::may_speak(book->log(), author->key.verifier()));
    sinks.book = &*book;
  }
  SURETY_TRY(const Outcome done, import_files(args, settings, sinks));
  summary(args, done);
  if (done.code == static_cast<int>(Fault::ours)) return done.code;
  if (book) SURETY_TRY_STATUS(book->publish());
  if (!args.out.empty()) SURETY_TRY_STATUS(write_file_atomically(args.out, sinks.carried));
  if (!args.quarantine.empty()) SURETY_TRY_STATUS(write_file_atomically(args.quarantine, sinks.quarantine));
  return done.code;
}

}  // namespace

int import_feeds(const ImportArgs& args) {
  const auto done = import_all(args);
  return done ? *done : failed(done.error(), args.json);
}

}  // namespace surety::cli
