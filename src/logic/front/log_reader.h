#pragma once
// Logs in the peers' text dialect, as a stream: `@stamp predicate (args)(args) predicate …`, an
// optional `;` that ends a time-point at once, `#` comments, `>command argument<`, quoted strings.
// Values arrive as cells: the integer, or what the handler's real() and intern() made of the rest.
// Line breaks mean nothing, as in the peers, but a line longer than `max_line` bytes is refused, so
// that a file that is no log cannot fill the memory.
//
// Bad rows are data: each goes to bad() with file, line, predicate, what was found and what was
// expected; when bad() returns without error the row is left out and reading goes on.
// One reader for one thread. Feed it bytes in any pieces; memory is one piece and one unfinished
// row.
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "logic/fine.h"
#include "logic/front/name_words.h"
#include "logic/signature.h"
#include "plan/interval.h"

namespace surety::logic {

class LogHandler {
 public:
  virtual ~LogHandler() = default;
  virtual Status begin_point(plan::Ticks ts) = 0;  // kFine, as often as it is asked
  virtual Status end_point() = 0;                  // `;`, the next `@`, a command, or the end of the log
  virtual void fact(PredicateIndex p, std::span<const std::uint64_t> cells) = 0;
  virtual std::uint64_t real(double d) = 0;
  virtual std::uint64_t intern(std::string_view text) = 0;
  virtual Status command(std::string_view name, std::string_view argument) = 0;
  virtual Status bad(Error why) = 0;
  // read_log has worked off what a file or pipe had to give so far: the time to print.
  virtual Status piece_read() { return {}; }
};

struct LogOptions {
  std::string file = "log";
  std::size_t max_line = std::size_t{64} << 20;
  std::vector<bool> skip;  // by predicate index: rows that nobody reads are checked, and not told
};

class LogReader {
 public:
  LogReader(const Signature& sig, LogHandler& handler, LogOptions options = {});
  // Reads what is whole in `bytes` and returns how much that is; the caller passes the rest again,
  // with more after it. `last`: nothing comes after.
  Result<std::size_t> feed(std::string_view bytes, bool last);
  std::uint64_t facts() const { return facts_; }
  std::uint64_t bad_rows() const { return bad_; }

 private:
  enum class Step { done, more };
  struct Cursor {
    const char* p;
    const char* end;
    bool last;
  };

  Result<Step> item(Cursor& c);
  Result<Step> stamp(Cursor& c);
  Result<Step> command(Cursor& c);
  Result<Step> name(Cursor& c);
  Result<Step> row(Cursor& c);
  Status plain(Cursor& c);
  Status open_point(const char* at, plan::Ticks ts);
  const char* plain_rows(const char* p, const char* end);
  Step cell(Cursor& c, plan::Type type, const char*& problem);
  Step token(Cursor& c, std::string_view& text, bool& quoted);
  Step skip_row(Cursor& c);
  const char* closing_quote(const char* p, const Cursor& c);
  const char* find_mark(const char* p, const Cursor& c, std::string_view marks);
  bool blanks(Cursor& c);
  Status close_point();
  Status syntax(Cursor& c, std::string_view found, std::string expected);
  Status bad_row(const char* at, std::string code, std::string message, std::string found, std::string expected);
  Status check_line(const char* from, const char* to);
  std::string_view unescaped(std::string_view text);
  long line_at(const char* p) const;

  const Signature& sig_;
  LogHandler& handler_;
  LogOptions options_;
  const char* begin_ = nullptr;  // of the bytes being fed
  long lines_ = 1;               // at begin_
  std::size_t line_bytes_ = 0;   // of the unfinished line before begin_
  bool in_point_ = false, in_comment_ = false, recovering_ = false;
  bool open_quote_ = false;  // the log ends within quotes
  PredicateIndex current_ = Signature::kNone;
  NameWords names_;
  std::vector<std::uint32_t> plain_;  // by predicate: how many columns if all are integers, else 0
  bool unknown_ = false;              // rows of a predicate that is not in the signature
  std::vector<std::uint64_t> cells_, row_;
  std::string scratch_;
  std::uint64_t facts_ = 0, bad_ = 0;
};

// Reads a whole file, a pipe or, for "-" or "", standard input.
Status read_log(const std::string& path, LogReader& reader, LogHandler& handler, std::size_t piece = std::size_t{1} << 20);

}  // namespace surety::logic
