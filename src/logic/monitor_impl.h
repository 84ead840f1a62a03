#pragma once
// The inside of a Monitor: the log, the live network that runs along its end, and for each formula
// what is needed to correct it: analysis, kept verdicts, and the families that are replayed together.
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <boost/unordered/unordered_flat_map.hpp>

#include "logic/analysis.h"
#include "logic/families.h"
#include "logic/fine.h"
#include "logic/monitor.h"
#include "logic/network.h"
#include "logic/verdict_store.h"

namespace surety::logic {

class StateReader;
class StateWriter;
struct StateImage;

// By which key a monitor falls apart.
inline constexpr int kUnread = -2;
struct KeyPlan {
  std::vector<int> of_predicate;          // column; -1: every part needs all of its facts
  std::vector<std::uint32_t> of_verdict;  // by formula: column
};

// A change to facts that live evaluation has passed already.
struct Correction {
  Pos at;
  std::optional<PredicateIndex> predicate;  // nothing: the point itself came or went
  std::vector<Cell> row;
};

struct Monitor::Impl {
  Impl(Signature s, std::vector<NamedFormula> f, Options o);
  Status build();
  std::string digest() const;  // of what was compiled (monitor_state.cc)
  StateImage image();
  void put_verdicts(StateWriter& w);
  bool restore(StateReader& r);
  bool restore_verdicts(StateReader& r);

  // Facts and points.
  struct Known_ {
    Pos at;
    enum class State : std::uint8_t { stands, withdrawn } state = State::stands;
    bool replaced = false;
  };
  bool instant() const { return options.points == PointMode::instant; }
  bool passed(Pos at) const { return at < known.closed; }
  // Stamps below this can no longer be corrected.
  Ticks horizon() const;
  bool too_late(Ticks ts) const { return ts != INT64_MIN && ts < horizon(); }
  tl::unexpected<Error> refuse_late(Ticks ts) const;
  bool off_calendar(Ticks ts) const { return (ts < first_placed && ts > kBefore) || (ts > last_placed && ts < kAfter); }
  tl::unexpected<Error> refuse_off_calendar(Ticks ts) const;
  bool renumbers(Ticks ts) const { return counts_points && log->last() && ts < log->last()->pos.ts; }
  tl::unexpected<Error> refuse_renumbering(Ticks ts) const;
  Pos point_at(Ticks ts, bool* made);
  void put(FactId id, Pos at, PredicateIndex p, const std::vector<Cell>& row);
  void take(FactId id, Pos at);
  Status insert(FactId id, PredicateIndex p, std::span<const plan::Value> args, Ticks ts);
  Status check(PredicateIndex p, std::span<const plan::Value> args) const;
  std::vector<Cell> cells(std::span<const plan::Value> args);

  // Parts (monitor_split.cc).
  Status plan_keys();
  bool choose_key(std::size_t formula, std::string* why);
  bool root_owned(std::size_t formula, bool mark);
  bool foreign(PredicateIndex p, const Cell* row) const;
  Status leave_to_others(Ticks ts);

  // Evaluation.
  void run();
  void publish(std::size_t formula, Pos at);
  void tell(std::size_t formula, Pos at, std::span<const Cell> row, std::uint32_t version, bool stands);
  void trim();
  void trim_facts(Pos before);

  // Corrections (correct.cc).
  struct Task {
    struct Item {
      std::uint32_t formula;  // of the family
      Stretch stretch;
    };
    const Family* family;
    std::vector<Cell> key;
    std::vector<Item> items;  // each formula once
    std::vector<Pos> points;  // where facts changed
    void add(const Item& item);
  };
  void correct();
  std::vector<Task> walk_over_late_points();
  void replay(const Task& task);
  std::vector<Pos> fill(Replayer& r, const Task& task, Stretch seen);
  struct Found;
  void reconsider(const Task& task);
  void compare(const Task& task, const Task::Item& item, const std::vector<Pos>& points, const Found& found);
  Pos next_is_gone() const;
  void reconsider_deferred(Pos since);
  void find_deferred();
  void patch(const Task& task);

  Signature sig;
  std::vector<NamedFormula> formulas;
  Options options;
  Interner strings;
  std::vector<char> read;
  std::unique_ptr<LogStore> log;
  std::unique_ptr<Network> net;
  std::vector<Analysis> analyses;
  std::vector<VerdictStore> kept;
  std::unique_ptr<Families> families;
  Known known;
  Known ran;  // what was known when the live network last ran
  std::vector<Ticks> watermarks;
  std::optional<KeyPlan> keys;
  PointId opened = 0;
  Pos current;  // the point that hot inserts go to
  bool has_current = false;
  std::set<Pos> ticked;  // instant mode: points opened as such, which stay without facts
  boost::unordered_flat_map<FactId, Known_> facts;
  std::vector<Correction> corrections;
  // What touches decided points that see beyond the frontier (a point was withdrawn from under a NEXT, or came late
  // and is itself not decided yet): done again whenever the frontier moves, until they do not.
  std::vector<Task> deferred;
  std::vector<VerdictChange> changes;
  Sink sink;
  // What a calendar can place, when a formula has one. Beyond stand what was so from the beginning, the end of all
  // time, and a log's artificial last point.
  static constexpr Ticks kBefore = Instant::min().us, kAfter = Instant::max().us;
  Ticks first_placed = INT64_MIN, last_placed = INT64_MAX;
  bool counts_points = false;  // by tp or tpts, which a late point would renumber
  std::size_t trim_at = 0;  // size of the log at which to look for what may go
  Statistics stats;
  std::vector<Cell> row_;
};

}  // namespace surety::logic
