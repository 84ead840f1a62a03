#pragma once
// The recursive-descent parser itself. Internal: parser.h is the door. One production a function,
// named after the grammar in docs/language.md.
#include <optional>
#include <set>
#include <string>

#include "treaty/cursor.h"
#include "treaty/parser.h"

namespace surety::treaty {

class Parser {
 public:
  Parser(Tree& tree, std::vector<Diagnostic>& diagnostics);
  ast::Document document();

 private:
  // parse_document.cc
  void item(ast::Document& d);
  void end_of_item(std::string_view what);
  void recover_to_item();
  bool at_item() const;
  void agreement_line(ast::Document& d);
  ast::Line header_line();
  void clock_line(ast::Line& l);
  void body_line(ast::Line& l);
  void in_force_line(ast::Line& l);
  ast::Status status();
  // parse_declaration.cc
  bool at_declaration() const;
  ast::Declaration declaration();
  void evidence(ast::Declaration& d);
  void zone(ast::Declaration& d);
  void weapon(ast::Declaration& d);
  void event(ast::Declaration& d);
  void act(ast::Declaration& d);
  void finding(ast::Declaration& d);
  void parameter(ast::Declaration& d);
  void purpose(ast::Declaration& d);
  void objection(ast::Declaration& d);
  void history(ast::Declaration& d);
  // parse_clause.cc
  ast::Clause clause();
  ast::Line clause_line();
  bool at_norm() const;
  bool at_clause_line() const;
  void norm(ast::Line& l);
  ast::Action action();
  ast::Argument argument();
  void withdrawn(ast::Line& l);
  void reading(ast::Line& l);
  void time_line(ast::Line& l);
  // parse_condition.cc
  ast::Cond condition(bool in_clause = false);
  ast::Cond either();
  ast::Cond both();
  ast::Cond negated();
  ast::Cond atom();
  ast::Cond quiet();
  ast::Cond count();
  ast::Cond sum();
  ast::Cond clauses();
  ast::Pattern pattern();
  bool at_test(std::size_t k = 0) const;
  bool at_window() const;
  ast::Test test();
  std::optional<plan::Test::Op> comparison();
  std::optional<ast::Grade> grade();
  ast::Window window();
  ast::Anchor anchor();
  // parse_parts.cc
  ast::Words names(std::string_view what);
  ast::Words refs();
  ast::Word clause_id();
  ast::Words strings();
  ast::Measure measure(std::string_view what);
  ast::Word instant(std::string_view what);
  void binding(ast::Line& l);

  Tree& tree_;
  Cursor c_;
  std::set<std::string, std::less<>> parameters_;  // names of `parameter` lines, wherever they stand
  int depth_ = 0;                                  // of conditions, against kNestingLimit
  int parentheses_ = 0;
  bool in_clause_ = false;  // "within … after …" after a condition is then the clause's deadline
};

}  // namespace surety::treaty
