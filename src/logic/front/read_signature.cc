#include "logic/front/read_signature.h"

#include <optional>

#include "logic/front/lexer.h"

namespace surety::logic {
namespace {

std::optional<plan::Type> type_named(std::string_view w) {
  if (w == "int") return plan::Type::integer;
  if (w == "float") return plan::Type::real;
  if (w == "string") return plan::Type::text;
  if (w == "regexp") return plan::Type::pattern;
  return std::nullopt;
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& file, std::vector<Token> tokens)
      : text_(text), file_(file), tokens_(std::move(tokens)) {}

  Result<Signature> run() {
    while (here().kind != Lexeme::end) SURETY_TRY_STATUS(predicate());
    return std::move(out_);
  }

 private:
  const Token& here() const { return tokens_[at_]; }
  bool accept(std::string_view mark) {
    if (here().kind != Lexeme::mark || here().text != mark) return false;
    ++at_;
    return true;
  }
  Error at(const Token& t, std::string code, std::string message) const {
    const LineColumn p = position(text_, t.offset);
    return fail(std::move(code), std::move(message)).in(file_, p.line, p.column);
  }
  Error wrong(std::string expected) const {
    return at(here(), "logic.syntax", "the signature cannot be read here").found(describe(here())).expected(std::move(expected));
  }
  static bool name(const Token& t) { return t.kind == Lexeme::word || t.kind == Lexeme::quoted_name || t.kind == Lexeme::integer; }

  Status predicate() {
    const Token t = here();
    if (!name(t)) return err(wrong("the name of a predicate"));
    ++at_;
    const bool record = here().kind == Lexeme::word || (here().kind == Lexeme::mark && here().text == "{");
    if (record) {
      return err(at(t, "logic.records", "record types are not supported")
                     .found(describe(t))
                     .expected("a predicate, such as P(int, string)")
                     .help("give each field a column of its own"));
    }
    if (!accept("(")) return err(wrong("`(`"));
    Predicate p;
    p.name = std::string(t.text);
    bool first = true;
    while (!accept(")")) {
      if (!first && !accept(",")) return err(wrong("`,` or `)`"));
      first = false;
      SURETY_TRY_STATUS(column(p));
    }
    const std::string what = p.name;
    if (!out_.add(std::move(p))) {
      return err(
          at(t, "logic.duplicate-predicate", "the predicate is declared twice").found(what).expected("one declaration for each name"));
    }
    return {};
  }

  Status column(Predicate& p) {
    const Token t = here();
    if (!name(t)) return err(wrong("a type: int, float, string or regexp"));
    ++at_;
    Token type = t;
    std::string column_name;
    if (accept(":")) {
      column_name = std::string(t.text);
      type = here();
      ++at_;
    }
    const auto known = type.kind == Lexeme::word ? type_named(type.text) : std::nullopt;
    if (!known) {
      return err(at(type, "logic.unknown-type", "there is no such type")
                     .field(p.name)
                     .found(describe(type))
                     .expected("int, float, string or regexp"));
    }
    p.columns.push_back(*known);
    p.column_names.push_back(std::move(column_name));
    return {};
  }

  std::string_view text_;
  const std::string& file_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  Signature out_;
};

}  // namespace

Result<Signature> read_signature(std::string_view text, const std::string& file) {
  SURETY_TRY(std::vector<Token> tokens, tokenize(text, file));
  return Reader(text, file, std::move(tokens)).run();
}

std::string text(const Signature& s) {
  std::string out;
  for (const Predicate& p : s.all()) {
    const bool word = p.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
    out += word ? p.name : "`" + p.name + "`";
    out += '(';
    for (std::size_t i = 0; i < p.columns.size(); ++i) {
      if (i > 0) out += ", ";
      if (i < p.column_names.size() && !p.column_names[i].empty()) out += p.column_names[i] + ": ";
      out += to_string(p.columns[i]);
    }
    out += ")\n";
  }
  return out;
}

}  // namespace surety::logic
