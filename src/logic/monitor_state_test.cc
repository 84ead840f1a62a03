// Snapshots continue exactly where they were made, and anything but one's own is refused.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "logic/exact_sum.h"
#include "logic/log_scan.h"
#include "logic/monitor.h"

namespace surety::logic {
namespace {
using namespace plan;

Signature sig() {
  Signature s;
  s.add({"P", {Type::integer}, {}});
  s.add({"Q", {Type::integer}, {}});
  s.add({"R", {Type::integer, Type::text}, {}});
  return s;
}

std::vector<NamedFormula> formulas() {
  Formula p = pred("P", {var("x")}), q = pred("Q", {var("x")}), r = pred("R", {var("x"), var("y")});
  Formula recent = plan::aggregate("c", Aggregate::count, "y", {"x"}, once(within(9), r));
  return {{"once", once(between(2, 9), r) && p, {}},
          {"since", since(!q, within(8), p) && q, {}},
          {"until", until(!q, within(5), p), {}},
          {"count", recent && ge(var("c"), num(2)), {}},
          {"greatest", plan::aggregate("m", Aggregate::maximum, "y", {"x"}, once(within(9), r)) && p, {}},
          {"next", next(within(5), p), {}},
          {"previous", previous(within(5), p), {}},
          {"letpast", let_past("L", {"x"}, p || (previous(always_interval(), pred("L", {var("x")})) && !q), pred("L", {var("x")})), {}},
          {"path",
           match_past(within(9),
                      Regex{Regex::Op::concat,
                            0,
                            {{Regex::Op::test, 0, {}}, {Regex::Op::any, 0, {}}, {Regex::Op::any, 0, {}}, {Regex::Op::test, 1, {}}}},
                      {p, q}),
           {}}};
}

std::vector<VerdictChange> feed(Monitor& m, int from, int to) {
  std::mt19937 rng(11);
  std::vector<VerdictChange> out;
  for (int i = 0; i < to; ++i) {
    auto p = static_cast<PredicateIndex>(rng() % 3);
    std::vector<Value> args = {static_cast<std::int64_t>(rng() % 3)};
    auto word = std::string(1, static_cast<char>('a' + rng() % 3));
    if (p == 2) args.push_back(word);
    if (i < from) continue;
    EXPECT_TRUE(m.insert(static_cast<FactId>(i + 1), p, args, i / 2));
    if (i % 5 == 4) m.complete(i / 2 - 1);
    for (auto& c : m.drain()) out.push_back(std::move(c));
  }
  return out;
}

bool same(const std::vector<VerdictChange>& a, const std::vector<VerdictChange>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](auto& x, auto& y) {
    return std::tie(x.formula, x.kind, x.version, x.ts, x.row) == std::tie(y.formula, y.kind, y.version, y.ts, y.row);
  });
}

TEST(Snapshot, ContinuesWhereItWasMade) {
  for (int cut : {0, 7, 60, 123}) {
    auto whole = Monitor::compile(sig(), formulas());
    ASSERT_TRUE(whole) << whole.error().text();
    auto first = Monitor::compile(sig(), formulas()), second = Monitor::compile(sig(), formulas());
    feed(*whole, 0, cut);
    feed(*first, 0, cut);
    std::string bytes = first->save();
    auto loaded = second->load(bytes);
    ASSERT_TRUE(loaded) << loaded.error().text();
    EXPECT_EQ(second->save(), bytes);
    EXPECT_TRUE(same(feed(*whole, cut, 200), feed(*second, cut, 200))) << cut;
    EXPECT_TRUE(whole->retract(3));
    EXPECT_TRUE(second->retract(3));
    whole->finish();
    second->finish();
    EXPECT_TRUE(same(whole->drain(), second->drain())) << cut;
  }
}

// A table that has no rows yet may be the last one of the state, with little behind it.
TEST(Snapshot, OfARegularExpressionWithoutAnOpenMatch) {
  const Regex t{Regex::Op::test, 0, {}}, a{Regex::Op::test, 1, {}}, step{Regex::Op::any, 0, {}};
  const Regex path{Regex::Op::concat, 0, {t, {Regex::Op::star, 0, {step}}, a}};
  const std::vector<NamedFormula> match = {{"", match_past(always_interval(), path, {pred("Q", {num(1)}), pred("P", {var("x")})}), {}}};
  for (const bool open : {false, true}) {
    auto first = Monitor::compile(sig(), match), second = Monitor::compile(sig(), match);
    ASSERT_TRUE(first && second);
    ASSERT_TRUE(first->insert(1, open ? 1 : 0, {std::int64_t{1}}, 1));
    first->complete(1);
    const Status loaded = second->load(first->save());
    ASSERT_TRUE(loaded) << loaded.error().text();
    ASSERT_TRUE(second->insert(2, 0, {std::int64_t{7}}, 2));
    second->complete(2);
    EXPECT_EQ(second->drain().size(), open ? 1u : 0u);
  }
}

// What the bytes say is what is known: texts, facts and rows in whatever order they came.
TEST(Snapshot, SameFactsInAnyOrderAreTheSameBytes) {
  struct Given {
    FactId id;
    PredicateIndex p;
    std::vector<Value> args;
    Ticks ts;
  };
  std::vector<Given> given;
  std::mt19937 rng(5);
  for (FactId id = 1; id <= 120; ++id) {
    Given g{id, static_cast<PredicateIndex>(rng() % 3), {static_cast<std::int64_t>(rng() % 3)}, static_cast<Ticks>(rng() % 40)};
    if (g.p == 2) g.args.push_back(std::string(1, static_cast<char>('a' + rng() % 5)));
    given.push_back(std::move(g));
  }
  std::string first;
  for (int round = 0; round < 4; ++round) {
    Options o;
    o.points = PointMode::instant;
    auto m = Monitor::compile(sig(), formulas(), o);
    ASSERT_TRUE(m) << m.error().text();
    for (auto& g : given) ASSERT_TRUE(m->insert(g.id, g.p, g.args, g.ts));
    m->complete(20);
    m->drain();
    const std::string bytes = m->save();
    if (first.empty()) first = bytes;
    EXPECT_EQ(bytes, first) << round;
    std::shuffle(given.begin(), given.end(), rng);
  }
}

TEST(Snapshot, KeepsVerdictsThatNobodyTookYet) {
  auto m = Monitor::compile(sig(), formulas()), n = Monitor::compile(sig(), formulas());
  feed(*m, 0, 50);
  m->finish();
  ASSERT_TRUE(n->load(m->save()));
  const auto mine = m->drain(), theirs = n->drain();
  EXPECT_FALSE(mine.empty());
  EXPECT_TRUE(same(mine, theirs));
}

// P(1) rests on the point after it. That point went, so P(1) fell and waits for another one: also in a
// monitor that was saved and loaded in between.
TEST(Snapshot, KeepsWhatWaitsForAPointThatWasWithdrawn) {
  const std::vector<NamedFormula> f = {{"", pred("P", {var("x")}) && next(always_interval(), pred("Q", {var("x")})), {}}};
  auto m = Monitor::compile(sig(), f), n = Monitor::compile(sig(), f);
  ASSERT_TRUE(m) << m.error().text();
  ASSERT_TRUE(m->insert(1, 0, {std::int64_t{1}}, 10));
  ASSERT_TRUE(m->insert(2, 1, {std::int64_t{1}}, 20));
  m->complete(20);
  ASSERT_TRUE(m->retract(2));
  ASSERT_EQ(m->drain().size(), 2u);
  ASSERT_TRUE(n->load(m->save()));
  for (auto* each : {&*m, &*n}) {
    ASSERT_TRUE(each->insert(3, 1, {std::int64_t{1}}, 30));
    each->complete(30);
    const auto changes = each->drain();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].kind, ChangeKind::revised);
    EXPECT_EQ(changes[0].version, 3u);
  }
}

// Nothing is kept to correct, so nothing is looked at again: what was told stays told.
TEST(Snapshot, TellsNothingTwice) {
  const Formula some = exists({"x"}, pred("P", {var("x")}));
  const Interval next_tick{{0, std::nullopt, true}, Bound{1}};
  const std::vector<NamedFormula> f = {{"f", some && always(next_tick, !eventually(between(1, 4), some)), {}}};
  Options o;
  o.points = PointMode::peer;
  o.retain = 0;
  auto m = Monitor::compile(sig(), f, o), again = Monitor::compile(sig(), f, o);
  ASSERT_TRUE(m && again);
  ASSERT_TRUE(m->open_point(5));
  ASSERT_TRUE(m->insert(0, 0, {std::int64_t{1}}, 5));
  ASSERT_TRUE(m->open_point(10));
  EXPECT_EQ(m->drain().size(), 1u);
  ASSERT_TRUE(again->load(m->save()));
  again->finish();
  EXPECT_TRUE(again->drain().empty());
}

TEST(Snapshot, RefusesDamageAndStrangers) {
  auto m = Monitor::compile(sig(), formulas());
  feed(*m, 0, 50);
  std::string bytes = m->save();
  for (std::size_t i = 0; i < bytes.size(); i += 37) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    auto fresh = Monitor::compile(sig(), formulas());
    EXPECT_FALSE(fresh->load(damaged)) << i;
  }
  auto shorter = Monitor::compile(sig(), {formulas()[0]});
  EXPECT_FALSE(shorter->load(bytes));
  EXPECT_FALSE(shorter->load(""));
  EXPECT_FALSE(m->load(bytes));  // used already
}

TEST(Paths, LetPastRunsOverPoints) {
  Formula f = let_past("L", {"x"}, pred("P", {var("x")}) || (previous(always_interval(), pred("L", {var("x")})) && !pred("Q", {var("x")})),
                       pred("L", {var("x")}));
  auto m = Monitor::compile(sig(), {{"", f, {}}});
  ASSERT_TRUE(m) << m.error().text();
  for (auto [p, ts] : std::vector<std::pair<PredicateIndex, Ticks>>{{0, 1}, {2, 3}, {2, 4}, {1, 6}, {2, 8}}) {
    std::vector<Value> args = {std::int64_t{1}};
    if (p == 2) args.push_back(std::string("a"));
    ASSERT_TRUE(m->insert(0, p, args, ts));
  }
  m->finish();
  std::set<Ticks> at;
  for (auto& c : m->drain()) at.insert(c.ts);
  EXPECT_EQ(at, (std::set<Ticks>{1, 3, 4}));
}

TEST(Paths, ALetPastThatCanNeverHoldIsEmpty) {
  const Formula never = pred("P", {var("x")}) && !plan::truth();
  for (const Formula& f : {never, never || previous(always_interval(), pred("L", {var("x")}))}) {
    auto m = Monitor::compile(sig(), {{"", let_past("L", {"x"}, f, pred("L", {var("y")})), {}}});
    ASSERT_TRUE(m) << m.error().text();
    ASSERT_TRUE(m->insert(1, 0, {std::int64_t{1}}, 3));
    m->finish();
    EXPECT_TRUE(m->drain().empty());
  }
}

TEST(Paths, LetPastOfTheSamePointIsRefused) {
  Formula f = let_past("L", {"x"}, pred("P", {var("x")}) || (pred("L", {var("x")}) && pred("Q", {var("x")})), pred("L", {var("x")}));
  auto m = Monitor::compile(sig(), {{"", f, {}}});
  ASSERT_FALSE(m);
  EXPECT_EQ(m.error().code, "logic.letpast");
}

TEST(Paths, ExpressionsForwardAndBack) {
  // P(x), then one step, then any number of steps at whose points Q(x) holds, then P(x).
  Regex step{Regex::Op::any, 0, {}}, p{Regex::Op::test, 0, {}}, q{Regex::Op::test, 1, {}};
  Regex more{Regex::Op::star, 0, {Regex{Regex::Op::concat, 0, {q, step}}}};
  Regex r{Regex::Op::concat, 0, {p, step, more, p}};
  std::vector<Formula> tests = {pred("P", {var("x")}), pred("Q", {var("x")})};
  auto m = Monitor::compile(sig(), {{"back", match_past(within(10), r, tests), {}}, {"ahead", match_future(within(10), r, tests), {}}});
  ASSERT_TRUE(m) << m.error().text();
  std::int64_t one = 1, two = 2;
  ASSERT_TRUE(m->insert(0, 0, {one}, 1));
  ASSERT_TRUE(m->insert(0, 1, {one}, 2));
  ASSERT_TRUE(m->insert(0, 1, {one}, 3));
  ASSERT_TRUE(m->insert(0, 1, {two}, 3));
  ASSERT_TRUE(m->insert(0, 0, {one}, 4));
  ASSERT_TRUE(m->insert(0, 0, {two}, 4));
  ASSERT_TRUE(m->insert(0, 0, {two}, 5));
  m->finish();
  std::set<std::tuple<std::uint32_t, Ticks, Value>> found;
  for (auto& c : m->drain()) found.insert({c.formula, c.ts, c.row[0]});
  EXPECT_EQ(found, (std::set<std::tuple<std::uint32_t, Ticks, Value>>{{0, 4, one}, {0, 5, two}, {1, 1, one}, {1, 4, two}}));
}

TEST(ExactSum, GivesBackWhatWasTaken) {
  ExactSum s;
  for (double d : {1e300, 1.0, -1e300, 1e-300, 0.1}) s.add(d);
  EXPECT_EQ(s.value(), 1.1);
  s.subtract(1.0);
  EXPECT_EQ(s.value(), 0.1);
  s.subtract(0.1);
  EXPECT_EQ(s.value(), 1e-300);
  s.subtract(1e-300);
  s.subtract(2.5);
  EXPECT_EQ(s.value(), -2.5);
  s.add(HUGE_VAL);
  EXPECT_EQ(s.value(), HUGE_VAL);
  s.subtract(HUGE_VAL);
  EXPECT_EQ(s.value(), -2.5);
}

TEST(LogScan, TakesPlainRowsOnly) {
  std::uint64_t c[3] = {};
  std::string ok = "(12,-7,123456789012345678) ";
  EXPECT_EQ(scan_integer_row(ok.data(), ok.data() + ok.size(), 3, c), ok.data() + ok.size() - 1);
  EXPECT_EQ(static_cast<std::int64_t>(c[1]), -7);
  EXPECT_EQ(c[2], 123456789012345678u);
  for (std::string bad : {"(1,2)", "(1,2,3", "(1, 2,3)", "(1,2,3.5)", "(1,2,)", "(1,2,3,4)", "(1,2,1234567890123456789)", "(a,2,3)", ""})
    EXPECT_EQ(scan_integer_row(bad.data(), bad.data() + bad.size(), 3, c), nullptr) << bad;
}

}  // namespace
}  // namespace surety::logic
