#include <fmt/format.h>

#include <algorithm>

#include "logic/compile.h"

namespace surety::logic {
using plan::Formula;
using plan::Op;
using plan::Type;

namespace {

Error needs_bound(const plan::Node& n) {
  return fail("logic.unbounded-future", "a future operator has no upper bound")
      .field(plan::name_of(n.op))
      .found(plan::text(n.interval))
      .expected("an interval that ends, such as [0,30]");
}

}  // namespace

namespace {

// PREVIOUS (a SINCE b) is (PREVIOUS a) SINCE (PREVIOUS b), where no interval measures time: what persists is
// then asked by key, and only what happened at the last point is looked back to.
std::optional<Formula> moved_in(const plan::Node& n) {
  const plan::Node& of = *n.sub[0];
  const bool persists = of.op == Op::once || of.op == Op::since;
  if (!persists || !n.interval.unconstrained() || !of.interval.unconstrained()) return std::nullopt;
  const auto before = [&](const Formula& f) { return f->op == Op::truth ? f : plan::previous(n.interval, f); };
  plan::Node m = of;
  m.digest = {};
  m.sub.back() = plan::previous(n.interval, of.sub.back());
  if (of.op == Op::since) m.sub[0] = of.sub[0]->op == Op::negation ? !before(of.sub[0]->sub[0]) : before(of.sub[0]);
  return Formula(std::move(m));
}

}  // namespace

Result<Compiler::Ref> Compiler::previous_or_next(const plan::Node& n, const Scope& s) {
  if (n.op == Op::previous)
    if (const auto inside = moved_in(n)) return formula(*inside, s);
  std::string key = fmt::format("{} {}", plan::name_of(n.op), plan::text(n.interval));
  if (n.op == Op::previous) {
    SURETY_TRY(Ref r, formula(n.sub[0], s));
    auto* node =
        make<PreviousNode>(key, s, r.schema, {r.node}, [&] { return std::make_unique<PreviousNode>(r.node, n.interval, net_.context()); });
    if (node->late) {  // of a LETPAST's rows: looks at them when they are there, and breaks the circle
      node->late = false;
      node->take_later();
      s.domain->takers.push_back(node);
    }
    return Ref{node, r.schema};
  }
  Scope ahead{domain_for(n.sub[0], nullptr, s.env), s.env};
  SURETY_TRY(Ref r, formula(n.sub[0], ahead));
  auto* node = make<NextNode>(key, s, r.schema, {r.node}, [&] {
    auto made = std::make_unique<NextNode>(r.node, n.interval, net_.context());
    made->ahead = ahead.domain;
    ahead.domain->watchers.push_back(made.get());
    s.domain->futures.push_back(made.get());
    return made;
  });
  return Ref{node, r.schema};
}

namespace {

struct LeftSide {
  SinceNode::Left mode = SinceNode::Left::none;
  Formula formula;
};

LeftSide left_side(const plan::Node& n) {
  if (n.op == Op::once || n.op == Op::eventually || n.sub[0]->op == Op::truth) return {};
  if (n.sub[0]->op == Op::negation) return {SinceNode::Left::fails, n.sub[0]->sub[0]};
  return {SinceNode::Left::holds, n.sub[0]};
}

ColumnMap columns_in(const Schema& left, const Schema& right) {
  ColumnMap map;
  for (auto& v : left.names) map.push_back(static_cast<std::uint32_t>(right.find(v)));
  return map;
}

Status left_uses_only(const Schema& right, const plan::Node& n) {
  for (auto& v : plan::free_variables(n.sub[0]))
    if (right.find(v) < 0)
      return err(fail("logic.not-monitorable", "a variable on the left of a temporal operator is not bound on its right")
                     .field(v)
                     .found(plan::text_short(Formula(n)))
                     .help(fmt::format("use {} in the right operand too, or guard it there", v)));
  return {};
}

std::string mode_text(SinceNode::Left mode, const ColumnMap& map) {
  const char* word = mode == SinceNode::Left::none ? "" : mode == SinceNode::Left::holds ? "holds" : "fails";
  return fmt::format("{}[{}]", word, fmt::join(map, ","));
}

}  // namespace

Result<Compiler::Ref> Compiler::since(const plan::Node& n, const Scope& s) {
  SURETY_TRY(Ref right, formula(n.sub.back(), s));
  LeftSide side = left_side(n);
  Ref left;
  ColumnMap map;
  std::vector<Node*> children = {right.node};
  if (side.mode != SinceNode::Left::none) {
    SURETY_TRY_STATUS(left_uses_only(right.schema, n));
    SURETY_TRY(left, formula(side.formula, s));
    map = columns_in(left.schema, right.schema);
    children.push_back(left.node);
  }
  std::string key = fmt::format("since {} {}", plan::text(n.interval), mode_text(side.mode, map));
  auto* node = make<SinceNode>(key, s, right.schema, children, [&] {
    return std::make_unique<SinceNode>(right.node, left.node, side.mode, map, n.interval, net_.context());
  });
  return Ref{node, right.schema};
}

Result<Compiler::Ref> Compiler::until(const plan::Node& n, const Scope& s) {
  if (!n.interval.bounded()) return err(needs_bound(n));
  LeftSide side = left_side(n);
  bool has_left = side.mode != SinceNode::Left::none;
  Scope ahead{domain_for(n.sub.back(), has_left ? &side.formula : nullptr, s.env), s.env};
  SURETY_TRY(Ref right, formula(n.sub.back(), ahead));
  Ref left;
  ColumnMap map;
  std::vector<Node*> children = {right.node};
  if (has_left) {
    SURETY_TRY_STATUS(left_uses_only(right.schema, n));
    SURETY_TRY(left, formula(side.formula, ahead));
    left = written_out(left, ahead);
    map = columns_in(left.schema, right.schema);
    children.push_back(left.node);
  }
  std::string key = fmt::format("until {} {}", plan::text(n.interval), mode_text(side.mode, map));
  auto* node = make<UntilNode>(key, s, right.schema, children, [&] {
    auto made = std::make_unique<UntilNode>(right.node, left.node, side.mode, map, n.interval, net_.context());
    made->ahead = ahead.domain;
    ahead.domain->watchers.push_back(made.get());
    s.domain->futures.push_back(made.get());
    return made;
  });
  return Ref{node, right.schema};
}

Result<Compiler::Ref> Compiler::aggregate(const plan::Node& n, const Scope& s) {
  SURETY_TRY(Ref child, formula(n.sub[0], s));
  if (!child.node->event() && !child.node->has_deltas()) child = written_out(child, s);
  int over = child.schema.find(n.over);
  if (over < 0) return err(fail("logic.unbound", "what is aggregated is not a variable of the formula").field(n.over));
  Type over_type = child.schema.types[static_cast<std::size_t>(over)];
  using plan::Aggregate;
  bool number = over_type == Type::integer || over_type == Type::real;
  if (!number && (n.aggregate == Aggregate::sum || n.aggregate == Aggregate::average || n.aggregate == Aggregate::median))
    return err(fail("logic.type", "only numbers can be added up").field(n.over).found(std::string(plan::to_string(over_type))));
  Type result = n.aggregate == Aggregate::count                                         ? Type::integer
                : n.aggregate == Aggregate::average || n.aggregate == Aggregate::median ? Type::real
                                                                                        : over_type;
  Schema schema;
  schema.add(n.name, result);
  ColumnMap group;
  for (auto& v : n.vars) {
    int at = child.schema.find(v);
    if (at < 0) return err(fail("logic.unbound", "what is grouped by is not a variable of the formula").field(v));
    if (std::find(group.begin(), group.end(), static_cast<std::uint32_t>(at)) != group.end()) continue;
    group.push_back(static_cast<std::uint32_t>(at));
    schema.add(v, child.schema.types[static_cast<std::size_t>(at)]);
  }
  std::string key = fmt::format("{} {} [{}]", plan::name_of(n.aggregate), over, fmt::join(group, ","));
  auto* node = make<AggregateNode>(key, s, schema, {child.node}, [&] {
    return std::make_unique<AggregateNode>(schema.types, child.node, n.aggregate, static_cast<std::uint32_t>(over), over_type, group,
                                           net_.context());
  });
  return Ref{node, schema};
}

Result<Compiler::Ref> Compiler::let(const plan::Node& n, const Scope& s) {
  auto env = std::make_shared<Env>(Env{n.name, n.vars, n.sub[0], s.env, nullptr, {}});
  return formula(n.sub[1], {s.domain, env});
}

Status Network::add(const Formula& f, const std::vector<std::string>& columns, const Signature& sig) {
  SURETY_TRY(Root r, Compiler(*this, sig).compile(f, columns));
  roots.push_back(std::move(r));
  return {};
}

}  // namespace surety::logic
