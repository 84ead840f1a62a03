#pragma once
// Tokens of formulas and signatures, in the peers' dialect: `(* *)` and `#` comments, "…" and r"…"
// strings, numbers with time units (7d). Total: bad bytes become a token that no rule accepts.
// Pure; the tokens point into the text.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace surety::logic {

enum class Lexeme : std::uint8_t { end, word, quoted_name, integer, rational, with_unit, text, pattern, mark, bad };

struct Token {
  Lexeme kind = Lexeme::end;
  std::string_view text;     // without quotes for strings; escapes are still in it
  std::uint32_t offset = 0;  // of its first byte
};

// Fails only on a comment or string that never ends, or a text of 4 GB.
Result<std::vector<Token>> tokenize(std::string_view text, const std::string& file);

struct LineColumn {
  long line = 1, column = 1;
};
LineColumn position(std::string_view text, std::size_t offset);

// `found` for messages: the token as written, cut at 40 bytes; "end of text" at the end.
std::string describe(const Token& t);

std::string unescape(std::string_view text);  // \" and \\ and \x for any x

}  // namespace surety::logic
