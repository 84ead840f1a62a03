#pragma once
// The tokens of a formula as they are read, one after the other: what stands here and ahead, and errors
// with the place, what was found and what could stand there. `text` and `file` must outlive it.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "logic/front/keywords.h"
#include "logic/front/lexer.h"

namespace surety::logic {

class Tokens {
 public:
  Tokens(std::string_view text, const std::string& file, std::vector<Token> tokens)
      : text_(text), file_(file), tokens_(std::move(tokens)) {}

  const Token& here() const { return tokens_[at_]; }
  const Token& ahead(std::size_t k = 1) const { return tokens_[std::min(at_ + k, tokens_.size() - 1)]; }
  void skip(std::size_t n = 1) { at_ += n; }
  bool is(std::string_view s) const { return is(here(), s); }
  static bool is(const Token& t, std::string_view s) { return (t.kind == Lexeme::word || t.kind == Lexeme::mark) && t.text == s; }
  bool accept(std::string_view s) {
    if (!is(s)) return false;
    skip();
    return true;
  }
  Status expect(std::string_view s) {
    if (accept(s)) return {};
    return err(wrong("`" + std::string(s) + "`"));
  }
  bool name_here() const { return here().kind == Lexeme::quoted_name || (here().kind == Lexeme::word && !keyword(here().text)); }
  // To try one reading and then another.
  std::size_t place() const { return at_; }
  void back_to(std::size_t place) { at_ = place; }

  Error wrong(std::string expected) const {
    return at(here(), "the formula cannot be read here").found(describe(here())).expected(std::move(expected));
  }
  Error at(const Token& t, std::string message) const { return placed_at(t, fail("logic.syntax", std::move(message))); }
  Error placed_at(const Token& t, Error e) const {
    const LineColumn p = position(text_, t.offset);
    return std::move(e).in(file_, p.line, p.column);
  }

 private:
  std::string_view text_;
  const std::string& file_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace surety::logic
