// Conditions to formulas. Every construct is lowered twice at once, to what certainly holds and to
// what possibly does; negation swaps the two, so doubt never turns a verdict round.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "treaty/checker_impl.h"

namespace surety::treaty {

using ast::Cond;
using CK = ast::Cond::Kind;
using plan::Formula;
using plan::var;

namespace {

// Conditions that are spoilt by an error still need a shape.
Pair nothing() { return {plan::falsity(), plan::falsity()}; }

bool negative(const Cond& c) { return c.kind == CK::negated || c.kind == CK::quiet; }

}  // namespace

std::set<std::string> variables(const Pair& f) {
  auto all = plan::free_variables(f.certain);
  return {all.begin(), all.end()};
}

Pair closed(Pair f, const std::set<std::string>& keep) {
  std::vector<std::string> away;
  for (const auto& v : plan::free_variables(f.certain))
    if (v != "b" && !keep.contains(v)) away.push_back(v);
  return {plan::exists(away, f.certain), plan::exists(away, f.possible)};
}

plan::Condition Checker::condition(const Cond& c, Scope& scope, Mode mode) {
  auto patterns = std::exchange(scope.patterns, {});
  auto parameters = std::exchange(scope.parameters, {});
  spelled_ = 0;
  Pair f;
  std::optional<Pair> point;
  if (mode != Mode::standing) point = pointwise(c, scope);
  f = point ? *point : lower(c, scope);
  plan::Condition out;
  out.certain = f.certain;
  out.possible = f.possible;
  out.free = plan::free_variables(f.certain);
  out.patterns.assign(scope.patterns.begin(), scope.patterns.end());
  out.parameters.assign(scope.parameters.begin(), scope.parameters.end());
  out.text = written(c.at);
  scope.patterns.merge(patterns);
  scope.parameters.merge(parameters);
  return out;
}

Pair Checker::lower(const Cond& c, Scope& scope) {
  switch (c.kind) {
    case CK::missing:
      return nothing();
    case CK::either:
      return lower_either(c, scope);
    case CK::both:
      return lower_both(c, scope);
    case CK::negated:
      return lower_negated(c, scope, {});
    case CK::quiet:
      return lower_quiet(c, scope);
    case CK::count:
      return lower_count(c, scope);
    case CK::sum:
      return lower_sum(c, scope);
    case CK::state:
      return lower_state(c, scope);
    case CK::clauses:
      return lower_clauses(c, scope, false);
    case CK::expiry:
      return {plan::once(plan::always_interval(), plan::pred("expiry")), plan::once(plan::always_interval(), plan::pred("expiry"))};
    case CK::pattern:
      return lower_pattern(c, scope);
    case CK::test:
      reports_.error("treaty.test-alone", "a test needs the event that it is about", c.at,
                     names_.machines.has(c.pattern.tests.front().field.text)
                         ? fmt::format("write: state of {} is …", c.pattern.tests.front().field.text)
                         : "write: EVENT where " + written(c.at));
      return nothing();
  }
  return nothing();
}

// Negated parts may keep a variable only where a positive part has bound it: otherwise "not P by the
// same party" would range over everybody who did nothing.
Pair Checker::lower_both(const Cond& c, Scope& scope) {
  std::vector<Formula> certain, possible;
  std::set<std::string> bound;
  auto add = [&](const Pair& f) {
    certain.push_back(f.certain);
    possible.push_back(f.possible);
  };
  for (const auto& p : c.parts) {
    if (negative(p)) continue;
    auto f = lower(p, scope);
    bound.merge(variables(f));
    add(f);
  }
  for (const auto& p : c.parts) {
    if (p.kind == CK::negated) add(lower_negated(p, scope, bound));
    if (p.kind == CK::quiet) add(lower_quiet(p, scope));
  }
  return {plan::all_of(certain), plan::all_of(possible)};
}

Pair Checker::lower_either(const Cond& c, Scope& scope) {
  std::vector<Pair> parts;
  std::set<std::string> common;
  for (const auto& p : c.parts) {
    parts.push_back(lower(p, scope));
    auto here = variables(parts.back());
    if (parts.size() == 1) {
      common = here;
      continue;
    }
    std::erase_if(common, [&](const std::string& v) { return !here.contains(v); });
  }
  std::vector<Formula> certain, possible;
  for (auto& p : parts) {
    auto f = closed(p, common);
    certain.push_back(f.certain);
    possible.push_back(f.possible);
  }
  return {plan::any_of(certain), plan::any_of(possible)};
}

Pair Checker::lower_negated(const Cond& c, Scope& scope, const std::set<std::string>& keep) {
  const auto& inner = c.parts.front();
  if (inner.kind == CK::pattern && inner.window && !inner.window->since && inner.window->anchor) return lower_lapsed(inner, scope);
  auto f = closed(lower(inner, scope), keep);
  return {!f.possible, !f.certain};
}

// "not P within S after X": the time has run out. There is an X more than S ago, and no P since.
// A P that came late ends it again; by then it has been true, which is what a transition needs.
Pair Checker::lower_lapsed(const Cond& c, Scope& scope) {
  if (!known(c.pattern)) return nothing();
  auto interval = lapse(*c.window, scope);
  auto x = anchor_happening(*c.window->anchor, scope);
  auto one = [&](const plan::Term& party) {
    auto p = closed(happening(c.pattern, party, scope), {});
    if (!interval) return nothing();
    return Pair{plan::since(!p.possible, *interval, x.certain), plan::since(!p.certain, *interval, x.possible)};
  };
  if (c.pattern.who != ast::Pattern::Who::each) return over_parties(c.pattern, scope, one);
  // It fails for "each of" as soon as it fails for one.
  std::vector<Formula> certain, possible;
  for (const auto& party : spread(c.pattern.parties, "a party or group")) {
    auto f = one(plan::str(party));
    certain.push_back(f.certain);
    possible.push_back(f.possible);
  }
  return {plan::any_of(certain), plan::any_of(possible)};
}

Pair Checker::lower_quiet(const Cond& c, Scope& scope) {
  auto window = trailing(c.span, scope, plan::From::later);
  auto f = over_parties(c.pattern, scope, [&](const plan::Term& party) { return closed(happening(c.pattern, party, scope), {}); });
  if (!window) return nothing();
  return {!plan::once(*window, f.possible), !plan::once(*window, f.certain)};
}

Pair Checker::lower_count(const Cond& c, Scope& scope) {
  auto n = count(c.number, scope);
  auto group = c.pattern.who == ast::Pattern::Who::same_party ? std::vector<std::string>{"p"} : std::vector<std::string>{};
  if (derived(c.pattern) && !countable(c.pattern.name.text)) {
    reports_.error("treaty.not-an-event", fmt::format("“{}” is a state of affairs and cannot be counted", c.pattern.name.text),
                   c.pattern.name.at, "count the events that it rests on");
    return nothing();
  }
  auto counted = [&](const Formula& f) {
    auto by = group;
    for (const auto& v : plan::free_variables(f))
      if (v == "b") by.push_back(v);
    auto rows = plan::aggregate("n", plan::Aggregate::count, "i", by, f);
    return plan::exists({"n"}, rows && plan::le(plan::num(n.value_or(1)), var("n")));
  };
  return over_parties(c.pattern, scope, [&](const plan::Term& party) {
    std::set<std::string> keep{"i"};
    keep.insert(group.begin(), group.end());
    auto f = closed(happening(c.pattern, party, scope), keep);
    if (c.window) f = windowed(f, *c.window, scope);
    return Pair{counted(f.certain), counted(f.possible)};
  });
}

Pair Checker::lower_sum(const Cond& c, Scope& scope) {
  using Op = plan::Test::Op;
  auto q = quantity(c.number, scope);
  if (c.pattern.name.empty() || c.subject.empty() || !known(c.pattern)) return nothing();
  auto fields = fields_of(c.pattern.name.text);
  auto field = fields.find(c.subject.text);
  if (field == fields.end()) {
    reports_.error("treaty.unknown-field", fmt::format("event “{}” has no field “{}”", c.pattern.name.text, c.subject.text), c.subject.at);
    return nothing();
  }
  if (!q) return nothing();
  check_unit(*q, field->second, fmt::format("the sum of {}", c.subject.text), c.number.at);
  auto group = c.pattern.who == ast::Pattern::Who::same_party ? std::vector<std::string>{"p"} : std::vector<std::string>{};
  auto limit = plan::real(q->number.approximate());
  auto summed = [&](const Formula& f) {
    auto by = group;
    for (const auto& v : plan::free_variables(f))
      if (v == "b") by.push_back(v);
    auto rows = plan::aggregate("n", plan::Aggregate::sum, "x", by, f);
    auto test = c.comparison == Op::at_least  ? plan::ge(var("n"), limit)
                : c.comparison == Op::at_most ? plan::le(var("n"), limit)
                : c.comparison == Op::above   ? plan::gt(var("n"), limit)
                                              : plan::lt(var("n"), limit);
    return plan::exists({"n"}, rows && test);
  };
  bool more = c.comparison == Op::at_least || c.comparison == Op::above;
  return over_parties(c.pattern, scope, [&](const plan::Term& party) {
    std::set<std::string> keep{"i", "x"};
    keep.insert(group.begin(), group.end());
    auto f = closed(happening(c.pattern, party, scope, c.subject.text, q->unit), keep);
    if (c.window) f = windowed(f, *c.window, scope);
    // More events can only break a ceiling, so there the possible ones decide what is certain.
    return more ? Pair{summed(f.certain), summed(f.possible)} : Pair{summed(f.possible), summed(f.certain)};
  });
}

Pair Checker::lower_state(const Cond& c, Scope&) {
  const auto& machine = c.subject.text;
  auto it = names_.states.find(machine);
  if (it == names_.states.end()) {
    if (!c.subject.empty())
      reports_.error("treaty.unknown-state", fmt::format("there is no status block “{}”", machine), c.subject.at,
                     suggestion(machine, {&names_.machines}));
    return nothing();
  }
  if (!c.state.empty() && !it->second.contains(c.state.text)) {
    Table states;
    for (const auto& s : it->second) states.at.emplace(s, ast::At{});
    reports_.error("treaty.unknown-state", fmt::format("status {} has no state “{}”", machine, c.state.text), c.state.at,
                   suggestion(c.state.text, {&states}));
  }
  auto m = plan::str(machine);
  auto f = plan::since(!plan::exists({"s"}, plan::pred("state", {m, var("s")})), plan::always_interval(),
                       plan::pred("state", {m, plan::str(c.state.text)}));
  return {f, f};
}

// The bearer's own breach where the bearer can breach that clause; anybody's otherwise.
Pair Checker::lower_clauses(const Cond& c, Scope& scope, bool pointwise) {
  static const std::set<std::string, std::less<>> kStates = {"breached", "fulfilled", "suspended"};
  if (!c.state.empty() && !kStates.contains(c.state.text))
    reports_.error("treaty.unknown-state", fmt::format("a clause cannot be asked whether it is “{}”", c.state.text), c.state.at,
                   "a clause is breached, fulfilled or suspended");
  std::vector<Formula> parts;
  for (const auto& id : clause_refs(c.refs)) {
    bool own = false;
    if (scope.clause) {
      const auto* target = a_.clause(id);
      const auto& bearers = target ? target->bearers : scope.clause->bearers;
      for (const auto& b : scope.clause->bearers) own = own || std::find(bearers.begin(), bearers.end(), b) != bearers.end();
    }
    auto who = var(own ? "b" : "q");
    auto fact = [&](const char* name) { return plan::pred(name, {plan::str(id), who}); };
    auto f = c.state.text == "suspended" ? plan::since(!fact("resumed"), plan::always_interval(), fact("suspended"))
             : pointwise                 ? fact(c.state.text.c_str())
                                         : plan::once(plan::always_interval(), fact(c.state.text.c_str()));
    parts.push_back(own ? f : plan::exists({"q"}, f));
  }
  auto f = plan::any_of(parts);
  return {f, f};
}

Pair Checker::lower_pattern(const Cond& c, Scope& scope) {
  if (!known(c.pattern)) return nothing();
  if (derived(c.pattern) && !countable(c.pattern.name.text)) {
    const auto& finding = *findings_.at(c.pattern.name.text);
    if (circular_.contains(c.pattern.name.text)) return nothing();
    if (nested_ >= kNestingLimit || ++spelled_ > kSpellingLimit) {
      reports_.error("treaty.too-deep", "spelled out, the findings of this condition are too many", c.at);
      return nothing();
    }
    if (c.pattern.who == ast::Pattern::Who::same_party || c.pattern.who == ast::Pattern::Who::each || !c.pattern.tests.empty() || c.window)
      reports_.error("treaty.not-an-event",
                     fmt::format("“{}” is a state of affairs: it has no author, field or window of its own", c.pattern.name.text),
                     c.pattern.at, "put them into the finding");
    auto inner = scope;
    if (c.pattern.grade) {
      inner.occurrence = level(c.pattern.grade->occurrence);
      inner.attribution = level(c.pattern.grade->attribution);
    }
    ++nested_;
    auto f = closed(lower(*finding.cond, inner), {"p"});
    --nested_;
    scope.patterns = inner.patterns;
    scope.parameters = inner.parameters;
    if (c.pattern.who != ast::Pattern::Who::one || !variables(f).contains("p")) return f;
    std::vector<Formula> certain, possible;
    for (const auto& party : spread(c.pattern.parties, "a party or group")) {
      certain.push_back(plan::substitute(f.certain, "p", plan::str(party)));
      possible.push_back(plan::substitute(f.possible, "p", plan::str(party)));
    }
    return {plan::any_of(certain), plan::any_of(possible)};
  }
  return over_parties(c.pattern, scope, [&](const plan::Term& party) {
    auto f = closed(happening(c.pattern, party, scope), {"p"});
    if (c.window) return windowed(f, *c.window, scope);
    return Pair{plan::once(plan::always_interval(), f.certain), plan::once(plan::always_interval(), f.possible)};
  });
}

// One instance an incident: a bare event or finding, or several joined by "or".
std::optional<Pair> Checker::pointwise(const Cond& c, Scope& scope) {
  using Who = ast::Pattern::Who;
  if (c.kind == CK::clauses && c.state.text != "suspended") return lower_clauses(c, scope, true);
  if (!countable(c)) return std::nullopt;
  std::vector<Formula> certain, possible;
  std::vector<const Cond*> parts;
  if (c.kind == CK::either)
    for (const auto& p : c.parts) parts.push_back(&p);
  else
    parts.push_back(&c);
  for (const auto* p : parts) {
    if (p->kind == CK::either) {
      auto f = pointwise(*p, scope);
      if (!f) return std::nullopt;
      certain.push_back(f->certain);
      possible.push_back(f->possible);
      continue;
    }
    if (!known(p->pattern)) return nothing();
    auto who = p->pattern.who;
    bool bearer = (who == Who::one && p->pattern.parties.front().text == "bearer") || (who == Who::none && scope.by_bearer);
    auto f = happening(p->pattern, var(bearer ? "b" : "p"), scope);
    certain.push_back(f.certain);
    possible.push_back(f.possible);
  }
  // One disjunct about the bearer and one about others have no instance in common.
  for (const auto& f : certain)
    if (plan::free_variables(f).size() != plan::free_variables(certain.front()).size() ||
        variables({f, f}) != variables({certain.front(), certain.front()}))
      return std::nullopt;
  return Pair{plan::any_of(certain), plan::any_of(possible)};
}

}  // namespace surety::treaty
