#pragma once
// Civil time in named zones. Rules come from the system's zoneinfo; zoneinfo_digest() names the
// version that a run used. Thread-safe; zones are loaded once and live for ever.
#include <string>
#include <string_view>

#include "base/instant.h"

namespace surety {

enum class CalendarUnit { days, working_days, months, years };

// A span on a calendar. Needs a zone, and for months and years a rounding rule, to become instants.
struct CalendarSpan {
  int n = 0;
  CalendarUnit unit = CalendarUnit::days;
  auto operator<=>(const CalendarSpan&) const = default;
};

// What to do with 31 January + 1 month. `refuse` makes it an error that names both candidates.
enum class MonthRounding { down, up, refuse };

struct Clock {
  std::string zone = "UTC";  // IANA name
  MonthRounding rounding = MonthRounding::refuse;
  bool start_day_counted = false;
  auto operator<=>(const Clock&) const = default;
};

Result<bool> zone_exists(std::string_view zone);

struct Civil {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
};

// Local wall-clock time to UTC. Hour 24 with minute 0 is the end of the day. Errors:
// time.nonexistent (spring gap) and time.ambiguous (autumn overlap), each naming the candidates.
Result<Instant> to_instant(const Civil& local, std::string_view zone);
Result<Civil> to_civil(Instant t, std::string_view zone);

// "2025-04-19 18:00" in the zone, for people and pages; with seconds where they are not zero.
std::string local_text(Instant t, std::string_view zone);

// "YYYY-MM-DD HH:MM[:SS]", also with 'T', or a date alone (then 00:00).
Result<Civil> parse_civil(std::string_view text);

// The last instant of the span that begins at `start`: days are local civil days ending 24:00, the
// start day does not count unless the clock says so (LANGUAGE.md §7.7). The result is inclusive.
Result<Instant> deadline(Instant start, CalendarSpan span, const Clock& clock);

// The instant `span` before `t` by local wall clock (used by windows such as "within 7 calendar days").
// Both never go back as their instant goes on, and are found also where clocks change. A time that is left
// out is the instant of the change; a day ends when 24:00 is first shown, a window begins when its time is
// last shown. Back from days with none of their own (30 March by a month, Sunday by a working day), a
// window begins where that of the next day that has one does: 1 March 00:00, Friday 00:00.
Result<Instant> before(Instant t, CalendarSpan span, const Clock& clock);

// SHA-256, hex, over the zone's file: two machines that agree on it agree on every local time.
std::string zoneinfo_digest(std::string_view zone);

std::string to_string(CalendarSpan s);  // "14 calendar days"

}  // namespace surety
