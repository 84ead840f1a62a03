#include "generate.h"

#include <algorithm>

namespace surety::differential {
namespace {

using plan::Formula;
using plan::Interval;
using plan::Node;
using plan::Op;
using plan::Term;
using plan::Type;

// A variable's first letter tells its type: x int, f float, s string.
using Vars = std::vector<std::string>;

constexpr plan::Ticks kHour = 3'600'000'000;

class Generator {
 public:
  Generator(Random& random, const Shape& shape) : random_(random), shape_(shape) {}

  Formula top() {
    Vars free;
    const int n = pick(4);
    for (int i = 0; i < n; ++i) free.push_back(fresh());
    return formula(free, shape_.depth);
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  bool chance(int percent) { return pick(100) < percent; }
  std::string fresh() {
    const int kind = pick(10);
    return std::string(kind < 7 ? "x" : kind < 8 ? "f" : "s") + std::to_string(++names_);
  }

  // Ends of days at midnight, clocks that change in the night and at midnight, forwards and back.
  plan::Bound calendar_bound(int more) {
    static const char* const kZones[] = {"Europe/Kyiv", "Europe/Kyiv", "Europe/Kyiv", "Asia/Beirut", "America/Havana", "UTC"};
    plan::CalendarBound c;
    const int unit = pick(10);
    c.span.unit = unit < 6 ? CalendarUnit::days : unit < 8 ? CalendarUnit::months : CalendarUnit::working_days;
    c.span.n = more + pick(unit < 6 ? 4 : 2);
    c.clock.zone = kZones[pick(6)];
    c.clock.rounding = chance(50) ? MonthRounding::down : MonthRounding::up;
    c.clock.start_day_counted = chance(20);
    c.from = chance(50) ? plan::From::earlier : plan::From::later;
    return {0, c, chance(30)};
  }

  Interval calendar_interval(bool bounded) {
    Interval i;
    if (chance(40)) i.lower = chance(30) ? plan::Bound{kHour * pick(40), std::nullopt, chance(30)} : calendar_bound(0);
    if (bounded || chance(70)) i.upper = calendar_bound(1);
    return i;
  }

  Interval interval(bool bounded) {
    if (shape_.calendar && chance(85)) return calendar_interval(bounded);
    Interval i = plan::at_least(pick(3));
    i.lower.open = chance(20);
    if (bounded || chance(70)) i.upper = plan::Bound{i.lower.ticks + 1 + pick(4), std::nullopt, false};
    if (i.upper) i.upper->open = i.upper->ticks - i.lower.ticks > 1 && chance(20);
    return i;
  }

  Vars subset(const Vars& v, int percent) {
    Vars out;
    for (const auto& x : v)
      if (chance(percent)) out.push_back(x);
    return out;
  }

  Term constant(char type) {
    if (type == 'f') return plan::real(std::vector<double>{0, 0.5, 1, -2}[static_cast<std::size_t>(pick(4))]);
    if (type == 's') return plan::str(std::vector<std::string>{"a", "b", "ab"}[static_cast<std::size_t>(pick(3))]);
    return plan::num(pick(4));
  }

  // Predicates that bind exactly the variables.
  Formula atoms(const Vars& free) {
    if (free.empty()) return chance(15) ? plan::truth() : plan::pred("T");
    Vars left = free;
    std::shuffle(left.begin(), left.end(), random_);
    std::vector<Formula> parts;
    Vars ints;
    for (const auto& v : left)
      if (v[0] == 'x') ints.push_back(v);
    for (const auto& v : left) {
      if (v[0] == 'x') continue;
      if (v[0] == 'f')
        parts.push_back(chance(50) ? plan::pred("F", {plan::var(v)}) : plan::pred("G", {integer(ints), plan::var(v)}));
      else
        parts.push_back(chance(50) ? plan::pred("W", {plan::var(v)}) : plan::pred("V", {integer(ints), plan::var(v)}));
    }
    while (!ints.empty()) {
      const int width = std::min<int>(1 + pick(3), 3);
      std::vector<Term> args;
      for (int k = 0; k < width; ++k) {
        if (!ints.empty() && (k == 0 || chance(70))) {
          args.push_back(plan::var(ints.back()));
          ints.pop_back();
        } else {
          args.push_back(chance(50) ? constant('x') : args.front());
        }
      }
      static const char* const kOne[] = {"P", "Q", "U"};
      if (shape_.clock && width < 3 && chance(15)) {
        parts.push_back(plan::pred(width == 2 ? "tpts" : chance(50) ? "tp" : "ts", args));
        continue;
      }
      parts.push_back(plan::pred(width == 1 ? kOne[pick(3)] : width == 2 ? "R" : "S", args));
    }
    return plan::all_of(parts);
  }
  Term integer(Vars& ints) {
    if (ints.empty() || chance(30)) return constant('x');
    const Term t = plan::var(ints.back());
    ints.pop_back();
    return t;
  }

  Formula comparison(const Vars& free) {
    const std::string& v = free[static_cast<std::size_t>(pick(static_cast<int>(free.size())))];
    Term left = plan::var(v), right = constant(v[0]);
    for (const auto& w : free)
      if (w != v && w[0] == v[0] && chance(60)) right = plan::var(w);
    if (v[0] == 's' && chance(40))
      return chance(50) ? plan::substring(left, right) : plan::matches(left, plan::pattern(chance(50) ? "a.*" : "^b"));
    if (v[0] != 's' && chance(40)) {
      static constexpr Term::Op kOps[] = {Term::Op::add, Term::Op::subtract, Term::Op::multiply, Term::Op::divide};
      left = plan::call(kOps[pick(4)], {left, constant(v[0])});
    }
    switch (pick(3)) {
      case 0:
        return plan::eq(left, right);
      case 1:
        return plan::lt(left, right);
      default:
        return plan::le(left, right);
    }
  }

  Formula formula(const Vars& free, int depth) {
    if (depth <= 0 || chance(8)) return atoms(free);
    switch (pick(20)) {
      case 0:
      case 1:
        return joined(free, depth);
      case 2:
        return joined(free, depth) && !formula(subset(free, 60), depth - 1);
      case 3:
        return free.empty() ? joined(free, depth) : formula(free, depth - 1) && comparison(free);
      case 4:
        return computed(free, depth);
      case 5:
        return formula(free, depth - 1) || formula(free, depth - 1);
      case 6: {
        Vars more = free;
        more.push_back(fresh());
        return plan::exists({more.back()}, formula(more, depth - 1));
      }
      case 7:
        return plan::previous(interval(false), formula(free, depth - 1));
      case 8:
        return shape_.future ? plan::next(interval(false), formula(free, depth - 1)) : joined(free, depth);
      case 9:
      case 10:
        return plan::once(interval(false), formula(free, depth - 1));
      case 11:
        return shape_.future ? plan::eventually(interval(true), formula(free, depth - 1)) : joined(free, depth);
      case 12:
      case 13:
        return plan::since(left_of(free, depth), interval(false), formula(free, depth - 1));
      case 14:
        return shape_.future ? plan::until(left_of(free, depth), interval(true), formula(free, depth - 1)) : joined(free, depth);
      case 15:
        return formula(free, depth - 1) && universal(free, depth);
      case 16:
      case 17:
        return shape_.aggregates ? aggregation(free, depth) : joined(free, depth);
      case 18:
        return shape_.lets ? let(free, depth) : joined(free, depth);
      default:
        return shape_.dynamic ? dynamic(free, depth) : joined(free, depth);
    }
  }

  Formula joined(const Vars& free, int depth) {
    Vars a = subset(free, 60), b = subset(free, 60);
    for (const auto& v : free) {
      if (std::find(a.begin(), a.end(), v) == a.end() && std::find(b.begin(), b.end(), v) == b.end()) a.push_back(v);
    }
    return formula(a, depth - 1) && formula(b, depth - 1);
  }

  Formula left_of(const Vars& free, int depth) {
    const Formula f = formula(subset(free, 60), depth - 1);
    return chance(50) ? !f : f;
  }

  Formula universal(const Vars& free, int depth) {
    const Formula g = formula(subset(free, 60), depth - 1);
    const bool future = shape_.future && chance(50);
    const Interval i = interval(future);
    const Formula inside = chance(50) ? !g : plan::implies(plan::pred("T"), !g);
    return future ? plan::always(i, inside) : plan::historically(i, inside);
  }

  Formula computed(const Vars& free, int depth) {
    for (std::size_t k = 0; k < free.size(); ++k) {
      if (free[k][0] != 'x') continue;
      Vars rest = free;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(k));
      Term t = constant('x');
      for (const auto& v : rest)
        if (v[0] == 'x') t = chance(30) ? plan::var(v) : plan::var(v) + constant('x');
      return formula(rest, depth - 1) && plan::eq(plan::var(free[k]), t);
    }
    return joined(free, depth);
  }

  Formula aggregation(const Vars& free, int depth) {
    using plan::Aggregate;
    for (const auto& result : free) {
      if (result[0] == 's' || chance(30)) continue;
      Vars by;
      for (const auto& v : free)
        if (v != result) by.push_back(v);
      const bool whole = result[0] == 'x';
      Aggregate op = Aggregate::average;
      std::string over = (chance(70) ? "x" : "f") + std::to_string(++names_);
      if (whole) {
        static constexpr Aggregate kOps[] = {Aggregate::count, Aggregate::count, Aggregate::sum, Aggregate::minimum, Aggregate::maximum};
        op = kOps[pick(5)];
        over = "x" + std::to_string(++names_);
      } else if (chance(60)) {
        static constexpr Aggregate kOps[] = {Aggregate::sum, Aggregate::minimum, Aggregate::maximum, Aggregate::median};
        op = kOps[pick(4)];
        if (op != Aggregate::median) over = "f" + std::to_string(++names_);
      }
      Vars inside = by;
      inside.push_back(over);
      if (chance(30)) inside.push_back(fresh());
      return plan::aggregate(result, op, over, by, formula(inside, depth - 1));
    }
    return joined(free, depth);
  }

  Formula let(const Vars& free, int depth) {
    const std::string name = "L" + std::to_string(++names_);
    Vars params, used = subset(free, 70);
    for (const auto& v : used) params.push_back(std::string(1, v[0]) + std::to_string(++names_));
    std::vector<Term> args;
    for (const auto& v : used) args.push_back(plan::var(v));
    const Formula use = plan::pred(name, args);
    Vars rest;
    for (const auto& v : free)
      if (std::find(used.begin(), used.end(), v) == used.end()) rest.push_back(v);
    const Formula body = (chance(50) ? plan::once(interval(false), use) : use) && formula(rest, depth - 1);
    if (shape_.let_past && chance(30)) {
      std::vector<Term> self;
      for (const auto& p : params) self.push_back(plan::var(p));
      const Formula again = plan::previous(interval(false), plan::pred(name, self));
      const Formula start = formula(params, depth - 1);
      return plan::let_past(name, params, start || again, body);
    }
    return plan::let(name, params, formula(params, depth - 1), body);
  }

  // The variables are bound where the reading begins: on the left forwards, on the right backwards.
  Formula dynamic(const Vars& free, int depth) {
    using plan::Regex;
    const bool future = shape_.future && chance(50);
    std::vector<Formula> tests{formula(free, depth - 1)};
    const auto test = [&](std::size_t n) { return Regex{Regex::Op::test, n, {}}; };
    const auto more = [&] {
      const Formula f = formula(subset(free, 50), depth - 2);
      tests.push_back(chance(30) ? !f : f);
      return test(tests.size() - 1);
    };
    const Regex any;
    Regex loop{Regex::Op::star, 0, {chance(50) ? any : Regex{Regex::Op::concat, 0, {more(), any}}}};
    if (chance(30)) loop = Regex{Regex::Op::either, 0, {loop, Regex{Regex::Op::concat, 0, {any, any}}}};
    std::vector<Regex> parts{test(0), loop};
    if (chance(50)) parts.push_back(more());
    if (!future) std::reverse(parts.begin(), parts.end());
    const Regex r{Regex::Op::concat, 0, parts};
    return future ? plan::match_future(interval(true), r, tests) : plan::match_past(interval(false), r, tests);
  }

  Random& random_;
  const Shape& shape_;
  int names_ = 0;
};

Formula with_sub(const Formula& f, std::size_t k, const Formula& sub) {
  Node n = *f;
  n.sub[k] = sub;
  return Formula(std::move(n));
}

}  // namespace

logic::Signature test_signature() {
  logic::Signature s;
  const Type i = Type::integer, f = Type::real, t = Type::text;
  for (const char* name : {"P", "Q", "U"}) s.add({name, {i}, {}});
  s.add({"R", {i, i}, {}});
  s.add({"S", {i, i, i}, {}});
  s.add({"T", {}, {}});
  s.add({"F", {f}, {}});
  s.add({"G", {i, f}, {}});
  s.add({"W", {t}, {}});
  s.add({"V", {i, t}, {}});
  return s;
}

plan::Formula random_formula(Random& random, const Shape& shape) { return Generator(random, shape).top(); }

std::vector<Point> random_trace(Random& random, const Shape& shape) {
  const logic::Signature sig = test_signature();
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<std::uint64_t>(n)); };
  std::vector<Point> trace;
  plan::Ticks ts = 0;
  // Midnight in Kyiv, some days before a change of clocks there or some weeks; then edges of days and of
  // the hour that is left out or shown twice.
  struct Stretch {
    plan::Ticks midnight;
    int days;
  };
  static constexpr Stretch kStretches[] = {{484'150, 8}, {489'213, 8}, {482'806, 75}};  // hours since 1970
  static constexpr plan::Ticks kHours[] = {-1, 0, 0, 1, 2, 3, 4, 5, 14};
  const Stretch stretch = shape.calendar ? kStretches[pick(3)] : Stretch{};
  for (int k = 0; k < shape.points; ++k) {
    if (shape.calendar)
      ts = (stretch.midnight + 24 * pick(stretch.days) + kHours[pick(9)]) * kHour + (pick(2) == 0   ? 0
                                                                                     : pick(2) == 0 ? -1
                                                                                                    : pick(2'000'000'000));
    else
      ts += pick(10) == 0 ? 3 + pick(4) : pick(3);
    Point p{ts, {}};
    for (const logic::Predicate& q : sig.all()) {
      for (int n = pick(4) - 1; n > 0; --n) {
        Row row;
        for (const Type t : q.columns) {
          if (t == Type::integer)
            row.push_back(std::int64_t{pick(4)});
          else if (t == Type::real)
            row.push_back(std::vector<double>{0, 0.5, 1, -2}[static_cast<std::size_t>(pick(4))]);
          else
            row.push_back(std::vector<std::string>{"a", "b", "ab"}[static_cast<std::size_t>(pick(3))]);
        }
        p.facts[q.name].insert(std::move(row));
      }
    }
    trace.push_back(std::move(p));
  }
  return trace;
}

std::vector<plan::Formula> simpler(const plan::Formula& f) {
  std::vector<Formula> out;
  for (const Formula& s : f->sub) out.push_back(s);
  if (f->op == Op::let || f->op == Op::let_past) out.erase(out.begin(), out.begin() + 1);
  if (f->op == Op::aggregate) out.clear();
  for (std::size_t k = 0; k < f->sub.size(); ++k) {
    for (const Formula& s : simpler(f->sub[k])) out.push_back(with_sub(f, k, s));
  }
  if (!f->interval.unconstrained() && f->op >= Op::previous && f->op <= Op::until) {
    Node n = *f;
    if (n.interval.upper && !n.interval.upper->calendar)
      n.interval = plan::within(n.interval.upper->ticks);
    else
      n.interval.lower = {};
    if (!(n.interval == f->interval)) out.push_back(Formula(std::move(n)));
  }
  return out;
}

std::vector<std::vector<Point>> simpler(const std::vector<Point>& trace) {
  std::vector<std::vector<Point>> out;
  for (std::size_t size = trace.size() / 2; size > 0; size /= 2) {
    for (std::size_t from = 0; from + size <= trace.size(); from += size) {
      auto t = trace;
      t.erase(t.begin() + static_cast<std::ptrdiff_t>(from), t.begin() + static_cast<std::ptrdiff_t>(from + size));
      out.push_back(std::move(t));
    }
  }
  for (std::size_t i = 0; i < trace.size(); ++i) {
    for (const auto& [name, rows] : trace[i].facts) {
      for (const Row& r : rows) {
        auto t = trace;
        t[i].facts[name].erase(r);
        if (t[i].facts[name].empty()) t[i].facts.erase(name);
        out.push_back(std::move(t));
      }
    }
  }
  return out;
}

std::vector<plan::Formula> all_formulas(int operators) {
  std::vector<std::vector<Formula>> by_size(static_cast<std::size_t>(operators) + 1);
  by_size[0] = {plan::pred("P", {plan::var("x")}), plan::pred("Q", {plan::var("x")})};
  for (std::size_t n = 1; n < by_size.size(); ++n) {
    for (const Formula& f : by_size[n - 1]) {
      for (const Interval& i : {plan::within(1), plan::between(1, 2)}) {
        by_size[n].insert(by_size[n].end(), {plan::previous(i, f), plan::next(i, f), plan::once(i, f), plan::eventually(i, f)});
      }
      by_size[n].push_back(plan::once(plan::always_interval(), f));
    }
    for (std::size_t k = 0; k < n; ++k) {
      for (const Formula& a : by_size[k]) {
        for (const Formula& b : by_size[n - 1 - k]) {
          by_size[n].insert(by_size[n].end(),
                            {a && b, a && !b, a || b, plan::since(a, plan::within(1), b), plan::since(!a, plan::between(1, 2), b),
                             plan::until(a, plan::within(1), b), plan::until(!a, plan::between(1, 2), b)});
        }
      }
    }
  }
  std::vector<Formula> out;
  for (auto& fs : by_size) out.insert(out.end(), fs.begin(), fs.end());
  return out;
}

std::vector<std::vector<Point>> all_traces(int points) {
  std::vector<std::vector<Point>> out{{}}, last{{}};
  for (int n = 0; n < points; ++n) {
    std::vector<std::vector<Point>> next;
    for (const auto& t : last) {
      for (int facts = 0; facts < 4; ++facts) {
        for (plan::Ticks step = 0; step < (t.empty() ? 1 : 2); ++step) {
          auto longer = t;
          Point p{t.empty() ? 0 : t.back().ts + step, {}};
          if (facts & 1) p.facts["P"].insert(Row{std::int64_t{0}});
          if (facts & 2) p.facts["Q"].insert(Row{std::int64_t{0}});
          longer.push_back(std::move(p));
          next.push_back(std::move(longer));
        }
      }
    }
    out.insert(out.end(), next.begin(), next.end());
    last = std::move(next);
  }
  return out;
}

}  // namespace surety::differential
