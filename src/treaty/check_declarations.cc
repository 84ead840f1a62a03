#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "treaty/checker_impl.h"

namespace surety::treaty {

using Kind = ast::Declaration::Kind;

void Checker::declarations() {
  parameters();
  for (const auto& d : document_.declarations) {
    switch (d.kind) {
      case Kind::evidence:
        evidence(d);
        break;
      case Kind::zone:
        zone(d);
        break;
      case Kind::weapon:
        weapon(d);
        break;
      case Kind::event:
        event(d);
        break;
      case Kind::purpose:
      case Kind::objection:
      case Kind::history:
        paper(d);
        break;
      case Kind::act:
      case Kind::finding:
      case Kind::parameter:
        break;
    }
  }
  circular_zones();
  circular_findings();
  for (const auto& d : document_.declarations) {
    if (d.kind == Kind::finding) finding(d);
    if (d.kind == Kind::act) act(d);
  }
}

// A parameter is a count when it has no unit and no fraction, a span when its unit is one of time.
void Checker::parameters() {
  for (const auto& d : document_.declarations) {
    if (d.kind != Kind::parameter || d.name.empty() || d.measure.none()) continue;
    plan::Parameter p;
    p.name = d.name.text;
    p.reason = d.first.text;
    const auto& m = d.measure;
    if (!m.name.empty()) {
      reports_.error("treaty.bad-number", "a parameter is a number, with its unit", m.at);
      continue;
    }
    bool time = m.unit == "seconds" || m.unit == "minutes" || m.unit == "hours" || m.unit == "calendar days" || m.unit == "working days" ||
                m.unit == "months" || m.unit == "years" || m.unit == "days" || m.unit == "weeks";
    if (time) {
      auto s = span_of(m);
      if (!s) continue;
      if (const auto* exact = std::get_if<Span>(&*s))
        p.value = *exact;
      else
        p.value = std::get<CalendarSpan>(*s);
    } else if (m.unit.empty() && m.number.find('.') == std::string::npos) {
      Scope scope;
      auto n = count(m, scope);
      if (!n) continue;
      p.value = *n;
    } else {
      auto q = quantity_of(m);
      if (!q) continue;
      p.value = *q;
    }
    a_.parameters.push_back(std::move(p));
  }
}

void Checker::evidence(const ast::Declaration& d) {
  using Means = plan::EvidenceRule::Means;
  auto grade = level(d.name);
  for (const auto& r : d.rules) {
    plan::EvidenceRule out;
    out.grade = grade;
    out.means = r.means;
    out.of = r.of.text;
    if (r.means == Means::different) {
      Scope scope;
      out.count = static_cast<int>(std::min<std::int64_t>(1000, count({r.count.at, r.count.text, {}, {}}, scope).value_or(1)));
      if (r.of.text != "origin" && r.of.text != "sensor" && r.of.text != "side" && !r.of.empty())
        reports_.error("treaty.unknown-word", fmt::format("reports cannot differ in “{}”", r.of.text), r.of.at,
                       "they can differ in origin, sensor or side");
    } else if (r.means == Means::decision_of) {
      body(r.of);
    } else if (r.means != Means::any_statement) {
      spread({r.of}, "who inspects or reports");
    }
    a_.evidence.push_back(std::move(out));
  }
}

void Checker::zone(const ast::Declaration& d) {
  plan::Zone z;
  z.name = d.name.text;
  z.kind = d.zone_kind;
  auto known = [&](const ast::Word& w) {
    if (!w.empty() && !names_.zones.has(w.text))
      reports_.error("treaty.undeclared-zone", fmt::format("“{}” is no zone of this agreement", w.text), w.at,
                     suggestion(w.text, {&names_.zones}));
    return w.text;
  };
  Scope scope;
  switch (d.zone_kind) {
    case plan::Zone::Kind::line:
    case plan::Zone::Kind::area:
      z.file = d.first.text;
      break;
    case plan::Zone::Kind::within:
      z.of = known(d.first);
      if (auto q = quantity(d.measure, scope)) {
        check_unit(*q, "length", "the width of a zone", d.measure.at);
        z.distance = *q;
      }
      break;
    case plan::Zone::Kind::minus:
      z.of = known(d.first);
      z.less = known(d.second);
      break;
  }
  a_.zones.push_back(std::move(z));
}

void Checker::weapon(const ast::Declaration& d) {
  plan::Weapon w;
  w.name = d.name.text;
  Scope scope;
  for (const auto& p : d.parts) {
    plan::WeaponPart out;
    out.type = p.type.text;
    if (p.comparison) {
      out.comparison = word(*p.comparison);
      if (auto q = quantity(p.calibre, scope)) {
        check_unit(*q, "length", "a calibre", p.calibre.at);
        out.calibre = *q;
      }
    }
    w.parts.push_back(std::move(out));
  }
  a_.weapons.push_back(std::move(w));
}

void Checker::event(const ast::Declaration& d) {
  static const std::set<std::string, std::less<>> kTypes = {"position", "weapon", "count",  "text",   "party",
                                                            "money",    "mass",   "length", "instant"};
  plan::Event e;
  e.name = d.name.text;
  e.span = d.name.at;
  for (const auto& f : d.fields) {
    if (!f.type.empty() && !kTypes.contains(f.type.text))
      reports_.error("treaty.unknown-word", fmt::format("“{}” is no type of field", f.type.text), f.type.at,
                     "the types are position, weapon, count, text, party, money, mass, length and instant");
    if (!f.name.empty() && !e.fields.emplace(f.name.text, f.type.text).second)
      reports_.error("treaty.duplicate", fmt::format("field “{}” is declared twice", f.name.text), f.name.at);
  }
  for (const auto& w : d.reported_as) e.reported_as.push_back(w.text);
  e.observed_by = spread(d.names, "who observes it");
  a_.events.push_back(std::move(e));
}

void Checker::finding(const ast::Declaration& d) {
  plan::Finding f;
  f.name = d.name.text;
  f.span = d.name.at;
  if (!d.first.empty() && body(d.first)) f.decided_by = d.first.text;
  if (d.cond && !circular_.contains(d.name.text)) {
    mixed(*d.cond);
    Scope scope;
    scope.warn_grade = false;  // whoever refers to the finding says at what grade
    f.when = condition(*d.cond, scope, Mode::trigger);
  }
  a_.findings.push_back(std::move(f));
}

void Checker::act(const ast::Declaration& d) {
  plan::Act x;
  x.name = d.name.text;
  for (const auto& p : d.names) x.parameters.push_back(p.text);
  if (d.cond) {
    mixed(*d.cond);
    Scope scope;
    scope.bearer = true;
    scope.warn_grade = false;
    for (const auto& p : d.names) scope.open.insert(p.text);
    // With parameters open this only checks: clauses compile the act with what they put in.
    auto patterns = a_.patterns;
    auto interned = interned_;
    x.is = condition(*d.cond, scope, Mode::standing);
    if (!d.names.empty()) {
      a_.patterns = std::move(patterns);
      interned_ = std::move(interned);
      auto text = x.is.text;
      x.is = {};
      x.is.text = std::move(text);
    }
  }
  a_.acts.push_back(std::move(x));
}

void Checker::paper(const ast::Declaration& d) {
  plan::Source source{d.second.text, {}};
  if (d.kind == Kind::purpose) {
    if (d.second.empty())
      reports_.add(Severity::warning, "treaty.no-source", fmt::format("purpose “{}” names no source", d.name.text), d.name.at,
                   "add: source \"…\"");
    a_.purposes.push_back({d.name.text, d.first.text, source, clause_refs(d.refs)});
  } else if (d.kind == Kind::objection) {
    for (const auto& by : spread(d.reported_as, "who objects"))
      a_.objections.push_back({by, d.first.text, clause_refs(d.refs), d.names.empty() ? "" : d.names.front().text, source});
  } else {
    a_.history.push_back({d.name.text, d.first.text, source});
  }
}

void Checker::circular_zones() {
  std::map<std::string, const plan::Zone*> zones;
  for (const auto& z : a_.zones) zones.emplace(z.name, &z);
  std::map<std::string, int> colour;  // 1 open, 2 done
  std::function<bool(const std::string&)> visit = [&](const std::string& n) {
    auto it = zones.find(n);
    if (it == zones.end() || colour[n] == 2) return false;
    if (colour[n] == 1) return true;
    colour[n] = 1;
    bool cycle = visit(it->second->of) || visit(it->second->less);
    colour[n] = 2;
    return cycle;
  };
  for (const auto& z : a_.zones)
    if (visit(z.name)) reports_.error("treaty.circular", fmt::format("zone “{}” is defined by itself", z.name), names_.zones.at[z.name]);
}

namespace {

void names_in(const ast::Cond& c, std::vector<ast::Word>& out) {
  for (const auto& p : c.parts) names_in(p, out);
  if (!c.pattern.name.empty()) out.push_back(c.pattern.name);
}

}  // namespace

// Also keeps the chains short: everything that follows findings may recurse without fear.
void Checker::circular_findings() {
  std::map<std::string, int, std::less<>> depth;  // of those that are done
  std::vector<std::string> path;
  std::function<void(const std::string&)> visit = [&](const std::string& n) {
    auto it = findings_.find(n);
    if (it == findings_.end() || depth.contains(n)) return;
    path.push_back(n);
    std::vector<ast::Word> used;
    if (it->second->cond) names_in(*it->second->cond, used);
    int deepest = 0;
    for (const auto& w : used) {
      if (circular_.contains(n) || !findings_.contains(w.text)) continue;
      if (auto k = std::find(path.begin(), path.end(), w.text); k != path.end()) {
        std::string way;
        for (; k != path.end(); ++k) {
          circular_.insert(*k);
          way += *k + " → ";
        }
        reports_.error("treaty.circular", fmt::format("finding “{}” rests on itself: {}{}", w.text, way, w.text), w.at,
                       "say in one of them what makes it true without the other");
        continue;
      }
      if (path.size() < kNestingLimit) visit(w.text);
      deepest = std::max(deepest, depth.contains(w.text) ? depth[w.text] : kNestingLimit);
    }
    if (deepest >= kNestingLimit && circular_.insert(n).second)
      reports_.error("treaty.too-deep", fmt::format("findings may rest on one another {} deep, this goes further", kNestingLimit),
                     it->second->name.at);
    path.pop_back();
    depth[n] = std::min(deepest + 1, kNestingLimit);
  };
  for (const auto& [name, d] : findings_) visit(name);
  for (const auto& [name, d] : findings_)
    if (d->cond && !circular_.contains(name)) countable_[name] = false;
  for (const auto& [name, d] : findings_) note_countable(name);
}

void Checker::note_countable(const std::string& name) {
  if (!noted_.insert(name).second || circular_.contains(name)) return;
  const auto& cond = findings_.at(name)->cond;
  if (!cond) return;
  std::vector<ast::Word> used;
  names_in(*cond, used);
  auto& fields = finding_fields_[name];
  for (const auto& w : used) {
    if (findings_.contains(w.text)) note_countable(w.text);
    auto more = fields_of(w.text);
    fields.insert(more.begin(), more.end());
  }
  countable_[name] = countable(*cond);
}

}  // namespace surety::treaty
