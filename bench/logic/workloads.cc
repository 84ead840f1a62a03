#include "workloads.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <queue>
#include <random>

#include "logic/front/parse_formula.h"
#include "logic/front/read_signature.h"

namespace surety::bench {
namespace {
using namespace plan;

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

// What is open: users that are logged in, files, locks held by a thread.
struct Open {
  std::vector<std::int64_t> ids;
  std::int64_t next = 0;
  std::int64_t open() { return ids.push_back(++next), next; }
  std::int64_t close(Random& r) {
    const auto i = r() % ids.size();
    const auto id = ids[i];
    ids[i] = ids.back();
    ids.pop_back();
    return id;
  }
  // One in a thousand is any that ever was.
  std::int64_t some(Random& r) const {
    return r() % 1000 == 0 ? static_cast<std::int64_t>(r() % static_cast<std::uint64_t>(next)) + 1 : ids[r() % ids.size()];
  }
};

// login, logout, open, close, access: about 1000 users and 1000 files at a time.
std::vector<Event> accesses(std::size_t n, std::uint64_t seed) {
  Random r(seed);
  Open kinds[2];
  std::vector<Event> out;
  out.reserve(n);
  while (out.size() < n) {
    const auto k = static_cast<logic::PredicateIndex>(r() % 2);
    const auto dice = r() % 10;
    if (kinds[k].ids.size() < 2 || (dice < 2 && kinds[k].ids.size() < 1000))
      out.push_back({2 * k, kinds[k].open(), 0});
    else if (dice < 2)
      out.push_back({2 * k + 1, kinds[k].close(r), 0});
    else if (!kinds[0].ids.empty() && !kinds[1].ids.empty())
      out.push_back({4, kinds[0].some(r), kinds[1].some(r)});
  }
  return out;
}

// open(f, mode), close(f): about 1000 files at a time.
std::vector<Event> files(std::size_t n, std::uint64_t seed) {
  Random r(seed);
  Open files;
  std::vector<Event> out;
  out.reserve(n);
  while (out.size() < n) {
    if (files.ids.size() < 1000)
      out.push_back({0, files.open(), static_cast<std::int64_t>(r() % 2)});
    else
      out.push_back({1, r() % 1000 == 0 ? files.some(r) : files.close(r), 0});
  }
  return out;
}

// acq(t, l), rel(t, l), sleep(t): 100 threads that hold up to ten of 2000 locks. One time in a
// thousand any lock is taken and left, whoever holds it.
std::vector<Event> locks(std::size_t n, std::uint64_t seed) {
  Random r(seed);
  std::vector<std::vector<std::int64_t>> held(100);
  std::vector<bool> taken(2000);
  std::vector<Event> out;
  out.reserve(n);
  while (out.size() < n) {
    const auto t = r() % held.size(), l = r() % taken.size();
    const auto thread = static_cast<std::int64_t>(t), lock = static_cast<std::int64_t>(l);
    if (r() % 1000 == 0) {
      out.push_back({0, thread, lock});
      out.push_back({1, thread, lock});
    } else if (held[t].empty() && r() % 2 == 0) {
      out.push_back({2, thread, 0});
    } else if (held[t].size() < 10 && r() % 2 == 0) {
      if (taken[l]) continue;
      taken[l] = true;
      held[t].push_back(lock);
      out.push_back({0, thread, lock});
    } else if (!held[t].empty()) {
      taken[static_cast<std::size_t>(held[t].back())] = false;
      out.push_back({1, thread, held[t].back()});
      held[t].pop_back();
    }
  }
  return out;
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
  for (std::int64_t k : {1, 2, 3})
    all.push_back({"unanswered", pred("p", {x, num(k)}) && !eventually(between(1, w / 2), exists({"y"}, r)), {}});
  return all;
}

// `formula` is in the peers' syntax, with {w} for the window, {h} for half of it and {d} for two fifths.
Workload workload(const char* name, const char* signature, std::string formula, std::vector<Event> (*events)(std::size_t, std::uint64_t),
                  std::int64_t w) {
  const std::pair<const char*, std::int64_t> kSizes[] = {{"{w}", w}, {"{h}", w / 2}, {"{d}", w * 2 / 5}};
  for (const auto& [mark, size] : kSizes)
    for (std::size_t at; (at = formula.find(mark)) != std::string::npos;) formula.replace(at, 3, std::to_string(size));
  auto sig = logic::read_signature(signature);
  auto f = logic::parse_formula(formula);
  if (!sig || !f) {
    std::fputs((sig ? f.error() : sig.error()).text().c_str(), stderr);
    std::exit(3);
  }
  return {name, std::move(*sig), {{"", std::move(*f), {}}}, std::move(formula), events};
}

}  // namespace

// i and j: Schneider et al., RV 2018, linear and triangle (star is e). k to n: DejaVu's ACCESS and FILE (Havelund,
// Peled, Ulus, FMCAD 2017), LOCKS (Havelund, Peled, Ulus, FMSD 2020) and a command's time bound (Havelund, Peled,
// ATVA 2020), asked for what violates them.
std::vector<Workload> workloads(std::int64_t w) {
  const char *abc = "A(int,int) B(int,int) C(int,int)", *grant = "grant(int) revoke(int) use(int,int)", *p = "p(int,int)";
  std::vector<Workload> all = {
      workload("a_join", abc, "(ONCE[0,{w}] A(x,y)) AND B(x,z)", star, w),
      workload("b_since", grant, "use(x,u) AND NOT ((NOT revoke(x)) SINCE[0,{w}] grant(x))", grants, w),
      workload("c_agg", p, "(c <- CNT y;x ONCE[0,{w}] p(x,y)) AND c > 90", readings, w),
      workload("c2_aggguard", p, "((c <- CNT y;x ONCE[0,{w}] p(x,y)) AND p(x,z)) AND c > 85", readings, w),
      workload("d_deadline", "req(int,int) ack(int,int)", "req(i,x) AND NOT (EVENTUALLY[0,{h}] ack(i,x))", requests, w),
      workload("e_star3", abc, "((ONCE[0,{w}] A(x,y)) AND B(x,z)) AND (EVENTUALLY[0,{w}] C(x,w))", star, w),
      workload("f_triangle", abc, "((ONCE[0,{w}] A(x,y)) AND (ONCE[0,{w}] B(y,z))) AND C(z,x)", dense, w),
      workload("g_since_unbounded", grant, "use(x,u) AND NOT ((NOT revoke(x)) SINCE grant(x))", grants, w),
      {"h_dozen_clauses", *logic::read_signature(p), clauses(w), "", coded},
      workload("i_linear", abc, "((ONCE[0,{w}] A(w,x)) AND B(x,y)) AND (EVENTUALLY[0,{w}] C(y,z))", dense, w),
      workload("j_triangle_ahead", abc, "((ONCE[0,{w}] A(x,y)) AND B(y,z)) AND (EVENTUALLY[0,{w}] C(z,x))", dense, w),
      workload("k_access", "login(int) logout(int) open(int) close(int) access(int,int)",
               "(access(u,f) AND NOT ((NOT logout(u)) SINCE login(u))) OR (access(u,f) AND NOT ((NOT close(f)) SINCE open(f)))", accesses,
               w),
      workload("l_file", "open(int,int) close(int)", "close(f) AND NOT (EXISTS m. PREVIOUS ((NOT close(f)) SINCE open(f,m)))", files, w),
      workload("m_locks", "acq(int,int) rel(int,int) sleep(int)",
               "(sleep(t) AND ((NOT rel(t,l)) SINCE acq(t,l))) OR (acq(t,l) AND EXISTS s. PREVIOUS ((NOT rel(s,l)) SINCE acq(s,l))) OR "
               "(rel(t,l) AND NOT PREVIOUS ((NOT rel(t,l)) SINCE acq(t,l)))",
               locks, w),
      workload("n_commands", "dispatch(int,int) complete(int,int)",
               "(complete(c,x) AND NOT (ONCE[0,{d}] dispatch(c,x))) OR "
               "(complete(c,x) AND NOT PREVIOUS ((NOT complete(c,x)) SINCE dispatch(c,x)))",
               requests, w),
  };
  return all;
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
