// One line a room that the chain's benchmark does not time alone: base, model, geo, treaty, fulfil, report.
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/files.h"
#include "fulfil/fulfil.h"
#include "geo/geo.h"
#include "harness.h"
#include "report/document.h"
#include "treaty/treaty.h"

namespace {

using namespace surety;

void base_line() {
  constexpr std::size_t n = 500'000;
  bench::measure("base: calendar deadlines", n, "deadlines", [] {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < n; ++i)
      sum += deadline(Instant{static_cast<std::int64_t>(i) * 3'600'000'000}, {14, CalendarUnit::days},
                      {"Europe/Kyiv", MonthRounding::down, false})
                 ->us;
    return sum;
  });
}

void model_line(const std::string& line) {
  constexpr std::size_t n = 200'000;
  bench::measure("model: parse and write a statement", n, "statements", [&] {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < n; ++i) bytes += model::canonical(*model::parse_statement(line)).size();
    return bytes;
  });
}

void geo_line() {
  const auto region = geo::Region::read("agreements/geometry/ukraine.geojson").value();
  constexpr std::size_t n = 200'000;
  bench::measure("geo: inside Ukraine", n, "places", [&] {
    std::size_t inside = 0;
    for (std::size_t i = 0; i < n; ++i) {
      model::Place p;
      p.located = true;
      p.lat_e6 = 44'000'000 + static_cast<std::int32_t>(i * 7919 % 9'000'000);
      p.lon_e6 = 22'000'000 + static_cast<std::int32_t>(i * 104729 % 19'000'000);
      p.radius_m = 1000;
      inside += region.contains(p) == model::Truth::holds;
    }
    return inside;
  });
}

void treaty_line() {
  const std::string text = read_file("agreements/paris-2026.treaty").value();
  constexpr std::size_t n = 50;
  bench::measure(
      "treaty: compile Paris", n, "texts",
      [&] {
        std::size_t clauses = 0;
        for (std::size_t i = 0; i < n; ++i) clauses += treaty::compile_text(text, "agreements/paris-2026.treaty").agreement->clauses.size();
        return clauses;
      },
      fmt::format("{} bytes each", text.size()));
}

void fulfil_line(const model::Statement& pledge) {
  const auto paris = treaty::load("agreements/paris-2026.treaty").value();
  constexpr std::size_t n = 20'000;
  std::vector<model::Statement> pledges;
  for (std::size_t i = 0; i < n; ++i) {
    model::Statement s = pledge;
    s.text = std::to_string(i);
    model::seal(s);
    pledges.push_back(std::move(s));
  }
  bench::measure("fulfil: hold pledges against deliveries", n, "statements",
                 [&] { return fulfil::account(paris, pledges, {}).clauses.size(); });
}

void report_line() {
  report::Document d;
  d.title = "Bench";
  report::Table t{{"a", "b", "c"}, {}, {}};
  constexpr std::size_t n = 20'000;
  for (std::size_t i = 0; i < n; ++i)
    t.rows.push_back(
        {"2025-04-20 12:00", "a place with a name", "words that have to be wrapped because they are many, row " + std::to_string(i)});
  d.table(std::move(t));
  bench::measure("report: text, Markdown and HTML", n, "rows",
                 [&] { return report::to_text(d).size() + report::to_markdown(d).size() + report::to_html(d).size(); });
}

}  // namespace

int main() {
  const std::string line =
      R"({"v":1,"kind":"pledge","author":"France","event":"Force","from":"2026-01-06T00:00:00Z","actor":"France","fields":{"amount":{"low":"1","high":"2","unit":"soldiers"},"item":"soldiers","stage":"announced"},"instrument":"Paris-Framework","clauses":["F1"],"source":"made for the benchmark"})";
  base_line();
  model_line(line);
  geo_line();
  treaty_line();
  fulfil_line(model::parse_statement(line).value());
  report_line();
}
