// /compare: the same events under several instruments, row by row of what a clause is about. A cell
// lists clauses; it never adds unlike things and never ranks parties.
#include <algorithm>
#include <map>

#include "serve/json_parts.h"

namespace surety::serve {
namespace {

// The order in which a reader compares: what is forbidden, what follows a breach, what is built up.
const char* const kOrder[] = {"cessation",    "non-use",        "respect",     "monitoring",       "findings",
                              "consultation", "council-action", "assistance",  "military-support", "intelligence",
                              "logistics",    "sanctions",      "diplomacy",   "coordination",     "force",
                              "hub",          "deliveries",     "production",  "training",         "reconstruction",
                              "contribution", "access",         "explanation", "conclude",         "prosperity"};

std::size_t rank(const std::string& kind) {
  return static_cast<std::size_t>(std::find(std::begin(kOrder), std::end(kOrder), kind) - std::begin(kOrder));
}

void cell(JsonOut& j, const engine::Instrument& i, const plan::Clause& c) {
  const plan::Agreement& a = *i.agreement;
  j.object().member("clause", c.id).member("title", c.title).key("modal").string(name(c.modal));
  j.member("bearer", c.bearer_words).member("action", words(c.actions)).member("time", words(c.time));
  j.key("binding").string(model::name(binding_of(a, c))).member("otherwise_unspecified", c.otherwise_unspecified);
  j.key("duties").array();
  for (const std::size_t n : i.outcome.current) {
    const model::DutyVerdict& v = i.outcome.duties[n];
    if (v.clause != c.id) continue;
    j.object().member("bearer", v.bearer).key("state").string(model::name(v.state)).member("reading", v.reading);
    instant(j, "due", v.due);
    maybe(j, "waits_for", v.waits_for);
    maybe(j, "decided_by", v.decided_by);
    j.member("id", v.id).end();
  }
  j.end().end();
}

}  // namespace

std::string compare(const engine::World& world, const Frame& frame) {
  // Those named in `only`, comma-separated; all of them when it is empty.
  std::vector<const engine::Instrument*> columns;
  for (const auto& i : world.instruments) {
    const bool named = ("," + frame.only + ",").find("," + i.agreement->name + ",") != std::string::npos;
    if (frame.only.empty() || named) columns.push_back(&i);
  }
  std::map<std::pair<std::size_t, std::string>, bool> kinds;
  for (const auto* i : columns) {
    for (const auto& c : i->agreement->clauses) kinds[{rank(c.kind), c.kind}] = true;
  }
  JsonOut j;
  open(j, "compare", world, frame);
  j.key("instruments").array();
  for (const auto* i : columns) {
    j.object().member("name", i->agreement->name).member("title", i->agreement->title);
    j.key("binding").string(model::name(i->agreement->binding.kind));
    j.key("in_force").string(model::name(i->outcome.standing.in_force));
    j.member("because", i->outcome.standing.because).end();
  }
  j.end().key("rows").array();
  for (const auto& [key, unused] : kinds) {
    j.object().member("about", key.second).key("cells").array();
    for (const auto* i : columns) {
      j.array();
      for (const auto& c : i->agreement->clauses) {
        if (c.kind == key.second) cell(j, *i, c);
      }
      j.end();
    }
    j.end().end();
  }
  return j.end().end().take();
}

}  // namespace surety::serve
