// has power to: a decision or notice that suspends, resumes, waives or terminates duties changes them
// only if the clause that gives the power was in force for its author, and in time.
#include <fmt/format.h>

#include <algorithm>

#include "duty/norm.h"

namespace surety::duty {
namespace {

bool is_power(const std::string& name) { return name == "suspend" || name == "resume" || name == "waive" || name == "terminate"; }

// Whose duty is meant: the party that the statement names, else the one who speaks.
std::string subject(const Happening& h) {
  const std::string named = text_field(h.fields(), "bearer");
  if (!named.empty()) return named;
  return h.statement->actor.empty() ? h.statement->author : h.statement->actor;
}

}  // namespace

Status Norm::use_power(const Reading& r, std::vector<Line>& out) {
  Status status;
  permit(r, out, status);
  if (!status) return status;
  std::vector<std::string> targets;
  std::set<std::string> acts;
  for (const auto& a : clause_.actions) {
    if (is_power(a.name)) acts.insert(a.name);
    for (const auto& id : clause_ids(run_.agreement, a.arguments)) targets.push_back(id);
  }
  if (acts.contains("suspend")) acts.insert("resume");
  if (targets.empty())
    for (const auto& c : run_.agreement.clauses)
      if (c.modal != plan::Modal::power) targets.push_back(c.id);
  for (const auto& h : run_.world.all()) {
    if (!h.act() || !acts.contains(h.event) || h.stamp() > run_.now || h.withdrawn) continue;
    if (!h.statement->instrument.empty() && h.statement->instrument != run_.agreement.name) continue;
    const std::string who = h.statement->actor.empty() ? h.statement->author : h.statement->actor;
    if (std::find(clause_.bearers.begin(), clause_.bearers.end(), who) == clause_.bearers.end()) continue;
    const auto& active = ledger_.active[{clause_.id, who}];
    const Held* in = holding(active, h.stamp());
    std::string why = in ? "" : "the power is not in force";
    if (in && clause_.time.kind == plan::Time::Kind::within) {
      Trigger t{in->from, moment(*in), "", nullptr, {}, ""};
      bool waits = false;
      const auto limit = anchored(clause_.time.span, clause_.time.anchor, t, waits);
      if (!limit)
        run_.outcome.problems.push_back(limit.error());
      else if (*limit && h.stamp() > (*limit)->us)
        why = "the time for it ended at " + run_.day((*limit)->us);
    }
    if (!why.empty()) {
      Waiting w;
      w.why = Waiting::Why::invalid;
      w.event = h.event;
      w.body = who;
      w.examples = {h.id};
      w.text = fmt::format("{} by {} at {} changes nothing: {}", h.event, who, run_.day(h.stamp()), why);
      wait(std::move(w));
      continue;
    }
    for (const auto& id : targets) {
      const auto& named = h.statement->clauses;
      if (!named.empty() && std::find(named.begin(), named.end(), id) == named.end()) continue;
      const Ledger::Key key{id, subject(h)};
      auto& list = ledger_.suspended[key];
      if (h.event == "suspend" && (list.empty() || list.back().to <= h.stamp())) {
        // With the finding that it rests on, the suspension falls too (LANGUAGE.md §7.4).
        list.push_back({h.stamp(), clause_.withdrawn == plan::Withdrawn::continue_ ? plan::kForever : in->to, false});
        ledger_.by[key] = h.id;
      } else if (h.event == "resume" && !list.empty() && list.back().to > h.stamp()) {
        list.back().to = h.stamp();
      } else if (h.event == "waive" && ledger_.waived.emplace(key, h.stamp()).second) {
        ledger_.by[key] = h.id;
      } else if (h.event == "terminate" && ledger_.terminated.emplace(key, h.stamp()).second) {
        ledger_.by[key] = h.id;
      }
    }
  }
  for (const auto& [key, list] : ledger_.suspended)
    for (const auto& s : list) {
      run_.note("suspended", key.first, key.second, s.from);
      if (s.to <= run_.now) run_.note("resumed", key.first, key.second, s.to);
    }
  return {};
}

}  // namespace surety::duty
