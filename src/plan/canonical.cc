// The compiled agreement as bytes. Order is the order of the text where order has meaning (clauses,
// transitions, readings) and the order of names where it has none (groups, fields).
#include <utility>

#include "base/json_out.h"
#include "plan/agreement.h"

namespace surety::plan {
namespace {

using Words = std::vector<std::string>;

class Writer {
 public:
  std::string run(const Agreement& a) {
    j_.object();
    head(a);
    declarations(a);
    list("clauses", a.clauses, [&](const Clause& c) { clause(c); });
    list("machines", a.machines, [&](const StatusMachine& m) { machine(m); });
    papers(a);
    list("patterns", a.patterns, [&](const Pattern& p) { pattern(p); });
    j_.end();
    return j_.take();
  }

 private:
  template <class T, class F>
  void list(std::string_view name, const std::vector<T>& all, F each) {
    if (all.empty()) return;
    j_.key(name).array();
    for (const auto& x : all) each(x);
    j_.end();
  }
  void words(std::string_view name, const Words& all) {
    list(name, all, [&](const std::string& w) { j_.string(w); });
  }
  void some(std::string_view name, const std::string& value) {
    if (!value.empty()) j_.member(name, value);
  }
  void quantity(std::string_view name, const Quantity& q) { j_.member(name, surety::to_string(q)); }
  void source(std::string_view name, const Source& s) {
    if (s.quote.empty()) return;
    j_.key(name).object().member("quote", s.quote);
    some("sha256", s.sha256);
    j_.end();
  }
  void grade(std::string_view name, model::Grade g) {
    if (g != model::Grade::none) j_.member(name, model::name(g));
  }
  void condition(std::string_view name, const Condition& c) {
    j_.key(name).object().member("certain", text(c.certain)).member("possible", text(c.possible));
    words("free", c.free);
    words("parameters", c.parameters);
    j_.end();
  }
  void condition(std::string_view name, const std::optional<Condition>& c) {
    if (c) condition(name, *c);
  }
  void binding(std::string_view name, const BindingLine& b) {
    j_.key(name).object().member("kind", model::name(b.kind));
    condition("once", b.once);
    j_.end();
  }

  void head(const Agreement& a) {
    j_.member("name", a.name).member("version", a.version);
    some("title", a.title);
    words("parties", a.parties);
    j_.key("groups").object();
    for (const auto& [name, members] : a.groups) words(name, members);
    j_.end();
    list("bodies", a.bodies, [&](const Body& b) {
      j_.object().member("name", b.name);
      words("members", b.members);
      some("chair", b.chair);
      j_.member("rule", static_cast<int>(b.rule)).member("accused_not_voting", b.accused_not_voting).end();
    });
    j_.key("clock")
        .object()
        .member("zone", a.clock.zone)
        .member("rounding", static_cast<int>(a.clock.rounding))
        .member("start_day_counted", a.clock.start_day_counted)
        .end();
    binding("binding", a.binding);
    words("releasable", a.releasable);
    words("signed_by", a.signed_by);
    words("endorsed_by", a.endorsed_by);
    list("sources", a.sources, [&](const Source& s) {
      j_.object();
      source("source", s);
      j_.end();
    });
    j_.key("in_force").object();
    if (a.in_force.from) j_.member("from", surety::to_string(*a.in_force.from));
    if (a.in_force.until) j_.member("until", surety::to_string(*a.in_force.until));
    condition("when", a.in_force.when);
    j_.end();
  }

  void declarations(const Agreement& a) {
    list("evidence", a.evidence, [&](const EvidenceRule& r) {
      j_.object().member("grade", model::name(r.grade)).member("means", static_cast<int>(r.means)).member("count", r.count);
      some("of", r.of);
      j_.end();
    });
    list("zones", a.zones, [&](const Zone& z) {
      j_.object().member("name", z.name).member("kind", static_cast<int>(z.kind));
      some("file", z.file);
      some("of", z.of);
      some("less", z.less);
      if (z.kind == Zone::Kind::within) quantity("distance", z.distance);
      j_.end();
    });
    list("weapons", a.weapons, [&](const Weapon& w) {
      j_.object().member("name", w.name);
      list("parts", w.parts, [&](const WeaponPart& p) {
        j_.object().member("type", p.type);
        if (!p.comparison.empty()) {
          j_.member("comparison", p.comparison);
          quantity("calibre", p.calibre);
        }
        j_.end();
      });
      j_.end();
    });
    list("events", a.events, [&](const Event& e) {
      j_.object().member("name", e.name).key("fields").object();
      for (const auto& [name, type] : e.fields) j_.member(name, type);
      j_.end();
      words("reported_as", e.reported_as);
      words("observed_by", e.observed_by);
      j_.end();
    });
    list("parameters", a.parameters, [&](const Parameter& p) { parameter(p); });
    list("findings", a.findings, [&](const Finding& f) {
      j_.object().member("name", f.name);
      some("decided_by", f.decided_by);
      condition("when", f.when);
      j_.end();
    });
    list("acts", a.acts, [&](const Act& x) {
      j_.object().member("name", x.name);
      words("parameters", x.parameters);
      condition("is", x.is);
      j_.end();
    });
  }

  void parameter(const Parameter& p) {
    j_.object().member("name", p.name);
    if (const auto* n = std::get_if<std::int64_t>(&p.value)) j_.member("number", *n);
    if (const auto* s = std::get_if<Span>(&p.value)) j_.member("span", to_string(AnySpan(*s)));
    if (const auto* c = std::get_if<CalendarSpan>(&p.value)) j_.member("span", to_string(AnySpan(*c)));
    if (const auto* q = std::get_if<Quantity>(&p.value)) quantity("quantity", *q);
    j_.member("reason", p.reason).end();
  }

  void clause(const Clause& c) {
    j_.object().member("id", c.id).member("title", c.title);
    source("source", c.source);
    some("kind", c.kind);
    words("bearers", c.bearers);
    j_.member("each", c.each).member("modal", static_cast<int>(c.modal));
    list("actions", c.actions, [&](const ActionTerm& t) {
      j_.object().member("name", t.name);
      words("arguments", t.arguments);
      j_.member("and_next", t.and_next).member("monitorable", t.monitorable);
      condition("performed", t.performed);
      j_.end();
    });
    words("beneficiaries", c.beneficiaries);
    condition("when", c.when);
    condition("except", c.except);
    time(c.time);
    words("without_prejudice", c.without_prejudice);
    words("notwithstanding", c.notwithstanding);
    grade("occurrence", c.occurrence);
    grade("attribution", c.attribution);
    words("otherwise", c.otherwise);
    j_.member("otherwise_unspecified", c.otherwise_unspecified).member("withdrawn", static_cast<int>(c.withdrawn));
    words("withdrawn_then", c.withdrawn_then);
    if (c.binding) binding("binding", *c.binding);
    words("releasable", c.releasable);
    j_.member("survives_termination", c.survives_termination);
    list("readings", c.readings, [&](const Reading& r) {
      j_.object().member("name", r.name).member("of_trigger", r.of_trigger);
      condition("is", r.is);
      j_.end();
    });
    words("notes", c.notes);
    j_.end();
  }

  void time(const Time& t) {
    if (t.kind == Time::Kind::none) return;
    j_.key("time").object().member("kind", static_cast<int>(t.kind));
    if (t.kind == Time::Kind::within || t.kind == Time::Kind::every) j_.member("span", to_string(t.span));
    if (t.kind == Time::Kind::within || t.kind == Time::Kind::continuously) j_.member("anchor", to_string(t.anchor));
    if (t.kind == Time::Kind::by) j_.member("by", surety::to_string(t.by));
    if (t.starting) j_.member("starting", to_string(t.starting->first)).member("starting_anchor", to_string(t.starting->second));
    j_.end();
  }

  void machine(const StatusMachine& m) {
    j_.object().member("name", m.name).member("initial", m.initial);
    list("transitions", m.transitions, [&](const Transition& t) {
      j_.object();
      words("from", t.from);
      j_.member("to", t.to);
      condition("when", t.when);
      j_.end();
    });
    j_.end();
  }

  void papers(const Agreement& a) {
    list("purposes", a.purposes, [&](const Purpose& p) {
      j_.object().member("name", p.name).member("text", p.text);
      source("source", p.source);
      words("served_by", p.served_by);
      j_.end();
    });
    list("objections", a.objections, [&](const Objection& o) {
      j_.object().member("by", o.by).member("text", o.text);
      words("against", o.against);
      some("date", o.date);
      source("source", o.source);
      j_.end();
    });
    list("history", a.history, [&](const HistoryEntry& h) {
      j_.object().member("date", h.date).member("text", h.text);
      source("source", h.source);
      j_.end();
    });
    words("notes", a.notes);
  }

  void pattern(const Pattern& p) {
    j_.object().member("index", static_cast<std::int64_t>(p.index)).member("name", p.name).member("decided", p.decided);
    some("decided_by", p.decided_by);
    list("tests", p.tests, [&](const Test& t) {
      j_.object();
      some("field", t.field);
      some("distance_to", t.distance_to);
      j_.member("op", static_cast<int>(t.op));
      some("word", t.word);
      if (t.quantity) quantity("quantity", *t.quantity);
      j_.end();
    });
    j_.member("who", static_cast<int>(p.who));
    words("parties", p.parties);
    j_.member("each_party", p.each_party);
    grade("occurrence", p.occurrence);
    grade("attribution", p.attribution);
    some("counts_as", p.counts_as);
    some("sum_field", p.sum_field);
    some("sum_unit", p.sum_unit);
    j_.end();
  }

  JsonOut j_;
};

}  // namespace

std::string canonical(const Agreement& a) { return Writer().run(a); }

}  // namespace surety::plan
