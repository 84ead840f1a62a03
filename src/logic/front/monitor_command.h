#pragma once
// `surety monitor`: the logic engine by itself, with the formats and flags that its field already
// uses (MonPoly's). Verdicts go to `out` in the peers' form, or with --json one object a line;
// everything else to `err`. Not for two threads at once on one stream.
//
//   surety monitor -sig S -formula F [-log L] [-negate] [-nonewlastts] [-verbose] [-check] [--json]
//
// Exit code: 0 done; 1 with -check, the formula cannot be monitored; 2 the input or the call is
// wrong; 3 we failed. docs/monitor-language.md lists every flag.
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "base/error.h"
#include "plan/interval.h"

namespace surety::logic {

struct MonitorOptions {
  std::string signature, formula;  // files
  std::string log;                 // file; empty or "-": standard input
  bool negate = false;
  bool new_last_point = true;  // -nonewlastts clears it: windows that reach past the log stay open
  bool verbose = false;        // also says when a time-point has no verdict
  bool check = false;          // only whether the formula can be monitored, with its columns
  bool json = false;
  bool ignore_bad_rows = false;  // -ignore_parse_errors: leave them out and count them
  bool stop_at_first = false;    // -stop_at_first_viol
  bool instant = false;          // --instant: all facts of one stamp are one time-point
  bool statistics = false;       // -stats: on err, at the end
  bool explain = false;          // --explain: each verdict with its proof
  std::string load_state;        // -load, -loadState FILE: go on from there
  std::string save_state;        // -saveState FILE: written at the end of the log
  // --retain TICKS or `all`: how far back late points are still taken. By default a log must be in
  // order, and only what the formula's windows need is kept; with --instant everything is.
  std::optional<plan::Ticks> retain;
  // --part I/N: one of N monitors that share the work by key; each reads the whole log.
  std::uint32_t part = 0, parts = 1;
  // --split N: the loaded state (-load) as N parts; --merge FILE, once for each part: as one again.
  std::uint32_t split = 0;
  std::vector<std::string> merge;
  bool help = false, version = false;
};

// argv without the program's name. Flags of the peers that change only how fast they are
// (-nofilterrel, -nofilteremptytp, -verified, -no_rw, -no_mw, -unfold_let X, …) are taken and
// ignored.
Result<MonitorOptions> parse_monitor_args(int argc, const char* const* argv);

int run_monitor(const MonitorOptions& o, std::FILE* out, std::FILE* err);

// argv[0] is the command's name. Parses, runs, returns the exit code.
int monitor_main(int argc, char** argv);

}  // namespace surety::logic
