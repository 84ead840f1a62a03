#include "logic/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "logic/explain_check.h"
#include "logic/front/parse_formula.h"

namespace surety::logic {
namespace {

using plan::Aggregate;
using plan::num;
using plan::pred;
using plan::Value;
using plan::var;
using plan::within;

Value n(std::int64_t i) { return i; }

// Strikes by party 1 and 2, one notice.
History strikes() {
  return {{10, {{1, "strike", {n(101), n(1)}}, {2, "strike", {n(102), n(2)}}}},
          {20, {{3, "strike", {n(103), n(1)}}}},
          {30, {{4, "notice", {n(1)}}}},
          {40, {{5, "strike", {n(104), n(1)}}, {6, "strike", {n(105), n(1)}}}},
          {50, {}}};
}

void expect_checks(const History& h, const plan::Formula& f, const Valuation& v, std::size_t at, const Proof& p) {
  const Status ok = check_proof(h, f, v, at, p);
  EXPECT_TRUE(ok) << (ok ? "" : ok.error().text()) << text(p);
}

// The proof with one step, found by the way to it, changed.
Proof changed(const Proof& p, std::vector<std::size_t> way, const std::function<void(Proof&)>& change) {
  Proof out = p;
  if (way.empty()) {
    change(out);
    return out;
  }
  const std::size_t k = way.front();
  way.erase(way.begin());
  out.children[k] = std::make_shared<const Proof>(changed(*p.children[k], way, change));
  return out;
}

TEST(Explain, OnceShowsTheOneFactThatIsEnough) {
  const auto f = plan::exists({"i"}, plan::once(within(30), pred("strike", {var("i"), var("p")})));
  const auto p = explain(strikes(), f, {{"p", n(1)}}, 3);
  ASSERT_TRUE(p) << p.error().text();
  EXPECT_EQ(leaves(*p), std::vector<FactId>{1});  // equal in size: the earliest
  expect_checks(strikes(), f, {{"p", n(1)}}, 3, *p);
}

TEST(Explain, AtLeastNeedsExactlyThatManyWitnesses) {
  const auto count = plan::aggregate("n", Aggregate::count, "i", {"p"}, plan::once(within(72), pred("strike", {var("i"), var("p")})));
  const auto f = plan::exists({"n"}, count && plan::le(num(3), var("n")));
  const auto p = explain(strikes(), f, {{"p", n(1)}}, 4);
  ASSERT_TRUE(p) << p.error().text();
  EXPECT_EQ(p->rule, Rule::at_least);
  EXPECT_EQ(leaves(*p), (std::vector<FactId>{1, 3, 5}));
  expect_checks(strikes(), f, {{"p", n(1)}}, 4, *p);
  Proof two = *p;
  two.children.pop_back();
  EXPECT_FALSE(check_proof(strikes(), f, {{"p", n(1)}}, 4, two));
  Proof twice = *p;
  twice.children[1] = twice.children[0];
  EXPECT_FALSE(check_proof(strikes(), f, {{"p", n(1)}}, 4, twice));
}

TEST(Explain, AnExactNumberIsAllWitnessesAndNoOthers) {
  const auto f = plan::aggregate("n", Aggregate::count, "i", {"p"}, plan::once(within(72), pred("strike", {var("i"), var("p")})));
  const Valuation v{{"p", n(1)}, {"n", n(4)}};
  const auto p = explain(strikes(), f, v, 4);
  ASSERT_TRUE(p) << p.error().text();
  EXPECT_EQ(leaves(*p), (std::vector<FactId>{1, 3, 5, 6}));
  EXPECT_EQ(p->scanned, 6u);
  expect_checks(strikes(), f, v, 4, *p);
  Proof fewer = *p;
  fewer.children.pop_back();
  EXPECT_FALSE(check_proof(strikes(), f, v, 4, fewer));
  EXPECT_FALSE(explain(strikes(), f, {{"p", n(1)}, {"n", n(3)}}, 4));
}

TEST(Explain, AbsenceSaysWhatWasLookedAt) {
  const auto f = pred("strike", {var("i"), var("p")}) && !plan::once(within(5), pred("notice", {var("p")}));
  const Valuation v{{"i", n(104)}, {"p", n(1)}};
  const auto p = explain(strikes(), f, v, 3);
  ASSERT_TRUE(p) << p.error().text();
  EXPECT_EQ(leaves(*p), std::vector<FactId>{5});
  const Proof& none = *p->children[1]->children[0];
  EXPECT_EQ(none.rule, Rule::none);
  EXPECT_EQ(none.from, 3u);
  EXPECT_EQ(none.scanned, 2u);
  expect_checks(strikes(), f, v, 3, *p);
  const Proof blind = changed(*p, {1, 0}, [](Proof& q) { q.from = q.to = 4; });
  EXPECT_FALSE(check_proof(strikes(), f, v, 3, blind));
}

TEST(Explain, SinceIsAChainAndLetIsItsDefinition) {
  const auto since = plan::since(!pred("notice", {var("q")}), within(100), pred("strike", {var("i"), var("q")}));
  const auto f = plan::let("open", {"i", "q"}, since, pred("open", {num(104), var("p")}));
  const auto p = explain(strikes(), f, {{"p", n(1)}}, 4);
  ASSERT_TRUE(p) << p.error().text();
  EXPECT_EQ(leaves(*p), std::vector<FactId>{5});
  expect_checks(strikes(), f, {{"p", n(1)}}, 4, *p);
  EXPECT_FALSE(check_proof(strikes(), f, {{"p", n(2)}}, 4, *p));
  EXPECT_FALSE(check_proof(strikes(), f, {{"p", n(1)}}, 3, *p));
}

// The proof as text, after it was checked; the formula as one writes it.
std::string proved(const History& h, const char* formula, const Valuation& v, std::size_t at, const Reading& reading = {}) {
  const auto f = parse_formula(formula);
  if (!f) return f.error().text();
  const auto p = explain(h, *f, v, at, reading);
  if (!p) return p.error().text();
  const Status ok = check_proof(h, *f, v, at, *p, reading);
  EXPECT_TRUE(ok) << (ok ? "" : ok.error().text());
  return text(*p);
}

TEST(Explain, AnExpressionHoldsByTheRunWithTheFewestFacts) {
  // Point 1 or point 0 would do to start: both are one fact, so the earlier. The steps between test nothing.
  EXPECT_EQ(proved(strikes(), "MATCHP[0,40] (strike(i,p)? .* notice(p)? . strike(104,p)?)", {{"i", n(101)}, {"p", n(1)}}, 3),
            "holds at point 3: (MATCHP[0,40] ((strike(i, p))? (.)* (notice(p))? . (strike(104, p))?)) with i = 101, p = 1 "
            "[a run from point 0 to 3]\n"
            "  holds at point 0: strike(i, p) with i = 101, p = 1 [fact 1]\n"
            "  holds at point 2: notice(p) with p = 1 [fact 4]\n"
            "  holds at point 3: strike(104, p) with p = 1 [fact 5]\n");
  EXPECT_EQ(proved(strikes(), "MATCHF[0,40] (strike(101,p)? . ((strike(103,p)? .)* + ..))", {{"p", n(1)}}, 0),
            "holds at point 0: (MATCHF[0,40] ((strike(101, p))? . ((((strike(103, p))? .))* + (. .... with p = 1 "
            "[a run from point 0 to 1]\n"
            "  holds at point 0: strike(101, p) with p = 1 [fact 1]\n");
}

TEST(Explain, AnExpressionFailsWhereEveryRunIsCut) {
  const char* formula = "strike(101,p) AND NOT MATCHF[0,40] (((NOT notice(p))? .)* strike(104,p)?)";
  EXPECT_EQ(proved(strikes(), formula, {{"p", n(1)}}, 0),
            "holds at point 0: (strike(101, p) AND (NOT (MATCHF[0,40] (((((NOT notice(p)))? .))* (... with p = 1 [all]\n"
            "  holds at point 0: strike(101, p) with p = 1 [fact 1]\n"
            "  holds at point 0: (NOT (MATCHF[0,40] (((((NOT notice(p)))? .))* (strike(104, p))?))) with p = 1 [negation]\n"
            "    fails at point 0: (MATCHF[0,40] (((((NOT notice(p)))? .))* (strike(104, p))?)) with p = 1 [no run gets past these]\n"
            "      fails at point 0: strike(104, p) with p = 1 [none among 2 facts at points 0 to 0]\n"
            "      fails at point 1: strike(104, p) with p = 1 [none among 1 facts at points 1 to 1]\n"
            "      fails at point 2: (NOT notice(p)) with p = 1 [negation]\n"
            "        holds at point 2: notice(p) with p = 1 [fact 4]\n"
            "      fails at point 2: strike(104, p) with p = 1 [none among 1 facts at points 2 to 2]\n");
  const auto f = *parse_formula(formula);
  const auto p = explain(strikes(), f, {{"p", n(1)}}, 0);
  ASSERT_TRUE(p);
  for (std::size_t k = 0; k < 4; ++k) {
    const Proof open = changed(*p, {1, 0}, [&](Proof& q) { q.children.erase(q.children.begin() + static_cast<std::ptrdiff_t>(k)); });
    EXPECT_FALSE(check_proof(strikes(), f, {{"p", n(1)}}, 0, open)) << k;
  }
}

TEST(Explain, AnExpressionThatMuchFailsIsStatedAsAWhole) {
  History h{{0, {{1, "P", {n(1)}}}}};
  for (int i = 1; i < 20; ++i) h.push_back({i, {}});
  EXPECT_EQ(proved(h, "P(x) AND NOT MATCHF[0,100] (.* Q(x)?)", {{"x", n(1)}}, 0),
            "holds at point 0: (P(x) AND (NOT (MATCHF[0,100] ((.)* (Q(x))?)))) with x = 1 [all]\n"
            "  holds at point 0: P(x) with x = 1 [fact 1]\n"
            "  holds at point 0: (NOT (MATCHF[0,100] ((.)* (Q(x))?))) with x = 1 [negation]\n"
            "    fails at point 0: (MATCHF[0,100] ((.)* (Q(x))?)) with x = 1 [none among 1 facts at points 0 to 19]\n");
  EXPECT_EQ(proved(h, "P(x) AND NOT MATCHF[30,40] (. P(x)?)", {{"x", n(1)}}, 0),
            "holds at point 0: (P(x) AND (NOT (MATCHF[30,40] (. (P(x))?)))) with x = 1 [all]\n"
            "  holds at point 0: P(x) with x = 1 [fact 1]\n"
            "  holds at point 0: (NOT (MATCHF[30,40] (. (P(x))?))) with x = 1 [negation]\n"
            "    fails at point 0: (MATCHF[30,40] (. (P(x))?)) with x = 1 [no run fits into the window]\n");
}

TEST(Explain, LetPastIsItsDefinitionEarlierAndEarlier) {
  const char* open = "LETPAST open(p) = (EXISTS i. strike(i,p)) OR ((PREVIOUS open(p)) AND NOT notice(p)) IN open(p)";
  EXPECT_EQ(proved(strikes(), open, {{"p", n(2)}}, 1),
            "holds at point 1: (LETPAST open(p) = ((EXISTS i. strike(i, p)) OR ((PREVIOUS open(p))... with p = 2 [one]\n"
            "  holds at point 1: open(p) with p = 2 [definition]\n"
            "    holds at point 1: ((EXISTS i. strike(i, p)) OR ((PREVIOUS open(p)) AND (NOT notice(p)))) with p = 2 [one]\n"
            "      holds at point 1: ((PREVIOUS open(p)) AND (NOT notice(p))) with p = 2 [all]\n"
            "        holds at point 1: (PREVIOUS open(p)) with p = 2 [at-point]\n"
            "          holds at point 0: open(p) with p = 2 [definition]\n"
            "            holds at point 0: ((EXISTS i. strike(i, p)) OR ((PREVIOUS open(p)) AND (NOT notice(p)))) with p = 2 [one]\n"
            "              holds at point 0: (EXISTS i. strike(i, p)) with p = 2 [witness]\n"
            "                holds at point 0: strike(i, p) with i = 102, p = 2 [fact 2]\n"
            "        holds at point 1: (NOT notice(p)) with p = 2 [negation]\n"
            "          fails at point 1: notice(p) with p = 2 [none among 1 facts at points 1 to 1]\n");
  const char* never = "LETPAST seen(p) = notice(p) OR PREVIOUS seen(p) IN strike(i,p) AND NOT seen(p)";
  EXPECT_EQ(proved(strikes(), never, {{"i", n(103)}, {"p", n(1)}}, 1),
            "holds at point 1: (LETPAST seen(p) = (notice(p) OR (PREVIOUS seen(p))) IN (strike(i, ... with i = 103, p = 1 [one]\n"
            "  holds at point 1: (strike(i, p) AND (NOT seen(p))) with i = 103, p = 1 [all]\n"
            "    holds at point 1: strike(i, p) with i = 103, p = 1 [fact 3]\n"
            "    holds at point 1: (NOT seen(p)) with p = 1 [negation]\n"
            "      fails at point 1: seen(p) with p = 1 [definition]\n"
            "        fails at point 1: (notice(p) OR (PREVIOUS seen(p))) with p = 1 [all]\n"
            "          fails at point 1: notice(p) with p = 1 [none among 1 facts at points 1 to 1]\n"
            "          fails at point 1: (PREVIOUS seen(p)) with p = 1 [at-point]\n"
            "            fails at point 0: seen(p) with p = 1 [definition]\n"
            "              fails at point 0: (notice(p) OR (PREVIOUS seen(p))) with p = 1 [all]\n"
            "                fails at point 0: notice(p) with p = 1 [none among 2 facts at points 0 to 0]\n"
            "                fails at point 0: (PREVIOUS seen(p)) with p = 1 [no such point in the window]\n");
}

// A chain that is too long to write out: what holds is followed kMostUnfoldings uses deep, what fails is stated
// as a whole. A definition that uses its name twice is no larger than one that uses it once.
TEST(Explain, LongAndBranchingChainsStaySmall) {
  History h{{0, {{1, "P", {n(1)}}}}};
  for (int i = 1; i < 1000; ++i) h.push_back({i, {}});
  h.back().facts.push_back({2, "Q", {n(7)}});
  const std::string far = proved(h, "LETPAST L(x) = P(x) OR PREVIOUS L(x) IN L(x)", {{"x", n(1)}}, 999);
  EXPECT_NE(far.find("holds at point 799: L(x) with x = 1 [computed over 1 facts at points 0 to 799: more than 200 uses of the name deep]"),
            std::string::npos);
  EXPECT_EQ(proved(h, "LETPAST L(x) = P(x) OR PREVIOUS L(x) IN Q(x) AND NOT L(x)", {{"x", n(7)}}, 999),
            "holds at point 999: (LETPAST L(x) = (P(x) OR (PREVIOUS L(x))) IN (Q(x) AND (NOT L(x)))) with x = 7 [one]\n"
            "  holds at point 999: (Q(x) AND (NOT L(x))) with x = 7 [all]\n"
            "    holds at point 999: Q(x) with x = 7 [fact 2]\n"
            "    holds at point 999: (NOT L(x)) with x = 7 [negation]\n"
            "      fails at point 999: L(x) with x = 7 [none among 2 facts at points 0 to 999]\n");
  const char* twice = "LETPAST L(x) = P(x) OR ((PREVIOUS L(x)) AND PREVIOUS[1,1] L(x)) IN L(x)";
  const std::string small = proved(h, twice, {{"x", n(1)}}, 100);
  EXPECT_LT(std::count(small.begin(), small.end(), '\n'), 1000);
  EXPECT_NE(small.find("[as above]"), std::string::npos);
}

TEST(Explain, TheClockIsARuleOfItsOwn) {
  EXPECT_EQ(proved(strikes(), "strike(i,p) AND tpts(k,t) AND NOT ts(41)", {{"i", n(104)}, {"p", n(1)}, {"k", n(3)}, {"t", n(40)}}, 3),
            "holds at point 3: ((strike(i, p) AND tpts(k, t)) AND (NOT ts(41))) with i = 104, k = 3, p = 1, t = 40 [all]\n"
            "  holds at point 3: (strike(i, p) AND tpts(k, t)) with i = 104, k = 3, p = 1, t = 40 [all]\n"
            "    holds at point 3: strike(i, p) with i = 104, p = 1 [fact 5]\n"
            "    holds at point 3: tpts(k, t) with k = 3, t = 40 [clock]\n"
            "  holds at point 3: (NOT ts(41)) [negation]\n"
            "    fails at point 3: ts(41) [clock]\n");
}

// A proof is not the only one: by another point it proves the same, and checks.
TEST(Explain, AnotherWitnessIsAnotherProof) {
  const auto f = *parse_formula("EVENTUALLY[0,10] TRUE");
  const auto p = explain(strikes(), f, {}, 0);
  ASSERT_TRUE(p);
  const auto at = [&](std::size_t point) { return changed(*p, {0}, [&](Proof& q) { q.point = point; }); };
  EXPECT_TRUE(check_proof(strikes(), f, {}, 0, at(1)));
  EXPECT_FALSE(check_proof(strikes(), f, {}, 0, at(2)));
}

TEST(Explain, WindowsAreThoseOfTheDefinition) {
  using plan::Bound;
  const History h{{0, {}}, {1, {}}, {1, {}}, {2, {}}, {5, {}}, {5, {}}, {9, {}}};
  std::vector<plan::Interval> intervals{plan::always_interval(), within(0), within(4), plan::between(1, 4), plan::at_least(2)};
  intervals.push_back({Bound{0, std::nullopt, true}, Bound{4, std::nullopt, true}});
  for (const plan::Interval& i : intervals) {
    for (std::size_t at = 0; at < h.size(); ++at) {
      const Window back = window(h, *plan::once(i, plan::truth()), at, {}), ahead = window(h, *plan::eventually(i, plan::truth()), at, {});
      const Window before = window(h, *plan::previous(i, plan::truth()), at, {}), next = window(h, *plan::next(i, plan::truth()), at, {});
      const auto has = [](const Window& w, std::size_t j) { return w.first <= j && j < w.end; };
      for (std::size_t j = 0; j < h.size(); ++j) {
        const bool inside = plan::contains(i, h[std::min(at, j)].ts, h[std::max(at, j)].ts);
        EXPECT_EQ(has(back, j), j <= at && inside);
        EXPECT_EQ(has(ahead, j), j >= at && inside);
        EXPECT_EQ(has(before, j), j + 1 == at && inside);
        EXPECT_EQ(has(next, j), j == at + 1 && inside);
      }
    }
  }
}

// Found by random formulas.
TEST(Explain, OnceWrong) {
  Signature sig;
  sig.add({"R", {plan::Type::integer, plan::Type::real}, {}});
  const History nothing{{5, {}}, {6, {}}};
  const Reading typed{{}, &sig};
  // No fact and no value tells the type of the sum.
  EXPECT_EQ(proved(nothing, "EXISTS s. (s <- SUM x R(x, f))", {}, 0, typed),
            "holds at point 0: (EXISTS s. (s <- SUM x R(x, f))) [witness]\n"
            "  holds at point 0: (s <- SUM x R(x, f)) with s = 0 [these 0 and no others among 0 facts at points 0 to 0]\n");
  // Infinity is not a rounding of 0.
  EXPECT_EQ(proved(nothing, "(NOT (m <- AVG x R(x, f))) AND (m <- MIN f R(x, f))", {{"m", HUGE_VAL}}, 0, typed).substr(0, 18),
            "holds at point 0: ");
}

TEST(Explain, WhatDoesNotHoldIsNotExplained) {
  const auto p = explain(strikes(), pred("notice", {var("p")}), {{"p", n(2)}}, 2);
  ASSERT_FALSE(p);
  EXPECT_EQ(p.error().code, "logic.no-such-verdict");
}

TEST(Explain, JsonIsStable) {
  const auto p = explain(strikes(), pred("notice", {var("p")}), {{"p", n(1)}}, 2);
  ASSERT_TRUE(p);
  const std::string wanted = R"j({"rule":"fact","holds":true,"formula":"notice(p)","point":2,"values":{"p":"1"},"fact":4})j";
  EXPECT_EQ(to_json(*p), wanted);
}

}  // namespace
}  // namespace surety::logic
