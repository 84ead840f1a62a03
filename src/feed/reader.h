#pragma once
// What a format is made of: seen only inside this room. To add one, write a file like alerts.cc and
// add its line to the table in formats.cc.
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/calendar.h"
#include "feed/feed.h"

namespace surety::feed {

struct Row {
  const std::vector<std::string_view>& fields;
  std::string_view raw;
  std::size_t line = 0;          // 1-based
  std::size_t number = 0;        // 1-based, the header not counted; 0 in a sheet
  std::string_view file_name{};  // without folder and .gz, as citations have it
};

// One row → one statement or the reason why not. Errors carry field, found, expected, help; the
// driver (import.cc) adds file and line, the citation, the coding sheet, and seals. A statement
// without an event says that the row is whole but tells of no class: no_class() then gives the reason.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual Result<model::Statement> read(const Row& row) = 0;
  // Whether the row just read is, by the format's own rule, the same report as an earlier row.
  virtual bool repeated() const { return false; }
  virtual Error no_class(const Row&) const { return fail("feed.no-class", "nothing in this row says what happened"); }
};

// Where the wanted columns stand in the header. Names are trimmed; case matters not.
class Columns {
 public:
  explicit Columns(const std::vector<std::string_view>& header);
  // The first of the names that is there, npos when none is.
  std::size_t find(std::initializer_list<std::string_view> names) const;
  // feed.column-missing, which lists what is there.
  Result<std::size_t> need(std::initializer_list<std::string_view> names) const;
  bool has(std::string_view name) const { return find({name}) != npos; }
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

 private:
  std::vector<std::string> names_;
};

// The field without blanks around it; empty when the column is absent.
std::string_view cell(const Row& row, std::size_t column);

enum class Framing { csv, lines };

struct Format {
  FormatInfo info;
  Framing framing;
  // auto: does this look like ours? For csv the header, for lines the first line.
  bool (*recognises)(const Columns& header, std::string_view first_line);
  Result<std::unique_ptr<Reader>> (*make)(const Columns& header, const Settings& s);
};
const std::vector<Format>& table();

// A time as the source wrote it: an instant when it carries an offset, else local; a date alone is
// the whole local day.
struct Stamp {
  Instant first, last;  // the same but for a date alone
  bool date_only = false;
};

// Reads YYYY-MM-DD[ H:MM[:SS]][offset] in the feed's zone. Errors: feed.bad-time, feed.zone-needed,
// time.ambiguous, time.nonexistent. Not thread-safe (it remembers the hours that it has seen).
class TimeReader {
 public:
  explicit TimeReader(std::string zone) : zone_(std::move(zone)) {}
  Result<Stamp> read(std::string_view text, const char* field);
  Result<Instant> local(const Civil& c);

 private:
  std::string zone_;
  struct Hour {
    Civil hour{0, 0, 0, -1, 0, 0};
    Instant begins;
  };
  std::array<Hour, 256> hours_;
};

// Refuses settings that the formats with rows of others' making cannot do without.
Status need_author(const Settings& s, std::string_view format);
// Author, origin and the other members that come from the settings alone.
model::Statement begin_statement(const Settings& s, std::string_view means);

// A count as such files write it, "287.0"; an empty cell or NaN is unknown, never zero. feed.bad-count.
Result<model::FieldValue> count_of(std::string_view text, const char* field);

Result<std::unique_ptr<Reader>> make_statements(const Columns& header, const Settings& s);
Result<std::unique_ptr<Reader>> make_alerts(const Columns& header, const Settings& s);
Result<std::unique_ptr<Reader>> make_air_attacks(const Columns& header, const Settings& s);
Result<std::unique_ptr<Reader>> make_events(const Columns& header, const Settings& s);

}  // namespace surety::feed
