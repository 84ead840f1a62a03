#pragma once
// From formulas to operators. Equal subformulas become one operator, whatever their variables are
// called (hash-consing on positional keys). Conjunctions are where the choices are made: a predicate
// or other event drives, temporal subformulas are probed by the key it binds, negations and tests
// follow as soon as their variables are bound; only if nothing drives are states joined with states.
// A formula is monitorable when this succeeds; docs/monitor.md states the fragment.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "logic/network.h"
#include "logic/nodes_match.h"
#include "logic/nodes_state.h"
#include "logic/normal_form.h"

namespace surety::logic {

class Compiler {
 public:
  Compiler(Network& network, const Signature& sig) : net_(network), sig_(sig) {}
  Result<Root> compile(const plan::Formula& f, const std::vector<std::string>& columns);

  static std::string address(const void* p) { return std::to_string(reinterpret_cast<std::uintptr_t>(p)); }

 private:
  // What a LET name stands for.
  struct Env;
  using EnvPtr = std::shared_ptr<const Env>;
  struct Env {
    std::string name;
    std::vector<std::string> params;
    plan::Formula definition;
    EnvPtr outer;           // in which the definition stands
    Node* bound = nullptr;  // LETPAST and built-ins: a node instead of a definition
    std::vector<plan::Type> types;
  };
  struct Ref {
    Node* node = nullptr;
    Schema schema;
  };
  struct Scope {
    Domain* domain;
    EnvPtr env;
  };
  using Items = std::vector<plan::Formula>;
  struct Chain;  // a conjunction under construction

  std::string requirement(const plan::Formula& f, const EnvPtr& env);
  Domain* domain_for(const plan::Formula& a, const plan::Formula* b, const EnvPtr& env);
  static const Env* find(const EnvPtr& env, const plan::Node& predicate);

  Result<Ref> formula(const plan::Formula& f, const Scope& s);
  Result<Ref> predicate(const plan::Node& n, const Scope& s);
  Result<Ref> builtin(const plan::Node& n, const Scope& s);
  Result<Ref> let_use(const Env& e, const plan::Node& n, const Scope& s);
  Result<Ref> conjunction(const Items& items, const std::vector<std::string>& hide, const Scope& s);
  Result<Ref> disjunction(const plan::Formula& f, const Scope& s);
  Result<Ref> exists(const plan::Node& n, const Scope& s);
  Result<Ref> previous_or_next(const plan::Node& n, const Scope& s);
  Result<Ref> since(const plan::Node& n, const Scope& s);
  Result<Ref> until(const plan::Node& n, const Scope& s);
  Result<Ref> aggregate(const plan::Node& n, const Scope& s);
  Result<Ref> let(const plan::Node& n, const Scope& s);
  Result<Ref> let_past(const plan::Node& n, const Scope& s);
  struct Path;  // a regular expression under construction
  Result<Ref> match(const plan::Node& n, const Scope& s);
  Status path_binders(Path& p);
  Status path_rows(Path& p, std::size_t test, const std::set<std::string>& known, PathRunner::Edge& e);
  Status path_test(Path& p, std::size_t test, const std::set<std::string>& known, PathRunner::Edge& e);
  Status path_edges(Path& p);

  bool add_states(Chain& c, std::vector<Ref>& states);
  Result<bool> add_tests(Chain& c, Items& tests);
  void add_negations(Chain& c, std::vector<Ref>& negated);
  void add_positive(Chain& c, const Ref& r);
  Ref finish(Chain& c, const std::vector<std::string>& hide, const Scope& s);
  Ref flush_state(Chain& c, const Scope& s);
  Ref written_out(Ref r, const Scope& s);
  Ref held(Ref r, const Scope& s);

  // The node that is this already, or a new one.
  template <class N, class Make>
  N* make(const std::string& what, const Scope& s, const Schema& schema, std::vector<Node*> children, Make&& construct) {
    std::string full = address(s.domain) + '|' + what + '|';
    for (Node* c : children) full += address(c) + ',';
    N* node = static_cast<N*>(net_.find_by_key(full));
    if (node) {
      ++net_.shared;
    } else {
      std::unique_ptr<N> made = construct();
      node = made.get();
      node->identity = full;
      node->children = std::move(children);
      for (Node* c : node->children) node->late = node->late || c->late;
      net_.by_key.emplace(std::move(full), node);
      s.domain->nodes.push_back(std::move(made));
    }
    auto& names = net_.names[node];
    Network::Named now{net_.roots.size(), schema.names};
    if (std::find(names.begin(), names.end(), now) == names.end()) names.push_back(std::move(now));
    return node;
  }

  Network& net_;
  const Signature& sig_;
  int conjunctions_ = 0;
};

std::string column_list(const ColumnMap& columns);
// A term with columns in place of variables.
std::string positional_text(const plan::Term& t, const Schema& schema);
Error not_monitorable(const plan::Formula& f, const std::string& variable);

}  // namespace surety::logic
