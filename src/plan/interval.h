#pragma once
// Intervals of temporal operators. Time-stamps are 64-bit ticks: seconds in the peers' logs,
// microseconds (Instant::us) in treaties. A bound is a number of ticks, or a span on a calendar.
// Plain data and pure functions; thread-safe.
//
// A calendar bound is a relation between an earlier stamp s and a later stamp t, "t is no more than
// n days after s", measured from one of its ends:
//   from earlier  t <= deadline(s, n)  days end at 24:00 local, LANGUAGE.md §7.7 ("within 14 days after x")
//   from later    s >= before(t, n)    local wall clock ("in the last 7 calendar days")
// Both are monotone in s and t, so sliding windows stay sliding windows.
#include <cstdint>
#include <optional>
#include <string>

#include "base/calendar.h"
#include "base/error.h"

namespace surety::plan {

using Ticks = std::int64_t;

enum class From : std::uint8_t { earlier, later };

struct CalendarBound {
  CalendarSpan span;
  Clock clock;  // rounding `refuse` is not allowed with months and years: see check()
  From from = From::earlier;
  auto operator<=>(const CalendarBound&) const = default;
};

struct Bound {
  Ticks ticks = 0;
  std::optional<CalendarBound> calendar;  // when set, `ticks` is not used
  bool open = false;                      // the bound itself is outside
  bool operator==(const Bound&) const = default;
};

// lower <= t − s <= upper, or < where a bound is open; no upper: `*`.
struct Interval {
  Bound lower;
  std::optional<Bound> upper;
  bool operator==(const Interval&) const = default;

  bool bounded() const { return upper.has_value(); }
  bool plain() const { return !lower.calendar && !(upper && upper->calendar); }
  bool unconstrained() const { return !upper && plain() && lower.ticks == 0 && !lower.open; }
};

Interval always_interval();                  // [0,*]
Interval within(Ticks upper);                // [0,n]
Interval between(Ticks lower, Ticks upper);  // [a,b]
Interval at_least(Ticks lower);              // [a,*]
Interval within(CalendarBound upper);        // [0, n days]
Interval after(CalendarBound lower);         // (n days, *]

// What a tick is, for calendar bounds only. A stamp t is the instant t × 1 s ÷ ticks_per_second.
struct TickScale {
  std::int64_t ticks_per_second = 1;
};

// Whether the distance of s <= t lies in the interval. Never fails: calendar bounds whose instants
// fall outside the supported years count as unbounded.
bool contains(const Interval& i, Ticks s, Ticks t, TickScale scale = {});

// The stamps t >= s, inclusive, at which s lies in the interval: [first_seen(s), last_seen(s)].
// first_seen may be after last_seen (an empty interval). kForever: never leaves.
inline constexpr Ticks kForever = INT64_MAX;
Ticks first_seen(const Interval& i, Ticks s, TickScale scale = {});
Ticks last_seen(const Interval& i, Ticks s, TickScale scale = {});

// Stamps beyond these years are outside what calendars are computed for.
inline constexpr std::int64_t kFirstSecond = -62135596800;  // year 1
inline constexpr std::int64_t kLastSecond = 253402300799;   // year 9999

// The stamps s <= t that t sees: [earliest(t), latest(t)], kAlways: from the beginning.
inline constexpr Ticks kAlways = INT64_MIN;
Ticks earliest(const Interval& i, Ticks t, TickScale scale = {});
Ticks latest(const Interval& i, Ticks t, TickScale scale = {});

// Negative or reversed bounds, unknown zone, `refuse` with months.
Status check(const Interval& i);

std::string text(const Interval& i);  // "[0,60]", "(2,*]", "[0,14 days in Europe/Kyiv]"

}  // namespace surety::plan
