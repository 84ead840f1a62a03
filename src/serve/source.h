#pragma once
// Where the API gets its world from. A world is immutable and shared; a new one replaces it when the
// record grows. Implementations are thread-safe: several requests ask at once.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/roles.h"
#include "engine/world.h"

namespace surety::serve {

// One question: of which view, known when, and asked by whom. What is released to none of `audiences` is
// not in the world that answers it.
struct Query {
  model::Exercise view = model::Exercise::actual;
  std::optional<Instant> known_at;  // none: everything that is known
  access::Reader reader;
  std::vector<std::string> audiences = {"public"};  // sorted
};

class Source {
 public:
  virtual ~Source() = default;
  // Counts changes of what can be served; a world of one revision never changes.
  virtual std::uint64_t revision() const = 0;
  // Statements in the record, and how many of them belong to each view (actual, exercise,
  // hypothetical): a page offers a view only if something is in it.
  struct Size {
    std::uint64_t statements = 0, actual = 0, exercise = 0, hypothetical = 0;
  };
  virtual Size size(const Query& query) = 0;
  virtual Result<std::shared_ptr<const engine::World>> world(const Query& query) = 0;
};

// A world that never changes, one for each view: for tests and for exports.
class FixedSource final : public Source {
 public:
  explicit FixedSource(std::vector<std::shared_ptr<const engine::World>> worlds) : worlds_(std::move(worlds)) {}
  std::uint64_t revision() const override { return 1; }
  Size size(const Query& query) override;
  Result<std::shared_ptr<const engine::World>> world(const Query& query) override;

 private:
  std::vector<std::shared_ptr<const engine::World>> worlds_;
};

}  // namespace surety::serve
