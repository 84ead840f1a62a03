#include "feed/csv.h"

#include <algorithm>
#include <cstring>

namespace surety::feed {

std::size_t CsvReader::line_end(std::size_t from) const {
  const auto at = bytes_.find('\n', from);
  return at == std::string_view::npos ? bytes_.size() : at;
}

// Sets raw and steps over the line end at `end`.
void CsvReader::leave(CsvRow& row, std::size_t end, std::size_t lines) {
  std::size_t last = end;
  if (last > row.offset && last < bytes_.size() && bytes_[last - 1] == '\r') --last;
  row.raw = bytes_.substr(row.offset, last - row.offset);
  at_ = std::min(end + 1, bytes_.size());
  line_ += lines;
}

// "" becomes ". Such fields are rare: the others stay views.
std::string_view CsvReader::unquoted(std::string_view inner) {
  if (inner.find('"') == std::string_view::npos) return inner;
  if (spelled_used_ == spelled_.size()) spelled_.emplace_back();
  std::string& out = spelled_[spelled_used_++];
  out.clear();
  for (std::size_t i = 0; i < inner.size(); ++i) {
    out += inner[i];
    if (inner[i] == '"') ++i;
  }
  return out;
}

// Reads the field that begins at i and leaves i at the comma, the line end or the end of the bytes.
bool CsvReader::field(CsvRow& row, std::size_t& i, const char*& broken) {
  if (i < bytes_.size() && bytes_[i] == '"') {
    const std::size_t begin = ++i;
    const std::size_t stop = by_lines_ ? line_end(begin) : bytes_.size();
    for (;;) {
      const auto quote = bytes_.substr(0, stop).find('"', i);
      if (quote == std::string_view::npos) {
        i = stop;
        broken = "a quote is opened and never closed";
        return false;
      }
      i = quote + 1;
      if (i >= bytes_.size() || bytes_[i] != '"') break;
      ++i;
    }
    row.fields.push_back(unquoted(bytes_.substr(begin, i - 1 - begin)));
    if (i + 1 < bytes_.size() && bytes_[i] == '\r' && bytes_[i + 1] == '\n') ++i;
    if (i >= bytes_.size() || bytes_[i] == ',' || bytes_[i] == '\n') return true;
    broken = "there is text after a closing quote";
    return false;
  }
  const std::size_t begin = i;
  while (i < bytes_.size() && bytes_[i] != ',' && bytes_[i] != '\n') ++i;
  std::size_t last = i;
  if (last > begin && i < bytes_.size() && bytes_[i] == '\n' && bytes_[last - 1] == '\r') --last;
  row.fields.push_back(bytes_.substr(begin, last - begin));
  return true;
}

CsvReader::Got CsvReader::bad(CsvRow& row, std::size_t reached, const char* broken, Error& error) {
  const std::size_t end = line_end(row.offset);
  if (reached > end) read_twice_ += reached - end;
  if (reached >= bytes_.size() || read_twice_ > bytes_.size()) by_lines_ = true;
  leave(row, end, 1);
  row.fields.clear();
  error = fail("feed.bad-row", "this line is not a row of comma-separated values")
              .found(broken)
              .expected("RFC 4180: a field with a quote, comma or line end in it stands in quotes, and its quotes are doubled")
              .help(
                  "reading went on at the next line; if that is inside the same row, its lines are here too: mend the quotes and import "
                  "the file again");
  return Got::bad;
}

CsvReader::Got CsvReader::next(CsvRow& row, Error& error) {
  row.fields.clear();
  spelled_used_ = 0;
  while (at_ < bytes_.size() && (bytes_[at_] == '\n' || (bytes_[at_] == '\r' && at_ + 1 < bytes_.size() && bytes_[at_ + 1] == '\n'))) {
    at_ += bytes_[at_] == '\r' ? 2 : 1;
    ++line_;
  }
  if (at_ >= bytes_.size()) return Got::end;
  row.line = line_;
  row.offset = at_;
  std::size_t i = at_;
  const char* broken = nullptr;
  for (;;) {
    if (!field(row, i, broken)) return bad(row, i, broken, error);
    if (i >= bytes_.size() || bytes_[i] == '\n') break;
    ++i;
  }
  const auto inside = bytes_.substr(row.offset, i - row.offset);
  leave(row, i, 1 + static_cast<std::size_t>(std::count(inside.begin(), inside.end(), '\n')));
  return Got::row;
}

}  // namespace surety::feed
