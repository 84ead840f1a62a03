// Conjunctions: what drives, what is probed by the key it binds, when tests and negations follow.
#include <fmt/format.h>

#include <algorithm>

#include "logic/compile.h"

namespace surety::logic {
using plan::Formula;
using plan::Op;
using plan::Term;
using Stage = PipelineNode::Stage;

namespace {

std::string id(const Node* n) { return Compiler::address(n); }

bool bound(const Schema& schema, const Term& t) {
  std::vector<std::string> vars;
  plan::collect_variables(t, vars);
  return std::all_of(vars.begin(), vars.end(), [&](auto& v) { return schema.find(v) >= 0; });
}

}  // namespace

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
    // Groups of MATCHES are given a value, unless it is negated.
    const auto asked = atom->terms.begin() + (negated ? static_cast<std::ptrdiff_t>(atom->terms.size()) : 2);
    const bool ready = std::all_of(atom->terms.begin(), asked, [&](const Term& t) { return bound(c.schema, t); });
    Stage stage;
    if (ready) {
      c.key += fmt::format("{}{}(", negated ? "!" : "", plan::name_of(atom->op));
      for (auto& t : atom->terms) c.key += t.op == Term::Op::wildcard ? "_," : positional_text(t, c.schema) + ",";
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
      c.key += fmt::format(":={},", positional_text(from, c.schema));
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
    c.key += fmt::format("not {}{};", id(r.node), column_list(stage.from));
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
  c.key += fmt::format("with {}{}{};", id(r.node), column_list(stage.from), column_list(on));
  c.used.push_back(r.node);
  c.stages.push_back(std::move(stage));
}

Result<Compiler::Ref> Compiler::conjunction(const Items& items, const std::vector<std::string>& hide, const Scope& s) {
  if (++conjunctions_ > 20'000)
    return err(fail("logic.too-deep", "the formula grows too large when guards are moved inwards").help("name parts of it with LET"));
  Items tests;
  std::vector<Ref> events, states, negated;
  for (const Formula& f : items) {
    bool negative = f->op == Op::negation;
    const Formula& g = negative ? f->sub[0] : f;
    if (is_test(g->op)) {
      tests.push_back(f);
      continue;
    }
    SURETY_TRY(Ref r, formula(g, s));
    (negative ? negated : r.node->event() ? events : states).push_back(std::move(r));
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
        c.base.node = make<StateJoinNode>(
            fmt::format("minus{}{}", column_list(on_left), column_list(on_right)), s, left.schema, {left.node, right.node}, [&] {
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
        fmt::format("join{}{}{}", column_list(on_left), column_list(on_right), column_list(take)), s, schema, {left.node, next.node},
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
  std::string key = c.key + column_list(out);
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

}  // namespace surety::logic
