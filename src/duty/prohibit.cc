// must not: each violation that is certain, at the required grade, attributed to the bearer, surely
// inside the time in which the clause binds, and not excused, is one breach. Whatever falls short of
// that in any respect is counted and shown, and breaches nobody.
#include <fmt/format.h>

#include <algorithm>

#include "duty/norm.h"

namespace surety::duty {

using model::DutyState;
using model::Truth;
using plan::Op;

// One forbidden act: a happening, or a stretch of time in which a compound act was going on.
struct Norm::Violation {
  Ticks at = 0;
  std::string bearer;
  bool certain = false;
  const Happening* happening = nullptr;
  const plan::Pattern* pattern = nullptr;
  Held held;
  const plan::Condition* condition = nullptr;
};

namespace {

// Only predicates, alternatives and EXISTS: one happening is one violation.
bool one_happening(const plan::Formula& f) {
  if (f->op == Op::predicate) return true;
  if (f->op == Op::exists || f->op == Op::disjunction)
    return std::all_of(f->sub.begin(), f->sub.end(), [](const auto& s) { return one_happening(s); });
  return false;
}

Truth inside_any(const TimeRange& when, const std::vector<Held>& sure, const std::vector<Held>& may) {
  for (const auto& h : sure) {
    if (h.from > when.to.us) break;
    if (h.from <= when.from.us && when.to.us < h.to) return Truth::holds;
  }
  for (const auto& h : may) {
    if (h.from > when.to.us) break;
    if (when.from.us < h.to) return Truth::undetermined;
  }
  return Truth::fails;
}

// A few intervals are the rule; many only when a condition comes and goes, and then a search helps.
Truth inside(const TimeRange& when, const std::vector<Held>& sure, const std::vector<Held>& may) {
  if (const Held* h = holding(sure, when.to.us)) {
    if (h->from <= when.from.us) return Truth::holds;
  }
  if (sure.size() + may.size() <= 16) return inside_any(when, sure, may);
  const Held* end = holding(may, when.to.us);
  const Held* begin = holding(may, when.from.us);
  return end || begin ? Truth::undetermined : Truth::fails;
}

bool about(const Happening& excuse, const Happening& h) {
  if (!excuse.statement) return false;
  for (const auto& id : excuse.statement->about) {
    if (id == h.id) return true;
    if (h.incident && std::binary_search(h.incident->members.begin(), h.incident->members.end(), id)) return true;
  }
  return false;
}

// A conclusion or approval stands from then on; anything else excuses what happened while it lasted.
bool covers_time(const Happening& excuse, const Happening& h) {
  if (excuse.kind == model::Kind::conclusion) return excuse.when.to <= h.when.from;
  return excuse.when.from <= h.when.from && (excuse.when.open_end || h.when.to <= excuse.when.to);
}

// An excuse that does not say whose it is may be anybody's.
Truth names(const Happening& excuse, const std::string& party) {
  if (excuse.attributions.empty()) return Truth::undetermined;
  return std::any_of(excuse.attributions.begin(), excuse.attributions.end(), [&](const auto& a) { return a.party == party; })
             ? Truth::holds
             : Truth::fails;
}

}  // namespace

Status Norm::collect_violations(const Reading& r, std::vector<Violation>& out) {
  std::vector<const plan::Condition*> acts;
  if (r.performed)
    acts.push_back(r.performed);
  else
    for (const auto& term : clause_.actions)
      if (term.performed) acts.push_back(&*term.performed);
  for (const auto* c : acts) {
    if (!one_happening(c->certain)) {
      SURETY_TRY(const auto sure, run_.signal(c->certain, "clause " + clause_.id + ", act", clause_.bearers));
      SURETY_TRY(const auto may, run_.signal(c->possible, "clause " + clause_.id + ", act", clause_.bearers));
      for (const auto& b : clause_.bearers) {
        const auto certain = sure.intervals(b, {Instant::min().us});
        for (const auto& h : certain) out.push_back({h.from, b, true, nullptr, nullptr, h, c});
        for (const auto& h : may.intervals(b, {Instant::min().us}))
          if (overlap({h}, certain).empty()) out.push_back({h.from, b, false, nullptr, nullptr, h, c});
      }
      continue;
    }
    for (const auto k : c->patterns) {
      const auto& p = run_.agreement.patterns[k];
      const bool whoever = p.who == plan::Pattern::Who::anyone;
      for (const auto& m : run_.matches[k]) {
        if (m.at > run_.now) break;
        for (const auto& b : clause_.bearers)
          if (whoever || m.party == b) out.push_back({m.at, b, m.certain, &run_.world[m.happening], &p, {}, c});
      }
    }
  }
  // Free words: nobody can see them, but a statement that names this clause says that it was done.
  for (const auto& h : run_.world.all()) {
    if (h.kind != model::Kind::performance || h.stamp() > run_.now) continue;
    const auto& clauses = h.statement->clauses;
    if (std::find(clauses.begin(), clauses.end(), clause_.id) == clauses.end()) continue;
    for (const auto& term : clause_.actions)
      if (!term.performed && term.name == h.event)
        for (const auto& b : clause_.bearers) {
          const Truth t = done_by(h, b, clause_.attribution);
          if (t != Truth::fails && h.occurrence >= clause_.occurrence)
            out.push_back({h.stamp(), b, t == Truth::holds, &h, nullptr, {}, nullptr});
        }
  }
  const auto id = [](const Violation& v) { return v.happening ? std::string_view(v.happening->id) : std::string_view(); };
  std::stable_sort(out.begin(), out.end(), [&](const Violation& a, const Violation& b) {
    return std::tuple(std::string_view(a.bearer), a.at, id(a), !a.certain) <
           std::tuple(std::string_view(b.bearer), b.at, id(b), !b.certain);
  });
  // One happening that several patterns forbid is one violation.
  out.erase(std::unique(
                out.begin(), out.end(),
                [&](const Violation& a, const Violation& b) { return a.happening && a.happening == b.happening && a.bearer == b.bearer; }),
            out.end());
  return {};
}

// Exceptions, one incident at a time: what is about it, or covers its time and actor. A condition that
// counts or looks back is asked at the incident's time.
Truth Norm::excused(const Happening& h, const std::string& bearer, Ticks at, Proof& by) {
  Truth out = Truth::fails;
  for (const auto& other : run_.agreement.clauses) {
    const auto& over = other.notwithstanding;
    if (std::find(over.begin(), over.end(), clause_.id) == over.end()) continue;
    const auto active = ledger_.active.find({other.id, bearer});
    if (active == ledger_.active.end() || !holding(active->second, at)) continue;
    by.witness = {"prevails", fmt::format("clause {} applies notwithstanding clause {}", other.id, clause_.id), {}, 0, {}};
    return Truth::holds;
  }
  if (const auto s = ledger_.suspended.find({clause_.id, bearer}); s != ledger_.suspended.end() && holding(s->second, at)) {
    by.witness = {
        "suspended", fmt::format("clause {} was suspended for {}", clause_.id, bearer), {ledger_.by[{clause_.id, bearer}]}, 0, {}};
    return Truth::holds;
  }
  if (!clause_.except) return out;
  const std::function<Truth(const plan::Formula&)> ask = [&](const plan::Formula& f) {
    switch (f->op) {
      case Op::exists:
        return ask(f->sub[0]);
      case Op::once:
        return ask(f->sub[0]);
      case Op::negation:
        return model::opposite(ask(f->sub[0]));
      case Op::conjunction:
        return model::both(ask(f->sub[0]), ask(f->sub[1]));
      case Op::disjunction:
        return model::either(ask(f->sub[0]), ask(f->sub[1]));
      case Op::predicate:
        break;
      default:
        return Truth::undetermined;
    }
    const auto* p = pattern_of(run_.agreement, f->name);
    Truth found = Truth::fails;
    if (!p) return Truth::undetermined;
    for (const auto& m : run_.matches[p->index]) {
      const Happening& excuse = run_.world[m.happening];
      const bool elsewhere = excuse.statement && !excuse.statement->about.empty();
      Truth applies = Truth::holds;
      if (!about(excuse, h)) applies = elsewhere || !covers_time(excuse, h) ? Truth::fails : names(excuse, bearer);
      applies = model::both(applies, m.certain ? Truth::holds : Truth::undetermined);
      found = model::either(found, applies);
      if (applies == Truth::holds) by = prover().happening(excuse, p->occurrence, std::string(m.party));
      if (found == Truth::holds) break;
    }
    return found;
  };
  return ask(clause_.except->certain);
}

namespace {

// "3 incidents may be a breach by Alpha; not established: the place, who did it (2)". `open`: what is
// not established, and of how many of them.
std::string possible_words(const std::string& bearer, std::size_t incidents, const std::map<std::string, std::size_t>& open) {
  std::vector<std::string> what;
  for (const auto& [name, n] : open) what.push_back(n < incidents ? fmt::format("{} ({})", name, n) : name);
  return fmt::format("{} incident{} may be a breach by {}; not established: {}", incidents, incidents == 1 ? "" : "s", bearer,
                     what.empty() ? "its condition" : joined(what));
}

}  // namespace

void Norm::judge(const std::string& b, const std::vector<Held>& sure, const std::vector<Held>& may, const std::vector<Violation>& list,
                 std::vector<Line>& out) {
  std::size_t breaches = 0, possible = 0;
  std::map<std::string, std::size_t> open;  // what is not established → in how many
  Ticks last_possible = 0;
  TimeRange episode{Instant::min(), Instant::min(), false, false};
  const auto [first, last] = std::equal_range(list.begin(), list.end(), Violation{0, b, false, nullptr, nullptr, {}, nullptr},
                                              [](const Violation& x, const Violation& y) { return x.bearer < y.bearer; });
  for (auto it = first; it != last; ++it) {
    const Violation& v = *it;
    const TimeRange when = v.happening ? v.happening->when : TimeRange{Instant{v.held.from}, Instant{v.held.from}, false, false};
    const Truth in = inside(when, sure, may);
    if (in == Truth::fails) continue;
    Proof excuse;
    const Truth excusing = v.happening ? excused(*v.happening, b, v.at, excuse) : Truth::fails;
    if (excusing == Truth::holds) {
      if (v.happening && v.certain && seen_.insert("x" + v.happening->id).second) ++tally_.excused;
      continue;
    }
    if (!v.certain || in != Truth::holds || excusing != Truth::fails) {
      ++possible;
      last_possible = std::max(last_possible, v.at);
      if (v.happening && v.pattern && !v.certain)
        for (const auto& what : left_open(run_.world, run_.agreement, *v.pattern, *v.happening, b)) ++open[what];
      if (in != Truth::holds) ++open["when it was"];
      if (excusing != Truth::fails) ++open["an exception"];
      continue;
    }
    if (v.happening && seen_.insert("a" + v.happening->id).second) ++tally_.attributed;
    ++breaches;
    // Acts that went on at the same time, without a gap, are one episode.
    if (when.lasting && episode.lasting && when.from <= episode.to) {
      episode.to = std::max(episode.to, when.to);
      continue;
    }
    episode = when;
    Proof p;
    if (v.happening) {
      p = prover().happening(*v.happening, v.pattern ? v.pattern->occurrence : clause_.occurrence, b);
    } else if (auto proof = prover().prove(v.condition->certain, v.held.from, {{"b", plan::Value(b)}})) {
      p = std::move(*proof);
    }
    const Ticks at = when.lasting ? when.from.us : v.at;
    const std::string trigger = v.happening ? v.happening->id : std::string();
    record("breached", b, {b}, trigger, v.at, p);
    Line line_out = line(b, DutyState::breached, at, run_.known(p, false, at), p);
    line_out.trigger = trigger;
    line_out.witness = {"violation", fmt::format("{} {}: {}", b, words(clause_), p.witness.text), {}, 0, {p.witness}};
    out.push_back(std::move(line_out));
  }
  if (possible) {
    out.push_back(line(b, DutyState::undetermined, last_possible, run_.known_absence(last_possible), {}));
    out.back().witness = {"possible", possible_words(b, possible, open), {}, run_.world.scanned(), {}};
  }
  close_prohibition(b, sure, breaches, possible, last_possible, out);
}

// How it stands for the bearer when the clause stops binding: the term's end, or its condition's lapse.
void Norm::close_prohibition(const std::string& b, const std::vector<Held>& sure, std::size_t breaches, std::size_t possible, Ticks last,
                             std::vector<Line>& out) {
  for (const auto& h : sure) {
    if (h.from > run_.now) break;
    Proof p;
    p.witness = {"in-force", fmt::format("{} must not {} from {}", b, action_, run_.day(moment(h))), {}, 0, {}};
    out.push_back(line(b, DutyState::in_force, moment(h), run_.known_absence(moment(h)), std::move(p)));
    out.back().known_at = std::max(Instant{moment(h)}, run_.outcome.standing.since.value_or(Instant{moment(h)}));
    if (h.to > run_.now) continue;
    const bool over = h.to == run_.window.until.us;
    Proof end;
    DutyState state = DutyState::conditional;
    if (!over) {
      end.witness = {"lapsed", fmt::format("its condition no longer holds: {}", clause_.when ? clause_.when->text : ""), {}, 0, {}};
    } else if (breaches) {
      state = DutyState::terminated;
      end.witness = {
          "calendar", fmt::format("the term ended; breaches by {}: {} certain, {} more possible", b, breaches, possible), {}, 0, {}};
    } else if (possible) {
      state = DutyState::undetermined;
      end.witness = {"possible",
                     fmt::format("the term ended; {} incident{} may be a breach by {}, none surely", possible, possible == 1 ? "" : "s", b),
                     {},
                     run_.world.scanned(),
                     {}};
    } else {
      state = DutyState::fulfilled;
      end.witness = {"absent",
                     fmt::format("the term ended; no breach by {} recorded among {} statements", b, run_.world.scanned()),
                     {},
                     run_.world.scanned(),
                     {}};
    }
    out.push_back(line(b, state, std::max(h.to, last), run_.known_absence(h.to), std::move(end)));
  }
}

Status Norm::prohibit(const Reading& r, std::vector<Line>& out) {
  std::vector<Violation> list;
  SURETY_TRY_STATUS(collect_violations(r, list));
  seen_.clear();
  unattributed_.clear();
  std::map<std::string, std::vector<Held>> sure, may;
  for (const auto& b : clause_.bearers) {
    Status status;
    sure[b] = standing_force(r, b, true, status);
    may[b] = standing_force(r, b, false, status);
    if (!status) return status;
    ledger_.active[{clause_.id, b}] = sure[b];
    if (sure[b].empty() || sure[b].front().from > run_.now) idle_line(b, r, out);
    judge(b, sure[b], may[b], list, out);
  }
  // What occurred, whoever did it; and what of it nobody can be held to.
  for (const auto& term : clause_.actions) {
    if (!term.performed || !one_happening(term.performed->certain)) continue;
    for (const auto k : term.performed->patterns) {
      plan::Pattern whoever = run_.agreement.patterns[k];
      whoever.who = plan::Pattern::Who::anyone;
      const auto grade = std::exchange(whoever.attribution, model::Grade::none);
      for (const auto& m : match(run_.world, run_.agreement, whoever, run_.window)) {
        const Happening& h = run_.world[m.happening];
        Truth in = Truth::fails;
        for (const auto& b : clause_.bearers) in = model::either(in, inside(h.when, sure[b], may[b]));
        if (m.at > run_.now || in == Truth::fails || !seen_.insert("o" + h.id).second) continue;
        ++tally_.occurred_possible;
        if (!m.certain || in != Truth::holds) continue;
        ++tally_.occurred_certain;
        const bool open = std::none_of(h.attributions.begin(), h.attributions.end(),
                                       [&](const auto& a) { return done_by(h, a.party, grade) == Truth::holds; });
        if (open) unattributed_.insert(h.id);
      }
    }
  }
  tally_.unattributed = unattributed_.size();
  if (unattributed_.empty()) return {};
  Waiting w;
  w.why = Waiting::Why::attribution;
  w.grade = clause_.attribution;
  w.qualifying = unattributed_.size();
  for (const auto& id : unattributed_)
    if (w.examples.size() < 5) w.examples.push_back(id);
  w.text = fmt::format("occurred, not attributed{}: {} of {} incidents; unknown attribution breaches nobody",
                       clause_.attribution > model::Grade::none ? fmt::format(" at least {}", model::name(clause_.attribution)) : "",
                       unattributed_.size(), tally_.occurred_certain);
  wait(std::move(w));
  return {};
}

}  // namespace surety::duty
