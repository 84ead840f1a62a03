#include <array>

#include "treaty/parser_impl.h"

namespace surety::treaty {

using ast::Declaration;

bool Parser::at_declaration() const {
  static constexpr std::array kWords = {"evidence", "zone",      "weapon",  "event",     "act",
                                        "finding",  "parameter", "purpose", "objection", "history"};
  for (const char* w : kWords)
    if (c_.is(w)) return true;
  return false;
}

Declaration Parser::declaration() {
  using Kind = Declaration::Kind;
  auto node = c_.open(NodeKind::declaration);
  auto start = c_.position();
  Declaration d;
  auto word = c_.take().text;
  struct Row {
    std::string_view word;
    Kind kind;
    void (Parser::*read)(Declaration&);
  };
  static constexpr std::array kRows = {Row{"evidence", Kind::evidence, &Parser::evidence},
                                       Row{"zone", Kind::zone, &Parser::zone},
                                       Row{"weapon", Kind::weapon, &Parser::weapon},
                                       Row{"event", Kind::event, &Parser::event},
                                       Row{"act", Kind::act, &Parser::act},
                                       Row{"finding", Kind::finding, &Parser::finding},
                                       Row{"parameter", Kind::parameter, &Parser::parameter},
                                       Row{"purpose", Kind::purpose, &Parser::purpose},
                                       Row{"objection", Kind::objection, &Parser::objection},
                                       Row{"history", Kind::history, &Parser::history}};
  for (const auto& row : kRows) {
    if (row.word != word) continue;
    d.kind = row.kind;
    (this->*row.read)(d);
  }
  end_of_item("“.” at the end of the declaration");
  d.at = c_.since(start);
  c_.close(node, word + " " + d.name.text);
  return d;
}

void Parser::evidence(Declaration& d) {
  d.name = c_.name("a level of evidence");
  c_.expect("means");
  using Means = plan::EvidenceRule::Means;
  do {
    ast::EvidenceRule r;
    auto start = c_.position();
    if (c_.accept("inspection by")) {
      r.means = Means::inspection_by;
      r.of = c_.name("a body or party");
    } else if (c_.accept("decision of")) {
      r.means = Means::decision_of;
      r.of = c_.name("a body");
    } else if (c_.accept("one report by")) {
      r.means = Means::one_report_by;
      r.of = c_.name("a body or party");
    } else if (c_.accept("any statement")) {
      r.means = Means::any_statement;
    } else if (c_.kind() == TokenKind::number) {
      r.means = Means::different;
      r.count = c_.take();
      c_.expect("reports of different");
      r.of = c_.name("origin, sensor or side");
    } else {
      c_.expected("a rule: 2 reports of different origin, inspection by …, decision of …, one report by …, any statement");
    }
    r.at = c_.since(start);
    d.rules.push_back(r);
  } while (c_.accept("or"));
}

void Parser::zone(Declaration& d) {
  using Kind = plan::Zone::Kind;
  d.name = c_.name("a name for the zone");
  c_.expect(TokenKind::equals, "“=”");
  if (c_.accept("within")) {
    d.zone_kind = Kind::within;
    d.measure = measure("a distance, such as 15 km");
    c_.expect("of");
    d.first = c_.name("a zone");
  } else if (c_.is("line") && c_.kind(1) == TokenKind::string) {
    c_.accept("line");
    d.zone_kind = Kind::line;
    d.first = c_.take();
  } else if (c_.is("area") && c_.kind(1) == TokenKind::string) {
    c_.accept("area");
    d.zone_kind = Kind::area;
    d.first = c_.take();
  } else {
    d.zone_kind = Kind::minus;
    d.first = c_.name("within … of …, line \"file\", area \"file\", or a zone");
    c_.expect("minus");
    d.second = c_.name("a zone");
  }
}

void Parser::weapon(Declaration& d) {
  d.name = c_.name("a name for the weapons");
  c_.expect(TokenKind::equals, "“=”");
  do {
    ast::WeaponPart p;
    p.type = c_.name("a type of weapon");
    if (c_.accept("of calibre")) {
      p.comparison = comparison();
      if (!p.comparison)
        c_.expected("“at least”, “at most”, “above” or “below”");
      else
        p.calibre = measure("a calibre, such as 100 mm");
    }
    d.parts.push_back(p);
  } while (c_.accept(TokenKind::comma));
}

void Parser::event(Declaration& d) {
  d.name = c_.name("a name for the event");
  if (c_.accept("reported as")) d.reported_as = strings();
  if (c_.expect(TokenKind::open_brace, "“{” and the event's fields") && !c_.accept(TokenKind::close_brace)) {
    do {
      ast::Field f;
      f.name = c_.name("a field's name");
      c_.expect(TokenKind::colon, "“:”");
      f.type = c_.name("a field's type");
      d.fields.push_back(f);
    } while (c_.accept(TokenKind::comma));
    c_.expect(TokenKind::close_brace, "“}”");
  }
  if (c_.accept("reported as")) d.reported_as = strings();
  if (c_.accept("observed by")) d.names = names("who observes it");
}

void Parser::act(Declaration& d) {
  d.name = c_.name("a name for the act");
  if (c_.accept(TokenKind::open)) {
    d.names = names("a name for what the act is about");
    c_.expect(TokenKind::close, "“)”");
  }
  if (c_.expect("is")) d.cond = condition();
}

void Parser::finding(Declaration& d) {
  d.name = c_.name("a name for the finding");
  if (c_.expect("is")) d.cond = condition();
  if (c_.kind() == TokenKind::comma && c_.is("decided by", 1)) {
    c_.accept(TokenKind::comma);
    c_.accept("decided by");
    d.first = c_.name("a body");
  }
}

// parameter many = 20 "why we chose it"
void Parser::parameter(Declaration& d) {
  d.name = c_.name("a name for the number");
  c_.expect(TokenKind::equals, "“=”");
  d.measure = measure("a number, with its unit");
  d.first = c_.string("the reason for choosing it, in quotation marks");
}

void Parser::purpose(Declaration& d) {
  d.name = c_.name("a name for the purpose");
  d.first = c_.string("the purpose in quotation marks");
  if (c_.accept("source")) d.second = c_.string("the place in the source, in quotation marks");
  if (c_.accept("served by")) d.refs = refs();
}

void Parser::objection(Declaration& d) {
  c_.expect("by");
  auto by = names("who objects");
  if (!by.empty()) d.name = by.front();
  d.reported_as = by;
  d.first = c_.string("the objection in quotation marks");
  if (c_.accept("against")) d.refs = refs();
  if (c_.accept("on")) d.names.push_back(c_.string("a date in quotation marks"));
  if (c_.expect("source")) d.second = c_.string("the source in quotation marks");
}

void Parser::history(Declaration& d) {
  d.name = c_.string("a date in quotation marks");
  d.first = c_.string("what happened, in quotation marks");
  if (c_.expect("source")) d.second = c_.string("the source in quotation marks");
}

}  // namespace surety::treaty
