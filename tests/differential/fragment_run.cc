// What can be monitored, on random formulas that heed no guards. The check and the compiler must agree;
// what is accepted must mean what the oracle says; what is refused must name a variable, and be accepted
// once every guard that the refusals ask for stands where they ask for it.
//
//   fragment_run [--cases N] [--seed S] [--peer CMD] [--show]
//
// --peer: CMD is a monitor with MonPoly's flags; what it accepts by -check must be accepted here.
// Exit: 0 all well, 1 something is not.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "base/files.h"
#include "generate.h"
#include "logic/front/monitorable.h"
#include "logic/front/parse_formula.h"
#include "logic/front/read_signature.h"
#include "under_test.h"

namespace surety::differential {
namespace {

using plan::Formula;
using plan::Interval;
using plan::Regex;

class Wild {
 public:
  explicit Wild(Random& random) : random_(random) {}

  Formula formula(int size) {
    if (size <= 0) return atom();
    const int left = pick(size);
    const auto some = [&] { return formula(left); };
    const auto rest = [&] { return formula(size - 1 - left); };
    switch (pick(20)) {
      case 0:
      case 1:
      case 2:
        return !formula(size - 1);
      case 3:
        return plan::exists({variable()}, formula(size - 1));
      case 4:
        return plan::forall({variable()}, formula(size - 1));
      case 5:
        return plan::once(interval(false), formula(size - 1));
      case 6:
        return plan::eventually(interval(true), formula(size - 1));
      case 7:
        return plan::historically(interval(false), formula(size - 1));
      case 8:
        return plan::always(interval(true), formula(size - 1));
      case 9:
        return plan::previous(interval(false), formula(size - 1));
      case 10:
        return plan::next(interval(false), formula(size - 1));
      case 11:
        return plan::aggregate("c", plan::Aggregate::count, "x", chance(2) ? Names{"y"} : Names{}, formula(size - 1));
      case 12:
        return some() || rest();
      case 13:
        return plan::implies(some(), rest());
      case 14:
        return plan::since(some(), interval(false), rest());
      case 15:
        return plan::until(some(), interval(true), rest());
      case 16:
        return dynamic(size - 1);
      default:
        return some() && rest();
    }
  }

 private:
  using Names = std::vector<std::string>;
  int pick(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  bool chance(int one_in) { return pick(one_in) == 0; }
  std::string variable() { return chance(2) ? "x" : "y"; }

  Interval interval(bool bounded) {
    if (!bounded && chance(4)) return plan::always_interval();
    return chance(3) ? plan::between(1, 2) : plan::within(2);
  }

  Formula atom() {
    const plan::Term x = plan::var("x"), y = plan::var("y"), v = plan::var(variable());
    switch (pick(12)) {
      case 0:
        return plan::pred("T");
      case 1:
        return plan::eq(x, y);
      case 2:
        return plan::lt(x, y);
      case 3:
        return plan::eq(v, plan::num(1));
      case 4:
        return plan::eq(y, x + plan::num(1));
      case 5:
      case 6:
        return plan::pred("R", {x, y});
      case 7:
        return plan::pred("R", {v, v});
      case 8:
        return plan::matches(plan::var("s"), plan::pattern("^\\(a\\)\\(b?\\)"), {plan::var("g"), plan::wildcard()});
      case 9:
        return plan::pred("W", {plan::var(chance(2) ? "s" : "g")});
      default:
        return plan::pred(chance(2) ? "P" : "Q", {v});
    }
  }

  Regex regex(int size, std::vector<Formula>& tests) {
    if (size <= 0) {
      if (chance(3)) return {};
      tests.push_back(formula(pick(2)));
      return {Regex::Op::test, tests.size() - 1, {}};
    }
    if (chance(4)) return {Regex::Op::star, 0, {regex(size - 1, tests)}};
    Regex first = regex(size - 1, tests), second = regex(pick(size), tests);
    return {chance(3) ? Regex::Op::either : Regex::Op::concat, 0, {std::move(first), std::move(second)}};
  }

  Formula dynamic(int size) {
    std::vector<Formula> tests;
    Regex r = regex(1 + pick(size + 1), tests);
    return chance(2) ? plan::match_future(interval(true), std::move(r), std::move(tests))
                     : plan::match_past(interval(false), std::move(r), std::move(tests));
  }

  Random& random_;
};

const logic::Signature& signature() {
  static const logic::Signature kSignature = test_signature();
  return kSignature;
}

bool compiles(const Formula& f) { return logic::Monitor::compile(signature(), {{"formula", f}}).has_value(); }

// Why the guards that refusals ask for do not help; empty: they do.
std::string with_guards(Formula f) {
  constexpr int kRounds = 40;  // each adds a guard for one variable in one place
  for (int round = 0; round < kRounds; ++round) {
    const auto r = logic::refusal(f);
    if (!r) return compiles(f) ? "" : "guarded as asked, and the compiler refuses: " + plan::text(f);
    if (r->variable.empty()) return "";  // a future without end: no guard helps
    const bool text = r->variable == "s" || r->variable == "g";
    const Formula ours = plan::pred(text ? "W" : "U", {plan::var(r->variable)});
    f = logic::with_guard(f, *r, r->guard.value_or(ours));
    if (!logic::infer_types(signature(), f)) return "the guard does not fit: " + plan::text(f);
  }
  return "no end of guards: " + plan::text(f);
}

struct Tally {
  std::size_t accepted = 0, refused = 0, untyped = 0, compared = 0, peer_accepts = 0;
  std::vector<std::string> failures;
};

// With the end closed: a guard taken into a window may make a verdict wait as long as the window.
std::string against_oracle(const Formula& f, const logic::Typing& typing, Random& random, Tally& t) {
  std::vector<Point> trace = random_trace(random, Shape{.points = 7});
  oracle::sort_trace(trace, false);
  const auto wanted = run_oracle(f, typing, trace, oracle::End::closed);
  if (!wanted) return "";
  const auto got = run_engine(signature(), f, trace, oracle::End::closed);
  if (!got) return got.error().text();
  ++t.compared;
  std::string difference;
  return same(*got, *wanted, difference) ? "" : difference + " (left: engine)";
}

bool peer_accepts(const std::string& peer, const std::string& folder, const std::string& formula) {
  if (!write_file_atomically(folder + "/formula", formula + "\n")) return false;
  const std::string call = fmt::format("{} -check -sig {}/sig -formula {}/formula 2>&1", peer, folder, folder);
  std::FILE* out = popen(call.c_str(), "r");
  if (out == nullptr) return false;
  std::string said;
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, out)) said.append(buffer, n);
  pclose(out);
  return said.find("is monitorable.") != std::string::npos;
}

std::string one(const std::string& text, Random& random, Tally& t) {
  const auto f = logic::parse_formula(text);
  if (!f) return "is not read back: " + f.error().text();
  const auto typing = logic::infer_types(signature(), *f);
  if (!typing) {
    ++t.untyped;
    return "";
  }
  const bool accepted = logic::check_monitorable(*f, text).has_value();
  if (accepted != compiles(*f))
    return accepted ? "the compiler refuses what the check accepts" : "the compiler accepts what the check refuses";
  if (accepted) {
    ++t.accepted;
    return against_oracle(*f, *typing, random, t);
  }
  ++t.refused;
  return with_guards(*f);
}

int main_of(int argc, char** argv) {
  int cases = 2000;
  std::uint64_t seed = 1;
  std::string peer;
  bool show = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view w = argv[i];
    if (w == "--cases" && i + 1 < argc)
      cases = std::atoi(argv[++i]);
    else if (w == "--seed" && i + 1 < argc)
      seed = std::strtoull(argv[++i], nullptr, 10);
    else if (w == "--peer" && i + 1 < argc)
      peer = argv[++i];
    else if (w == "--show")
      show = true;
    else
      return fmt::print(stderr, "unknown option {}\n", w), 2;
  }
  const std::string folder = fmt::format("{}/surety-fragment-{}", std::filesystem::temp_directory_path().string(), getpid());
  if (!peer.empty()) {
    std::filesystem::create_directories(folder);
    if (!write_file_atomically(folder + "/sig", text(signature()))) return fmt::print(stderr, "cannot write {}\n", folder), 2;
  }
  Tally t;
  for (int n = 0; n < cases && t.failures.size() < 10; ++n) {
    Random random(seed + static_cast<std::uint64_t>(n));
    const std::string text = plan::text(Wild(random).formula(1 + static_cast<int>(random() % 5)));
    if (show) fmt::print("{}\n", text);
    const std::size_t refused = t.refused;
    std::string why = one(text, random, t);
    if (!peer.empty() && peer_accepts(peer, folder, text)) {
      ++t.peer_accepts;
      if (why.empty() && t.refused > refused) why = "the peer accepts what is refused here";
    }
    if (!why.empty()) t.failures.push_back(fmt::format("{}: {}\n    {}", seed + static_cast<std::uint64_t>(n), why, text));
  }
  if (!peer.empty()) std::filesystem::remove_all(folder);
  fmt::print("fragment     accepted {:6} (compared {})  refused {:6}  of no type {:6}  DIFFER {:4}\n", t.accepted, t.compared, t.refused,
             t.untyped, t.failures.size());
  if (!peer.empty()) fmt::print("             accepted by the peer {:6}\n", t.peer_accepts);
  for (const std::string& f : t.failures) fmt::print("  {}\n", f);
  return t.failures.empty() && (peer.empty() || t.peer_accepts > 0) ? 0 : 1;
}

}  // namespace
}  // namespace surety::differential

int main(int argc, char** argv) { return surety::differential::main_of(argc, argv); }
