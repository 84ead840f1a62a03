// The one layout. Tokens stay as they are and in their order; only the blanks between them are chosen,
// from the tree: an item begins at the margin, a line of a clause or a transition is indented by two,
// what does not fit is wrapped and indented by four. Comments stay beside or above what they were
// beside or above.
#include <algorithm>
#include <string_view>
#include <vector>

#include "treaty/parser.h"
#include "treaty/treaty.h"

namespace surety::treaty {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kWrapped = 4;

// What a token begins; decides how the line before it ends.
enum class Begins { nothing, line, item, paragraph };

class Formatter {
 public:
  explicit Formatter(const Tree& tree) : tree_(tree), begins_(tree.tokens.size(), Begins::nothing) { plan(); }

  std::string run() {
    for (std::uint32_t k = 0; k < tree_.tokens.size(); ++k) {
      auto text = tree_.text_of(tree_.tokens[k]);
      switch (tree_.tokens[k].kind) {
        case TokenKind::newline:
          ++newlines_;
          break;
        case TokenKind::blank:
          break;
        case TokenKind::comment:
          comment(k, text);
          break;
        default:
          token(k, text);
          break;
      }
    }
    end_line();
    return std::move(out_);
  }

 private:
  void plan() {
    const Node* clause = nullptr;
    for (const auto& n : tree_.nodes) {
      if (n.first >= n.last) continue;
      switch (n.kind) {
        case NodeKind::clause:
          clause = &n;
          begins_[n.first] = Begins::paragraph;
          break;
        case NodeKind::status:
          begins_[n.first] = Begins::paragraph;
          break;
        case NodeKind::header:
        case NodeKind::declaration:
          begins_[n.first] = Begins::item;
          break;
        case NodeKind::transition:
          begins_[n.first] = Begins::line;
          break;
        case NodeKind::clause_line:
          // The source may stay beside the title, where a reader looks for it.
          if (clause && tree_.text_of(tree_.tokens[n.first]) == "source" && fits(clause->first, n.last)) break;
          begins_[n.first] = Begins::line;
          clause = nullptr;  // only the first line of a clause can stand there
          break;
        default:
          break;
      }
    }
  }
  bool fits(std::uint32_t first, std::uint32_t last) const {
    std::size_t width = 0;
    for (auto k = first; k < last; ++k) {
      auto text = tree_.text_of(tree_.tokens[k]);
      if (tree_.tokens[k].kind == TokenKind::comment) return false;
      if (is_trivia(tree_.tokens[k].kind)) continue;
      if (text.find('\n') != std::string_view::npos) return false;
      width += text.size() + 1;
    }
    return width <= kWidth;
  }

  void end_line() {
    if (!out_.empty() && out_.back() != '\n') out_ += '\n';
  }
  void end_line(bool blank_line) {
    end_line();
    if (blank_line && !out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
  }
  static std::size_t indent(Begins b) { return b == Begins::nothing ? kWrapped : b == Begins::line ? 2 : 0; }

  void comment(std::uint32_t k, std::string_view text) {
    text = text.substr(0, text.find_last_not_of(" \t\r") + 1);
    if (newlines_ == 0 && !out_.empty() && out_.back() != '\n') {
      out_.append("  ").append(text);
    } else {
      auto next = std::find_if(tree_.tokens.begin() + k, tree_.tokens.end(), [](const Token& t) { return !is_trivia(t.kind); });
      auto about = next == tree_.tokens.end() ? Begins::item : begins_[static_cast<std::size_t>(next - tree_.tokens.begin())];
      end_line(about >= Begins::item && (newlines_ > 1 || (about == Begins::paragraph && !announced_)));
      out_.append(indent(about), ' ').append(text);
      announced_ = true;
    }
    out_ += '\n';
    newlines_ = 0;
  }

  void token(std::uint32_t k, std::string_view text) {
    auto begins = begins_[k];
    if (begins == Begins::nothing) {
      in_line(k, text);
    } else {
      // A comment above a clause has the clause's blank line above itself.
      end_line(begins >= Begins::item && (newlines_ > 1 || (begins == Begins::paragraph && !announced_)));
      out_.append(indent(begins), ' ').append(text);
    }
    newlines_ = 0;
    announced_ = false;
    before_ = &tree_.tokens[k];
  }

  void in_line(std::uint32_t k, std::string_view text) {
    bool at_start = out_.empty() || out_.back() == '\n';
    bool space = !at_start && spaced(k);
    auto line = out_.rfind('\n');
    auto column = out_.size() - (line == std::string::npos ? 0 : line + 1);
    auto width = column + (space ? 1 : 0) + std::min(text.size(), text.find('\n')) + held(k);
    bool glued = before_ && before_->kind == TokenKind::number && tree_.tokens[k].kind == TokenKind::word;
    if (space && !glued && width > kWidth) {
      out_ += '\n';
      at_start = true;
      space = false;
    }
    if (at_start && !out_.empty()) out_.append(kWrapped, ' ');
    if (space) out_ += ' ';
    out_ += text;
  }
  // The width of what may not be parted from token k: marks, and the unit of a number.
  std::size_t held(std::uint32_t k) const {
    std::size_t width = 0;
    bool number = tree_.tokens[k].kind == TokenKind::number;
    for (auto n = k + 1; n < tree_.tokens.size(); ++n) {
      auto kind = tree_.tokens[n].kind;
      if (kind == TokenKind::blank || kind == TokenKind::newline) continue;
      if (number && kind == TokenKind::word) {
        width += tree_.text_of(tree_.tokens[n]).size() + 1;
        number = false;
      } else if (kind == TokenKind::dot || kind == TokenKind::comma || kind == TokenKind::close || kind == TokenKind::colon) {
        ++width;
        number = false;
      } else {
        break;
      }
    }
    return width;
  }
  bool spaced(std::uint32_t k) const {
    if (before_ && before_->kind == TokenKind::open) return false;
    switch (tree_.tokens[k].kind) {
      case TokenKind::dot:
      case TokenKind::comma:
      case TokenKind::colon:
      case TokenKind::close:
        return false;
      case TokenKind::open:
        return !names_an_act();
      default:
        return true;
    }
  }
  // "withdraw(Heavy)", but "when (A or B)".
  bool names_an_act() const {
    if (!before_ || before_->kind != TokenKind::word) return false;
    auto word = tree_.text_of(*before_);
    return word != "and" && word != "or" && word != "not" && word != "when" && word != "is" && word != "once";
  }

  const Tree& tree_;
  std::vector<Begins> begins_;
  std::string out_;
  int newlines_ = 0;
  bool announced_ = false;  // comments of their own line stand since the last token
  const Token* before_ = nullptr;
};

}  // namespace

Result<std::string> format_text(std::string text, const std::string& name) {
  auto compiled = compile_text(std::move(text), name);
  for (const auto& d : compiled.diagnostics) {
    // What does not read is not touched; what reads but is wrong can still be laid out.
    if (!is_syntax(d.code)) continue;
    auto at = line_column(compiled.tree.text, d.at.begin);
    return err(fail(d.code, d.message).in(name, at.line, at.column).help(d.help));
  }
  return format(compiled.tree);
}

std::string format(const Tree& tree) { return Formatter(tree).run(); }

}  // namespace surety::treaty
