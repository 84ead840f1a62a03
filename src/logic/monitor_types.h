#pragma once
// What a Monitor is given and what it tells (monitor.h). Plain data.
#include <cstdint>
#include <string>
#include <vector>

#include "plan/formula.h"

namespace surety::logic {

using plan::Ticks;
using FactId = std::uint64_t;   // the caller's; 0: anonymous, cannot be withdrawn
using PointId = std::uint64_t;  // the n-th time-point that was opened, from 0
using SourceId = std::uint32_t;

struct NamedFormula {
  std::string name;
  plan::Formula formula;
  // The verdicts' columns, in this order; empty: plan::free_variables(formula).
  std::vector<std::string> columns = {};
};

// peer: every open_point() is a time-point of its own; equal stamps are allowed and ordered as opened.
// instant: all facts of one stamp are one time-point, a set, whatever their order (LANGUAGE §7.8).
enum class PointMode : std::uint8_t { peer, instant };

struct Options {
  PointMode points = PointMode::instant;
  plan::TickScale scale;
  std::uint32_t sources = 1;  // watermarks: complete() must name a source below this
  // How far behind the frontier a fact may still come, be withdrawn or be replaced; further back is
  // the error logic.late. Verdicts that such a fact can touch are kept, and the facts they rest on
  // (with an interval that ends at `*`, all facts). 0: in order only. kForever: any fact, everything.
  Ticks retain = plan::kForever;
  // After how many more points and facts to look for what need not be kept any longer.
  std::size_t trim_every = 65536;
  // One of several monitors of the same formulas that share the work by key. Give each all points,
  // facts and watermarks: it leaves out the facts that are not its own, and publishes the verdicts of
  // its own keys. In instant mode, or where all formulas look only at points that have facts, it does
  // not need points of facts that are not its own. compile() fails with logic.cannot-split where no
  // variable confines a formula, saying why.
  struct Part {
    std::uint32_t index = 0, of = 1;
    bool operator==(const Part&) const = default;
  } part;
};

enum class ChangeKind : std::uint8_t { issued, revised, withdrawn };
struct VerdictChange {
  std::uint32_t formula = 0;  // index into the compiled list
  ChangeKind kind = ChangeKind::issued;
  // Of this formula, time-point and row: 1 when first issued, one more at each withdrawal and each
  // time it comes back (`revised`: the verdict stood before, fell, and stands again).
  std::uint32_t version = 1;
  Ticks ts = 0;
  PointId point = 0;
  std::vector<plan::Value> row;
};

// What the end of the trace means for windows that reach past it.
// open: nothing more is known, so nothing more is decided. closed: no further time-point will ever
// come; a window that reaches past the end just has nothing in it, and NEXT at the end is false.
enum class End : std::uint8_t { open, closed };

struct Statistics {
  std::uint64_t facts = 0, points = 0, late = 0, withdrawn = 0, replaced = 0, duplicates = 0;
  std::uint64_t verdicts = 0;         // changes published
  std::uint64_t replayed = 0;         // facts read again because of corrections
  std::size_t state_rows = 0;         // rows that the operators hold now
  std::size_t nodes = 0, shared = 0;  // operators built; subformulas that were found built already
};

}  // namespace surety::logic
