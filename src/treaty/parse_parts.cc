#include <array>

#include "treaty/parser_impl.h"

namespace surety::treaty {
namespace {

// How each way of writing a unit is named from here on; the checker refuses those it does not know.
struct UnitWord {
  std::string_view written, unit;
};
constexpr std::array kUnits = {
    UnitWord{"seconds", "seconds"},
    UnitWord{"second", "seconds"},
    UnitWord{"minutes", "minutes"},
    UnitWord{"minute", "minutes"},
    UnitWord{"hours", "hours"},
    UnitWord{"hour", "hours"},
    UnitWord{"calendar days", "calendar days"},
    UnitWord{"calendar day", "calendar days"},
    UnitWord{"working days", "working days"},
    UnitWord{"working day", "working days"},
    UnitWord{"months", "months"},
    UnitWord{"month", "months"},
    UnitWord{"years", "years"},
    UnitWord{"year", "years"},
    UnitWord{"km", "km"},
    UnitWord{"m", "m"},
    UnitWord{"mm", "mm"},
    UnitWord{"t", "t"},
    UnitWord{"kg", "kg"},
    // Not units of the language; taken so that the message can say which to use.
    UnitWord{"days", "days"},
    UnitWord{"day", "days"},
    UnitWord{"weeks", "weeks"},
    UnitWord{"week", "weeks"},
    UnitWord{"kilometres", "kilometres"},
    UnitWord{"kilometers", "kilometres"},
    UnitWord{"metres", "metres"},
    UnitWord{"meters", "metres"},
    UnitWord{"tonnes", "tonnes"},
    UnitWord{"tons", "tonnes"},
    UnitWord{"euros", "euros"},
    UnitWord{"dollars", "dollars"},
};

bool currency(std::string_view s) {
  if (s.size() != 3) return false;
  for (char c : s)
    if (c < 'A' || c > 'Z') return false;
  return true;
}

}  // namespace

ast::Words Parser::names(std::string_view what) {
  ast::Words out;
  out.push_back(c_.name(what));
  // A level of evidence may follow the names: "by each of Coalition, at least verified".
  while (c_.kind() == TokenKind::comma && c_.is_name(1) && !c_.is("at least", 1) && !c_.is("attributed at least", 1) &&
         !c_.is("decided by", 1)) {
    c_.accept(TokenKind::comma);
    out.push_back(c_.take());
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

ast::Word Parser::clause_id() {
  if (c_.kind() == TokenKind::word || c_.kind() == TokenKind::number) return c_.take();
  c_.expected("the id of a clause, such as 3 or A1", "ids are one word; 2(a) is written 2a");
  return {{}, c_.here()};
}

ast::Words Parser::refs() {
  if (!c_.accept("clauses") && !c_.accept("clause")) {
    c_.expected("“clause” or “clauses”");
    return {};
  }
  ast::Words out{clause_id()};
  while (c_.kind() == TokenKind::comma && (c_.kind(1) == TokenKind::word || c_.kind(1) == TokenKind::number) && !c_.is("at least", 1) &&
         !c_.is("attributed", 1)) {
    c_.accept(TokenKind::comma);
    out.push_back(clause_id());
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

ast::Words Parser::strings() {
  ast::Words out{c_.string("a text in quotation marks")};
  while (c_.kind() == TokenKind::comma && c_.kind(1) == TokenKind::string) {
    c_.accept(TokenKind::comma);
    out.push_back(c_.take());
  }
  return out;
}

ast::Measure Parser::measure(std::string_view what) {
  ast::Measure m;
  auto start = c_.position();
  if (c_.kind() == TokenKind::number) {
    m.number = c_.take().text;
    if (c_.accept(TokenKind::percent)) {
      m.unit = "%";
    } else if (c_.is_name() && currency(c_.text())) {
      m.unit = c_.take().text;
    } else {
      for (const auto& u : kUnits)
        if (m.unit.empty() && c_.accept(u.written)) m.unit = u.unit;
    }
  } else if (c_.is_name()) {
    m.name = c_.take().text;
  } else {
    c_.expected(what);
    m.at = c_.here();
    return m;
  }
  m.at = c_.since(start);
  return m;
}

ast::Word Parser::instant(std::string_view what) {
  if (c_.kind() == TokenKind::instant) return c_.take();
  c_.expected(what, "an instant is written 2026-06-01T00:00, in the zone of the clock line, or with an offset");
  return {{}, c_.here()};
}

// binding KIND [once COND]: word is the kind, cond what it waits for.
void Parser::binding(ast::Line& l) {
  l.word = c_.name("legal, political, intended, contested or reserved");
  if (c_.accept("once")) l.cond = condition(in_clause_);
}

}  // namespace surety::treaty
