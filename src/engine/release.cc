#include "engine/release.h"

#include <algorithm>
#include <map>
#include <set>

#include "duty/rests_on.h"

namespace surety::engine {
namespace {

using plan::Agreement;
using Names = std::set<std::string>;

bool touches(const duty::Reads& reads, const Names& hidden) {
  return std::any_of(reads.begin(), reads.end(), [&](const std::string& r) { return hidden.contains(r); });
}

bool touches(const plan::Condition& condition, const Names& hidden) {
  duty::Reads reads;
  duty::reads(condition, reads);
  return touches(reads, hidden);
}

// Clauses that are not released, and whatever rests on them, however far.
Names hidden_of(const Agreement& a, const std::vector<std::string>& audiences) {
  Names hidden;
  for (const auto& c : a.clauses) {
    if (!released_to(c.releasable, audiences)) hidden.insert("c:" + c.id);
  }
  const auto needs = duty::rests_on(a);
  for (bool more = !hidden.empty(); more;) {
    more = false;
    for (const auto& [who, reads] : needs) {
      if (!hidden.contains(who) && touches(reads, hidden)) more = hidden.insert(who).second;
    }
  }
  return hidden;
}

// What conditions use of what the agreement declares.
struct Used {
  std::set<std::uint32_t> patterns;
  Names names;  // parameters, events, findings, zones, weapons
};

void use(const plan::Condition& c, Used& out) {
  out.patterns.insert(c.patterns.begin(), c.patterns.end());
  out.names.insert(c.parameters.begin(), c.parameters.end());
}

void use(const plan::Clause& c, Used& out) {
  for (const auto* condition : {&c.when, &c.except}) {
    if (*condition) use(**condition, out);
  }
  for (const auto& r : c.readings) use(r.is, out);
  for (const auto& t : c.actions) {
    out.names.insert(t.name);
    if (t.performed) use(*t.performed, out);
  }
  if (c.binding && c.binding->once) use(*c.binding->once, out);
  out.names.insert(c.parameters.begin(), c.parameters.end());
  for (const auto* anchor : {&c.time.anchor, c.time.starting ? &c.time.starting->second : nullptr}) {
    if (anchor && !anchor->name.empty()) out.names.insert(anchor->name);
  }
}

// Names that the patterns and zones used so far mention, and what the findings and acts of those names use.
void use_declared(const Agreement& a, Used& out) {
  for (const std::uint32_t k : out.patterns) {
    const plan::Pattern& p = a.patterns[k];
    out.names.insert({p.name, p.counts_as});
    for (const auto& t : p.tests) out.names.insert({t.word, t.distance_to});
  }
  for (const auto& z : a.zones) {
    if (out.names.contains(z.name)) out.names.insert({z.of, z.less});
  }
  for (const auto& f : a.findings) {
    if (out.names.contains(f.name)) use(f.when, out);
  }
  for (const auto& act : a.acts) {
    if (out.names.contains(act.name)) use(act.is, out);
  }
}

// By what is not hidden. What only hidden clauses use, or nothing does, goes with them.
Used used(const Agreement& a, const Names& hidden) {
  Used out;
  for (const auto& c : a.clauses) {
    if (!hidden.contains("c:" + c.id)) use(c, out);
  }
  for (const auto& m : a.machines) {
    for (const auto& t : m.transitions) {
      if (!hidden.contains("m:" + m.name)) use(t.when, out);
    }
  }
  if (a.in_force.when) use(*a.in_force.when, out);
  if (a.binding.once) use(*a.binding.once, out);
  for (std::size_t before = 0, now = 1; before != now;) {
    before = out.names.size() + out.patterns.size();
    use_declared(a, out);
    now = out.names.size() + out.patterns.size();
  }
  return out;
}

template <class List>
void keep_used(List& list, const Used& seen) {
  std::erase_if(list, [&](const auto& x) { return !seen.names.contains(x.name); });
}

void without(std::vector<std::string>& ids, const Names& hidden) {
  std::erase_if(ids, [&](const std::string& id) { return hidden.contains("c:" + id); });
}

void drop_references(Agreement& a, const Names& hidden) {
  for (auto& c : a.clauses) {
    for (auto* ids : {&c.without_prejudice, &c.notwithstanding, &c.otherwise, &c.withdrawn_then}) without(*ids, hidden);
  }
  for (auto& p : a.purposes) without(p.served_by, hidden);
  std::erase_if(a.objections, [&](plan::Objection& o) {
    const bool some = !o.against.empty();
    without(o.against, hidden);
    return some && o.against.empty();
  });
}

template <class Do>
void each_condition(Agreement& a, const Do& with) {
  const auto maybe = [&](std::optional<plan::Condition>& c) {
    if (c) with(*c);
  };
  for (auto& c : a.clauses) {
    maybe(c.when);
    maybe(c.except);
    for (auto& r : c.readings) with(r.is);
    for (auto& t : c.actions) maybe(t.performed);
    if (c.binding) maybe(c.binding->once);
  }
  for (auto& m : a.machines) {
    for (auto& t : m.transitions) with(t.when);
  }
  for (auto& f : a.findings) with(f.when);
  for (auto& act : a.acts) with(act.is);
  maybe(a.in_force.when);
  maybe(a.binding.once);
}

using Renamed = std::map<std::string, std::string>;
plan::Formula renamed(const plan::Formula& f, const Renamed& names) {
  plan::Node node = *f;
  const auto to = node.op == plan::Op::predicate ? names.find(node.name) : names.end();
  if (to != names.end()) node.name = to->second;
  for (auto& s : node.sub) s = renamed(s, names);
  return plan::Formula(std::move(node));
}

// Numbers of patterns run on without a gap: one would tell how much is hidden before it.
void renumber(Agreement& a, const std::set<std::uint32_t>& kept) {
  std::vector<plan::Pattern> patterns;
  std::map<std::uint32_t, std::uint32_t> to;
  Renamed names;
  for (const std::uint32_t k : kept) {
    const auto n = static_cast<std::uint32_t>(patterns.size());
    to[k] = n;
    patterns.push_back(a.patterns[k]);
    patterns.back().index = n;
    for (const char* mark : {"!", "?"}) names["p" + std::to_string(k) + mark] = "p" + std::to_string(n) + mark;
  }
  each_condition(a, [&](plan::Condition& c) {
    for (auto& k : c.patterns) k = to.at(k);
    c.certain = renamed(c.certain, names);
    c.possible = renamed(c.possible, names);
  });
  a.patterns = std::move(patterns);
}

// Where things stand in the text tells how much stands before them.
void forget_places(Agreement& a) {
  for (auto& c : a.clauses) c.span = {};
  for (auto& e : a.events) e.span = {};
  for (auto& f : a.findings) f.span = {};
  for (auto& p : a.patterns) p.span = {};
  for (auto& m : a.machines) {
    for (auto& t : m.transitions) t.span = {};
  }
  a.text_sha256.clear();
  a.hash.clear();
}

}  // namespace

bool released_to(const std::vector<std::string>& releasable, const std::vector<std::string>& audiences) {
  return releasable.empty() || std::any_of(releasable.begin(), releasable.end(), [&](const auto& n) {
           return std::find(audiences.begin(), audiences.end(), n) != audiences.end();
         });
}

std::shared_ptr<const Agreement> share_of(std::shared_ptr<const Agreement> whole, const std::vector<std::string>& audiences) {
  if (!released_to(whole->releasable, audiences)) return nullptr;
  const Names hidden = hidden_of(*whole, audiences);
  if (hidden.empty()) return whole;
  // Whether it is in force at all would tell.
  if (whole->in_force.when && touches(*whole->in_force.when, hidden)) return nullptr;
  auto out = std::make_shared<Agreement>(*whole);
  const Used seen = used(*whole, hidden);
  std::erase_if(out->clauses, [&](const auto& c) { return hidden.contains("c:" + c.id); });
  std::erase_if(out->machines, [&](const auto& m) { return hidden.contains("m:" + m.name); });
  keep_used(out->findings, seen);
  keep_used(out->acts, seen);
  keep_used(out->events, seen);
  keep_used(out->zones, seen);
  keep_used(out->weapons, seen);
  keep_used(out->parameters, seen);
  renumber(*out, seen.patterns);
  drop_references(*out, hidden);
  forget_places(*out);
  return out;
}

std::set<std::string> names_released_to(const Agreement& a) {
  Names out(a.releasable.begin(), a.releasable.end());
  for (const auto& c : a.clauses) out.insert(c.releasable.begin(), c.releasable.end());
  return out;
}

}  // namespace surety::engine
