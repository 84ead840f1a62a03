// Rows per processor second through each reader, at 10k, 100k and 1M rows: no reader may be worse than
// linear. Rows are made here; where the yearly FIRMS files are at hand (SURETY_SHARED), the CSV reader
// alone also goes over those 1.2 million real rows.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "base/files.h"
#include "feed/csv.h"
#include "feed/feed.h"
#include "feed/gazetteer.h"
#include "harness.h"

namespace {

using namespace surety;

std::string day(std::size_t i) { return fmt::format("2025-{:02}-{:02}", 4 + i / 9000 % 5, 1 + i / 300 % 28); }

std::string events(std::size_t n) {
  std::string out = "\"datetime\",\"lon\",\"lat\",\"place_name\",\"event_type\",\"headline\"\n";
  for (std::size_t i = 0; i < n; ++i)
    out += fmt::format(
        "\"{} {:02}:{:02}:00\",\"37.{:05}\",\"47.{:05}\",\"Place {}\",\"uav|property\",\"A report of \"\"something\"\", number {}\"\n",
        day(i), 6 + i % 12, i % 60, i * 7 % 100000, i * 13 % 100000, i % 500, i);
  return out;
}

std::string alerts(std::size_t n) {
  std::string out = "region,started_at,finished_at,n_subalerts\n";
  for (std::size_t i = 0; i < n; ++i)
    out += fmt::format("Kyivska oblast,{} {:02}:{:02}:{:02}+00:00,{} 23:{:02}:{:02}+00:00,{}\n", day(i), i % 22, i % 60, i / 60 % 60,
                       day(i), i % 60, i / 60 % 60, i);
  return out;
}

std::string attacks(std::size_t n) {
  std::string out = "time_start,time_end,model,target,launched,destroyed,source\n";
  for (std::size_t i = 0; i < n; ++i)
    out += fmt::format("{} 18:{:02},{} 23:{:02},Shahed-136/131,Ukraine,{}.0,{}.0,bulletin/{}\n", day(i), i % 60, day(i), i % 60, i % 200,
                       i % 90, i);
  return out;
}

feed::Settings settings() {
  feed::Settings s;
  s.author = "bench";
  s.zone = "Europe/Kyiv";
  s.lag = Span::hours(24);
  s.places = feed::Gazetteer::parse("name,aliases,lat,lon,radius_m,source\nKyiv oblast,Kyivska oblast,50.34,30.25,140000,x\n", "p").value();
  return s;
}

bool import(const std::string& bytes, const feed::Settings& s, std::string* carried = nullptr) {
  const auto counts = feed::import_bytes(bytes, "bench", s, [&](feed::Batch&& b) -> Status {
    if (carried) *carried += feed::to_ndjson(b);
    return {};
  });
  return counts && counts->quarantined == 0 && counts->statements > 0;
}

std::size_t rows(const std::string& bytes) {
  feed::CsvReader csv(bytes);
  feed::CsvRow row;
  Error error;
  std::size_t n = 0;
  while (csv.next(row, error) != feed::CsvReader::Got::end) ++n;
  return n;
}

void firms() {
  const char* shared = std::getenv("SURETY_SHARED");
  const std::filesystem::path folder = std::string(shared ? shared : "../shared") + "/data/firms-ukraine-hotspots";
  std::error_code none;
  if (!std::filesystem::exists(folder, none)) return;
  std::string bytes;
  for (const auto& e : std::filesystem::directory_iterator(folder))
    if (e.path().string().ends_with(".csv.gz")) bytes += read_maybe_gzip(e.path().string()).value_or("");
  const double start = bench::cpu_seconds();
  const std::size_t n = rows(bytes);
  bench::line("feed: csv alone, FIRMS", n, "rows", bench::cpu_seconds() - start, fmt::format("{} MB unpacked", bytes.size() >> 20));
}

}  // namespace

int main() {
  struct Maker {
    const char* name;
    std::string (*make)(std::size_t);
  };
  const feed::Settings s = settings();
  bool good = true;
  for (const std::size_t n : {10'000u, 100'000u, 1'000'000u}) {
    const std::string size = std::to_string(n / 1000) + "k";
    for (const auto& m : {Maker{"events", events}, {"alerts", alerts}, {"air-attacks", attacks}}) {
      const std::string bytes = m.make(n);
      good &= bench::measure(fmt::format("feed: {} {}", m.name, size), n, "rows", [&] { return import(bytes, s); });
    }
    const std::string bytes = events(n);
    bench::measure("feed: csv alone " + size, n, "rows", [&] { return rows(bytes); });
    std::string carried;
    good &= import(bytes, s, &carried);
    good &= bench::measure("feed: statements " + size, n, "rows", [&] { return import(carried, s); });
  }
  firms();
  return good ? 0 : 1;
}
