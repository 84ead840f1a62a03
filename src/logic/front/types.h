#pragma once
// Types of a formula by inference: predicates give their columns' types, arithmetic and comparison
// carry them on, LET is typed from its definition. Errors say which variable or term, where, what
// it is and what it would have to be. A type that nothing determines is float where it must be a
// number and string otherwise. Pure.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "logic/signature.h"
#include "plan/formula.h"

namespace surety::logic {

struct Column {
  std::string name;
  plan::Type type = plan::Type::text;
  bool operator==(const Column&) const = default;
};

struct Typing {
  std::vector<Column> columns;                         // the free variables, in plan::free_variables order
  std::map<const plan::Node*, plan::Type> aggregated;  // for each aggregation, the type of `over`
};

// `text` and `file` are where the formula was read from, for positions; both may be empty for a
// formula that was built.
Result<Typing> infer_types(const Signature& sig, const plan::Formula& f, std::string_view text = {}, const std::string& file = {});

}  // namespace surety::logic
