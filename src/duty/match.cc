#include "duty/match.h"

#include <algorithm>

namespace surety::duty {
namespace {

using model::Grade;
using model::Truth;

Truth truth(bool b) { return b ? Truth::holds : Truth::fails; }

// Low and high of a field against a bound; a bound that the source left open decides nothing.
Truth compare_amount(const model::Amount& a, plan::Test::Op op, const Quantity& q) {
  const auto order = [&](const std::optional<Decimal>& n) -> std::optional<std::strong_ordering> {
    if (!n) return std::nullopt;
    if (a.unit == q.unit || q.unit.empty()) return *n <=> q.number;
    const auto r = compare(Quantity{*n, a.unit}, q);
    if (!r) return std::nullopt;
    return *r;
  };
  const auto low = order(a.low), high = order(a.high);
  switch (op) {
    case plan::Test::Op::at_least:
      if (low && *low >= 0) return Truth::holds;
      return high && *high < 0 ? Truth::fails : Truth::undetermined;
    case plan::Test::Op::above:
      if (low && *low > 0) return Truth::holds;
      return high && *high <= 0 ? Truth::fails : Truth::undetermined;
    case plan::Test::Op::at_most:
      if (high && *high <= 0) return Truth::holds;
      return low && *low > 0 ? Truth::fails : Truth::undetermined;
    case plan::Test::Op::below:
      if (high && *high < 0) return Truth::holds;
      return low && *low >= 0 ? Truth::fails : Truth::undetermined;
    default:
      return Truth::undetermined;
  }
}

std::optional<plan::Test::Op> operator_named(const std::string& words) {
  if (words == "at least") return plan::Test::Op::at_least;
  if (words == "at most") return plan::Test::Op::at_most;
  if (words == "above") return plan::Test::Op::above;
  if (words == "below") return plan::Test::Op::below;
  return std::nullopt;
}

std::optional<model::Amount> amount_of(const model::Fields& fields, const std::string& name) {
  const auto it = fields.find(name);
  if (it == fields.end()) return std::nullopt;
  if (const auto* a = std::get_if<model::Amount>(&it->second)) return *a;
  if (const auto* text = std::get_if<std::string>(&it->second))
    if (const auto n = Decimal::parse(*text)) return model::Amount{*n, *n, "", ""};
  return std::nullopt;
}

Truth weapon_in(const plan::Weapon& weapon, const model::Fields& fields, const std::string& field) {
  const std::string type = text_field(fields, field);
  if (type.empty()) return Truth::undetermined;
  if (type == weapon.name) return Truth::holds;
  Truth any = Truth::fails;
  for (const auto& part : weapon.parts) {
    if (part.type != type) continue;
    const auto op = operator_named(part.comparison);
    if (!op) return Truth::holds;
    const auto calibre = amount_of(fields, "calibre");
    any = model::either(any, calibre ? compare_amount(*calibre, *op, part.calibre) : Truth::undetermined);
  }
  return any;
}

Truth in_named(const World& world, const plan::Agreement& a, const plan::Test& t, const Happening& h) {
  for (const auto& weapon : a.weapons)
    if (weapon.name == t.word) return weapon_in(weapon, h.fields(), t.field);
  const Zones* zones = world.options().zones;
  if (!zones || !h.place()) return Truth::undetermined;
  return zones->contains(t.word, *h.place());
}

Truth distance_test(const World& world, const plan::Test& t, const Happening& h) {
  const Zones* zones = world.options().zones;
  if (!zones || !h.place() || !t.quantity) return Truth::undetermined;
  const double factor = t.quantity->unit == "km" ? 1000.0 : t.quantity->unit == "m" ? 1.0 : 0.0;
  if (factor == 0.0) return Truth::undetermined;
  const auto metres = static_cast<std::int64_t>(t.quantity->number.approximate() * factor + 0.5);
  const Truth near = zones->within(t.distance_to, *h.place(), metres);
  // A measured distance is never exact to the metre, so "below" and "at most" do not differ here.
  const bool wants_near = t.op == plan::Test::Op::below || t.op == plan::Test::Op::at_most;
  return wants_near ? near : model::opposite(near);
}

Truth event_matches(const plan::Agreement& a, const plan::Pattern& p, const std::string& happened) {
  if (happened == p.name) return Truth::holds;
  const plan::Event* event = a.event(p.name);
  if (!event) return Truth::fails;
  Truth best = Truth::fails;
  for (const auto& general : event->reported_as) {
    if (covers(general, happened)) return Truth::holds;
    // "strike" when the text asks for "strike.missile": it may have been one.
    if (covers(happened, general)) best = Truth::undetermined;
  }
  return best;
}

// The built-in acts whose statements have another event than the act's name.
bool built_in(const plan::Pattern& p) { return p.name == "decide" || p.name == "conclude"; }

Truth act_matches(const plan::Pattern& p, const Happening& h) {
  if (p.name == "decide") return truth(h.kind == model::Kind::decision);
  if (p.name == "conclude") return truth(h.kind == model::Kind::conclusion && h.event == "Concluded");
  return Truth::fails;
}

// decide(Finding), conclude(clause A1), conclude("title"): what the statement itself is about.
Truth act_test(const plan::Test& t, const Happening& h) {
  if (t.field == "finding") return truth(h.event == t.word);
  if (t.field != "clause") {
    const std::string said = text_field(h.fields(), t.field);
    return said.empty() ? Truth::undetermined : truth(said == t.word);
  }
  const auto& clauses = h.statement->clauses;
  if (std::find(clauses.begin(), clauses.end(), t.word) != clauses.end()) return Truth::holds;
  return clauses.empty() ? Truth::undetermined : Truth::fails;
}

}  // namespace

Truth test(const World& world, const plan::Agreement& a, const plan::Test& t, const Happening& h) {
  using Op = plan::Test::Op;
  if (!t.distance_to.empty()) return distance_test(world, t, h);
  if (t.op == Op::in) return in_named(world, a, t, h);
  if (t.op == Op::outside) return model::opposite(in_named(world, a, t, h));
  if (t.op == Op::is || t.op == Op::is_not) {
    const std::string text = text_field(h.fields(), t.field);
    if (text.empty()) return Truth::undetermined;
    return truth((text == t.word) == (t.op == Op::is));
  }
  const auto amount = amount_of(h.fields(), t.field);
  if (!amount || !t.quantity) return Truth::undetermined;
  return compare_amount(*amount, t.op, *t.quantity);
}

namespace {

// One of the pattern's tests: of what the act is about, where the pattern is of a built-in act.
Truth pattern_test(const World& world, const plan::Agreement& a, const plan::Pattern& p, const plan::Test& t, const Happening& h) {
  return h.act() && built_in(p) ? act_test(t, h) : test(world, a, t, h);
}

}  // namespace

Truth occurred(const World& world, const plan::Agreement& a, const plan::Pattern& p, const Happening& h) {
  if (p.decided) {
    if (h.kind != model::Kind::decision || h.event != p.name || h.statement->author != p.decided_by) return Truth::fails;
    if (text_field(h.fields(), "holds") == "no") return Truth::fails;
  } else if (p.name == "decide") {
    // A body has done its duty to decide whichever way it decides.
  } else if (h.kind == model::Kind::decision && text_field(h.fields(), "holds") == "no") {
    return Truth::fails;
  }
  Truth t = Truth::holds;
  t = event_matches(a, p, h.event);
  if (h.act()) {
    // What is said under another instrument is nothing to this one.
    if (!h.statement->instrument.empty() && h.statement->instrument != a.name) return Truth::fails;
    t = model::either(t, act_matches(p, h));
  }
  if (t == Truth::fails) return t;
  if (h.occurrence < p.occurrence || world.refuted(h, p.name)) return Truth::fails;
  for (const auto& one : p.tests) t = model::both(t, pattern_test(world, a, p, one, h));
  return h.doubtful ? model::both(t, Truth::undetermined) : t;
}

Truth done_by(const Happening& h, const std::string& party, Grade at_least) {
  const Grade needed = std::max(at_least, Grade::claimed);
  Grade mine = Grade::none, others = Grade::none;
  for (const auto& a : h.attributions) {
    Grade& side = a.party == party ? mine : others;
    side = std::max(side, a.grade);
  }
  if (mine >= needed) return mine > others ? Truth::holds : mine == others ? Truth::undetermined : Truth::fails;
  if (others >= needed) return Truth::fails;
  return Truth::undetermined;  // nobody is established: it may have been anybody
}

std::vector<std::string> left_open(const World& world, const plan::Agreement& a, const plan::Pattern& p, const Happening& h,
                                   const std::string& party) {
  std::vector<std::string> out;
  if (h.doubtful) out.push_back("whether it happened");
  if (event_matches(a, p, h.event) == Truth::undetermined) out.push_back("what it was");
  for (const auto& one : p.tests) {
    if (pattern_test(world, a, p, one, h) != Truth::undetermined) continue;
    const bool about_place = !one.distance_to.empty() || one.op == plan::Test::Op::in || one.op == plan::Test::Op::outside;
    const std::string what = about_place && h.fields().find(one.field) == h.fields().end() ? "the place" : one.field;
    if (std::find(out.begin(), out.end(), what) == out.end()) out.push_back(what);
  }
  if (done_by(h, party, p.attribution) == Truth::undetermined) out.push_back("who did it");
  return out;
}

Truth inside(const TimeRange& when, const Window& w) {
  if (when.to < w.from || when.from >= w.until) return Truth::fails;
  return when.from >= w.from && when.to < w.until ? Truth::holds : Truth::undetermined;
}

std::vector<Match> match(const World& world, const plan::Agreement& a, const plan::Pattern& p, const Window& window) {
  using Who = plan::Pattern::Who;
  std::vector<Match> out;
  const bool asks_who = p.who != Who::anyone;
  const auto& candidates = p.who == Who::named ? p.parties : a.parties;
  const auto add = [&](std::uint32_t i) {
    const Happening& h = world[i];
    Truth base = occurred(world, a, p, h);
    if (!h.act()) base = model::both(base, inside(h.when, window));
    if (base == Truth::fails) return;
    const std::int64_t at = h.act() ? h.stamp() : std::min(h.stamp(), window.until.us - 1);
    if (!asks_who) {
      if (p.attribution > Grade::none) {
        const Grade best = h.attributions.empty() ? Grade::none : h.attributions.front().grade;
        if (best < p.attribution) base = Truth::undetermined;
      }
      out.push_back({at, i, {}, base == Truth::holds});
      return;
    }
    // A decision's actor is whom it is about; who decided is its author.
    if (p.name == "decide") {
      const auto& by = h.statement->author;
      if (p.who != Who::named || std::find(candidates.begin(), candidates.end(), by) != candidates.end())
        out.push_back({at, i, by, base == Truth::holds});
      return;
    }
    for (const auto& party : candidates) {
      const Truth t = model::both(base, done_by(h, party, p.attribution));
      if (t != Truth::fails) out.push_back({at, i, party, t == Truth::holds});
    }
    if (p.who == Who::named) return;
    for (const auto& by : h.attributions) {  // a body, which is no party, can be a bearer
      if (std::find(candidates.begin(), candidates.end(), by.party) != candidates.end()) continue;
      const Truth t = model::both(base, done_by(h, by.party, p.attribution));
      if (t != Truth::fails) out.push_back({at, i, by.party, t == Truth::holds});
    }
  };
  for (const auto& [event, indices] : world.by_event())
    if (built_in(p) || event_matches(a, p, event) != Truth::fails)
      for (const auto i : indices) add(i);
  std::sort(out.begin(), out.end(), [](const Match& x, const Match& y) {
    if (x.at != y.at) return x.at < y.at;
    return x.happening != y.happening ? x.happening < y.happening : x.party < y.party;
  });
  return out;
}

}  // namespace surety::duty
