#pragma once
// The lossless tree of a .treaty text: every byte of the file is in exactly one token, comments and
// blanks included, so text and tree can be turned into each other without loss. Nodes mark which run
// of tokens is which construct; they nest, and stand in the order in which they begin. Plain data,
// owns its text; safe to share between threads once made.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plan/agreement.h"

namespace surety::treaty {

enum class TokenKind : std::uint8_t {
  word,     // ids and keywords; contextual: "days" is a keyword only where a unit may stand
  number,   // 15, 1.5
  instant,  // 2026-06-01, 2026-06-01T00:00, with or without an offset
  string,   // "…", may span lines; runs of blanks count as one
  dot,
  comma,
  colon,
  semicolon,
  open,
  close,
  open_brace,
  close_brace,
  equals,
  percent,
  bad,  // bytes that no construct uses; reported, kept
  blank,
  newline,
  comment,  // trivia
};
constexpr bool is_trivia(TokenKind k) { return k >= TokenKind::blank; }

struct Token {
  TokenKind kind = TokenKind::bad;
  std::uint32_t begin = 0, end = 0;  // byte offsets
};

enum class NodeKind : std::uint8_t {
  document,
  header,
  declaration,
  clause,
  clause_line,
  status,
  transition,
  condition,
  pattern,
  error,
};

struct Node {
  NodeKind kind = NodeKind::document;
  std::uint32_t first = 0, last = 0;  // tokens [first, last), no trivia at either end
  std::uint32_t parent = 0;           // index into nodes; the root is its own parent
  std::string label;                  // for outlines: "clause 3", "event Attack"
};

struct Tree {
  std::string text;
  std::vector<Token> tokens;
  std::vector<Node> nodes;  // nodes[0] is the document

  std::string_view text_of(const Token& t) const { return std::string_view(text).substr(t.begin, t.end - t.begin); }
  plan::TextSpan span_of(const Node& n) const;
};

// 1-based line and byte column of an offset.
struct LineColumn {
  std::uint32_t line = 1, column = 1;
};
LineColumn line_column(std::string_view text, std::uint32_t offset);

// What a reader sees, without trivia: token texts one a line, indented by the nodes that hold them.
// Two texts mean the same to the parser when their skeletons are equal.
std::string skeleton(const Tree& tree);

}  // namespace surety::treaty
