#include <fmt/format.h>

#include <algorithm>

#include "treaty/checker_impl.h"

namespace surety::treaty {

using Kind = ast::Line::Kind;

std::string_view kinds_of_clause() {
  return "access, area, assistance, cessation, conclude, consultation, contribution, coordination, "
         "council-action, deliveries, diplomacy, explanation, findings, force, hub, intelligence, logistics, "
         "military-support, monitoring, non-use, production, prosperity, reconstruction, respect, sanctions, "
         "training";
}

void Checker::clauses() {
  a_.clauses.resize(document_.clauses.size());
  // Bearers first: "clause 3 is breached" asks who can breach clause 3, wherever that stands.
  for (std::size_t k = 0; k < a_.clauses.size(); ++k) clause_head(document_.clauses[k], a_.clauses[k]);
  for (std::size_t k = 0; k < a_.clauses.size(); ++k) clause_conditions(document_.clauses[k], a_.clauses[k]);
}

void Checker::clause_head(const ast::Clause& c, plan::Clause& out) {
  out.id = c.id.text;
  out.title = c.title.text;
  out.span = c.head;
  once_each(c);
  bool norm = false;
  for (const auto& l : c.lines) {
    norm = norm || l.kind == Kind::norm;
    clause_line(l, out);
  }
  if (!norm)
    reports_.error("treaty.no-norm", fmt::format("clause {} obliges and allows nobody anything", c.id.text), c.head,
                   "add a line such as: each of Belligerents must consult");
  const auto& t = out.time;
  if (t.starting && t.kind == plan::Time::Kind::within && t.span.index() != t.starting->first.index())
    for (const auto& l : c.lines)
      if (l.kind == Kind::starting)
        reports_.error("treaty.mixed-units", "hours and calendar days cannot be compared without a date", l.at,
                       fmt::format("give both spans in the unit of “within {}”", plan::to_string(t.span)));
}

// Which lines a clause may have but once; the ways to give a time are one line.
void Checker::once_each(const ast::Clause& c) {
  std::map<int, ast::At> seen;
  for (const auto& l : c.lines) {
    int slot = static_cast<int>(l.kind);
    switch (l.kind) {
      case Kind::continuously:
      case Kind::within:
      case Kind::by:
      case Kind::every:
      case Kind::unspecified:
        slot = -1;
        break;
      case Kind::note:
      case Kind::reading:
      case Kind::error:
        continue;
      default:
        break;
    }
    if (auto [it, fresh] = seen.emplace(slot, l.at); !fresh)
      reports_
          .error(
              "treaty.twice", slot == -1 ? "a clause has one time" : "a clause has one such line", l.at,
              l.kind == Kind::when || l.kind == Kind::except ? "join the two with and, or or" : "make it two clauses, or take one line out")
          .related.push_back({it->second, "the first is here"});
  }
}

void Checker::clause_line(const ast::Line& l, plan::Clause& out) {
  switch (l.kind) {
    case Kind::norm:
      return norm_line(l, out);
    case Kind::source:
      out.source = {l.word.text, l.second.text};
      return;
    case Kind::benefit:
      out.beneficiaries = spread(l.names, "a party, group or body");
      return;
    case Kind::releasable:
      out.releasable = readers(l.names);
      return;
    case Kind::without_prejudice:
      out.without_prejudice = clause_refs(l.refs);
      return;
    case Kind::notwithstanding:
      out.notwithstanding = clause_refs(l.refs);
      return;
    case Kind::survives:
      out.survives_termination = true;
      return;
    case Kind::note:
      out.notes.push_back(l.word.text);
      return;
    case Kind::evidence:
      if (l.grade) out.occurrence = level(l.grade->occurrence);
      if (l.grade) out.attribution = level(l.grade->attribution);
      return;
    case Kind::otherwise:
      out.otherwise_unspecified = l.refs.empty();
      out.otherwise = clause_refs(l.refs);
      return;
    case Kind::withdrawn:
      if (l.word.text == "void") out.withdrawn = plan::Withdrawn::void_;
      if (l.word.text == "continue") out.withdrawn = plan::Withdrawn::continue_;
      if (!l.refs.empty()) out.withdrawn = plan::Withdrawn::other;
      out.withdrawn_then = clause_refs(l.refs);
      return;
    case Kind::kind:
      out.kind = l.word.text;
      if (!l.word.empty() && (", " + std::string(kinds_of_clause()) + ",").find(", " + out.kind + ",") == std::string::npos)
        reports_.add(Severity::warning, "treaty.unknown-kind", fmt::format("“{}” is no kind that clauses are compared by", out.kind),
                     l.word.at, fmt::format("the kinds are {}", kinds_of_clause()));
      return;
    default:
      return time_line(l, out);
  }
}

void Checker::norm_line(const ast::Line& l, plan::Clause& out) {
  out.each = l.each;
  out.bearers = spread(l.names, "a party, group or body");
  for (const auto& n : l.names) out.bearer_words += (out.bearer_words.empty() ? l.each ? "each of " : "" : ", ") + n.text;
  if (l.word.text == "must not") out.modal = plan::Modal::must_not;
  if (l.word.text == "may") out.modal = plan::Modal::may;
  if (l.word.text == "has power to") out.modal = plan::Modal::power;
}

void Checker::time_line(const ast::Line& l, plan::Clause& out) {
  using T = plan::Time::Kind;
  Scope scope;
  auto window = [&]() -> std::optional<std::pair<plan::AnySpan, plan::Anchor>> {
    if (!l.window) return std::nullopt;
    auto s = span(l.window->span, scope);
    if (!l.window->anchor) {
      reports_.error("treaty.deadline-without-anchor", "a deadline needs the moment from which it runs", l.window->at,
                     "add: after entry into force, after the event, after the finding, after the notice, or after EVENT");
      return std::nullopt;
    }
    auto a = anchor(*l.window->anchor);
    if (!s || !a) return std::nullopt;
    return std::pair{*s, *a};
  };
  switch (l.kind) {
    case Kind::continuously:
      out.time.kind = T::continuously;
      if (l.anchor)
        if (auto a = anchor(*l.anchor)) out.time.anchor = *a;
      break;
    case Kind::within:
      out.time.kind = T::within;
      if (auto w = window()) std::tie(out.time.span, out.time.anchor) = *w;
      break;
    case Kind::starting:
      out.time.starting = window();
      break;
    case Kind::by:
      out.time.kind = T::by;
      if (!l.word.empty())
        if (auto t = instant(l.word, true)) out.time.by = *t;
      break;
    case Kind::every:
      out.time.kind = T::every;
      if (auto s = span(l.span, scope)) out.time.span = *s;
      break;
    case Kind::unspecified:
      out.time.kind = T::unspecified;
      break;
    default:
      break;
  }
  for (const auto& p : scope.parameters) out.parameters.push_back(p);
}

std::optional<plan::Anchor> Checker::anchor(const ast::Anchor& a) {
  if (a.kind != plan::AnchorKind::named) return plan::Anchor{a.kind, {}};
  if (a.name.empty()) return std::nullopt;
  if (!events_.contains(a.name.text) && !findings_.contains(a.name.text)) {
    reports_.error("treaty.undeclared-event", fmt::format("“{}” is no declared event to count time from", a.name.text), a.at,
                   suggestion(a.name.text, {&names_.events, &names_.findings}));
    return std::nullopt;
  }
  return plan::Anchor{a.kind, a.name.text};
}

void Checker::clause_conditions(const ast::Clause& c, plan::Clause& out) {
  Scope scope;
  scope.clause = &out;
  scope.bearer = true;
  scope.occurrence = out.occurrence;
  scope.attribution = out.attribution;
  for (const auto& l : c.lines)
    if (l.kind == Kind::when && l.cond) scope.before.push_back(&*l.cond);
  // What a must waits for is an incident each time; what a permission or a standing duty waits for is
  // a state of affairs.
  using T = plan::Time::Kind;
  bool trigger = out.modal == plan::Modal::must && out.time.kind != T::continuously && out.time.kind != T::every;
  auto mode = trigger ? Mode::trigger : Mode::standing;
  for (const auto& l : c.lines) {
    if (l.cond) mixed(*l.cond);
    // Read as grammar has it, the window belongs to the single event; whoever wrote it means a deadline.
    if (l.kind == Kind::when && l.cond && trigger && out.time.kind == T::none && l.cond->kind == ast::Cond::Kind::pattern &&
        !l.cond->parenthesised && l.cond->window && !l.cond->window->since && !l.cond->window->anchor)
      reports_.error("treaty.deadline-without-anchor", "a deadline needs the moment from which it runs", l.cond->window->at,
                     "write: within … after the event; a window that belongs to the condition goes into parentheses");
    if (l.kind == Kind::when && l.cond) out.when = condition(*l.cond, scope, mode);
    if (l.kind == Kind::except && l.cond) out.except = condition(*l.cond, scope, Mode::standing);
    if (l.kind == Kind::binding) out.binding = binding(l, scope);
    if (l.kind == Kind::reading && l.cond) {
      auto inner = scope;
      auto r = reading(l, out, inner);
      if (r.of_trigger) r.is = condition(*l.cond, inner, mode);
      out.readings.push_back(std::move(r));
    }
    if (l.kind == Kind::norm)
      for (const auto& a : l.actions) out.actions.push_back(action(a, out, scope));
  }
  std::set<std::string> used(out.parameters.begin(), out.parameters.end());
  auto add = [&](const std::optional<plan::Condition>& x) {
    if (x) used.insert(x->parameters.begin(), x->parameters.end());
  };
  add(out.when);
  add(out.except);
  if (out.binding) add(out.binding->once);
  for (const auto& a : out.actions) add(a.performed);
  for (const auto& r : out.readings) add(r.is);
  out.parameters.assign(used.begin(), used.end());
}

plan::Reading Checker::reading(const ast::Line& l, const plan::Clause& clause, Scope scope) {
  plan::Reading r;
  r.name = l.word.text;
  r.of_trigger = l.second.text != "performed";
  for (const auto& other : clause.readings)
    if (other.name == r.name && other.of_trigger == r.of_trigger)
      reports_.error("treaty.duplicate", fmt::format("reading “{}” is given twice", r.name), l.word.at);
  if (!r.of_trigger) {
    scope.by_bearer = true;  // performance is the bearer's unless the text says otherwise
    scope.warn_grade = false;
    r.is = condition(*l.cond, scope, clause.modal == plan::Modal::must_not ? Mode::pointwise : Mode::standing);
  }
  return r;
}

void Checker::arguments(const ast::Action& a, const ast::Declaration* act) {
  for (const auto& x : a.arguments) clause_refs(x.refs);
  if (act && act->names.size() != a.arguments.size())
    reports_
        .error("treaty.wrong-arguments",
               fmt::format("act “{}” is about {} things, {} are given", a.name.text, act->names.size(), a.arguments.size()), a.name.at)
        .related.push_back({act->name.at, "declared here"});
  if (a.name.text == "decide")
    for (const auto& x : a.arguments)
      if (!x.word.empty() && !findings_.contains(x.word.text))
        reports_.error("treaty.undeclared-event", fmt::format("“{}” is no finding that could be decided", x.word.text), x.at,
                       suggestion(x.word.text, {&names_.findings}));
}

// How performance is seen. Of a must-not, what is seen is the act that is forbidden.
plan::ActionTerm Checker::action(const ast::Action& a, const plan::Clause& clause, Scope scope) {
  static const std::set<std::string, std::less<>> kBuiltIn = {"decide",    "suspend", "resume",   "waive",
                                                              "terminate", "amend",   "conclude", "consult"};
  plan::ActionTerm out;
  out.name = a.name.text;
  out.and_next = a.and_next;
  for (const auto& x : a.arguments) out.arguments.push_back(x.text);
  bool forbidden = clause.modal == plan::Modal::must_not;
  auto mode = forbidden ? Mode::pointwise : Mode::standing;
  auto act = acts_.find(out.name);
  arguments(a, act == acts_.end() ? nullptr : act->second);
  scope.warn_grade = false;
  ast::Cond performed;
  performed.kind = ast::Cond::Kind::pattern;
  performed.at = a.name.at;
  performed.pattern.name = a.name;
  performed.pattern.at = a.name.at;
  if (act != acts_.end()) {
    out.monitorable = true;
    if (!act->second->cond || act->second->names.size() != a.arguments.size()) return out;
    for (std::size_t k = 0; k < a.arguments.size(); ++k) scope.arguments.emplace(act->second->names[k].text, &a.arguments[k]);
    out.performed = condition(*act->second->cond, scope, mode);
    out.performed->text = written(act->second->cond->at, scope.arguments);
    return out;
  }
  scope.by_bearer = true;
  if (events_.contains(out.name) || findings_.contains(out.name)) {
    out.monitorable = true;
    out.performed = condition(performed, scope, mode);
    return out;
  }
  out.monitorable = kBuiltIn.contains(out.name);
  // Nobody can see that a thing of which no report speaks was not done.
  if (forbidden || out.name.empty()) return out;
  plan::Pattern p;
  p.name = out.name;
  p.who = plan::Pattern::Who::bearer;
  p.occurrence = clause.occurrence;
  for (const auto& x : a.arguments) {
    if (out.name != "decide" && out.name != "conclude") continue;
    plan::Test t;
    t.field = x.refs.empty() ? out.name == "decide" ? "finding" : "instrument" : "clause";
    t.word = x.refs.empty() ? x.text : x.refs.front().text;
    p.tests.push_back(std::move(t));
  }
  p.text = written(a.name.at);
  p.span = a.name.at;
  auto k = intern(std::move(p));
  auto fact = [&](const char* mark) {
    return plan::once(plan::always_interval(),
                      plan::exists({"i"}, plan::pred(fmt::format("p{}{}", k, mark), {plan::var("i"), plan::var("b")})));
  };
  out.performed = plan::Condition{fact("!"), fact("?"), {"b"}, {k}, {}, written(a.name.at)};
  return out;
}

// "a or b and c" reads differently to different people.
void Checker::mixed(const ast::Cond& c) {
  if (c.kind == ast::Cond::Kind::either)
    for (const auto& p : c.parts)
      if (p.kind == ast::Cond::Kind::both && !p.parenthesised) {
        reports_.add(Severity::warning, "treaty.mixed-and-or", "“and” and “or” are mixed without parentheses", c.at,
                     "“and” binds tighter here; put parentheses where the text means them");
        break;
      }
  for (const auto& p : c.parts) mixed(p);
}

void Checker::machine(const ast::Status& s) {
  plan::StatusMachine m;
  m.name = s.name.text;
  std::set<std::string> reached;
  for (const auto& t : s.transitions) reached.insert(t.to.text);
  if (!s.transitions.empty() && !s.transitions.front().from.empty()) m.initial = s.transitions.front().from.front().text;
  reached.insert(m.initial);
  Table states;
  for (const auto& n : reached) states.at.emplace(n, ast::At{});
  for (const auto& t : s.transitions) {
    plan::Transition out;
    out.to = t.to.text;
    out.span = t.at;
    for (const auto& f : t.from) {
      out.from.push_back(f.text);
      if (!reached.contains(f.text))
        reports_.error("treaty.unknown-state", fmt::format("nothing leads to state “{}”", f.text), f.at, suggestion(f.text, {&states}));
    }
    Scope scope;
    // "the finding" is what led into the state that this transition leaves, or what it waits for itself.
    for (const auto& other : s.transitions)
      if (std::any_of(t.from.begin(), t.from.end(), [&](const ast::Word& f) { return f.text == other.to.text; }))
        scope.before.push_back(&other.when);
    scope.before.push_back(&t.when);
    mixed(t.when);
    out.when = condition(t.when, scope, Mode::standing);
    m.transitions.push_back(std::move(out));
  }
  a_.machines.push_back(std::move(m));
}

}  // namespace surety::treaty
