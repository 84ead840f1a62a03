#include "logic/normal_form.h"

#include <algorithm>
#include <map>
#include <utility>

namespace surety::logic {
using plan::Formula;
using plan::Op;
using plan::Term;

namespace {

class Normalizer {
 public:
  Formula positive(const Formula& f) { return visit(unique(f, {}), false); }

 private:
  using Names = std::map<std::string, std::string>;

  // Every bound variable under a name of its own (y#3), so that subformulas may be moved about.
  Formula unique(const Formula& f, const Names& names) {
    plan::Node n = *f;
    n.digest = {};
    Names inner = names;
    auto bind = [&](std::string& v) {
      inner[v] = v.substr(0, v.find('#')) + "#" + std::to_string(++counter_);
      v = inner[v];
    };
    auto name = [](const Names& in, std::string& v) {
      if (auto it = in.find(v); it != in.end()) v = it->second;
    };
    auto in_term = [&](auto& self, Term& t) -> void {
      if (t.op == Term::Op::variable) name(names, t.name);
      for (auto& a : t.args) self(self, a);
    };
    for (auto& t : n.terms) in_term(in_term, t);
    if (n.op == Op::exists || n.op == Op::forall) {
      for (auto& v : n.vars) bind(v);
    } else if (n.op == Op::aggregate) {
      for (auto v : plan::free_variables(n.sub[0]))
        if (std::find(n.vars.begin(), n.vars.end(), v) == n.vars.end()) bind(v);
      name(names, n.name);
      for (auto& v : n.vars) name(names, v);
      name(inner, n.over);
    } else if (n.op == Op::let || n.op == Op::let_past) {
      n.sub[0] = unique(n.sub[0], {});
      n.sub[1] = unique(n.sub[1], names);
      return Formula(std::move(n));
    }
    for (auto& s : n.sub) s = unique(s, inner);
    return Formula(std::move(n));
  }

  Formula visit(const Formula& f, bool negated) {
    auto key = std::pair(&*f, negated);
    if (auto it = known_.find(key); it != known_.end()) return it->second.second;
    Formula g = negated ? negative(*f) : plain(*f);
    known_.emplace(key, std::pair(f, g));
    return g;
  }

  Formula rebuilt(const plan::Node& n) {
    plan::Node m = n;
    m.digest = {};
    for (auto& s : m.sub) s = visit(s, false);
    return Formula(std::move(m));
  }

  // P(x + 1) becomes EXISTS t. P(t) AND t = x + 1.
  Formula predicate(const plan::Node& n) {
    plan::Node m = n;
    std::vector<std::string> fresh;
    std::vector<Formula> parts;
    for (auto& t : m.terms) {
      if (t.op == Term::Op::variable || t.op == Term::Op::constant) continue;
      fresh.push_back("#" + std::to_string(++counter_));
      if (t.op != Term::Op::wildcard) parts.push_back(plan::eq(plan::var(fresh.back()), t));
      t = plan::var(fresh.back());
    }
    if (fresh.empty()) return Formula(n);
    m.digest = {};
    parts.insert(parts.begin(), Formula(std::move(m)));
    return plan::exists(std::move(fresh), plan::all_of(parts));
  }

  Formula plain(const plan::Node& n) {
    switch (n.op) {
      case Op::negation:
        return visit(n.sub[0], true);
      case Op::implication:
        return visit(n.sub[0], true) || visit(n.sub[1], false);
      case Op::equivalence:
        return (visit(n.sub[0], true) || visit(n.sub[1], false)) && (visit(n.sub[1], true) || visit(n.sub[0], false));
      case Op::forall:
        return !plan::exists(n.vars, visit(n.sub[0], true));
      case Op::historically:
        return !plan::once(n.interval, visit(n.sub[0], true));
      case Op::always:
        return !plan::eventually(n.interval, visit(n.sub[0], true));
      case Op::predicate:
        return predicate(n);
      default:
        return rebuilt(n);
    }
  }

  Formula negative(const plan::Node& n) {
    switch (n.op) {
      case Op::truth:
        return plan::falsity();
      case Op::falsity:
        return plan::truth();
      case Op::negation:
        return visit(n.sub[0], false);
      case Op::disjunction:
        return visit(n.sub[0], true) && visit(n.sub[1], true);
      case Op::implication:
        return visit(n.sub[0], false) && visit(n.sub[1], true);
      case Op::forall:
        return plan::exists(n.vars, visit(n.sub[0], true));
      case Op::historically:
        return plan::once(n.interval, visit(n.sub[0], true));
      case Op::always:
        return plan::eventually(n.interval, visit(n.sub[0], true));
      default:
        return !plain(n);
    }
  }

  // Keeps the original alive, so that its address stays its own.
  std::map<std::pair<const plan::Node*, bool>, std::pair<Formula, Formula>> known_;
  int counter_ = 0;
};

}  // namespace

Formula normal_form(const Formula& f) { return Normalizer().positive(f); }

}  // namespace surety::logic
