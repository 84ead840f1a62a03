#include "arrivals.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace surety::differential {

std::vector<Arrival> disorder(const std::vector<Point>& trace, std::uint64_t seed, plan::TickScale scale) {
  Random random(seed);
  const auto chance = [&](int percent) { return random() % 100 < static_cast<std::uint64_t>(percent); };
  std::vector<Arrival> out;
  logic::FactId id = 0;
  const auto wrong_row = [](Row row) {
    for (plan::Value& v : row)
      if (auto* n = std::get_if<std::int64_t>(&v)) *n = (*n + 1) % 4;
    return row;
  };
  // What is wrong about a stamp, and where watermarks begin: a calendar's log is years from 0.
  const plan::Ticks step = scale.ticks_per_second == 1 ? 1 : 5 * 3600 * scale.ticks_per_second;
  const plan::Ticks begin = step == 1 || trace.empty() ? 0 : trace.front().ts;
  plan::Ticks end = begin;
  for (const Point& p : trace) {
    end = std::max(end, p.ts);
    for (const auto& [name, rows] : p.facts) {
      for (const Row& row : rows) {
        ++id;
        if (chance(20)) {
          out.push_back({Arrival::Kind::insert, id, name, wrong_row(row), chance(50) ? p.ts : p.ts + 2 * step});
          out.push_back({Arrival::Kind::replace, id, name, row, p.ts});
        } else {
          out.push_back({Arrival::Kind::insert, id, name, row, p.ts});
          if (chance(20)) out.push_back(out.back());
        }
        if (chance(20)) {
          ++id;
          out.push_back({Arrival::Kind::insert, id, name, wrong_row(row), p.ts + (chance(50) ? step : 0)});
          out.push_back({Arrival::Kind::retract, id, "", {}, 0});
          if (chance(20)) out.push_back(out.back());
        }
      }
    }
  }
  if (chance(70)) {
    std::shuffle(out.begin(), out.end(), random);
  } else {
    // Almost in order: a few late ones.
    std::stable_sort(out.begin(), out.end(), [](const Arrival& x, const Arrival& y) { return x.id < y.id; });
    for (std::size_t k = 1; k < out.size(); ++k)
      if (chance(15)) std::swap(out[k], out[random() % k]);
  }
  // A replacement that comes before its fact wins all the same.
  plan::Ticks mark = begin;
  for (std::size_t k = 0; k < out.size(); ++k) {
    if (!chance(15)) continue;
    mark = std::max<plan::Ticks>(mark, begin + static_cast<plan::Ticks>(random() % static_cast<std::uint64_t>(end - begin + 2)));
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(k), {Arrival::Kind::watermark, 0, "", {}, mark});
    ++k;
  }
  return out;
}

std::vector<Point> standing(const std::vector<Arrival>& arrivals) {
  std::map<logic::FactId, const Arrival*> last;
  const auto rank = [](Arrival::Kind k) { return k == Arrival::Kind::insert ? 0 : k == Arrival::Kind::replace ? 1 : 2; };
  for (const Arrival& a : arrivals) {
    if (a.kind == Arrival::Kind::watermark) continue;
    const Arrival*& known = last[a.id];
    if (!known || rank(known->kind) < rank(a.kind)) known = &a;
  }
  std::map<plan::Ticks, Point> points;
  for (const auto& [id, a] : last) {
    if (a->kind == Arrival::Kind::retract) continue;
    points[a->ts].ts = a->ts;
    points[a->ts].facts[a->predicate].insert(a->row);
  }
  std::vector<Point> out;
  for (auto& [ts, p] : points) out.push_back(std::move(p));
  return out;
}

std::vector<Arrival> fewest(std::vector<Arrival> arrivals, const std::function<bool(const std::vector<Arrival>&)>& fails) {
  for (std::size_t size = std::max<std::size_t>(arrivals.size() / 2, 1);;) {
    bool smaller = false;
    for (std::size_t k = 0; k + size <= arrivals.size();) {
      std::vector<Arrival> fewer = arrivals;
      const auto from = fewer.begin() + static_cast<std::ptrdiff_t>(k);
      fewer.erase(from, from + static_cast<std::ptrdiff_t>(size));
      if (fails(fewer))
        arrivals = std::move(fewer), smaller = true;
      else
        ++k;
    }
    if (size == 1 && !smaller) return arrivals;
    size = std::max<std::size_t>(size / 2, 1);
  }
}

std::string text(const std::vector<Arrival>& arrivals, const logic::Signature& sig) {
  constexpr const char* kNames[] = {"insert", "retract", "replace", "watermark"};
  std::string out;
  for (const Arrival& a : arrivals) {
    out += kNames[static_cast<int>(a.kind)];
    if (a.id) out += fmt::format(" {}", a.id);
    if (!a.predicate.empty()) {
      const auto& columns = sig[sig.find(a.predicate)].columns;
      out += " " + a.predicate + "(";
      for (std::size_t k = 0; k < a.row.size(); ++k) out += (k > 0 ? "," : "") + plan::to_literal(a.row[k], columns[k]);
      out += ")";
    }
    out += a.kind == Arrival::Kind::retract ? "\n" : fmt::format(" @{}\n", a.ts);
  }
  return out;
}

}  // namespace surety::differential
