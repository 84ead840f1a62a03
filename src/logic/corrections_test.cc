// Whatever the order of arrival, the verdicts that stand at the end are those of the sorted final
// facts: random permutations, duplicates, withdrawals and replacements, watermarks moved at random.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "logic/monitor.h"

namespace surety::logic {
namespace {
using namespace plan;

Signature sig() {
  Signature s;
  s.add({"P", {Type::integer}, {}});
  s.add({"Q", {Type::integer}, {}});
  s.add({"R", {Type::integer, Type::integer}, {}});
  s.add({"T", {}, {}});
  return s;
}

Term x() { return var("x"); }
Term y() { return var("y"); }

std::vector<Formula> formulas() {
  Formula p = pred("P", {x()}), q = pred("Q", {x()}), r = pred("R", {x(), y()});
  Formula count = plan::aggregate("c", Aggregate::count, "y", {"x"}, once(within(10), r));
  return {
      once(within(10), r) && p,
      once(between(3, 9), r) && p,
      once(always_interval(), q) && r,
      p && !since(!q, within(12), exists({"y"}, r)),
      since(p, within(8), q) && r,
      p && !eventually(within(7), q),
      p && eventually(between(2, 9), r),
      until(!q, within(9), p),
      until(p, within(9), q),
      count && ge(var("c"), num(2)) && p,
      count && ge(var("c"), num(2)),
      plan::aggregate("m", Aggregate::median, "y", {"x"}, once(within(6), r)) && q,
      plan::aggregate("s", Aggregate::sum, "y", {}, r),
      previous(within(6), p),
      next(within(6), p) && !q,
      (once(within(5), p) || once(within(9), q)) && r,
      once(within(8), p) && !once(within(4), q),
      once(within(6), once(within(5), p)) && q,
      exists({"y"}, r && once(within(5), pred("Q", {y()}))) && !pred("T"),
      let("V", {"x"}, p && once(within(9), q), pred("V", {y()}) && once(within(9), pred("R", {x(), y()}))),
      p && !once(within(5), q) && eventually(within(5), once(within(3), r)),
      forall({"x"}, implies(p, once(within(6), q))),
  };
}

// Where a log's stamps lie. Plain: 0 to 39, as ever. On a calendar: microseconds, the edges of days and of
// changed hours in Kyiv, over some days or, by seed, some weeks.
struct Axis {
  bool calendar = false;
  Ticks midnight = 0;
  unsigned days = 0;

  Options options() const {
    Options o;
    if (calendar) o.scale = {1'000'000};
    return o;
  }
  Ticks stamp(std::mt19937& rng) const {
    if (!calendar) return static_cast<Ticks>(rng() % 40);
    static constexpr Ticks kHours[] = {-1, 0, 0, 1, 2, 3, 4, 5, 14};
    const Ticks hour = 24 * static_cast<Ticks>(rng() % days) + kHours[rng() % 9];
    return midnight + hour * kHour + (rng() % 2 == 0 ? 0 : static_cast<Ticks>(rng() % 3) - 1);
  }
  Ticks step(std::mt19937& rng) const { return calendar ? static_cast<Ticks>(rng() % (3 * days)) * kHour : static_cast<Ticks>(rng() % 8); }

  static constexpr Ticks kHour = 3'600'000'000;
};

Axis calendar_axis(unsigned seed) {
  static constexpr std::pair<Ticks, unsigned> kStretches[] = {{484'150, 8}, {489'213, 8}, {482'806, 75}};  // hours since 1970
  const auto& [hours, days] = kStretches[seed % 3];
  return {true, hours * Axis::kHour, days};
}

plan::Bound span(int n, CalendarUnit unit, plan::From from = plan::From::earlier, bool open = false) {
  return {0, plan::CalendarBound{{n, unit}, {"Europe/Kyiv", MonthRounding::down}, from}, open};
}

std::vector<Formula> calendar_formulas() {
  constexpr auto kDays = CalendarUnit::days, kMonths = CalendarUnit::months;
  constexpr auto kBack = plan::From::later;
  Formula p = pred("P", {x()}), q = pred("Q", {x()}), r = pred("R", {x(), y()});
  const Interval two_days{{}, span(2, kDays)}, last_day{{}, span(1, kDays, kBack)}, month{{}, span(1, kMonths)};
  const Interval half_open{span(1, kDays), span(3, kDays, plan::From::earlier, true)};
  const Interval lower{span(1, kDays, plan::From::earlier, true), std::nullopt};
  const Interval back{span(1, kDays, kBack), span(1, kMonths, kBack, true)};
  const Interval hours{{5 * Axis::kHour, std::nullopt, true}, span(2, kDays)};
  return {
      once(two_days, r) && p,
      once(half_open, r) && p,
      once(lower, q) && r,
      once(back, r) && q,
      once(hours, q) && r,
      p && !since(!q, last_day, exists({"y"}, r)),
      since(p, half_open, q) && r,
      !q && since(!q, lower, p),
      p && !eventually(two_days, q),
      p && eventually(half_open, r),
      p && !eventually(back, q),
      until(!q, hours, p),
      until(p, month, q),
      previous(last_day, p),
      next(half_open, p) && !q,
      plan::aggregate("c", Aggregate::count, "y", {"x"}, once(last_day, r)) && ge(var("c"), num(2)),
      plan::aggregate("m", Aggregate::median, "y", {"x"}, once(month, r)) && q,
      (once(last_day, p) || once(month, q)) && r,
      forall({"x"}, implies(p, once(back, q))),
      p && !once(two_days, q) && eventually(two_days, once(last_day, r)),
  };
}

struct Fact {
  PredicateIndex p = 0;
  std::vector<Value> args;
  Ticks ts = 0;
};

Fact random_fact(std::mt19937& rng, const Axis& axis = {}) {
  Fact f;
  f.p = rng() % 4;
  std::size_t n = f.p == 2 ? 2 : f.p == 3 ? 0 : 1;
  for (std::size_t i = 0; i < n; ++i) f.args.push_back(static_cast<std::int64_t>(rng() % 3));
  f.ts = axis.stamp(rng);
  return f;
}

using Standing = std::set<std::tuple<std::uint32_t, Ticks, std::vector<Value>>>;

// Applies changes, and checks that each is one: nothing falls that did not stand.
void apply(Monitor& m, Standing& now, std::map<std::tuple<std::uint32_t, Ticks, std::vector<Value>>, std::uint32_t>& versions) {
  for (auto& c : m.drain()) {
    auto key = std::tuple(c.formula, c.ts, c.row);
    EXPECT_EQ(++versions[key], c.version);
    if (c.kind == ChangeKind::withdrawn) {
      EXPECT_EQ(now.erase(key), 1u);
    } else {
      EXPECT_TRUE(now.insert(key).second);
      EXPECT_EQ(c.kind == ChangeKind::issued, c.version == 1);
    }
  }
}

Standing in_order(const std::vector<NamedFormula>& fs, std::vector<Fact> facts, const Axis& axis) {
  auto m = Monitor::compile(sig(), fs, axis.options());
  EXPECT_TRUE(m) << m.error().text();
  std::stable_sort(facts.begin(), facts.end(), [](auto& a, auto& b) { return a.ts < b.ts; });
  FactId id = 0;
  for (auto& f : facts) EXPECT_TRUE(m->insert(++id, f.p, f.args, f.ts));
  m->finish();
  Standing s;
  for (auto& c : m->drain()) s.insert({c.formula, c.ts, c.row});
  return s;
}

std::string show(const Standing& s) {
  std::string out;
  for (auto& [f, ts, row] : s) {
    out += fmt::format("{}@{}(", f, ts);
    for (auto& v : row) out += to_text(v) + ",";
    out += ") ";
  }
  return out;
}

// More than usual, from another first one: SURETY_SEEDS=1000 SURETY_FIRST_SEED=40.
int from_environment(const char* name, int otherwise) {
  const char* set = std::getenv(name);
  return set ? std::atoi(set) : otherwise;
}
int seeds() { return from_environment("SURETY_SEEDS", 40); }
int first_seed() { return from_environment("SURETY_FIRST_SEED", 0); }

// Arrivals: inserts, repeated inserts, withdrawals and replacements of random facts.
void scramble(std::mt19937& rng, const std::vector<NamedFormula>& fs, const std::string& what, const Axis& axis = {}) {
  auto m = Monitor::compile(sig(), fs, axis.options());
  ASSERT_TRUE(m) << m.error().text();
  std::map<FactId, Fact> final_facts;
  struct Arrival {
    FactId id;
    Fact fact;
    enum { insert, withdraw, replace } kind;
  };
  std::vector<Arrival> arrivals;
  for (FactId id = 1; id <= 25; ++id) {
    Fact f = random_fact(rng, axis);
    arrivals.push_back({id, f, Arrival::insert});
    if (rng() % 5 == 0) arrivals.push_back({id, f, Arrival::insert});
    auto fate = rng() % 6;
    if (fate == 0) {
      arrivals.push_back({id, f, Arrival::withdraw});
    } else {
      if (fate == 1) arrivals.push_back({id, f = random_fact(rng, axis), Arrival::replace});
      final_facts[id] = f;
    }
  }
  std::shuffle(arrivals.begin(), arrivals.end(), rng);
  Standing now;
  std::map<std::tuple<std::uint32_t, Ticks, std::vector<Value>>, std::uint32_t> versions;
  Ticks mark = axis.midnight;
  for (auto& a : arrivals) {
    if (a.kind == Arrival::insert) {
      ASSERT_TRUE(m->insert(a.id, a.fact.p, a.fact.args, a.fact.ts)) << what;
    } else if (a.kind == Arrival::withdraw) {
      ASSERT_TRUE(m->retract(a.id)) << what;
    } else {
      ASSERT_TRUE(m->replace(a.id, a.fact.p, a.fact.args, a.fact.ts)) << what;
    }
    if (rng() % 3 == 0) m->complete(mark += axis.step(rng));
    if (rng() % 3 == 0) apply(*m, now, versions);
  }
  m->finish();
  apply(*m, now, versions);
  std::vector<Fact> facts;
  for (auto& [id, f] : final_facts) facts.push_back(f);
  Standing expected = in_order(fs, facts, axis), extra, missing;
  std::set_difference(now.begin(), now.end(), expected.begin(), expected.end(), std::inserter(extra, extra.end()));
  std::set_difference(expected.begin(), expected.end(), now.begin(), now.end(), std::inserter(missing, missing.end()));
  EXPECT_EQ("extra: " + show(extra) + "missing: " + show(missing), "extra: missing: ") << what;
}

TEST(Corrections, AnyOrderOfArrivalGivesTheSameVerdicts) {
  auto all = formulas();
  for (std::size_t i = 0; i < all.size(); ++i)
    for (unsigned seed = static_cast<unsigned>(first_seed()); seed < static_cast<unsigned>(first_seed() + seeds()); ++seed) {
      std::mt19937 rng(seed * 1000 + static_cast<unsigned>(i));
      scramble(rng, {{"f", all[i], {}}}, fmt::format("seed {} of {}", seed, text(all[i])));
      if (HasFailure()) return;
    }
}

TEST(Corrections, AnyOrderOfArrivalGivesTheSameVerdictsOnACalendar) {
  auto all = calendar_formulas();
  std::vector<NamedFormula> together;
  for (auto& f : all) together.push_back({"f", f, {}});
  for (unsigned seed = static_cast<unsigned>(first_seed()); seed < static_cast<unsigned>(first_seed() + (seeds() + 9) / 10); ++seed) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::mt19937 rng(seed * 1000 + static_cast<unsigned>(i));
      scramble(rng, {{"f", all[i], {}}}, fmt::format("seed {} of {}", seed, text(all[i])), calendar_axis(seed + static_cast<unsigned>(i)));
      if (HasFailure()) return;
    }
    std::mt19937 rng(seed);
    scramble(rng, together, fmt::format("seed {} of all", seed), calendar_axis(seed));
    if (HasFailure()) return;
  }
}

// Each was once wrong: a point that is withdrawn and comes again at the end of the log was evaluated
// twice; an operator that formulas share was given rows that had expired and been told of; a count that
// one formula looks up and another follows forgot what it had told.
TEST(Corrections, OnceWrong) {
  auto all = formulas();
  std::vector<NamedFormula> everything;
  for (auto& f : all) everything.push_back({"f", f, {}});
  struct Case {
    std::vector<NamedFormula> formulas;
    unsigned seed;
  };
  for (auto& c :
       {Case{{{"f", all[13], {}}}, 2277 * 1000 + 13}, Case{everything, 259}, Case{{{"f", all[9], {}}, {"f", all[10], {}}}, 602}}) {
    std::mt19937 rng(c.seed);
    scramble(rng, c.formulas, fmt::format("seed {}", c.seed));
  }
}

TEST(Corrections, ManyFormulasShareOneState) {
  std::vector<NamedFormula> fs;
  for (auto& f : formulas()) fs.push_back({"f", f, {}});
  for (unsigned seed = static_cast<unsigned>(first_seed()); seed < static_cast<unsigned>(first_seed() + seeds()); ++seed) {
    std::mt19937 rng(seed);
    scramble(rng, fs, fmt::format("seed {}", seed));
    if (HasFailure()) return;
  }
}

// What is evaluated again for P(1) also says x = 3, which is nothing that P(1) can change: not to be issued twice.
TEST(Corrections, RowsOfAnotherKeyAreLeftAlone) {
  const auto r = pred("R", {y(), var("z")});
  auto m = Monitor::compile(sig(), {{"", (r && once(between(0, 5), pred("P", {x()}))) || (r && eq(x(), num(3))), {}}});
  ASSERT_TRUE(m) << m.error().text();
  const std::int64_t one = 1, seven = 7;
  ASSERT_TRUE(m->insert(1, 2, {seven, seven}, 10));
  m->complete(10);
  EXPECT_EQ(m->drain().size(), 1u);
  ASSERT_TRUE(m->insert(2, 0, {one}, 8));
  const auto late = m->drain();
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].version, 1u);
  ASSERT_TRUE(m->retract(1));
  EXPECT_EQ(m->drain().size(), 2u);
}

// At 6 NEXT was decided by 7, which is withdrawn; then 8 comes late, and ONCE must know at 8 what holds at 6.
TEST(Corrections, ANextThatIsWithdrawnIsFoundAgain) {
  auto m = Monitor::compile(sig(), {{"", once(between(0, 3), next({}, pred("Q", {x()}))), {}}});
  ASSERT_TRUE(m) << m.error().text();
  const std::int64_t zero = 0, three = 3;
  ASSERT_TRUE(m->insert(1, 0, {zero}, 6));
  m->complete(11);
  ASSERT_TRUE(m->insert(2, 0, {zero}, 7));
  (void)m->drain();
  ASSERT_TRUE(m->retract(2));
  (void)m->drain();
  ASSERT_TRUE(m->insert(3, 1, {three}, 8));
  EXPECT_EQ(m->drain().size(), 1u) << "at 6";
  ASSERT_TRUE(m->insert(4, 0, {zero}, 14));
  m->finish();
  const auto last = m->drain();
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].ts, 8);
}

// The first point comes late, so that what is taken over has never been at a point: its SUM over nothing is still to be told.
TEST(Corrections, ASumOverNothingIsToldThoughTheFirstPointIsLate) {
  auto m = Monitor::compile(
      sig(), {{"", exists({"s"}, plan::aggregate("s", plan::Aggregate::sum, "x", {}, once(within(9), pred("Q", {x()})))), {}}});
  ASSERT_TRUE(m) << m.error().text();
  const std::int64_t zero = 0;
  m->complete(3);
  ASSERT_TRUE(m->insert(1, 0, {zero}, 2));
  EXPECT_EQ(m->drain().size(), 1u);
}

// The point at 6 lies behind the watermark and beyond all points there are: what looks ahead from 4 has still to walk over it.
TEST(Corrections, WhatLooksAheadWalksOverALatePointBeyondItsLast) {
  auto m = Monitor::compile(sig(), {{"", once({}, eventually(between(1, 3), pred("P", {x()}))), {}}});
  ASSERT_TRUE(m) << m.error().text();
  const std::int64_t two = 2;
  ASSERT_TRUE(m->insert(1, 1, {two}, 4));
  m->complete(7);
  ASSERT_TRUE(m->insert(2, 0, {two}, 6));
  const auto first = m->drain();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].ts, 4);
  m->finish();
  const auto last = m->drain();
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].ts, 6);
}

// At 4 there was no point up to the frontier, so UNTIL was decided; 6 comes late and can itself be decided only
// when the frontier has moved. Then ONCE must have been told.
TEST(Corrections, ALatePointThatIsNotDecidedYetIsTakenUpWhenItIs) {
  const Formula t = pred("T");
  auto m = Monitor::compile(sig(), {{"", once(between(1, 2), until(eventually(within(4), t), within(4), t)), {}}});
  ASSERT_TRUE(m) << m.error().text();
  const std::int64_t two = 2;
  m->complete(9);
  ASSERT_TRUE(m->insert(1, 0, {two}, 4));
  EXPECT_TRUE(m->drain().empty());
  ASSERT_TRUE(m->insert(2, 3, {}, 6));
  EXPECT_TRUE(m->drain().empty());
  m->finish();
  const auto last = m->drain();
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].ts, 6);
}

// 8 is withdrawn, so that the private network has no point where it ends; what ONCE let go in between must still end SINCE.
TEST(Corrections, WhatExpiresWhereAPointWasStillEndsASince) {
  auto m = Monitor::compile(sig(), {{"", since(once(within(5), pred("P", {x()})), {}, pred("Q", {x()})), {}}});
  ASSERT_TRUE(m) << m.error().text();
  const std::int64_t two = 2, three = 3;
  ASSERT_TRUE(m->insert(1, 0, {two}, 1));
  ASSERT_TRUE(m->insert(2, 1, {two}, 4));
  ASSERT_TRUE(m->insert(3, 2, {two, two}, 8));
  m->complete(10);
  ASSERT_TRUE(m->replace(3, 2, std::vector<Value>{two, three}, 6));
  ASSERT_TRUE(m->insert(4, 2, {two, two}, 11));
  m->finish();
  std::vector<Ticks> stand;
  for (auto& c : m->drain())
    if (c.kind != ChangeKind::withdrawn) stand.push_back(c.ts);
  EXPECT_EQ(stand, (std::vector<Ticks>{4, 6}));
}

// The private network ends at 12, where R(1,0) is still too young; so it is admitted behind R(2,0), which
// started later, and must be gone at 22 all the same.
TEST(Corrections, ARowThatIsAdmittedBehindLaterOnesStillExpires) {
  auto m = Monitor::compile(sig(), {{"", once(between(2, 9), pred("R", {x(), y()})) && pred("P", {x()}), {}}});
  ASSERT_TRUE(m) << m.error().text();
  const std::int64_t zero = 0, one = 1, two = 2;
  ASSERT_TRUE(m->insert(1, 2, {one, zero}, 12));
  ASSERT_TRUE(m->insert(2, 2, {two, zero}, 14));
  ASSERT_TRUE(m->insert(3, 2, {one, one}, 16));
  m->complete(16);
  ASSERT_TRUE(m->retract(3));
  ASSERT_TRUE(m->insert(4, 0, {one}, 22));
  m->finish();
  EXPECT_TRUE(m->drain().empty());
}

// What is older than `retain` is refused, and says so; what is younger counts, and all that it touches is
// computed from the facts it rests on, however far back these lie.
TEST(Retain, IsHowLateAFactMayBe) {
  Options o;
  o.retain = 100;
  o.trim_every = 1;
  auto m = Monitor::compile(sig(), {{"", pred("P", {x()}) && once(within(5000), pred("Q", {x()})), {}}}, o);
  ASSERT_TRUE(m) << m.error().text();
  FactId id = 0;
  ASSERT_TRUE(m->insert(++id, 1, {std::int64_t{7}}, 0));
  for (Ticks ts = 1; ts < 40000; ++ts) {  // several blocks of the log
    ASSERT_TRUE(m->insert(++id, 1, {std::int64_t{9}}, ts));
    if (ts % 64 == 0) m->complete(ts);
    if (ts == 4999) {
      ASSERT_TRUE(m->insert(100000, 0, {std::int64_t{7}}, 4950));
      m->complete(4999);
      EXPECT_EQ(m->drain().size(), 1u);
    }
  }
  m->complete(39999);
  auto late = m->insert(100001, 0, {std::int64_t{9}}, 39899);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "logic.late");
  EXPECT_EQ(late.error().expected_text, "39900 or later");
  EXPECT_FALSE(m->open_point(39899));
  EXPECT_FALSE(m->retract(39899));
  EXPECT_FALSE(m->replace(39990, 1, std::vector<Value>{std::int64_t{9}}, 39899));
  ASSERT_TRUE(m->insert(100002, 0, {std::int64_t{9}}, 39900));
  EXPECT_EQ(m->drain().size(), 1u);
}

// As long as nothing comes later than `retain` allows, it changes nothing but what is kept.
TEST(Retain, ChangesNoVerdictOfWhatIsNotTooLate) {
  std::vector<NamedFormula> fs;
  for (auto& f : formulas())
    if (text(f).find('*') == std::string::npos) fs.push_back({"f", f, {}});  // `*` keeps all facts
  constexpr Ticks kLate = 30;
  std::mt19937 rng(3);
  std::vector<std::tuple<Ticks, FactId, Fact>> arrivals;
  for (FactId id = 1; id <= 9000; ++id) {
    Fact f = random_fact(rng);
    f.ts = static_cast<Ticks>(id);
    arrivals.emplace_back(f.ts + static_cast<Ticks>(rng() % 8 == 0 ? rng() % kLate : 0), id, f);
  }
  std::stable_sort(arrivals.begin(), arrivals.end(), [](auto& a, auto& b) { return std::get<0>(a) < std::get<0>(b); });
  auto run = [&](Ticks retain, std::size_t* rows) {
    Options o;
    o.retain = retain;
    o.trim_every = 500;
    auto m = Monitor::compile(sig(), fs, o);
    EXPECT_TRUE(m) << m.error().text();
    Standing now;
    std::map<std::tuple<std::uint32_t, Ticks, std::vector<Value>>, std::uint32_t> versions;
    for (auto& [when, id, f] : arrivals) {
      EXPECT_TRUE(m->insert(id, f.p, f.args, f.ts)) << id;
      if (id % 7 == 0) m->complete(when - 1);
      if (id % 100 == 0) {
        EXPECT_TRUE(m->retract(id));
      }
      apply(*m, now, versions);
    }
    *rows = m->save().size();
    m->finish();
    apply(*m, now, versions);
    return now;
  };
  std::size_t some = 0, all = 0;
  EXPECT_EQ(run(kLate + 1, &some), run(kForever, &all));
  EXPECT_LT(some, all);
}

}  // namespace
}  // namespace surety::logic
