#include "treaty/lexer.h"

#include <array>
#include <utility>

namespace surety::treaty {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// Typographic marks that a word processor puts in for ASCII ones: U+2010–U+201F, U+00A0, U+2026.
// They would otherwise be taken for letters and make baffling names.
std::size_t typographic(std::string_view s) {
  if (s.size() >= 3 && s[0] == '\xe2' && s[1] == '\x80') {
    auto c = static_cast<unsigned char>(s[2]);
    if ((c >= 0x90 && c <= 0x9f) || c == 0xa6) return 3;
  }
  if (s.size() >= 2 && s[0] == '\xc2' && s[1] == '\xa0') return 2;
  return 0;
}

class Lexer {
 public:
  Lexer(std::string_view text, std::vector<Diagnostic>& diagnostics) : text_(text), diagnostics_(diagnostics) {}

  std::vector<Token> run() {
    if (text_.substr(0, 3) == "\xef\xbb\xbf") add(TokenKind::blank, 3);
    while (at_ < text_.size()) step();
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void add(TokenKind kind, std::size_t length) {
    for (std::size_t k = at_; k < at_ + length; ++k) line_ += text_[k] == '\n';
    tokens_.push_back({kind, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(at_ + length)});
    at_ += length;
  }
  void report(std::string code, std::string message, std::size_t length, std::string help) {
    diagnostics_.push_back({Severity::error,
                            std::move(code),
                            std::move(message),
                            {static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(at_ + length), line_},
                            {},
                            std::move(help)});
  }
  bool word_byte(std::size_t k) const {
    if (k >= text_.size()) return false;
    char c = text_[k];
    if (letter(c) || digit(c)) return true;
    if (c == '-') return true;
    // Time zones have a slash (Europe/Kyiv); two of them begin a comment.
    if (c == '/') return k + 1 < text_.size() && (letter(text_[k + 1]) || digit(text_[k + 1]));
    return static_cast<unsigned char>(c) >= 0x80 && typographic(text_.substr(k)) == 0;
  }

  void step() {
    char c = peek();
    if (c == '\n') return add(TokenKind::newline, 1);
    if (c == ' ' || c == '\t' || c == '\r') return blanks();
    if (c == '#' || (c == '/' && peek(1) == '/')) return comment();
    if (c == '"') return string();
    if (digit(c)) return number();
    if (word_byte(at_) && c != '-' && c != '/') return word();
    static constexpr std::string_view kMarks = ".,:;(){}=%";
    static constexpr std::array kKinds = {TokenKind::dot,    TokenKind::comma,  TokenKind::colon,      TokenKind::semicolon,
                                          TokenKind::open,   TokenKind::close,  TokenKind::open_brace, TokenKind::close_brace,
                                          TokenKind::equals, TokenKind::percent};
    if (auto k = kMarks.find(c); k != std::string_view::npos) return add(kKinds[k], 1);
    bad();
  }

  void blanks() {
    std::size_t n = 1;
    while (peek(n) == ' ' || peek(n) == '\t' || peek(n) == '\r') ++n;
    add(TokenKind::blank, n);
  }
  void comment() {
    auto end = text_.find('\n', at_);
    if (end == std::string_view::npos) end = text_.size();
    if (end > at_ && text_[end - 1] == '\r') --end;
    add(TokenKind::comment, end - at_);
  }
  void string() {
    std::size_t k = at_ + 1;
    while (k < text_.size() && text_[k] != '"') k += text_[k] == '\\' && k + 1 < text_.size() ? 2 : 1;
    if (k < text_.size()) return add(TokenKind::string, k + 1 - at_);
    // Ending at the line keeps the rest of the file readable to the parser.
    auto end = text_.find('\n', at_);
    if (end == std::string_view::npos) end = text_.size();
    report("treaty.open-string", "this text has no closing quotation mark", 1, "end it with a straight quotation mark: \"…\"");
    add(TokenKind::string, end - at_);
  }
  void word() {
    std::size_t k = at_;
    while (word_byte(k)) ++k;
    add(TokenKind::word, k - at_);
  }

  // Numbers, instants, versions and hashes all begin with a digit.
  void number() {
    std::size_t k = at_;
    bool plain = true, fraction = false;
    while (k < text_.size()) {
      char c = text_[k];
      bool digit_follows = k + 1 < text_.size() && digit(text_[k + 1]);
      if (digit(c)) {
      } else if (c == '.' && digit_follows) {
        plain = plain && !fraction;
        fraction = true;
      } else if (word_byte(k) ||
                 ((c == ':' || c == '+') && digit_follows && text_.substr(at_, k - at_).find('T') != std::string_view::npos)) {
        plain = false;
      } else {
        break;
      }
      ++k;
    }
    std::string_view it = text_.substr(at_, k - at_);
    thousands(it, k);
    add(plain ? TokenKind::number : looks_like_instant(it) ? TokenKind::instant : TokenKind::word, it.size());
  }
  // "1,000" is two numbers to the grammar and one to the eye.
  void thousands(std::string_view it, std::size_t k) {
    if (it.size() > 3 || k + 3 >= text_.size() || text_[k] != ',') return;
    if (!digit(text_[k + 1]) || !digit(text_[k + 2]) || !digit(text_[k + 3])) return;
    if (k + 4 < text_.size() && (digit(text_[k + 4]) || letter(text_[k + 4]))) return;
    report("treaty.thousands", "a comma does not group thousands here", it.size() + 4,
           "write the digits without a mark: 1000; in a list put a blank after the comma");
  }
  static bool looks_like_instant(std::string_view s) {
    if (s.size() < 10 || s[4] != '-' || s[7] != '-') return false;
    for (int k : {0, 1, 2, 3, 5, 6, 8, 9})
      if (!digit(s[static_cast<std::size_t>(k)])) return false;
    return s.size() == 10 || s[10] == 'T';
  }

  void bad() {
    if (auto n = typographic(text_.substr(at_)); n > 0) {
      report("treaty.bad-character", "a typographic mark stands where the language needs a plain one", n,
             "use the straight quotation mark \", the hyphen - and the ordinary blank");
      return add(TokenKind::bad, n);
    }
    report("treaty.bad-character", "this character has no meaning in an agreement", 1,
           "put it inside a text \"…\" or a comment, or take it out");
    add(TokenKind::bad, 1);
  }

  std::string_view text_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
};

}  // namespace

std::vector<Token> lex(std::string_view text, std::vector<Diagnostic>& diagnostics) { return Lexer(text, diagnostics).run(); }

std::string string_value(std::string_view t) {
  if (!t.empty() && t.front() == '"') t.remove_prefix(1);
  if (!t.empty() && t.back() == '"') t.remove_suffix(1);
  std::string out;
  bool blank = false;
  for (std::size_t k = 0; k < t.size(); ++k) {
    char c = t[k];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      blank = true;
      continue;
    }
    if (blank && !out.empty()) out += ' ';
    blank = false;
    if (c == '\\' && k + 1 < t.size() && (t[k + 1] == '"' || t[k + 1] == '\\')) c = t[++k];
    out += c;
  }
  return out;
}

}  // namespace surety::treaty
