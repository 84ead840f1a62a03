#include "engine/world.h"

#include <algorithm>
#include <unordered_set>

namespace surety::engine {
namespace {

using model::Statement;

Instant latest_known(const Standing& standing) {
  Instant latest = Instant::min();
  for (const auto& s : standing.statements) latest = std::max(latest, s.known_at);
  return latest;
}

Result<World> derive_once(std::span<const Statement> all, const Request& request) {
  World world;
  world.known_at = request.known_at;
  world.view = request.view;
  world.standing = standing(all, request.known_at, request.view);
  world.now = request.now > Instant::min() ? request.now : std::min(latest_known(world.standing), request.known_at);
  world.incidents = incident::fuse(world.standing.statements, request.fusing);
  // Duty is given everything that was said, taken back or not: what a finding set off while it stood is
  // its to end, and needs the finding and its withdrawal both (LANGUAGE.md §7.4).
  for (const auto& agreement : request.agreements) {
    SURETY_TRY(const auto zones, duty::Zones::read(*agreement));
    const duty::Options options{
        .known_at = request.known_at, .now = world.now, .view = request.view, .scanned = world.standing.considered, .zones = &zones};
    SURETY_TRY(auto outcome, duty::decide(*agreement, world.incidents, all, options));
    auto account = fulfil::account(*agreement, all, {.known_at = request.known_at, .view = request.view});
    world.instruments.push_back({agreement, std::move(outcome), std::move(account)});
  }
  return world;
}

// A verdict that a correction or withdrawal replaced: what was derived just before that moment is
// linked to what stands now, so that nobody meets a changed verdict without its past.
Status link_to_past(std::span<const Statement> all, const Request& request, World& world) {
  std::vector<Instant> moments = revisions(all, request.view);
  std::erase_if(moments, [&](Instant t) { return t > request.known_at; });
  if (moments.empty()) return {};
  Request past = request;
  // Only the last change needs a link here; earlier ones are linked in their own past.
  past.known_at = moments.back() - Span{1};
  past.now = world.now;
  SURETY_TRY(const World before, derive_once(all, past));
  for (std::size_t i = 0; i < world.instruments.size(); ++i) duty::link(before.instruments[i].outcome, world.instruments[i].outcome);
  return {};
}

template <class V>
bool matches(const V& verdict, const std::string& id) {
  return verdict.id.starts_with(id);
}

}  // namespace

Result<World> derive(std::span<const Statement> given, const Request& request) {
  std::unordered_set<std::string_view> ids;
  for (const auto& s : given) ids.insert(s.id);
  std::vector<Statement> unique;
  if (ids.size() != given.size()) {  // the same file twice, or in the database and beside it
    for (const auto& s : given)
      if (ids.erase(s.id)) unique.push_back(s);
  }
  const std::span<const Statement> all = unique.empty() ? given : std::span<const Statement>(unique);
  SURETY_TRY(World world, derive_once(all, request));
  SURETY_TRY_STATUS(link_to_past(all, request, world));
  return world;
}

const Statement* World::statement(const std::string& id) const {
  const auto it = std::lower_bound(standing.statements.begin(), standing.statements.end(), id,
                                   [](const Statement& s, const std::string& wanted) { return s.id < wanted; });
  return it != standing.statements.end() && it->id == id ? &*it : nullptr;
}

const model::Incident* World::incident(const std::string& id) const {
  const auto it = std::find_if(incidents.begin(), incidents.end(), [&](const auto& i) { return i.id == id; });
  return it == incidents.end() ? nullptr : &*it;
}

Result<FoundVerdict> find_verdict(const World& world, const std::string& id) {
  FoundVerdict found;
  int hits = 0;
  for (const auto& instrument : world.instruments) {
    for (const auto& v : instrument.outcome.states)
      if (matches(v, id)) found = {&instrument, &v, nullptr}, ++hits;
    for (const auto& v : instrument.outcome.duties)
      if (matches(v, id)) found = {&instrument, nullptr, &v}, ++hits;
  }
  if (hits == 1) return found;
  return err(
      fail(hits ? "verdict.ambiguous" : "verdict.unknown", hits ? "several verdicts begin so" : "no verdict has this id in this view")
          .found(id)
          .expected("an id that `surety run --json` printed, or enough of its beginning")
          .help("the same evidence, agreements, --known-at and view are needed"));
}

}  // namespace surety::engine
