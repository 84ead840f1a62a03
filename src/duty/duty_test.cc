// Properties that no single case shows; the cases themselves are golden_test.cc's.
#include "duty/duty.h"

#include <gtest/gtest.h>

#include <ctime>
#include <random>
#include <set>

#include "duty/cases.h"
#include "duty/norm.h"

namespace surety::duty {
namespace {

using model::DutyState;
using model::Grade;
using model::Kind;

const char* const kText = R"(agreement Model version 1.
parties Alpha, Bravo, Mediator.
group Belligerents = Alpha, Bravo.
body Monitor of Mediator.
body Commission of Alpha, Bravo, Mediator.
clock Europe/Kyiv, months round down, start day excluded.
binding legal.
source "test".
in force from 2026-06-01T00:00 until 2026-07-01T00:00.
event Fire reported as "fire", "strike" { place: position, rounds: count, weapon: text } observed by Monitor.
event SelfDefence { against: party }.
event Notice { subject: text }.
finding SeriousFire is Fire where rounds at least 10, at least reported.
finding MaterialBreach is Fire where rounds at least 50, decided by Commission.
parameter many = 20 "our reading".
clause 1 "Cessation" source "1"
  each of Belligerents must not Fire continuously from entry into force
  except when SelfDefence
  on evidence at least reported, attributed at least reported otherwise clause 2.
clause 2 "Explain" source "2"
  each of Belligerents must explain within 48 hours after the event otherwise unspecified.
clause 3 "Serious" source "3"
  Commission must decide(MaterialBreach)
  when 3 SeriousFire by the same party, at least reported, attributed at least reported within 72 hours
  within 7 calendar days after the event otherwise unspecified.
clause 4 "No serious fire" source "4"
  each of Belligerents must not SeriousFire continuously
  on evidence at least reported, attributed at least reported otherwise unspecified.
status Agreement
  in-force to strained when 3 SeriousFire by the same party, at least reported, attributed at least reported within 72 hours
  in-force to strained when many Fire by anyone, at least reported within 7 calendar days
  strained to in-force when no SeriousFire by anyone for 2 calendar days
  in-force, strained to breached when MaterialBreach, at least adjudicated.
)";

struct World2 {
  std::vector<model::Statement> statements;
  std::vector<model::Incident> incidents;
};

World2 random_world(unsigned seed, int n) {
  std::mt19937 random(seed);
  const auto pick = [&](int k) { return static_cast<int>(random() % static_cast<unsigned>(k)); };
  World2 w;
  for (int k = 0; k < n; ++k) {
    const Instant when = at("2026-05-30T00:00:00Z") + Span::minutes(pick(34 * 24 * 60));
    const char* events[] = {"fire.mortar", "strike.drone", "fire", "explosion"};
    const char* actors[] = {"Alpha", "Bravo", "", "Mediator"};
    model::Statement s = say(Kind::observation, "Press" + std::to_string(pick(5)), events[pick(4)], to_string(when), actors[pick(4)]);
    if (pick(3)) s.fields["rounds"] = model::Amount{Decimal(pick(30)), Decimal(pick(10) + 30), "", ""};
    if (pick(4) == 0) s.when.to = s.when.to + Span::hours(pick(12));
    s.text = std::to_string(k);
    model::seal(s);
    w.incidents.push_back(incident_of(s, static_cast<Grade>(1 + pick(4)), static_cast<Grade>(1 + pick(3))));
    w.statements.push_back(s);
    if (pick(6) == 0) {
      model::Statement act = say(pick(2) ? Kind::decision : Kind::performance, pick(2) ? "Commission" : "Alpha",
                                 std::vector<std::string>{"SelfDefence", "MaterialBreach", "explain"}[static_cast<std::size_t>(pick(3))],
                                 to_string(when + Span::hours(pick(40))), actors[pick(2)]);
      if (pick(2)) act.about = {s.id};
      model::seal(act);
      w.statements.push_back(act);
    }
  }
  return w;
}

Outcome run(const plan::Agreement& a, const World2& w, Instant now = at("2026-07-10T00:00:00Z")) {
  auto out = decide(a, w.incidents, w.statements, {.now = now});
  EXPECT_TRUE(out) << out.error().text();
  return std::move(*out);
}

TEST(Duty, OrderOfInputsChangesNothing) {
  const auto a = agreement(kText);
  for (unsigned seed = 1; seed <= 3; ++seed) {
    World2 w = random_world(seed, 60);
    const std::string first = all_bytes(run(a, w));
    EXPECT_GT(first.size(), 2000u);
    std::mt19937 random(seed);
    for (int k = 0; k < 3; ++k) {
      std::shuffle(w.incidents.begin(), w.incidents.end(), random);
      std::shuffle(w.statements.begin(), w.statements.end(), random);
      ASSERT_EQ(all_bytes(run(a, w)), first) << "seed " << seed;
    }
  }
}

std::set<std::string> settled(const Outcome& o, DutyState state) {
  std::set<std::string> out;
  for (const auto& v : o.duties)
    if (v.state == state) out.insert(v.clause + "|" + v.bearer + "|" + v.trigger + "|" + v.reading);
  return out;
}

// Of a prohibition, withholding takes breaches away and never makes one; and what was not surely kept
// does not become surely kept (LANGUAGE.md §7.6).
TEST(Duty, WithholdingOnlyMovesToUndetermined) {
  const auto a = agreement(kText);
  for (unsigned seed = 1; seed <= 5; ++seed) {
    World2 w = random_world(seed, 40);
    const Outcome full = run(a, w);
    for (std::size_t k = 0; k < w.incidents.size(); k += 3) {
      World2 less = w;
      auto& i = less.incidents[k];
      if (k % 2) i.attributions.clear();
      for (auto& [name, value] : i.fields) value = model::Withheld{};
      const Outcome part = run(a, less);
      for (const char* clause : {"1", "4"}) {
        const auto only = [&](const std::set<std::string>& all) {
          std::set<std::string> out;
          for (const auto& x : all)
            if (x.rfind(clause, 0) == 0) out.insert(x);
          return out;
        };
        const auto before = only(settled(full, DutyState::breached)), after = only(settled(part, DutyState::breached));
        EXPECT_TRUE(std::includes(before.begin(), before.end(), after.begin(), after.end())) << "seed " << seed << " incident " << k;
        const auto kept = only(settled(full, DutyState::fulfilled)), kept2 = only(settled(part, DutyState::fulfilled));
        EXPECT_TRUE(std::includes(kept.begin(), kept.end(), kept2.begin(), kept2.end())) << "seed " << seed << " incident " << k;
      }
    }
  }
}

std::string swapped(std::string s) {
  const auto replace = [&](const std::string& from, const std::string& to) {
    for (std::size_t p = 0; (p = s.find(from, p)) != std::string::npos; p += to.size()) s.replace(p, from.size(), to);
  };
  replace("Alpha", "\x01");
  replace("Bravo", "Alpha");
  replace("\x01", "Bravo");
  return s;
}

std::multiset<std::string> lines(const Outcome& o, bool swap) {
  std::multiset<std::string> out;
  for (const auto& v : o.duties) {
    std::string l = v.clause + "|" + v.bearer + "|" + std::string(model::name(v.state)) + "|" + to_string(v.event_time) + "|" +
                    (v.due ? to_string(*v.due) : "");
    out.insert(swap ? swapped(l) : l);
  }
  for (const auto& v : o.states) out.insert(v.machine + v.from + v.to + to_string(v.event_time) + (v.certain ? "!" : "?"));
  return out;
}

TEST(Duty, TakesNoSide) {
  const auto a = agreement(kText);
  for (unsigned seed = 20; seed < 26; ++seed) {
    const World2 w = random_world(seed, 80);
    World2 mirror = w;
    for (auto& i : mirror.incidents) {
      for (auto& x : i.attributions) x.party = swapped(x.party);
      std::sort(i.attributions.begin(), i.attributions.end(),
                [](const auto& x, const auto& y) { return x.grade != y.grade ? x.grade > y.grade : x.party < y.party; });
    }
    for (auto& s : mirror.statements) {
      s.actor = swapped(s.actor);
      s.author = swapped(s.author);
    }
    EXPECT_EQ(lines(run(a, w), false), lines(run(a, mirror), true)) << "seed " << seed;
  }
}

// The monitor's answer at every instant at which it may change, against proofs by enumeration.
TEST(Duty, MonitorAgreesWithProofs) {
  const auto a = agreement(kText);
  std::size_t held = 0, failed = 0;
  for (unsigned seed = 40; seed < 44; ++seed) {
    const World2 w = random_world(seed, 60);
    const Options o{.now = at("2026-07-10T00:00:00Z")};
    const World world(a, w.incidents, w.statements, o);
    duty::Run r(a, world, o);
    ASSERT_TRUE(stand(r));
    std::vector<plan::Formula> all;
    for (const auto& t : a.machines[0].transitions) {
      all.push_back(t.when.certain);
      all.push_back(t.when.possible);
    }
    for (const auto& f : all) {
      const auto free = plan::free_variables(f);
      const auto relation = evaluate(f, "test", r.facts, r.now);
      ASSERT_TRUE(relation) << relation.error().text();
      std::vector<Held> spans;
      for (const auto& [row, list] : relation->rows) spans.insert(spans.end(), list.begin(), list.end());
      spans = merge(spans);
      const auto points = change_points(f, r.facts, r.now);
      ASSERT_TRUE(points);
      for (const Ticks t : *points) {
        const bool proved = r.prover().prove(f, t, {}).has_value();
        EXPECT_EQ(holding(spans, t) != nullptr, proved) << plan::text_short(f, 200) << " at " << to_string(Instant{t});
        ++(proved ? held : failed);
      }
    }
  }
  EXPECT_GT(held, 100u);
  EXPECT_GT(failed, 100u);
}

TEST(Duty, ViewsKeepHypothesesApart) {
  const auto a = agreement(kText);
  World2 w = random_world(3, 40);
  const std::string before = all_bytes(run(a, w));
  model::Statement s = say(Kind::observation, "Exercise", "fire", "2026-06-10T10:00:00Z", "Alpha");
  s.exercise = model::Exercise::hypothetical;
  model::seal(s);
  w.incidents.push_back(incident_of(s, Grade::reported, Grade::reported));
  const auto actual = decide(a, w.incidents, w.statements, {.now = at("2026-07-10T00:00:00Z")});
  EXPECT_EQ(all_bytes(*actual), before);
  const auto supposed = decide(a, w.incidents, w.statements, {.now = at("2026-07-10T00:00:00Z"), .view = model::Exercise::hypothetical});
  EXPECT_EQ(settled(*supposed, DutyState::breached).size(),
            settled(*actual, DutyState::breached).size() + 1 + 1);  // and the explanation it calls for
  for (const auto& v : supposed->duties) EXPECT_EQ(v.exercise, model::Exercise::hypothetical);
}

TEST(Duty, LateEvidenceLinksToWhatItReplaces) {
  const auto a = agreement(kText);
  World2 w;
  const auto s = say(Kind::observation, "Press", "fire", "2026-06-10T10:00:00Z", "Alpha");
  w.statements = {s};
  w.incidents = {incident_of(s, Grade::reported, Grade::reported)};
  const Outcome before = run(a, w);
  w.statements.push_back(say(Kind::performance, "Alpha", "explain", "2026-06-11T10:00:00Z", "Alpha"));
  Outcome now = run(a, w);
  link(before, now);
  const auto fulfilled =
      std::find_if(now.duties.begin(), now.duties.end(), [](const auto& v) { return v.clause == "2" && v.state == DutyState::fulfilled; });
  ASSERT_NE(fulfilled, now.duties.end());
  const auto breach = std::find_if(before.duties.begin(), before.duties.end(),
                                   [](const auto& v) { return v.clause == "2" && v.state == DutyState::breached; });
  ASSERT_NE(breach, before.duties.end());
  EXPECT_EQ(fulfilled->supersedes, breach->id);
}

// Four times the incidents take about four times the CPU time; well under what a square would.
TEST(Duty, GrowsWithTheIncidents) {
  const auto a = agreement(kText);
  const auto cost = [&](int n) {
    const World2 w = random_world(7, n);
    const std::clock_t start = std::clock();
    (void)run(a, w);
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  };
  const double small = cost(1500), large = cost(6000);
  EXPECT_LT(large, 9 * small + 0.2) << small << " s, then " << large << " s";
}

}  // namespace
}  // namespace surety::duty
