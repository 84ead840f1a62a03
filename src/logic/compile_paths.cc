// LETPAST and regular expressions over time-points.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "logic/compile.h"

namespace surety::logic {
using plan::Formula;
using plan::Op;
using plan::Regex;

namespace {

// What a FALSE inside makes FALSE or superfluous; else PREVIOUS FALSE in an OR would bind no variable.
Formula folded(plan::Node n) {
  const auto never = [&](std::size_t k) { return n.sub[k]->op == Op::falsity; };
  switch (n.op) {
    case Op::conjunction:
      if (never(0) || never(1)) return plan::falsity();
      break;
    case Op::disjunction:
      if (never(0) || never(1)) return n.sub[never(0) ? 1 : 0];
      break;
    case Op::exists:
    case Op::previous:
    case Op::next:
    case Op::once:
    case Op::eventually:
      if (never(0)) return plan::falsity();
      break;
    case Op::since:
    case Op::until:
      if (never(1)) return plan::falsity();
      break;
    default:
      break;
  }
  return Formula(std::move(n));
}

// `f` with every use of the name replaced by FALSE: what the recursion starts from.
Formula without(const Formula& f, const plan::Node& let) {
  if (f->op == Op::predicate && f->name == let.name && f->terms.size() == let.vars.size()) return plan::falsity();
  if ((f->op == Op::let || f->op == Op::let_past) && f->name == let.name) return f;
  plan::Node n = *f;
  n.digest = {};
  for (auto& s : n.sub) s = without(s, let);
  return folded(std::move(n));
}

}  // namespace

Result<Compiler::Ref> Compiler::let_past(const plan::Node& n, const Scope& s) {
  if (!requirement(n.sub[0], s.env).empty())
    return err(fail("logic.letpast", "the definition of a LETPAST may not look into the future").field(n.name));
  SURETY_TRY(Ref base, formula(without(n.sub[0], n), s));
  auto env = std::make_shared<Env>(Env{n.name, n.vars, {}, s.env, nullptr, {}});
  for (auto& v : n.vars) {
    int at = base.schema.find(v);
    if (at < 0 || base.schema.size() != n.vars.size())
      return err(fail("logic.letpast", "the part of a LETPAST that does not use itself must give every parameter a value").field(v));
    env->types.push_back(base.schema.types[static_cast<std::size_t>(at)]);
  }
  auto owned = std::make_unique<RecursionNode>(env->types);
  RecursionNode* recursion = owned.get();
  s.domain->nodes.push_back(std::move(owned));
  env->bound = recursion;
  SURETY_TRY(Ref r, formula(n.sub[0], {s.domain, env}));
  if (r.node->late)
    return err(fail("logic.letpast", "a LETPAST uses its own value of the same time-point")
                   .field(n.name)
                   .help(fmt::format("put every use of {} in its definition under PREVIOUS", n.name)));
  ColumnMap columns;
  for (auto& v : n.vars) columns.push_back(static_cast<std::uint32_t>(r.schema.find(v)));
  recursion->follow(r.node, columns);
  recursion->children = {r.node};
  s.domain->recursions.push_back(recursion);
  Schema schema{n.vars, env->types};
  auto* in_order = make<PipelineNode>(fmt::format("letpast {}", fmt::join(columns, ",")), s, schema, {r.node}, [&] {
    return std::make_unique<PipelineNode>(env->types, r.node, std::vector<PipelineNode::Stage>{}, r.schema.size(), columns, false);
  });
  auto use = std::make_shared<Env>(Env{n.name, n.vars, {}, s.env, in_order, env->types});
  return formula(n.sub[1], {s.domain, use});
}

namespace {

using Edge = PathRunner::Edge;

// The automaton of r from state `from`; returns its last state.
std::uint32_t build(const Regex& r, std::uint32_t from, PathRunner::Automaton& a, std::vector<std::vector<std::size_t>>& tests) {
  auto state = [&] {
    a.emplace_back();
    tests.emplace_back();
    return static_cast<std::uint32_t>(a.size() - 1);
  };
  auto edge = [&](std::uint32_t at, Edge::Kind kind, std::uint32_t to, std::size_t test) {
    Edge e;
    e.kind = kind;
    e.to = to;
    a[at].push_back(std::move(e));
    tests[at].push_back(test);
  };
  switch (r.op) {
    case Regex::Op::any:
    case Regex::Op::test: {
      std::uint32_t to = state();
      edge(from, r.op == Regex::Op::any ? Edge::Kind::step : Edge::Kind::rows, to, r.test);
      return to;
    }
    case Regex::Op::concat:
      for (auto& p : r.parts) from = build(p, from, a, tests);
      return from;
    case Regex::Op::either: {
      std::vector<std::uint32_t> ends;
      for (auto& p : r.parts) {
        std::uint32_t start = state();
        edge(from, Edge::Kind::empty, start, 0);
        ends.push_back(build(p, start, a, tests));
      }
      std::uint32_t to = state();
      for (auto e : ends) edge(e, Edge::Kind::empty, to, 0);
      return to;
    }
    default: {
      std::uint32_t loop = state(), to = state();
      edge(from, Edge::Kind::empty, loop, 0);
      edge(loop, Edge::Kind::empty, to, 0);
      edge(build(r.parts[0], loop, a, tests), Edge::Kind::empty, loop, 0);
      return to;
    }
  }
}

}  // namespace

Result<Compiler::Ref> Compiler::match(const plan::Node& n, const Scope& s) {
  bool future = n.op == Op::match_future;
  if (future && !n.interval.bounded())
    return err(fail("logic.unbounded-future", "a future operator has no upper bound").field(plan::name_of(n.op)));
  Scope inner = s;
  if (future) inner.domain = domain_for(plan::all_of(n.sub), nullptr, s.env);
  Schema schema;
  std::vector<Ref> refs(n.sub.size());
  std::vector<Node*> children;
  for (std::size_t i = 0; i < n.sub.size(); ++i) {
    const Formula& g = n.sub[i]->op == Op::negation ? n.sub[i]->sub[0] : n.sub[i];
    if (is_test(g->op)) continue;
    SURETY_TRY(refs[i], formula(g, inner));
    children.push_back(refs[i].node);
    for (std::size_t c = 0; c < refs[i].schema.size(); ++c)
      if (schema.find(refs[i].schema.names[c]) < 0) schema.add(refs[i].schema.names[c], refs[i].schema.types[c]);
  }
  PathRunner::Automaton a(1);
  std::vector<std::vector<std::size_t>> tests(1);
  std::uint32_t last = build(n.regex, 0, a, tests);
  // Variables bound for certain at each state: the least on all ways there.
  std::vector<std::optional<std::set<std::string>>> bound(a.size());
  bound[0].emplace();
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t q = 0; q < a.size(); ++q) {
      if (!bound[q]) continue;
      for (std::size_t k = 0; k < a[q].size(); ++k) {
        std::set<std::string> now = *bound[q];
        std::size_t t = tests[q][k];
        if (a[q][k].kind == Edge::Kind::rows && n.sub[t]->op != Op::negation && refs[t].node)
          now.insert(refs[t].schema.names.begin(), refs[t].schema.names.end());
        auto& there = bound[a[q][k].to];
        std::set<std::string> least;
        if (there) std::set_intersection(there->begin(), there->end(), now.begin(), now.end(), std::inserter(least, least.end()));
        if (!there || least != *there) {
          changed = true;
          there = there ? least : now;
        }
      }
    }
  }
  auto unbound = [&](const std::string& v) {
    return err(fail("logic.not-monitorable", "a variable of a regular expression is not bound on every way through it")
                   .field(v)
                   .found(plan::text_short(Formula(n)))
                   .help("test a predicate with it earlier in the expression"));
  };
  if (bound[last])
    for (auto& v : schema.names)
      if (!bound[last]->contains(v)) return unbound(v);
  for (std::size_t q = 0; q < a.size(); ++q)
    for (std::size_t k = 0; k < a[q].size(); ++k) {
      Edge& e = a[q][k];
      if (e.kind != Edge::Kind::rows || !bound[q]) continue;
      const Formula& f = n.sub[tests[q][k]];
      const Ref& r = refs[tests[q][k]];
      bool negated = f->op == Op::negation;
      if (!r.node) {
        e.kind = Edge::Kind::test;
        for (auto& v : plan::free_variables(f))
          if (!bound[q]->contains(v)) return unbound(v);
        Schema copy = schema;
        SURETY_TRY(Test test, Test::compile(negated ? *f->sub[0] : *f, negated, copy, *net_.context().strings));
        e.test = std::make_shared<Test>(std::move(test));
        continue;
      }
      e.node = r.node;
      if (negated) e.kind = Edge::Kind::none;
      RowTable::Columns on;
      for (std::size_t c = 0; c < r.schema.size(); ++c) {
        e.columns.push_back(static_cast<std::uint32_t>(schema.find(r.schema.names[c])));
        bool known = bound[q]->contains(r.schema.names[c]);
        if (negated && !known) return unbound(r.schema.names[c]);
        (known ? e.bound : e.free).push_back(static_cast<std::uint32_t>(c));
        if (known) on.push_back(static_cast<std::uint32_t>(c));
      }
      if (!negated) e.index = r.node->index_on(on);
    }
  // A state that accepts comes last.
  a.emplace_back();
  Edge accept;
  accept.to = static_cast<std::uint32_t>(a.size() - 1);
  a[last].push_back(std::move(accept));
  std::string key = "match " + plan::text(Formula(n));
  PathRunner runner(std::move(a), schema.size());
  Node* node = nullptr;
  if (future) {
    node = make<MatchFutureNode>(key, s, schema, children, [&] {
      auto made = std::make_unique<MatchFutureNode>(schema.types, runner, n.interval, net_.context());
      made->ahead = inner.domain;
      inner.domain->watchers.push_back(made.get());
      s.domain->futures.push_back(made.get());
      return made;
    });
  } else {
    node = make<MatchPastNode>(key, s, schema, children,
                               [&] { return std::make_unique<MatchPastNode>(schema.types, runner, n.interval, net_.context()); });
  }
  return Ref{node, schema};
}

}  // namespace surety::logic
