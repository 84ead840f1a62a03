// The compiled meaning of a clause in plain words. Everything is read from the plan, not from the
// text, so that what a person reads is what the machine runs.
#include <fmt/format.h>

#include <algorithm>

#include "base/calendar.h"
#include "treaty/treaty.h"

namespace surety::treaty {
namespace {

std::string join(const std::vector<std::string>& words, std::string_view last) {
  std::string out;
  for (std::size_t k = 0; k < words.size(); ++k) out += (k == 0 ? "" : k + 1 == words.size() ? fmt::format(" {} ", last) : ", ") + words[k];
  return out;
}

class Explainer {
 public:
  Explainer(const plan::Agreement& a, const plan::Clause& c) : a_(a), c_(c) {}

  std::string run() {
    out_ = fmt::format("Clause {}: {}\n", c_.id, c_.title);
    line("source", c_.source.quote.empty() ? open("source", "the text names none") : "“" + c_.source.quote + "”");
    norm();
    if (!c_.beneficiaries.empty())
      line("to the benefit of", join(c_.beneficiaries, "and"));
    else if (obliges())
      open("beneficiary", "the text names none");
    trigger();
    time();
    if (c_.except) line("except when", c_.except->text);
    evidence();
    consequence();
    rest();
    if (!open_.empty()) {
      out_ += "  left open:\n";
      for (const auto& o : open_) out_ += "    " + o + "\n";
    }
    return std::move(out_);
  }

 private:
  bool obliges() const { return c_.modal == plan::Modal::must || c_.modal == plan::Modal::must_not; }
  void line(std::string_view what, std::string_view text) { out_ += fmt::format("  {}: {}\n", what, text); }
  std::string open(std::string_view what, std::string_view why) {
    open_.push_back(fmt::format("{}: {}", what, why));
    return std::string(why);
  }

  void norm() {
    std::string_view modal = c_.modal == plan::Modal::must       ? "must"
                             : c_.modal == plan::Modal::must_not ? "must not"
                             : c_.modal == plan::Modal::may      ? "may"
                                                                 : "has power to";
    line("who", fmt::format("{}{}", join(c_.bearers, "and"), c_.bearers.size() < 2 ? "" : c_.each ? " (each by itself)" : " (together)"));
    std::string what;
    for (std::size_t k = 0; k < c_.actions.size(); ++k) {
      const auto& t = c_.actions[k];
      what += t.name;
      for (std::size_t n = 0; n < t.arguments.size(); ++n) what += (n == 0 ? "(" : ", ") + t.arguments[n];
      if (!t.arguments.empty()) what += ")";
      if (k + 1 < c_.actions.size()) what += t.and_next ? " and " : " or ";
    }
    line(modal, what);
    for (const auto& t : c_.actions) {
      bool by_name = t.performed && t.performed->text == t.name;
      if (t.performed && !by_name) line(c_.modal == plan::Modal::must_not ? "broken by" : "performed when", t.performed->text);
      if (!t.monitorable && obliges())
        open("“" + t.name + "”", t.performed ? "nothing says how it is observed; only statements that name it count"
                                             : "nothing says how it is observed, so it is never found broken");
    }
  }

  void trigger() {
    if (c_.when) line("when", c_.when->text);
    for (const auto& r : c_.readings) line(fmt::format("reading “{}”, {}", r.name, r.of_trigger ? "when" : "performed when"), r.is.text);
    for (const auto& p : patterns()) {
      if (!p->decided) continue;
      line("decided by", fmt::format("{}, which alone can find {}", p->decided_by, p->name));
    }
  }
  // Of the trigger and its readings, each finding once.
  std::vector<const plan::Pattern*> patterns() const {
    std::vector<const plan::Pattern*> out;
    auto add = [&](const plan::Condition& c) {
      for (auto k : c.patterns) {
        const auto* p = &a_.patterns[k];
        if (std::none_of(out.begin(), out.end(), [&](const auto* o) { return o->name == p->name; })) out.push_back(p);
      }
    };
    if (c_.when) add(*c_.when);
    for (const auto& r : c_.readings) add(r.is);
    return out;
  }

  void time() {
    using T = plan::Time::Kind;
    const auto& t = c_.time;
    switch (t.kind) {
      case T::continuously:
        line("time", fmt::format("continuously, from {}", plan::to_string(t.anchor)));
        break;
      case T::within:
        line("deadline", fmt::format("within {} after {}", plan::to_string(t.span), plan::to_string(t.anchor)));
        break;
      case T::by:
        line("deadline", fmt::format("by {} {}", last_moment(t.by), a_.clock.zone));
        break;
      case T::every:
        line("time", fmt::format("once in every {}", plan::to_string(t.span)));
        break;
      case T::unspecified:
      case T::none:
        if (c_.modal == plan::Modal::must) line("deadline", open("deadline", "the text sets none"));
        break;
    }
    if (t.starting)
      line("starting", fmt::format("within {} after {}", plan::to_string(t.starting->first), plan::to_string(t.starting->second)));
  }

  // Midnight is the end of a day here, not the start of the next.
  std::string last_moment(Instant t) const {
    auto text = local_text(t, a_.clock.zone);
    if (!text.ends_with(" 00:00")) return text;
    return local_text(t - Span::minutes(1), a_.clock.zone).substr(0, 10) + " 24:00";
  }

  void evidence() {
    if (c_.occurrence == model::Grade::none && c_.attribution == model::Grade::none) return;
    std::string text;
    if (c_.occurrence != model::Grade::none) text = fmt::format("at least {}", model::name(c_.occurrence));
    if (c_.attribution != model::Grade::none)
      text += fmt::format("{}attributed at least {}", text.empty() ? "" : ", ", model::name(c_.attribution));
    line("evidence", text);
  }

  void consequence() {
    if (!c_.otherwise.empty()) {
      std::vector<std::string> to;
      for (const auto& id : c_.otherwise)
        if (const auto* other = a_.clause(id)) to.push_back(fmt::format("clause {} ({})", id, other->title));
      line("otherwise", join(to, "and"));
    } else if (obliges()) {
      line("otherwise", open("consequence", c_.otherwise_unspecified ? "the text sets none" : "the text does not say"));
    }
    bool finding = false;
    for (const auto& p : patterns()) finding = finding || p->decided;
    if (!finding && c_.withdrawn == plan::Withdrawn::cease) return;
    switch (c_.withdrawn) {
      case plan::Withdrawn::cease:
        line("if the finding is withdrawn", "what is not yet performed falls; what was done stays justified");
        break;
      case plan::Withdrawn::void_:
        line("if the finding is withdrawn", "as if it had never been due");
        break;
      case plan::Withdrawn::continue_:
        line("if the finding is withdrawn", "nothing changes");
        break;
      case plan::Withdrawn::other:
        line("if the finding is withdrawn", "clause " + join(c_.withdrawn_then, "and"));
        break;
    }
  }

  void rest() {
    if (!c_.notwithstanding.empty()) line("prevails over", "clause " + join(c_.notwithstanding, "and"));
    if (!c_.without_prejudice.empty()) line("leaves as it is", "clause " + join(c_.without_prejudice, "and"));
    const auto& b = c_.binding ? *c_.binding : a_.binding;
    line("binding", b.once ? fmt::format("{}, once {}", model::name(b.kind), b.once->text) : std::string(model::name(b.kind)));
    if (c_.survives_termination) line("survives", "termination of the agreement");
    if (!c_.releasable.empty()) line("releasable to", join(c_.releasable, "and"));
    for (const auto& name : c_.parameters)
      for (const auto& p : a_.parameters)
        if (p.name == name) line("our number", fmt::format("{} = {} ({})", name, value(p), p.reason));
    for (const auto& n : c_.notes) line("note", n);
  }
  static std::string value(const plan::Parameter& p) {
    if (const auto* n = std::get_if<std::int64_t>(&p.value)) return std::to_string(*n);
    if (const auto* s = std::get_if<Span>(&p.value)) return plan::to_string(plan::AnySpan(*s));
    if (const auto* c = std::get_if<CalendarSpan>(&p.value)) return plan::to_string(plan::AnySpan(*c));
    return surety::to_string(std::get<Quantity>(p.value));
  }

  const plan::Agreement& a_;
  const plan::Clause& c_;
  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace

Result<std::string> explain(const plan::Agreement& agreement, const std::string& clause_id) {
  if (const auto* c = agreement.clause(clause_id)) return Explainer(agreement, *c).run();
  std::string all;
  for (const auto& c : agreement.clauses) all += (all.empty() ? "" : ", ") + c.id;
  return err(
      fail("treaty.unknown-clause", "clause " + clause_id + " is not in this agreement").in(agreement.file).help("the clauses are " + all));
}

}  // namespace surety::treaty
