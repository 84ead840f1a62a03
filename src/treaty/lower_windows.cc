// Windows and their anchors.
#include <fmt/format.h>

#include <utility>

#include "treaty/checker_impl.h"

namespace surety::treaty {

using ast::Cond;
using CK = ast::Cond::Kind;
using plan::Formula;
using plan::var;

namespace {

// The patterns in a condition that could be "the event" or "the finding".
void candidates(const Cond& c, std::vector<const ast::Pattern*>& out) {
  for (const auto& p : c.parts) candidates(p, out);
  if (c.kind == CK::pattern || c.kind == CK::count) out.push_back(&c.pattern);
}

}  // namespace

// From::later: the last S before now. From::earlier: at most S after the anchor, with days that end at 24:00.
std::optional<plan::Interval> Checker::trailing(const ast::Measure& m, Scope& scope, plan::From from) {
  auto s = span(m, scope);
  if (!s) return std::nullopt;
  if (const auto* exact = std::get_if<Span>(&*s)) return plan::within(exact->us);
  auto i = plan::within(plan::CalendarBound{std::get<CalendarSpan>(*s), a_.clock, from});
  if (auto ok = plan::check(i); !ok) {
    reports_.error("treaty.month-rounding", fmt::format("a window of {} needs a rule for months of unequal length", plan::to_string(*s)),
                   m.at, "the clock line refuses to round; write: months round down, or up, or count in days");
    return std::nullopt;
  }
  return i;
}

Pair Checker::windowed(Pair body, const ast::Window& w, Scope& scope) {
  auto always = plan::always_interval();
  if (w.since) {
    if (!w.anchor) return body;
    auto x = anchor_happening(*w.anchor, scope);
    // The latest X counts: nothing before it, nothing between two of them.
    return {plan::since(!x.possible, always, body.certain && plan::once(always, x.certain)),
            plan::since(!x.certain, always, body.possible && plan::once(always, x.possible))};
  }
  auto i = trailing(w.span, scope, w.anchor ? plan::From::earlier : plan::From::later);
  if (!i) return body;
  if (!w.anchor) return {plan::once(*i, body.certain), plan::once(*i, body.possible)};
  auto x = anchor_happening(*w.anchor, scope);
  return {plan::once(always, body.certain && plan::once(*i, x.certain)), plan::once(always, body.possible && plan::once(*i, x.possible))};
}

// More than S ago: with days, when the last of them has ended.
std::optional<plan::Interval> Checker::lapse(const ast::Window& w, Scope& scope) {
  auto s = span(w.span, scope);
  if (!s) return std::nullopt;
  if (const auto* exact = std::get_if<Span>(&*s)) {
    auto i = plan::at_least(exact->us);
    i.lower.open = true;
    return i;
  }
  if (!trailing(w.span, scope, plan::From::earlier)) return std::nullopt;  // reports months that cannot be rounded
  return plan::after(plan::CalendarBound{std::get<CalendarSpan>(*s), a_.clock, plan::From::earlier});
}

// The instant of an anchor as a closed formula that holds just then.
Pair Checker::anchor_happening(const ast::Anchor& a, Scope& scope) {
  using Kind = plan::AnchorKind;
  if (a.kind == Kind::entry_into_force) return {plan::pred("entry"), plan::pred("entry")};
  std::vector<const ast::Pattern*> found;
  ast::Pattern named;
  if (a.kind == Kind::the_event || a.kind == Kind::the_finding) {
    for (const auto* c : scope.before) candidates(*c, found);
    std::erase_if(found, [&](const ast::Pattern* p) {
      auto it = findings_.find(p->name.text);
      bool finding = it != findings_.end() && !it->second->first.empty();
      return finding != (a.kind == Kind::the_finding);
    });
  } else {
    named.name = a.kind == Kind::named ? a.name : ast::Word{a.kind == Kind::ceasefire ? "Ceasefire" : "Notice", a.at};
    named.at = a.at;
    if (named.name.empty()) return {plan::falsity(), plan::falsity()};
    if (!events_.contains(named.name.text) && !findings_.contains(named.name.text)) {
      reports_.error("treaty.undeclared-event", fmt::format("“{}” names no declared event", named.name.text), a.at,
                     a.kind == Kind::named ? suggestion(named.name.text, {&names_.events, &names_.findings})
                                           : fmt::format("declare: event {} {{ text: text }}.", named.name.text));
      return {plan::falsity(), plan::falsity()};
    }
    found.push_back(&named);
  }
  if (found.empty()) {
    bool finding = a.kind == Kind::the_finding;
    reports_.error("treaty.anchor-unclear", fmt::format("nothing here says which {} is meant", finding ? "finding" : "event"), a.at,
                   fmt::format("name it: after {}", finding ? "MaterialBreach" : "Ceasefire"));
    return {plan::falsity(), plan::falsity()};
  }
  std::vector<Formula> certain, possible;
  bool warn = std::exchange(scope.warn_grade, false);  // an anchor has no place for a level
  for (const auto* p : found) {
    auto inner = *p;
    if (inner.who == ast::Pattern::Who::same_party || inner.who == ast::Pattern::Who::each) inner.who = ast::Pattern::Who::anyone;
    auto f = closed(happening(inner, var("q"), scope), {});
    certain.push_back(f.certain);
    possible.push_back(f.possible);
  }
  scope.warn_grade = warn;
  return {plan::any_of(certain), plan::any_of(possible)};
}

}  // namespace surety::treaty
