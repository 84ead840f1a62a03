#include "logic/front/log_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>

#include "logic/cell.h"
#include "logic/log_scan.h"

namespace surety::logic {
namespace {

constexpr std::array<bool, 256> make_bare() {
  std::array<bool, 256> t{};
  for (int c = 0; c < 256; ++c) {
    t[static_cast<std::size_t>(c)] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '[' ||
                                     c == ']' || c == '/' || c == ':' || c == '-' || c == '.' || c == '!' || c == '+' || c >= 128;
  }
  return t;
}
constexpr std::array<bool, 256> kBare = make_bare();
bool bare(char c) { return kBare[static_cast<unsigned char>(c)]; }
bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string shown(std::string_view s) {
  s = s.substr(0, s.find('\n'));
  return s.size() > 60 ? std::string(s.substr(0, 57)) + "..." : std::string(s);
}

bool to_integer(std::string_view s, std::int64_t& n) {
  if (s.size() > 1 && s[0] == '+' && s[1] != '-') s.remove_prefix(1);
  const auto [end, code] = std::from_chars(s.data(), s.data() + s.size(), n);
  return code == std::errc() && end == s.data() + s.size();
}

bool to_real(std::string_view s, double& d) {
  if (s.size() > 1 && s[0] == '+' && s[1] != '-') s.remove_prefix(1);
  const auto [end, code] = std::from_chars(s.data(), s.data() + s.size(), d);
  if (code != std::errc() || end != s.data() + s.size() || std::isnan(d)) return false;
  if (d == 0) d = 0.0;
  return true;
}

// Line breaks, eight bytes at a step: every byte of the log is looked at for them.
long line_breaks(const char* p, const char* end) {
  constexpr std::uint64_t kLow = 0x7F7F7F7F7F7F7F7Fu;
  long n = 0;
  for (; end - p >= 8; p += 8) {
    std::uint64_t w;
    std::memcpy(&w, p, 8);
    w ^= 0x0A0A0A0A0A0A0A0Au;
    n += static_cast<long>(((~(((w & kLow) + kLow) | w | kLow) >> 7) * 0x0101010101010101u) >> 56);  // of eight bits, their number
  }
  return n + std::count(p, end, '\n');
}

// Whether there is more to read, or will be in a moment: who writes may be slower than we are.
bool more_soon(int fd) {
  constexpr int kMoment = 20;  // milliseconds
  pollfd p{fd, POLLIN, 0};
  return ::poll(&p, 1, kMoment) > 0;
}

}  // namespace

LogReader::LogReader(const Signature& sig, LogHandler& handler, LogOptions options)
    : sig_(sig), handler_(handler), options_(std::move(options)), names_(sig.size()) {
  std::size_t widest = 0;
  for (PredicateIndex p = 0; p < sig.size(); ++p) {
    const auto& [name, columns, _] = sig[p];
    widest = std::max(widest, columns.size());
    const bool integers = std::all_of(columns.begin(), columns.end(), [](plan::Type t) { return t == plan::Type::integer; });
    plain_.push_back(integers ? static_cast<std::uint32_t>(columns.size()) : 0);
    if (std::all_of(name.begin(), name.end(), bare)) names_.add(name, p);
  }
  row_.resize(widest);
  options_.skip.resize(sig.size(), false);
}

long LogReader::line_at(const char* p) const { return lines_ + line_breaks(begin_, p); }

Result<std::size_t> LogReader::feed(std::string_view bytes, bool last) {
  begin_ = bytes.data();
  Cursor c{bytes.data(), bytes.data() + bytes.size(), last};
  while (blanks(c)) {
    const char* const before = c.p;
    SURETY_TRY_STATUS(plain(c));
    if (c.p != before) continue;
    SURETY_TRY(const Step step, item(c));
    if (step == Step::more) {
      c.p = before;
      in_comment_ = false;  // one that began inside the unfinished item is read again
      break;
    }
  }
  SURETY_TRY_STATUS(check_line(begin_, c.end));
  const auto used = static_cast<std::size_t>(c.p - begin_);
  const char* const newline = static_cast<const char*>(memrchr(begin_, '\n', used));
  lines_ += line_breaks(begin_, c.p);
  line_bytes_ = newline != nullptr ? static_cast<std::size_t>(c.p - newline) - 1 : line_bytes_ + used;
  if (last) SURETY_TRY_STATUS(close_point());
  return used;
}

// No line that ends in, or runs on past, these bytes may be longer than the limit.
Status LogReader::check_line(const char* from, const char* to) {
  std::size_t carried = line_bytes_;
  while (from < to || carried > options_.max_line) {
    const auto size = static_cast<std::size_t>(to - from);
    if (carried + size <= options_.max_line) return {};
    const std::size_t look = std::min(size, options_.max_line + 1 - std::min(carried, options_.max_line + 1));
    const char* const newline = look == 0 ? nullptr : static_cast<const char*>(memrchr(from, '\n', look));
    if (newline == nullptr) {
      return err(fail("logic.long-line", "a line of the log is too long")
                     .in(options_.file, line_at(from))
                     .found("more than " + std::to_string(options_.max_line) + " bytes without a line break")
                     .expected("a log, with its time-points on lines of their own"));
    }
    from = newline + 1;
    carried = 0;
  }
  return {};
}

// Skips blanks and comments; false at the end of the bytes.
bool LogReader::blanks(Cursor& c) {
  while (c.p < c.end) {
    if (in_comment_) {
      const char* const newline = static_cast<const char*>(std::memchr(c.p, '\n', static_cast<std::size_t>(c.end - c.p)));
      if (newline == nullptr) {
        c.p = c.end;
        return false;
      }
      c.p = newline + 1;
      in_comment_ = false;
    } else if (blank(*c.p)) {
      ++c.p;
    } else if (*c.p == '#') {
      in_comment_ = true;
    } else {
      return true;
    }
  }
  return false;
}

Status LogReader::close_point() {
  current_ = Signature::kNone;
  unknown_ = false;
  if (!in_point_) return kFine;
  in_point_ = false;
  return handler_.end_point();
}

Status LogReader::open_point(const char* at, plan::Ticks ts) {
  SURETY_TRY_STATUS(close_point());
  in_point_ = true;
  Status begun = handler_.begin_point(ts);
  if (begun || !begun.error().file_name.empty()) return begun;
  return err(std::move(begun.error()).in(options_.file, line_at(at)));
}

// One token or row. `more`: it is not whole; the caller goes back to where it began.
Result<LogReader::Step> LogReader::item(Cursor& c) {
  const char ch = *c.p;
  if (recovering_ && ch != '@' && ch != ';' && ch != '>') {
    // After a syntax error everything up to the next point is left out; quotes hide marks.
    std::string_view text;
    bool quoted = false;
    const char* const at = c.p;
    if ((ch == '"' || bare(ch)) && token(c, text, quoted) == Step::more) return Step::more;
    if (c.p == at) ++c.p;
    return Step::done;
  }
  switch (ch) {
    case '@':
      return stamp(c);
    case '>':
      return command(c);
    case '(':
      return row(c);
    case ';':
      ++c.p;
      recovering_ = false;
      SURETY_TRY_STATUS(close_point());
      return Step::done;
    default:
      return name(c);
  }
}

// Of a text that begins at p. Null: it is not there, or not yet.
const char* LogReader::closing_quote(const char* p, const Cursor& c) {
  if (open_quote_) return nullptr;
  while (p < c.end && *p != '"') p += *p == '\\' ? 2 : 1;
  if (p < c.end) return p;
  open_quote_ = c.last;  // then all that follow are escaped ones, which close nothing either
  return nullptr;
}

// The first of `marks` from p on, outside quotes and comments, or the end. A quote that never closes hides
// nothing. Null: more has to come.
const char* LogReader::find_mark(const char* p, const Cursor& c, std::string_view marks) {
  while (p < c.end && marks.find(*p) == std::string_view::npos) {
    const char* last = p;  // of what is passed over
    if (*p == '"') last = closing_quote(p + 1, c);
    if (*p == '#') last = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(c.end - p)));
    if (last == nullptr) {
      if (!c.last) return nullptr;
      last = *p == '#' ? c.end - 1 : p;
    }
    p = last + 1;
  }
  return p < c.end || c.last ? p : nullptr;
}

LogReader::Step LogReader::token(Cursor& c, std::string_view& text, bool& quoted) {
  const char* p = c.p;
  quoted = false;
  if (p < c.end && *p == 'r' && c.end - p > 1 && p[1] == '"') ++p;
  if (p < c.end && *p == '"') {
    const char* const from = ++p;
    p = closing_quote(from, c);
    if (p == nullptr) {
      if (!c.last) return Step::more;
      text = {};
      return Step::done;  // never closed; c.p has not moved, which the caller sees
    }
    text = {from, static_cast<std::size_t>(p - from)};
    quoted = true;
    c.p = p + 1;
    return Step::done;
  }
  while (p < c.end && bare(*p)) ++p;
  if (p == c.end && !c.last) return Step::more;
  text = {c.p, static_cast<std::size_t>(p - c.p)};
  c.p = p;
  return Step::done;
}

Status LogReader::syntax(Cursor& c, std::string_view found, std::string expected) {
  ++bad_;
  recovering_ = true;
  Error e = fail("logic.log-syntax", "the log cannot be read here")
                .in(options_.file, line_at(c.p))
                .found(shown(found))
                .expected(std::move(expected));
  if (c.p < c.end && *c.p != '@' && *c.p != '>' && *c.p != ';') ++c.p;
  return handler_.bad(std::move(e));
}

Status LogReader::bad_row(const char* at, std::string code, std::string message, std::string found, std::string expected) {
  ++bad_;
  const std::string predicate = current_ == Signature::kNone ? "" : sig_[current_].name;
  return handler_.bad(fail(std::move(code), std::move(message))
                          .in(options_.file, line_at(at))
                          .field(predicate)
                          .found(std::move(found))
                          .expected(std::move(expected)));
}

Result<LogReader::Step> LogReader::stamp(Cursor& c) {
  const char* const at = c.p++;
  if (!blanks(c)) {
    if (!c.last) return Step::more;
    SURETY_TRY_STATUS(syntax(c, "end of log", "a time-stamp"));
    return Step::done;
  }
  std::string_view text;
  bool quoted = false;
  if (token(c, text, quoted) == Step::more) return Step::more;
  std::int64_t ts = 0;
  // Half of the range leaves room for stamp + bound.
  if (!to_integer(text, ts) || ts > INT64_MAX / 2 || ts < INT64_MIN / 2) {
    c.p = at + 1;
    SURETY_TRY_STATUS(syntax(c, "@" + std::string(text), "a whole number as the time-stamp"));
    return Step::done;
  }
  recovering_ = false;
  SURETY_TRY_STATUS(open_point(at, ts));
  return Step::done;
}

Result<LogReader::Step> LogReader::command(Cursor& c) {
  const char* const close = find_mark(c.p + 1, c, "<>@;");
  if (close == nullptr) return Step::more;
  if (close == c.end || *close != '<') {
    const char* const at = c.p;
    SURETY_TRY_STATUS(syntax(c, {at, static_cast<std::size_t>(close - at)}, "a command that ends with <"));
    c.p = close;
    return Step::done;
  }
  std::string_view body(c.p + 1, static_cast<std::size_t>(close - c.p) - 1);
  const auto trim = [](std::string_view s) {
    while (!s.empty() && blank(s.front())) s.remove_prefix(1);
    while (!s.empty() && blank(s.back())) s.remove_suffix(1);
    return s;
  };
  body = trim(body);
  const std::size_t space = std::min(body.find_first_of(" \t\r\n{\""), body.size());
  std::string_view argument = trim(body.substr(space));
  if (argument.size() > 1 && argument.front() == '"' && argument.back() == '"') {
    argument = argument.substr(1, argument.size() - 2);
  }
  c.p = close + 1;
  recovering_ = false;
  SURETY_TRY_STATUS(close_point());
  SURETY_TRY_STATUS(handler_.command(body.substr(0, space), argument));
  return Step::done;
}

Result<LogReader::Step> LogReader::name(Cursor& c) {
  const char* const at = c.p;
  std::string_view text;
  bool quoted = false;
  if (token(c, text, quoted) == Step::more) return Step::more;
  if (c.p == at || !in_point_) {
    const std::string_view found = c.p == at ? std::string_view(at, 1) : text;
    SURETY_TRY_STATUS(syntax(c, found, in_point_ ? "a predicate, `(`, `@`, `;` or `>`" : "`@` and a time-stamp, or `>`"));
    return Step::done;
  }
  if (!blanks(c) && !c.last) return Step::more;
  const PredicateIndex p = sig_.find(std::string(text));
  unknown_ = p == Signature::kNone;
  if (unknown_) {
    current_ = p;
    SURETY_TRY_STATUS(
        bad_row(at, "logic.unknown-predicate", "the signature has no such predicate", shown(text), "a predicate of the signature"));
    return Step::done;
  }
  current_ = p;
  if (c.p < c.end && *c.p == '(') return Step::done;
  // A name alone is a row without arguments.
  if (!sig_[p].columns.empty()) {
    SURETY_TRY_STATUS(bad_row(at, "logic.arity", "wrong number of arguments", "0", std::to_string(sig_[p].columns.size())));
  } else if (!options_.skip[p]) {
    handler_.fact(p, {});
    ++facts_;
  }
  return Step::done;
}

// A row that is not understood ends with its bracket, or where something else begins.
LogReader::Step LogReader::skip_row(Cursor& c) {
  const char* const p = find_mark(c.p + 1, c, ")@;>");
  if (p == nullptr) return Step::more;
  c.p = p < c.end && *p == ')' ? p + 1 : p;
  return Step::done;
}

std::string_view LogReader::unescaped(std::string_view text) {
  if (std::memchr(text.data(), '\\', text.size()) == nullptr) return text;
  scratch_.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    scratch_ += text[i];
  }
  return scratch_;
}

// Reads one value and pushes its cell. `problem` tells what it should have been.
LogReader::Step LogReader::cell(Cursor& c, plan::Type type, const char*& problem) {
  if (type == plan::Type::integer) {
    // Plain digits, by far the common case; anything else takes the long way below.
    const char* p = c.p;
    const bool negative = p < c.end && *p == '-';
    if (negative) ++p;
    const char* const first = p;
    std::uint64_t n = 0;
    while (p < c.end && static_cast<unsigned char>(*p - '0') < 10) n = n * 10 + static_cast<unsigned char>(*p++ - '0');
    if (p > first && p - first <= 18 && p < c.end && (*p == ',' || *p == ')' || blank(*p))) {
      cells_.push_back(negative ? 0 - n : n);
      c.p = p;
      return Step::done;
    }
  }
  std::string_view text;
  bool quoted = false;
  const char* const at = c.p;
  if (token(c, text, quoted) == Step::more) return Step::more;
  if (c.p == at) {
    problem = "a value";
    return Step::done;
  }
  std::int64_t n = 0;
  double d = 0;
  switch (type) {
    case plan::Type::integer:
      if (to_integer(text, n))
        cells_.push_back(static_cast<std::uint64_t>(n));
      else
        problem = "int (64 bits)";
      break;
    case plan::Type::real:
      if (to_real(text, d))
        cells_.push_back(handler_.real(d));
      else
        problem = "float";
      break;
    default:
      cells_.push_back(options_.skip[current_] ? 0 : handler_.intern(quoted ? unescaped(text) : text));
  }
  return Step::done;
}

// Rows one behind the other, whole integers without blanks, with nothing to go wrong; where the next begins.
const char* LogReader::plain_rows(const char* p, const char* end) {
  if (current_ == Signature::kNone || plain_[current_] == 0) return p;
  const std::size_t width = plain_[current_];
  const bool told = !options_.skip[current_];
  while (const char* const after = scan_integer_row(p, end, width, row_.data())) {
    p = after;
    if (told) handler_.fact(current_, {row_.data(), width});
    facts_ += told;
  }
  return p;
}

// Reads on as long as everything has its common form; stops before what has another, or is not whole.
// item() says what that is.
Status LogReader::plain(Cursor& c) {
  if (recovering_) return kFine;
  while (c.p < c.end) {
    const char ch = *c.p;
    const char* after = nullptr;
    if (blank(ch)) {
      ++c.p;
    } else if (ch == '(') {
      after = plain_rows(c.p, c.end);
      if (after == c.p) break;
      c.p = after;
    } else if (ch == ';') {
      ++c.p;
      SURETY_TRY_STATUS(close_point());
    } else if (ch == '@') {
      Cell stamp = 0;
      after = scan_integer(c.p + 1, c.end, stamp);
      if (after == nullptr || bare(*after)) break;
      c.p = after;
      SURETY_TRY_STATUS(open_point(c.p, static_cast<plan::Ticks>(stamp)));
    } else {
      const PredicateIndex p = names_.scan(c.p, c.end, after);
      if (p == Signature::kNone || !in_point_) break;
      current_ = p;
      unknown_ = false;
      c.p = after;
    }
  }
  return kFine;
}

Result<LogReader::Step> LogReader::row(Cursor& c) {
  if (current_ == Signature::kNone) {
    if (unknown_) return skip_row(c);  // already told, once
    SURETY_TRY_STATUS(syntax(c, "(", "a predicate before its arguments"));
    return Step::done;
  }
  const auto& columns = sig_[current_].columns;
  const char* const at = c.p++;
  const auto fault = [&](const char* code, const char* message, std::string found, std::string expected) -> Result<Step> {
    Cursor back{at, c.end, c.last};
    if (skip_row(back) == Step::more) return Step::more;
    c.p = back.p;
    SURETY_TRY_STATUS(bad_row(at, code, message, std::move(found), std::move(expected)));
    return Step::done;
  };
  cells_.clear();
  for (std::size_t k = 0;; ++k) {
    if (!blanks(c)) {
      if (!c.last) return Step::more;
      return fault("logic.log-syntax", "the row never ends", shown({at, static_cast<std::size_t>(c.end - at)}), "`)`");
    }
    if (*c.p == ')' && (k == columns.size() || k == 0)) {
      ++c.p;
      if (k == columns.size()) break;
      return fault("logic.arity", "wrong number of arguments", std::to_string(k), std::to_string(columns.size()));
    }
    if (k > 0) {
      if (*c.p == ')') return fault("logic.arity", "wrong number of arguments", std::to_string(k), std::to_string(columns.size()));
      if (*c.p != ',') return fault("logic.log-syntax", "the row cannot be read", shown({c.p, 1}), "`,` or `)`");
      ++c.p;
      if (!blanks(c)) {
        if (!c.last) return Step::more;
        continue;
      }
    }
    if (k >= columns.size()) {
      return fault("logic.arity", "wrong number of arguments", "more than " + std::to_string(k), std::to_string(k));
    }
    const char* problem = nullptr;
    const char* const value = c.p;
    if (cell(c, columns[k], problem) == Step::more) return Step::more;
    if (problem != nullptr) {
      if (c.p == value && *value == '"')
        return fault("logic.log-syntax", "the quote never closes", shown({value, static_cast<std::size_t>(c.end - value)}), "`\"`");
      const auto length = static_cast<std::size_t>(std::max<std::ptrdiff_t>(c.p - value, 1));
      return fault("logic.type", "an argument has the wrong type", shown({value, length}),
                   std::string(problem) + " as argument " + std::to_string(k + 1));
    }
  }
  if (options_.skip[current_]) return Step::done;
  handler_.fact(current_, cells_);
  ++facts_;
  return Step::done;
}

Status read_log(const std::string& path, LogReader& reader, LogHandler& handler, std::size_t piece) {
  const bool standard = path.empty() || path == "-";
  const int fd = standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return err(fail("logic.no-file", "the log cannot be opened").in(path).found(std::strerror(errno)).expected("a readable file"));
  }
  std::vector<char> buffer(piece);
  std::size_t held = 0, enough = 0;
  Status result;
  while (true) {
    if (held == buffer.size()) buffer.resize(buffer.size() * 2);
    const ssize_t n = ::read(fd, buffer.data() + held, buffer.size() - held);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      Error e = fail("logic.read", "the log cannot be read").in(path).found(std::strerror(errno)).expected("a file or pipe");
      result = err(errno == EISDIR ? std::move(e) : std::move(e).ours());
      break;
    }
    held += static_cast<std::size_t>(n);
    if (n > 0 && held < enough && more_soon(fd)) continue;
    auto used = reader.feed({buffer.data(), held}, n == 0);
    if (!used) {
      result = err(std::move(used.error()));
      break;
    }
    if (result = handler.piece_read(); !result || n == 0) break;
    held -= *used;
    if (*used > 0) std::memmove(buffer.data(), buffer.data() + *used, held);
    // What is unfinished is read again from its beginning: a long row that comes in small pieces only when
    // there is twice as much of it, or nothing more for now.
    enough = held < buffer.size() / 8 ? 0 : 2 * held;
  }
  if (!standard) ::close(fd);
  return result;
}

}  // namespace surety::logic
