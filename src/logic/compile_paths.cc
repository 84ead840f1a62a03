// LETPAST and regular expressions over time-points.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "logic/compile.h"
#include "logic/normal_form.h"

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
  bool uses = false;
  for (auto& s : n.sub) {
    Formula less = without(s, let);
    uses = uses || &*less != &*s;
    s = std::move(less);
  }
  // A part that never holds by itself keeps its variables.
  if (!uses) return f;
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

// A regular expression under construction.
struct Compiler::Path {
  const plan::Node& n;
  std::vector<Ref> refs = {};  // of each test that has rows of its own
  Schema schema = {};          // every variable that a match may bind
  PathRunner::Automaton edges = PathRunner::Automaton(1);
  std::vector<std::vector<std::size_t>> tests = std::vector<std::vector<std::size_t>>(1);  // of each edge
  std::uint32_t last = 0;
  std::vector<std::optional<std::set<std::string>>> bound = {};  // for certain, on every way to a state

  bool negated(std::size_t test) const { return n.sub[test]->op == Op::negation; }
  const Formula& inside(std::size_t test) const { return negated(test) ? n.sub[test]->sub[0] : n.sub[test]; }
  std::vector<std::string> given(std::size_t test, const std::set<std::string>& known) const;
  void flow();
};

// What the test binds besides: columns of a predicate, groups of MATCHES, one side of an equality.
std::vector<std::string> Compiler::Path::given(std::size_t test, const std::set<std::string>& known) const {
  std::vector<std::string> out;
  if (negated(test)) return out;
  if (refs[test].node) return refs[test].schema.names;
  const plan::Node& f = *n.sub[test];
  if (f.op == Op::matches) {
    for (std::size_t i = 2; i < f.terms.size(); ++i)
      if (f.terms[i].op == plan::Term::Op::variable) out.push_back(f.terms[i].name);
  } else if (const int side = assigned_side(f, known); side >= 0) {
    out.push_back(f.terms[static_cast<std::size_t>(side)].name);
  }
  return out;
}

void Compiler::Path::flow() {
  bound.assign(edges.size(), std::nullopt);
  bound[0].emplace();
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t q = 0; q < edges.size(); ++q) {
      for (std::size_t k = 0; bound[q] && k < edges[q].size(); ++k) {
        std::set<std::string> now = *bound[q];
        if (edges[q][k].kind == Edge::Kind::rows)
          for (std::string& v : given(tests[q][k], *bound[q])) now.insert(std::move(v));
        auto& there = bound[edges[q][k].to];
        std::set<std::string> least;
        if (there) std::set_intersection(there->begin(), there->end(), now.begin(), now.end(), std::inserter(least, least.end()));
        if (there && least == *there) continue;
        changed = true;
        there = there ? least : now;
      }
    }
  }
}

// Columns for what only a comparison binds: groups of MATCHES, variables that an equality gives a value.
Status Compiler::path_binders(Path& p) {
  for (std::size_t i = 0; i < p.n.sub.size(); ++i) {
    const plan::Node& f = *p.n.sub[i];
    for (std::size_t k = 2; f.op == Op::matches && k < f.terms.size(); ++k)
      if (f.terms[k].op == plan::Term::Op::variable && p.schema.find(f.terms[k].name) < 0) p.schema.add(f.terms[k].name, plan::Type::text);
  }
  for (bool more = true; more;) {
    more = false;
    const std::set<std::string> known(p.schema.names.begin(), p.schema.names.end());
    for (const Formula& f : p.n.sub) {
      const int side = assigned_side(*f, known);
      if (side < 0 || more) continue;
      SURETY_TRY(const Scalar value, Scalar::compile(f->terms[static_cast<std::size_t>(1 - side)], p.schema, *net_.context().strings));
      p.schema.add(f->terms[static_cast<std::size_t>(side)].name, value.type());
      more = true;
    }
  }
  return {};
}

// An edge that tests by a relation: joined on what is known there, or asked whether no row agrees.
Status Compiler::path_rows(Path& p, std::size_t test, const std::set<std::string>& known, PathRunner::Edge& e) {
  const Ref& r = p.refs[test];
  e.node = r.node;
  if (p.negated(test)) e.kind = Edge::Kind::none;
  RowTable::Columns on;
  for (std::size_t c = 0; c < r.schema.size(); ++c) {
    const bool here = known.contains(r.schema.names[c]);
    e.columns.push_back(static_cast<std::uint32_t>(p.schema.find(r.schema.names[c])));
    (here ? e.bound : e.free).push_back(static_cast<std::uint32_t>(c));
    if (here) on.push_back(static_cast<std::uint32_t>(c));
    if (!here && p.negated(test)) return err(not_monitorable(Formula(p.n), r.schema.names[c]));
  }
  if (!p.negated(test)) e.index = r.node->index_on(on);
  return {};
}

// An edge that compares, and may bind what it finds.
Status Compiler::path_test(Path& p, std::size_t test, const std::set<std::string>& known, PathRunner::Edge& e) {
  const plan::Node& f = *p.inside(test);
  // Columns that may hold no value on this way are none to read.
  Schema readable = p.schema;
  for (std::string& v : readable.names)
    if (!known.contains(v)) v += "#unbound";
  const int side = p.negated(test) ? -1 : assigned_side(f, known);
  if (side >= 0) {
    e.kind = Edge::Kind::assign;
    SURETY_TRY(Scalar value, Scalar::compile(f.terms[static_cast<std::size_t>(1 - side)], readable, *net_.context().strings));
    e.value = std::make_shared<Scalar>(std::move(value));
    e.binds.push_back(static_cast<std::uint32_t>(p.schema.find(f.terms[static_cast<std::size_t>(side)].name)));
    return {};
  }
  e.kind = Edge::Kind::test;
  const auto is_group = [&](std::size_t i) { return f.op == Op::matches && i >= 2 && f.terms[i].op == plan::Term::Op::variable; };
  for (std::size_t i = 0; i < f.terms.size(); ++i) {
    std::vector<std::string> vars;
    plan::collect_variables(f.terms[i], vars);
    for (const std::string& v : vars)
      if (!known.contains(v) && (p.negated(test) || !is_group(i))) return err(not_monitorable(Formula(p.n), v));
  }
  SURETY_TRY(Test made, Test::compile(f, p.negated(test), readable, *net_.context().strings));
  for (std::size_t c = p.schema.size(); c < readable.size(); ++c)
    e.binds.push_back(static_cast<std::uint32_t>(p.schema.find(readable.names[c])));
  e.test = std::make_shared<Test>(std::move(made));
  return {};
}

Status Compiler::path_edges(Path& p) {
  p.last = build(p.n.regex, 0, p.edges, p.tests);
  p.flow();
  if (p.bound[p.last])
    for (const std::string& v : p.schema.names)
      if (!p.bound[p.last]->contains(v)) return err(not_monitorable(Formula(p.n), v));
  for (std::size_t q = 0; q < p.edges.size(); ++q)
    for (std::size_t k = 0; k < p.edges[q].size(); ++k) {
      Edge& e = p.edges[q][k];
      if (e.kind != Edge::Kind::rows || !p.bound[q]) continue;
      const std::size_t test = p.tests[q][k];
      SURETY_TRY_STATUS(p.refs[test].node ? path_rows(p, test, *p.bound[q], e) : path_test(p, test, *p.bound[q], e));
    }
  // A state that accepts comes last.
  p.edges.emplace_back();
  Edge accept;
  accept.to = static_cast<std::uint32_t>(p.edges.size() - 1);
  p.edges[p.last].push_back(std::move(accept));
  return {};
}

Result<Compiler::Ref> Compiler::match(const plan::Node& n, const Scope& s) {
  bool future = n.op == Op::match_future;
  if (future && !n.interval.bounded())
    return err(fail("logic.unbounded-future", "a future operator has no upper bound").field(plan::name_of(n.op)));
  Scope inner = s;
  if (future) inner.domain = domain_for(plan::all_of(n.sub), nullptr, s.env);
  Path p{n};
  p.refs.resize(n.sub.size());
  std::vector<Node*> children;
  for (std::size_t i = 0; i < n.sub.size(); ++i) {
    if (!is_test(p.inside(i)->op)) {
      SURETY_TRY(p.refs[i], formula(p.inside(i), inner));
      children.push_back(p.refs[i].node);
    }
    const Schema& its = p.refs[i].schema;
    for (std::size_t c = 0; c < its.size(); ++c)
      if (p.schema.find(its.names[c]) < 0) p.schema.add(its.names[c], its.types[c]);
  }
  if (children.empty()) {  // something must walk the points ahead
    SURETY_TRY(const Ref always, formula(plan::truth(), inner));
    children.push_back(always.node);
  }
  SURETY_TRY_STATUS(path_binders(p));
  SURETY_TRY_STATUS(path_edges(p));
  std::string key = "match " + plan::text(Formula(n));
  const Schema& schema = p.schema;
  PathRunner runner(std::move(p.edges), schema.size());
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
