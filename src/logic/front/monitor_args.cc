#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <string_view>

#include "logic/front/monitor_command.h"

namespace surety::logic {
namespace {

constexpr const char* kHelp =
    "surety monitor: which time-stamped facts satisfy a metric first-order temporal formula, and "
    "when\n\n"
    "  surety monitor -sig S -formula F [-log L]     L is a file, or standard input\n\n"
    "  -negate            the violations: satisfactions of NOT F\n"
    "  -nonewlastts       windows that reach past the end of the log stay undecided\n"
    "  -verbose           also time-points without verdicts, and the formula as read\n"
    "  -check             only say whether F can be monitored (exit 1 if not)\n"
    "  -ignore_parse_errors   leave bad rows out and count them\n"
    "  -stop_at_first_viol    stop at the first verdict\n"
    "  -saveState FILE    save the state at the end; -load FILE (or -loadState) goes on from one\n"
    "  -stats             counts at the end, on standard error\n"
    "  --instant          all facts of one time-stamp are one time-point, in any order\n"
    "  --retain TICKS     take points that come up to TICKS late, and correct; `all`: however late.\n"
    "                     Default: in order only, memory bounded; with --instant: all\n"
    "  --part I/N         one of N monitors that share the work by key, each reading the whole log\n"
    "  --split N          a state (-load FILE) as those of N parts: -saveState OUT writes OUT.0 …\n"
    "  --merge FILE …     the states of all parts, once each, as one: -saveState OUT\n"
    "  --explain          each verdict with its smallest proof, checked again\n"
    "  --json             one JSON object a line\n\n"
    "example:\n"
    "  surety monitor -sig calls.sig -formula unanswered.mfotl -log calls.log -negate\n\n"
    "The language: docs/monitor-language.md. Exit: 0 done, 1 -check fails, 2 wrong input, 3 we "
    "failed.\n";

struct Flag {
  std::string_view name;
  bool MonitorOptions::* to;
  bool value = true;
};
constexpr Flag kFlags[] = {
    {"-negate", &MonitorOptions::negate},
    {"-nonewlastts", &MonitorOptions::new_last_point, false},
    {"-verbose", &MonitorOptions::verbose},
    {"-check", &MonitorOptions::check},
    {"-json", &MonitorOptions::json},
    {"-ignore_parse_errors", &MonitorOptions::ignore_bad_rows},
    {"-stop_at_first_viol", &MonitorOptions::stop_at_first},
    {"-instant", &MonitorOptions::instant},
    {"-stats", &MonitorOptions::statistics},
    {"-explain", &MonitorOptions::explain},
    {"-help", &MonitorOptions::help},
    {"-h", &MonitorOptions::help},
    {"-version", &MonitorOptions::version},
};
struct Setting {
  std::string_view name;
  std::string MonitorOptions::* to;
};
constexpr Setting kSettings[] = {
    {"-sig", &MonitorOptions::signature},   {"-formula", &MonitorOptions::formula},      {"-log", &MonitorOptions::log},
    {"-load", &MonitorOptions::load_state}, {"-loadState", &MonitorOptions::load_state}, {"-saveState", &MonitorOptions::save_state},
};
constexpr std::string_view kIgnored[] = {"-nofilterrel", "-nofilteremptytp", "-verified", "-no_rw", "-no_mw", "-mem", "-strcache", "-unix"};
constexpr std::string_view kIgnoredWithValue[] = {"-unfold_let", "-debug", "-profile"};

constexpr std::string_view kNumbers[] = {"-retain", "-split", "-part"};

bool one_of(std::string_view w, auto& names) {
  for (const auto& n : names)
    if (n == w) return true;
  return false;
}

template <class T>
bool whole_number(std::string_view text, T& out) {
  const auto r = std::from_chars(text.data(), text.data() + text.size(), out);
  return r.ec == std::errc() && r.ptr == text.data() + text.size();
}

Status take_number(MonitorOptions& o, std::string_view option, std::string_view value) {
  const auto wrong = [&](const char* expected) {
    return err(fail("logic.call", fmt::format("-{} has a wrong value", option)).found(std::string(value)).expected(expected));
  };
  if (option == "-retain") {
    plan::Ticks ticks = plan::kForever;
    if (value != "all" && (!whole_number(value, ticks) || ticks < 0)) return wrong("a number of ticks, 0 or more, or all");
    o.retain = ticks;
  }
  if (option == "-split" && (!whole_number(value, o.split) || o.split == 0)) return wrong("a number of parts, 1 or more");
  if (option != "-part") return {};
  const auto slash = std::min(value.find('/'), value.size());
  const bool read = whole_number(value.substr(0, slash), o.part) && slash < value.size() && whole_number(value.substr(slash + 1), o.parts);
  return read && o.part < o.parts ? Status{} : wrong("I/N, for instance 0/4 for the first of four");
}

}  // namespace

Result<MonitorOptions> parse_monitor_args(int argc, const char* const* argv) {
  MonitorOptions o;
  for (int i = 0; i < argc; ++i) {
    std::string_view w = argv[i];
    if (w.starts_with("--")) w.remove_prefix(1);
    const bool has_value = i + 1 < argc;
    bool known = one_of(w, kIgnored);
    for (const Flag& f : kFlags) {
      if (f.name != w) continue;
      o.*f.to = f.value;
      known = true;
    }
    const auto missing = [&] { return err(fail("logic.call", "the option needs a value").found(argv[i]).help("surety monitor --help")); };
    if (known) continue;
    if (one_of(w, kIgnoredWithValue) || one_of(w, kNumbers)) {
      if (!has_value) return missing();
      SURETY_TRY_STATUS(take_number(o, w, argv[++i]));
      continue;
    }
    if (w == "-merge") {
      while (i + 1 < argc && argv[i + 1][0] != '-') o.merge.emplace_back(argv[++i]);
      if (o.merge.empty()) return missing();
      continue;
    }
    for (const Setting& s : kSettings) {
      if (s.name != w) continue;
      if (!has_value) return missing();
      if (!(o.*s.to).empty())
        return err(fail("logic.call", "the option is given twice").found(argv[i]).expected("one file").help("surety monitor --help"));
      o.*s.to = argv[++i];
      known = true;
      break;
    }
    if (known) continue;
    return err(fail("logic.call", "there is no such option").found(argv[i]).help("surety monitor --help"));
  }
  if ((o.split > 0 || !o.merge.empty()) && o.save_state.empty())
    return err(fail("logic.call", "--split and --merge write a state").expected("-saveState FILE"));
  if (o.stop_at_first && !o.save_state.empty())
    return err(fail("logic.call", "-stop_at_first_viol stops before the log is read, so that there is no state to go on from")
                   .found("-stop_at_first_viol -saveState " + o.save_state)
                   .expected("one of the two"));
  if (o.verbose && o.json)
    return err(fail("logic.call", "--json tells changes only, and has no form for time-points without any")
                   .found("-verbose --json")
                   .expected("one of the two"));
  if (o.explain && !o.load_state.empty())
    return err(fail("logic.call", "--explain needs the facts that a verdict rests on, and a state does not hold them all")
                   .help("read the log from its beginning"));
  if (o.split > 0 && o.load_state.empty()) return err(fail("logic.call", "--split needs a state").expected("-load FILE"));
  if (!o.help && !o.version && o.merge.empty() && (o.signature.empty() || o.formula.empty())) {
    return err(fail("logic.call", "the monitor needs a signature and a formula")
                   .expected("-sig FILE -formula FILE")
                   .help("surety monitor --help"));
  }
  return o;
}

int monitor_main(int argc, char** argv) {
  const auto o = parse_monitor_args(argc - 1, argv + 1);
  if (!o) {
    std::fputs((o.error().text() + "\n").c_str(), stderr);
    return static_cast<int>(o.error().fault);
  }
  if (o->help) {
    std::fputs(kHelp, stdout);
    return 0;
  }
  return run_monitor(*o, stdout, stderr);
}

}  // namespace surety::logic
