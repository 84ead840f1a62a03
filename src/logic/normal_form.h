#pragma once
// Formulas in the few operators that are built: no implication, equivalence, FORALL, HISTORICALLY or
// ALWAYS; negation pushed to where it can be guarded; predicates over variables and constants only.
// Equal to the original at every time-point, without the end of the trace making a difference. Pure.
#include <optional>
#include <set>
#include <string>

#include "plan/formula.h"

namespace surety::logic {

plan::Formula normal_form(const plan::Formula& f);

// A normal form in which every part can be computed by itself, where guards beside it make that
// possible; equal to `normal` at every time-point that the trace decides.
plan::Formula guarded_form(const plan::Formula& normal);

// As little as explanations need of that: no IMPLIES, EQUIV, FORALL, HISTORICALLY and ALWAYS, negations
// pushed inwards; names, terms and positions stay.
plan::Formula core(const plan::Formula& f);

// Of a conjunction of such formulas NOT binds variables, which the conjunction itself does not.
bool negative_form(const plan::Formula& f);

// What is tested at the far end of a regular expression read forwards: b of (NOT a? .)* b?. Since that end
// lies in the interval, EVENTUALLY b holds where the reading begins, and can guard it. Nothing: no test is.
std::optional<plan::Formula> far_end(const plan::Node& match);

// A match whose expression begins with one more test.
plan::Formula begun_with(const plan::Node& match, plan::Formula test);

// Whether the term's variables all are; and the side of an equality, 0 or 1, that can take the value of the other; -1: none.
bool all_known(const plan::Term& t, const std::set<std::string>& known);
int assigned_side(const plan::Node& n, const std::set<std::string>& known);

// A comparison or string test: it filters rows and has none of its own.
constexpr bool is_test(plan::Op op) { return op >= plan::Op::equal && op <= plan::Op::matches; }
// Whether it asks for later points.
constexpr bool looks_ahead(plan::Op op) {
  using plan::Op;
  return op == Op::next || op == Op::eventually || op == Op::always || op == Op::until || op == Op::match_future;
}
// The parts of a conjunction of conjunctions, without TRUE.
void conjuncts(const plan::Formula& f, std::vector<plan::Formula>& into);
// `f` with free variable `from` called `to`.
plan::Formula rename(const plan::Formula& f, const std::string& from, const std::string& to);

}  // namespace surety::logic
