#include "serve/book_source.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include "engine/book.h"
#include "engine/release.h"
#include "store/disclosure_store.h"

namespace surety::serve {
namespace {

// SQLite's files change whenever a commit reaches them; reading them is cheap and takes no lock.
std::string stamp_of(const std::string& database) {
  std::string out;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code ec;
    const std::filesystem::path path = database + suffix;
    const auto bytes = std::filesystem::file_size(path, ec);
    if (ec || bytes == 0) continue;
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

const std::vector<std::string> kPublicOnly{"public"};
constexpr std::size_t kMostSessions = 1000;

// The log has one writer; another process may hold it for a moment.
Result<std::unique_ptr<store::Log>> open_soon(const store::LogOptions& options) {
  constexpr int kTries = 30;
  for (int i = 1;; ++i) {
    auto log = store::Log::open(options);
    if (log || log.error().code != "store.in-use" || i == kTries) return log;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace

Result<BookSource::SharePtr> BookSource::read_share(const Audiences& audiences) const {
  auto out = std::make_shared<Share>();
  if (!options_.database.empty()) {
    SURETY_TRY(auto book, engine::read_shared_book(options_.database, audiences));
    out->statements = std::move(book.statements);
    out->restricted = std::move(book.restricted);
    out->log_size = book.size;
  }
  for (const auto* more : {&options_.given, &options_.assumed}) out->statements.insert(out->statements.end(), more->begin(), more->end());
  out->size = count(out->statements);
  return SharePtr(std::move(out));
}

// PostgreSQL has no files to look at: its head is asked for over one connection, which is made anew after a fault.
Result<std::string> BookSource::stamp() {
  if (options_.database.empty()) return "files";
  if (!store::is_postgres(options_.database)) return stamp_of(options_.database);
  if (!head_) {
    SURETY_TRY(head_, store::open_store(options_.database, store::Mode::read));
  }
  const auto size = head_->size();
  if (!size) {
    head_.reset();
    return err(size.error());
  }
  return std::to_string(*size);
}

Result<bool> BookSource::refresh() {
  const std::lock_guard one(refreshing_);
  const std::string disclosures = options_.database.empty() ? "" : store::disclosures_beside(options_.database);
  SURETY_TRY(const std::string stamp, this->stamp());
  const std::string released = disclosures.empty() ? "" : stamp_of(disclosures);
  Reading next;
  std::uint64_t size = 0;
  bool known = false;
  {
    const std::lock_guard lock(mutex_);
    if (reading_.revision > 0 && stamp == stamp_ && released == released_) return false;
    next.revision = reading_.revision + 1;
    size = log_size_;
    known = reading_.revision > 0 && released == released_;
  }
  if (known && !options_.database.empty()) {
    // A note that somebody has read something changes nothing for anybody.
    SURETY_TRY(const bool grown, engine::grown_since(options_.database, size));
    if (!grown) {
      const std::lock_guard lock(mutex_);
      stamp_ = stamp;
      log_size_ = size;
      return false;
    }
  }
  SURETY_TRY(const SharePtr open, read_share(kPublicOnly));
  next.shares[kPublicOnly] = open;
  for (const auto& agreement : options_.agreements) next.released_to.merge(engine::names_released_to(*agreement));
  if (!released.empty()) {
    SURETY_TRY(const auto store, store::DisclosureStore::open(disclosures));
    SURETY_TRY(auto audiences, store->audiences());
    next.released_to.merge(audiences);
  }
  const std::lock_guard lock(mutex_);
  stamp_ = stamp;
  released_ = released;
  log_size_ = open->log_size;
  reading_ = std::move(next);
  return true;
}

std::uint64_t BookSource::revision() const {
  const std::lock_guard lock(mutex_);
  return reading_.revision;
}

Result<BookSource::Taken> BookSource::take(const Audiences& asked) {
  while (true) {
    Taken taken;
    {
      const std::lock_guard lock(mutex_);
      taken.revision = reading_.revision;
      // Audiences to which nothing is released make no difference: readers who may know the same share a world.
      for (const auto& a : asked) {
        if (a == "public" || reading_.released_to.contains(a)) taken.audiences.push_back(a);
      }
      const auto it = reading_.shares.find(taken.audiences);
      if (it != reading_.shares.end()) {
        taken.share = it->second;
        return taken;
      }
    }
    SURETY_TRY(taken.share, read_share(taken.audiences));
    const std::lock_guard lock(mutex_);
    if (reading_.revision != taken.revision) continue;  // read anew meanwhile: so must this be
    reading_.shares[taken.audiences] = taken.share;
    return taken;
  }
}

Source::Size BookSource::size(const Query& query) {
  const auto taken = take(query.audiences);
  return taken ? taken->share->size : Size{};
}

BookSource::WorldPtr BookSource::find(std::uint64_t revision, const Query& query) {
  const std::lock_guard lock(mutex_);
  for (auto it = kept_.begin(); it != kept_.end(); ++it) {
    if (it->revision != revision || !same(it->query, query)) continue;
    kept_.splice(kept_.begin(), kept_, it);
    return it->world;
  }
  return nullptr;
}

Status BookSource::note(const access::Reader& reader, const std::vector<Digest>& restricted) {
  if (reader.role == access::Role::public_ || restricted.empty()) return {};
  const std::lock_guard lock(noting_);
  if (noted_.size() > kMostSessions) noted_.clear();  // who is forgotten here is noted once more
  std::set<Digest>& known = noted_[reader.session];
  std::vector<Digest> fresh;
  for (const Digest& leaf : restricted) {
    if (!known.contains(leaf)) fresh.push_back(leaf);
  }
  if (fresh.empty()) return {};
  const auto write = [&]() -> Status {
    SURETY_CHECK(options_.clock);
    SURETY_TRY(const auto log, open_soon(options_.log));
    SURETY_TRY(const auto disclosures, store::DisclosureStore::open(store::disclosures_beside(options_.database)));
    const std::string audience(access::name(reader.role));
    SURETY_TRY_STATUS(disclosures->note_reading(*log, fresh, audience, reader.pseudonym, options_.clock()));
    SURETY_TRY(const auto checkpoint, log->publish());
    (void)checkpoint;
    return {};
  };
  if (const Status written = write(); !written)
    return err(fail("access.not-noted", "that you read this cannot be noted in the record now, so it is not shown")
                   .found(written.error().code)
                   .help("try again in a moment; the operator sees why in the server's log")
                   .ours());
  known.insert(fresh.begin(), fresh.end());
  return {};
}

Result<std::shared_ptr<const engine::World>> BookSource::world(const Query& asked) {
  SURETY_TRY(const Taken from, take(asked.audiences));
  SURETY_TRY_STATUS(note(asked.reader, from.share->restricted));
  Query query = asked;
  query.audiences = from.audiences;
  if (auto world = find(from.revision, query)) return world;
  const std::lock_guard one(deriving_);
  if (auto world = find(from.revision, query)) return world;
  engine::Request request;
  for (const auto& agreement : options_.agreements) {
    if (auto share = engine::share_of(agreement, query.audiences)) request.agreements.push_back(std::move(share));
  }
  request.view = query.view;
  if (query.known_at) request.known_at = *query.known_at;
  if (options_.now) request.now = *options_.now;
  SURETY_TRY(engine::World derived, engine::derive(from.share->statements, request));
  auto world = std::make_shared<const engine::World>(std::move(derived));
  const std::lock_guard lock(mutex_);
  kept_.push_front({from.revision, query, world});
  if (kept_.size() > options_.kept_worlds) kept_.pop_back();
  return world;
}

}  // namespace surety::serve
