// Runs the outside suite, where it is there: every case's verdicts against what the peers printed,
// every rejected case for a refusal. Prints one table and the names of what differs.
//
//   suite_run [--engine|--oracle] [--all] [--only NAME] [--max-points N] [SUITE]
//
// Exit: 0 all agree (or no suite: says so and how many were skipped), 1 something differs.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "base/files.h"
#include "suite_case.h"
#include "suite_known.h"
#include "under_test.h"

namespace surety::differential {
namespace {

struct Arguments {
  bool engine = true;
  std::string only;
  std::size_t max_points = 2000;
  std::string suite = suite_folder();
};

struct Tally {
  std::size_t agree = 0, refused = 0, known = 0, skipped = 0;
  std::vector<std::string> differ;
};

// The peers add a last time-point at the end of time unless told not to, and disagree about it. We
// add it too, so that windows close, but say nothing about it: it is left out on both sides.
constexpr plan::Ticks kEndOfTime = INT64_MAX / 2 + 1;

void compare(const Case& c, const Meta& meta, const std::string& folder, const Arguments& a, Tally& t) {
  const auto printed = read_file(folder + "/expected");
  auto wanted = printed ? read_verdicts(*printed, c.typing.columns) : err(printed.error());
  if (!wanted && known_difference(c.name)) {
    ++t.known;
    return;
  }
  if (!wanted) return t.differ.push_back(c.name + ": " + wanted.error().text());
  std::vector<Point> trace = c.trace;
  oracle::sort_trace(trace, false);
  const std::size_t real = trace.size();
  if (!meta.has("-nonewlastts")) trace.push_back({kEndOfTime, {}});
  auto got = a.engine ? run_engine(c.sig, c.formula, trace, oracle::End::open, false, meta.scale)
                      : run_oracle(c.formula, c.typing, trace, oracle::End::open, meta.scale);
  if (!got) return t.differ.push_back(c.name + ": " + got.error().text());
  got->rows.erase(real);
  wanted->rows.erase(real);
  std::string difference;
  if (same(*got, *wanted, difference)) {
    ++t.agree;
  } else if (known_difference(c.name)) {
    ++t.known;
  } else {
    t.differ.push_back(c.name + ": " + difference + " (left: ours)");
  }
}

void run_case(const std::string& folder, const Arguments& a, Tally& t) {
  const std::string name = folder.substr(folder.rfind('/') + 1);
  const auto meta = read_meta(folder);
  if (!meta) return t.differ.push_back(name + ": " + meta.error().text());
  const auto c = read_case(folder, meta->has("-negate"));
  if (meta->kind == "rejected-or-warning") {
    if (!c)
      ++t.refused;
    else if (accepted_beyond_peers(name))
      ++t.known;
    else
      t.differ.push_back(name + ": accepted, but the peers refuse it");
    return;
  }
  if (meta->kind == "needs-saved-state") {
    ++t.skipped;
    return;
  }
  if (!c) {
    if (known_difference(name))
      ++t.known;
    else
      t.differ.push_back(name + ": refused: " + c.error().text());
    return;
  }
  if (c->trace.size() > a.max_points) {
    ++t.skipped;
    return;
  }
  compare(*c, *meta, folder, a, t);
}

int main_of(int argc, char** argv) {
  Arguments a;
  for (int i = 1; i < argc; ++i) {
    const std::string_view w = argv[i];
    if (w == "--oracle")
      a.engine = false;
    else if (w == "--engine")
      a.engine = true;
    else if (w == "--all")
      a.max_points = SIZE_MAX;
    else if (w == "--only" && i + 1 < argc)
      a.only = argv[++i];
    else if (w == "--max-points" && i + 1 < argc)
      a.max_points = std::strtoull(argv[++i], nullptr, 10);
    else if (w.starts_with('-'))
      return fmt::print(stderr, "unknown option {}\n", w), 2;
    else
      a.suite = w;
  }
  if (!std::filesystem::is_directory(a.suite)) {
    fmt::print("no suite at {}: 1483 cases skipped; set SURETY_SHARED to the folder that holds it\n", a.suite);
    return 0;
  }
  std::vector<std::string> folders;
  for (const auto& e : std::filesystem::directory_iterator(a.suite)) {
    if (e.is_directory() && e.path().filename().string().find(a.only) != std::string::npos) folders.push_back(e.path().string());
  }
  std::sort(folders.begin(), folders.end());
  Tally t;
  for (const std::string& f : folders) run_case(f, a, t);
  fmt::print(
      "suite, {}: {} cases\n  agree                  {:5}\n  refused as expected    {:5}\n"
      "  differ as documented   {:5}\n  skipped                {:5}\n  DIFFER                 "
      "{:5}\n",
      a.engine ? "engine" : "oracle", folders.size(), t.agree, t.refused, t.known, t.skipped, t.differ.size());
  for (const std::string& d : t.differ) fmt::print("  {}\n", d);
  return t.differ.empty() ? 0 : 1;
}

}  // namespace
}  // namespace surety::differential

int main(int argc, char** argv) { return surety::differential::main_of(argc, argv); }
