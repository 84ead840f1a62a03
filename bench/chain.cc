// The whole chain, from a file's bytes to verdicts, and each room of it alone, at 10k, 100k and 1M
// statements: nothing in it may be worse than linear. The stream is made here: a front of 600 km over as
// many days as keep 2,000 reports a day, seven kinds of event, four sources of whom two are parties.
#include <random>

#include "base/files.h"
#include "engine/world.h"
#include "feed/feed.h"
#include "harness.h"
#include "treaty/treaty.h"

namespace {

using namespace surety;
using model::Statement;

constexpr const char* kTruce = R"(agreement Bench version 1.
parties Alpha, Bravo.
clock UTC, months round refuse, start day excluded.
binding political.
source "made for the benchmark".
in force from 2025-01-01T00:00.
event Hostility reported as "fire", "strike", "assault" { place: position }.
clause 1 "Halt" source "1" kind cessation
  each of Alpha, Bravo must not Hostility continuously from entry into force
  on evidence at least reported, attributed at least reported
  otherwise unspecified.
status Truce
  in-force to strained when 20 Hostility by anyone, at least reported within 24 hours
  strained to in-force when no Hostility by anyone, at least reported for 24 hours.
)";

Statement report(std::mt19937_64& random, std::size_t i) {
  static const char* kEvents[] = {"fire.artillery", "fire.mortar", "fire.small-arms", "strike.drone", "strike.air", "assault", "explosion"};
  Statement s;
  const auto source = random() % 4;
  s.author = "source-" + std::to_string(source);
  s.speaks_for = source == 0 ? "Alpha" : source == 1 ? "Bravo" : "";
  s.means = "report";
  s.event = kEvents[random() % 7];
  const auto day = static_cast<std::int64_t>(i / 2000);
  s.when.from = Instant{1735689600'000000 + (day * 86400 + static_cast<std::int64_t>(random() % 86400)) * 1'000000};
  s.when.to = s.when.from + Span::minutes(static_cast<std::int64_t>(random() % 40));
  s.known_at = s.when.to;
  model::Place p;
  p.located = true;
  p.lat_e6 = 47'000'000 + static_cast<std::int32_t>(random() % 3'000'000);
  p.lon_e6 = 35'000'000 + static_cast<std::int32_t>(random() % 4'000'000);
  p.radius_m = 500 + static_cast<std::int64_t>(random() % 3000);
  s.place = p;
  if (random() % 2) s.actor = random() % 2 ? "Alpha" : "Bravo";
  s.source = "bench, row " + std::to_string(i);
  model::seal(s);
  return s;
}

void chain(std::size_t n, const plan::Agreement& agreement) {
  std::mt19937_64 random(42);
  std::string bytes;
  for (std::size_t i = 0; i < n; ++i) bytes += model::canonical(report(random, i)) + "\n";
  const std::string size = std::to_string(n / 1000) + "k";
  const double start = bench::cpu_seconds();
  std::vector<Statement> statements;
  feed::Settings settings;
  settings.format = "statements";
  bench::measure("chain " + size + ": feed", n, "statements", [&] {
    return feed::import_bytes(bytes, "bench.ndjson", settings,
                              [&](feed::Batch&& b) -> Status {
                                for (auto& s : b.statements) statements.push_back(std::move(s));
                                return {};
                              })
        .has_value();
  });
  const auto standing = bench::measure("chain " + size + ": standing", n, "statements",
                                       [&] { return engine::standing(statements, Instant::max(), model::Exercise::actual); });
  const auto incidents =
      bench::measure("chain " + size + ": incident", n, "statements", [&] { return incident::fuse(standing.statements, {}); });
  const auto zones = duty::Zones::read(agreement).value();
  const auto outcome = bench::measure("chain " + size + ": duty and logic", n, "statements", [&] {
    return duty::decide(agreement, incidents, standing.statements, {.now = Instant::max(), .scanned = n, .zones = &zones}).value();
  });
  bench::line("chain " + size + ": bytes to verdicts", n, "statements", bench::cpu_seconds() - start,
              std::to_string(incidents.size()) + " incidents, " + std::to_string(outcome.states.size()) + " states, " +
                  std::to_string(outcome.duties.size()) + " duty verdicts");
}

}  // namespace

int main(int argc, char** argv) {
  const auto compiled = treaty::compile_text(kTruce, "bench.treaty");
  if (!compiled.agreement) {
    for (const auto& d : compiled.diagnostics) std::fputs(treaty::to_text(d, compiled.tree.text, "bench.treaty").c_str(), stderr);
    return 2;
  }
  const std::size_t most = argc > 1 ? std::stoull(argv[1]) : 1'000'000;
  for (std::size_t n = 10'000; n <= most; n *= 10) chain(n, *compiled.agreement);
}
