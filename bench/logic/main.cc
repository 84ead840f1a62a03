// bench-logic [--events N] [--only NAME] [--window S] [--in-order | --disorder | --far-back | --reading]
// [--points N] [--peer CMD] [--peer-events N] [--process CMD]: events per processor second, peak memory and latency of the monitor
// at 1, 100 and 1000 time-points a second of trace, 1 % late and 0.1 % withdrawn events, and one
// correction far back; --points: only at so many points a second. With --peer, CMD -sig S -formula F
// -log L gets the same formula and the first N events, and at most ten minutes; its rate is printed
// beside ours on the same events (ours from memory, the median of three; with --process, which takes the
// same flags, for instance "surety monitor", as a process from file to printed verdicts too), and the
// verdicts are compared.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <random>

#include "base/files.h"
#include "harness.h"
#include "logic/front/log_reader.h"
#include "workloads.h"

namespace surety::bench {
namespace {
using logic::Monitor;

Monitor made(const Workload& w, plan::Ticks retain, logic::PointMode mode) {
  logic::Options o;
  o.points = mode;
  o.retain = retain;
  auto m = Monitor::compile(w.signature, w.formulas, o);
  if (!m) {
    std::fputs(m.error().text().c_str(), stderr);
    std::exit(3);
  }
  return std::move(*m);
}

void feed(Monitor& m, const std::vector<Event>& events, std::size_t per_point, std::size_t from, std::size_t to) {
  std::size_t points_per_second = kEventsPerSecond / per_point;
  for (std::size_t i = from; i < to; ++i) {
    if (i % per_point == 0) (void)m.open_point(static_cast<plan::Ticks>(i / per_point / points_per_second));
    std::uint64_t cells[2] = {Monitor::to_cell(events[i].a), Monitor::to_cell(events[i].b)};
    m.insert_cells(0, events[i].predicate, cells);
  }
}

// Verdicts as a count and a sum that no order can change.
struct Answers {
  std::uint64_t count = 0, sum = 0;
  bool operator==(const Answers&) const = default;
  void add(std::uint64_t ts, std::vector<std::uint64_t> row) {
    std::sort(row.begin(), row.end());  // the peers' columns may stand in another order
    std::uint64_t h = ts * 0x9E3779B97F4A7C15u + 1;
    for (auto c : row) h = (h ^ c) * 0xFF51AFD7ED558CCDu, h ^= h >> 32;
    ++count;
    sum += h;
  }
};

// Lines "@ts (time point n): (1,2) (3,4)".
Answers read_answers(const std::string& out) {
  Answers all;
  std::uint64_t ts = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '@') {
      ts = std::strtoull(out.c_str() + i + 1, nullptr, 10);
      i = out.find(':', i);
      if (i == std::string::npos) break;
    } else if (out[i] == '(') {
      std::vector<std::uint64_t> row;
      while (out[i] != ')') {
        char* after = nullptr;
        row.push_back(static_cast<std::uint64_t>(std::strtoll(out.c_str() + i + 1, &after, 10)));
        i = static_cast<std::size_t>(after - out.c_str());
        if (i >= out.size() || (out[i] != ',' && out[i] != ')')) return all;
      }
      all.add(ts, std::move(row));
    }
  }
  return all;
}

// Processor seconds and verdicts of CMD -sig S -formula F -log L; no verdicts if it failed or took
// longer than `limit` seconds.
std::optional<Answers> run_peer(const std::string& command, const Workload& w, const std::vector<Event>& events, std::size_t per_point,
                                int limit, double* cpu) {
  std::string dir = fmt::format("/tmp/bench-logic-{}", getpid());
  std::filesystem::create_directories(dir);
  std::string sig;
  for (auto& p : w.signature.all()) {
    sig += p.name + "(";
    for (std::size_t i = 0; i < p.columns.size(); ++i) sig += i ? ",int" : "int";
    sig += ")\n";
  }
  (void)write_file_atomically(dir + "/sig", sig);
  (void)write_file_atomically(dir + "/formula", w.formula_text + "\n");
  (void)write_file_atomically(dir + "/log", log_text(w, events, per_point));
  rusage before{}, after{};
  getrusage(RUSAGE_CHILDREN, &before);
  std::string call = fmt::format("timeout {1} {2} -sig {0}/sig -formula {0}/formula -log {0}/log > {0}/out", dir, limit, command);
  bool ended = std::system(call.c_str()) == 0;
  getrusage(RUSAGE_CHILDREN, &after);
  auto seconds = [](const rusage& u) {
    return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
  };
  *cpu = seconds(after) - seconds(before);
  std::optional<Answers> answers;
  if (ended)
    if (auto out = read_file(dir + "/out")) answers = read_answers(std::string(out->begin(), out->end()));
  std::filesystem::remove_all(dir);
  return answers;
}

struct Peers {
  std::string peer, process;  // commands; empty: none
  std::size_t events = 100'000;
};

// The first of the events through both, ours from memory, theirs from a file.
std::string against(const Peers& p, const Workload& w, std::vector<Event> events, std::size_t per_point, int limit) {
  events.resize(std::min(events.size(), p.events));
  Answers ours;
  double took[3], theirs = 0;
  for (double& t : took) {
    ours = {};
    double start = cpu_seconds();
    Monitor m = made(w, 0, logic::PointMode::peer);
    m.set_sink([&](const Monitor::RawChange& c) { ours.add(static_cast<std::uint64_t>(c.ts), {c.row.begin(), c.row.end()}); });
    feed(m, events, per_point, 0, events.size());
    m.finish();
    t = cpu_seconds() - start;
  }
  std::sort(took, took + 3);
  const double cpu = took[1];
  auto answers = run_peer(p.peer, w, events, per_point, limit, &theirs);
  if (!answers) return fmt::format(", peer did not end {} events in {:.1f} s, ratio over {:.0f}", events.size(), theirs, theirs / cpu);
  std::string process;
  if (!p.process.empty()) {
    double whole[3];
    for (double& t : whole)
      if (run_peer(p.process, w, events, per_point, limit, &t) != answers) process = " with OTHER verdicts";
    std::sort(whole, whole + 3);
    process = fmt::format(", as processes {:.0f}/s and ratio {:.1f}{}", static_cast<double>(events.size()) / whole[1], theirs / whole[1],
                          process);
  }
  return fmt::format(", peer {:.0f}/s on {} events, ours {:.0f}/s, ratio {:.1f}{}, {} verdicts {}",
                     static_cast<double>(events.size()) / theirs, events.size(), static_cast<double>(events.size()) / cpu, theirs / cpu,
                     process, answers->count, *answers == ours ? "equal" : fmt::format("DIFFER from our {}", ours.count));
}

void in_order(const Workload& w, const std::vector<Event>& events, std::size_t per_point, const Peers& peers) {
  std::uint64_t verdicts = 0;
  std::size_t state = 0;
  double start = cpu_seconds();
  {
    Monitor m = made(w, 0, logic::PointMode::peer);
    m.set_sink([&](const Monitor::RawChange&) { ++verdicts; });
    feed(m, events, per_point, 0, events.size());
    state = m.statistics().state_rows;
    m.finish();
  }
  double cpu = cpu_seconds() - start;
  // Latency: a second pass, each event timed, verdicts included.
  std::vector<std::uint32_t> took;
  {
    Monitor m = made(w, 0, logic::PointMode::peer);
    m.set_sink([](const Monitor::RawChange&) {});
    std::size_t n = std::min<std::size_t>(events.size(), 200'000);
    took.reserve(n);
    for (std::size_t i = 0; i < n; ++i) {
      auto t = std::chrono::steady_clock::now();
      feed(m, events, per_point, i, i + 1);
      took.push_back(static_cast<std::uint32_t>((std::chrono::steady_clock::now() - t).count()));
    }
  }
  std::sort(took.begin(), took.end());
  std::string note =
      fmt::format("{} verdicts, {} rows held, p50 {} ns, p99 {} ns", verdicts, state, took[took.size() / 2], took[took.size() * 99 / 100]);
  if (!peers.peer.empty() && !w.formula_text.empty()) note += against(peers, w, events, per_point, 600);
  line(fmt::format("{} ir {}", w.name, kEventsPerSecond / static_cast<std::int64_t>(per_point)), events.size(), "events", cpu, note);
}

// One event in a hundred comes up to 20 s after its watermark, one in a thousand is withdrawn later.
void disorder(const Workload& w, const std::vector<Event>& events) {
  struct Arrival {
    std::size_t at, event;
    bool withdraw;
  };
  std::mt19937_64 r(7);
  std::vector<Arrival> arrivals;
  for (std::size_t i = 0; i < events.size(); ++i) {
    std::size_t late = r() % 100 == 0 ? 2000 + r() % 18'000 : 0;
    arrivals.push_back({i + late, i, false});
    if (r() % 1000 == 0) arrivals.push_back({i + late + r() % 30'000, i, true});
  }
  std::stable_sort(arrivals.begin(), arrivals.end(), [](auto& a, auto& b) { return a.at < b.at; });
  Monitor m = made(w, 600'000'000, logic::PointMode::instant);
  std::uint64_t changes = 0, corrections = 0;
  m.set_sink([&](const Monitor::RawChange& c) {
    ++changes;
    corrections += c.version > 1;
  });
  double start = cpu_seconds();
  std::vector<plan::Value> args;
  std::size_t n = 0;
  for (auto& a : arrivals) {
    if (a.withdraw) {
      (void)m.retract(a.event + 1);
    } else {
      auto& e = events[a.event];
      args = {e.a};
      if (w.signature[e.predicate].columns.size() > 1) args.push_back(e.b);
      (void)m.insert(a.event + 1, e.predicate, args, static_cast<plan::Ticks>(a.event) / kEventsPerSecond);
    }
    if (++n % 100 == 0 && a.at > 1000) m.complete(static_cast<plan::Ticks>(a.at - 1000) / kEventsPerSecond - 1);
  }
  m.finish();
  line(w.name + " 1 % late, 0.1 % withdrawn", events.size(), "events", cpu_seconds() - start,
       fmt::format("{} changes, {} of them corrections, {} facts read again", changes, corrections, m.statistics().replayed));
}

// A fact of the first second is withdrawn and put back after all the others have come.
void far_back(const Workload& w, const std::vector<Event>& events) {
  Monitor m = made(w, plan::kForever, logic::PointMode::peer);
  std::uint64_t changes = 0;
  m.set_sink([&](const Monitor::RawChange&) { ++changes; });
  for (std::size_t i = 0; i < events.size(); ++i) {
    (void)m.open_point(static_cast<plan::Ticks>(i) / kEventsPerSecond);
    std::uint64_t cells[2] = {Monitor::to_cell(events[i].a), Monitor::to_cell(events[i].b)};
    m.insert_cells(i + 1, events[i].predicate, cells);
  }
  m.close_points();
  std::vector<double> took;
  for (std::size_t i = 0; i < 20; ++i) {
    auto t = std::chrono::steady_clock::now();
    (void)m.retract(100 + 37 * i);
    (void)m.drain();
    took.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - t).count());
  }
  std::printf(
      "{\"name\":\"%s, a fact %zu events back "
      "withdrawn\",\"n\":20,\"unit\":\"corrections\",\"first_ms\":%.3f,\"median_ms\":%.3f,\"peak_mb\":%.0f}\n",
      w.name.c_str(), events.size(), took[0], (std::sort(took.begin(), took.end()), took[10]), peak_mb());
}

// Reads, and hands on to nobody or to a monitor.
class Reading : public logic::LogHandler {
 public:
  explicit Reading(Monitor* m) : m_(m) {}
  Status begin_point(plan::Ticks ts) override {
    if (m_ == nullptr) return logic::kFine;
    auto opened = m_->open_point(ts);
    if (opened) return logic::kFine;
    return err(std::move(opened.error()));
  }
  Status end_point() override { return logic::kFine; }
  void fact(logic::PredicateIndex p, std::span<const std::uint64_t> cells) override {
    if (m_ != nullptr) m_->insert_cells(0, p, cells.data());
    sum_ += cells[0];
  }
  std::uint64_t real(double d) override { return Monitor::to_cell(d); }
  std::uint64_t intern(std::string_view) override { return 0; }  // no workload has strings
  Status command(std::string_view, std::string_view) override { return {}; }
  Status bad(Error why) override { return err(std::move(why)); }
  std::uint64_t sum() const { return sum_; }

 private:
  Monitor* m_;
  std::uint64_t sum_ = 0;
};

// The log as text, tokenised; and handed to a monitor that is asked for a predicate which never comes, so
// that every fact is kept for its point and nothing is computed. The peer gets that formula too.
void reading(const Workload& w, const std::vector<Event>& events, std::size_t per_point, const std::string& peer) {
  const std::string text = log_text(w, events, per_point);
  Workload rare = w;
  rare.signature.add({"never", {plan::Type::integer}, {}});
  rare.formula_text = "never(x)";
  rare.formulas = {{"", plan::pred("never", {plan::var("x")}), {}}};
  for (bool into : {false, true}) {
    Monitor m = made(rare, 0, logic::PointMode::peer);
    Reading handler(into ? &m : nullptr);
    double start = cpu_seconds();
    logic::LogReader reader(rare.signature, handler);
    // In pieces, as a file is read.
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = std::min<std::size_t>(text.size() - at, 1 << 20);
      auto read = reader.feed(std::string_view(text).substr(at, size), at + size == text.size());
      if (!read) {
        std::fputs(read.error().text().c_str(), stderr);
        std::exit(3);
      }
      at += *read;
    }
    if (into) m.finish();
    const double cpu = cpu_seconds() - start;
    std::string note = fmt::format("{} bytes, checksum {}", text.size(), handler.sum());
    double theirs = 0;
    if (into && !peer.empty() && run_peer(peer, rare, events, per_point, 600, &theirs))
      note += fmt::format(", peer {:.0f}/s", static_cast<double>(events.size()) / theirs);
    line(fmt::format("reading {} ir {}, {}", w.name, kEventsPerSecond / static_cast<std::int64_t>(per_point),
                     into ? "handed to the monitor" : "tokenised"),
         reader.facts(), "events", cpu, note);
  }
}

}  // namespace
}  // namespace surety::bench

int main(int argc, char** argv) {
  using namespace surety::bench;
  std::size_t n = 1'000'000;
  std::size_t points = 0;
  Peers peers;
  std::int64_t window = 60;
  std::string only;
  bool far = false, ordered_only = false, disorder_only = false, reading_only = false;
  for (int i = 1; i < argc; ++i) {
    std::string a = argv[i];
    if (a == "--far-back") far = true;
    if (a == "--in-order") ordered_only = true;
    if (a == "--disorder") disorder_only = true;
    if (a == "--reading") reading_only = true;
    if (i + 1 == argc) continue;
    if (a == "--events") n = std::stoull(argv[i + 1]);
    if (a == "--points") points = std::stoull(argv[i + 1]);
    if (a == "--only") only = argv[i + 1];
    if (a == "--window") window = std::stoll(argv[i + 1]);
    if (a == "--peer") peers.peer = argv[i + 1];
    if (a == "--process") peers.process = argv[i + 1];
    if (a == "--peer-events") peers.events = std::stoull(argv[i + 1]);
  }
  for (auto& w : workloads(window)) {
    if (!only.empty() && w.name != only) continue;
    auto events = w.events(n, 1);
    if (far) {
      far_back(w, events);
      continue;
    }
    if (!disorder_only && !reading_only)
      for (std::size_t per_point : {1000, 10, 1})
        if (points == 0 || points * per_point == kEventsPerSecond) in_order(w, events, per_point, peers);
    if (ordered_only) continue;
    if (!reading_only) disorder(w, events);
    for (std::size_t per_point : {1000, 10, 1})
      if (points == 0 || points * per_point == kEventsPerSecond) reading(w, events, per_point, peers.peer);
  }
}
