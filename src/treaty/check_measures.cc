#include <fmt/format.h>

#include <charconv>
#include <map>

#include "treaty/checker_impl.h"

namespace surety::treaty {
namespace {

const std::map<std::string_view, std::string_view>& instead() {
  static const std::map<std::string_view, std::string_view> kWords = {
      {"days", "say calendar days or working days; a day of 24 hours is written 24 hours"},
      {"weeks", "write 7 calendar days"},
      {"kilometres", "the unit is km"},
      {"metres", "the unit is m"},
      {"tonnes", "the unit is t"},
      {"euros", "the unit is EUR"},
      {"dollars", "name the currency: USD"}};
  return kWords;
}

bool is_span(std::string_view unit) {
  return unit == "seconds" || unit == "minutes" || unit == "hours" || unit == "calendar days" || unit == "working days" ||
         unit == "months" || unit == "years";
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t n = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

}  // namespace

std::optional<plan::AnySpan> Checker::span_of(const ast::Measure& m) {
  if (auto word = instead().find(m.unit); word != instead().end()) {
    reports_.error("treaty.bad-unit", fmt::format("“{}” is no unit of this language", m.unit), m.at, std::string(word->second));
    return std::nullopt;
  }
  if (!is_span(m.unit)) {
    reports_.error("treaty.mixed-units",
                   m.unit.empty() ? "a span needs a unit" : fmt::format("a span of time is needed, “{}” measures something else", m.unit),
                   m.at, "units of time: seconds, minutes, hours, calendar days, working days, months, years");
    return std::nullopt;
  }
  auto n = whole(m.number);
  constexpr std::int64_t kMost = 1'000'000;
  if (!n || *n <= 0 || *n > kMost) {
    reports_.error("treaty.bad-number", fmt::format("“{}” cannot be a length of time", m.number), m.at,
                   "use a whole number from 1 to 1000000");
    return std::nullopt;
  }
  if (m.unit == "seconds") return Span::seconds(*n);
  if (m.unit == "minutes") return Span::minutes(*n);
  if (m.unit == "hours") return Span::hours(*n);
  if (!needs_clock(m.at)) return std::nullopt;
  CalendarSpan c;
  c.n = static_cast<int>(*n);
  c.unit = m.unit == "calendar days"  ? CalendarUnit::days
           : m.unit == "working days" ? CalendarUnit::working_days
           : m.unit == "months"       ? CalendarUnit::months
                                      : CalendarUnit::years;
  return c;
}

std::optional<Quantity> Checker::quantity_of(const ast::Measure& m) {
  if (is_span(m.unit)) {
    reports_.error("treaty.mixed-units", "a span of time stands where a quantity is needed", m.at);
    return std::nullopt;
  }
  if (auto word = instead().find(m.unit); word != instead().end()) {
    reports_.error("treaty.bad-unit", fmt::format("“{}” is no unit of this language", m.unit), m.at, std::string(word->second));
    return std::nullopt;
  }
  auto n = Decimal::parse(m.number);
  if (!n) {
    reports_.error("treaty.bad-number", fmt::format("“{}” is no number that can be held exactly", m.number), m.at, "use at most 18 digits");
    return std::nullopt;
  }
  return Quantity{*n, m.unit};
}

const plan::Parameter* Checker::parameter(const ast::Measure& m, Scope& scope) {
  if (scope.open.contains(m.name)) return nullptr;
  for (const auto& p : a_.parameters) {
    if (p.name != m.name) continue;
    scope.parameters.insert(p.name);
    return &p;
  }
  reports_.error("treaty.undeclared-parameter", fmt::format("“{}” is neither a number nor a declared parameter", m.name), m.at,
                 suggestion(m.name, {&names_.parameters}));
  return nullptr;
}

std::optional<plan::AnySpan> Checker::span(const ast::Measure& m, Scope& scope) {
  if (m.none()) return std::nullopt;
  if (auto it = scope.arguments.find(m.name); it != scope.arguments.end()) {
    if (!it->second->measure.none()) return span_of(it->second->measure);
    reports_.error("treaty.mixed-units", "the act needs a span of time here", it->second->at);
    return std::nullopt;
  }
  if (m.name.empty()) return span_of(m);
  const auto* p = parameter(m, scope);
  if (!p) return std::nullopt;
  if (const auto* s = std::get_if<Span>(&p->value)) return *s;
  if (const auto* c = std::get_if<CalendarSpan>(&p->value)) return *c;
  reports_.error("treaty.mixed-units", fmt::format("parameter “{}” is no span of time", p->name), m.at);
  return std::nullopt;
}

std::optional<std::int64_t> Checker::count(const ast::Measure& m, Scope& scope) {
  if (m.none()) return std::nullopt;
  if (m.name.empty()) {
    auto n = whole(m.number);
    if (n && *n > 0) return n;
    reports_.error("treaty.bad-number", fmt::format("“{}” cannot be counted up to", m.number), m.at,
                   "a count is a whole number from 1; for none write: no EVENT for SPAN");
    return std::nullopt;
  }
  const auto* p = parameter(m, scope);
  if (!p) return std::nullopt;
  if (const auto* n = std::get_if<std::int64_t>(&p->value); n && *n > 0) return *n;
  reports_.error("treaty.mixed-units", fmt::format("parameter “{}” is no count", p->name), m.at);
  return std::nullopt;
}

std::optional<Quantity> Checker::quantity(const ast::Measure& m, Scope& scope) {
  if (m.none()) return std::nullopt;
  if (auto it = scope.arguments.find(m.name); it != scope.arguments.end()) {
    if (!it->second->measure.none() && it->second->measure.name.empty()) return quantity_of(it->second->measure);
    reports_.error("treaty.mixed-units", "the act needs a quantity here", it->second->at);
    return std::nullopt;
  }
  if (m.name.empty()) return quantity_of(m);
  const auto* p = parameter(m, scope);
  if (!p) return std::nullopt;
  if (const auto* q = std::get_if<Quantity>(&p->value)) return *q;
  if (const auto* n = std::get_if<std::int64_t>(&p->value)) return Quantity{Decimal(*n), ""};
  reports_.error("treaty.mixed-units", fmt::format("parameter “{}” is a span of time, a quantity is needed", p->name), m.at);
  return std::nullopt;
}

bool Checker::needs_clock(ast::At at) {
  if (has_clock_) return true;
  reports_.error("treaty.no-clock", "days and local times need a time zone", at,
                 "write: clock Europe/Kyiv, months round refuse, start day excluded.");
  return false;
}

// A date alone is the start of that day, or as a deadline its end (days end at 24:00).
std::optional<Instant> Checker::instant(const ast::Word& w, bool end_of_day) {
  auto tail = w.text.size() > 10 ? w.text.substr(10) : std::string{};
  if (tail.find_first_of("Z+-") != std::string::npos) {
    auto text = w.text;
    auto zone = text.find_first_of("Z+-", 10);
    if (zone == 16) text.insert(16, ":00");
    if (auto t = parse_instant(text)) return *t;
    reports_.error("treaty.bad-instant", fmt::format("“{}” is no instant", w.text), w.at, "such as 2026-06-01T00:00+03:00");
    return std::nullopt;
  }
  if (!needs_clock(w.at)) return std::nullopt;
  auto civil = parse_civil(w.text);
  if (!civil) {
    reports_.error("treaty.bad-instant", fmt::format("“{}” is no date or local time", w.text), w.at, civil.error().help_text);
    return std::nullopt;
  }
  if (tail.empty() && end_of_day) civil->hour = 24;
  auto t = to_instant(*civil, a_.clock.zone);
  if (t) return *t;
  const auto& e = t.error();
  if (e.code == "time.bad-date") {
    reports_.error("treaty.bad-instant", fmt::format("“{}”: {}", w.text, e.message), w.at);
    return std::nullopt;
  }
  reports_.error("treaty.local-instant", fmt::format("“{}” is not one instant in {}: {}", w.text, a_.clock.zone, e.message), w.at,
                 e.help_text.empty() ? "write it with its offset from UTC" : e.help_text);
  return std::nullopt;
}

bool Checker::unit_fits(const Quantity& q, std::string_view type) const {
  const auto& u = q.unit;
  if (type == "count") return u.empty();
  if (type == "length") return u == "m" || u == "km" || u == "mm";
  if (type == "mass") return u == "kg" || u == "t";
  if (type == "money") return u.size() == 3;
  return false;
}

void Checker::check_unit(const Quantity& q, std::string_view type, std::string_view what, ast::At at) {
  if (unit_fits(q, type)) return;
  std::string_view help = type == "length"  ? "a length in m, km or mm"
                          : type == "mass"  ? "a mass in kg or t"
                          : type == "money" ? "an amount with its currency, such as 5000000 EUR"
                          : type == "count" ? "a number without a unit"
                                            : "only counts, lengths, masses and money can be compared";
  reports_.error("treaty.mixed-units", fmt::format("{} cannot be compared with “{}”", what, surety::to_string(q)), at, std::string(help));
}

}  // namespace surety::treaty
