#pragma once
// The operators of a set of compiled formulas, and how they are driven. Two kinds of operator:
//
//   event  its relation at one time-point has little to do with that at the next; it is small and
//          held as `rows` (predicates, joins driven by them, PREVIOUS, NEXT)
//   state  its relation persists and changes little (ONCE, SINCE, UNTIL, aggregations over them); it
//          is never written out: it is asked by key (probe), by row (contains), or tells what changed
//          (plus, minus) when somebody above needs that
//
// `guard AND temporal` is then one look-up for each row of the guard, whatever the window holds.
// Operators live in Domains. All of a domain stand at the same time-point; a future operator lives in
// the domain of its reader and watches a domain that runs ahead. Each Domain walks the LogStore with
// a cursor of its own. See docs/monitor.md. One thread.
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "logic/cell.h"
#include "logic/log_store.h"
#include "logic/row_table.h"
#include "logic/rows.h"
#include "logic/scalar.h"
#include "plan/formula.h"

namespace surety::logic {

class StateWriter;
class StateReader;

// What operators share.
struct Context {
  Interner* strings = nullptr;
  plan::TickScale scale;
};

using ColumnMap = std::vector<std::uint32_t>;
using RowVisitor = FunctionRef<bool(const Cell*)>;  // true: stop

class Node {
 public:
  enum class Kind : std::uint8_t { event, state };
  Node(Kind kind, std::vector<plan::Type> types)
      : rows(types.size()), plus(types.size()), minus(types.size()), kind_(kind), types_(std::move(types)) {}
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  bool event() const { return kind_ == Kind::event; }
  std::size_t arity() const { return types_.size(); }
  const std::vector<plan::Type>& types() const { return types_; }

  // To the next time-point of the domain; children of the same domain are there already.
  virtual void advance(const Pos& at) = 0;
  // False when nothing could change at a point without rows below: it is then not advanced.
  virtual bool wants_every_point() const { return true; }

  // The relation at the current point.
  virtual bool contains(const Cell* row);
  virtual std::size_t index_on(const RowTable::Columns& columns);
  virtual bool probe(std::size_t index, const Cell* key, RowVisitor each);
  virtual bool scan(RowVisitor each);
  bool any() {
    return scan([](const Cell*) { return true; });
  }

  // state only: whether plus and minus can be had, and asking for them (while compiling).
  virtual bool has_deltas() const { return false; }
  virtual void want_deltas() {}

  // Whether rows of earlier or later points are held: they need correcting.
  virtual bool remembers() const { return !event(); }
  // event children only: whether a row told twice at one point is as good as once here. Then the child
  // need not find out.
  virtual bool takes_repeats(const Node&) const { return false; }

  // Time has come to `at`, and there is no point there: rows may expire, nothing else happens. state
  // only, where plus and minus must not be told twice; children have passed already.
  virtual void pass(const Pos&) {}
  // For corrections: forget all rows with these cells in these columns (ascending); take over all rows
  // of a node that was made by the same formula and holds only such rows.
  virtual void erase_matching(const ColumnMap& columns, const Cell* key);
  virtual void absorb(Node& other);
  virtual void reset();
  virtual std::size_t state_rows() const { return 0; }
  virtual void save(StateWriter&) const {}
  virtual bool load(StateReader&) { return true; }

  Rows rows;         // event
  Rows plus, minus;  // state, when wanted; a row may be in both
  // Filled in by the compiler.
  std::string identity;  // what it computes, positionally; equal identities share
  std::vector<Node*> children;
  std::uint32_t rank = 0;        // in the domain
  std::int64_t key_column = -1;  // in parts: the column of the key by which rows go to one part only
  bool repeats = false;          // event: rows may stand in it twice (Network::seal)
  bool late = false;             // rests on a LETPAST's rows at this very point: advanced after them

 private:
  // Look-ups in an event's rows: built for the current rows on first use.
  struct Index;
  Kind kind_;
  std::vector<plan::Type> types_;
  std::vector<std::shared_ptr<Index>> indexes_;

 protected:
  std::uint64_t rows_version_ = 0;  // event: one more at each advance
};

class Domain;

// A future operator: lives where it is read, watches a domain ahead.
class FutureNode : public Node {
 public:
  using Node::Node;
  // The watched domain has just advanced to this point.
  virtual void observe(const Pos& at) = 0;
  // Whether all that a verdict at `at` needs has been observed.
  virtual bool ready(const Pos& at) const = 0;
  // Whether a verdict rests on which point is the next one, whenever it comes.
  virtual bool looks_at_next() const { return false; }
  Domain* ahead = nullptr;
};

class PredicateNode;
class PreviousNode;
class RecursionNode;

// Known bounds of the trace so far.
struct Known {
  Pos closed;                 // points before this are complete
  Ticks next_ts = INT64_MIN;  // no further point will have a smaller stamp
  bool ended = false;         // no further point at all
};

class Domain {
 public:
  explicit Domain(LogStore* log) : log_(log) {}
  Domain(const Domain&) = delete;
  Domain& operator=(const Domain&) = delete;

  // One point further, if it may; false if not.
  bool step(const Known& known);
  // All points up to this one, whatever is known of what follows them, and then to its very time.
  void run_to(Pos last);
  // All points with stamps up to `ts`, and more than this domain may ever see there, are done.
  bool passed(Ticks ts) const;
  bool done() const;  // ended and at the end of the log
  bool started() const { return started_; }
  const Pos& now() const { return now_; }  // the last evaluated, once started
  void save(StateWriter& w) const;
  bool load(StateReader& r);
  void reset();

  std::string requirement;
  std::vector<std::unique_ptr<Node>> nodes;          // in order
  std::vector<FutureNode*> futures;                  // of nodes
  std::vector<FutureNode*> watchers;                 // that watch this domain
  std::vector<std::vector<PredicateNode*>> readers;  // by predicate
  std::vector<RecursionNode*> recursions;            // LETPAST
  std::vector<PreviousNode*> takers;                 // PREVIOUS of late nodes
  std::uint64_t evaluated = 0;

 private:
  void refresh();
  void evaluate();
  LogStore* log_;
  Pos now_ = Pos::begin();
  bool started_ = false;
  LogStore::Cursor cursor_;  // of the next point to evaluate
  std::uint64_t shape_ = UINT64_MAX;
  Known known_;
};

struct Root {
  Node* node = nullptr;
  Domain* domain = nullptr;
  std::vector<std::uint32_t> columns;  // of the node's rows, in the order of the verdict
  std::vector<plan::Type> types;
};

class Network {
 public:
  Network(LogStore* log, Context context) : log_(log), context_(context) {}
  // Adds a formula; `columns` are all its free variables, in verdict order.
  Status add(const plan::Formula& f, const std::vector<std::string>& columns, const Signature& sig);
  // Drops what compiling left unused; call once after the last add().
  void seal();

  // Runs all domains as far as `known` allows. `each(root, pos)` is called whenever a root's domain
  // has come to a point; the root node then has that point's relation.
  using Visit = FunctionRef<void(std::size_t root, const Pos& at)>;
  void run(const Known& known, Visit each);
  void reset();

  std::vector<Root> roots;
  std::vector<std::unique_ptr<Domain>> domains;  // those that run ahead come first
  std::uint64_t shared = 0;                      // look-ups of nodes that were there already
  // What the columns of a node are called, by root; several where subformulas differ in names only.
  struct Named {
    std::size_t root;
    std::vector<std::string> columns;
    bool operator==(const Named&) const = default;
  };
  std::unordered_map<const Node*, std::vector<Named>> names;
  Context& context() { return context_; }
  const Context& context() const { return context_; }
  LogStore* log() const { return log_; }
  Domain* domain_for(const std::string& requirement);
  Domain* find_domain(const std::string& requirement) const;
  bool counts_points() const;  // whether tp or tpts is asked
  Node* find_by_key(const std::string& key) const;
  // Of which predicate the node reads the facts; none: it is no PredicateNode.
  std::optional<PredicateIndex> predicate_of(const Node* n) const;
  std::unordered_map<std::string, Node*> by_key;

 private:
  LogStore* log_;
  Context context_;
  std::vector<std::vector<std::size_t>> roots_of_;  // by domain
};

}  // namespace surety::logic
