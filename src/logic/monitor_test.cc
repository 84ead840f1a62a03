#include "logic/monitor.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace surety::logic {
namespace {
using namespace plan;  // builders

Signature sig() {
  Signature s;
  s.add({"P", {Type::integer}, {}});
  s.add({"Q", {Type::integer}, {}});
  s.add({"R", {Type::integer, Type::integer}, {}});
  s.add({"grant", {Type::integer}, {}});
  s.add({"revoke", {Type::integer}, {}});
  s.add({"use", {Type::integer, Type::integer}, {}});
  s.add({"T", {}, {}});
  s.add({"S", {Type::text, Type::real}, {}});
  return s;
}

std::string show(const std::vector<VerdictChange>& changes) {
  std::string s;
  for (auto& c : changes) {
    s += fmt::format("{}{}@{}",
                     c.kind == ChangeKind::issued    ? "+"
                     : c.kind == ChangeKind::revised ? "~"
                                                     : "-",
                     c.version == 1 ? "" : std::to_string(c.version), c.ts);
    s += '(';
    for (std::size_t i = 0; i < c.row.size(); ++i) s += (i ? "," : "") + to_text(c.row[i]);
    s += ") ";
  }
  return s;
}

Monitor make(Formula f, PointMode mode = PointMode::instant) {
  Options o;
  o.points = mode;
  auto m = Monitor::compile(sig(), {{"f", f}}, o);
  EXPECT_TRUE(m) << m.error().text();
  return std::move(*m);
}

struct Event {
  Ticks ts;
  const char* name;
  std::vector<Value> args;
};

std::string verdicts(Formula f, const std::vector<Event>& log) {
  Monitor m = make(std::move(f));
  FactId id = 0;
  for (auto& e : log) EXPECT_TRUE(m.insert(++id, m.signature().find(e.name), e.args, e.ts));
  m.finish();
  return show(m.drain());
}

Value n(std::int64_t v) { return v; }

TEST(Monitor, OnceGuardedByEventIsFoundByKey) {
  Formula f = once(within(60), pred("R", {var("x"), var("y")})) && pred("use", {var("x"), var("z")});
  EXPECT_EQ(verdicts(f, {{0, "R", {n(1), n(7)}},
                         {10, "use", {n(1), n(8)}},
                         {10, "use", {n(2), n(8)}},
                         {60, "use", {n(1), n(9)}},
                         {61, "use", {n(1), n(9)}}}),
            "+@10(1,7,8) +@60(1,7,9) ");
}

TEST(Monitor, SinceEndsByKey) {
  Formula f = pred("use", {var("x"), var("u")}) && !since(!pred("revoke", {var("x")}), within(60), pred("grant", {var("x")}));
  EXPECT_EQ(verdicts(f, {{0, "grant", {n(1)}},
                         {1, "grant", {n(2)}},
                         {5, "use", {n(1), n(0)}},
                         {6, "revoke", {n(1)}},
                         {7, "use", {n(1), n(0)}},
                         {8, "use", {n(2), n(0)}},
                         {61, "use", {n(2), n(0)}},
                         {62, "use", {n(2), n(0)}}}),
            "+@7(1,0) +@62(2,0) ");
}

TEST(Monitor, DeadlineIsInclusive) {
  Formula f = pred("P", {var("x")}) && !eventually(within(30), pred("Q", {var("x")}));
  EXPECT_EQ(verdicts(f, {{0, "P", {n(1)}}, {1, "P", {n(2)}}, {30, "Q", {n(1)}}, {32, "Q", {n(2)}}, {40, "P", {n(3)}}}), "+@1(2) +@40(3) ");
}

TEST(Monitor, CountOverWindowByGroup) {
  Formula f = plan::aggregate("c", Aggregate::count, "y", {"x"}, once(within(10), pred("R", {var("x"), var("y")}))) &&
              ge(var("c"), num(2)) && pred("P", {var("x")});
  EXPECT_EQ(verdicts(f, {{0, "R", {n(1), n(1)}},
                         {1, "P", {n(1)}},
                         {2, "R", {n(1), n(2)}},
                         {3, "P", {n(1)}},
                         {3, "R", {n(1), n(2)}},
                         {10, "P", {n(1)}},
                         {11, "P", {n(1)}}}),
            "+@3(2,1) +@10(2,1) ");
}

TEST(Monitor, UnguardedStatesAreWrittenAtEachPoint) {
  Formula f = plan::aggregate("c", Aggregate::count, "y", {"x"}, once(within(10), pred("R", {var("x"), var("y")}))) && gt(var("c"), num(1));
  EXPECT_EQ(verdicts(f, {{0, "R", {n(1), n(1)}}, {2, "R", {n(1), n(2)}}, {5, "P", {n(1)}}, {11, "P", {n(1)}}}), "+@2(2,1) +@5(2,1) ");
}

TEST(Monitor, UntilNeedsLeftUpToRight) {
  Formula f = until(pred("P", {var("x")}), between(2, 10), pred("Q", {var("x")}));
  EXPECT_EQ(verdicts(f, {{0, "P", {n(1)}}, {1, "P", {n(1)}}, {3, "Q", {n(1)}}, {4, "P", {n(2)}}, {5, "T", {}}, {7, "Q", {n(2)}}}),
            "+@0(1) +@1(1) ");
}

TEST(Monitor, PreviousAndNextWatchTheirInterval) {
  EXPECT_EQ(verdicts(previous(within(5), pred("P", {var("x")})), {{0, "P", {n(1)}}, {5, "P", {n(2)}}, {11, "T", {}}}), "+@5(1) ");
  EXPECT_EQ(verdicts(next(within(5), pred("P", {var("x")})), {{0, "T", {}}, {5, "P", {n(2)}}, {11, "P", {n(3)}}}), "+@0(2) ");
}

TEST(Monitor, AggregateOverNothingHasADefault) {
  EXPECT_EQ(verdicts(plan::aggregate("c", Aggregate::count, "x", {}, pred("P", {var("x")})), {{0, "T", {}}, {1, "P", {n(3)}}}),
            "+@0(0) +@1(1) ");
}

// A MAX of floats over nothing is −∞; the AVG over it is not finite and has no value.
TEST(Monitor, AnInfinityInASumIsNotForgotten) {
  const Formula most = plan::aggregate("m", Aggregate::maximum, "y", {}, exists({"x"}, pred("S", {var("x"), var("y")})));
  EXPECT_EQ(verdicts(plan::aggregate("a", Aggregate::average, "m", {}, most), {{0, "T", {}}, {1, "S", {std::string("a"), 2.5}}}),
            "+@1(2.5) ");
}

TEST(Monitor, RefusesUnguardedVariablesByName) {
  auto m = Monitor::compile(sig(), {{"f", pred("T") && lt(var("x"), num(3))}});
  ASSERT_FALSE(m);
  EXPECT_EQ(m.error().code, "logic.not-monitorable");
  EXPECT_EQ(m.error().field_name, "x");
}

// A log in milliseconds, read as seconds, lies after the year 9999: no window of days is measured there, none is unbounded.
TEST(Monitor, RefusesStampsThatNoCalendarHas) {
  const Interval week{{}, Bound{0, CalendarBound{{7, CalendarUnit::days}, {"Europe/Kyiv", MonthRounding::down}, From::later}}};
  Monitor m = make(pred("P", {var("x")}) && once(week, pred("Q", {var("x")})));
  ASSERT_TRUE(m.insert(1, 1, {n(1)}, 1'700'000'000));
  const Status far = m.insert(2, 0, {n(1)}, 1'730'000'000'000);
  ASSERT_FALSE(far);
  EXPECT_EQ(far.error().code, "logic.off-calendar");
  EXPECT_TRUE(make(pred("P", {var("x")})).insert(3, 0, {n(1)}, 1'730'000'000'000));
}

// tp counts points in their order, which a late one would change for all behind it.
TEST(Monitor, PointsThatAreCountedComeInOrder) {
  const Formula f = pred("P", {var("x")}) && pred("tp", {var("i")});
  const auto instant = Monitor::compile(sig(), {{"f", f}});
  ASSERT_FALSE(instant);
  EXPECT_EQ(instant.error().code, "logic.point-number");
  Monitor m = make(f, PointMode::peer);
  ASSERT_TRUE(m.open_point(10));
  const auto late = m.open_point(5);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "logic.point-number");
}

}  // namespace
}  // namespace surety::logic
