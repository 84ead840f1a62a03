#pragma once
// Which names are bound for certain behind a regular expression over time-points, on every way through it.
// Bound is an optional or an expected of a set of names: none where a test cannot be computed. Pure.
#include <optional>

#include "plan/formula.h"

namespace surety::logic {

// test(k, names): what is bound behind the k-th test, where `names` are before it.
template <class Bound, class Names, class Test>
Bound bound_behind(const plan::Regex& r, const Names& names, const Test& test) {
  switch (r.op) {
    case plan::Regex::Op::any:
      return names;
    case plan::Regex::Op::test:
      return test(r.test, names);
    case plan::Regex::Op::star: {
      const Bound inside = bound_behind<Bound>(r.parts[0], names, test);
      return inside ? Bound(names) : inside;
    }
    case plan::Regex::Op::either: {
      std::optional<Names> all;
      for (const plan::Regex& p : r.parts) {
        const Bound here = bound_behind<Bound>(p, names, test);
        if (!here) return here;
        if (!all) all = *here;
        std::erase_if(*all, [&](const auto& v) { return !here->contains(v); });
      }
      return *all;
    }
    case plan::Regex::Op::concat:
      break;
  }
  Bound now = names;
  for (const plan::Regex& p : r.parts)
    if (now) now = bound_behind<Bound>(p, Names(*now), test);
  return now;
}

}  // namespace surety::logic
