#include "fulfil/fulfil.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "fulfil/entries.h"

namespace surety::fulfil {
namespace {

using model::Amount;

// From the loosest word to the firmest; the firmest that is recorded is what is measured against.
constexpr std::array<const char*, 4> kFirmness = {"proposed", "announced", "committed", "allocated"};
const std::set<std::string> kTaken = {"received", "acknowledged", "accepted", "installed"};
const std::set<std::string> kUndone = {"withdrawn", "returned", "lost", "ready", "out"};
const std::set<std::string> kForceStages = {"ready", "deployed", "withdrawn"};
// Kinds of clause that promise something one can give an account of.
const std::set<std::string> kPromising = {"deliveries", "production",   "training",         "reconstruction", "force",
                                          "hub",        "contribution", "military-support", "intelligence",   "logistics",
                                          "sanctions",  "assistance",   "prosperity"};

void add_to(std::map<std::string, Amount>& sums, const std::string& stage, const Amount& a) {
  const auto [it, fresh] = sums.emplace(stage, a);
  if (fresh) return;
  if (auto sum = model::add(it->second, a)) {
    it->second = std::move(*sum);
  } else {  // beyond exact arithmetic: no figure is better than a wrong one
    it->second.low.reset();
    it->second.high.reset();
  }
}

bool figure(const Amount& a) { return a.low || a.high; }

std::optional<Decimal> less(const std::optional<Decimal>& a, const std::optional<Decimal>& b) {
  if (!a || !b) return std::nullopt;
  const auto r = subtract(*a, *b);
  if (!r) return std::nullopt;
  return *r < Decimal(0) ? Decimal(0) : *r;
}

const Amount* firmest(const Balance& b) {
  for (auto s = kFirmness.rbegin(); s != kFirmness.rend(); ++s)
    if (const auto it = b.promised.find(*s); it != b.promised.end() && figure(it->second)) return &it->second;
  for (const auto& [stage, a] : b.promised)
    if (figure(a)) return &a;
  return nullptr;
}

// What was taken over at the other end, and the most that anybody claims.
void close(Balance& b, const Amount& confirmed, bool any_confirmed) {
  b.confirmed = any_confirmed ? confirmed : Amount{Decimal(0), Decimal(0), b.unit, ""};
  b.at_most = Amount{Decimal(0), Decimal(0), b.unit, ""};
  bool silent = false;  // something was done and nobody says how much
  for (const auto& [stage, a] : b.done) {
    if (kUndone.contains(stage)) continue;
    if (!a.high)
      silent = true;
    else if (!b.at_most.high || *a.high > *b.at_most.high)
      b.at_most.low = b.at_most.high = a.high;
  }
  if (silent) b.at_most.high.reset();
  const Amount* promise = firmest(b);
  if (!promise || (silent && !any_confirmed)) return;
  Amount open;
  open.unit = b.unit;
  open.low = b.at_most.high ? less(promise->low, b.at_most.high) : promise->low ? std::optional(Decimal(0)) : std::nullopt;
  open.high = less(promise->high, b.confirmed.low);
  if (figure(open)) b.open = open;
}

std::vector<Balance> balances(const std::vector<const Entry*>& list) {
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<const Entry*>> groups;
  for (const Entry* e : list) groups[{e->party, e->item, e->amount.unit}].push_back(e);
  std::vector<Balance> out;
  for (const auto& [key, members] : groups) {
    Balance b;
    std::tie(b.party, b.item, b.unit) = key;
    Amount confirmed;
    bool any = false;
    for (const Entry* e : members) {
      b.entries.push_back(e->id);
      const bool pledge = e->kind == model::Kind::pledge;
      add_to(pledge ? b.promised : b.done, e->stage, e->amount);
      if (pledge && !e->amount.exact()) b.vague = true;
      if (pledge && !e->amount.words.empty()) b.words.push_back(e->amount.words);
      if (pledge && !figure(e->amount) && e->amount.words.empty() && !e->text.empty()) b.words.push_back(e->text);
      // The giver's own word does not confirm that it arrived.
      if (!pledge && kTaken.contains(e->stage) && e->author != e->party) {
        std::map<std::string, Amount> sum{{"", confirmed}};
        if (any)
          add_to(sum, "", e->amount);
        else
          sum[""] = e->amount;
        confirmed = sum[""];
        any = true;
      }
    }
    close(b, confirmed, any);
    out.push_back(std::move(b));
  }
  return out;
}

std::string state_of(const std::vector<Balance>& list) {
  if (list.empty()) return "nothing recorded";
  bool any_done = false, all_done = true, any_figure = false;
  for (const auto& b : list) {
    for (const auto& [stage, a] : b.done) any_done = any_done || !kUndone.contains(stage);
    any_figure = any_figure || firmest(b);
    all_done = all_done && !b.promised.empty() && b.open && b.open->high && *b.open->high == Decimal(0);
  }
  if (all_done) return "done";
  if (any_done) return "partly done";
  return any_figure ? "open" : "vague";
}

ClauseAccount account_of(const plan::Agreement& a, const plan::Clause& c, const std::vector<const Entry*>& list) {
  ClauseAccount out;
  out.clause = c.id;
  out.title = c.title;
  out.kind = c.kind;
  out.binding = c.binding ? c.binding->kind : a.binding.kind;
  out.bearers = c.bearers;
  out.balances = balances(list);
  out.state = state_of(out.balances);
  for (const auto& b : c.bearers)
    if (std::none_of(list.begin(), list.end(), [&](const Entry* e) { return e->party == b; })) out.silent.push_back(b);
  return out;
}

std::vector<Force> forces(const plan::Agreement& a, const std::vector<Entry>& all) {
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::vector<const Entry*>> groups;
  for (const auto& e : all) {
    const plan::Clause* c = a.clause(e.clause);
    if (!c || (c->kind != "force" && !(c->kind == "contribution" && kForceStages.contains(e.stage)))) continue;
    groups[{e.clause, e.party, e.item, e.amount.unit}].push_back(&e);
  }
  std::vector<Force> out;
  for (const auto& [key, members] : groups) {
    Force f;
    std::tie(f.clause, f.party, f.item, f.unit) = key;
    f.pledged.unit = f.ready.unit = f.deployed.unit = f.withdrawn.unit = f.unit;
    std::map<std::string, Amount> by;
    for (const Entry* e : members) {
      f.entries.push_back(e->id);
      add_to(by, e->kind == model::Kind::pledge ? "pledged:" + e->stage : e->stage, e->amount);
      if (e->kind == model::Kind::pledge && !e->amount.words.empty()) f.words += (f.words.empty() ? "" : "; ") + e->amount.words;
    }
    for (const char* s : kFirmness)
      if (const auto it = by.find(std::string("pledged:") + s); it != by.end()) f.pledged = it->second;
    if (by.contains("ready")) f.ready = by["ready"];
    if (by.contains("pledged:ready")) f.ready = by["pledged:ready"];
    if (by.contains("deployed")) f.deployed = by["deployed"];
    if (by.contains("withdrawn")) f.withdrawn = by["withdrawn"];
    out.push_back(std::move(f));
  }
  return out;
}

std::vector<Hub> hubs(const plan::Agreement& a, const std::vector<Entry>& all,
                      const std::map<std::string, const model::Statement*>& by_id) {
  std::map<std::tuple<std::string, std::string, std::string>, Hub> out;
  std::map<std::tuple<std::string, std::string, std::string>, std::map<std::string, std::pair<Amount, Amount>>> flows;
  for (const auto& e : all) {
    const plan::Clause* c = a.clause(e.clause);
    if (!c || c->kind != "hub") continue;
    const HubFacts facts = hub_facts(*by_id.at(e.id));
    const std::tuple key{e.clause, facts.name.empty() ? e.item : facts.name, e.party};
    Hub& h = out[key];
    std::tie(h.clause, h.name, h.party) = key;
    h.entries.push_back(e.id);
    if (facts.capacity) h.capacity = facts.capacity;
    const bool in = e.stage == "stocked" || e.stage == "in", taken = e.stage == "out";
    if (!in && !taken) {
      h.stage = e.stage;
      continue;
    }
    auto& [into, from] = flows[key]
                             .try_emplace(e.amount.unit, Amount{Decimal(0), Decimal(0), e.amount.unit, ""},
                                          Amount{Decimal(0), Decimal(0), e.amount.unit, ""})
                             .first->second;
    std::map<std::string, Amount> sum{{"", in ? into : from}};
    add_to(sum, "", e.amount);
    (in ? into : from) = sum[""];
  }
  std::vector<Hub> list;
  for (auto& [key, h] : out) {
    for (const auto& [unit, flow] : flows[key]) {
      Amount stock;
      stock.unit = unit;
      stock.low = less(flow.first.low, flow.second.high);
      stock.high = less(flow.first.high, flow.second.low);
      h.stock.emplace(unit, stock);
    }
    list.push_back(std::move(h));
  }
  return list;
}

}  // namespace

Account account(const plan::Agreement& agreement, std::span<const model::Statement> statements, const Options& options) {
  Account out;
  out.instrument = agreement.name;
  out.entries = entries(agreement, statements, options, out.problems);
  std::map<std::string, std::vector<const Entry*>> by_clause;
  std::set<std::string> ids;
  for (const auto& e : out.entries) {
    by_clause[e.clause].push_back(&e);
    ids.insert(e.id);
  }
  std::map<std::string, const model::Statement*> by_id;
  for (const auto& s : statements)
    if (ids.contains(s.id)) by_id.emplace(s.id, &s);
  for (const auto& c : agreement.clauses) {
    const auto recorded = by_clause.find(c.id);
    const bool promises = c.modal != plan::Modal::must_not && kPromising.contains(c.kind);
    if (!promises && recorded == by_clause.end()) continue;
    out.clauses.push_back(account_of(agreement, c, recorded == by_clause.end() ? std::vector<const Entry*>{} : recorded->second));
  }
  out.forces = forces(agreement, out.entries);
  out.hubs = hubs(agreement, out.entries, by_id);
  return out;
}

}  // namespace surety::fulfil
