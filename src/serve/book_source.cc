#include "serve/book_source.h"

#include <filesystem>

#include "engine/book.h"
#include "engine/release.h"

namespace surety::serve {
namespace {

// SQLite's files change whenever a commit reaches them; reading them is cheap and takes no lock.
std::string stamp_of(const std::string& database) {
  std::string out;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code ec;
    const std::filesystem::path path = database + suffix;
    const auto bytes = std::filesystem::file_size(path, ec);
    if (ec) continue;
    const auto when = std::filesystem::last_write_time(path, ec);
    out += std::to_string(bytes) + ":" + std::to_string(when.time_since_epoch().count()) + ";";
  }
  return out;
}

bool same(const Query& a, const Query& b) { return a.view == b.view && a.known_at == b.known_at && a.audiences == b.audiences; }

Source::Size count(const std::vector<model::Statement>& statements) {
  Source::Size n;
  n.statements = statements.size();
  for (const auto& s : statements) {
    n.actual += s.exercise == model::Exercise::actual;
    n.exercise += s.exercise == model::Exercise::exercise;
    n.hypothetical += s.exercise == model::Exercise::hypothetical;
  }
  return n;
}

}  // namespace

BookSource::BookSource(BookOptions options) : options_(std::move(options)) {
  for (const auto& agreement : options_.agreements) released_to_.merge(engine::names_released_to(*agreement));
}

Result<bool> BookSource::refresh() {
  const std::string stamp = options_.database.empty() ? "files" : stamp_of(options_.database);
  std::uint64_t revision = 0;
  {
    const std::lock_guard lock(mutex_);
    if (reading_->revision > 0 && stamp == stamp_) return false;
    revision = reading_->revision;
  }
  auto next = std::make_shared<Reading>();
  if (!options_.database.empty()) {
    SURETY_TRY(next->statements, engine::read_public_book(options_.database));
  }
  for (const auto* more : {&options_.given, &options_.assumed}) next->statements.insert(next->statements.end(), more->begin(), more->end());
  next->size = count(next->statements);
  next->revision = revision + 1;
  const std::lock_guard lock(mutex_);
  stamp_ = stamp;
  if (reading_->revision > 0 && reading_->size.statements == next->size.statements) return false;
  reading_ = std::move(next);
  return true;
}

std::shared_ptr<const BookSource::Reading> BookSource::reading() const {
  const std::lock_guard lock(mutex_);
  return reading_;
}

std::uint64_t BookSource::revision() const { return reading()->revision; }
Source::Size BookSource::size() const { return reading()->size; }

BookSource::WorldPtr BookSource::find(std::uint64_t revision, const Query& query) {
  const std::lock_guard lock(mutex_);
  for (auto it = kept_.begin(); it != kept_.end(); ++it) {
    if (it->revision != revision || !same(it->query, query)) continue;
    kept_.splice(kept_.begin(), kept_, it);
    return it->world;
  }
  return nullptr;
}

// Audiences to which nothing is released make no difference: readers who may know the same share a world.
Query BookSource::without_idle_audiences(Query query) const {
  std::erase_if(query.audiences, [&](const std::string& a) { return a != "public" && !released_to_.contains(a); });
  return query;
}

Result<std::shared_ptr<const engine::World>> BookSource::world(const Query& asked) {
  const Query query = without_idle_audiences(asked);
  const auto from = reading();
  if (auto world = find(from->revision, query)) return world;
  const std::lock_guard one(deriving_);
  if (auto world = find(from->revision, query)) return world;
  engine::Request request;
  for (const auto& agreement : options_.agreements) {
    if (auto share = engine::share_of(agreement, query.audiences)) request.agreements.push_back(std::move(share));
  }
  request.view = query.view;
  if (query.known_at) request.known_at = *query.known_at;
  if (options_.now) request.now = *options_.now;
  SURETY_TRY(engine::World derived, engine::derive(from->statements, request));
  auto world = std::make_shared<const engine::World>(std::move(derived));
  const std::lock_guard lock(mutex_);
  kept_.push_front({from->revision, query, world});
  if (kept_.size() > options_.kept_worlds) kept_.pop_back();
  return world;
}

}  // namespace surety::serve
