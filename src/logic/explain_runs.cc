#include "logic/explain_runs.h"

#include <algorithm>
#include <queue>
#include <set>
#include <tuple>

namespace surety::logic {
namespace {

using plan::Regex;

constexpr std::size_t kHugeCost = std::size_t{1} << 50;
constexpr std::size_t kMostVisits = 2'000'000;  // of places, while looking for the best cut

// The expression as an automaton (Thompson 1968) times the time-points, walked by Dijkstra's algorithm.
class RunGraph {
 public:
  // Of passing a test; nothing: it cannot be passed.
  using Weight = std::function<std::optional<ProofCost>(TestAt)>;

  explicit RunGraph(const Runs& r) : runs_(r) {
    fresh();
    accepting_ = build(r.regex, 0);
    if (r.starts.empty() || r.ends.empty()) return;
    first_ = r.starts.front();
    points_ = r.ends.back() < first_ ? 0 : r.ends.back() - first_ + 1;
  }

  std::optional<Run> cheapest(const Weight& weight, std::size_t& visits) const {
    Search s{std::vector<Label>(points_ * out_.size()), {}};
    visits += s.labels.size();
    for (const std::size_t p : runs_.starts)
      if (p - first_ < points_) s.reach(place(0, p), {{}, p, kNowhere, 0, false, {}}, p);
    while (!s.open.empty()) {
      const auto [cost, from, point, at] = s.open.top();
      s.open.pop();
      if (s.labels[at].done) continue;
      s.labels[at].done = true;
      const std::size_t state = at % out_.size();
      if (state == accepting_ && std::binary_search(runs_.ends.begin(), runs_.ends.end(), point)) return path(s, at, point);
      for (const Wire& w : out_[state]) {
        Label next{cost, from, at, w.which, w.kind == Wire::test, false};
        if (w.kind == Wire::skip && point - first_ + 1 == points_) continue;
        if (w.kind == Wire::test) {
          const auto more = weight({point, w.which});
          if (!more) continue;
          next.cost = next.cost + *more;
        }
        const std::size_t to = w.kind == Wire::skip ? point + 1 : point;
        s.reach(place(w.to, to), next, to);
      }
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kNowhere = SIZE_MAX;
  struct Wire {
    enum Kind { free, skip, test } kind = free;
    std::size_t to = 0, which = 0;
  };
  struct Label {
    ProofCost cost{kHugeCost, kHugeCost};
    std::size_t from = kNowhere, before = kNowhere, test = 0;
    bool tested = false, done = false;
  };
  struct Search {
    using Entry = std::tuple<ProofCost, std::size_t, std::size_t, std::size_t>;  // cost, from, point, place
    std::vector<Label> labels;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
    void reach(std::size_t at, const Label& l, std::size_t point) {
      if (std::tie(l.cost, l.from) >= std::tie(labels[at].cost, labels[at].from)) return;
      labels[at] = l;
      open.emplace(l.cost, l.from, point, at);
    }
  };

  std::size_t place(std::size_t state, std::size_t point) const { return (point - first_) * out_.size() + state; }
  std::size_t fresh() {
    out_.emplace_back();
    return out_.size() - 1;
  }
  std::size_t wire(std::size_t from, Wire w) {
    w.to = fresh();
    out_[from].push_back(w);
    return w.to;
  }
  std::size_t build(const Regex& r, std::size_t from) {
    switch (r.op) {
      case Regex::Op::any:
        return wire(from, {Wire::skip, 0, 0});
      case Regex::Op::test:
        return wire(from, {Wire::test, 0, r.test});
      case Regex::Op::concat:
        for (const Regex& p : r.parts) from = build(p, from);
        return from;
      case Regex::Op::either: {
        const std::size_t to = fresh();
        for (const Regex& p : r.parts) out_[build(p, from)].push_back({Wire::free, to, 0});
        return to;
      }
      case Regex::Op::star:
        break;
    }
    const std::size_t hub = wire(from, {Wire::free, 0, 0});
    out_[build(r.parts[0], hub)].push_back({Wire::free, hub, 0});
    return hub;
  }
  Run path(const Search& s, std::size_t at, std::size_t to) const {
    Run run{{}, s.labels[at].from, to, s.labels[at].cost};
    for (; s.labels[at].before != kNowhere; at = s.labels[at].before)
      if (s.labels[at].tested) run.tests.push_back({first_ + at / out_.size(), s.labels[at].test});
    std::reverse(run.tests.begin(), run.tests.end());
    return run;
  }

  const Runs& runs_;
  std::vector<std::vector<Wire>> out_;
  std::size_t accepting_ = 0, first_ = 0, points_ = 0;
};

class CutSearch {
 public:
  CutSearch(const Runs& r, std::size_t most) : runs_(r), graph_(r), most_(most) {}

  std::optional<std::vector<TestAt>> best() {
    extend({});
    if (!best_ || visits_ > kMostVisits) return std::nullopt;
    return std::vector<TestAt>(best_->begin(), best_->end());
  }

 private:
  // A run past the tests chosen so far: one of its failing tests has to be chosen too. Those tried before
  // are not tried again further down.
  void extend(ProofCost cost) {
    if (visits_ > kMostVisits) return;
    const auto run = graph_.cheapest(
        [&](TestAt t) -> std::optional<ProofCost> {
          if (chosen_.contains(t)) return std::nullopt;
          return ProofCost{0, runs_.holds(t) || passed_.contains(t) ? 0u : 1u};
        },
        visits_);
    if (!run) {
      best_ = chosen_;
      best_cost_ = cost;
      return;
    }
    if (chosen_.size() == most_) return;
    std::vector<TestAt> tried;
    for (const TestAt t : run->tests) {
      if (runs_.holds(t) || passed_.contains(t)) continue;
      const ProofCost with = cost + runs_.cost(t);
      if (!best_ || with < best_cost_) {
        chosen_.insert(t);
        extend(with);
        chosen_.erase(t);
      }
      passed_.insert(t);
      tried.push_back(t);
    }
    for (const TestAt t : tried) passed_.erase(t);
  }

  const Runs& runs_;
  RunGraph graph_;
  std::size_t most_, visits_ = 0;
  std::set<TestAt> chosen_, passed_;
  std::optional<std::set<TestAt>> best_;
  ProofCost best_cost_;
};

}  // namespace

ProofCost operator+(ProofCost a, ProofCost b) {
  return {std::min(a.leaves + b.leaves, kHugeCost - 1), std::min(a.nodes + b.nodes, kHugeCost - 1)};
}

std::optional<Run> cheapest_run(const Runs& r) {
  std::size_t visits = 0;
  return RunGraph(r).cheapest([&](TestAt t) -> std::optional<ProofCost> { return r.holds(t) ? std::optional(r.cost(t)) : std::nullopt; },
                              visits);
}

std::optional<std::vector<TestAt>> cheapest_cut(const Runs& r, std::size_t most) { return CutSearch(r, most).best(); }

}  // namespace surety::logic
