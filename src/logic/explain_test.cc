#include "logic/explain.h"

#include <gtest/gtest.h>

#include "logic/explain_check.h"

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
  const Proof& none = p->children[1].children[0];
  EXPECT_EQ(none.rule, Rule::none);
  EXPECT_EQ(none.from, 3u);
  EXPECT_EQ(none.scanned, 2u);
  expect_checks(strikes(), f, v, 3, *p);
  Proof blind = *p;
  blind.children[1].children[0].from = blind.children[1].children[0].to = 4;
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
