// What can be said of a whole agreement without a solver.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "treaty/treaty.h"

namespace surety::treaty {
namespace {

using plan::Formula;
using plan::Op;

class Analyser {
 public:
  explicit Analyser(const plan::Agreement& a) : a_(a) {}

  std::vector<Diagnostic> run() {
    for (const auto& c : a_.clauses) clause(c);
    observers();
    levels();
    circular();
    ratification();
    sort(out_);
    return std::move(out_);
  }

 private:
  Diagnostic& add(Severity s, std::string code, std::string message, plan::TextSpan at, std::string help = {}) {
    out_.push_back({s, std::move(code), std::move(message), at, {}, std::move(help)});
    return out_.back();
  }

  // Items 10 and 12: what is missing, and what the text itself leaves open.
  void clause(const plan::Clause& c) {
    using M = plan::Modal;
    bool obliges = c.modal == M::must || c.modal == M::must_not;
    if (c.source.quote.empty())
      add(Severity::warning, "treaty.no-source", fmt::format("clause {} names no source", c.id), c.span, "add: source \"…\"");
    if (obliges && c.otherwise.empty() && !c.otherwise_unspecified)
      add(Severity::warning, "treaty.no-consequence", fmt::format("clause {} does not say what follows when it is broken", c.id), c.span,
          "add: otherwise clause N; if the text sets none, otherwise unspecified");
    if (c.modal == M::must && c.time.kind == plan::Time::Kind::none)
      add(Severity::warning, "treaty.no-deadline", fmt::format("clause {} does not say by when", c.id), c.span,
          "add: within SPAN after ANCHOR; if the text sets none, deadline unspecified");
    if (obliges && c.otherwise_unspecified)
      add(Severity::info, "treaty.open-consequence", fmt::format("clause {}: the text sets no consequence", c.id), c.span);
    if (c.time.kind == plan::Time::Kind::unspecified)
      add(Severity::info, "treaty.open-deadline", fmt::format("clause {}: the text sets no deadline", c.id), c.span,
          "the duty stays due and is never breached by time");
    if (obliges && c.beneficiaries.empty())
      add(Severity::info, "treaty.no-beneficiary", fmt::format("clause {} does not say to whose benefit", c.id), c.span,
          "add: to the benefit of NAMES, if the text says so");
    for (const auto& t : c.actions)
      if (!t.monitorable && obliges)
        add(Severity::info, "treaty.unmonitorable", fmt::format("clause {}: nothing says how “{}” is observed", c.id, t.name), c.span,
            fmt::format("declare: act {} is CONDITION; until then only statements about it count", t.name));
  }

  void observers() {
    std::set<std::string> used;
    for (const auto& p : a_.patterns) used.insert(p.name);
    for (const auto& e : a_.events)
      if (used.contains(e.name) && e.observed_by.empty() && e.reported_as.empty())
        add(Severity::info, "treaty.no-observer", fmt::format("nobody is charged with observing “{}”", e.name), e.span,
            "add: observed by NAMES, if the text names them");
  }

  // Item 11. Every report is a claim, and a report by someone else than the accused is reported; what
  // lies above needs a rule of the agreement.
  bool reachable(model::Grade grade, const plan::Pattern& p) const {
    if (grade <= model::Grade::reported) return true;
    if (p.decided) return true;
    const auto* event = a_.event(p.name);
    for (const auto& r : a_.evidence) {
      if (r.grade < grade) continue;
      using Means = plan::EvidenceRule::Means;
      bool by_someone = r.means == Means::inspection_by || r.means == Means::one_report_by;
      if (!by_someone || !event || event->observed_by.empty()) return true;
      if (std::find(event->observed_by.begin(), event->observed_by.end(), r.of) != event->observed_by.end()) return true;
    }
    return false;
  }
  void levels() {
    std::set<std::tuple<std::uint32_t, model::Grade>> told;
    for (const auto& p : a_.patterns)
      for (auto grade : {p.occurrence, p.attribution})
        if (!reachable(grade, p) && told.emplace(p.span.begin, grade).second)
          add(Severity::warning, "treaty.unreachable-level",
              fmt::format("no rule of the text says what makes “{}” {}", p.name, model::name(grade)), p.span,
              fmt::format("add: evidence {} means …", model::name(grade)));
  }

  // Item 6. A clause, a state or the entry into force can come about when its condition can hold, taking
  // for true everything that does not wait for another clause or state. What is left over waits in a
  // circle.
  void circular() {
    for (const auto& m : a_.machines) live_.insert("s:" + m.name + ":" + m.initial);
    std::size_t before = 0;
    do {
      before = live_.size();
      bool entered = !a_.in_force.when || possible(a_.in_force.when->possible);
      if (entered) live_.insert("entry");
      for (const auto& c : a_.clauses)
        if (entered && (!c.when || possible(c.when->possible)) && (!c.binding || !c.binding->once || possible(c.binding->once->possible)))
          live_.insert("c:" + c.id);
      for (const auto& m : a_.machines)
        for (const auto& t : m.transitions)
          for (const auto& f : t.from)
            if (live_.contains("s:" + m.name + ":" + f) && possible(t.when.possible)) live_.insert("s:" + m.name + ":" + t.to);
    } while (before != live_.size());
    if (!live_.contains("entry")) {
      add(Severity::error, "treaty.circular", "the agreement can never enter into force: its condition waits for itself", {0, 0, 1});
      return;
    }
    for (const auto& c : a_.clauses)
      if (!live_.contains("c:" + c.id)) {
        auto& d = add(Severity::error, "treaty.circular", fmt::format("clause {} can never come alive: it waits for itself", c.id), c.span,
                      "say in one of these clauses what sets it off without the others");
        std::set<std::string> waits;
        if (c.when) dead(c.when->possible, waits);
        if (c.binding && c.binding->once) dead(c.binding->once->possible, waits);
        for (const auto& id : waits)
          if (const auto* other = a_.clause(id); other && id != c.id)
            d.related.push_back({other->span, fmt::format("it waits for clause {}", id)});
      }
    for (const auto& m : a_.machines)
      for (const auto& t : m.transitions)
        if (!live_.contains("s:" + m.name + ":" + t.to))
          add(Severity::warning, "treaty.unreachable-state", fmt::format("status {}: “{}” can never be reached", m.name, t.to), t.span);
  }
  static const std::string* constant(const plan::Node& n, std::size_t k) {
    if (n.terms.size() <= k || n.terms[k].op != plan::Term::Op::constant) return nullptr;
    return std::get_if<std::string>(&n.terms[k].value);
  }
  bool possible(const Formula& f) const {
    switch (f->op) {
      case Op::falsity:
        return false;
      case Op::negation:
      case Op::truth:
        return true;
      case Op::conjunction:
        return possible(f->sub[0]) && possible(f->sub[1]);
      case Op::disjunction:
        return possible(f->sub[0]) || possible(f->sub[1]);
      case Op::since:
        return possible(f->sub[1]);
      case Op::predicate:
        break;
      default:
        return std::all_of(f->sub.begin(), f->sub.end(), [&](const Formula& s) { return possible(s); });
    }
    const auto* id = constant(*f, 0);
    if (f->name == "state")
      if (const auto* state = constant(*f, 1); id && state) return live_.contains("s:" + *id + ":" + *state);
    if (f->name == "breached" || f->name == "fulfilled" || f->name == "suspended") return !id || live_.contains("c:" + *id);
    return true;
  }
  void dead(const Formula& f, std::set<std::string>& out) const {
    const auto* id = f->op == Op::predicate ? constant(*f, 0) : nullptr;
    if (id && f->name != "state" && a_.clause(*id) && !live_.contains("c:" + *id)) out.insert(*id);
    for (const auto& s : f->sub) dead(s, out);
  }

  // Item 13. What everything waits for should be somebody's duty by some day.
  void ratification() {
    std::set<std::string> told;
    if (a_.in_force.when) awaited(*a_.in_force.when, "the agreement's entry into force", told);
    if (a_.binding.once) awaited(*a_.binding.once, "the agreement's binding force", told);
    for (const auto& c : a_.clauses)
      if (c.binding && c.binding->once) awaited(*c.binding->once, fmt::format("clause {}", c.id), told);
  }
  void awaited(const plan::Condition& condition, const std::string& what, std::set<std::string>& told) {
    for (auto k : condition.patterns) {
      const auto& p = a_.patterns[k];
      if (owed_by_a_day(p.name) || !told.insert(p.name + "|" + what).second) continue;
      add(Severity::info, "treaty.open-ratification", fmt::format("{} waits for “{}”, which no clause requires by a day", what, p.name),
          p.span);
    }
  }
  bool owed_by_a_day(const std::string& event) const {
    using T = plan::Time::Kind;
    for (const auto& c : a_.clauses) {
      if (c.modal != plan::Modal::must || (c.time.kind != T::within && c.time.kind != T::by)) continue;
      for (const auto& t : c.actions)
        if (t.performed)
          for (auto k : t.performed->patterns)
            if (a_.patterns[k].name == event) return true;
    }
    return false;
  }

  const plan::Agreement& a_;
  std::vector<Diagnostic> out_;
  std::set<std::string> live_;
};

}  // namespace

std::vector<Diagnostic> analyse(const plan::Agreement& agreement) { return Analyser(agreement).run(); }

}  // namespace surety::treaty
