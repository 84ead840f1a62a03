#pragma once
// The world of a database that grows: statements are read again when the record has changed, and a
// world is derived when somebody first asks for it, from what its readers' audiences may know.
//
//   BookSource source({.agreements = {paris}, .database = "surety.db", .assumed = scenario});
//   SURETY_TRY_STATUS(source.refresh());           // first reading; its errors are the caller's
//   if (source.refresh().value()) server->publish("world", api.world_event());
//
// Thread-safe. Deriving holds no lock that readers of other worlds wait for.
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <set>

#include "serve/source.h"
#include "store/log.h"

namespace surety::serve {

struct BookOptions {
  std::vector<std::shared_ptr<const plan::Agreement>> agreements;
  std::string database;                   // empty: only `given` and `assumed`
  std::vector<model::Statement> given;    // read from files, besides the database
  std::vector<model::Statement> assumed;  // a scenario, every one of them marked hypothetical
  std::optional<Instant> now;             // event time to read deadlines at; none: the record's latest
  std::size_t kept_worlds = 12;
  store::LogOptions log;           // where a reading of restricted fields is noted
  std::function<Instant()> clock;  // the wall clock, for those notes; needed when somebody can log in
};

class BookSource final : public Source {
 public:
  explicit BookSource(BookOptions options) : options_(std::move(options)) {}

  // Reads the database if it has grown, or what is released to whom has changed. True: something changed.
  Result<bool> refresh();

  std::uint64_t revision() const override;
  Size size(const Query& query) override;
  // Before anything restricted is handed to a session, the record has an entry that says so, durably.
  // Error access.not-noted: then nothing is handed over.
  Result<std::shared_ptr<const engine::World>> world(const Query& query) override;

 private:
  // What some audiences may know of the database.
  struct Share {
    std::vector<model::Statement> statements;
    std::vector<Digest> restricted;  // entries of which this share has more than the public's
    std::uint64_t log_size = 0;
    Size size;
  };
  using SharePtr = std::shared_ptr<const Share>;
  using Audiences = std::vector<std::string>;
  struct Reading {
    std::uint64_t revision = 0;
    std::set<std::string> released_to;  // audiences to which anything at all is released
    std::map<Audiences, SharePtr> shares;
  };
  struct Taken {  // a share, of which reading, and of which of the audiences
    std::uint64_t revision = 0;
    Audiences audiences;
    SharePtr share;
  };
  using WorldPtr = std::shared_ptr<const engine::World>;
  struct Kept {
    std::uint64_t revision;
    Query query;
    WorldPtr world;
  };
  WorldPtr find(std::uint64_t revision, const Query& query);
  Result<std::string> stamp();  // another one when the database may have grown
  Result<SharePtr> read_share(const Audiences& audiences) const;
  Result<Taken> take(const Audiences& audiences);
  Status note(const access::Reader& reader, const std::vector<Digest>& restricted);

  const BookOptions options_;
  mutable std::mutex mutex_;  // guards reading_, kept_, stamps
  std::mutex deriving_;       // one derivation at a time: it uses a whole core
  Reading reading_;
  std::list<Kept> kept_;                           // most recently used first
  std::uint64_t log_size_ = 0;                     // up to which the log has been looked at
  std::string stamp_, released_;                   // what the files of the database, and of the disclosures, looked like when read
  std::mutex refreshing_;                          // guards head_: one refresh at a time
  std::unique_ptr<store::Store> head_;             // PostgreSQL only
  std::mutex noting_;                              // guards noted_, and the log while it is open
  std::map<std::string, std::set<Digest>> noted_;  // by session
};

}  // namespace surety::serve
