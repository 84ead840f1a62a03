#pragma once
// The world of a database that grows: statements are read again when the record has changed, and a
// world is derived when somebody first asks for it, from what its readers' audiences may know.
//
//   BookSource source({.agreements = {paris}, .database = "surety.db", .assumed = scenario});
//   SURETY_TRY_STATUS(source.refresh());           // first reading; its errors are the caller's
//   if (source.refresh().value()) server->publish("world", world_event(source));
//
// Thread-safe. Deriving holds no lock that readers of other worlds wait for.
#include <list>
#include <map>
#include <mutex>
#include <set>

#include "serve/source.h"

namespace surety::serve {

struct BookOptions {
  std::vector<std::shared_ptr<const plan::Agreement>> agreements;
  std::string database;                   // empty: only `given` and `assumed`
  std::vector<model::Statement> given;    // read from files, besides the database
  std::vector<model::Statement> assumed;  // a scenario, every one of them marked hypothetical
  std::optional<Instant> now;             // event time to read deadlines at; none: the record's latest
  std::size_t kept_worlds = 12;
};

class BookSource final : public Source {
 public:
  explicit BookSource(BookOptions options);

  // Reads the database if it has grown. True: something changed.
  Result<bool> refresh();

  std::uint64_t revision() const override;
  Size size() const override;
  Result<std::shared_ptr<const engine::World>> world(const Query& query) override;

 private:
  struct Reading {
    std::uint64_t revision = 0;
    Size size;
    std::vector<model::Statement> statements;
  };
  using WorldPtr = std::shared_ptr<const engine::World>;
  struct Kept {
    std::uint64_t revision;
    Query query;
    WorldPtr world;
  };
  WorldPtr find(std::uint64_t revision, const Query& query);
  Query without_idle_audiences(Query query) const;
  std::shared_ptr<const Reading> reading() const;

  const BookOptions options_;
  std::set<std::string> released_to_;  // names that some clause is released to
  mutable std::mutex mutex_;  // guards reading_, kept_, stamp_
  std::mutex deriving_;       // one derivation at a time: it uses a whole core
  std::shared_ptr<const Reading> reading_ = std::make_shared<Reading>();
  std::list<Kept> kept_;  // most recently used first
  std::string stamp_;     // what the database's files looked like when read
};

}  // namespace surety::serve
