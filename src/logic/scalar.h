#pragma once
// Terms and tests compiled against the columns of a row. Arithmetic on integers and reals is done
// on cells; everything else goes through plan::apply, which is the one definition of what terms
// mean and where they have no value. One thread (patterns are cached); the Interner must outlive them.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "logic/cell.h"
#include "plan/formula.h"

namespace surety::logic {

// Names and types of the columns of a row.
struct Schema {
  std::vector<std::string> names;
  std::vector<plan::Type> types;
  std::size_t size() const { return names.size(); }
  int find(const std::string& name) const {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == name) return static_cast<int>(i);
    return -1;
  }
  void add(std::string name, plan::Type type) {
    names.push_back(std::move(name));
    types.push_back(type);
  }
  bool operator==(const Schema&) const = default;
};

class Scalar {
 public:
  // Fails when a variable is not a column or types do not fit; names both.
  static Result<Scalar> compile(const plan::Term& t, const Schema& schema, Interner& strings);
  plan::Type type() const { return type_; }
  bool eval(const Cell* row, Cell& out) const;  // false: no value
  bool is_constant() const { return op_ == plan::Term::Op::constant; }

 private:
  plan::Term::Op op_ = plan::Term::Op::constant;
  plan::Type type_ = plan::Type::integer;
  Cell constant_ = 0;
  std::uint32_t column_ = 0;
  std::vector<Scalar> args_;
  Interner* strings_ = nullptr;
};

// equal, less, less_equal, substring; and matches, which may also bind columns.
class Test {
 public:
  // For matches, groups that are variables outside `schema` are appended to it.
  static Result<Test> compile(const plan::Node& atom, bool negated, Schema& schema, Interner& strings);
  // `row` has room for the appended columns, which are written when the test holds.
  bool holds(Cell* row) const;
  std::size_t appended() const { return appended_; }

 private:
  struct Patterns;
  bool match(Cell* row) const;
  plan::Op op_ = plan::Op::equal;
  bool negated_ = false;
  plan::Type type_ = plan::Type::integer;
  std::vector<Scalar> terms_;
  // For each group of matches: -1 skipped, else the appended column it goes to, or it is compared
  // with terms_[compare].
  struct Group {
    int column = -1, compare = -1;
  };
  std::vector<Group> groups_;
  std::size_t appended_ = 0;
  Interner* strings_ = nullptr;
  std::shared_ptr<Patterns> patterns_;
};

// The type a term would have over these columns, or nothing when a variable is unknown.
std::optional<plan::Type> type_of(const plan::Term& t, const Schema& schema);

}  // namespace surety::logic
