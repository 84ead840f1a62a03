// must (with a deadline, by a date, every so often, or with none) and may. A duty comes due at its
// trigger; evidence and performance at an instant count before a trigger and a deadline of the same
// instant, and a deadline's instant is still in time (LANGUAGE.md §7.8).
#include <fmt/format.h>

#include <algorithm>

#include "duty/norm.h"

namespace surety::duty {

using model::DutyState;

namespace {

constexpr int kMostPeriods = 100'000;

// "if the finding is withdrawn 7": the clauses that then apply.
std::string then_applies(const plan::Clause& c) {
  return c.withdrawn_then.empty() ? "" : "; then applies clause " + joined(c.withdrawn_then);
}

std::string span_words(const plan::AnySpan& s) {
  if (const auto* exact = std::get_if<Span>(&s)) return human(*exact);
  return to_string(std::get<CalendarSpan>(s));
}

Result<Instant> add(Instant start, const plan::AnySpan& s, const Clock& clock) {
  if (const auto* exact = std::get_if<Span>(&s)) return start + *exact;
  return deadline(start, std::get<CalendarSpan>(s), clock);
}

}  // namespace

Result<Norm::Performance> Norm::performance(const Reading& r) {
  Performance out;
  const auto make = [&](const plan::Condition& c, const plan::ActionTerm* a) -> Result<Performance::Term> {
    Performance::Term t{a, &c, {}, {}};
    SURETY_TRY(t.certain, run_.signal(c.certain, "clause " + clause_.id + ", performed", clause_.bearers));
    SURETY_TRY(t.possible, run_.signal(c.possible, "clause " + clause_.id + ", performed", clause_.bearers));
    return t;
  };
  if (r.performed) {
    SURETY_TRY(auto t, make(*r.performed, nullptr));
    out.any_of.emplace_back().push_back(std::move(t));
    return out;
  }
  out.any_of.emplace_back();
  for (const auto& action : clause_.actions) {
    if (action.performed) {
      SURETY_TRY(auto t, make(*action.performed, &action));
      out.any_of.back().push_back(std::move(t));
    } else {
      out.any_of.back().push_back({&action, nullptr, {}, {}});
    }
    if (!action.and_next && &action != &clause_.actions.back()) out.any_of.emplace_back();
  }
  return out;
}

std::optional<Watch::Moment> Norm::done(const Performance& perf, const std::vector<std::string>& parties, Entry entry, bool certain) const {
  std::optional<Watch::Moment> best;
  for (const auto& party : parties)
    for (const auto& all : perf.any_of) {
      std::optional<Watch::Moment> last;
      for (const auto& term : all) {
        std::optional<Watch::Moment> m;
        if (term.condition) m = (certain ? term.certain : term.possible).next(party, entry, entry.at);
        if (!m) {
          last.reset();
          break;
        }
        if (!last || m->at > last->at) last = m;
      }
      if (last && !all.empty() && (!best || last->at < best->at)) best = last;
    }
  return best;
}

Proof Norm::done_proof(const Performance& perf, const std::vector<std::string>& parties, Entry entry, Ticks at) const {
  for (const auto& party : parties)
    for (const auto& all : perf.any_of) {
      std::vector<Proof> parts;
      for (const auto& term : all)
        if (term.condition)
          if (auto p = prover().prove(term.condition->certain, at, {{"b", plan::Value(party)}}, entry.since()))
            parts.push_back(std::move(*p));
      if (!parts.empty() && parts.size() == all.size())
        return parts.size() == 1 ? std::move(parts.front()) : join("all", "each part was performed", std::move(parts));
    }
  return {};
}

// Set off by the breach of another clause: what that rests on, and its incident as the trigger, so that
// two breaches make two duties.
void Norm::rest_on_breach(Trigger& t, const std::vector<std::string>& bearers) const {
  for (const auto& [clause, list] : ledger_.breaches)
    for (const auto& breach : list) {
      if (breach.at != t.at || std::find(bearers.begin(), bearers.end(), breach.bearer) == bearers.end()) continue;
      t.shown = breach.at - (breach.proof.witness.rule == "deadline-passed");
      t.proof = breach.proof;
      t.id = breach.trigger.empty() ? "breach of " + clause : breach.trigger;
      t.happening = run_.world.find(breach.trigger);
      return;
    }
}

Result<std::vector<Norm::Trigger>> Norm::triggers(const Reading& r, const std::string& unit, const std::vector<std::string>& parties) {
  std::vector<Trigger> out;
  const auto& sources = run_.agreement.clauses;
  if (!r.when) {
    bool follows = false;
    for (const auto& c : sources) {
      if (std::find(c.otherwise.begin(), c.otherwise.end(), clause_.id) == c.otherwise.end()) continue;
      follows = true;
      for (const auto& breach : ledger_.breaches[c.id]) {
        const bool own = std::find(clause_.bearers.begin(), clause_.bearers.end(), breach.bearer) != clause_.bearers.end();
        if (own && clause_.each && breach.bearer != unit) continue;
        // A deadline's breach begins right after its instant; for people it is that instant.
        const Ticks shown = breach.at - (breach.proof.witness.rule == "deadline-passed");
        Trigger t{breach.at,
                  shown,
                  breach.trigger.empty() ? "breach of " + c.id : breach.trigger,
                  run_.world.find(breach.trigger),
                  breach.proof,
                  "breach of clause " + c.id};
        out.push_back(std::move(t));
      }
    }
    if (follows || force_.empty()) return out;
    const Held& h = force_.front();
    Trigger t{h.from, moment(h), "", nullptr, {}, "entry into force"};
    t.proof.witness = {"in-force", t.about, {}, 0, {}};
    t.proof.known = run_.outcome.standing.since.value_or(Instant{0});
    out.push_back(std::move(t));
    return out;
  }
  const auto& free = r.when->free;
  const bool pointwise = std::find(free.begin(), free.end(), "i") != free.end();
  if (!pointwise) {
    SURETY_TRY(const auto s, run_.signal(r.when->certain, "clause " + clause_.id + ", when", clause_.bearers));
    std::vector<Held> rises;
    for (const auto& party : parties)
      for (const auto& h : s.intervals(party, {kBeginning})) rises.push_back(h);
    for (const auto& h : overlap(merge(std::move(rises)), force_)) {
      Trigger t{h.from, moment(h), "", nullptr, {}, r.when->text};
      for (const auto& party : parties)
        if (auto p = prover().prove(r.when->certain, h.from, {{"b", plan::Value(party)}})) t.proof = std::move(*p);
      if (t.proof.witness.rule.empty()) t.proof.witness = {"condition", r.when->text, {}, 0, {}};
      if (!t.proof.uses.empty()) t.happening = t.proof.uses.back();
      t.id = t.happening ? t.happening->id : std::string();
      if (!t.happening) rest_on_breach(t, parties);
      if (t.at <= run_.now) out.push_back(std::move(t));
    }
    return out;
  }
  SURETY_TRY(const auto rows, evaluate(r.when->certain, "clause " + clause_.id + ", when", run_.facts, run_.now));
  const auto column = [&](const char* name) {
    return static_cast<std::size_t>(std::find(rows.columns.begin(), rows.columns.end(), name) - rows.columns.begin());
  };
  const auto i = column("i"), b = column("b"), p = column("p");
  std::set<std::string> once;  // an incident that two parties share triggers once
  for (const auto& [row, held] : rows.rows) {
    if (b < row.size() && std::find(parties.begin(), parties.end(), row[b]) == parties.end()) continue;
    const Happening* h = i < row.size() ? run_.world.find(row[i]) : nullptr;
    for (const auto& x : held) {
      if (x.from > run_.now || !holding(force_, x.from) || (h && !once.insert(h->id).second)) continue;
      Trigger t{x.from, x.from, h ? h->id : "", h, {}, r.when->text};
      if (h) {
        const auto* pattern = r.when->patterns.empty() ? nullptr : &run_.agreement.patterns[r.when->patterns.front()];
        t.proof = prover().happening(*h, pattern ? pattern->occurrence : model::Grade::none,
                                     p < row.size()   ? row[p]
                                     : b < row.size() ? row[b]
                                                      : "",
                                     h->kind == model::Kind::decision ? "decided" : "exists");
      }
      if (!h) rest_on_breach(t, b < row.size() ? std::vector{row[b]} : parties);
      out.push_back(std::move(t));
    }
  }
  std::sort(out.begin(), out.end(), [](const Trigger& x, const Trigger& y) { return x.at != y.at ? x.at < y.at : x.id < y.id; });
  return out;
}

// The deadline's instant, or nothing while its anchor has not come about (`waits`).
Result<std::optional<Instant>> Norm::anchored(const plan::AnySpan& span, const plan::Anchor& anchor, const Trigger& t, bool& waits) const {
  using Kind = plan::AnchorKind;
  std::optional<Ticks> at;
  switch (anchor.kind) {
    case Kind::entry_into_force:
      if (const Held* h = holding(run_.force, t.at)) at = moment(*h);
      break;
    case Kind::the_event:
    case Kind::the_finding:
      at = t.shown;
      // A finding is about an event: "after the event" counts from that, not from the finding.
      if (anchor.kind == Kind::the_event && t.happening && t.happening->kind == model::Kind::decision)
        for (const auto& id : t.happening->statement->about)
          if (const Happening* event = run_.world.find(id)) at = event->stamp();
      break;
    case Kind::ceasefire:
      at = first_of("Ceasefire");
      break;
    case Kind::the_notice:
    case Kind::named: {
      const std::string name = anchor.kind == Kind::named ? anchor.name : "Notice";
      if (t.happening && t.happening->event == name) {
        at = t.shown;
        break;
      }
      for (const auto& h : run_.world.all()) {
        const bool fits = h.event == name || (anchor.kind == Kind::the_notice && h.kind == model::Kind::notice);
        if (!fits || h.stamp() < t.at || h.stamp() > run_.now || h.withdrawn) continue;
        const auto* s = h.statement;
        const bool about = s && (std::find(s->about.begin(), s->about.end(), t.id) != s->about.end() ||
                                 std::find(s->clauses.begin(), s->clauses.end(), clause_.id) != s->clauses.end() ||
                                 (s->about.empty() && s->clauses.empty()));
        if (s && !about) continue;
        at = h.stamp();
        break;
      }
      break;
    }
  }
  waits = !at;
  if (!at) return std::optional<Instant>();
  SURETY_TRY(const auto due, add(Instant{*at}, span, run_.agreement.clock));
  return std::optional<Instant>(due);
}

void Norm::instance(const Trigger& t, const Performance& perf, const std::string& unit, const std::vector<std::string>& parties,
                    std::optional<Instant> due, std::vector<Line>& out) {
  const auto put = [&](DutyState state, Ticks at, Instant known, Proof p) -> Line& {
    Line v = line(unit, state, at, known, std::move(p));
    if (v.occurrence == model::Grade::none && !t.proof.uses.empty()) {
      v.occurrence = t.proof.occurrence;
      v.attribution = t.proof.attribution;
    }
    v.trigger = t.id;
    v.due = due;
    for (const Happening* h : t.proof.uses)
      if (h->kind == model::Kind::decision) v.decided_by = h->statement->author;
    out.push_back(std::move(v));
    return out.back();
  };
  const Ledger::Key key{clause_.id, parties.size() == 1 ? parties.front() : unit};
  const Instant known = run_.known(t.proof, t.at != t.shown, t.shown);
  // While suspended, time does not run.
  const auto sure = done(perf, parties, {t.at}, true), may = done(perf, parties, {t.at}, false);
  if (due)
    for (const auto& s : ledger_.suspended[key])
      if (s.to != plan::kForever && s.from <= due->us && s.to > t.at && !(sure && sure->at <= s.from))
        *due = *due + Span{s.to - std::max(s.from, t.at)};

  {
    Proof p = t.proof;
    const std::string when = due ? "due by " + run_.day(due->us)
                             : clause_.time.kind == plan::Time::Kind::within
                                 ? "no deadline yet"
                                 : fmt::format("no deadline: open {} days", (run_.now - t.shown) / 86'400'000'000);
    model::Witness w{"triggered", fmt::format("{} must {}: {}; {}", unit, action_, t.about, when), {}, 0, {p.witness}};
    p.witness = std::move(w);
    put(clause_.time.kind == plan::Time::Kind::within && !due ? DutyState::triggered : DutyState::due, t.shown, known, std::move(p));
  }
  // What ends it before performance or breach: the earliest wins.
  struct End {
    Ticks at = plan::kForever;
    DutyState state = DutyState::terminated;
    Proof proof;
  } end;
  const auto consider = [&](Ticks at, DutyState state, const char* rule, const std::string& text, const std::string& leaf,
                            Instant when_known) {
    if (at < t.at || at > run_.now || at >= end.at) return;
    end = {at, state, {}};
    end.proof.witness = {rule, text, {}, 0, {}};
    if (!leaf.empty()) end.proof.witness.leaves.push_back(leaf);
    end.proof.known = when_known;
  };
  const std::string by = ledger_.by.contains(key) ? ledger_.by[key] : std::string();
  if (const auto w = ledger_.waived.find(key); w != ledger_.waived.end())
    consider(w->second, DutyState::waived, "waived", "waived at " + run_.day(w->second), by, Instant{w->second});
  if (const auto w = ledger_.terminated.find(key); w != ledger_.terminated.end() && !clause_.survives_termination)
    consider(w->second, DutyState::terminated, "terminated", "terminated at " + run_.day(w->second), by, Instant{w->second});
  if (!clause_.survives_termination && run_.window.until < Instant::max())
    consider(run_.window.until.us, DutyState::terminated, "calendar", "the term of the instrument ended", "", run_.window.until);
  const Happening* withdrawn = nullptr;
  for (const Happening* h : t.proof.uses)
    if (h->withdrawn && h->withdrawn->us <= run_.now && (!withdrawn || *h->withdrawn < *withdrawn->withdrawn)) withdrawn = h;
  if (withdrawn && clause_.withdrawn != plan::Withdrawn::continue_)
    consider(withdrawn->withdrawn->us, clause_.withdrawn == plan::Withdrawn::void_ ? DutyState::void_ : DutyState::terminated,
             "finding-withdrawn",
             fmt::format("the finding was withdrawn at {}: what was not performed falls", run_.day(withdrawn->withdrawn->us)) +
                 then_applies(clause_),
             withdrawn->id, withdrawn->withdrawn_known);
  for (const auto& s : ledger_.suspended[key])
    if (s.from >= t.at && s.from <= run_.now && s.from < end.at && !(sure && sure->at <= s.from)) {
      Proof p;
      p.witness = {"suspended", fmt::format("suspended at {}: time does not run", run_.day(s.from)), {by}, 0, {}};
      put(DutyState::suspended, s.from, Instant{s.from}, std::move(p));
      if (s.to > run_.now) return;
      Proof q;
      q.witness = {"resumed", "the suspension ended at " + run_.day(s.to), {}, 0, {}};
      put(DutyState::due, s.to, Instant{s.to}, std::move(q));
    }

  const bool in_time = sure && (!due || sure->at <= due->us);
  if (in_time && sure->at <= end.at) {
    Proof p = done_proof(perf, parties, {t.at}, sure->at);
    p.witness = {"performed", fmt::format("{} performed at {}", unit, run_.day(sure->shown)), {}, 0, {p.witness}};
    record("fulfilled", unit, parties, t.id, sure->at, p);
    put(DutyState::fulfilled, sure->shown, std::max(known, run_.known(p, sure->at != sure->shown, sure->shown)), std::move(p));
    return;
  }
  const bool voided = end.state == DutyState::void_ && end.at < plan::kForever;
  if (due && due->us < run_.now && due->us < end.at && !voided) {
    if (may && may->at <= due->us) {
      Proof p = prover().absent("performance surely established");
      p.witness.text = "performance by the deadline is possible and not established";
      put(DutyState::undetermined, due->us, run_.known_absence(due->us), std::move(p));
    } else {
      Proof p = prover().absent(fmt::format("{} by {} until {}", action_, unit, run_.day(due->us)));
      model::Witness calendar{"calendar", fmt::format("the deadline was {}", run_.day(due->us)), {}, 0, {}};
      p.witness = {"deadline-passed",
                   fmt::format("{} did not {} by {}", unit, action_, run_.day(due->us)),
                   {},
                   0,
                   {calendar, p.witness, t.proof.witness}};
      if (withdrawn) p.witness.text += fmt::format("; finding withdrawn at {}", run_.day(withdrawn->withdrawn->us));
      p.uses = t.proof.uses;
      p.occurrence = t.proof.occurrence;
      p.attribution = t.proof.attribution;
      record("breached", unit, parties, t.id, due->us + 1, p);
      put(DutyState::breached, due->us, std::max(known, *due), std::move(p));
      if (sure && sure->at <= run_.now) {
        Proof late = done_proof(perf, parties, {t.at}, sure->at);
        late.witness = {"performed-late", fmt::format("breached, performed late: {}", run_.day(sure->shown)), {}, 0, {late.witness}};
        put(DutyState::breached, sure->shown, run_.known(late, false, sure->shown), std::move(late));
      }
    }
    return;
  }
  if (end.at < plan::kForever) {
    const Instant when = std::max(known, end.proof.known);
    put(end.state, end.at, when, std::move(end.proof));
  }
}

void Norm::periodic(const Performance& perf, const std::string& unit, const std::vector<std::string>& parties, std::vector<Line>& out) {
  for (const auto& h : ledger_.active[{clause_.id, parties.front()}]) {
    Ticks start = h.from, shown = moment(h);
    Clock clock = run_.agreement.clock;
    clock.start_day_counted = true;  // periods follow one another without a day between
    for (int k = 0; k < kMostPeriods && start <= run_.now && start < h.to; ++k) {
      const auto next = add(Instant{start}, clause_.time.span, clock);
      if (!next) {
        run_.outcome.problems.push_back(next.error());
        return;
      }
      // A calendar period ends with its last day; the next one begins right after.
      const bool calendar = std::holds_alternative<CalendarSpan>(clause_.time.span);
      const Ticks end = calendar ? next->us : next->us - 1;
      Trigger t{start, shown, fmt::format("period {}", to_string(Instant{shown})), nullptr, {}, "each " + span_words(clause_.time.span)};
      t.proof.witness = {"calendar", fmt::format("period {} from {}", k + 1, run_.day(shown)), {}, 0, {}};
      t.proof.known = Instant{shown};
      instance(t, perf, unit, parties, Instant{end}, out);
      start = end + 1;
      shown = calendar ? end : start;
    }
  }
}

Status Norm::oblige(const Reading& r, std::vector<Line>& out) {
  SURETY_TRY(const auto perf, performance(r));
  using Kind = plan::Time::Kind;
  const plan::Time& time = clause_.time;
  if (!r.performed)
    for (const auto& a : clause_.actions)
      if (!a.monitorable && !a.performed) {
        Waiting w;
        w.why = Waiting::Why::unmonitorable;
        w.event = a.name;
        w.text = fmt::format(
            "“{}” cannot be observed: the text declares no act by that name; only a statement of performance would show it", a.name);
        wait(std::move(w));
      }
  for (const auto& u : units()) {
    if (time.kind == Kind::every) {
      Status status;
      ledger_.active[{clause_.id, u.parties.front()}] = standing_force(r, u.parties.front(), true, status);
      if (!status) return status;
      periodic(perf, u.name, u.parties, out);
      continue;
    }
    SURETY_TRY(auto list, triggers(r, u.name, u.parties));
    std::vector<Held> active;
    for (const auto& t : list) {
      std::optional<Instant> due;
      if (time.kind == Kind::by) due = time.by;
      if (time.kind == Kind::within) {
        bool waits = false;
        auto found = anchored(time.span, time.anchor, t, waits);
        if (!found) {
          run_.outcome.problems.push_back(found.error());
          Waiting w;
          w.why = Waiting::Why::invalid;
          w.text = fmt::format("the deadline of {} cannot be computed: {}{}", span_words(time.span), found.error().message,
                               found.error().found_text.empty() ? "" : ", " + found.error().found_text);
          wait(std::move(w));
        } else {
          due = *found;
        }
        if (waits) {
          Waiting w;
          w.why = Waiting::Why::notice;
          w.event = time.anchor.kind == plan::AnchorKind::named ? time.anchor.name : "Notice";
          w.text = fmt::format("{} runs from {}, which is not recorded", span_words(time.span), w.event);
          wait(std::move(w));
        }
      }
      if (time.starting) {
        bool waits = false;
        if (auto start = anchored(time.starting->first, time.starting->second, t, waits); start && *start) {
          std::vector<Line> begun;
          instance(t, perf, u.name, u.parties, *start, begun);
          for (auto& v : begun) {
            v.action = "begin to " + v.action;
            v.trigger += "#start";
            out.push_back(std::move(v));
          }
        }
      }
      instance(t, perf, u.name, u.parties, due, out);
      active.push_back({t.at, plan::kForever, false});
    }
    for (const auto& party : u.parties) ledger_.active[{clause_.id, party}] = merge(active);
    if (!list.empty()) continue;
    idle_line(u.name, r, out);
  }
  return {};
}

// must … continuously: each stretch in which it surely was not so is one breach.
Status Norm::maintain(const Reading& r, std::vector<Line>& out) {
  SURETY_TRY(const auto perf, performance(r));
  const bool seen = r.performed ||
                    std::all_of(clause_.actions.begin(), clause_.actions.end(), [](const auto& a) { return a.monitorable && a.performed; });
  if (!seen) {
    Waiting w;
    w.why = Waiting::Why::unmonitorable;
    w.text = fmt::format("“{}” cannot be observed: the text declares no act by that name", action_);
    wait(std::move(w));
  }
  for (const auto& u : units()) {
    Status status;
    const auto sure = standing_force(r, u.parties.front(), true, status);
    if (!status) return status;
    for (const auto& party : u.parties) ledger_.active[{clause_.id, party}] = sure;
    for (const auto& h : sure) {
      if (h.from > run_.now) break;
      Proof p;
      p.witness = {"in-force",
                   fmt::format("{} must {} continuously from {}{}", u.name, action_, run_.day(moment(h)),
                               seen ? "" : "; the text names no way to observe it"),
                   {},
                   0,
                   {}};
      out.push_back(line(u.name, DutyState::in_force, moment(h), run_.known_absence(moment(h)), std::move(p)));
      out.back().known_at = std::max(Instant{moment(h)}, run_.outcome.standing.since.value_or(Instant{moment(h)}));
      if (!seen) continue;
      std::vector<Held> kept;
      for (const auto& party : u.parties)
        for (const auto& all : perf.any_of) {
          std::vector<Held> together{{kBeginning, plan::kForever, false}};
          for (const auto& term : all) together = overlap(together, term.possible.intervals(party, {kBeginning}));
          kept.insert(kept.end(), together.begin(), together.end());
        }
      Ticks from = h.from;
      const auto gap = [&](Ticks begin, Ticks until) {
        if (begin >= until || begin > run_.now) return;
        Proof why = prover().absent(fmt::format("{} by {} from {}", action_, u.name, run_.day(begin)));
        const std::string lasted = until > run_.now ? "to now" : "until " + run_.day(until);
        // What broke it is what happened at that instant.
        for (const auto& term : clause_.actions)
          for (const auto k : term.performed ? term.performed->patterns : std::vector<std::uint32_t>{})
            for (const auto& m : run_.matches[k])
              if (m.at == begin && m.certain)
                why = prover().happening(run_.world[m.happening], run_.agreement.patterns[k].occurrence, std::string(m.party));
        Proof broken = why;
        broken.witness = {
            "not-maintained", fmt::format("{} did not {} from {} {}", u.name, action_, run_.day(begin), lasted), {}, 0, {why.witness}};
        record("breached", u.name, u.parties, why.uses.empty() ? "" : why.uses.front()->id, begin, broken);
        Line v = line(u.name, DutyState::breached, begin, why.uses.empty() ? run_.known_absence(begin) : run_.known(broken, false, begin),
                      broken);
        if (!why.uses.empty()) v.trigger = why.uses.front()->id;
        out.push_back(std::move(v));
      };
      for (const auto& k : merge(std::move(kept))) {
        gap(from, std::min(k.from, h.to));
        from = std::max(from, k.to);
      }
      gap(from, h.to);
    }
    if (sure.empty() || sure.front().from > run_.now) idle_line(u.name, r, out);
  }
  return {};
}

void Norm::permit(const Reading& r, std::vector<Line>& out, Status& status) {
  for (const auto& u : units()) {
    const auto sure = standing_force(r, u.parties.front(), true, status);
    if (!status) return;
    for (const auto& party : u.parties) ledger_.active[{clause_.id, party}] = sure;
    bool any = false;
    for (const auto& h : sure) {
      if (h.from > run_.now) break;
      any = true;
      Proof p;
      if (r.when)
        if (auto why = prover().prove(r.when->certain, h.from, {{"b", plan::Value(u.parties.front())}})) p = std::move(*why);
      const char* can = clause_.modal == plan::Modal::may ? "may" : "has power to";
      p.witness = {"in-force", fmt::format("{} {} {} from {}", u.name, can, action_, run_.day(moment(h))), {}, 0, {p.witness}};
      if (p.witness.children.front().rule.empty()) p.witness.children.clear();
      const Instant known =
          p.uses.empty() ? std::max(Instant{moment(h)}, run_.outcome.standing.since.value_or(Instant{moment(h)})) : p.known;
      out.push_back(line(u.name, DutyState::in_force, moment(h), known, std::move(p)));
      if (h.to > run_.now) continue;
      Proof end;
      const bool over = h.to == run_.window.until.us;
      end.witness = {over ? "calendar" : "lapsed", over ? "the term ended" : "its condition no longer holds", {}, 0, {}};
      out.push_back(line(u.name, over ? DutyState::terminated : DutyState::conditional, h.to, Instant{h.to}, std::move(end)));
    }
    if (!any) idle_line(u.name, r, out);
  }
}

}  // namespace surety::duty
