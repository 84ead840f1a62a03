#include <fmt/format.h>

#include "treaty/parser_impl.h"

namespace surety::treaty {

using ast::Cond;

Cond Parser::condition(bool in_clause) {
  auto node = c_.open(NodeKind::condition);
  bool before = in_clause_;
  in_clause_ = in_clause;
  Cond c = either();
  in_clause_ = before;
  c_.close(node);
  return c;
}

Cond Parser::either() {
  auto start = c_.position();
  Cond first = both();
  if (!c_.is("or")) return first;
  Cond out;
  out.kind = Cond::Kind::either;
  out.parts.push_back(std::move(first));
  while (c_.accept("or")) out.parts.push_back(both());
  out.at = c_.since(start);
  return out;
}

Cond Parser::both() {
  auto start = c_.position();
  Cond first = negated();
  if (!c_.is("and")) return first;
  Cond out;
  out.kind = Cond::Kind::both;
  out.parts.push_back(std::move(first));
  while (c_.accept("and")) out.parts.push_back(negated());
  out.at = c_.since(start);
  return out;
}

Cond Parser::negated() {
  auto start = c_.position();
  Cond out;
  if (depth_ >= kNestingLimit) {
    c_.report(Severity::error, "treaty.too-deep", fmt::format("conditions may be nested {} deep, this goes further", kNestingLimit),
              c_.here(), "name a part of it with a finding");
    // Past the whole stretch, or every enclosing level would report its own closing parenthesis.
    while (!c_.at_end() && c_.kind() != TokenKind::dot) c_.skip_one();
    return out;
  }
  ++depth_;
  if (c_.accept("not")) {
    out.kind = Cond::Kind::negated;
    out.parts.push_back(negated());
  } else if (c_.accept(TokenKind::open)) {
    ++parentheses_;
    out = either();
    --parentheses_;
    if (c_.kind() != TokenKind::dot) c_.expect(TokenKind::close, "“)”");
    out.parenthesised = true;
  } else {
    out = atom();
  }
  --depth_;
  if (out.kind != Cond::Kind::missing) out.at = c_.since(start);
  return out;
}

Cond Parser::atom() {
  if (c_.is("no") && c_.is_name(1)) return quiet();
  if (c_.is("sum of")) return sum();
  if (c_.is("clause") || c_.is("clauses")) return clauses();
  Cond out;
  auto start = c_.position();
  if (c_.accept("the term ends")) {
    out.kind = Cond::Kind::expiry;
  } else if (c_.accept("state of")) {
    out.kind = Cond::Kind::state;
    out.subject = c_.name("the name of a status block");
    c_.expect("is");
    out.state = c_.name("the name of a state");
  } else if (c_.kind() == TokenKind::number || (c_.is_name(1) && parameters_.contains(c_.text()) && !at_test())) {
    return count();
  } else if (at_test()) {
    out.kind = Cond::Kind::test;
    out.pattern.tests.push_back(test());
  } else if (c_.is_name()) {
    out.kind = Cond::Kind::pattern;
    out.pattern = pattern();
    if (at_window()) out.window = window();
    if (!out.pattern.grade) out.pattern.grade = grade();
  } else {
    c_.expected("a condition", "such as: Attack by Russia, at least verified");
  }
  out.at = c_.since(start);
  return out;
}

// A deadline that follows a clause's condition belongs to the clause: "when Breach within 48 hours
// after the event". In parentheses, or outside clauses, it belongs to the pattern.
bool Parser::at_window() const {
  if (c_.is("since")) return true;
  if (!c_.is("within")) return false;
  if (!in_clause_ || parentheses_ > 0) return true;
  for (std::size_t k = 1; k <= 4; ++k)
    if (c_.is("after", k)) return false;
  return true;
}

Cond Parser::quiet() {
  Cond out;
  out.kind = Cond::Kind::quiet;
  auto start = c_.position();
  c_.accept("no");
  out.pattern = pattern();
  if (c_.accept("for")) {
    out.span = measure("a span, such as 24 hours");
  } else {
    c_.expected("“for” and a span", "absence needs a span: no Attack for 24 hours; never at all is: not Attack");
  }
  if (!out.pattern.grade) out.pattern.grade = grade();
  out.at = c_.since(start);
  return out;
}

Cond Parser::count() {
  Cond out;
  out.kind = Cond::Kind::count;
  auto start = c_.position();
  auto number = c_.take();
  out.number.at = number.at;
  (parameters_.contains(number.text) ? out.number.name : out.number.number) = number.text;
  out.pattern = pattern();
  if (c_.is("within") || c_.is("since")) {
    out.window = window();
  } else {
    c_.expected("“within” or “since”", "a count needs a window: 3 Attack within 72 hours");
  }
  if (!out.pattern.grade) out.pattern.grade = grade();
  out.at = c_.since(start);
  return out;
}

Cond Parser::sum() {
  Cond out;
  out.kind = Cond::Kind::sum;
  auto start = c_.position();
  c_.accept("sum of");
  out.subject = c_.name("a field");
  c_.expect("of");
  out.pattern = pattern();
  if (c_.is("within") || c_.is("since")) {
    out.window = window();
  } else {
    c_.expected("“within” or “since”");
  }
  if (auto op = comparison()) {
    out.comparison = *op;
    out.number = measure("an amount");
  } else {
    c_.expected("“at least”, “at most”, “above” or “below”");
  }
  out.at = c_.since(start);
  return out;
}

Cond Parser::clauses() {
  Cond out;
  out.kind = Cond::Kind::clauses;
  auto start = c_.position();
  out.refs = refs();
  if (!c_.accept("are")) c_.expect("is");
  out.state = c_.name("breached, fulfilled or suspended");
  out.at = c_.since(start);
  return out;
}

ast::Pattern Parser::pattern() {
  auto node = c_.open(NodeKind::pattern);
  auto start = c_.position();
  ast::Pattern p;
  p.name = c_.name("the name of an event or finding");
  if (c_.is("by") && c_.is_name(1)) {
    c_.accept("by");
    if (c_.accept("the same party")) {
      p.who = ast::Pattern::Who::same_party;
    } else if (c_.accept("anyone")) {
      p.who = ast::Pattern::Who::anyone;
    } else if (c_.accept("each of")) {
      p.who = ast::Pattern::Who::each;
      p.parties = names("a party or group");
    } else {
      p.who = ast::Pattern::Who::one;
      p.parties.push_back(c_.take());
    }
  }
  if (c_.accept("where")) {
    p.tests.push_back(test());
    while (c_.is("and") && at_test(1)) {
      c_.accept("and");
      p.tests.push_back(test());
    }
  }
  p.grade = grade();
  p.at = c_.since(start);
  c_.close(node);
  return p;
}

bool Parser::at_test(std::size_t k) const {
  if (c_.is("distance to", k)) return true;
  if (!c_.is_name(k)) return false;
  return c_.is("is", k + 1) || c_.is("in", k + 1) || c_.is("outside", k + 1) || c_.is("at least", k + 1) || c_.is("at most", k + 1) ||
         c_.is("above", k + 1) || c_.is("below", k + 1);
}

std::optional<plan::Test::Op> Parser::comparison() {
  using Op = plan::Test::Op;
  if (c_.accept("at least")) return Op::at_least;
  if (c_.accept("at most")) return Op::at_most;
  if (c_.accept("above")) return Op::above;
  if (c_.accept("below")) return Op::below;
  return std::nullopt;
}

ast::Test Parser::test() {
  ast::Test t;
  auto start = c_.position();
  using Op = plan::Test::Op;
  if (c_.accept("distance to")) {
    t.distance = c_.name("the name of a zone");
  } else {
    t.field = c_.name("a field of the event");
  }
  if (c_.accept("is")) {
    t.op = c_.accept("not") ? Op::is_not : Op::is;
    t.word = c_.kind() == TokenKind::string ? c_.take() : c_.name("a word");
  } else if (c_.accept("in")) {
    t.op = Op::in;
    t.word = c_.name("a zone or weapon class");
  } else if (c_.accept("outside")) {
    t.op = Op::outside;
    t.word = c_.name("a zone");
  } else if (auto op = comparison()) {
    t.op = *op;
    t.value = measure("a quantity");
  } else {
    c_.expected("“is”, “in”, “outside”, “at least”, “at most”, “above” or “below”");
  }
  t.at = c_.since(start);
  return t;
}

std::optional<ast::Grade> Parser::grade() {
  if (c_.kind() != TokenKind::comma) return std::nullopt;
  bool occurrence = c_.is("at least", 1), attribution = c_.is("attributed at least", 1);
  if (!occurrence && !attribution) return std::nullopt;
  c_.accept(TokenKind::comma);
  ast::Grade g;
  auto start = c_.position();
  if (c_.accept("at least")) g.occurrence = c_.name("a level of evidence");
  if (c_.kind() == TokenKind::comma && c_.is("attributed at least", 1)) c_.accept(TokenKind::comma);
  if (c_.accept("attributed at least")) g.attribution = c_.name("a level of evidence");
  g.at = c_.since(start);
  return g;
}

ast::Window Parser::window() {
  ast::Window w;
  auto start = c_.position();
  if (c_.accept("since")) {
    w.since = true;
    w.anchor = anchor();
  } else {
    c_.expect("within");
    w.span = measure("a span, such as 48 hours");
    if (c_.accept("after")) w.anchor = anchor();
  }
  w.at = c_.since(start);
  return w;
}

ast::Anchor Parser::anchor() {
  ast::Anchor a;
  auto start = c_.position();
  using Kind = plan::AnchorKind;
  if (c_.accept("entry into force")) {
    a.kind = Kind::entry_into_force;
  } else if (c_.accept("the event")) {
    a.kind = Kind::the_event;
  } else if (c_.accept("the finding")) {
    a.kind = Kind::the_finding;
  } else if (c_.accept("the notice")) {
    a.kind = Kind::the_notice;
  } else if (c_.accept("ceasefire") || c_.accept("the ceasefire")) {
    a.kind = Kind::ceasefire;
  } else {
    a.kind = Kind::named;
    a.name = c_.name("an anchor: entry into force, the event, the finding, the notice, ceasefire, or an event's name");
  }
  a.at = c_.since(start);
  return a;
}

}  // namespace surety::treaty
