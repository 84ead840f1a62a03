#pragma once
// Comma-separated values after RFC 4180, over bytes that stay in memory: fields are views into them.
// Every row knows where it stands. A row that breaks the grammar is handed out as `bad` and reading
// goes on at the next line; it stays linear whatever the bytes are, because after as many bytes were
// read twice as the file has, rows are told apart by line ends alone.
//
// Lenient in two points, both told by RFC 4180 §2 to be seen in the wild: line ends may be LF, and a
// quote inside a field that did not begin with one is taken as written.
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace surety::feed {

struct CsvRow {
  std::vector<std::string_view> fields;  // quotes taken away; valid until the next call of next()
  std::size_t line = 0;                  // 1-based line on which the row begins
  std::size_t offset = 0;                // of its first byte
  std::string_view raw;                  // as it stands, without its line end
};

class CsvReader {
 public:
  // `bytes` must outlive the reader.
  explicit CsvReader(std::string_view bytes, std::size_t offset = 0) : bytes_(bytes), at_(offset) {}

  enum class Got { row, bad, end };
  // Blank lines are skipped. After `bad`, row.raw holds the line and `error` says what broke.
  Got next(CsvRow& row, Error& error);

 private:
  bool field(CsvRow& row, std::size_t& i, const char*& broken);
  std::string_view unquoted(std::string_view inner);
  Got bad(CsvRow& row, std::size_t reached, const char* broken, Error& error);
  std::size_t line_end(std::size_t from) const;
  void leave(CsvRow& row, std::size_t end, std::size_t lines);

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t read_twice_ = 0;
  bool by_lines_ = false;            // a quote may no longer reach over a line end
  std::deque<std::string> spelled_;  // fields that held doubled quotes; a deque, so that views stay good
  std::size_t spelled_used_ = 0;
};

}  // namespace surety::feed
