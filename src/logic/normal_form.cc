#include "logic/normal_form.h"

#include <algorithm>
#include <map>
#include <utility>

namespace surety::logic {
using plan::Formula;
using plan::Op;
using plan::Term;

void conjuncts(const Formula& f, std::vector<Formula>& into) {
  if (f->op == Op::conjunction) {
    for (auto& s : f->sub) conjuncts(s, into);
  } else if (f->op != Op::truth) {
    into.push_back(f);
  }
}

Formula rename(const Formula& f, const std::string& from, const std::string& to) {
  const auto free = plan::free_variables(f);
  if (std::find(free.begin(), free.end(), from) == free.end()) return f;
  plan::Node n = *f;
  n.digest = {};
  auto in_term = [&](auto& self, Term& t) -> void {
    if (t.op == Term::Op::variable && t.name == from) t.name = to;
    for (auto& a : t.args) self(self, a);
  };
  if (n.op == Op::aggregate) {
    if (n.name == from) n.name = to;
    bool grouped = std::find(n.vars.begin(), n.vars.end(), from) != n.vars.end();
    if (!grouped) return Formula(std::move(n));
    std::replace(n.vars.begin(), n.vars.end(), from, to);
    if (n.over == from) n.over = to;
  }
  for (auto& t : n.terms) in_term(in_term, t);
  if (n.op == Op::let || n.op == Op::let_past) {
    n.sub[1] = rename(n.sub[1], from, to);
  } else {
    for (auto& s : n.sub) s = rename(s, from, to);
  }
  return Formula(std::move(n));
}

Formula begun_with(const plan::Node& match, Formula test) {
  using plan::Regex;
  plan::Node n = match;
  n.digest = {};
  n.regex = Regex{Regex::Op::concat, 0, {Regex{Regex::Op::test, n.sub.size(), {}}, std::move(n.regex)}};
  n.sub.push_back(std::move(test));
  return Formula(std::move(n));
}

bool all_known(const Term& t, const std::set<std::string>& known) {
  std::vector<std::string> vars;
  plan::collect_variables(t, vars);
  return std::all_of(vars.begin(), vars.end(), [&](auto& v) { return known.contains(v); });
}

int assigned_side(const plan::Node& n, const std::set<std::string>& known) {
  for (int k : {0, 1}) {
    const Term &to = n.terms[static_cast<std::size_t>(k)], &from = n.terms[static_cast<std::size_t>(1 - k)];
    if (n.op == Op::equal && to.op == Term::Op::variable && !known.contains(to.name) && all_known(from, known)) return k;
  }
  return -1;
}

bool negative_form(const Formula& f) {
  if (f->op == Op::conjunction) return negative_form(f->sub[0]) && negative_form(f->sub[1]);
  return f->op == Op::negation || f->op == Op::implication || f->op == Op::forall;
}

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
      case Op::conjunction:
        if (!negative_form(n.sub[0]) || !negative_form(n.sub[1])) break;
        return visit(n.sub[0], true) || visit(n.sub[1], true);
      case Op::forall:
        return plan::exists(n.vars, visit(n.sub[0], true));
      case Op::historically:
        return plan::once(n.interval, visit(n.sub[0], true));
      case Op::always:
        return plan::eventually(n.interval, visit(n.sub[0], true));
      default:
        break;
    }
    return !plain(n);
  }

  // Keeps the original alive, so that its address stays its own.
  std::map<std::pair<const plan::Node*, bool>, std::pair<Formula, Formula>> known_;
  int counter_ = 0;
};

Formula with_place(const Formula& f, std::uint32_t at) {
  if (f->at == at) return f;
  plan::Node n = *f;
  n.at = at;
  return Formula(std::move(n));
}

Formula negated(const Formula& f);

Formula core_node(const Formula& f) {
  const plan::Node& n = *f;
  const auto& s = n.sub;
  switch (n.op) {
    case Op::negation:
      return negated(s[0]);
    case Op::implication:
      return negated(s[0]) || core(s[1]);
    case Op::equivalence: {
      return (core(s[0]) && core(s[1])) || (negated(s[0]) && negated(s[1]));
    }
    case Op::forall:
      return !plan::exists(n.vars, negated(s[0]));
    case Op::historically:
      return !plan::once(n.interval, negated(s[0]));
    case Op::always:
      return !plan::eventually(n.interval, negated(s[0]));
    default:
      break;
  }
  if (s.empty()) return f;
  plan::Node copy = n;
  for (Formula& sub : copy.sub) sub = core(sub);
  return Formula(std::move(copy));
}

// The core of NOT f.
Formula negated_node(const Formula& f) {
  const plan::Node& n = *f;
  const auto& s = n.sub;
  switch (n.op) {
    case Op::truth:
      return plan::falsity();
    case Op::falsity:
      return plan::truth();
    case Op::negation:
      return core(s[0]);
    case Op::implication:
      return core(s[0]) && negated(s[1]);
    case Op::disjunction:
      return negated(s[0]) && negated(s[1]);
    case Op::conjunction:
      return negative_form(f) ? negated(s[0]) || negated(s[1]) : !core(f);
    case Op::equivalence:
      return (core(s[0]) && negated(s[1])) || (negated(s[0]) && core(s[1]));
    case Op::forall:
      return plan::exists(n.vars, negated(s[0]));
    case Op::historically:
      return plan::once(n.interval, negated(s[0]));
    case Op::always:
      return plan::eventually(n.interval, negated(s[0]));
    default:
      return !core(f);
  }
}
Formula negated(const Formula& f) { return with_place(negated_node(f), f->at); }

std::optional<Formula> end_of(const plan::Node& n, const plan::Regex& r) {
  if (r.op == plan::Regex::Op::concat) return end_of(n, r.parts.back());
  if (r.op == plan::Regex::Op::test && n.sub[r.test]->op != Op::negation) return n.sub[r.test];
  if (r.op != plan::Regex::Op::either) return std::nullopt;
  std::vector<Formula> all;
  for (const plan::Regex& p : r.parts) {
    auto end = end_of(n, p);
    if (!end) return std::nullopt;
    all.push_back(std::move(*end));
  }
  return plan::any_of(all);
}

}  // namespace

Formula core(const Formula& f) { return with_place(core_node(f), f->at); }

std::optional<Formula> far_end(const plan::Node& match) { return end_of(match, match.regex); }

Formula normal_form(const Formula& f) { return Normalizer().positive(f); }

}  // namespace surety::logic
