// Parts of a monitor together say what the whole says: from the start, split in the middle, and merged
// again; with late facts, withdrawals and replacements that go from one part to another.
#include <gtest/gtest.h>

#include <fmt/format.h>

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
  s.add({"R", {Type::integer, Type::text}, {}});
  s.add({"T", {Type::text}, {}});
  return s;
}

Formula p() { return pred("P", {var("x")}); }
Formula q() { return pred("Q", {var("x")}); }
Formula r() { return pred("R", {var("x"), var("y")}); }

// These look only at points that have facts.
std::vector<NamedFormula> sparse() {
  Formula recent = plan::aggregate("c", Aggregate::count, "y", {"x"}, once(within(12), r()));
  return {{"once", once(between(2, 9), r()) && p(), {}},
          {"ever", once(always_interval(), r()) && q(), {}},
          {"since", since(!q(), within(8), p()) && q(), {}},
          {"count", recent && ge(var("c"), num(2)) && p(), {}},
          {"answered", p() && !eventually(within(7), q()), {}},
          {"either", (p() || q()) && once(within(6), pred("T", {var("y")})), {}},
          {"some", p() && once(within(9), exists({"y"}, r() && pred("T", {var("y")}))), {}}};
}

// These also look at points that are other parts'.
std::vector<NamedFormula> by_points() {
  return {{"next", p() && next(within(5), q()), {}},
          {"previous", previous(within(5), p()), {}},
          {"since", since(p(), within(9), q()), {}},
          {"until", until(!q(), within(5), p()), {}},
          {"count", plan::aggregate("c", Aggregate::count, "y", {"x"}, once(within(9), r())), {}}};
}

struct Step {
  enum What { insert, retract, replace, complete } what;
  FactId id;
  PredicateIndex p;
  std::vector<Value> args;
  Ticks ts;
};

std::vector<Step> steps(unsigned seed, bool in_order) {
  std::mt19937 rng(seed);
  std::vector<Step> out;
  for (FactId id = 1; id <= 150; ++id) {
    Step s{Step::insert, id, static_cast<PredicateIndex>(rng() % 4), {}, static_cast<Ticks>(id / 2)};
    auto fill = [&] {
      s.args.clear();
      if (s.p != 3) s.args.push_back(static_cast<std::int64_t>(rng() % 5));
      if (s.p >= 2) s.args.push_back(std::string(1, static_cast<char>('a' + rng() % 3)));
    };
    fill();
    if (!in_order && rng() % 6 == 0) s.ts -= static_cast<Ticks>(rng() % 20);
    out.push_back(s);
    if (id % 5 == 4) out.push_back({Step::complete, 0, 0, {}, static_cast<Ticks>(id / 2) - 1});
    if (in_order) continue;
    if (rng() % 8 == 0) out.push_back({Step::retract, 1 + rng() % (id + 2), 0, {}, 0});
    if (rng() % 8 == 0) {
      s.what = Step::replace;
      s.id = 1 + rng() % (id + 2);
      fill();
      out.push_back(s);
    }
  }
  return out;
}

void take(Monitor& m, const Step& s) {
  if (s.what == Step::complete) return m.complete(s.ts);
  if (s.what == Step::retract) {
    ASSERT_TRUE(m.retract(s.id));
  } else if (s.what == Step::replace) {
    ASSERT_TRUE(m.replace(s.id, s.p, s.args, s.ts));
  } else {
    const auto done = m.insert(s.id, s.p, s.args, s.ts);
    ASSERT_TRUE(done) << done.error().text();
  }
}

using Standing = std::set<std::tuple<std::uint32_t, Ticks, PointId, std::vector<Value>>>;
void apply(Monitor& m, Standing& now) {
  for (auto& c : m.drain()) {
    auto key = std::tuple(c.formula, c.ts, c.point, c.row);
    if (c.kind == ChangeKind::withdrawn) {
      EXPECT_EQ(now.erase(key), 1u);
    } else {
      EXPECT_TRUE(now.insert(key).second) << "a verdict of two parts, or twice of one";
    }
  }
}

Monitor made(const std::vector<NamedFormula>& f, PointMode points, Options::Part part = {}) {
  Options o;
  o.points = points;
  o.part = part;
  auto m = Monitor::compile(sig(), f, o);
  EXPECT_TRUE(m) << m.error().text();
  return std::move(*m);
}

// One monitor beside: parts from the start; parts split off in the middle; and those merged again later.
void compare(const std::vector<NamedFormula>& f, PointMode points, unsigned seed) {
  constexpr std::uint32_t kParts = 3;
  const auto all = steps(seed, points == PointMode::peer);
  Monitor whole = made(f, points), before = made(f, points);
  Standing wanted, from_start, split, merged;
  std::vector<Monitor> started, parts;
  for (std::uint32_t i = 0; i < kParts; ++i) started.push_back(made(f, points, {i, kParts}));
  auto all_take = [&](std::vector<Monitor>& ms, const Step& s, Standing& now) {
    for (auto& m : ms) take(m, s), apply(m, now);
  };
  const std::size_t first = all.size() / 3, second = 2 * all.size() / 3;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i == first) {
      auto bytes = before.split(kParts);
      ASSERT_TRUE(bytes) << bytes.error().text();
      for (std::uint32_t k = 0; k < kParts; ++k) {
        parts.push_back(made(f, points, {k, kParts}));
        const auto loaded = parts.back().load((*bytes)[k]);
        ASSERT_TRUE(loaded) << loaded.error().text();
      }
    }
    if (i == second) {
      std::vector<std::string> bytes;
      for (auto& m : parts) bytes.push_back(m.save());
      std::swap(bytes[0], bytes[2]);
      auto one = Monitor::merge(bytes);
      ASSERT_TRUE(one) << one.error().text();
      parts.clear();
      parts.push_back(made(f, points));
      const auto loaded = parts.back().load(*one);
      ASSERT_TRUE(loaded) << loaded.error().text();
    }
    take(whole, all[i]), apply(whole, wanted);
    all_take(started, all[i], from_start);
    if (i < first) take(before, all[i]), apply(before, split);
    if (i >= first) all_take(parts, all[i], split);
  }
  whole.finish(), apply(whole, wanted);
  for (auto& m : started) m.finish(), apply(m, from_start);
  for (auto& m : parts) m.finish(), apply(m, split);
  EXPECT_TRUE(f.size() == 1 || !wanted.empty());
  EXPECT_EQ(from_start, wanted) << seed;
  EXPECT_EQ(split, wanted) << seed;
}

TEST(Split, PartsSayTogetherWhatTheWholeSays) {
  for (unsigned seed = 0; seed < 25 && !::testing::Test::HasFailure(); ++seed) {
    compare(sparse(), PointMode::instant, seed);
    for (auto& f : sparse()) compare({f}, PointMode::instant, seed);
  }
}

TEST(Split, AlsoWhereEveryTimePointCounts) {
  auto all = by_points();
  for (auto& f : sparse()) all.push_back(f);
  for (unsigned seed = 0; seed < 25 && !::testing::Test::HasFailure(); ++seed) compare(all, PointMode::peer, seed);
}

// A state that was split and merged at once is the state, byte for byte.
TEST(Split, MergingGivesTheSameBytes) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    Monitor m = made(sparse(), PointMode::instant);
    for (auto& s : steps(seed, false)) take(m, s);
    auto parts = m.split(4);
    ASSERT_TRUE(parts);
    auto one = Monitor::merge(*parts);
    ASSERT_TRUE(one);
    EXPECT_EQ(*one, m.save()) << seed;
  }
}

std::string refusal(const Formula& f, PointMode points = PointMode::instant) {
  Options o;
  o.points = points;
  o.part = {0, 2};
  auto m = Monitor::compile(sig(), {{"it", f, {}}}, o);
  if (m) return "";
  EXPECT_EQ(m.error().code, "logic.cannot-split");
  return m.error().found_text;
}

TEST(Split, RefusesWhatNoKeyConfinesAndSaysWhy) {
  EXPECT_EQ(refusal(exists({"x"}, p())), "it has no free variable: its verdict rests on all facts at once");
  EXPECT_EQ(refusal(previous(within(5), p())), "it looks at time-points as such (PREVIOUS, NEXT, a negation or SINCE without a guard)");
  EXPECT_EQ(refusal(previous(within(5), p()), PointMode::peer), "");
  EXPECT_EQ(refusal(p() && once(within(5), pred("P", {var("z")}))), "no variable of it stands in one column of all that binds it");
  // The left side has any x whatever part it is in.
  EXPECT_EQ(refusal((pred("Q", {var("w")}) && eq(var("x"), var("w"))) || (p() && eq(var("w"), var("x")))),
            "x would confine it, but facts are needed whole, or by another column, elsewhere");
}

TEST(Merge, RefusesWhatIsNotOneWhole) {
  Monitor m = made(sparse(), PointMode::instant);
  for (auto& s : steps(1, false)) take(m, s);
  auto parts = *m.split(2);
  auto code = [](std::vector<std::string> given) { return Monitor::merge(given).error().code; };
  EXPECT_EQ(code({parts[0]}), "logic.merge");
  EXPECT_EQ(code({parts[0], parts[0]}), "logic.merge");
  EXPECT_EQ(code({}), "logic.merge");
  EXPECT_EQ(code({parts[0], parts[1].substr(0, parts[1].size() - 1)}), "logic.snapshot");
  Monitor further = made(sparse(), PointMode::instant, {1, 2});
  ASSERT_TRUE(further.load(parts[1]));
  further.complete(500);
  EXPECT_EQ(code({parts[0], further.save()}), "logic.merge");
  Monitor wrong = made(sparse(), PointMode::instant, {0, 2});
  EXPECT_FALSE(wrong.load(parts[1]));
  EXPECT_FALSE(made(sparse(), PointMode::instant).load(parts[1]));
}

}  // namespace
}  // namespace surety::logic
