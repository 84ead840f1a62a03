#include <algorithm>
#include <map>
#include <tuple>

#include "duty/norm.h"

namespace surety::duty {
namespace {

// How often each pattern happened in the window, whoever did it and party by party.
void count(Run& run) {
  const Standing& s = run.outcome.standing;
  for (const auto& p : run.agreement.patterns) {
    std::map<std::string, std::pair<std::size_t, std::size_t>> by;  // certain, possible
    std::uint32_t last = UINT32_MAX;
    bool last_certain = false;
    auto& all = by[""];
    for (const auto& m : run.matches[p.index]) {
      if (m.at > run.now) break;
      if (!m.party.empty()) {
        auto& one = by[std::string(m.party)];
        one.first += m.certain;
        ++one.second;
      }
      // Matches of one happening stand together: it counts once for everybody.
      if (m.happening != last) {
        last = m.happening;
        last_certain = false;
        ++all.second;
      }
      if (m.certain && !last_certain) {
        last_certain = true;
        ++all.first;
      }
    }
    for (const auto& [party, n] : by) {
      Count c{run.agreement.name, p.index, p.text, party, s.since, s.until, n.first, n.second};
      if (n.second || party.empty()) run.outcome.counts.push_back(std::move(c));
    }
  }
}

void put_in_order(const plan::Agreement& a, Outcome& out) {
  std::map<std::string, int> rank;
  for (const auto& c : a.clauses) rank.emplace("clause " + c.id, static_cast<int>(rank.size()));
  const auto duty_key = [&](const model::DutyVerdict& v) {
    return std::tuple(v.event_time.us, rank.at("clause " + v.clause), std::string_view(v.bearer), std::string_view(v.trigger),
                      static_cast<int>(v.state), std::string_view(v.reading), std::string_view(v.id));
  };
  std::sort(out.duties.begin(), out.duties.end(), [&](const auto& x, const auto& y) { return duty_key(x) < duty_key(y); });
  std::stable_sort(out.states.begin(), out.states.end(), [](const auto& x, const auto& y) {
    return std::tuple(x.event_time.us, std::string_view(x.machine)) < std::tuple(y.event_time.us, std::string_view(y.machine));
  });
  std::stable_sort(out.waiting.begin(), out.waiting.end(), [&](const Waiting& x, const Waiting& y) {
    const auto place = [&](const Waiting& w) { return rank.contains(w.subject) ? rank.at(w.subject) : -1; };
    return std::tuple(place(x), std::string_view(x.subject), static_cast<int>(x.why), std::string_view(x.text)) <
           std::tuple(place(y), std::string_view(y.subject), static_cast<int>(y.why), std::string_view(y.text));
  });
  std::stable_sort(out.tallies.begin(), out.tallies.end(),
                   [&](const Tally& x, const Tally& y) { return rank.at("clause " + x.clause) < rank.at("clause " + y.clause); });
  std::map<std::tuple<int, std::string, std::string, std::string>, std::size_t> last;
  for (std::size_t i = 0; i < out.duties.size(); ++i) {
    const auto& v = out.duties[i];
    last[{rank.at("clause " + v.clause), v.bearer, v.trigger, v.reading}] = i;
  }
  for (const auto& [key, i] : last) out.current.push_back(i);
}

}  // namespace

Result<Outcome> decide(const plan::Agreement& agreement, std::span<const model::Incident> incidents,
                       std::span<const model::Statement> statements, const Options& options) {
  const World world(agreement, incidents, statements, options);
  Run run(agreement, world, options);
  SURETY_TRY_STATUS(stand(run));
  Ledger ledger;
  for (const auto& what : evaluation_order(agreement)) {
    const std::string id = what.substr(2);
    if (what[0] == 'm') {
      for (const auto& m : agreement.machines)
        if (m.name == id) SURETY_TRY_STATUS(run_machine(run, m));
    } else if (const plan::Clause* clause = agreement.clause(id)) {
      SURETY_TRY_STATUS(Norm(run, ledger, *clause).go());
    }
  }
  count(run);
  put_in_order(agreement, run.outcome);
  return std::move(run.outcome);
}

namespace {

template <class V, class Key>
void link_list(const std::vector<V>& before, std::vector<V>& now, Key key) {
  std::map<decltype(key(now.front())), std::vector<const V*>> old;
  std::map<std::string, int> unchanged;
  for (const auto& v : before) {
    old[key(v)].push_back(&v);
    ++unchanged[v.id];
  }
  for (const auto& v : now) {
    if (const auto it = unchanged.find(v.id); it != unchanged.end()) it->second = 0;
    if (const auto it = unchanged.find(v.supersedes); it != unchanged.end()) it->second = 0;
  }
  for (auto& v : now) {
    if (unchanged.contains(v.id) || !v.supersedes.empty()) continue;
    const auto it = old.find(key(v));
    if (it == old.end()) continue;
    for (const V* o : it->second)  // the first that no longer stands
      if (unchanged[o->id] > 0) {
        v.supersedes = o->id;
        unchanged[o->id] = 0;
        break;
      }
  }
}

}  // namespace

void link(const Outcome& before, Outcome& now) {
  if (!now.states.empty())
    link_list(before.states, now.states, [](const model::StateVerdict& v) { return std::tuple(v.instrument, v.machine); });
  if (now.duties.empty()) return;
  link_list(before.duties, now.duties, [](const model::DutyVerdict& v) { return std::tuple(v.instrument, v.clause, v.bearer, v.trigger); });
  // A correction may have made another incident of the trigger, or none: then the bearer's own line follows.
  link_list(before.duties, now.duties, [](const model::DutyVerdict& v) { return std::tuple(v.instrument, v.clause, v.bearer); });
}

}  // namespace surety::duty
