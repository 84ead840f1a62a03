// The engine against the oracle, on random formulas and logs, on every small formula and trace, and
// on facts that arrive in any order, twice, wrong or to be withdrawn. A failure is made small and
// kept as a folder that suite_run and a person can read.
//
//   differential_run [--cases N] [--corrections N] [--exhaustive OPERATORS] [--explain N] [--all]
//                    [--smallest OPERATORS] [--calendar] [--seed S] [--save DIR] [--peer CMD] [--show]
//
// --explain: each verdict has a proof, it checks, and does not with one thing in it changed.
// --smallest: the proofs of every small formula, expression and LETPAST on every small trace have the size that
// trying all proofs gives.
// --calendar: random logs over weeks in microseconds, most intervals in days and months of a zone.
// --peer: CMD is a monitor with MonPoly's flags; it is asked too, and must agree with the engine.
// Exit: 0 all agree, 1 something differs.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>

#include "arrivals.h"
#include "base/files.h"
#include "generate.h"
#include "logic/explain.h"
#include "logic/explain_check.h"
#include "logic/front/monitorable.h"
#include "logic/front/read_signature.h"
#include "logic/normal_form.h"
#include "smallest.h"
#include "under_test.h"

namespace surety::differential {
namespace {

struct Arguments {
  std::uint64_t seed = 1;
  int cases = 0, corrections = 0, exhaustive = 0, explain = 0, smallest = -1;
  std::string save = "differential-failures", peer;
  bool show = false, calendar = false;
  plan::TickScale scale() const { return Shape{.calendar = calendar}.scale(); }
};

// Why two answers differ; empty: they do not. No value: the question could not be asked.
using Outcome = std::optional<std::string>;
using Check = std::function<Outcome(const plan::Formula&, const std::vector<Point>&)>;

struct Question {
  plan::Formula formula;
  std::vector<Point> trace;
};

struct Tally {
  std::size_t agree = 0, with_verdicts = 0, skipped = 0;
  std::map<std::string, std::size_t> reasons;
  std::vector<std::string> failures;
};

const logic::Signature& signature() {
  static const logic::Signature kSignature = test_signature();
  return kSignature;
}

constexpr std::uint64_t kBudget = 400'000;

// What the oracle says, or nothing when the formula is not for it (types, guards, budget).
std::optional<Verdicts> ask_oracle(const plan::Formula& f, const std::vector<Point>& trace, oracle::End end, plan::TickScale scale) {
  const auto typing = logic::infer_types(signature(), f);
  if (!typing || !logic::check_monitorable(f)) return std::nullopt;
  oracle::Question q;
  q.formula = f;
  q.aggregated = typing->aggregated;
  q.end = end;
  q.scale = scale;
  q.budget = kBudget;
  const auto answer = oracle::evaluate(q, trace);
  if (!answer) return std::nullopt;
  Verdicts out;
  for (std::size_t i = 0; i < answer->rows.size(); ++i) {
    if (answer->rows[i].empty()) continue;
    out.rows[i] = answer->rows[i];
    out.stamps[i] = trace[i].ts;
  }
  return out;
}

std::string last_refusal;
std::size_t last_verdicts = 0;

Verdicts by_stamp(const Verdicts& v) {
  Verdicts out;
  for (const auto& [point, rows] : v.rows) {
    const plan::Ticks ts = v.stamps.at(point);
    out.rows[static_cast<std::size_t>(ts)] = rows;
    out.stamps[static_cast<std::size_t>(ts)] = ts;
  }
  return out;
}

// The front end's fragment and the engine's are not quite the same: counted, and too many fail.
Outcome refusal(const Error& e) {
  if (e.code == "logic.not-monitorable") return std::nullopt;
  return "the engine refuses: " + e.text();
}

bool looks_ahead(const plan::Formula& f) {
  using plan::Op;
  const bool here = f->op == Op::next || f->op == Op::eventually || f->op == Op::until || f->op == Op::always || f->op == Op::match_future;
  return here || std::any_of(f->sub.begin(), f->sub.end(), looks_ahead);
}

// PREVIOUS over a future operator may be decided later than it could be (the manual says so): then
// the end of the trace is closed, so that nothing is left open.
bool may_wait(const plan::Formula& f) {
  if (f->op == plan::Op::previous && looks_ahead(f)) return true;
  return std::any_of(f->sub.begin(), f->sub.end(), may_wait);
}

Outcome compare(const plan::Formula& f, const std::vector<Point>& raw, oracle::End end, bool instant, plan::TickScale scale) {
  if (may_wait(f)) end = oracle::End::closed;
  std::vector<Point> trace = raw;
  oracle::sort_trace(trace, instant);
  // With one point a stamp, a point is there because a fact is.
  if (instant) std::erase_if(trace, [](const Point& p) { return p.facts.empty(); });
  last_refusal = "the oracle cannot";
  const auto wanted = ask_oracle(f, trace, end, scale);
  if (!wanted) return std::nullopt;
  const auto got = run_engine(signature(), f, trace, end, instant, scale);
  if (!got) {
    last_refusal = got.error().code;
    return refusal(got.error());
  }
  last_verdicts = wanted->rows.size();
  std::string difference;
  const bool equal = instant ? same(*got, by_stamp(*wanted), difference) : same(*got, *wanted, difference);
  return equal ? "" : difference + (instant ? " (by stamp; left: engine)" : " (left: engine)");
}

std::string log_text(const std::vector<Point>& trace) {
  std::string out;
  for (const Point& p : trace) {
    out += fmt::format("@{}", p.ts);
    for (const auto& [name, rows] : p.facts) {
      out += " " + name;
      for (const Row& r : rows) {
        out += '(';
        for (std::size_t k = 0; k < r.size(); ++k) {
          const auto type = signature()[signature().find(name)].columns[k];
          out += (k > 0 ? "," : "") + plan::to_literal(r[k], type);
        }
        out += ')';
      }
    }
    out += '\n';
  }
  return out;
}

std::string verdict_text(const Verdicts& v) {
  std::string out;
  for (const auto& [point, rows] : v.rows) {
    out += fmt::format("@{} (time point {}):", v.stamps.at(point), point);
    for (const Row& r : rows) out += " " + show(r);
    out += '\n';
  }
  return out;
}

void save(const Arguments& a, const std::string& name, const plan::Formula& f, const std::vector<Point>& trace, const std::string& why) {
  const std::string folder = a.save + "/" + name;
  std::filesystem::create_directories(folder);
  const auto put = [&](const char* file, const std::string& text) {
    if (!write_file_atomically(folder + "/" + file, text)) fmt::print(stderr, "cannot write {}/{}\n", folder, file);
  };
  put("sig", text(signature()));
  put("formula", plan::text(f) + "\n");
  put("log", log_text(trace));
  put("why", why + "\n");
  put("meta.json",
      fmt::format("{{\"kind\": \"verdicts\", \"flags\": [\"-nonewlastts\"], \"ticks_per_second\": {}}}\n", a.scale().ticks_per_second));
  if (const auto wanted = ask_oracle(f, trace, oracle::End::open, a.scale())) put("expected", verdict_text(*wanted));
}

void shrink(const Check& check, plan::Formula& f, std::vector<Point>& trace, std::string& why) {
  const auto fails = [&](const plan::Formula& g, const std::vector<Point>& t) {
    const Outcome o = check(g, t);
    if (!o || o->empty()) return false;
    why = *o;
    return true;
  };
  for (int round = 0; round < 200; ++round) {
    bool smaller = false;
    for (const plan::Formula& g : simpler(f)) {
      if (!fails(g, trace)) continue;
      f = g;
      smaller = true;
      break;
    }
    for (const auto& t : simpler(trace)) {
      if (smaller || !fails(f, t)) continue;
      trace = t;
      smaller = true;
    }
    if (!smaller) return;
  }
}

// Asks and counts; what failed is returned as small as it could be made.
std::optional<Question> record(const Arguments& a, const std::string& name, const Check& check, plan::Formula f, std::vector<Point> trace,
                               Tally& t) {
  const Outcome o = check(f, trace);
  if (!o) {
    ++t.skipped;
    ++t.reasons[last_refusal];
    return std::nullopt;
  }
  if (o->empty()) {
    ++t.agree;
    t.with_verdicts += last_verdicts > 0;
    return std::nullopt;
  }
  std::string why = *o;
  shrink(check, f, trace, why);
  save(a, name, f, trace, why);
  t.failures.push_back(fmt::format("{}: {}\n    {}\n{}", name, why, plan::text(f), log_text(trace)));
  return Question{f, trace};
}

void random_cases(const Arguments& a, Tally& t) {
  for (int n = 0; n < a.cases && t.failures.size() < 10; ++n) {
    Random random(a.seed + static_cast<std::uint64_t>(n));
    Shape shape;
    shape.calendar = a.calendar;
    shape.depth = 1 + static_cast<int>(random() % 4);
    shape.points = 4 + static_cast<int>(random() % 12);
    shape.future = random() % 4 != 0;
    const plan::Formula f = random_formula(random, shape);
    const auto trace = random_trace(random, shape);
    const auto end = random() % 2 == 0 ? oracle::End::open : oracle::End::closed;
    const bool instant = random() % 2 == 0;
    if (a.show) fmt::print("{}: {}\n", a.seed + static_cast<std::uint64_t>(n), plan::text(f));
    const Check check = [&](const plan::Formula& g, const std::vector<Point>& tr) { return compare(g, tr, end, instant, a.scale()); };
    record(a, fmt::format("random-{}", a.seed + static_cast<std::uint64_t>(n)), check, f, trace, t);
  }
}

void exhaustive(const Arguments& a, Tally& t) {
  const auto traces = all_traces(3);
  std::size_t n = 0;
  for (const plan::Formula& f : all_formulas(a.exhaustive)) {
    for (const auto& trace : traces) {
      if (t.failures.size() >= 10) return;
      const auto end = ++n % 2 == 0 ? oracle::End::open : oracle::End::closed;
      const Check check = [&](const plan::Formula& g, const std::vector<Point>& tr) { return compare(g, tr, end, false, {}); };
      record(a, fmt::format("exhaustive-{}", n), check, f, trace, t);
    }
  }
}

// What stands after the arrivals, against the oracle on what they leave.
Outcome compare_corrected(const plan::Formula& f, const std::vector<Arrival>& arrivals, plan::TickScale scale) {
  last_refusal = "the oracle cannot";
  const auto wanted = ask_oracle(f, standing(arrivals), oracle::End::closed, scale);
  if (!wanted) return std::nullopt;
  const auto got = run_corrected(signature(), f, arrivals, scale);
  if (!got) {
    last_refusal = got.error().code;
    return refusal(got.error());
  }
  last_verdicts = wanted->rows.size();
  std::string difference;
  return same(*got, by_stamp(*wanted), difference) ? "" : difference + " (by stamp; left: engine)";
}

void corrections(const Arguments& a, Tally& t) {
  for (int n = 0; n < a.corrections && t.failures.size() < 10; ++n) {
    const std::uint64_t seed = a.seed + 1'000'000 + static_cast<std::uint64_t>(n);
    Random random(seed);
    Shape shape;
    shape.calendar = a.calendar;
    shape.depth = 1 + static_cast<int>(random() % 3);
    shape.points = 3 + static_cast<int>(random() % 8);
    shape.future = random() % 3 != 0;
    const plan::Formula f = random_formula(random, shape);
    const auto trace = random_trace(random, shape);
    const auto arrive = [&](std::vector<Point> facts) {
      oracle::sort_trace(facts, true);
      std::erase_if(facts, [](const Point& p) { return p.facts.empty(); });
      return disorder(facts, seed, a.scale());
    };
    const Check check = [&](const plan::Formula& g, const std::vector<Point>& facts) {
      return compare_corrected(g, arrive(facts), a.scale());
    };
    const std::string name = fmt::format("corrections-{}", seed);
    const auto failed = record(a, name, check, f, trace, t);
    if (!failed) continue;
    const auto history = fewest(arrive(failed->trace), [&](const std::vector<Arrival>& fewer) {
      const Outcome o = compare_corrected(failed->formula, fewer, a.scale());
      return o && !o->empty();
    });
    const std::string story = text(history, signature());
    if (!write_file_atomically(a.save + "/" + name + "/arrivals", story)) fmt::print(stderr, "cannot write {}/{}/arrivals\n", a.save, name);
    t.failures.back() += "  in this order:\n" + story;
  }
}

// Asks another monitor. The artificial last point is added for both and left out of the comparison.
Outcome ask_peer(const Arguments& a, const plan::Formula& f, const std::vector<Point>& raw) {
  std::vector<Point> trace = raw;
  oracle::sort_trace(trace, false);
  const auto typing = logic::infer_types(signature(), f);
  if (!typing) return std::nullopt;
  save(a, "peer", f, trace, "the last question to the peer");
  const std::string folder = a.save + "/peer";
  const std::string call = fmt::format("{} -sig {}/sig -formula {}/formula -log {}/log 2>/dev/null", a.peer, folder, folder, folder);
  std::FILE* pipe = ::popen(call.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string printed;
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) printed.append(buffer, n);
  last_refusal = "the peer refuses";
  if (::pclose(pipe) != 0 || printed.find("NOT monitorable") != std::string::npos) return std::nullopt;
  auto theirs = read_verdicts(printed, typing->columns);
  const std::size_t real = trace.size();
  trace.push_back({INT64_MAX / 2 + 1, {}});
  auto ours = run_engine(signature(), f, trace, oracle::End::open);
  if (!theirs || !ours) return std::nullopt;
  theirs->rows.erase(real);
  ours->rows.erase(real);
  last_verdicts = theirs->rows.size();
  std::string difference;
  return same(*ours, *theirs, difference) ? "" : difference + " (left: engine, right: peer)";
}

void peer_cases(const Arguments& a, Tally& t) {
  for (int n = 0; n < a.cases && t.failures.size() < 10; ++n) {
    Random random(a.seed + static_cast<std::uint64_t>(n));
    Shape shape;
    shape.depth = 1 + static_cast<int>(random() % 3);
    shape.let_past = shape.dynamic = false;
    const plan::Formula f = random_formula(random, shape);
    const auto trace = random_trace(random, shape);
    const Check check = [&](const plan::Formula& g, const std::vector<Point>& tr) { return ask_peer(a, g, tr); };
    record(a, fmt::format("peer-{}", a.seed + static_cast<std::uint64_t>(n)), check, f, trace, t);
  }
}

logic::History history_of(const std::vector<Point>& trace) {
  logic::History out;
  logic::FactId id = 0;
  for (const Point& p : trace) {
    logic::Moment m{p.ts, {}};
    for (const auto& [name, rows] : p.facts)
      for (const Row& r : rows) m.facts.push_back({++id, name, r});
    out.push_back(std::move(m));
  }
  return out;
}

// A proof with one thing in it changed, so that it is wrong: what merely proves the same in another way (a
// witness at another point) is no tampering. Each leaf and child of a smallest proof is needed.
logic::Proof tampered(logic::Proof p, Random& random, bool free_point = false) {
  using logic::Rule;
  if (!p.children.empty() && random() % 4 != 0) {
    auto& child = p.children[random() % p.children.size()];
    const bool free = p.rule == Rule::at_point || p.rule == Rule::chain || p.rule == Rule::run || p.rule == Rule::cut;
    child = std::make_shared<const logic::Proof>(tampered(*child, random, free));
    return p;
  }
  switch (random() % 5) {
    case 0:
      p.holds = !p.holds;
      break;
    case 1:
      p.point += free_point ? 1'000'000 : 1;
      break;
    case 2:
      if (p.rule == Rule::fact)
        p.fact += 1'000'000;
      else if (p.children.empty())
        p.rule = Rule::fact, p.fact = 1'000'000;
      else
        p.children.pop_back();
      break;
    case 3:
      if (p.rule == Rule::none || p.rule == Rule::aggregate || p.rule == Rule::computed)
        ++p.scanned;
      else if (p.rule == Rule::run)
        p.to += 1'000'000;
      else
        p.values.emplace("no such variable", std::int64_t{1});
      break;
    default:
      p.formula = p.formula == plan::falsity() ? plan::truth() : plan::falsity();
  }
  return p;
}

// The oracle's verdicts are explained; each proof must check, and must not once it is tampered
// with.
Outcome explain_all(const plan::Formula& f, const std::vector<Point>& raw, std::uint64_t seed, plan::TickScale scale) {
  std::vector<Point> trace = raw;
  oracle::sort_trace(trace, false);
  last_refusal = "the oracle cannot";
  const auto wanted = ask_oracle(f, trace, oracle::End::closed, scale);
  if (!wanted) return std::nullopt;
  const auto columns = plan::free_variables(f);
  const logic::History history = history_of(trace);
  Random random(seed);
  last_verdicts = 0;
  for (const auto& [point, rows] : wanted->rows) {
    for (const Row& r : rows) {
      if (++last_verdicts > 6) return "";
      logic::Valuation v;
      for (std::size_t k = 0; k < r.size(); ++k) v[columns[k]] = r[k];
      const logic::Reading reading{scale, &signature()};
      const auto proof = logic::explain(history, f, v, point, reading);
      if (!proof) return "not explained: " + proof.error().text();
      const Status ok = logic::check_proof(history, f, v, point, *proof, reading);
      if (!ok) return "the proof does not check: " + ok.error().text() + "\n" + text(*proof);
      const logic::Proof bad = tampered(*proof, random);
      if (logic::check_proof(history, f, v, point, bad, reading)) return "a tampered proof checks:\n" + text(bad);
    }
  }
  return "";
}

void explanations(const Arguments& a, Tally& t) {
  for (int n = 0; n < a.explain && t.failures.size() < 10; ++n) {
    const std::uint64_t seed = a.seed + 2'000'000 + static_cast<std::uint64_t>(n);
    Random random(seed);
    Shape shape;
    shape.calendar = a.calendar;
    shape.depth = 1 + static_cast<int>(random() % 3);
    shape.points = 4 + static_cast<int>(random() % 5);
    shape.clock = true;
    const plan::Formula f = random_formula(random, shape);
    const auto trace = random_trace(random, shape);
    const Check check = [&](const plan::Formula& g, const std::vector<Point>& tr) { return explain_all(g, tr, seed, a.scale()); };
    record(a, fmt::format("explain-{}", seed), check, f, trace, t);
  }
}

// Whether it holds or fails: of what fails the negation is explained.
Outcome check_size(const plan::Formula& f, const std::vector<Point>& trace) {
  const logic::History history = history_of(trace);
  const logic::Valuation x{{"x", std::int64_t{0}}};
  last_verdicts = history.size();
  for (std::size_t point = 0; point < history.size(); ++point) {
    const bool holds = smallest_proof(history, f, point, true).has_value();
    const plan::Formula g = logic::core(holds ? f : !f);
    const auto wanted = smallest_proof(history, g, point, true);
    const auto proof = logic::explain(history, g, x, point);
    if (!wanted || !proof) return fmt::format("at point {}: {}", point, proof ? "has no proof" : proof.error().text());
    const Status ok = logic::check_proof(history, g, x, point, *proof);
    if (!ok) return "the proof does not check: " + ok.error().text() + "\n" + text(*proof);
    const ProofSize got = size_of(*proof);
    if (got != *wanted)
      return fmt::format("at point {}: {} facts and {} steps, not {} and {}:\n{}", point, got.leaves, got.nodes, wanted->leaves,
                         wanted->nodes, text(*proof));
  }
  return "";
}

void smallest(const Arguments& a, Tally& t) {
  auto formulas = all_formulas(a.smallest);
  for (const auto& more : {all_expressions(a.smallest), some_let_pasts()}) formulas.insert(formulas.end(), more.begin(), more.end());
  const auto traces = all_traces(std::min(a.smallest, 1) + 2);
  std::size_t n = 0;
  for (const plan::Formula& f : formulas) {
    for (const auto& trace : traces) {
      if (t.failures.size() >= 10) return;
      record(a, fmt::format("smallest-{}", ++n), check_size, f, trace, t);
    }
  }
}

std::size_t report(const char* what, const Tally& t) {
  fmt::print("{:<12} agree {:6}  with verdicts {:6}  not asked {:6}  DIFFER {:4}\n", what, t.agree, t.with_verdicts, t.skipped,
             t.failures.size());
  for (const auto& [reason, n] : t.reasons) fmt::print("  not asked: {} ({})\n", reason, n);
  for (const std::string& f : t.failures) fmt::print("  {}", f);
  std::fflush(stdout);
  const auto refused = t.reasons.find("logic.not-monitorable");
  const std::size_t cases = t.agree + t.skipped + t.failures.size();
  if (refused != t.reasons.end() && refused->second * 10 > cases) {
    fmt::print("  more than a tenth refused by the engine\n");
    return t.failures.size() + 1;
  }
  return t.failures.size();
}

int main_of(int argc, char** argv) {
  Arguments a;
  for (int i = 1; i < argc; ++i) {
    const std::string_view w = argv[i];
    const bool value = i + 1 < argc;
    if (w == "--cases" && value)
      a.cases = std::atoi(argv[++i]);
    else if (w == "--corrections" && value)
      a.corrections = std::atoi(argv[++i]);
    else if (w == "--exhaustive" && value)
      a.exhaustive = std::atoi(argv[++i]);
    else if (w == "--explain" && value)
      a.explain = std::atoi(argv[++i]);
    else if (w == "--smallest" && value)
      a.smallest = std::atoi(argv[++i]);
    else if (w == "--seed" && value)
      a.seed = std::strtoull(argv[++i], nullptr, 10);
    else if (w == "--save" && value)
      a.save = argv[++i];
    else if (w == "--peer" && value)
      a.peer = argv[++i];
    else if (w == "--calendar")
      a.calendar = true;
    else if (w == "--show")
      a.show = true;
    else if (w == "--all")
      a.cases = 20000, a.corrections = 10000, a.exhaustive = 2, a.explain = 5000, a.smallest = 1;
    else
      return fmt::print(stderr, "unknown option {}\n", w), 2;
  }
  std::size_t failures = 0;
  if (!a.peer.empty()) {
    Tally t;
    peer_cases(a, t);
    const std::size_t different = report("peer", t);
    if (t.agree == 0) fmt::print("  the peer answered nothing: {}\n", a.peer);
    return different == 0 && t.agree > 0 ? 0 : 1;
  }
  if (a.exhaustive > 0) {
    Tally t;
    exhaustive(a, t);
    failures += report("exhaustive", t);
  }
  if (a.cases > 0) {
    Tally t;
    random_cases(a, t);
    failures += report("random", t);
  }
  if (a.corrections > 0) {
    Tally t;
    corrections(a, t);
    failures += report("corrections", t);
  }
  if (a.explain > 0) {
    Tally t;
    explanations(a, t);
    failures += report("explain", t);
  }
  if (a.smallest >= 0) {
    Tally t;
    smallest(a, t);
    failures += report("smallest", t);
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace surety::differential

int main(int argc, char** argv) { return surety::differential::main_of(argc, argv); }
