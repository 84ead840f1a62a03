#include <array>

#include "treaty/lexer.h"
#include "treaty/parser_impl.h"

namespace surety::treaty {

using Kind = ast::Line::Kind;

Parser::Parser(Tree& tree, std::vector<Diagnostic>& diagnostics) : tree_(tree), c_(tree, diagnostics) {
  std::string_view before;
  for (const auto& t : tree.tokens) {
    if (is_trivia(t.kind)) continue;
    if (before == "parameter" && t.kind == TokenKind::word) parameters_.emplace(tree.text_of(t));
    before = tree.text_of(t);
  }
}

ast::Document Parser::document() {
  auto node = c_.open(NodeKind::document);
  ast::Document d;
  agreement_line(d);
  while (!c_.at_end()) {
    auto before = c_.position();
    item(d);
    if (c_.position() == before) c_.skip_one();
  }
  c_.close(node, d.name.text);
  tree_.nodes[node].first = 0;
  tree_.nodes[node].last = static_cast<std::uint32_t>(tree_.tokens.size());
  return d;
}

void Parser::agreement_line(ast::Document& d) {
  auto node = c_.open(NodeKind::header);
  if (c_.accept("agreement")) {
    d.name = c_.name("the agreement's name, one word or words joined with hyphens");
    c_.expect("version");
    if (c_.kind() == TokenKind::word || c_.kind() == TokenKind::number || c_.kind() == TokenKind::instant)
      d.version = c_.take();
    else
      c_.expected("a version, such as 1.0 or 2026.01.06");
    end_of_item("“.” after the version");
  } else {
    c_.expected("“agreement NAME version VERSION.”", "every text begins with that line");
  }
  c_.close(node, "agreement " + d.name.text);
}

void Parser::item(ast::Document& d) {
  if (c_.is("clause")) {
    d.clauses.push_back(clause());
  } else if (c_.is("status")) {
    d.machines.push_back(status());
  } else if (at_declaration()) {
    d.declarations.push_back(declaration());
  } else {
    auto node = c_.open(NodeKind::header);
    auto start = c_.position();
    auto line = header_line();
    if (line.kind == Kind::error)
      recover_to_item();
    else
      end_of_item("“.” at the end of the line");
    line.at = c_.since(start);
    d.header.push_back(std::move(line));
    c_.close(node);
  }
}

void Parser::end_of_item(std::string_view what) {
  if (c_.accept(TokenKind::dot)) return;
  c_.expected(what);
  recover_to_item();
}

void Parser::recover_to_item() {
  while (!c_.at_end() && !at_item())
    if (c_.accept(TokenKind::dot))
      return;
    else
      c_.skip_one();
}

// Whether a new item surely begins here even though the last one had no full stop.
bool Parser::at_item() const {
  auto next = c_.kind(1);
  if (c_.is("clause")) return (next == TokenKind::word || next == TokenKind::number) && c_.kind(2) == TokenKind::string;
  if (next != TokenKind::word) return c_.is("history") && next == TokenKind::string && c_.kind(2) == TokenKind::string;
  if (c_.is("status")) return c_.kind(2) == TokenKind::word && (c_.is("to", 3) || c_.kind(3) == TokenKind::comma);
  if (c_.is("event")) return c_.kind(2) == TokenKind::open_brace || c_.is("reported as", 2);
  if (c_.is("finding") || c_.is("act")) return c_.is("is", 2) || c_.kind(2) == TokenKind::open;
  if (c_.is("zone") || c_.is("weapon") || c_.is("parameter") || c_.is("group")) return c_.kind(2) == TokenKind::equals;
  if (c_.is("evidence")) return c_.is("means", 2);
  if (c_.is("purpose")) return c_.kind(2) == TokenKind::string;
  return c_.is("in force from") || c_.is("in force when") || c_.is("objection by");
}

ast::Line Parser::header_line() {
  ast::Line l;
  auto text = "a text in quotation marks";
  if (c_.accept("title")) {
    l.kind = Kind::title;
    l.word = c_.string(text);
  } else if (c_.accept("parties")) {
    l.kind = Kind::parties;
    l.names = names("a party's name");
  } else if (c_.accept("group")) {
    l.kind = Kind::group;
    l.word = c_.name("the group's name");
    c_.expect(TokenKind::equals, "“=”");
    l.names = names("a party");
  } else if (c_.accept("body")) {
    body_line(l);
  } else if (c_.accept("clock")) {
    clock_line(l);
  } else if (c_.accept("binding")) {
    l.kind = Kind::binding;
    binding(l);
  } else if (c_.accept("releasable to")) {
    l.kind = Kind::releasable;
    l.names = names("a party or group");
  } else if (c_.accept("signed by")) {
    l.kind = Kind::signed_by;
    l.names = names("who signed");
  } else if (c_.accept("endorsed by")) {
    l.kind = Kind::endorsed_by;
    l.names = names("who endorses it");
  } else if (c_.accept("source")) {
    l.kind = Kind::source;
    l.word = c_.string("the source in quotation marks");
    if (c_.accept("sha256")) l.second = clause_id();
  } else if (c_.accept("note")) {
    l.kind = Kind::note;
    l.word = c_.string(text);
  } else if (c_.accept("in force")) {
    in_force_line(l);
  } else {
    c_.expected("a line of the agreement",
                "a line begins with parties, group, body, clock, binding, source, in force, event, clause, status …");
  }
  return l;
}

// word: the body; names: members; second: the chair; third: the rule; each: accused not voting.
void Parser::body_line(ast::Line& l) {
  l.kind = Kind::body;
  l.word = c_.name("the body's name");
  c_.expect("of");
  l.names = names("a member");
  if (c_.accept("chaired by")) l.second = c_.name("who chairs it");
  if (c_.accept("deciding by")) {
    if (c_.is("majority") || c_.is("unanimity") || c_.is("chair"))
      l.third = c_.take();
    else
      c_.expected("“majority”, “unanimity” or “chair”");
    if (c_.kind() == TokenKind::comma && c_.is("accused not voting", 1)) {
      c_.accept(TokenKind::comma);
      l.each = c_.accept("accused not voting");
    }
  }
}

// word: the zone; second: rounding; third: excluded or counted.
void Parser::clock_line(ast::Line& l) {
  l.kind = Kind::clock;
  l.word = c_.name("a time zone, such as Europe/Kyiv");
  while (c_.accept(TokenKind::comma)) {
    if (c_.accept("months round")) {
      if (c_.is("down") || c_.is("up") || c_.is("refuse"))
        l.second = c_.take();
      else
        c_.expected("“down”, “up” or “refuse”");
    } else if (c_.accept("start day")) {
      if (c_.is("excluded") || c_.is("counted"))
        l.third = c_.take();
      else
        c_.expected("“excluded” or “counted”");
    } else {
      c_.expected("“months round …” or “start day …”");
      return;
    }
  }
}

// word: from; second: until; cond: when.
void Parser::in_force_line(ast::Line& l) {
  l.kind = Kind::in_force;
  if (c_.accept("from")) {
    l.word = instant("the instant of entry into force");
    if (c_.accept("until")) l.second = instant("the instant at which it ends");
    if (c_.accept("when")) l.cond = condition();
  } else if (c_.accept("when")) {
    l.cond = condition();
  } else {
    c_.expected("“from” an instant, or “when” a condition");
  }
}

ast::Status Parser::status() {
  auto node = c_.open(NodeKind::status);
  auto start = c_.position();
  ast::Status s;
  c_.accept("status");
  s.name = c_.name("a name for the status block");
  while (c_.is_name() && !at_item()) {
    auto transition_node = c_.open(NodeKind::transition);
    auto from = c_.position();
    ast::Transition t;
    t.from = names("a state");
    bool read = c_.expect("to");
    if (read) {
      t.to = c_.name("a state");
      read = c_.expect("when");
    }
    if (read) t.when = condition();
    t.at = c_.since(from);
    c_.close(transition_node, "to " + t.to.text);
    s.transitions.push_back(std::move(t));
    if (!read) break;
  }
  if (s.transitions.empty()) c_.expected("a transition: STATE to STATE when CONDITION");
  end_of_item("“.” at the end of the status block");
  s.at = c_.since(start);
  c_.close(node, "status " + s.name.text);
  return s;
}

Parsed parse(std::string text, std::vector<Diagnostic>& diagnostics) {
  Parsed out;
  out.tree.text = std::move(text);
  out.tree.tokens = lex(out.tree.text, diagnostics);
  out.document = Parser(out.tree, diagnostics).document();
  return out;
}

}  // namespace surety::treaty
