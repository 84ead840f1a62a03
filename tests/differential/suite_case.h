#pragma once
// Cases as folders: `sig`, `formula`, `log`, `expected` and `meta.json` (kind, flags, and ticks_per_second
// where calendars matter). Reading them, and the one form in which verdicts are compared.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "logic/front/log_reader.h"
#include "logic/front/types.h"
#include "logic/signature.h"
#include "oracle.h"
#include "plan/formula.h"

namespace surety::differential {

using oracle::Point;
using oracle::Row;

// Verdicts by time-point; points without verdicts are left out. A closed formula's row is empty.
struct Verdicts {
  std::map<std::size_t, std::set<Row>> rows;
  std::map<std::size_t, plan::Ticks> stamps;
};

struct Case {
  std::string name;
  logic::Signature sig;
  plan::Formula formula;
  logic::Typing typing;
  std::vector<Point> trace;  // one a time-point, in the order of the log
};

// Reads a log into time-points. Bad rows are an error.
Result<std::vector<Point>> read_trace(const logic::Signature& sig, const std::string& text, const std::string& file);

// Signature, formula (negated on demand), types, log. Any error is the front end's refusal.
Result<Case> read_case(const std::string& folder, bool negate);

struct Meta {
  std::string kind;  // verdicts, rejected-or-warning, no-verdict, error/other, needs-saved-state
  std::vector<std::string> flags;
  plan::TickScale scale;
  bool has(const std::string& flag) const;
};
Result<Meta> read_meta(const std::string& folder);

// Reads what a peer printed; `types` are the columns' types. Lines that are no verdicts are
// skipped.
Result<Verdicts> read_verdicts(const std::string& printed, const std::vector<logic::Column>& columns);

// Equal up to five significant digits of floats, as the peers print them. Says where they differ.
bool same(const Verdicts& a, const Verdicts& b, std::string& difference);

std::string show(const Row& row);
std::string suite_folder();  // ${SURETY_SHARED:-../shared beside the checkout}/suite

}  // namespace surety::differential
