#pragma once
// The monitor: many metric first-order formulas over one stream of time-stamped facts, with late,
// withdrawn and replaced facts. Start here. docs/monitor.md has the design, the papers and the
// end-of-trace rule; one Monitor is for one thread, and owns all it was given.
//
//   Signature sig;  sig.add({"req", {Type::integer}});  sig.add({"ack", {Type::integer}});
//   SURETY_TRY(auto m, Monitor::compile(sig, {{"answered", pred("req", {var("i")}) &&
//                                              !eventually(within(30), pred("ack", {var("i")}))}}));
//   m.insert(1, sig.find("req"), {7}, 100);      // fact 1: req(7) at 100
//   m.complete(0, 131);                          // source 0 has told everything up to 131
//   for (auto& c : m.drain()) …                  // issued: formula 0, ts 100, row (7), version 1
//   m.insert(2, sig.find("ack"), {7}, 120);      // late
//   m.drain();                                   // withdrawn: the same, version 2
//
// Time: event time, in ticks (plan::Ticks; seconds in the peers' logs, microseconds in treaties).
// Facts may come in any order. A verdict is published once every source's watermark has passed all
// that it depends on; whatever comes later corrects it. The verdicts that stand after any order of
// the same facts, duplicates, withdrawals and replacements are those of the sorted final facts.
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "logic/monitor_types.h"
#include "logic/signature.h"

namespace surety::logic {

class Monitor {
 public:
  // Fails on formulas that are not monitorable or not well-typed, naming formula and variable.
  static Result<Monitor> compile(Signature sig, std::vector<NamedFormula> formulas, Options options = {});
  Monitor(Monitor&&) noexcept;
  Monitor& operator=(Monitor&&) noexcept;
  ~Monitor();

  const Signature& signature() const;
  std::vector<std::string> columns(std::uint32_t formula) const;
  bool reads(PredicateIndex p) const;  // false: no formula can see facts of p
  bool looks_ahead() const;            // whether some verdict waits for later points

  // Opens a time-point and makes it the current one; in instant mode it is the one of that stamp.
  // Facts need not be in a point: insert() with a stamp opens one (instant mode) or uses the current
  // point when it has that stamp (peer mode).
  Result<PointId> open_point(Ticks ts);
  // A known id with the same content is a duplicate and ignored; with another content, an error.
  Status insert(FactId id, PredicateIndex p, std::span<const plan::Value> args, Ticks ts);
  Status insert(FactId id, PredicateIndex p, std::initializer_list<plan::Value> args, Ticks ts);
  // The hot path: cells as intern() and to_cell() make them, into the current point; unchecked.
  void insert_cells(FactId id, PredicateIndex p, const std::uint64_t* cells);
  std::uint64_t intern(std::string_view text);
  static std::uint64_t to_cell(std::int64_t n) { return static_cast<std::uint64_t>(n); }
  static std::uint64_t to_cell(double d);

  // May come before the fact itself, which then never stands. Twice is a duplicate and ignored. With a
  // finite `retain` identities are forgotten with their facts, and a withdrawal of one so old is taken
  // as one that comes before its fact.
  Status retract(FactId id);
  // The fact `id` was wrong; this is what it should have said. Keeps its id. May come before the
  // fact itself; of several the last to arrive counts; a withdrawn fact stays withdrawn.
  Status replace(FactId id, PredicateIndex p, std::span<const plan::Value> args, Ticks ts);

  // This source has told everything with a stamp up to and including `up_to`.
  void complete(SourceId source, Ticks up_to);
  // All sources at once; the fast way for a single ordered log.
  void complete(Ticks up_to);
  // In peer mode, a point is complete when a later one is opened, even one of the same stamp: says
  // that no fact will be added to points opened so far.
  void close_points();
  void finish(End end = End::closed);
  // Every time-point strictly before this is evaluated; what comes for them is a correction.
  Ticks frontier() const;

  // The changes since the last drain, ordered by (ts, point, formula, row).
  std::vector<VerdictChange> drain();
  // The hot path: calls `each` instead of keeping changes. Rows are cells, in column order. When a
  // point is decided for a formula it is also told with no row if `points` is set.
  struct RawChange {
    std::uint32_t formula;
    ChangeKind kind;
    std::uint32_t version;
    Ticks ts;
    PointId point;
    std::span<const std::uint64_t> row;
  };
  using Sink = std::function<void(const RawChange&)>;
  void set_sink(Sink each);
  plan::Value value_of(std::uint32_t formula, std::size_t column, std::uint64_t cell) const;
  plan::Value value_of(plan::Type type, std::uint64_t cell) const;
  // How many time-points, in order, are decided for this formula: what the peers call the position.
  std::uint64_t decided(std::uint32_t formula) const;
  // The time-points that are not decided for this formula yet, in order.
  struct Point {
    PointId id;
    Ticks ts;
  };
  std::vector<Point> undecided(std::uint32_t formula) const;

  // State: versioned, checksummed; load() refuses what is damaged or was made by other formulas,
  // another signature, other options or another part. The bytes do not depend on the order in which
  // facts came.
  std::string save() const;
  Status load(std::string_view bytes);
  // The state of a whole monitor as those of its parts, and of all its parts, in any order, as one.
  // merge() refuses parts that are not of one whole or have not come equally far (logic.merge).
  Result<std::vector<std::string>> split(std::uint32_t parts) const;
  static Result<std::string> merge(std::span<const std::string> parts);

  Statistics statistics() const;

 private:
  struct Impl;
  explicit Monitor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace surety::logic
