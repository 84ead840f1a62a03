#include "treaty/cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "treaty/lexer.h"

namespace surety::treaty {

Cursor::Cursor(Tree& tree, std::vector<Diagnostic>& diagnostics) : tree_(tree), diagnostics_(diagnostics) {
  std::uint32_t line = 1;
  for (std::uint32_t k = 0; k < tree.tokens.size(); ++k) {
    const auto& t = tree.tokens[k];
    if (!is_trivia(t.kind)) {
      significant_.push_back(k);
      lines_.push_back(line);
    }
    auto text = tree.text_of(t);
    line += static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
  }
}

TokenKind Cursor::kind(std::size_t k) const { return next_ + k < significant_.size() ? token(next_ + k).kind : TokenKind::bad; }
std::string_view Cursor::text(std::size_t k) const {
  return next_ + k < significant_.size() ? tree_.text_of(token(next_ + k)) : std::string_view{};
}

bool Cursor::is(std::string_view words, std::size_t from) const {
  for (std::size_t k = from; !words.empty(); ++k) {
    auto blank = words.find(' ');
    auto word = words.substr(0, blank);
    if (kind(k) != TokenKind::word || text(k) != word) return false;
    words = blank == std::string_view::npos ? std::string_view{} : words.substr(blank + 1);
  }
  return true;
}

ast::Word Cursor::take() {
  ast::Word w;
  w.at = here();
  if (at_end()) return w;
  w.text = kind() == TokenKind::string ? string_value(text()) : std::string(text());
  ++next_;
  return w;
}

bool Cursor::accept(std::string_view words) {
  if (!is(words)) return false;
  next_ += 1 + static_cast<std::size_t>(std::count(words.begin(), words.end(), ' '));
  return true;
}
bool Cursor::accept(TokenKind k) {
  if (at_end() || kind() != k) return false;
  ++next_;
  return true;
}
bool Cursor::expect(std::string_view words) {
  if (accept(words)) return true;
  expected(fmt::format("“{}”", words));
  return false;
}
bool Cursor::expect(TokenKind k, std::string_view what) {
  if (accept(k)) return true;
  expected(what);
  return false;
}
ast::Word Cursor::name(std::string_view what) {
  if (is_name()) return take();
  expected(what);
  return {{}, here()};
}
ast::Word Cursor::string(std::string_view what) {
  if (kind() == TokenKind::string) return take();
  expected(what);
  return {{}, here()};
}

void Cursor::expected(std::string_view what, std::string help) {
  if (reported_at_ == next_) return;
  reported_at_ = next_;
  auto found = at_end() ? std::string("the end of the text") : fmt::format("“{}”", text());
  if (at_end() && help.empty()) help = "the text may have been cut off: compare it with its source";
  report(Severity::error, at_end() ? "treaty.truncated" : "treaty.expected", fmt::format("expected {}, found {}", what, found), here(),
         std::move(help));
}
void Cursor::report(Severity severity, std::string code, std::string message, ast::At at, std::string help) {
  diagnostics_.push_back({severity, std::move(code), std::move(message), at, {}, std::move(help)});
}

ast::At Cursor::here() const {
  if (!at_end()) return {token(next_).begin, token(next_).end, lines_[next_]};
  auto end = static_cast<std::uint32_t>(tree_.text.size());
  if (significant_.empty()) return {end, end, 1};
  const auto& last = token(significant_.size() - 1);
  return {last.begin, last.end, lines_.back()};
}
ast::At Cursor::since(std::size_t position) const {
  if (position >= next_ || significant_.empty()) return here();
  return {token(position).begin, token(next_ - 1).end, lines_[position]};
}
std::string Cursor::text_since(std::size_t position) const {
  std::string out;
  if (position >= next_) return out;
  bool gap = false;
  for (auto k = significant_[position]; k <= significant_[next_ - 1]; ++k) {
    const auto& t = tree_.tokens[k];
    if (is_trivia(t.kind)) {
      gap = true;
      continue;
    }
    if (gap) out += ' ';
    gap = false;
    out += tree_.text_of(t);
  }
  return out;
}

std::uint32_t Cursor::open(NodeKind kind) {
  auto index = static_cast<std::uint32_t>(tree_.nodes.size());
  auto first = at_end() ? static_cast<std::uint32_t>(tree_.tokens.size()) : significant_[next_];
  tree_.nodes.push_back({kind, first, first, parent_, {}});
  parent_ = index;
  return index;
}
void Cursor::close(std::uint32_t node, std::string label) {
  auto& n = tree_.nodes[node];
  if (next_ > 0) n.last = std::max(n.first, significant_[next_ - 1] + 1);
  n.label = std::move(label);
  parent_ = n.parent;
}

}  // namespace surety::treaty
