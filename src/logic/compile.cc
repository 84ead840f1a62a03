#include "logic/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace surety::logic {
using plan::Formula;
using plan::Op;
using plan::Term;
using plan::Type;
using Stage = PipelineNode::Stage;

std::string column_list(const ColumnMap& columns) { return fmt::format("[{}]", fmt::join(columns, ",")); }

std::string positional_text(const Term& t, const Schema& schema) {
  if (t.op == Term::Op::variable) return fmt::format("#{}", schema.find(t.name));
  if (t.op == Term::Op::constant) return plan::to_literal(t.value, t.type);
  std::string s = plan::name_of(t.op);
  s += '(';
  for (auto& a : t.args) s += positional_text(a, schema) + ",";
  return s + ')';
}

Error not_monitorable(const Formula& f, const std::string& variable) {
  return fail("logic.not-monitorable", "a variable is not bound by anything that has finitely many values")
      .field(variable)
      .found(plan::text_short(f))
      .help(fmt::format("add a guard: a predicate with {} in conjunction with this subformula", variable));
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
  const Formula n = guarded_form(normal_form(f));
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
      conjuncts(f, items);
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
    key += positional_text(column, r.schema) + "=" + positional_text(with, r.schema) + " ";
  }
  key += column_list(out);
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

Result<Compiler::Ref> Compiler::exists(const plan::Node& n, const Scope& s) {
  if (n.op != Op::exists) return formula(Formula(n), s);
  Items items;
  conjuncts(n.sub[0], items);
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
    key += column_list(p.columns);
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
