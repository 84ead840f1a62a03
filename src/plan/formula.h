#pragma once
// Formulas of metric first-order temporal and dynamic logic: what `treaty` builds in C++, the
// front end reads from text, and `logic` runs. A Formula is an immutable, shared tree; copying one is
// a pointer copy; equal trees have equal hashes, so subformulas of many clauses are found once.
// Thread-safe once built. docs/monitor-language.md is the manual.
//
//   // P(x) when no Q(x) in the hour before
//   Formula f = pred("P", {var("x")}) && !once(within(3600), pred("Q", {var("x")}));
//
// Syntax and semantics: Basin, Klaedtke, Müller, Zălinescu, JACM 2015; aggregations: Basin, Klaedtke,
// Marinovic, Zălinescu, FMSD 2015; regular expressions: Basin et al., IJCAR 2020 (MFODL).
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "plan/interval.h"
#include "plan/value.h"

namespace surety::plan {

enum class Op : std::uint8_t {
  truth,
  falsity,
  predicate,  // name(terms); `tp(i)`, `ts(t)`, `tpts(i,t)` are built in
  equal,
  less,
  less_equal,  // terms[0] ? terms[1]; > and >= are swapped when built
  substring,
  matches,  // matches: terms[2…] take the groups, wildcard() skips one
  negation,
  conjunction,
  disjunction,
  implication,
  equivalence,
  exists,
  forall,  // vars, sub[0]
  previous,
  next,
  once,
  historically,
  eventually,
  always,  // interval, sub[0]
  since,
  until,      // sub[0] since sub[1]
  aggregate,  // name <- aggregate(over; vars) sub[0]
  let,
  let_past,  // name(vars) = sub[0] in sub[1]; let_past: sub[0] may use name
  match_past,
  match_future,  // interval, regex over the tests in sub
};

enum class Aggregate : std::uint8_t { count, sum, average, minimum, maximum, median };

// Regular expression over time-points: `any` steps to the next point, `test` stays and holds.
struct Regex {
  enum class Op : std::uint8_t { any, test, concat, either, star };
  Op op = Op::any;
  std::size_t test = 0;      // index into Node::sub
  std::vector<Regex> parts;  // concat, either: two or more; star: one
  bool operator==(const Regex&) const = default;
};

struct Node;
class Formula {
 public:
  Formula();  // truth
  explicit Formula(Node node);
  const Node* operator->() const { return node_.get(); }
  const Node& operator*() const { return *node_; }
  // Of the whole tree, positions left out.
  const Digest& hash() const;
  bool operator==(const Formula& o) const { return node_ == o.node_ || hash() == o.hash(); }
  bool same_object(const Formula& o) const { return node_ == o.node_; }

 private:
  std::shared_ptr<const Node> node_;
};
using FormulaPtr = Formula;  // a Formula is itself a pointer; never null, by default TRUE

struct Node {
  Op op = Op::truth;
  std::string name;
  std::vector<Term> terms;
  std::vector<std::string> vars;  // bound, parameters, or group-by
  std::string over;               // aggregate: the variable that is counted or added
  Aggregate aggregate = Aggregate::count;
  Interval interval;
  Regex regex;
  std::vector<Formula> sub;
  std::uint32_t at = 0;  // byte offset in the text it was read from; not part of the hash
  // Set by Formula:
  int depth = 1;
  Digest digest{};
};

// Builders.
Formula truth();
Formula falsity();
Formula pred(std::string name, std::vector<Term> terms = {});
Formula eq(Term a, Term b);
Formula ne(Term a, Term b);  // NOT a = b
Formula lt(Term a, Term b);
Formula le(Term a, Term b);
Formula gt(Term a, Term b);
Formula ge(Term a, Term b);
Formula substring(Term part, Term whole);
Formula matches(Term s, Term pattern, std::vector<Term> groups = {});
Formula operator!(Formula f);
Formula operator&&(Formula a, Formula b);
Formula operator||(Formula a, Formula b);
Formula implies(Formula a, Formula b);
Formula equivalent(Formula a, Formula b);
Formula all_of(const std::vector<Formula>& fs);            // truth when empty; left-associative
Formula any_of(const std::vector<Formula>& fs);            // falsity when empty
Formula exists(std::vector<std::string> vars, Formula f);  // f itself when vars is empty
Formula forall(std::vector<std::string> vars, Formula f);
Formula previous(Interval i, Formula f);
Formula next(Interval i, Formula f);
Formula once(Interval i, Formula f);
Formula historically(Interval i, Formula f);
Formula eventually(Interval i, Formula f);
Formula always(Interval i, Formula f);
Formula since(Formula a, Interval i, Formula b);
Formula until(Formula a, Interval i, Formula b);
Formula aggregate(std::string result, Aggregate a, std::string over, std::vector<std::string> by, Formula f);
Formula let(std::string name, std::vector<std::string> params, Formula def, Formula in);
Formula let_past(std::string name, std::vector<std::string> params, Formula def, Formula in);
Formula match_past(Interval i, Regex r, std::vector<Formula> tests);
Formula match_future(Interval i, Regex r, std::vector<Formula> tests);

// Free variables in order of first occurrence, the right side of SINCE and UNTIL before the left:
// the columns of a verdict, in the order in which the peers print them.
std::vector<std::string> free_variables(const Formula& f);

// The canonical text: parses back to an equal formula. `text_short` cuts at `limit` for messages.
std::string text(const Formula& f);
std::string text_short(const Formula& f, std::size_t limit = 80);

const char* name_of(Op op);        // "AND", "SINCE"
const char* name_of(Aggregate a);  // "CNT"

}  // namespace surety::plan
