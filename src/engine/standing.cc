#include "engine/standing.h"

#include <algorithm>
#include <unordered_map>

namespace surety::engine {
namespace {

using model::Exercise;
using model::Kind;
using model::Statement;

bool seen_in(Exercise view, Exercise of) { return view == of || (view == Exercise::hypothetical && of == Exercise::actual); }

}  // namespace

Standing standing(std::span<const Statement> all, Instant known_at, Exercise view) {
  Standing out;
  std::vector<const Statement*> known;
  std::unordered_map<std::string_view, const Statement*> by_id;
  known.reserve(all.size());
  by_id.reserve(all.size());
  for (const auto& s : all) {
    if (s.known_at > known_at || !seen_in(view, s.exercise)) continue;
    if (by_id.emplace(s.id, &s).second) known.push_back(&s);
  }
  out.considered = known.size();
  std::sort(known.begin(), known.end(),
            [](const auto* a, const auto* b) { return a->known_at != b->known_at ? a->known_at < b->known_at : a->id < b->id; });
  // Who took whom out. The later word wins; a correction that was itself withdrawn takes out nothing.
  std::unordered_map<std::string_view, const Statement*> taken_out;
  for (auto it = known.rbegin(); it != known.rend(); ++it) {
    const Statement& s = **it;
    if ((s.kind != Kind::correction && s.kind != Kind::withdrawal) || taken_out.contains(s.id)) continue;
    for (const auto& id : s.about) {
      if (!by_id.contains(id)) {
        out.dangling.push_back(s.id);
      } else if (taken_out.emplace(id, &s).second) {
        ++(s.kind == Kind::correction ? out.replaced : out.withdrawn);
      }
    }
  }
  std::erase_if(known, [&](const Statement* s) { return s->kind == Kind::withdrawal || taken_out.contains(s->id); });
  std::sort(known.begin(), known.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  out.statements.reserve(known.size());
  for (const Statement* s : known) {
    Statement& copy = out.statements.emplace_back(*s);
    copy.exercise = view;
    // A correction takes the place, and the kind, of what it corrects.
    for (const Statement* target = s; target && copy.kind == Kind::correction;) {
      const auto it = target->about.empty() ? by_id.end() : by_id.find(target->about.front());
      target = it == by_id.end() || it->second == target ? nullptr : it->second;
      copy.kind = target ? target->kind : Kind::observation;
      if (target && target->kind == Kind::correction) copy.kind = Kind::correction;
    }
  }
  std::sort(out.dangling.begin(), out.dangling.end());
  return out;
}

std::vector<Instant> revisions(std::span<const Statement> all, Exercise view) {
  std::vector<Instant> out;
  for (const auto& s : all)
    if ((s.kind == Kind::correction || s.kind == Kind::withdrawal) && seen_in(view, s.exercise)) out.push_back(s.known_at);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace surety::engine
