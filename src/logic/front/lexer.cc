#include "logic/front/lexer.h"

#include <algorithm>
#include <cctype>

namespace surety::logic {
namespace {

bool word_byte(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

class Scanner {
 public:
  Scanner(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Result<std::vector<Token>> run() {
    if (text_.size() >= UINT32_MAX) {
      return err(fail("logic.too-large", "the text is larger than 4 GB").in(file_));
    }
    std::vector<Token> out;
    while (true) {
      SURETY_TRY_STATUS(skip_blanks());
      SURETY_TRY(Token t, next());
      out.push_back(t);
      if (t.kind == Lexeme::end) return out;
    }
  }

 private:
  char peek(std::size_t k = 0) const { return at_ + k < text_.size() ? text_[at_ + k] : '\0'; }
  bool starts(std::string_view s) const { return text_.substr(at_).starts_with(s); }

  Error unended(const char* what, std::size_t from) const {
    const LineColumn p = position(text_, from);
    return fail("logic.syntax", std::string(what) + " never ends").in(file_, p.line, p.column);
  }

  Status skip_blanks() {
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(text_[at_]))) {
        ++at_;
      } else if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (starts("(*") && !starts("(*)")) {
        const std::size_t close = text_.find("*)", at_ + 2);
        if (close == std::string_view::npos) return err(unended("a comment", at_));
        at_ = close + 2;
      } else {
        break;
      }
    }
    return {};
  }

  Token take(Lexeme kind, std::size_t length) {
    const Token t{kind, text_.substr(at_, length), static_cast<std::uint32_t>(at_)};
    at_ += length;
    return t;
  }

  Result<Token> next() {
    if (at_ >= text_.size()) return Token{Lexeme::end, {}, static_cast<std::uint32_t>(text_.size())};
    const char c = text_[at_];
    if (c == '"') return quoted(Lexeme::text, 1);
    if (c == 'r' && peek(1) == '"') return quoted(Lexeme::pattern, 2);
    if (c == '`') return backquoted();
    if (word_byte(c)) return word_or_number();
    for (std::string_view m : {"▷", "◁", "|>", "<|", "<-", "<=", ">="}) {
      if (starts(m)) return take(Lexeme::mark, m.size());
    }
    if (std::string_view("+-.*/()[]{},:;?<>=@").find(c) != std::string_view::npos) return take(Lexeme::mark, 1);
    return take(Lexeme::bad, 1);
  }

  Result<Token> quoted(Lexeme kind, std::size_t opening) {
    const std::size_t from = at_;
    std::size_t end = at_ + opening;
    while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) return err(unended("a string", from));
    at_ = end + 1;
    return Token{kind, text_.substr(from + opening, end - from - opening), static_cast<std::uint32_t>(from)};
  }

  Result<Token> backquoted() {
    const std::size_t end = text_.find('`', at_ + 1);
    if (end == std::string_view::npos) return err(unended("a quoted name", at_));
    const Token t{Lexeme::quoted_name, text_.substr(at_ + 1, end - at_ - 1), static_cast<std::uint32_t>(at_)};
    at_ = end + 1;
    return t;
  }

  Token word_or_number() {
    std::size_t end = at_;
    while (end < text_.size() && word_byte(text_[end])) ++end;
    const std::string_view w = text_.substr(at_, end - at_);
    const std::size_t digits = std::min(w.find_first_not_of("0123456789"), w.size());
    if (digits == 0) return take(Lexeme::word, w.size());
    if (digits == w.size()) {
      // A dot belongs to the number unless a name follows: `EXISTS x1.P(x1)` has no such number.
      if (end < text_.size() && text_[end] == '.') return rational(end + 1);
      return take(Lexeme::integer, w.size());
    }
    if (const std::size_t e = exponent(at_ + digits); e > 0) return take(Lexeme::rational, e - at_);
    if (digits + 1 == w.size()) return take(Lexeme::with_unit, w.size());
    return take(Lexeme::word, w.size());
  }

  Token rational(std::size_t end) {
    while (end < text_.size() && digit(text_[end])) ++end;
    if (const std::size_t e = exponent(end); e > 0) end = e;
    return take(Lexeme::rational, end - at_);
  }

  // End of "e-12" at `from`, or 0.
  std::size_t exponent(std::size_t from) const {
    std::size_t i = from;
    if (i >= text_.size() || (text_[i] != 'e' && text_[i] != 'E')) return 0;
    ++i;
    if (i < text_.size() && (text_[i] == '-' || text_[i] == '+')) ++i;
    const std::size_t first = i;
    while (i < text_.size() && digit(text_[i])) ++i;
    if (i == first || (i < text_.size() && word_byte(text_[i]))) return 0;
    return i;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<Token>> tokenize(std::string_view text, const std::string& file) { return Scanner(text, file).run(); }

LineColumn position(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  LineColumn p;
  p.line += std::count(before.begin(), before.end(), '\n');
  const std::size_t newline = before.rfind('\n');
  p.column = static_cast<long>(before.size() - (newline == std::string_view::npos ? 0 : newline + 1)) + 1;
  return p;
}

std::string describe(const Token& t) {
  if (t.kind == Lexeme::end) return "end of text";
  std::string s(t.text.substr(0, 40));
  if (t.text.size() > 40) s += "...";
  return t.kind == Lexeme::text ? "\"" + s + "\"" : s;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

}  // namespace surety::logic
