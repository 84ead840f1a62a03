#pragma once
// Which formulas are corrected together, and over which facts. A changed fact binds variables of a
// formula: `p(7, 1)` under `p(x, y) AND ONCE q(y)` binds x and y. Only rows with these values can
// change, so only facts with these values need be read again: of p those with both, of q those with
// y. Formulas that need the same facts form a family: one network evaluates them, and what they
// share it computes once. One thread; the Monitor owns it.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "logic/analysis.h"
#include "logic/monitor.h"
#include "logic/network.h"

namespace surety::logic {

// Some formulas evaluated again over a few facts.
struct Replayer {
  std::unique_ptr<LogStore> log;
  std::unique_ptr<Network> net;  // root i: the family's i-th formula
};

struct Family {
  std::vector<std::uint32_t> formulas;
  // Columns of the changed fact whose cells are the key; none: nothing confines the work.
  std::vector<std::uint32_t> key;
  // Of the facts of a predicate that is read, those matter whose columns hold these cells of the key.
  struct Filter {
    std::vector<std::uint32_t> columns, cells;
    bool operator==(const Filter&) const = default;
  };
  std::map<PredicateIndex, Filter> filters;
  bool sparse = false;  // points without such facts may be left out
  // By formula: the key's variables, and where they stand in a verdict.
  std::vector<std::vector<std::string>> variables;
  std::vector<std::vector<std::uint32_t>> verdict_columns;
};

class Families {
 public:
  // What they are made of must outlive them and not change; `live` is sealed.
  Families(const Network& live, const std::vector<NamedFormula>& formulas, const std::vector<Analysis>& analyses, const Signature& sig)
      : live_(live), formulas_(formulas), analyses_(analyses), sig_(sig) {}

  // Of all formulas that read the predicate.
  const std::vector<Family>& reading(PredicateIndex p);
  // Of all formulas that a point as such can touch; nothing confines them.
  const Family& looking_at_points();
  // One formula by itself, unconfined.
  const Family& alone(std::uint32_t formula);
  // Whether the row fits an occurrence of its predicate in the formula, constants considered.
  bool concerns(std::uint32_t formula, PredicateIndex p, const Cell* row);
  Replayer& replayer(const Family& family);
  // Free variables to which work on the formula can be confined, those that confine most first.
  const std::vector<std::string>& variables(std::uint32_t formula);
  // The column of the variable in the operator's rows, as the formula names them; -1: none.
  long column_of(std::uint32_t formula, const Node* live, const std::string& variable) const;
  // Whether the operator has the variable, and facts with one value of it give all of its rows with that
  // value; keyed(p): so it is with facts of p. Tells each operator below that has the variable, its column
  // and whether it is so there.
  using Keyed = FunctionRef<bool(PredicateIndex)>;
  using Tell = FunctionRef<void(Node*, long, bool)>;
  bool filtered(std::uint32_t formula, Node* live, const std::string& variable, Keyed keyed, Tell tell) const;

 private:
  bool confines(std::uint32_t formula, const std::string& v) const;
  Family confined(std::uint32_t formula, PredicateIndex p);
  void collect(Family& f) const;
  Family unconfined(std::vector<std::uint32_t> formulas) const;

  const Network& live_;
  const std::vector<NamedFormula>& formulas_;
  const std::vector<Analysis>& analyses_;
  const Signature& sig_;
  std::map<PredicateIndex, std::vector<Family>> reading_;
  std::optional<Family> at_points_;
  std::map<std::uint32_t, Family> alone_;
  std::map<std::uint32_t, std::vector<std::string>> variables_;
  std::map<std::pair<std::uint32_t, PredicateIndex>, std::vector<const PredicateNode*>> readers_;
  std::map<std::vector<std::uint32_t>, Replayer> replayers_;
};

}  // namespace surety::logic
