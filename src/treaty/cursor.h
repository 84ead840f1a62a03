#pragma once
// The parser's hold on the token stream: look, take, expect, and mark nodes. Internal to the parser.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "treaty/ast.h"
#include "treaty/diagnostic.h"
#include "treaty/tree.h"

namespace surety::treaty {

class Cursor {
 public:
  Cursor(Tree& tree, std::vector<Diagnostic>& diagnostics);

  // The k-th significant token from here, by kind and text; past the end: bad and "".
  TokenKind kind(std::size_t k = 0) const;
  std::string_view text(std::size_t k = 0) const;
  bool at_end() const { return next_ >= significant_.size(); }
  // Whether the next words are these: is("to the benefit of").
  bool is(std::string_view words, std::size_t from = 0) const;
  bool is_name(std::size_t k = 0) const { return kind(k) == TokenKind::word; }
  std::size_t position() const { return next_; }

  ast::Word take();  // the next token, whatever it is
  bool accept(std::string_view words);
  bool accept(TokenKind kind);
  // Reports `treaty.expected` unless the words come next.
  bool expect(std::string_view words);
  bool expect(TokenKind kind, std::string_view what);
  ast::Word name(std::string_view what);  // a word, or reported and empty
  ast::Word string(std::string_view what);
  // What stands here is not what was needed. One report a place: what follows from it is noise.
  void expected(std::string_view what, std::string help = {});
  void report(Severity severity, std::string code, std::string message, ast::At at, std::string help = {});

  ast::At here() const;                                // the next token, or the end of the text
  ast::At since(std::size_t position) const;           // from the token at `position` to the last one taken
  std::string text_since(std::size_t position) const;  // with each stretch of trivia one blank

  // Nodes: open(…) … close(). They nest.
  std::uint32_t open(NodeKind kind);
  void close(std::uint32_t node, std::string label = {});

  void skip_one() {
    if (!at_end()) ++next_;
  }

 private:
  const Token& token(std::size_t k) const { return tree_.tokens[significant_[k]]; }

  Tree& tree_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<std::uint32_t> significant_;  // indices of tokens that are not trivia
  std::vector<std::uint32_t> lines_;        // the line of each of those
  std::size_t next_ = 0;
  std::size_t reported_at_ = static_cast<std::size_t>(-1);
  std::uint32_t parent_ = 0;
};

}  // namespace surety::treaty
