#include "duty/world.h"

#include <algorithm>
#include <set>

namespace surety::duty {
namespace {

using model::Grade;
using model::Kind;
using model::Statement;

bool act_kind(Kind k) {
  return k == Kind::decision || k == Kind::notice || k == Kind::conclusion || k == Kind::performance || k == Kind::finding;
}

bool in_view(model::Exercise view, model::Exercise of) {
  return of == view || (view == model::Exercise::hypothetical && of == model::Exercise::actual);
}

// A case that ended otherwise than by guilt has no consequences here; it stays on the incident.
bool closed(const std::string& end) {
  return end == "refuted" || end == "duplicate" || end == "settled" || end == "notified" || end == "exercise";
}

// Reports by one party are one voice, whoever passes them on.
const std::string& voice(const Statement& s) { return s.speaks_for.empty() ? s.independent_origin() : s.speaks_for; }

bool warns_only(const Statement& s) { return s.event == "alert.air"; }

bool meets(const plan::EvidenceRule& rule, const std::vector<const Statement*>& statements, std::size_t origins) {
  using Means = plan::EvidenceRule::Means;
  std::set<std::string> distinct;
  for (const Statement* s : statements) {
    switch (rule.means) {
      case Means::any_statement:
        return true;
      case Means::different:
        if (!warns_only(*s)) distinct.insert(rule.of == "sensor" ? s->means : voice(*s));
        break;
      case Means::inspection_by:
        if (s->author == rule.of &&
            (s->kind == Kind::observation || s->kind == Kind::finding || s->kind == Kind::decision || s->kind == Kind::correction))
          return true;
        break;
      case Means::decision_of:
        if (s->author == rule.of && s->kind == Kind::decision) return true;
        break;
      case Means::one_report_by:
        if (s->author == rule.of || s->independent_origin() == rule.of) return true;
        break;
    }
  }
  if (rule.means != Means::different) return false;
  distinct.erase("");
  const std::size_t n = statements.empty() && rule.of == "origin" ? origins : distinct.size();
  return n >= static_cast<std::size_t>(std::max(rule.count, 1));
}

Grade plain_grade(const Statement& s, const plan::Agreement& a) {
  if (s.kind == Kind::decision && a.body(s.author)) return Grade::adjudicated;
  return s.speaks_for.empty() ? Grade::reported : Grade::claimed;
}

}  // namespace

std::string text_field(const model::Fields& fields, const std::string& name) {
  const auto it = fields.find(name);
  if (it == fields.end()) return {};
  const auto* text = std::get_if<std::string>(&it->second);
  return text ? *text : std::string();
}

bool covers(const std::string& general, const std::string& special) {
  return special.size() >= general.size() && special.compare(0, general.size(), general) == 0 &&
         (special.size() == general.size() || special[general.size()] == '.');
}

Grade grade_by_rules(const plan::Agreement& agreement, const std::vector<const Statement*>& statements, Grade own,
                     const std::vector<std::string>& observers, std::size_t origins) {
  for (int level = static_cast<int>(Grade::adjudicated); level > 0; --level) {
    const auto grade = static_cast<Grade>(level);
    bool ruled = false, met = false;
    for (const auto& rule : agreement.evidence) {
      if (rule.grade != grade) continue;
      ruled = true;
      met = met || meets(rule, statements, origins);
    }
    // A text that mandates an observer and says nothing of `verified` means that observer's own word.
    if (!ruled && grade == Grade::verified)
      met = std::any_of(statements.begin(), statements.end(),
                        [&](const Statement* s) { return std::find(observers.begin(), observers.end(), s->author) != observers.end(); });
    if (met || (!ruled && own >= grade)) return grade;
  }
  return Grade::none;
}

World::World(const plan::Agreement& agreement, std::span<const model::Incident> incidents, std::span<const Statement> statements,
             const Options& options)
    : agreement_(&agreement), options_(&options) {
  if (statements.empty() && incidents.empty()) seen_ = options.known_at < Instant::max() ? options.known_at : options.now;
  add_acts(statements);
  add_incidents(incidents);
  scanned_ = options.scanned ? options.scanned : scanned_;
  std::sort(happenings_.begin(), happenings_.end(),
            [](const Happening& a, const Happening& b) { return a.stamp() != b.stamp() ? a.stamp() < b.stamp() : a.id < b.id; });
  for (std::uint32_t i = 0; i < happenings_.size(); ++i) {
    by_event_[happenings_[i].event].push_back(i);
    by_id_.emplace(happenings_[i].id, i);
  }
  for (std::uint32_t i = 0; i < happenings_.size(); ++i)
    if (happenings_[i].incident)
      for (const auto& m : happenings_[i].incident->members) by_id_.emplace(m, i);
  for (const auto& h : happenings_) {
    if (h.kind != Kind::decision || h.withdrawn || text_field(h.fields(), "holds") != "no") continue;
    if (!agreement.body(h.statement->author)) continue;
    for (const auto& id : h.statement->about) {
      denied_.insert(h.event + "\n" + id);
      if (const Happening* target = find(id)) denied_.insert(h.event + "\n" + target->id);
    }
  }
}

const Happening* World::find(const std::string& id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : &happenings_[it->second];
}

bool World::refuted(const Happening& h, const std::string& event) const {
  return h.occurrence < Grade::adjudicated && !denied_.empty() && denied_.contains(event + "\n" + h.id);
}

// Corrections stand as what they correct. A withdrawn statement is as if it had never been made,
// save a decision: what was triggered by it ends by the clause's own rule (LANGUAGE.md §7.4).
void World::add_acts(std::span<const Statement> statements) {
  std::unordered_map<std::string, const Statement*> replaced, withdrawn;
  std::vector<const Statement*> known;
  for (const auto& s : statements) {
    if (s.known_at > options_->known_at || !in_view(options_->view, s.exercise)) continue;
    known.push_back(&s);
    seen_ = std::max(seen_, s.known_at);
  }
  std::sort(known.begin(), known.end(),
            [](const auto* a, const auto* b) { return a->known_at != b->known_at ? a->known_at < b->known_at : a->id < b->id; });
  known.erase(std::unique(known.begin(), known.end(), [](const auto* a, const auto* b) { return a->id == b->id; }), known.end());
  scanned_ = known.size();
  for (const Statement* s : known) {
    statements_.emplace(s->id, s);
    if (s->kind == Kind::correction)
      for (const auto& id : s->about) replaced[id] = s;
    if (s->kind == Kind::withdrawal)
      for (const auto& id : s->about) withdrawn.emplace(id, s);
  }
  resolved_.reserve(known.size());  // never grows: Happenings point into it
  for (const Statement* s : known) {
    if (replaced.contains(s->id)) continue;
    const Statement* kept = s;
    if (s->kind == Kind::correction) {
      Kind kind = Kind::observation;
      for (const Statement* c = s; c->kind == Kind::correction && !c->about.empty();) {
        const auto it = statements_.find(c->about.front());
        if (it == statements_.end() || it->second == c) break;
        c = it->second;
        kind = c->kind;
      }
      if (kind == Kind::observation || kind == Kind::correction) continue;
      resolved_.push_back(*s);
      resolved_.back().kind = kind;
      resolved_.back().about.clear();
      kept = &resolved_.back();
    }
    if (!act_kind(kept->kind)) continue;
    const auto back = withdrawn.find(s->id);
    if (back != withdrawn.end() && kept->kind != Kind::decision) continue;
    Happening h;
    h.id = kept->id;
    h.event = kept->event;
    h.kind = kept->kind;
    h.statement = kept;
    h.when = kept->when;
    h.known_at = kept->known_at;
    h.members = {kept};
    if (back != withdrawn.end()) {
      h.withdrawn = back->second->when.to;
      h.withdrawn_known = back->second->known_at;
    }
    grade_act(h);
    happenings_.push_back(std::move(h));
  }
}

void World::grade_act(Happening& h) const {
  const Statement& s = *h.statement;
  const plan::Event* event = agreement_->event(h.event);
  h.occurrence =
      grade_by_rules(*agreement_, h.members, plain_grade(s, *agreement_), event ? event->observed_by : std::vector<std::string>{}, 1);
  // Who performs, concludes or gives notice is its author when no actor is named; a body that decides
  // is not thereby the actor.
  std::string actor = s.actor;
  if (actor.empty() && s.kind != Kind::decision && s.kind != Kind::finding) actor = s.author;
  if (!actor.empty()) h.attributions.push_back({actor, h.occurrence, {s.id}, s.actor_basis});
}

void World::add_incidents(std::span<const model::Incident> incidents) {
  std::unordered_set<std::string> acts;
  for (const auto& h : happenings_) acts.insert(h.id);
  for (const auto& incident : incidents) {
    if (incident.first_known > options_->known_at || !in_view(options_->view, incident.exercise)) continue;
    if (closed(incident.end)) continue;
    // An act of speech that became an incident of its own is in already.
    if (incident.members.size() == 1) {
      const auto it = statements_.find(incident.members.front());
      if (acts.contains(incident.members.front()) || (it != statements_.end() && act_kind(it->second->kind))) continue;
    }
    Happening h;
    h.id = incident.id;
    h.event = incident.event;
    h.incident = &incident;
    h.when = incident.when;
    h.known_at = incident.known_at;
    h.doubtful = incident.end == "unverifiable";
    for (const auto& id : incident.members)
      if (const auto it = statements_.find(id); it != statements_.end()) h.members.push_back(it->second);
    seen_ = std::max(seen_, incident.known_at);
    grade_incident(h);
    happenings_.push_back(std::move(h));
  }
}

void World::grade_incident(Happening& h) const {
  const plan::Event* event = agreement_->event(h.event);
  static const std::vector<std::string> kNobody;
  const auto& observers = event ? event->observed_by : kNobody;
  h.occurrence = h.incident->occurrence;
  h.attributions = h.incident->attributions;
  if (agreement_->evidence.empty() && observers.empty()) return;
  h.occurrence = grade_by_rules(*agreement_, h.members, h.occurrence, observers, h.incident->origins.size());
  for (auto& a : h.attributions) {
    std::vector<const Statement*> by;
    for (const Statement* m : h.members)
      if (std::find(a.by.begin(), a.by.end(), m->id) != a.by.end()) by.push_back(m);
    a.grade = grade_by_rules(*agreement_, by, a.grade, observers, a.by.size());
  }
  std::sort(h.attributions.begin(), h.attributions.end(),
            [](const auto& a, const auto& b) { return a.grade != b.grade ? a.grade > b.grade : a.party < b.party; });
}

std::vector<std::string> leaves_for(const plan::Agreement& agreement, const Happening& h, Grade occurrence, const std::string& party) {
  if (h.act()) return {h.id};
  std::vector<const Statement*> pool = h.members;
  std::stable_sort(pool.begin(), pool.end(), [&](const Statement* a, const Statement* b) {
    // First what also names the party, so that one leaf may carry both; then what was known first.
    const bool na = a->actor == party, nb = b->actor == party;
    if (!party.empty() && na != nb) return na;
    if (warns_only(*a) != warns_only(*b)) return warns_only(*b);
    return a->known_at != b->known_at ? a->known_at < b->known_at : a->id < b->id;
  });
  if (pool.empty()) return h.incident->members;
  const plan::Event* event = agreement.event(h.event);
  const auto observers = event ? event->observed_by : std::vector<std::string>{};
  // The whole incident may be needed: its own grade was made by a rule of another room.
  std::vector<const Statement*> taken;
  for (const Statement* s : pool) {
    taken.push_back(s);
    const std::set<std::string> voices = [&] {
      std::set<std::string> v;
      for (const Statement* t : taken)
        if (!warns_only(*t)) v.insert(voice(*t));
      return v;
    }();
    Grade own = voices.size() >= 2 ? Grade::corroborated : plain_grade(*taken.front(), agreement);
    if (grade_by_rules(agreement, taken, own, observers, voices.size()) >= occurrence) break;
  }
  std::vector<std::string> out;
  for (const Statement* s : taken) out.push_back(s->id);
  std::sort(out.begin(), out.end());
  return out;
}

Instant known_from(const Happening& h, const std::vector<std::string>& leaves) {
  Instant known = Instant::min();
  for (const auto& id : leaves) {
    const auto it = std::find_if(h.members.begin(), h.members.end(), [&](const Statement* s) { return s->id == id; });
    known = std::max(known, it == h.members.end() ? h.known_at : (*it)->known_at);
  }
  return leaves.empty() ? h.known_at : known;
}

}  // namespace surety::duty
