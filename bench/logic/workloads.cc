#include "workloads.h"

#include <fmt/format.h>

#include <queue>
#include <random>

namespace surety::bench {
namespace {
using namespace plan;
using logic::Signature;

using Random = std::mt19937_64;

std::vector<Event> three_relations(std::size_t n, std::uint64_t seed, std::int64_t values) {
  Random r(seed);
  std::vector<Event> out;
  out.reserve(n);
  auto value = [&] { return static_cast<std::int64_t>(r() % static_cast<std::uint64_t>(values)); };
  while (out.size() < n) {
    auto p = static_cast<logic::PredicateIndex>(r() % 3);
    auto a = value(), b = value();
    out.push_back({p, a, b});
  }
  return out;
}
std::vector<Event> star(std::size_t n, std::uint64_t seed) { return three_relations(n, seed, 1'000'000); }
std::vector<Event> dense(std::size_t n, std::uint64_t seed) { return three_relations(n, seed, 20'000); }

// Resources are granted, used (mostly recent ones, one in a thousand use of any) and revoked.
std::vector<Event> grants(std::size_t n, std::uint64_t seed) {
  Random r(seed);
  std::vector<Event> out;
  std::vector<std::int64_t> live;
  std::int64_t next = 0;
  out.reserve(n);
  while (out.size() < n) {
    auto dice = r() % 100;
    if (dice < 25 || live.size() < 50) {
      live.push_back(++next);
      out.push_back({0, next, 0});
    } else if (dice < 45) {
      auto i = r() % live.size();
      out.push_back({1, live[i], 0});
      live[i] = live.back();
      live.pop_back();
    } else {
      bool any = r() % 1000 == 0;
      auto recent = std::min<std::size_t>(live.size(), 2000);
      std::int64_t x = any ? static_cast<std::int64_t>(r() % static_cast<std::uint64_t>(next)) + 1 : live[live.size() - 1 - r() % recent];
      out.push_back({2, x, static_cast<std::int64_t>(r() % 1000)});
    }
  }
  return out;
}

std::vector<Event> readings(std::size_t n, std::uint64_t seed) {
  Random r(seed);
  std::vector<Event> out;
  out.reserve(n);
  while (out.size() < n) out.push_back({0, static_cast<std::int64_t>(r() % 1000), static_cast<std::int64_t>(r() % 1'000'000'000)});
  return out;
}

// Readings of which every second is one of ten codes.
std::vector<Event> coded(std::size_t n, std::uint64_t seed) {
  auto out = readings(n, seed);
  for (std::size_t i = 0; i < out.size(); i += 2) out[i].b %= 10;
  return out;
}

// Every request but one in a thousand is answered within 25 seconds.
std::vector<Event> requests(std::size_t n, std::uint64_t seed) {
  Random r(seed);
  std::vector<Event> out;
  using Due = std::tuple<std::size_t, std::int64_t, std::int64_t>;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  std::int64_t next = 0;
  out.reserve(n);
  while (out.size() < n) {
    if (!due.empty() && std::get<0>(due.top()) <= out.size()) {
      out.push_back({1, std::get<1>(due.top()), std::get<2>(due.top())});
      due.pop();
      continue;
    }
    auto party = static_cast<std::int64_t>(r() % 50);
    ++next;
    if (r() % 1000 != 0) due.emplace(out.size() + 1 + r() % (25 * kEventsPerSecond), next, party);
    out.push_back({0, next, party});
  }
  return out;
}

Signature signature(std::initializer_list<std::pair<const char*, int>> predicates) {
  Signature s;
  for (auto& [name, n] : predicates) s.add({name, std::vector<Type>(static_cast<std::size_t>(n), Type::integer), {}});
  return s;
}

std::vector<logic::NamedFormula> clauses(std::int64_t w) {
  auto x = var("x"), y = var("y"), z = var("z");
  Formula r = pred("p", {x, y});
  auto count = [&](std::int64_t n) {
    return plan::aggregate("c", Aggregate::count, "y", {"x"}, once(within(w), r)) && gt(var("c"), num(n)) && pred("p", {x, z});
  };
  std::vector<logic::NamedFormula> all;
  for (std::int64_t n : {35, 40, 45, 50}) all.push_back({fmt::format("more than {}", n), count(n), {}});
  for (std::int64_t n : {8, 9})
    all.push_back({"highest", plan::aggregate("m", Aggregate::maximum, "y", {"x"}, once(within(w), r)) && pred("p", {x, num(n)}), {}});
  for (std::int64_t k : {1, 2, 3}) all.push_back({"again soon", pred("p", {x, num(k)}) && once(within(w), pred("p", {x, num(k + 1)})), {}});
  for (std::int64_t k : {1, 2, 3}) all.push_back({"unanswered", pred("p", {x, num(k)}) && !eventually(between(1, w / 2), exists({"y"}, r)), {}});
  return all;
}

}  // namespace

std::vector<Workload> workloads(std::int64_t w) {
  auto x = var("x"), y = var("y"), z = var("z"), u = var("u");
  Formula a = pred("A", {x, y}), b = pred("B", {x, z}), c = pred("C", {x, var("w")}), p = pred("p", {x, y});
  Formula count = plan::aggregate("c", Aggregate::count, "y", {"x"}, once(within(w), p));
  Formula join = once(within(w), a) && b;
  auto abc = signature({{"A", 2}, {"B", 2}, {"C", 2}});
  auto one = [](Formula f) { return std::vector<logic::NamedFormula>{{"", std::move(f), {}}}; };
  return {
      {"a_join", abc, one(join), fmt::format("(ONCE[0,{}] A(x,y)) AND B(x,z)", w), star},
      {"b_since", signature({{"grant", 1}, {"revoke", 1}, {"use", 2}}),
       one(pred("use", {x, u}) && !since(!pred("revoke", {x}), within(w), pred("grant", {x}))),
       fmt::format("use(x,u) AND NOT ((NOT revoke(x)) SINCE[0,{}] grant(x))", w), grants},
      {"c_agg", signature({{"p", 2}}), one(count && gt(var("c"), num(90))), fmt::format("(c <- CNT y;x ONCE[0,{}] p(x,y)) AND c > 90", w),
       readings},
      {"c2_aggguard", signature({{"p", 2}}), one((count && pred("p", {x, z})) && gt(var("c"), num(85))),
       fmt::format("((c <- CNT y;x ONCE[0,{}] p(x,y)) AND p(x,z)) AND c > 85", w), readings},
      {"d_deadline", signature({{"req", 2}, {"ack", 2}}),
       one(pred("req", {var("i"), x}) && !eventually(within(w / 2), pred("ack", {var("i"), x}))),
       fmt::format("req(i,x) AND NOT (EVENTUALLY[0,{}] ack(i,x))", w / 2), requests},
      {"e_star3", abc, one(join && eventually(within(w), c)),
       fmt::format("((ONCE[0,{0}] A(x,y)) AND B(x,z)) AND (EVENTUALLY[0,{0}] C(x,w))", w), star},
      {"f_triangle", abc, one((once(within(w), a) && once(within(w), pred("B", {y, z}))) && pred("C", {z, x})),
       fmt::format("((ONCE[0,{0}] A(x,y)) AND (ONCE[0,{0}] B(y,z))) AND C(z,x)", w), dense},
      {"g_since_unbounded", signature({{"grant", 1}, {"revoke", 1}, {"use", 2}}),
       one(pred("use", {x, u}) && !since(!pred("revoke", {x}), always_interval(), pred("grant", {x}))),
       "use(x,u) AND NOT ((NOT revoke(x)) SINCE grant(x))", grants},
      {"h_dozen_clauses", signature({{"p", 2}}), clauses(w), "", coded},
  };
}

std::string log_text(const Workload& w, const std::vector<Event>& events, std::size_t per_point) {
  std::string out;
  std::size_t points_per_second = kEventsPerSecond / per_point;
  for (std::size_t i = 0, point = 0; i < events.size(); i += per_point, ++point) {
    out += fmt::format("@{}", point / points_per_second);
    for (std::size_t k = i; k < std::min(events.size(), i + per_point); ++k) {
      auto& p = w.signature[events[k].predicate];
      out += fmt::format(" {}({}", p.name, events[k].a);
      if (p.columns.size() > 1) out += fmt::format(",{}", events[k].b);
      out += ')';
    }
    out += ";\n";
  }
  return out;
}

}  // namespace surety::bench
