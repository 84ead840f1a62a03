#include "duty/norm.h"

#include <fmt/format.h>

#include <algorithm>

namespace surety::duty {
namespace {}  // namespace

std::vector<Held> overlap(const std::vector<Held>& a, const std::vector<Held>& b) {
  std::vector<Held> out;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const Held& later = a[i].from > b[j].from ? a[i] : b[j];
    const Ticks to = std::min(a[i].to, b[j].to);
    if (later.from < to) out.push_back({later.from, to, later.expiry});
    if (a[i].to < b[j].to)
      ++i;
    else
      ++j;
  }
  return out;
}

const Held* holding(const std::vector<Held>& list, Ticks t) {
  auto it = std::upper_bound(list.begin(), list.end(), t, [](Ticks x, const Held& h) { return x < h.from; });
  if (it == list.begin()) return nullptr;
  --it;
  return t < it->to ? &*it : nullptr;
}

std::vector<std::string> clause_ids(const plan::Agreement& a, const std::vector<std::string>& arguments) {
  std::vector<std::string> out;
  for (const auto& text : arguments) {
    std::string word;
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (i < text.size() && text[i] != ' ' && text[i] != ',') {
        word += text[i];
        continue;
      }
      if (a.clause(word)) out.push_back(word);
      word.clear();
    }
  }
  return out;
}

std::string words(const plan::Clause& c) {
  std::string out;
  for (std::size_t i = 0; i < c.actions.size(); ++i) {
    out += c.actions[i].name;
    if (!c.actions[i].arguments.empty()) out += "(" + joined(c.actions[i].arguments) + ")";
    if (i + 1 < c.actions.size()) out += c.actions[i].and_next ? " and " : " or ";
  }
  return out;
}

Norm::Norm(Run& run, Ledger& ledger, const plan::Clause& clause) : run_(run), ledger_(ledger), clause_(clause), action_(words(clause)) {
  plan::Condition all;
  all.parameters = clause.parameters;
  parameters_ = run.parameters(all);
  tally_.instrument = run.agreement.name;
  tally_.clause = clause.id;
}

std::vector<Norm::Unit> Norm::units() const {
  std::vector<Unit> out;
  if (clause_.each || clause_.bearers.size() <= 1 || clause_.modal == plan::Modal::must_not) {
    for (const auto& b : clause_.bearers) out.push_back({b, {b}});
  } else {
    out.push_back({joined(clause_.bearers), clause_.bearers});
  }
  return out;
}

// In force and bound: a reserved clause never binds before what it is reserved for (LANGUAGE.md §3).
Status Norm::bind() {
  const plan::BindingLine& line = clause_.binding ? *clause_.binding : run_.agreement.binding;
  binding_ = line.kind;
  force_ = run_.force;
  possible_force_ = run_.possible_force;
  if (clause_.survives_termination && run_.window.until < Instant::max()) {
    for (auto* list : {&force_, &possible_force_})
      if (!list->empty()) list->back().to = plan::kForever;
  }
  const bool reserved = line.kind == model::Binding::reserved;
  if (!line.once) {
    if (!reserved) return {};
    unbound_ = "reserved: the text does not say what would make it bind";
    unbound_wait_.text = unbound_;
    force_.clear();
    possible_force_.clear();
  } else {
    SURETY_TRY(const auto certain, run_.signal(line.once->certain, "clause " + clause_.id + ", binding once"));
    SURETY_TRY(const auto possible, run_.signal(line.once->possible, "clause " + clause_.id + ", binding once, possibly"));
    force_ = overlap(force_, certain.intervals("", {kBeginning}));
    possible_force_ = overlap(possible_force_, possible.intervals("", {kBeginning}));
    if (certain.at("", {kBeginning}, run_.now)) {
      if (reserved)
        binding_ = run_.agreement.binding.kind == model::Binding::reserved ? model::Binding::legal : run_.agreement.binding.kind;
    } else {
      unbound_wait_ = waiting_for(run_, "clause " + clause_.id, *line.once, Waiting::Why::reserved);
      const std::string missing = after_waits_for(unbound_wait_.text);
      unbound_ = fmt::format("{} ({} until then)", missing, reserved ? "reserved" : "not binding");
      unbound_wait_.text = fmt::format("{} until {}", reserved ? "reserved" : "not binding", missing);
    }
  }
  if (unbound_.empty()) return {};
  unbound_wait_.why = Waiting::Why::reserved;
  unbound_wait_.instrument = run_.agreement.name;
  unbound_wait_.subject = "clause " + clause_.id;
  unbound_wait_.scanned = run_.world.scanned();
  run_.outcome.waiting.push_back(unbound_wait_);
  return {};
}

Norm::Line Norm::line(const std::string& bearer, model::DutyState state, Ticks at, Instant known, Proof p) const {
  Line v;
  v.instrument = run_.agreement.name;
  v.version = run_.agreement.version;
  v.clause = clause_.id;
  v.title = clause_.title;
  v.bearer = bearer;
  v.beneficiary = joined(clause_.beneficiaries);
  v.action = action_;
  v.kind = clause_.kind;
  v.state = state;
  v.event_time = Instant{at};
  v.known_at = known;
  v.binding = binding_;
  if (!p.uses.empty()) {
    v.occurrence = p.occurrence;
    v.attribution = p.attribution;
  }
  v.exercise = run_.options.view;
  v.witness = std::move(p.witness);
  v.parameters = parameters_;
  return v;
}

void Norm::wait(Waiting w) {
  w.instrument = run_.agreement.name;
  w.subject = "clause " + clause_.id;
  w.scanned = run_.world.scanned();
  for (const auto& have : run_.outcome.waiting)
    if (have.subject == w.subject && have.text == w.text) return;
  run_.outcome.waiting.push_back(std::move(w));
}

// Why nothing can be owed under the clause now: the instrument sleeps, or the clause is reserved.
void Norm::reserve_line(const std::string& bearer, std::vector<Line>& out) {
  const Standing& s = run_.outcome.standing;
  Proof p;
  p.witness = s.witness;
  std::string waits = unbound_;
  if (s.in_force != model::Truth::holds) waits = after_waits_for(s.because) + (unbound_.empty() ? "" : "; " + unbound_);
  Line v = line(bearer,
                s.in_force == model::Truth::undetermined && unbound_.empty() ? model::DutyState::undetermined : model::DutyState::dormant,
                run_.now, run_.world.seen(), std::move(p));
  v.witness = {"absent", waits, {}, run_.world.scanned(), {}};
  v.waits_for = waits;
  out.push_back(std::move(v));
}

std::vector<Held> Norm::standing_force(const Reading& r, const std::string& b, bool certain, Status& status) {
  std::vector<Held> base = certain ? force_ : possible_force_;
  if (clause_.time.kind == plan::Time::Kind::continuously && clause_.time.anchor.kind != plan::AnchorKind::entry_into_force) {
    const auto& anchor = clause_.time.anchor;
    const auto from = first_of(anchor.kind == plan::AnchorKind::named ? anchor.name : "Ceasefire");
    base = from ? overlap(base, {{*from, plan::kForever, false}}) : std::vector<Held>{};
  }
  if (!r.when) return base;
  auto s = run_.signal(certain ? r.when->certain : r.when->possible, "clause " + clause_.id + ", when", clause_.bearers);
  if (!s) {
    status = err(s.error());
    return {};
  }
  return overlap(base, s->intervals(b, {kBeginning}));
}

// In force, and not yet owed: its condition has not come about, or never did in the whole term.
void Norm::idle_line(const std::string& bearer, const Reading& r, std::vector<Line>& out) {
  if (run_.window.until.us <= run_.now && !clause_.survives_termination) {
    Proof p;
    p.witness = {"absent", "the term ended; its condition never came about", {}, run_.world.scanned(), {}};
    out.push_back(line(bearer, model::DutyState::terminated, run_.window.until.us, run_.known_absence(run_.window.until.us), std::move(p)));
    return;
  }
  Line v = line(bearer, model::DutyState::conditional, run_.now, run_.world.seen(), {});
  v.waits_for = r.when ? trigger_wait(r) : "a breach of the clause that it answers";
  v.witness = {"absent", "not triggered: " + v.waits_for, {}, run_.world.scanned(), {}};
  if (r.when)
    for (const auto k : r.when->patterns)
      if (run_.agreement.patterns[k].decided) v.decided_by = run_.agreement.patterns[k].decided_by;
  out.push_back(std::move(v));
}

// Findings that the text leaves to a body: prepared, shown, and not concluded here.
void Norm::decision_waits(const Reading& r) {
  if (!r.when) return;
  for (const auto k : r.when->patterns) {
    const auto& p = run_.agreement.patterns[k];
    const auto* finding = p.decided ? run_.agreement.finding(p.name) : nullptr;
    if (!finding) continue;
    std::set<std::string> decided;
    for (const auto& h : run_.world.all())
      if (h.kind == model::Kind::decision && h.event == p.name && h.statement->author == p.decided_by)
        for (const auto& id : h.statement->about)
          if (const auto* target = run_.world.find(id)) decided.insert(target->id);
    std::set<std::string> ready;
    if (const auto rows = evaluate(finding->when.possible, "finding " + p.name, run_.facts, run_.now)) {
      const auto i = std::find(rows->columns.begin(), rows->columns.end(), "i") - rows->columns.begin();
      for (const auto& [row, held] : rows->rows)
        for (const auto& h : held)
          if (holding(run_.possible_force, h.from))
            ready.insert(static_cast<std::size_t>(i) < row.size() ? row[static_cast<std::size_t>(i)] : run_.day(moment(h)));
    }
    for (const auto& id : decided) ready.erase(id);
    Waiting w;
    w.why = Waiting::Why::decision;
    w.event = p.name;
    w.grade = model::Grade::adjudicated;
    w.body = p.decided_by;
    w.qualifying = ready.size();
    for (const auto& id : ready)
      if (w.examples.size() < 5) w.examples.push_back(id);
    w.text = fmt::format("waits for the finding {} by {}: {} incident{} would qualify, {} decided", p.name, p.decided_by, ready.size(),
                         ready.size() == 1 ? "" : "s", decided.size());
    wait(std::move(w));
  }
}

std::string Norm::trigger_wait(const Reading& r) {
  if (!r.when) return {};
  for (const auto k : r.when->patterns) {
    const auto& p = run_.agreement.patterns[k];
    if (!p.decided) continue;
    for (const auto& w : run_.outcome.waiting)
      if (w.why == Waiting::Why::decision && w.event == p.name && w.body == p.decided_by) return after_waits_for(w.text);
  }
  return after_waits_for(waiting_for(run_, "", *r.when, Waiting::Why::condition).text);
}

std::optional<Ticks> Norm::first_of(const std::string& event) const {
  plan::Pattern p;
  p.name = event;
  for (const auto& known : run_.agreement.patterns)
    if (known.name == event && known.occurrence > p.occurrence) p.occurrence = known.occurrence;
  for (const auto& m : match(run_.world, run_.agreement, p, {}))
    if (m.certain && m.at <= run_.now) return m.at;
  return std::nullopt;
}

// The same in every reading: said once. Otherwise each reading says what it alone says.
void Norm::merge_readings(std::vector<std::vector<Line>> by_reading, const std::vector<Reading>& readings) {
  std::map<std::tuple<std::string, int, Ticks, std::string, Ticks, std::string>, std::vector<std::size_t>> where;
  const auto key = [](const Line& v) {
    return std::tuple(v.bearer, static_cast<int>(v.state), v.event_time.us, v.trigger, v.due ? v.due->us : 0, v.action);
  };
  for (std::size_t r = 0; r < by_reading.size(); ++r)
    for (const auto& v : by_reading[r]) {
      auto& list = where[key(v)];
      if (list.empty() || list.back() != r) list.push_back(r);
    }
  for (std::size_t r = 0; r < by_reading.size(); ++r)
    for (auto& v : by_reading[r]) {
      const auto& in = where[key(v)];
      const bool all = in.size() == by_reading.size();
      if (all && in.front() != r) continue;
      if (!all) v.reading = readings[r].name;
      finish(v);
      run_.outcome.duties.push_back(std::move(v));
    }
}

Status Norm::run_reading(const Reading& r, std::vector<Line>& out) {
  decision_waits(r);
  if (force_.empty() || force_.front().from > run_.now) {
    for (const auto& u : units()) reserve_line(u.name, out);
    return {};
  }
  using Kind = plan::Time::Kind;
  switch (clause_.modal) {
    case plan::Modal::must_not:
      return prohibit(r, out);
    case plan::Modal::may: {
      Status status;
      permit(r, out, status);
      return status;
    }
    case plan::Modal::power:
      return use_power(r, out);
    case plan::Modal::must:
      break;
  }
  return clause_.time.kind == Kind::continuously ? maintain(r, out) : oblige(r, out);
}

void Norm::record(const std::string& fact, const std::string& bearer, const std::vector<std::string>& parties, const std::string& trigger,
                  Ticks at, const Proof& p) {
  Record& r = records_[{fact, at, bearer, trigger}];
  r.parties = parties;
  r.proof = p;
  ++r.readings;
}

void Norm::publish_records(std::size_t readings) {
  for (auto& [key, r] : records_) {
    const auto& [fact, at, bearer, trigger] = key;
    if (r.readings < readings) continue;
    for (const auto& party : r.parties) run_.note(fact, clause_.id, party, at);
    if (fact == "breached") ledger_.breaches[clause_.id].push_back({bearer, trigger, at, std::move(r.proof)});
  }
  run_.publish_notes();
}

Status Norm::go() {
  SURETY_TRY_STATUS(bind());
  std::vector<Reading> readings, of_trigger, of_performance;
  for (const auto& r : clause_.readings)
    (r.of_trigger ? of_trigger : of_performance).push_back({r.name, r.of_trigger ? &r.is : nullptr, r.of_trigger ? nullptr : &r.is});
  const plan::Condition* when = clause_.when ? &*clause_.when : nullptr;
  if (of_trigger.empty()) of_trigger.push_back({"", when, nullptr});
  if (of_performance.empty()) of_performance.push_back({"", nullptr, nullptr});
  for (const auto& t : of_trigger)
    for (const auto& p : of_performance)
      readings.push_back({t.name.empty() || p.name.empty() ? t.name + p.name : t.name + "/" + p.name, t.when, p.performed});
  std::vector<std::vector<Line>> by_reading(readings.size());
  for (std::size_t i = 0; i < readings.size(); ++i) {
    tally_.occurred_certain = tally_.occurred_possible = tally_.attributed = tally_.unattributed = tally_.excused = 0;
    SURETY_TRY_STATUS(run_reading(readings[i], by_reading[i]));
  }
  merge_readings(std::move(by_reading), readings);
  if (clause_.modal == plan::Modal::must_not) run_.outcome.tallies.push_back(tally_);
  publish_records(readings.size());
  return {};
}

}  // namespace surety::duty
