#include "fulfil/fulfil.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace surety::fulfil {
namespace {

using model::Amount;
using model::Kind;
using model::Statement;

plan::Agreement paris() {
  plan::Agreement a;
  a.name = "Paris";
  a.binding.kind = model::Binding::intended;
  const auto clause = [&](const char* id, const char* kind, std::vector<std::string> bearers) {
    plan::Clause c;
    c.id = id;
    c.title = id;
    c.kind = kind;
    c.bearers = std::move(bearers);
    a.clauses.push_back(c);
  };
  clause("S1", "deliveries", {"France", "UK"});
  clause("F1", "force", {"France", "UK"});
  clause("F3", "hub", {"France", "UK"});
  clause("F2", "non-use", {"France"});
  clause("T1", "training", {"France"});
  return a;
}

Statement make(Kind kind, const char* author, const char* clause, const char* item, const char* stage, const char* day,
               std::optional<Amount> amount) {
  Statement s;
  s.kind = kind;
  s.author = author;
  s.event = item;
  s.when.from = s.when.to = s.known_at = parse_instant(std::string(day) + "T00:00:00Z").value();
  s.instrument = "Paris";
  if (*clause) s.clauses = {clause};
  s.fields["item"] = std::string(item);
  s.fields["stage"] = std::string(stage);
  if (amount) s.fields["amount"] = *amount;
  s.source = "test";
  model::seal(s);
  return s;
}

Amount exact(int n, const char* unit) { return {Decimal(n), Decimal(n), unit, ""}; }

const ClauseAccount& of(const Account& a, const std::string& id) {
  return *std::find_if(a.clauses.begin(), a.clauses.end(), [&](const auto& c) { return c.clause == id; });
}

TEST(Fulfil, NothingRecordedIsSaid) {
  const Account a = account(paris(), {}, {});
  ASSERT_EQ(a.clauses.size(), 4u);  // a prohibition promises nothing
  for (const auto& c : a.clauses) EXPECT_EQ(c.state, "nothing recorded");
  EXPECT_EQ(of(a, "S1").silent, (std::vector<std::string>{"France", "UK"}));
}

TEST(Fulfil, PromisedDoneOpen) {
  const Statement pledge = make(Kind::pledge, "France", "S1", "guns", "committed", "2026-01-10", exact(50, "guns"));
  Statement shipped = make(Kind::performance, "France", "S1", "guns", "shipped", "2026-02-10", exact(30, "guns"));
  shipped.about = {pledge.id};
  model::seal(shipped);
  Statement received = make(Kind::performance, "Ukraine", "", "guns", "received", "2026-02-20", exact(28, "guns"));
  received.about = {shipped.id};
  received.instrument.clear();
  model::seal(received);
  const std::vector<Statement> all{pledge, shipped, received};
  const Account a = account(paris(), all, {});
  const auto& b = of(a, "S1").balances.at(0);
  EXPECT_EQ(b.party, "France");
  EXPECT_EQ(model::to_string(b.promised.at("committed")), "50 guns");
  EXPECT_EQ(model::to_string(b.done.at("shipped")), "30 guns");
  EXPECT_EQ(model::to_string(b.done.at("received")), "28 guns");  // two accounts of one delivery are not added
  EXPECT_EQ(model::to_string(b.confirmed), "28 guns");
  EXPECT_EQ(model::to_string(*b.open), "20 to 22 guns");
  EXPECT_EQ(of(a, "S1").state, "partly done");
  EXPECT_EQ(of(a, "S1").silent, (std::vector<std::string>{"UK"}));
  // As known before the receipt, only the giver's word stands.
  const Account early = account(paris(), all, {.known_at = parse_instant("2026-02-15T00:00:00Z").value()});
  EXPECT_EQ(model::to_string(*of(early, "S1").balances.at(0).open), "20 to 50 guns");
}

TEST(Fulfil, VagueStaysVague) {
  const std::vector<Statement> all{
      make(Kind::pledge, "France", "F1", "soldiers", "announced", "2026-01-06", Amount{{}, {}, "soldiers", "perhaps thousands"})};
  const Account a = account(paris(), all, {});
  EXPECT_EQ(of(a, "F1").state, "vague");
  EXPECT_EQ(of(a, "F1").balances.at(0).words, (std::vector<std::string>{"perhaps thousands"}));
  EXPECT_FALSE(of(a, "F1").balances.at(0).open);
  ASSERT_EQ(a.forces.size(), 1u);
  EXPECT_FALSE(a.forces[0].pledged.low || a.forces[0].pledged.high);
  EXPECT_EQ(a.forces[0].words, "perhaps thousands");
}

TEST(Fulfil, UnlikeUnitsAndStagesAreNeverAdded) {
  const std::vector<Statement> all{make(Kind::pledge, "UK", "S1", "aid", "announced", "2026-01-06", exact(3, "EUR")),
                                   make(Kind::pledge, "UK", "S1", "aid", "announced", "2026-01-07", exact(4, "GBP")),
                                   make(Kind::pledge, "UK", "S1", "aid", "announced", "2026-01-08", exact(5, "EUR")),
                                   make(Kind::pledge, "UK", "S1", "aid", "allocated", "2026-01-09", exact(2, "EUR"))};
  const auto b = of(account(paris(), all, {}), "S1").balances;
  ASSERT_EQ(b.size(), 2u);
  EXPECT_EQ(model::to_string(b[0].promised.at("announced")), "8 EUR");
  EXPECT_EQ(model::to_string(b[0].promised.at("allocated")), "2 EUR");
  EXPECT_EQ(model::to_string(*b[0].open), "2 EUR");  // measured against the firmest word
  EXPECT_EQ(model::to_string(b[1].promised.at("announced")), "4 GBP");
}

TEST(Fulfil, AmendedAndWithdrawn) {
  const Statement pledge = make(Kind::pledge, "UK", "T1", "places", "announced", "2026-01-06", exact(100, "places"));
  Statement more = make(Kind::correction, "UK", "T1", "places", "committed", "2026-02-06", exact(150, "places"));
  more.about = {pledge.id};
  model::seal(more);
  Statement gone = make(Kind::withdrawal, "UK", "T1", "places", "", "2026-03-06", {});
  gone.about = {more.id};
  model::seal(gone);
  std::vector<Statement> all{pledge, more};
  Account a = account(paris(), all, {});
  ASSERT_EQ(a.entries.size(), 1u);
  EXPECT_EQ(a.entries[0].amends, (std::vector<std::string>{pledge.id}));
  EXPECT_EQ(model::to_string(of(a, "T1").balances.at(0).promised.at("committed")), "150 places");
  all.push_back(gone);
  EXPECT_EQ(of(account(paris(), all, {}), "T1").state, "nothing recorded");
}

TEST(Fulfil, HubsKeepStock) {
  Statement open = make(Kind::pledge, "UK", "F3", "hub", "announced", "2026-01-06", {});
  open.fields["hub"] = std::string("Hub West");
  model::seal(open);
  Statement in = make(Kind::performance, "UK", "F3", "vehicles", "stocked", "2026-02-06", exact(40, "vehicles"));
  Statement out = make(Kind::performance, "UK", "F3", "vehicles", "out", "2026-03-06", exact(15, "vehicles"));
  for (Statement* s : {&in, &out}) {
    s->fields["hub"] = std::string("Hub West");
    model::seal(*s);
  }
  const std::vector<Statement> all{open, in, out};
  const Account a = account(paris(), all, {});
  ASSERT_EQ(a.hubs.size(), 1u);
  EXPECT_EQ(a.hubs[0].name, "Hub West");
  EXPECT_FALSE(a.hubs[0].capacity);
  EXPECT_EQ(model::to_string(a.hubs[0].stock.at("vehicles")), "25 vehicles");
}

TEST(Fulfil, UnknownClauseIsAProblemAndKept) {
  const std::vector<Statement> all{make(Kind::pledge, "UK", "S99", "aid", "announced", "2026-01-06", exact(3, "EUR"))};
  const Account a = account(paris(), all, {});
  ASSERT_EQ(a.problems.size(), 1u);
  EXPECT_EQ(a.problems[0].code, "fulfil.unknown-clause");
  EXPECT_EQ(a.entries.size(), 1u);
}

TEST(Fulfil, OrderChangesNothing) {
  std::vector<Statement> all;
  for (int k = 0; k < 40; ++k)
    all.push_back(make(k % 3 ? Kind::pledge : Kind::performance, k % 2 ? "UK" : "France", k % 5 ? "S1" : "F1", "aid",
                       k % 4 ? "announced" : "shipped", "2026-01-06", exact(k, k % 7 ? "EUR" : "t")));
  const auto text = [&] {
    const Account a = account(paris(), all, {});
    std::string out;
    for (const auto& c : a.clauses) out += to_json(c, "Paris");
    for (const auto& f : a.forces) out += to_json(f, "Paris");
    for (const auto& e : a.entries) out += to_json(e, "Paris");
    return out;
  };
  const std::string first = text();
  std::mt19937 random(1);
  for (int k = 0; k < 5; ++k) {
    std::shuffle(all.begin(), all.end(), random);
    EXPECT_EQ(text(), first);
  }
}

}  // namespace
}  // namespace surety::fulfil
