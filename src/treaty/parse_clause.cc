#include <array>

#include "treaty/parser_impl.h"

namespace surety::treaty {
namespace {

using Kind = ast::Line::Kind;

// Words that begin a line of a clause; a bearer begins the one that has none.
constexpr std::array kLineWords = {"source",
                                   "to the benefit of",
                                   "when",
                                   "continuously",
                                   "within",
                                   "by",
                                   "every",
                                   "deadline unspecified",
                                   "starting",
                                   "except when",
                                   "without prejudice to",
                                   "notwithstanding",
                                   "on evidence",
                                   "otherwise",
                                   "if the finding is withdrawn",
                                   "binding",
                                   "releasable to",
                                   "survives termination",
                                   "reading",
                                   "kind",
                                   "note"};

}  // namespace

ast::Clause Parser::clause() {
  auto node = c_.open(NodeKind::clause);
  auto start = c_.position();
  ast::Clause out;
  c_.accept("clause");
  out.id = clause_id();
  out.title = c_.string("the clause's title in quotation marks");
  out.head = c_.since(start);
  in_clause_ = true;
  while (!c_.at_end() && c_.kind() != TokenKind::dot && !at_item()) {
    auto line_node = c_.open(NodeKind::clause_line);
    auto before = c_.position();
    out.lines.push_back(clause_line());
    // Nothing read, or the line broke off: go on where the next line can begin.
    if (c_.position() == before) c_.skip_one();
    auto ends = [&] { return c_.at_end() || c_.kind() == TokenKind::dot || at_clause_line() || at_item(); };
    if (!ends()) c_.expected("a line of the clause", "an act of several words is joined with hyphens: determine-remedies");
    while (!ends()) c_.skip_one();
    c_.close(line_node);
  }
  in_clause_ = false;
  end_of_item("“.” at the end of the clause");
  out.at = c_.since(start);
  c_.close(node, "clause " + out.id.text);
  return out;
}

bool Parser::at_norm() const {
  std::size_t k = c_.is("each of") ? 2 : 0;
  if (!c_.is_name(k)) return false;
  ++k;
  while (c_.kind(k) == TokenKind::comma && c_.is_name(k + 1)) k += 2;
  return c_.is("must", k) || c_.is("may", k) || c_.is("has power to", k);
}

bool Parser::at_clause_line() const {
  for (const char* words : kLineWords)
    if (c_.is(words)) return true;
  return at_norm();
}

ast::Line Parser::clause_line() {
  ast::Line l;
  auto start = c_.position();
  if (c_.accept("source")) {
    l.kind = Kind::source;
    l.word = c_.string("the place in the source, in quotation marks");
    if (c_.accept("sha256")) l.second = clause_id();
  } else if (c_.accept("to the benefit of")) {
    l.kind = Kind::benefit;
    l.names = names("a party, group or body");
  } else if (c_.accept("when")) {
    l.kind = Kind::when;
    l.cond = condition(true);
  } else if (c_.accept("except when")) {
    l.kind = Kind::except;
    l.cond = condition(true);
  } else if (c_.accept("without prejudice to")) {
    l.kind = Kind::without_prejudice;
    l.refs = refs();
  } else if (c_.accept("notwithstanding")) {
    l.kind = Kind::notwithstanding;
    l.refs = refs();
  } else if (c_.accept("otherwise")) {
    l.kind = Kind::otherwise;
    if (c_.is("unspecified"))
      l.word = c_.take();
    else
      l.refs = refs();
  } else if (c_.accept("if the finding is withdrawn")) {
    withdrawn(l);
  } else if (c_.accept("binding")) {
    l.kind = Kind::binding;
    binding(l);
  } else if (c_.accept("releasable to")) {
    l.kind = Kind::releasable;
    l.names = names("a party or group");
  } else if (c_.accept("survives termination")) {
    l.kind = Kind::survives;
  } else if (c_.accept("reading")) {
    reading(l);
  } else if (c_.accept("kind")) {
    l.kind = Kind::kind;
    l.word = c_.name("a kind of clause, such as consultation");
  } else if (c_.accept("note")) {
    l.kind = Kind::note;
    l.word = c_.string("a text in quotation marks");
  } else if (c_.accept("on evidence")) {
    l.kind = Kind::evidence;
    ast::Grade g;
    auto at = c_.position();
    if (c_.accept("at least"))
      g.occurrence = c_.name("a level of evidence");
    else if (!c_.is("attributed at least"))
      c_.expected("“at least” and a level of evidence");
    if (c_.kind() == TokenKind::comma && c_.is("attributed at least", 1)) c_.accept(TokenKind::comma);
    if (c_.accept("attributed at least")) g.attribution = c_.name("a level of evidence");
    g.at = c_.since(at);
    l.grade = g;
  } else {
    time_line(l);
  }
  l.at = c_.since(start);
  return l;
}

void Parser::time_line(ast::Line& l) {
  if (c_.accept("continuously")) {
    l.kind = Kind::continuously;
    if (c_.accept("from")) l.anchor = anchor();
  } else if (c_.is("within")) {
    l.kind = Kind::within;
    l.window = window();
  } else if (c_.accept("starting")) {
    l.kind = Kind::starting;
    if (c_.is("within"))
      l.window = window();
    else
      c_.expected("“within”");
  } else if (c_.accept("by")) {
    l.kind = Kind::by;
    l.word = instant("an instant");
  } else if (c_.accept("every")) {
    l.kind = Kind::every;
    l.span = measure("a span, such as 30 calendar days");
  } else if (c_.accept("deadline unspecified")) {
    l.kind = Kind::unspecified;
  } else if (at_norm()) {
    norm(l);
  } else {
    c_.expected("a line of the clause", "the bearer comes first: each of Coalition must consult");
  }
}

// names: the bearers; word: must, must not, may, has power to.
void Parser::norm(ast::Line& l) {
  l.kind = Kind::norm;
  l.each = c_.accept("each of");
  l.names = names("who is obliged");
  auto start = c_.position();
  if (c_.accept("must not"))
    l.word.text = "must not";
  else if (c_.accept("must"))
    l.word.text = "must";
  else if (c_.accept("may"))
    l.word.text = "may";
  else if (c_.accept("has power to"))
    l.word.text = "has power to";
  l.word.at = c_.since(start);
  l.actions.push_back(action());
  while (c_.is("and") || c_.is("or")) {
    l.actions.back().and_next = c_.is("and");
    c_.skip_one();
    l.actions.push_back(action());
  }
}

ast::Action Parser::action() {
  ast::Action a;
  a.name = c_.name("what is to be done, one word or words joined with hyphens");
  if (!c_.accept(TokenKind::open)) return a;
  a.arguments.push_back(argument());
  while (c_.accept(TokenKind::comma)) a.arguments.push_back(argument());
  c_.expect(TokenKind::close, "“)”");
  return a;
}

ast::Argument Parser::argument() {
  ast::Argument out;
  auto start = c_.position();
  if (c_.kind() == TokenKind::string) {
    out.text = c_.take().text;
    out.at = c_.since(start);
    return out;
  }
  if (c_.is("clause") || c_.is("clauses")) {
    out.refs = refs();
  } else if (c_.kind() == TokenKind::number) {
    out.measure = measure("a quantity");
  } else {
    out.word = c_.name("a quantity, a text, a clause or a name");
  }
  out.text = c_.text_since(start);
  out.at = c_.since(start);
  return out;
}

void Parser::withdrawn(ast::Line& l) {
  l.kind = Kind::withdrawn;
  if (c_.is("void") || c_.is("cease") || c_.is("continue"))
    l.word = c_.take();
  else if (c_.is("clause") || c_.is("clauses"))
    l.refs = refs();
  else
    c_.expected("“void”, “cease”, “continue” or clauses");
}

// word: the reading's name; second: when or performed.
void Parser::reading(ast::Line& l) {
  l.kind = Kind::reading;
  l.word = c_.name("a name for the reading");
  if (c_.is("when") || c_.is("performed"))
    l.second = c_.take();
  else
    c_.expected("“when” or “performed”");
  c_.expect(TokenKind::colon, "“:”");
  l.cond = condition(true);
}

}  // namespace surety::treaty
