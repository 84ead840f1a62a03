#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "treaty/checker_impl.h"

namespace surety::treaty {

using Kind = ast::Line::Kind;

Checker::Checker(const ast::Document& document, const Tree& tree, std::vector<Diagnostic>& diagnostics)
    : document_(document), tree_(tree), reports_(diagnostics), names_(collect(document, reports_)) {
  for (const auto& d : document.declarations) {
    using D = ast::Declaration::Kind;
    if (d.kind == D::finding) findings_.emplace(d.name.text, &d);
    if (d.kind == D::event) events_.emplace(d.name.text, &d);
    if (d.kind == D::act) acts_.emplace(d.name.text, &d);
  }
}

plan::Agreement Checker::run() {
  a_.name = document_.name.text;
  a_.version = document_.version.text;
  header();
  declarations();
  clauses();
  for (const auto& s : document_.machines) machine(s);
  // Conditions of the header speak of events and clauses, so they come last.
  for (const auto& l : document_.header) {
    if (l.kind == Kind::in_force) in_force_line(l);
    if (l.kind == Kind::binding) a_.binding = binding(l, {});
  }
  return std::move(a_);
}

void Checker::header() {
  std::map<Kind, ast::At> seen;
  for (const auto& l : document_.header) {
    bool single = l.kind == Kind::title || l.kind == Kind::clock || l.kind == Kind::in_force || l.kind == Kind::binding;
    if (single && !seen.emplace(l.kind, l.at).second)
      reports_.error("treaty.twice", "an agreement has one such line", l.at, "take one of the two out")
          .related.push_back({seen[l.kind], "the first is here"});
    if (l.kind == Kind::group || l.kind == Kind::parties) group_line(l);
    if (l.kind == Kind::clock) clock_line(l);
  }
  for (const auto& l : document_.header) header_line(l);
  if (document_.name.text.empty()) return;  // no agreement began: what it does not say is no news
  if (!seen.contains(Kind::binding))
    reports_.add(Severity::warning, "treaty.no-binding", "the text does not say how it binds", document_.name.at,
                 "write: binding legal, political, intended, contested or reserved; legal is assumed");
  if (!seen.contains(Kind::in_force))
    reports_.add(Severity::warning, "treaty.no-entry", "the text does not say when it enters into force", document_.name.at,
                 "write: in force from 2026-01-06T00:00, or: in force when CONDITION");
}

void Checker::header_line(const ast::Line& l) {
  auto append = [&](std::vector<std::string>& to, std::string_view what) {
    for (auto& n : spread(l.names, what)) to.push_back(std::move(n));
  };
  switch (l.kind) {
    case Kind::title:
      a_.title = l.word.text;
      return;
    case Kind::body:
      return body_line(l);
    case Kind::source:
      a_.sources.push_back({l.word.text, l.second.text});
      return;
    case Kind::note:
      a_.notes.push_back(l.word.text);
      return;
    case Kind::releasable:
      for (auto& n : readers(l.names)) a_.releasable.push_back(std::move(n));
      return;
    case Kind::signed_by:
      return append(a_.signed_by, "a party or group");
    case Kind::endorsed_by:
      return append(a_.endorsed_by, "a party or group");
    default:
      return;
  }
}

void Checker::group_line(const ast::Line& l) {
  if (l.kind == Kind::parties) {
    for (const auto& n : l.names)
      if (std::find(a_.parties.begin(), a_.parties.end(), n.text) == a_.parties.end()) a_.parties.push_back(n.text);
    return;
  }
  // A group may hold groups that stand above it; one that stands below is not spread yet.
  for (const auto& n : l.names)
    if (names_.groups.has(n.text) && !a_.groups.contains(n.text))
      reports_.error("treaty.undeclared-party", fmt::format("group “{}” is used before it is declared", n.text), n.at,
                     "put its line above this one");
  a_.groups.emplace(l.word.text, spread(l.names, "a party"));
}

void Checker::body_line(const ast::Line& l) {
  plan::Body b;
  b.name = l.word.text;
  b.members = spread(l.names, "a party or group");
  if (!l.second.empty()) {
    spread({l.second}, "a party");
    b.chair = l.second.text;
  }
  if (l.third.text == "majority") b.rule = plan::BodyRule::majority;
  if (l.third.text == "unanimity") b.rule = plan::BodyRule::unanimity;
  b.accused_not_voting = l.each;
  a_.bodies.push_back(std::move(b));
}

void Checker::clock_line(const ast::Line& l) {
  if (l.word.empty()) return;
  auto exists = zone_exists(l.word.text);
  if (!exists || !*exists) {
    reports_.error("treaty.unknown-clock", fmt::format("“{}” is no time zone", l.word.text), l.word.at,
                   "use a name of the IANA list, such as Europe/Kyiv or UTC");
    return;
  }
  has_clock_ = true;
  a_.clock.zone = l.word.text;
  if (l.second.text == "down") a_.clock.rounding = MonthRounding::down;
  if (l.second.text == "up") a_.clock.rounding = MonthRounding::up;
  a_.clock.start_day_counted = l.third.text == "counted";
}

void Checker::in_force_line(const ast::Line& l) {
  if (!l.word.empty()) a_.in_force.from = instant(l.word);
  if (!l.second.empty()) {
    if (l.second.text.size() == 10)
      reports_.error("treaty.bare-date", "an end given as a date could mean the start or the end of that day", l.second.at,
                     fmt::format("write the instant, such as {}T24:00", l.second.text));
    else
      a_.in_force.until = instant(l.second);
  }
  if (a_.in_force.from && a_.in_force.until && *a_.in_force.until <= *a_.in_force.from)
    reports_.error("treaty.bad-term", "the agreement would end before it begins", l.at);
  Scope scope;
  if (l.cond) a_.in_force.when = condition(*l.cond, scope, Mode::standing);
}

plan::BindingLine Checker::binding(const ast::Line& l, Scope scope) {
  plan::BindingLine out;
  if (auto kind = model::binding_of(l.word.text)) {
    out.kind = *kind;
  } else if (!l.word.empty()) {
    reports_.error("treaty.unknown-word", fmt::format("“{}” is no kind of binding", l.word.text), l.word.at,
                   "the kinds are legal, political, intended, contested and reserved");
  }
  if (l.cond) out.once = condition(*l.cond, scope, Mode::standing);
  return out;
}

std::vector<std::string> Checker::spread(const ast::Words& names, std::string_view what) {
  std::vector<std::string> out;
  auto add = [&](const std::string& n) {
    if (std::find(out.begin(), out.end(), n) == out.end()) out.push_back(n);
  };
  for (const auto& n : names) {
    if (n.empty()) continue;
    if (auto g = a_.groups.find(n.text); g != a_.groups.end()) {
      for (const auto& m : g->second) add(m);
    } else if (names_.actor(n.text)) {
      add(n.text);
    } else {
      reports_.error("treaty.undeclared-party", fmt::format("“{}” is not declared; here stands {}", n.text, what), n.at,
                     suggestion(n.text, {&names_.parties, &names_.groups, &names_.bodies}));
    }
  }
  return out;
}

// Who reads something: a release, or those who speak for a party, group or body. What the agreement
// declares under such a name is what it means by it.
std::vector<std::string> Checker::readers(const ast::Words& names) {
  std::vector<std::string> out;
  for (const auto& n : names) {
    const bool release = std::find(plan::kReleases.begin(), plan::kReleases.end(), n.text) != plan::kReleases.end();
    const bool declared = a_.groups.contains(n.text) || names_.actor(n.text);
    const auto some = release && !declared ? std::vector<std::string>{n.text}
                                           : spread({n}, "a party, group, body or release (public, parties, guarantors, mission-internal)");
    for (const auto& x : some)
      if (std::find(out.begin(), out.end(), x) == out.end()) out.push_back(x);
  }
  return out;
}

bool Checker::body(const ast::Word& w) {
  if (w.empty()) return false;
  if (names_.bodies.has(w.text)) return true;
  reports_.error("treaty.undeclared-body", fmt::format("“{}” is no body of this agreement", w.text), w.at,
                 suggestion(w.text, {&names_.bodies}));
  return false;
}

std::vector<std::string> Checker::clause_refs(const ast::Words& refs) {
  std::vector<std::string> out;
  for (const auto& r : refs) {
    if (names_.clauses.has(r.text))
      out.push_back(r.text);
    else if (!r.empty())
      reports_.error("treaty.unknown-clause", fmt::format("clause {} is not in this agreement", r.text), r.at,
                     suggestion(r.text, {&names_.clauses}));
  }
  return out;
}

model::Grade Checker::level(const ast::Word& w) {
  if (w.empty()) return model::Grade::none;
  auto g = model::grade_of(w.text);
  if (g && *g != model::Grade::none) return *g;
  reports_.error("treaty.unknown-level", fmt::format("“{}” is no level of evidence", w.text), w.at,
                 "the levels are claimed, reported, corroborated, verified and adjudicated");
  return model::Grade::none;
}

// The words of the text, comments left out; of an act, with what the clause puts in for its parameters.
std::string Checker::written(ast::At at, const Arguments& put_in) const {
  std::string out;
  bool gap = false;
  auto first =
      std::lower_bound(tree_.tokens.begin(), tree_.tokens.end(), at.begin, [](const Token& t, std::uint32_t b) { return t.begin < b; });
  for (auto t = first; t != tree_.tokens.end() && t->end <= at.end; ++t) {
    if (is_trivia(t->kind)) {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += ' ';
    gap = false;
    auto argument = put_in.find(tree_.text_of(*t));
    if (argument == put_in.end())
      out += tree_.text_of(*t);
    else
      out += argument->second->text;
  }
  return out;
}

plan::Agreement check(const ast::Document& document, const Tree& tree, std::vector<Diagnostic>& diagnostics) {
  return Checker(document, tree, diagnostics).run();
}

}  // namespace surety::treaty
