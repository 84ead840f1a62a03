#include "plan/agreement.h"

#include "base/bytes.h"
#include "base/json_out.h"

namespace surety::plan {
namespace {

template <class T>
const T* find(const std::vector<T>& all, const std::string& name) {
  for (const auto& x : all)
    if (x.name == name) return &x;
  return nullptr;
}

std::string_view word(CalendarUnit u) {
  switch (u) {
    case CalendarUnit::days:
      return "calendar days";
    case CalendarUnit::working_days:
      return "working days";
    case CalendarUnit::months:
      return "months";
    case CalendarUnit::years:
      return "years";
  }
  return "";
}

std::string counted(std::int64_t n, std::string_view unit) {
  if (n == 1) unit.remove_suffix(1);
  return std::to_string(n) + " " + std::string(unit);
}

std::string exact(Span s) {
  constexpr std::int64_t kSecond = 1'000'000;
  if (s.us % (3600 * kSecond) == 0) return counted(s.us / (3600 * kSecond), "hours");
  if (s.us % (60 * kSecond) == 0) return counted(s.us / (60 * kSecond), "minutes");
  return counted(s.us / kSecond, "seconds");
}

}  // namespace

const Clause* Agreement::clause(const std::string& id) const {
  for (const auto& c : clauses)
    if (c.id == id) return &c;
  return nullptr;
}
const Body* Agreement::body(const std::string& n) const { return find(bodies, n); }
const Event* Agreement::event(const std::string& n) const { return find(events, n); }
const Finding* Agreement::finding(const std::string& n) const { return find(findings, n); }

std::string to_string(const AnySpan& span) {
  if (const auto* s = std::get_if<Span>(&span)) return exact(*s);
  const auto& c = std::get<CalendarSpan>(span);
  return counted(c.n, word(c.unit));
}

std::string to_string(const Anchor& a) {
  switch (a.kind) {
    case AnchorKind::entry_into_force:
      return "entry into force";
    case AnchorKind::the_event:
      return "the event";
    case AnchorKind::the_finding:
      return "the finding";
    case AnchorKind::the_notice:
      return "the notice";
    case AnchorKind::ceasefire:
      return "ceasefire";
    case AnchorKind::named:
      return a.name;
  }
  return "";
}

}  // namespace surety::plan
