#include "fulfil/entries.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace surety::fulfil {
namespace {

using model::Kind;
using model::Statement;

bool in_view(model::Exercise view, model::Exercise of) {
  return of == view || (view == model::Exercise::hypothetical && of == model::Exercise::actual);
}

// The statements that count, and what became of the others.
class Book {
 public:
  Book(std::span<const Statement> statements, const Options& o) {
    for (const auto& s : statements)
      if (s.known_at <= o.known_at && in_view(o.view, s.exercise)) all_.push_back(&s);
    std::sort(all_.begin(), all_.end(), [](const Statement* a, const Statement* b) {
      return a->known_at != b->known_at ? a->known_at < b->known_at : a->id < b->id;
    });
    all_.erase(std::unique(all_.begin(), all_.end(), [](const Statement* a, const Statement* b) { return a->id == b->id; }), all_.end());
    for (const Statement* s : all_) {
      by_id_.emplace(s->id, s);
      if (s->kind == Kind::correction)
        for (const auto& id : s->about) replaced_[id] = s;
      if (s->kind == Kind::withdrawal)
        for (const auto& id : s->about) withdrawn_.emplace(id, s);
    }
  }
  const std::vector<const Statement*>& all() const { return all_; }
  bool stands(const Statement& s) const { return !replaced_.contains(s.id) && !withdrawn_.contains(s.id); }
  const Statement* find(const std::string& id) const {
    const auto it = by_id_.find(id);
    return it == by_id_.end() ? nullptr : it->second;
  }
  // What stands in the place of `id` now; null when it was withdrawn.
  const Statement* latest(const std::string& id) const {
    const Statement* s = find(id);
    for (std::size_t n = 0; s && n <= all_.size(); ++n) {
      if (withdrawn_.contains(s->id)) return nullptr;
      const auto next = replaced_.find(s->id);
      if (next == replaced_.end()) return s;
      s = next->second;
    }
    return s;
  }
  // The statements that a correction replaced, oldest first; the first one gives the kind.
  std::vector<const Statement*> amended_by(const Statement& s) const {
    std::vector<const Statement*> out;
    const Statement* at = &s;
    while (at->kind == Kind::correction && !at->about.empty() && out.size() < all_.size()) {
      const Statement* before = find(at->about.front());
      if (!before) break;
      out.push_back(before);
      at = before;
    }
    std::reverse(out.begin(), out.end());
    return out;
  }

 private:
  std::vector<const Statement*> all_;
  std::unordered_map<std::string, const Statement*> by_id_, replaced_, withdrawn_;
};

void read_amount(const Statement& s, Entry& e) {
  const auto it = s.fields.find("amount");
  if (it == s.fields.end()) return;
  if (std::holds_alternative<model::Withheld>(it->second)) e.withheld = true;
  if (const auto* a = std::get_if<model::Amount>(&it->second)) e.amount = *a;
  if (const auto* text = std::get_if<std::string>(&it->second)) {
    if (const auto n = Decimal::parse(*text))
      e.amount.low = e.amount.high = *n;
    else
      e.amount.words = *text;
  }
}

Entry make(const Statement& s, Kind kind) {
  Entry e;
  e.id = s.id;
  e.kind = kind;
  e.party = s.actor.empty() ? s.author : s.actor;
  e.author = s.author;
  e.item = field_text(s.fields, "item");
  if (e.item.empty()) e.item = s.event;
  e.stage = field_text(s.fields, "stage");
  if (e.stage.empty()) e.stage = kind == Kind::pledge ? "announced" : "done";
  e.by = field_text(s.fields, "by");
  e.condition = field_text(s.fields, "condition");
  e.when = s.when.from;
  e.known_at = s.known_at;
  e.exercise = s.exercise;
  e.source = s.source;
  e.text = s.text;
  read_amount(s, e);
  return e;
}

// A performance is about a pledge, or about another performance that is.
const Statement* pledge_of(const Book& book, const Statement& s) {
  const Statement* at = &s;
  for (int steps = 0; steps < 8; ++steps) {
    const Statement* next = nullptr;
    for (const auto& id : at->about)
      if (const Statement* found = book.latest(id); found && found != at) {
        next = found;
        break;
      }
    if (!next) return nullptr;
    const auto before = book.amended_by(*next);
    const Kind kind = before.empty() ? next->kind : before.front()->kind;
    if (kind == Kind::pledge) return next;
    if (kind != Kind::performance) return nullptr;
    at = before.empty() ? next : before.front();
  }
  return nullptr;
}

}  // namespace

std::string field_text(const model::Fields& fields, const std::string& name) {
  const auto it = fields.find(name);
  if (it == fields.end()) return {};
  const auto* text = std::get_if<std::string>(&it->second);
  return text ? *text : std::string();
}

HubFacts hub_facts(const Statement& s) {
  HubFacts out;
  out.name = field_text(s.fields, "hub");
  if (out.name.empty() && s.place) out.name = s.place->name;
  if (const auto it = s.fields.find("capacity"); it != s.fields.end())
    if (const auto* a = std::get_if<model::Amount>(&it->second)) out.capacity = *a;
  return out;
}

std::vector<Entry> entries(const plan::Agreement& agreement, std::span<const Statement> statements, const Options& options,
                           std::vector<Error>& problems) {
  const Book book(statements, options);
  std::vector<Entry> out;
  for (const Statement* s : book.all()) {
    if (!book.stands(*s)) continue;
    const auto before = book.amended_by(*s);
    const Kind kind = before.empty() ? s->kind : before.front()->kind;
    if (kind != Kind::pledge && kind != Kind::performance) continue;
    Entry e = make(*s, kind);
    for (const Statement* b : before) e.amends.push_back(b->id);
    const Statement& origin = before.empty() ? *s : *before.front();
    std::vector<std::string> clauses = s->clauses.empty() ? origin.clauses : s->clauses;
    std::string instrument = s->instrument.empty() ? origin.instrument : s->instrument;
    if (kind == Kind::performance) {
      if (const Statement* pledge = pledge_of(book, origin)) {
        e.pledge = pledge->id;
        e.party = pledge->actor.empty() ? pledge->author : pledge->actor;
        if (field_text(s->fields, "item").empty()) e.item = make(*pledge, Kind::pledge).item;
        if (clauses.empty()) clauses = pledge->clauses;
        if (instrument.empty()) instrument = pledge->instrument;
      }
    }
    if (instrument != agreement.name) continue;
    if (clauses.empty()) clauses.push_back("");
    std::sort(clauses.begin(), clauses.end());
    clauses.erase(std::unique(clauses.begin(), clauses.end()), clauses.end());
    for (const auto& id : clauses) {
      e.clause = id;
      if (!id.empty() && !agreement.clause(id)) {
        problems.push_back(fail("fulfil.unknown-clause", "a statement names a clause that the agreement does not have")
                               .field(s->id)
                               .found(id)
                               .expected("a clause of " + agreement.name)
                               .help("correct the statement's clauses"));
        e.clause.clear();
      }
      out.push_back(e);
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Entry& a, const Entry& b) { return std::tie(a.when, a.id, a.clause) < std::tie(b.when, b.id, b.clause); });
  return out;
}

}  // namespace surety::fulfil
