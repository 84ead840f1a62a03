// What the instruments say: /agreements, /agreements/{name}, its geometry.
#include <filesystem>

#include "base/calendar.h"
#include "base/files.h"
#include "serve/json_parts.h"
#include "treaty/treaty.h"

namespace surety::serve {
namespace {

void head(JsonOut& j, const engine::Instrument& i) {
  const plan::Agreement& a = *i.agreement;
  j.member("name", a.name).member("version", a.version).member("title", a.title);
  j.key("binding").string(model::name(a.binding.kind));
  texts(j, "parties", a.parties);
  texts(j, "signed_by", a.signed_by);
  texts(j, "endorsed_by", a.endorsed_by);
  j.member("zone", a.clock.zone);
  instant(j, "from", a.in_force.from);
  instant(j, "until", a.in_force.until);
  j.key("in_force_when");
  if (a.in_force.when) {
    j.string(a.in_force.when->text);
  } else {
    j.null();
  }
  j.key("in_force").string(model::name(i.outcome.standing.in_force));
  j.member("because", i.outcome.standing.because);
  j.member("clauses_total", a.clauses.size()).member("text_sha256", a.text_sha256).member("hash", a.hash);
}

void clause(JsonOut& j, const plan::Agreement& a, const plan::Clause& c) {
  j.object().member("id", c.id).member("title", c.title).member("about", c.kind);
  j.member("source", c.source.quote).member("line", static_cast<std::int64_t>(c.span.line));
  j.key("modal").string(name(c.modal)).member("bearer", c.bearer_words);
  texts(j, "bearers", c.bearers);
  j.member("action", words(c.actions)).member("time", words(c.time));
  j.key("binding").string(model::name(binding_of(a, c)));
  maybe(j, "when", c.when ? c.when->text : "");
  maybe(j, "except", c.except ? c.except->text : "");
  maybe(j, "binding_once", c.binding && c.binding->once ? c.binding->once->text : "");
  texts(j, "without_prejudice", c.without_prejudice);
  texts(j, "notwithstanding", c.notwithstanding);
  j.key("occurrence").string(model::name(c.occurrence)).key("attribution").string(model::name(c.attribution));
  texts(j, "otherwise", c.otherwise);
  j.member("otherwise_unspecified", c.otherwise_unspecified);
  j.key("readings").array();
  for (const auto& r : c.readings)
    j.object().member("name", r.name).member("of", r.of_trigger ? "trigger" : "performance").member("text", r.is.text).end();
  j.end();
  texts(j, "notes", c.notes);
  const auto meaning = treaty::explain(a, c.id);
  maybe(j, "meaning", meaning ? *meaning : "");
  j.end();
}

void record_of_text(JsonOut& j, const plan::Agreement& a) {
  j.key("sources").array();
  for (const auto& s : a.sources) j.string(s.quote);
  j.end().key("purposes").array();
  for (const auto& p : a.purposes) {
    j.object().member("name", p.name).member("text", p.text).member("source", p.source.quote);
    texts(j, "served_by", p.served_by);
    j.end();
  }
  j.end().key("objections").array();
  for (const auto& o : a.objections) {
    j.object().member("by", o.by).member("date", o.date).member("text", o.text).member("source", o.source.quote);
    texts(j, "against", o.against);
    j.end();
  }
  j.end().key("history").array();
  for (const auto& h : a.history) j.object().member("date", h.date).member("text", h.text).member("source", h.source.quote).end();
  j.end().key("parameters").array();
  for (const auto& p : a.parameters) j.object().member("name", p.name).member("value", words(p)).member("reason", p.reason).end();
  j.end().key("bodies").array();
  for (const auto& b : a.bodies) {
    j.object().member("name", b.name).member("chair", b.chair);
    texts(j, "members", b.members);
    j.end();
  }
  j.end().key("findings").array();
  for (const auto& f : a.findings) j.object().member("name", f.name).member("decided_by", f.decided_by).member("when", f.when.text).end();
  j.end().key("events").array();
  for (const auto& e : a.events) {
    j.object().member("name", e.name);
    texts(j, "reported_as", e.reported_as);
    texts(j, "observed_by", e.observed_by);
    j.end();
  }
  j.end();
  texts(j, "notes", a.notes);
}

}  // namespace

const engine::Instrument* instrument(const engine::World& world, const std::string& name) {
  for (const auto& i : world.instruments) {
    if (i.agreement->name == name) return &i;
  }
  return nullptr;
}

std::string agreements(const engine::World& world, const Frame& frame) {
  JsonOut j;
  open(j, "agreements", world, frame);
  return page(std::move(j), frame, world.instruments.size(), [&](std::size_t n) {
    JsonOut item;
    item.object();
    head(item, world.instruments[n]);
    return item.end().take();
  });
}

std::string agreement(const engine::World& world, const engine::Instrument& i, const Frame& frame) {
  const plan::Agreement& a = *i.agreement;
  JsonOut j;
  open(j, "agreement", world, frame);
  head(j, i);
  record_of_text(j, a);
  j.key("machines").array();
  for (const auto& m : a.machines) {
    j.object().member("name", m.name).member("initial", m.initial).key("transitions").array();
    for (const auto& t : m.transitions) {
      j.object();
      texts(j, "from", t.from);
      j.member("to", t.to).member("when", t.when.text).end();
    }
    j.end().end();
  }
  j.end().key("clauses").array();
  for (const auto& c : a.clauses) clause(j, a, c);
  return j.end().end().take();
}

Result<std::string> geometry(const engine::Instrument& i) {
  const plan::Agreement& a = *i.agreement;
  JsonOut j;
  j.object().member("kind", "geometry").member("instrument", a.name).key("zones").array();
  const std::filesystem::path folder = std::filesystem::path(a.file).parent_path();
  for (const auto& z : a.zones) {
    if (z.file.empty()) continue;
    SURETY_TRY(const std::string geojson, read_file((folder / z.file).string()));
    j.object().member("name", z.name).member("file", z.file).key("geojson").raw(geojson).end();
  }
  return j.end().end().take();
}

}  // namespace surety::serve
