#include "plan/condition.h"

#include <algorithm>
#include <utility>

namespace surety::plan {
namespace {

Term substituted(const Term& t, const std::string& variable, const Term& by) {
  if (t.op == Term::Op::variable && t.name == variable) return by;
  Term out = t;
  for (auto& a : out.args) a = substituted(a, variable, by);
  return out;
}

bool binds(const Node& n, const std::string& variable) {
  bool quantifier = n.op == Op::exists || n.op == Op::forall;
  return quantifier && std::find(n.vars.begin(), n.vars.end(), variable) != n.vars.end();
}

}  // namespace

Formula substitute(const Formula& f, const std::string& variable, const Term& by) {
  if (binds(*f, variable)) return f;
  Node n = *f;
  for (auto& t : n.terms) t = substituted(t, variable, by);
  // In a LET only the body can see the outer variable: its definition has parameters of its own.
  if (n.op == Op::let || n.op == Op::let_past) {
    n.sub[1] = substitute(n.sub[1], variable, by);
  } else {
    for (auto& s : n.sub) s = substitute(s, variable, by);
  }
  if (n.op == Op::aggregate) {
    // A variable that an aggregate does not group by is its own, not ours.
    auto in_group = std::find(n.vars.begin(), n.vars.end(), variable);
    if (in_group == n.vars.end()) return f;
    n.vars.erase(in_group);
  }
  n.depth = 1;
  return Formula(std::move(n));
}

}  // namespace surety::plan
