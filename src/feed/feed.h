#pragma once
// Feeds: somebody else's bytes in, statements out, and nothing lost on the way. Start here.
//
//   Settings s;
//   s.format = "air-attacks";  s.feed = "Ukrainian Air Force bulletins";  s.zone = "Europe/Kyiv";
//   s.author = "ua-air-force"; s.speaks_for = "Ukraine";
//   auto counts = import_file("missile_attacks_daily.csv", s, [&](Batch&& b) { return keep(b); });
//
// One row gives at most one statement, so `rows = statements + duplicates + quarantined` holds by
// construction. A row is a duplicate when the same bytes stood earlier in the same file, or when the
// format says that it is the same report again (for our own NDJSON: the same statement id). Whatever cannot be read is data too: it is
// quarantined with file, line, field, what was found and expected, what to do, and its bytes. Rows that `from`, `to` or `only` leave out
// are counted apart, as `outside`, and are not part of `rows`.
//
// Nothing is guessed: a local time needs `zone`, a publication time needs `lag`. docs/feeds.md says
// for each format which columns are read and how. Formats are one file each and one table
// (formats.cc); a new one needs nothing else. Pure but for reading the file; thread-safe. Memory: the
// unpacked file, one batch, and 20 to 60 bytes a row to recognise duplicates; time is linear.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "model/statement.h"

namespace surety::feed {

class Gazetteer;    // gazetteer.h
class CodingSheet;  // coding.h
class Lexicon;      // lexicon.h

// What one feed is, said once by a person. `set` and `read_settings` give the same from text.
struct Settings {
  std::string format = "auto";  // name in formats(); auto looks at the first line
  std::string feed;             // the feed's name: first words of every citation
  std::string zone;             // IANA zone of times without an offset; empty: none declared
  std::string author;           // who says it; formats but `statements` need it
  std::string origin;           // where its information comes from; empty: the author
  std::string speaks_for;       // the party to the conflict whose word this is; empty: none
  std::string means;            // empty: the format's own (siren-system, official-report, news-report)
  std::string admiralty;        // Admiralty grade on entry, "C3"
  std::string actor;            // the party that every row of this feed is about, if the feed says so
  std::string actor_basis;      // and why we may say it
  model::Exercise exercise = model::Exercise::actual;
  std::optional<Span> lag;       // how long before its publication a thing may have happened; `events`
                                 // needs it, 0 h when the column is the event's own time
  bool midnight_unknown = true;  // `events`: 00:00:00 says that the time of day is not known, as in VIINA
  std::optional<Instant> from;   // window on event time, [from, to): statements that touch it are kept
  std::optional<Instant> to;
  bool keep_text = true;                      // copy the row's free text; `text = drop` where the licence forbids it
  std::int64_t radius_m = 0;                  // error radius of coordinates that state none of their own
  std::vector<std::string> only;              // event classes to keep, with all below them; empty: every class
  std::shared_ptr<const Gazetteer> places;    // names → coordinates; `alerts` needs it
  std::shared_ptr<const Lexicon> lexicon;     // `events`: the class is read from the text, not the labels
  std::shared_ptr<const CodingSheet> coding;  // what a person read in single rows; may be absent
  std::size_t batch = 4096;                   // rows a batch
};

// One setting by name, as in a settings file or on a command line: format feed zone author origin
// speaks_for means admiralty actor actor_basis exercise lag ("24 h", "90 min") midnight (unknown,
// exact) from to only (words) text (keep, drop) radius_m, and the paths places lexicon coding,
// relative to `folder`. feed.unknown-setting, feed.bad-setting.
Status set(Settings& s, std::string_view name, std::string_view value, const std::string& folder = {});

// A text file of `name = value` lines, `#` begins a comment.
Result<Settings> read_settings(const std::string& path);

struct Quarantined {
  Error reason;            // file, line, field, found, expected, help
  std::size_t row = 0;     // 1-based, the header not counted
  std::size_t offset = 0;  // of the row's first byte in the (unpacked) file
  std::size_t length = 0;  // of the row in bytes
  std::string bytes;       // the row, at most kKeptBytes of it
};
constexpr std::size_t kKeptBytes = 64 * 1024;

// {"kind":"quarantined","file":…,"line":…,"row":…,"reason":…,…,"bytes":…} — `hex` in place of `bytes`
// when they are not UTF-8.
std::string to_json(const Quarantined& q);

struct Batch {
  std::vector<model::Statement> statements;  // sealed, in file order
  std::vector<Quarantined> quarantined;
};

struct Counts {
  std::size_t rows = 0;
  std::size_t statements = 0;
  std::size_t duplicates = 0;
  std::size_t quarantined = 0;
  std::size_t outside = 0;                     // left out by from, to or only; not in `rows`
  std::map<std::string, std::size_t> reasons;  // error code → quarantined rows
  std::string format;                          // the format that was used
  bool operator==(const Counts&) const = default;
};

// The line that ends `surety import --json` (DESIGN.md, "Commands").
std::string to_json(const Counts& c, std::string_view feed, std::string_view file);

// Takes a batch; an error stops the import and is returned by it.
using Sink = std::function<Status(Batch&&)>;

// Fails only when no row can be told from another or none could be read: feed.empty, feed.utf-16,
// feed.no-header, feed.unknown-format, feed.column-missing, feed.zone-needed, feed.lag-needed,
// feed.setting-needed, and what the file or the sink gives. `.gz` is unpacked.
Result<Counts> import_file(const std::string& path, const Settings& s, const Sink& sink);
// `file` is only a name, for citations and errors.
Result<Counts> import_bytes(std::string_view bytes, const std::string& file, const Settings& s, const Sink& sink);

// Everything at once, for small feeds and tests.
struct Imported {
  Batch all;
  Counts counts;
};
Result<Imported> import_all(const std::string& path, const Settings& s);

// Canonical NDJSON of a batch's statements, the way a feed is carried over (docs/formats/statement.md).
std::string to_ndjson(const Batch& b);

struct FormatInfo {
  std::string_view name;
  std::string_view what;     // one line for --help
  std::string_view columns;  // those it needs
};
std::vector<FormatInfo> formats();

}  // namespace surety::feed
