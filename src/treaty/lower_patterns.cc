// Patterns: one event or finding, with who, tests and grade, as one numbered predicate pair.
#include <fmt/format.h>

#include <algorithm>

#include "treaty/checker_impl.h"

namespace surety::treaty {

using ast::Cond;
using CK = ast::Cond::Kind;
using Who = ast::Pattern::Who;
using plan::Formula;

std::string_view word(plan::Test::Op op) {
  using Op = plan::Test::Op;
  switch (op) {
    case Op::is:
      return "is";
    case Op::is_not:
      return "is not";
    case Op::in:
      return "in";
    case Op::outside:
      return "outside";
    case Op::at_least:
      return "at least";
    case Op::at_most:
      return "at most";
    case Op::above:
      return "above";
    case Op::below:
      return "below";
  }
  return "";
}

// A finding that no body decides is an abbreviation and is spelled out.
bool Checker::derived(const ast::Pattern& p) const {
  auto it = findings_.find(p.name.text);
  return it != findings_.end() && it->second->first.empty() && it->second->cond;
}

// Whether a condition is one instance an incident: bare events and findings joined by "or".
bool Checker::countable(const Cond& c) const {
  if (c.kind == CK::either) return std::all_of(c.parts.begin(), c.parts.end(), [&](const Cond& p) { return countable(p); });
  if (c.kind != CK::pattern || c.window || c.pattern.who == Who::each) return false;
  return !derived(c.pattern) || countable(c.pattern.name.text);
}
bool Checker::countable(const std::string& finding) const {
  auto it = countable_.find(finding);
  return it != countable_.end() && it->second;
}

const ast::Declaration* Checker::known(const ast::Pattern& p) {
  const auto& n = p.name.text;
  if (auto it = events_.find(n); it != events_.end()) return it->second;
  if (auto it = findings_.find(n); it != findings_.end()) return it->second;
  if (n.empty()) return nullptr;
  reports_.error("treaty.undeclared-event", fmt::format("“{}” is no declared event or finding", n), p.name.at,
                 names_.actor(n) ? fmt::format("“{}” is a party or body; a condition begins with an event", n)
                                 : suggestion(n, {&names_.events, &names_.findings}));
  return nullptr;
}

Pair Checker::over_parties(const ast::Pattern& p, Scope& scope, const std::function<Pair(const plan::Term&)>& each) {
  if (p.who == Who::each) {
    std::vector<Formula> certain, possible;
    for (const auto& party : spread(p.parties, "a party or group")) {
      auto f = each(plan::str(party));
      certain.push_back(f.certain);
      possible.push_back(f.possible);
    }
    return {plan::all_of(certain), plan::all_of(possible)};
  }
  bool bearer = (p.who == Who::one && p.parties.front().text == "bearer") || (p.who == Who::none && scope.by_bearer);
  return each(plan::var(bearer ? "b" : p.who == Who::same_party ? "p" : "q"));
}

// The instant at which the pattern happens: a formula in i and whatever `party` is.
Pair Checker::happening(const ast::Pattern& p, const plan::Term& party, Scope& scope, const std::string& sum_field,
                        const std::string& sum_unit) {
  if (!known(p)) return {plan::falsity(), plan::falsity()};
  if (derived(p)) {
    const auto& finding = *findings_.at(p.name.text);
    if (circular_.contains(p.name.text) || !sum_field.empty() || !countable(p.name.text)) {
      if (!circular_.contains(p.name.text))
        reports_.error("treaty.not-an-event", fmt::format("“{}” is no single event", p.name.text), p.name.at,
                       "name the events that it rests on");
      return {plan::falsity(), plan::falsity()};
    }
    auto before = std::exchange(scope.counts_as, scope.counts_as.empty() ? p.name.text : scope.counts_as);
    auto f = spelled_out(*finding.cond, p, party, scope);
    scope.counts_as = before;
    return f;
  }
  auto pattern = make_pattern(p, scope);
  pattern.sum_field = sum_field;
  pattern.sum_unit = sum_unit;
  auto k = intern(std::move(pattern));
  scope.patterns.insert(k);
  std::vector<plan::Term> terms{plan::var("i"), party};
  if (!sum_field.empty()) terms.push_back(plan::var("x"));
  return {plan::pred(fmt::format("p{}!", k), terms), plan::pred(fmt::format("p{}?", k), terms)};
}

// What the reference asks for is asked of each event of the finding.
Pair Checker::spelled_out(const Cond& c, const ast::Pattern& outer, const plan::Term& party, Scope& scope) {
  if (++spelled_ > kSpellingLimit || nested_ >= kNestingLimit) {
    reports_.error("treaty.too-deep", "spelled out, the findings of this condition are too many", outer.at);
    return {plan::falsity(), plan::falsity()};
  }
  if (c.kind == CK::either) {
    std::vector<Formula> certain, possible;
    for (const auto& p : c.parts) {
      auto f = spelled_out(p, outer, party, scope);
      certain.push_back(f.certain);
      possible.push_back(f.possible);
    }
    return {plan::any_of(certain), plan::any_of(possible)};
  }
  ast::Pattern inner = c.pattern;
  bool asks = outer.who != Who::none && outer.who != Who::anyone;
  if (asks && inner.who != Who::none && inner.who != Who::anyone && inner.who != Who::same_party && outer.who != Who::same_party)
    reports_.error("treaty.who-twice", fmt::format("“{}” says already by whom", outer.name.text), outer.at,
                   "take “by …” out here, or out of the finding");
  if (asks && (outer.who != Who::same_party || inner.who == Who::none || inner.who == Who::anyone)) {
    inner.who = outer.who;
    inner.parties = outer.parties;
  } else if (outer.who == Who::same_party) {
    // The party is bound by the outer count; the inner names narrow it.
  } else if (inner.who == Who::none) {
    inner.who = outer.who;
  }
  inner.tests.insert(inner.tests.end(), outer.tests.begin(), outer.tests.end());
  if (outer.grade) {
    if (!inner.grade) {
      inner.grade = outer.grade;
    } else {
      auto stronger = [&](ast::Word& a, const ast::Word& b) {
        if (level(b) > level(a)) a = b;
      };
      stronger(inner.grade->occurrence, outer.grade->occurrence);
      stronger(inner.grade->attribution, outer.grade->attribution);
    }
  }
  inner.referred = outer.referred.end > 0 ? outer.referred : outer.at;
  ++nested_;
  auto f = happening(inner, party, scope);
  --nested_;
  return f;
}

plan::Pattern Checker::make_pattern(const ast::Pattern& p, Scope& scope) {
  plan::Pattern out;
  out.name = p.name.text;
  if (auto it = findings_.find(out.name); it != findings_.end()) {
    out.decided = true;
    out.decided_by = it->second->first.text;
  }
  using PW = plan::Pattern::Who;
  switch (p.who) {
    case Who::none:
      out.who = scope.by_bearer ? PW::bearer : PW::anyone;
      break;
    case Who::anyone:
      out.who = PW::anyone;
      break;
    case Who::same_party:
      out.who = PW::same_party;
      break;
    case Who::each:
      out.who = PW::named;
      out.parties = spread(p.parties, "a party or group");
      out.each_party = true;
      break;
    case Who::one:
      if (p.parties.front().text == "bearer") {
        out.who = PW::bearer;
        if (!scope.bearer)
          reports_.error("treaty.no-bearer", "“bearer” has a meaning only in an act or a clause", p.parties.front().at, "name the party");
      } else {
        out.who = PW::named;
        out.parties = spread(p.parties, "a party or group");
      }
      break;
  }
  for (const auto& t : p.tests)
    if (auto x = test(t, p, scope)) out.tests.push_back(std::move(*x));
  out.occurrence = p.grade ? level(p.grade->occurrence) : scope.occurrence;
  out.attribution = p.grade ? level(p.grade->attribution) : scope.attribution;
  if (out.who == PW::anyone) out.attribution = model::Grade::none;
  auto place = p.referred.end > 0 ? p.referred : p.at;
  if (scope.warn_grade && out.occurrence == model::Grade::none && !p.name.empty())
    reports_.add(Severity::warning, "treaty.no-grade",
                 fmt::format("no level of evidence is asked of “{}”", scope.counts_as.empty() ? p.name.text : scope.counts_as), place,
                 "say how well it must be established: …, at least verified; without it every level is tried and the "
                 "highest that holds is shown");
  out.counts_as = scope.counts_as;
  out.text = written(p.at);
  out.span = place;
  return out;
}

std::map<std::string, std::string, std::less<>> Checker::fields_of(std::string_view name) const {
  std::map<std::string, std::string, std::less<>> out;
  if (auto it = events_.find(name); it != events_.end())
    for (const auto& f : it->second->fields) out.emplace(f.name.text, f.type.text);
  if (auto it = finding_fields_.find(name); it != finding_fields_.end()) out = it->second;
  return out;
}

std::optional<plan::Test> Checker::test(const ast::Test& t, const ast::Pattern& p, Scope& scope) {
  using Op = plan::Test::Op;
  plan::Test out;
  out.op = t.op;
  bool compares = t.op == Op::at_least || t.op == Op::at_most || t.op == Op::above || t.op == Op::below;
  auto value = [&](std::string_view type, std::string_view what) {
    if (scope.open.contains(t.value.name)) return;
    out.quantity = quantity(t.value, scope);
    if (out.quantity) check_unit(*out.quantity, type, what, t.at);
  };
  if (!t.distance.empty()) {
    distance_test(t, p, out);
    if (compares)
      value("length", fmt::format("the distance to {}", t.distance.text));
    else
      reports_.error("treaty.mixed-units", "a distance is compared with a length", t.at, "such as: distance to Line below 15 km");
    return out;
  }
  if (t.field.empty()) return std::nullopt;
  auto fields = fields_of(p.name.text);
  auto field = fields.find(t.field.text);
  if (field == fields.end()) {
    Table table;
    for (const auto& [name, type] : fields) table.at.emplace(name, ast::At{});
    reports_.error("treaty.unknown-field", fmt::format("“{}” has no field “{}”", p.name.text, t.field.text), t.field.at,
                   suggestion(t.field.text, {&table}));
    return std::nullopt;
  }
  out.field = t.field.text;
  if (compares)
    value(field->second, fmt::format("field “{}”, {},", t.field.text, field->second));
  else
    word_test(t, field->second, out, scope);
  return out;
}

void Checker::distance_test(const ast::Test& t, const ast::Pattern& p, plan::Test& out) {
  out.distance_to = t.distance.text;
  if (!names_.zones.has(t.distance.text))
    reports_.error("treaty.undeclared-zone", fmt::format("“{}” is no zone of this agreement", t.distance.text), t.distance.at,
                   suggestion(t.distance.text, {&names_.zones}));
  for (const auto& [name, type] : fields_of(p.name.text))
    if (type == "position" && out.field.empty()) out.field = name;
  if (out.field.empty())
    reports_.error("treaty.unknown-field", fmt::format("“{}” has no position, so no distance", p.name.text), t.at,
                   "add to the event: place: position");
}

void Checker::word_test(const ast::Test& t, std::string_view type, plan::Test& out, Scope& scope) {
  using Op = plan::Test::Op;
  out.word = t.word.text;
  if (auto it = scope.arguments.find(t.word.text); it != scope.arguments.end()) out.word = it->second->text;
  if (scope.open.contains(t.word.text) || t.word.empty()) return;
  ast::At at = t.word.at;
  if (auto it = scope.arguments.find(t.word.text); it != scope.arguments.end()) at = it->second->at;
  auto wrong = [&](std::string code, std::string_view what, const std::vector<const Table*>& tables) {
    reports_.error(std::move(code), fmt::format("“{}” is no {} of this agreement", out.word, what), at, suggestion(out.word, tables));
  };
  if (type == "position") {
    if (out.op != Op::in && out.op != Op::outside)
      reports_.error("treaty.mixed-units", "a place is in or outside a zone", t.at, "such as: place in Buffer");
    if (!names_.zones.has(out.word)) wrong("treaty.undeclared-zone", "zone", {&names_.zones});
  } else if (type == "weapon") {
    if (!names_.weapons.has(out.word) && !names_.weapon_types.has(out.word))
      wrong("treaty.undeclared-weapon", "weapon class", {&names_.weapons, &names_.weapon_types});
  } else if (type == "party") {
    if (out.word != "bearer" && !names_.actor(out.word)) wrong("treaty.undeclared-party", "party", {&names_.parties, &names_.groups});
  } else if (type != "text" || out.op == Op::in || out.op == Op::outside) {
    reports_.error("treaty.mixed-units", fmt::format("field “{}”, {}, cannot be tested with “{}”", t.field.text, type, word(out.op)), t.at,
                   type == "text" ? "a text is or is not a word" : "compare it: at least, at most, above, below");
  }
}

std::uint32_t Checker::intern(plan::Pattern p) {
  std::string key = fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|", p.name, static_cast<int>(p.who), static_cast<int>(p.occurrence),
                                static_cast<int>(p.attribution), p.each_party, p.sum_field, p.sum_unit, p.counts_as);
  for (const auto& n : p.parties) key += n + ",";
  for (const auto& t : p.tests)
    key += fmt::format("|{};{};{};{};{}", t.field, t.distance_to, static_cast<int>(t.op), t.word,
                       t.quantity ? surety::to_string(*t.quantity) : "");
  auto [it, fresh] = interned_.emplace(std::move(key), static_cast<std::uint32_t>(a_.patterns.size()));
  if (fresh) {
    p.index = it->second;
    a_.patterns.push_back(std::move(p));
  }
  return it->second;
}

}  // namespace surety::treaty
