#pragma once
// The checker itself. Internal: checker.h is the door. Split over check*.cc by what is checked and
// lower*.cc by what is turned into formulas.
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "treaty/checker.h"
#include "treaty/names.h"
#include "treaty/parser.h"

namespace surety::treaty {

// Where a condition stands, which settles what its words refer to.
struct Scope {
  const plan::Clause* clause = nullptr;  // its bearers are meant by "bearer"; absent: outside clauses
  bool bearer = false;                   // "by bearer" has a meaning
  bool by_bearer = false;                // a pattern that does not say who means the bearer
  bool warn_grade = true;
  model::Grade occurrence = model::Grade::none, attribution = model::Grade::none;  // on evidence …
  std::map<std::string, const ast::Argument*, std::less<>> arguments;              // of the act being spelled out
  std::set<std::string, std::less<>> open;                                         // an act's parameters, when nothing is put in for them
  std::vector<const ast::Cond*> before;                                            // what "the event" and "the finding" can mean
  std::set<std::uint32_t> patterns;                                                // gathered while lowering
  std::set<std::string> parameters;
  std::string counts_as;  // the finding being spelled out
};

// How a condition is read: `standing` is a state of affairs, true from when it has come about;
// `trigger` may be pointwise, one instance an incident; `pointwise` always is.
enum class Mode { standing, trigger, pointwise };

struct Pair {
  plan::Formula certain, possible;
};

class Checker {
 public:
  Checker(const ast::Document& document, const Tree& tree, std::vector<Diagnostic>& diagnostics);
  plan::Agreement run();

 private:
  // check.cc: the header, and words that recur
  void header();
  void header_line(const ast::Line& l);
  void group_line(const ast::Line& l);
  void body_line(const ast::Line& l);
  void clock_line(const ast::Line& l);
  void in_force_line(const ast::Line& l);
  plan::BindingLine binding(const ast::Line& l, Scope scope);
  std::vector<std::string> spread(const ast::Words& names, std::string_view what);
  std::vector<std::string> readers(const ast::Words& names);
  std::vector<std::string> clause_refs(const ast::Words& refs);
  model::Grade level(const ast::Word& w);
  using Arguments = std::map<std::string, const ast::Argument*, std::less<>>;
  std::string written(ast::At at, const Arguments& put_in = {}) const;
  bool body(const ast::Word& w);
  // check_measures.cc
  std::optional<plan::AnySpan> span(const ast::Measure& m, Scope& scope);
  std::optional<std::int64_t> count(const ast::Measure& m, Scope& scope);
  std::optional<Quantity> quantity(const ast::Measure& m, Scope& scope);
  std::optional<plan::AnySpan> span_of(const ast::Measure& m);
  std::optional<Quantity> quantity_of(const ast::Measure& m);
  const plan::Parameter* parameter(const ast::Measure& m, Scope& scope);
  std::optional<Instant> instant(const ast::Word& w, bool end_of_day = false);
  bool needs_clock(ast::At at);
  bool unit_fits(const Quantity& q, std::string_view type) const;
  void check_unit(const Quantity& q, std::string_view type, std::string_view what, ast::At at);
  // check_declarations.cc
  void declarations();
  void parameters();
  void events();
  void evidence(const ast::Declaration& d);
  void zone(const ast::Declaration& d);
  void weapon(const ast::Declaration& d);
  void event(const ast::Declaration& d);
  void finding(const ast::Declaration& d);
  void act(const ast::Declaration& d);
  void paper(const ast::Declaration& d);
  void circular_findings();
  void note_countable(const std::string& name);
  void circular_zones();
  // check_clauses.cc
  void clauses();
  void clause_head(const ast::Clause& c, plan::Clause& out);
  void clause_line(const ast::Line& l, plan::Clause& out);
  void time_line(const ast::Line& l, plan::Clause& out);
  void norm_line(const ast::Line& l, plan::Clause& out);
  void clause_conditions(const ast::Clause& c, plan::Clause& out);
  plan::Reading reading(const ast::Line& l, const plan::Clause& clause, Scope scope);
  plan::ActionTerm action(const ast::Action& a, const plan::Clause& clause, Scope scope);
  void arguments(const ast::Action& a, const ast::Declaration* act);
  std::optional<plan::Anchor> anchor(const ast::Anchor& a);
  void once_each(const ast::Clause& c);
  void machine(const ast::Status& s);
  void mixed(const ast::Cond& c);
  // lower.cc
  plan::Condition condition(const ast::Cond& c, Scope& scope, Mode mode);
  Pair lower(const ast::Cond& c, Scope& scope);
  Pair lower_both(const ast::Cond& c, Scope& scope);
  Pair lower_either(const ast::Cond& c, Scope& scope);
  Pair lower_negated(const ast::Cond& c, Scope& scope, const std::set<std::string>& keep);
  Pair lower_lapsed(const ast::Cond& c, Scope& scope);
  Pair lower_quiet(const ast::Cond& c, Scope& scope);
  Pair lower_count(const ast::Cond& c, Scope& scope);
  Pair lower_sum(const ast::Cond& c, Scope& scope);
  Pair lower_state(const ast::Cond& c, Scope& scope);
  Pair lower_clauses(const ast::Cond& c, Scope& scope, bool pointwise);
  Pair lower_pattern(const ast::Cond& c, Scope& scope);
  std::optional<Pair> pointwise(const ast::Cond& c, Scope& scope);
  // lower_windows.cc
  std::optional<plan::Interval> trailing(const ast::Measure& m, Scope& scope, plan::From from);
  Pair windowed(Pair body, const ast::Window& w, Scope& scope);
  std::optional<plan::Interval> lapse(const ast::Window& w, Scope& scope);
  Pair anchor_happening(const ast::Anchor& a, Scope& scope);
  // lower_patterns.cc
  Pair happening(const ast::Pattern& p, const plan::Term& party, Scope& scope, const std::string& sum_field = {},
                 const std::string& sum_unit = {});
  Pair spelled_out(const ast::Cond& c, const ast::Pattern& outer, const plan::Term& party, Scope& scope);
  Pair over_parties(const ast::Pattern& p, Scope& scope, const std::function<Pair(const plan::Term&)>& each);
  bool derived(const ast::Pattern& p) const;
  bool countable(const ast::Cond& c) const;
  bool countable(const std::string& finding) const;
  const ast::Declaration* known(const ast::Pattern& p);
  plan::Pattern make_pattern(const ast::Pattern& p, Scope& scope);
  std::optional<plan::Test> test(const ast::Test& t, const ast::Pattern& p, Scope& scope);
  void distance_test(const ast::Test& t, const ast::Pattern& p, plan::Test& out);
  void word_test(const ast::Test& t, std::string_view type, plan::Test& out, Scope& scope);
  std::map<std::string, std::string, std::less<>> fields_of(std::string_view name) const;
  std::uint32_t intern(plan::Pattern p);

  const ast::Document& document_;
  const Tree& tree_;
  Reports reports_;
  Names names_;
  plan::Agreement a_;
  std::map<std::string, const ast::Declaration*, std::less<>> findings_, events_, acts_;
  std::set<std::string, std::less<>> circular_, noted_;
  std::map<std::string, bool, std::less<>> countable_;  // of findings; with their fields, found once
  std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> finding_fields_;
  std::map<std::string, std::uint32_t> interned_;
  int spelled_ = 0;  // parts spelled out in this condition, against explosion
  int nested_ = 0;   // findings inside findings, against kNestingLimit
  bool has_clock_ = false;
};

inline constexpr int kSpellingLimit = 512;

Pair closed(Pair f, const std::set<std::string>& keep);  // everything but `keep` and b quantified away
std::set<std::string> variables(const Pair& f);
std::string_view word(plan::Test::Op op);
std::string_view kinds_of_clause();  // the words that `kind` takes, with commas

}  // namespace surety::treaty
