#include "logic/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "logic/normal_form.h"

namespace surety::logic {
using plan::Formula;
using plan::Op;
using plan::Term;
using plan::Type;
using Stage = PipelineNode::Stage;

namespace {

std::string list(const ColumnMap& columns) { return fmt::format("[{}]", fmt::join(columns, ",")); }
std::string id(const Node* n) { return Compiler::address(n); }

// A term with columns in place of variables.
std::string positional(const Term& t, const Schema& schema) {
  if (t.op == Term::Op::variable) return fmt::format("#{}", schema.find(t.name));
  if (t.op == Term::Op::constant) return plan::to_literal(t.value, t.type);
  std::string s = plan::name_of(t.op);
  s += '(';
  for (auto& a : t.args) s += positional(a, schema) + ",";
  return s + ')';
}

std::set<std::string> variables(const Formula& f) {
  auto v = plan::free_variables(f);
  return {v.begin(), v.end()};
}

bool bound(const Schema& schema, const Term& t) {
  std::vector<std::string> vars;
  plan::collect_variables(t, vars);
  return std::all_of(vars.begin(), vars.end(), [&](auto& v) { return schema.find(v) >= 0; });
}

void flatten(const Formula& f, std::vector<Formula>& into) {
  if (f->op == Op::conjunction) {
    for (auto& s : f->sub) flatten(s, into);
  } else if (f->op != Op::truth) {
    into.push_back(f);
  }
}

Error not_monitorable(const Formula& f, const std::string& variable) {
  return fail("logic.not-monitorable", "a variable is not bound by anything that has finitely many values")
      .field(variable)
      .found(plan::text_short(f))
      .help(fmt::format("add a guard: a predicate with {} in conjunction with this subformula", variable));
}

}  // namespace

Formula rename(const Formula& f, const std::string& from, const std::string& to) {
  if (!variables(f).contains(from)) return f;
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

const Compiler::Env* Compiler::find(const EnvPtr& env, const plan::Node& p) {
  for (const Env* e = env.get(); e; e = e->outer.get())
    if (e->name == p.name && e->params.size() == p.terms.size()) return e;
  return nullptr;
}

// A canonical text of what must be known of the future before a point can be evaluated.
std::string Compiler::requirement(const Formula& f, const EnvPtr& env) {
  std::set<std::string> parts;
  auto collect = [&](auto& self, const Formula& g, const EnvPtr& e) -> void {
    auto inner = [&](const std::string& how) {
      std::set<std::string> saved;
      saved.swap(parts);
      for (auto& s : g->sub) self(self, s, e);
      std::string text = fmt::format("{}{{{}}}", how, fmt::join(parts, " "));
      parts.swap(saved);
      parts.insert(std::move(text));
    };
    if (g->op == Op::next) return inner("N");
    if (g->op == Op::eventually || g->op == Op::until || g->op == Op::match_future)
      return inner("U" + (g->interval.upper ? plan::text(g->interval) : std::string("*")));
    if (g->op == Op::predicate) {
      if (auto* d = find(e, *g); d && !d->bound) self(self, d->definition, d->outer);
    } else if (g->op == Op::let) {
      auto let = std::make_shared<Env>(Env{g->name, g->vars, g->sub[0], e, nullptr, {}});
      self(self, g->sub[1], let);
    } else {
      for (auto& s : g->sub) self(self, s, e);
    }
  };
  collect(collect, f, env);
  return fmt::format("{}", fmt::join(parts, " "));
}

Domain* Compiler::domain_for(const Formula& a, const Formula* b, const EnvPtr& env) {
  return net_.domain_for(requirement(b ? (a && *b) : a, env));
}

Result<Root> Compiler::compile(const Formula& f, const std::vector<std::string>& columns) {
  if (f->depth > 2000)
    return err(fail("logic.too-deep", "the formula is nested too deep").found(std::to_string(f->depth)).expected("at most 2000"));
  Formula n = normal_form(f);
  Scope s{net_.domain_for(requirement(n, nullptr)), nullptr};
  SURETY_TRY(Ref r, formula(n, s));
  Root root{r.node, s.domain, {}, {}};
  for (auto& c : columns) {
    int at = r.schema.find(c);
    if (at < 0) return err(fail("logic.no-such-column", "not a free variable of the formula").field(c));
    root.columns.push_back(static_cast<std::uint32_t>(at));
    root.types.push_back(r.schema.types[static_cast<std::size_t>(at)]);
  }
  if (root.columns.size() != r.schema.size())
    return err(fail("logic.missing-column", "the columns must be all free variables of the formula"));
  return root;
}

Result<Compiler::Ref> Compiler::formula(const Formula& f, const Scope& s) {
  const plan::Node& n = *f;
  switch (n.op) {
    case Op::predicate:
      return predicate(n, s);
    case Op::truth:
    case Op::falsity: {
      bool yes = n.op == Op::truth;
      auto* node = make<ConstantNode>(yes ? "true" : "false", s, {}, {}, [&] {
        return std::make_unique<ConstantNode>(yes ? ConstantNode::What::truth : ConstantNode::What::falsity, std::vector<Type>{});
      });
      return Ref{node, {}};
    }
    case Op::disjunction:
      return disjunction(f, s);
    case Op::exists:
      return exists(n, s);
    case Op::previous:
    case Op::next:
      return previous_or_next(n, s);
    case Op::once:
    case Op::since:
      return since(n, s);
    case Op::eventually:
    case Op::until:
      return until(n, s);
    case Op::aggregate:
      return aggregate(n, s);
    case Op::let:
      return let(n, s);
    case Op::let_past:
      return let_past(n, s);
    case Op::match_past:
    case Op::match_future:
      return match(n, s);
    default: {
      Items items;
      flatten(f, items);
      return conjunction(items, {}, s);
    }
  }
}

Result<Compiler::Ref> Compiler::predicate(const plan::Node& n, const Scope& s) {
  if (const Env* e = find(s.env, n)) return let_use(*e, n, s);
  PredicateIndex p = sig_.find(n.name);
  if (p == Signature::kNone) {
    if (n.name == "tp" || n.name == "ts" || n.name == "tpts") return builtin(n, s);
    return err(fail("logic.unknown-predicate", "no such predicate in the signature").field(n.name));
  }
  const Predicate& decl = sig_[p];
  if (decl.columns.size() != n.terms.size())
    return err(fail("logic.arity", "a predicate has another number of arguments")
                   .field(n.name)
                   .found(std::to_string(n.terms.size()))
                   .expected(std::to_string(decl.columns.size())));
  Schema schema;
  std::vector<PredicateNode::Argument> args;
  std::string key = fmt::format("pred {}", p);
  for (std::size_t i = 0; i < n.terms.size(); ++i) {
    const Term& t = n.terms[i];
    using Kind = PredicateNode::Argument::Kind;
    if (t.op == Term::Op::constant) {
      args.push_back({Kind::constant, 0, net_.context().strings->cell(t.value)});
      key += " =" + plan::to_literal(t.value, t.type);
    } else if (int c = schema.find(t.name); c >= 0) {
      args.push_back({Kind::same_as, static_cast<std::uint32_t>(c), 0});
      key += fmt::format(" @{}", c);
    } else {
      args.push_back({Kind::column, static_cast<std::uint32_t>(schema.size()), 0});
      schema.add(t.name, decl.columns[i]);
      key += " _";
    }
  }
  auto* node = make<PredicateNode>(key, s, schema, {}, [&] {
    auto made = std::make_unique<PredicateNode>(schema.types, args);
    auto& readers = s.domain->readers;
    if (readers.size() < sig_.size()) readers.resize(sig_.size());
    readers[p].push_back(made.get());
    return made;
  });
  return Ref{node, schema};
}

Result<Compiler::Ref> Compiler::builtin(const plan::Node& n, const Scope& s) {
  std::size_t arity = n.name == "tpts" ? 2 : 1;
  if (n.terms.size() != arity)
    return err(fail("logic.arity", "a predicate has another number of arguments").field(n.name).expected(std::to_string(arity)));
  using What = ConstantNode::What;
  What what = n.name == "tp" ? What::point : n.name == "ts" ? What::stamp : What::point_and_stamp;
  auto* node =
      make<ConstantNode>(n.name, s, {}, {}, [&] { return std::make_unique<ConstantNode>(what, std::vector<Type>(arity, Type::integer)); });
  Env e{n.name, {}, {}, nullptr, node, std::vector<Type>(arity, Type::integer)};
  return let_use(e, n, s);
}

Result<Compiler::Ref> Compiler::let_use(const Env& e, const plan::Node& n, const Scope& s) {
  std::set<std::string> seen;
  bool plain = true;
  for (auto& t : n.terms) plain = plain && t.op == Term::Op::variable && seen.insert(t.name).second;
  // Under the names of the use if they are plain variables, else under names that nothing else has.
  std::vector<std::string> as;
  for (std::size_t i = 0; i < n.terms.size(); ++i) as.push_back(plain ? n.terms[i].name : fmt::format("#p{}", i));
  Ref r{e.bound, {as, e.types}};
  if (!e.bound) {
    Formula f = e.definition;
    for (std::size_t i = 0; i < as.size(); ++i) f = rename(f, e.params[i], fmt::format("#q{}", i));
    for (std::size_t i = 0; i < as.size(); ++i) f = rename(f, fmt::format("#q{}", i), as[i]);
    SURETY_TRY(r, formula(f, {s.domain, e.outer}));
    for (auto& name : r.schema.names)
      if (std::find(as.begin(), as.end(), name) == as.end())
        return err(fail("logic.let", "a LET uses a variable that is not a parameter").field(name));
    if (r.schema.size() != as.size()) return err(fail("logic.let", "a LET does not give all its parameters a value").field(e.name));
  }
  if (plain) return r;
  // Constants and repeated variables: tests behind it, then only one column for each variable.
  std::vector<Stage> stages;
  ColumnMap out;
  Schema schema;
  std::string key = "use ";
  for (std::size_t i = 0; i < n.terms.size(); ++i) {
    Term column = plan::var(fmt::format("#p{}", i));
    Term with = n.terms[i];
    if (with.op == Term::Op::variable && schema.find(with.name) < 0) {
      int at = r.schema.find(column.name);
      out.push_back(static_cast<std::uint32_t>(at));
      schema.add(with.name, r.schema.types[static_cast<std::size_t>(at)]);
      continue;
    }
    if (with.op == Term::Op::variable) {
      for (std::size_t j = 0; j < i; ++j)
        if (n.terms[j].op == Term::Op::variable && n.terms[j].name == with.name) {
          with = plan::var(fmt::format("#p{}", j));
          break;
        }
    }
    Formula atom = plan::eq(column, with);
    Schema copy = r.schema;
    SURETY_TRY(Test test, Test::compile(*atom, false, copy, *net_.context().strings));
    Stage stage;
    stage.kind = Stage::Kind::test;
    stage.test = std::make_shared<Test>(std::move(test));
    stages.push_back(std::move(stage));
    key += positional(column, r.schema) + "=" + positional(with, r.schema) + " ";
  }
  key += list(out);
  auto* node = make<PipelineNode>(
      key, s, schema, {r.node}, [&] { return std::make_unique<PipelineNode>(schema.types, r.node, stages, r.schema.size(), out, false); });
  return Ref{node, schema};
}

Compiler::Ref Compiler::written_out(Ref r, const Scope& s) {
  if (r.node->event()) return r;
  r.node = make<WrittenOutNode>("written", s, r.schema, {r.node}, [&] { return std::make_unique<WrittenOutNode>(r.node); });
  return r;
}

Compiler::Ref Compiler::held(Ref r, const Scope& s) {
  if (!r.node->event()) return r;
  r.node = make<HeldNode>("held", s, r.schema, {r.node}, [&] { return std::make_unique<HeldNode>(r.node); });
  return r;
}

// A conjunction under construction: a driver and what follows it, or (state) operators so far.
struct Compiler::Chain {
  Ref base;
  bool state = false;  // base is a state with deltas and stays one
  Schema schema;       // base's columns and those appended by stages
  std::vector<Stage> stages;
  std::vector<Node*> used;
  std::string key;
};

// Tests whose variables are bound, and equalities that bind one; true if any was used.
Result<bool> Compiler::add_tests(Chain& c, Items& tests) {
  bool any = false;
  for (std::size_t i = 0; i < tests.size();) {
    bool negated = tests[i]->op == Op::negation;
    const Formula atom = negated ? tests[i]->sub[0] : tests[i];
    bool ready = bound(c.schema, atom->terms[0]) && bound(c.schema, atom->terms[1]);
    Stage stage;
    if (ready) {
      c.key += fmt::format("{}{}(", negated ? "!" : "", plan::name_of(atom->op));
      for (auto& t : atom->terms) c.key += t.op == Term::Op::wildcard ? "_," : positional(t, c.schema) + ",";
      c.key += ")";
      stage.kind = Stage::Kind::test;
      SURETY_TRY(Test test, Test::compile(*atom, negated, c.schema, *net_.context().strings));
      stage.test = std::make_shared<Test>(std::move(test));
    } else if (!negated && atom->op == Op::equal) {
      int side = -1;
      for (int k : {0, 1})
        if (atom->terms[static_cast<std::size_t>(k)].op == Term::Op::variable &&
            bound(c.schema, atom->terms[static_cast<std::size_t>(1 - k)]))
          side = k;
      if (side < 0) {
        ++i;
        continue;
      }
      const Term& from = atom->terms[static_cast<std::size_t>(1 - side)];
      stage.kind = Stage::Kind::assign;
      SURETY_TRY(Scalar value, Scalar::compile(from, c.schema, *net_.context().strings));
      c.key += fmt::format(":={},", positional(from, c.schema));
      c.schema.add(atom->terms[static_cast<std::size_t>(side)].name, value.type());
      stage.assign = std::make_shared<Scalar>(std::move(value));
    } else {
      ++i;
      continue;
    }
    c.stages.push_back(std::move(stage));
    tests.erase(tests.begin() + static_cast<std::ptrdiff_t>(i));
    any = true;
    i = 0;
  }
  return any;
}

void Compiler::add_negations(Chain& c, std::vector<Ref>& negated) {
  std::erase_if(negated, [&](const Ref& r) {
    Stage stage;
    stage.kind = Stage::Kind::check;
    stage.negated = true;
    stage.node = r.node;
    for (auto& name : r.schema.names) {
      int at = c.schema.find(name);
      if (at < 0) return false;
      stage.from.push_back(static_cast<std::uint32_t>(at));
    }
    c.key += fmt::format("not {}{};", id(r.node), list(stage.from));
    c.used.push_back(r.node);
    c.stages.push_back(std::move(stage));
    return true;
  });
}

void Compiler::add_positive(Chain& c, const Ref& r) {
  Stage stage;
  stage.kind = Stage::Kind::probe;
  stage.node = r.node;
  RowTable::Columns on;
  for (std::size_t i = 0; i < r.schema.size(); ++i) {
    int at = c.schema.find(r.schema.names[i]);
    if (at >= 0) {
      stage.from.push_back(static_cast<std::uint32_t>(at));
      on.push_back(static_cast<std::uint32_t>(i));
    } else {
      stage.take.push_back(static_cast<std::uint32_t>(i));
    }
  }
  if (stage.take.empty()) {
    stage.kind = Stage::Kind::check;
  } else {
    stage.index = r.node->index_on(on);
    for (auto t : stage.take) c.schema.add(r.schema.names[t], r.schema.types[t]);
  }
  c.key += fmt::format("with {}{}{};", id(r.node), list(stage.from), list(on));
  c.used.push_back(r.node);
  c.stages.push_back(std::move(stage));
}

Result<Compiler::Ref> Compiler::conjunction(const Items& items, const std::vector<std::string>& hide, const Scope& s) {
  if (++depth_ > 4000) return err(fail("logic.too-deep", "the formula grows too large when guards are moved inwards"));
  Items tests;
  std::vector<Ref> events, states, negated;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Formula& f = items[i];
    bool negative = f->op == Op::negation;
    const Formula& g = negative ? f->sub[0] : f;
    if (is_test(g->op)) {
      tests.push_back(f);
      continue;
    }
    Result<Ref> r = formula(g, s);
    if (!r) {
      Items rest = items;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      return distribute(rest, f, hide, s, std::move(r.error()));
    }
    (negative ? negated : r->node->event() ? events : states).push_back(*r);
  }
  Chain c;
  if (!events.empty()) {
    c.base = events[0];
    events.erase(events.begin());
  } else if (states.empty()) {
    SURETY_TRY(c.base, formula(plan::truth(), s));
  } else {
    c.base = states[0];
    states.erase(states.begin());
    c.state = c.base.node->has_deltas() && std::all_of(states.begin(), states.end(), [](const Ref& r) { return r.node->has_deltas(); }) &&
              std::all_of(negated.begin(), negated.end(), [](const Ref& r) { return r.node->event() || r.node->has_deltas(); });
  }
  c.schema = c.base.schema;
  std::vector<Ref> positives = events;
  positives.insert(positives.end(), states.begin(), states.end());
  for (;;) {
    SURETY_TRY(bool some, add_tests(c, tests));
    (void)some;
    if (c.state) {
      for (std::size_t i = 0; i < negated.size();) {
        const auto& names = negated[i].schema.names;
        if (!std::all_of(names.begin(), names.end(), [&](auto& v) { return c.schema.find(v) >= 0; })) {
          ++i;
          continue;
        }
        Ref left = flush_state(c, s), right = held(negated[i], s);
        ColumnMap on_left, on_right;
        for (std::size_t k = 0; k < names.size(); ++k) {
          on_left.push_back(static_cast<std::uint32_t>(left.schema.find(names[k])));
          on_right.push_back(static_cast<std::uint32_t>(k));
        }
        c.base.node =
            make<StateJoinNode>(fmt::format("minus{}{}", list(on_left), list(on_right)), s, left.schema, {left.node, right.node}, [&] {
              return std::make_unique<StateJoinNode>(left.schema.types, left.node, right.node, on_left, on_right, ColumnMap{}, true);
            });
        negated.erase(negated.begin() + static_cast<std::ptrdiff_t>(i));
      }
    } else {
      add_negations(c, negated);
    }
    if (positives.empty()) break;
    // The one that shares most variables next; all of them bound is best.
    auto score = [&](const Ref& r) {
      long shared = std::count_if(r.schema.names.begin(), r.schema.names.end(), [&](auto& v) { return c.schema.find(v) >= 0; });
      return shared == static_cast<long>(r.schema.size()) ? 1000 + shared : shared;
    };
    auto best = std::max_element(positives.begin(), positives.end(), [&](auto& a, auto& b) { return score(a) < score(b); });
    Ref next = *best;
    positives.erase(best);
    if (!c.state) {
      add_positive(c, next);
      continue;
    }
    Ref left = flush_state(c, s);
    ColumnMap on_left, on_right, take;
    Schema schema = left.schema;
    for (std::size_t i = 0; i < next.schema.size(); ++i) {
      int at = left.schema.find(next.schema.names[i]);
      (at >= 0 ? on_right : take).push_back(static_cast<std::uint32_t>(i));
      if (at >= 0) {
        on_left.push_back(static_cast<std::uint32_t>(at));
      } else {
        schema.add(next.schema.names[i], next.schema.types[i]);
      }
    }
    c.base.node = make<StateJoinNode>(
        fmt::format("join{}{}{}", list(on_left), list(on_right), list(take)), s, schema, {left.node, next.node},
        [&] { return std::make_unique<StateJoinNode>(schema.types, left.node, next.node, on_left, on_right, take, false); });
    c.base.schema = c.schema = schema;
  }
  auto unbound = [&](const std::vector<std::string>& names) {
    for (auto& v : names)
      if (c.schema.find(v) < 0) return v;
    return std::string();
  };
  if (!tests.empty()) return err(not_monitorable(tests[0], unbound(plan::free_variables(tests[0]))));
  if (!negated.empty()) return err(not_monitorable(plan::all_of(items), unbound(negated[0].schema.names)));
  return finish(c, hide, s);
}

// Applies the stages gathered so far on a state.
Compiler::Ref Compiler::flush_state(Chain& c, const Scope& s) {
  if (!c.stages.empty()) {
    ColumnMap out(c.schema.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint32_t>(i);
    Node* child = c.base.node;
    child->want_deltas();
    c.base.node = make<StateMapNode>("map " + c.key, s, c.schema, {child},
                                     [&] { return std::make_unique<StateMapNode>(c.schema.types, child, c.stages, c.schema.size(), out); });
    c.base.schema = c.schema;
    c.stages.clear();
    c.key.clear();
  }
  return c.base;
}

Compiler::Ref Compiler::finish(Chain& c, const std::vector<std::string>& hide, const Scope& s) {
  ColumnMap out;
  Schema schema;
  for (std::size_t i = 0; i < c.schema.size(); ++i) {
    if (std::find(hide.begin(), hide.end(), c.schema.names[i]) != hide.end()) continue;
    out.push_back(static_cast<std::uint32_t>(i));
    schema.add(c.schema.names[i], c.schema.types[i]);
  }
  bool drops = out.size() != c.schema.size();
  if (c.stages.empty() && !drops) return c.base;
  std::string key = c.key + list(out);
  if (c.state) {
    Node* child = c.base.node;
    child->want_deltas();
    auto* node = make<StateMapNode>("map " + key, s, schema, {child},
                                    [&] { return std::make_unique<StateMapNode>(schema.types, child, c.stages, c.schema.size(), out); });
    return Ref{node, schema};
  }
  std::vector<Node*> children = {c.base.node};
  children.insert(children.end(), c.used.begin(), c.used.end());
  auto* node = make<PipelineNode>("pipe " + key, s, schema, children, [&] {
    return std::make_unique<PipelineNode>(schema.types, c.base.node, c.stages, c.schema.size(), out, drops);
  });
  return Ref{node, schema};
}

// A part that cannot stand alone gets the others as its guard.
Result<Compiler::Ref> Compiler::distribute(const Items& rest, const Formula& item, const std::vector<std::string>& hide, const Scope& s,
                                           Error why) {
  if (rest.empty()) return err(std::move(why));
  auto hidden = [&](const Formula& f) -> Result<Ref> {
    Items flat;
    flatten(f, flat);
    if (f->op == Op::disjunction || hide.empty()) {
      if (hide.empty()) return formula(f, s);
      std::vector<std::string> present;
      auto vars = variables(f);
      for (auto& h : hide)
        if (vars.contains(h)) present.push_back(h);
      return exists(*plan::exists(present, f), s);
    }
    return conjunction(flat, hide, s);
  };
  Formula guard = plan::all_of(rest);
  if (item->op == Op::disjunction) return hidden((guard && item->sub[0]) || (guard && item->sub[1]));
  auto push_into = [&](const Formula& e) {
    auto taken = variables(guard);
    Formula body = e->sub[0];
    std::vector<std::string> vars = e->vars;
    for (auto& v : vars)
      if (taken.contains(v)) {
        std::string other = fmt::format("#e{}", ++fresh_);
        body = rename(body, v, other);
        v = other;
      }
    return plan::exists(vars, guard && body);
  };
  if (item->op == Op::exists) return hidden(push_into(item));
  if (item->op != Op::negation) return err(std::move(why));
  const Formula& g = item->sub[0];
  if (g->op == Op::conjunction) {
    Items parts;
    flatten(g, parts);
    bool pushed_before =
        std::all_of(rest.begin(), rest.end(), [&](const Formula& r) { return std::find(parts.begin(), parts.end(), r) != parts.end(); });
    if (pushed_before) return err(std::move(why));
    return hidden(guard && !(guard && g));
  }
  if (g->op == Op::exists) return hidden(guard && !push_into(g));
  return err(std::move(why));
}

Result<Compiler::Ref> Compiler::exists(const plan::Node& n, const Scope& s) {
  if (n.op != Op::exists) return formula(Formula(n), s);
  Items items;
  flatten(n.sub[0], items);
  return conjunction(items, n.vars, s);
}

Result<Compiler::Ref> Compiler::disjunction(const Formula& f, const Scope& s) {
  Items parts;
  auto collect = [&](auto& self, const Formula& g) -> void {
    if (g->op == Op::disjunction) {
      for (auto& x : g->sub) self(self, x);
    } else if (g->op != Op::falsity) {
      parts.push_back(g);
    }
  };
  collect(collect, f);
  if (parts.empty()) return formula(plan::falsity(), s);
  std::vector<Ref> refs;
  for (auto& p : parts) {
    SURETY_TRY(Ref r, formula(p, s));
    refs.push_back(std::move(r));
  }
  for (auto& r : refs)
    for (auto& v : r.schema.names)
      for (auto& o : refs)
        if (o.schema.find(v) < 0) return err(not_monitorable(f, v));
  if (refs.size() == 1) return refs[0];
  bool events = std::all_of(refs.begin(), refs.end(), [](auto& r) { return r.node->event(); });
  bool deltas = std::all_of(refs.begin(), refs.end(), [](auto& r) { return r.node->event() || r.node->has_deltas(); });
  std::vector<UnionNode::Part> made;
  std::vector<Node*> children;
  std::string key = events || !deltas ? "or " : "state or ";
  for (auto& r : refs) {
    Ref part = !events && deltas ? held(r, s) : written_out(r, s);
    UnionNode::Part p{part.node, {}};
    for (std::size_t c = 0; c < refs[0].schema.size(); ++c) {
      auto at = static_cast<std::size_t>(r.schema.find(refs[0].schema.names[c]));
      p.columns.push_back(static_cast<std::uint32_t>(at));
      bool same = r.schema.types[at] == refs[0].schema.types[c];
      if (!same) return err(fail("logic.type", "a variable has different types in the parts of an OR").field(r.schema.names[at]));
    }
    key += list(p.columns);
    children.push_back(part.node);
    made.push_back(std::move(p));
  }
  Node* node = nullptr;
  if (events || !deltas) {
    node = make<UnionNode>(key, s, refs[0].schema, children, [&] { return std::make_unique<UnionNode>(refs[0].schema.types, made); });
  } else {
    node = make<StateUnionNode>(key, s, refs[0].schema, children,
                                [&] { return std::make_unique<StateUnionNode>(refs[0].schema.types, made); });
  }
  return Ref{node, refs[0].schema};
}

}  // namespace surety::logic
