#include "plan/interval.h"

#include <fmt/format.h>

namespace surety::plan {
namespace {

std::optional<Instant> instant_of(Ticks t, TickScale scale) {
  const Ticks seconds = t / scale.ticks_per_second;
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  const Ticks rest = t - seconds * scale.ticks_per_second;
  return Instant{seconds * 1'000'000 + rest * 1'000'000 / scale.ticks_per_second};
}

// Greatest tick that is not after the instant.
Ticks ticks_of(Instant t, TickScale scale) {
  std::int64_t seconds = t.us / 1'000'000;
  std::int64_t rest = t.us % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  return seconds * scale.ticks_per_second + rest * scale.ticks_per_second / 1'000'000;
}

Ticks add_capped(Ticks a, Ticks b) {
  Ticks r = 0;
  if (__builtin_add_overflow(a, b, &r)) return b > 0 ? kForever : kAlways;
  return r;
}

// The least tick that is not before the instant.
Ticks ticks_up(Instant t, TickScale scale) {
  const Ticks down = ticks_of(t, scale);
  const auto back = instant_of(down, scale);
  return back && *back < t ? down + 1 : down;
}

// Greatest t with t − s <= bound, the bound itself included whatever `open` says.
Ticks reach_forward(const Bound& b, Ticks s, TickScale scale);

// Least s with t − s <= bound.
Ticks reach_back(const Bound& b, Ticks t, TickScale scale) {
  if (!b.calendar) return add_capped(t, -b.ticks);
  const CalendarBound& c = *b.calendar;
  if (c.from == From::later) {
    const auto at = instant_of(t, scale);
    if (!at) return kAlways;
    const auto start = before(*at, c.span, c.clock);
    return start ? ticks_up(*start, scale) : kAlways;
  }
  // Monotone in s: search between t itself and far enough before it.
  Ticks high = t;
  Ticks step = scale.ticks_per_second;
  Ticks low = add_capped(t, -step);
  while (low != kAlways && reach_forward(b, low, scale) >= t) {
    if (!instant_of(low, scale)) return kAlways;
    high = low;
    step *= 2;
    low = add_capped(t, -step);
  }
  while (low != kAlways && high - low > 1) {
    const Ticks mid = low + (high - low) / 2;
    (reach_forward(b, mid, scale) >= t ? high : low) = mid;
  }
  return high;
}

Ticks reach_forward(const Bound& b, Ticks s, TickScale scale) {
  if (!b.calendar) return add_capped(s, b.ticks);
  const CalendarBound& c = *b.calendar;
  if (c.from == From::earlier) {
    const auto at = instant_of(s, scale);
    if (!at) return kForever;
    const auto end = deadline(*at, c.span, c.clock);
    return end ? ticks_of(*end, scale) : kForever;
  }
  Ticks low = s;
  Ticks step = scale.ticks_per_second;
  Ticks high = add_capped(s, step);
  while (high != kForever && reach_back(b, high, scale) <= s) {
    if (!instant_of(high, scale)) return kForever;
    low = high;
    step *= 2;
    high = add_capped(s, step);
  }
  while (high != kForever && high - low > 1) {
    const Ticks mid = low + (high - low) / 2;
    (reach_back(b, mid, scale) <= s ? low : high) = mid;
  }
  return low;
}

// An open bound at distance n leaves out exactly the stamps at that distance: for ticks one tick;
// for calendars the instant itself, `from` whichever end it is measured from.
Ticks last_inside(const Bound& b, Ticks s, TickScale scale) {
  const Ticks t = reach_forward(b, s, scale);
  return b.open && t != kForever ? t - 1 : t;
}

Ticks first_inside(const Bound& b, Ticks s, TickScale scale) {
  if (!b.calendar && b.ticks == 0 && !b.open) return s;
  // Least t with distance >= bound (or > bound when open).
  const Ticks t = reach_forward(b, s, scale);
  return b.open && t != kForever ? t + 1 : t;
}

std::string bound_text(const Bound& b) {
  if (!b.calendar) return std::to_string(b.ticks);
  const CalendarBound& c = *b.calendar;
  static constexpr const char* kUnits[] = {"DAYS", "WORKING DAYS", "MONTHS", "YEARS"};
  std::string s = fmt::format("{} {} IN \"{}\"", c.span.n, kUnits[static_cast<int>(c.span.unit)], c.clock.zone);
  if (c.clock.rounding != MonthRounding::refuse) {
    s += c.clock.rounding == MonthRounding::down ? " ROUND DOWN" : " ROUND UP";
  }
  if (c.clock.start_day_counted) s += " START COUNTED";
  if (c.from == From::later) s += " BACK";
  return s;
}

Status check_bound(const Bound& b) {
  if (!b.calendar) {
    if (b.ticks < 0) {
      return err(fail("logic.interval", "an interval has a negative bound").found(std::to_string(b.ticks)).expected("0 or more"));
    }
    return {};
  }
  const CalendarBound& c = *b.calendar;
  if (c.span.n < 0) return err(fail("logic.interval", "an interval has a negative calendar bound"));
  SURETY_TRY(const bool known, zone_exists(c.clock.zone));
  if (!known) {
    return err(fail("logic.zone", "no such time zone").found(c.clock.zone).expected("an IANA name such as Europe/Kyiv"));
  }
  const bool rounds = c.span.unit == CalendarUnit::months || c.span.unit == CalendarUnit::years;
  if (rounds && c.clock.rounding == MonthRounding::refuse) {
    return err(fail("logic.interval", "months and years need a rounding rule in an interval")
                   .found(bound_text(b))
                   .expected("ROUND DOWN or ROUND UP"));
  }
  return {};
}

}  // namespace

Interval always_interval() { return {}; }
Interval within(Ticks upper) { return between(0, upper); }
Interval between(Ticks lower, Ticks upper) {
  Interval i;
  i.lower.ticks = lower;
  i.upper = Bound{upper, std::nullopt, false};
  return i;
}
Interval at_least(Ticks lower) {
  Interval i;
  i.lower.ticks = lower;
  return i;
}
Interval within(CalendarBound upper) {
  Interval i;
  i.upper = Bound{0, std::move(upper), false};
  return i;
}
Interval after(CalendarBound lower) {
  Interval i;
  i.lower = Bound{0, std::move(lower), true};
  return i;
}

Ticks first_seen(const Interval& i, Ticks s, TickScale scale) { return first_inside(i.lower, s, scale); }

Ticks last_seen(const Interval& i, Ticks s, TickScale scale) { return i.upper ? last_inside(*i.upper, s, scale) : kForever; }

bool contains(const Interval& i, Ticks s, Ticks t, TickScale scale) {
  return s <= t && first_seen(i, s, scale) <= t && t <= last_seen(i, s, scale);
}

Ticks earliest(const Interval& i, Ticks t, TickScale scale) {
  if (!i.upper) return kAlways;
  Ticks s = reach_back(*i.upper, t, scale);
  if (s == kAlways || !i.upper->open) return s;
  if (!i.upper->calendar) return s + 1;
  // The first s whose own last stamp is not before t: at most a day's worth of equal deadlines
  // away.
  Ticks low = s, high = t + 1;
  while (low < high) {
    const Ticks mid = low + (high - low) / 2;
    if (last_inside(*i.upper, mid, scale) >= t)
      high = mid;
    else
      low = mid + 1;
  }
  return low;
}

Ticks latest(const Interval& i, Ticks t, TickScale scale) {
  if (!i.lower.calendar) return add_capped(t, -(i.lower.ticks + (i.lower.open ? 1 : 0)));
  // Greatest s <= t with first_inside(s) <= t; first_inside is monotone.
  Ticks step = scale.ticks_per_second;
  Ticks low = add_capped(t, -step);
  while (low != kAlways && first_inside(i.lower, low, scale) > t) {
    if (!instant_of(low, scale)) return kAlways;
    step *= 2;
    low = add_capped(t, -step);
  }
  if (low == kAlways) return kAlways;
  Ticks high = t + 1;  // first s that is too late, or past t
  while (high - low > 1) {
    const Ticks mid = low + (high - low) / 2;
    (first_inside(i.lower, mid, scale) <= t ? low : high) = mid;
  }
  return low;
}

Status check(const Interval& i) {
  SURETY_TRY_STATUS(check_bound(i.lower));
  if (!i.upper) return {};
  SURETY_TRY_STATUS(check_bound(*i.upper));
  const bool open = i.lower.open || i.upper->open;
  const bool empty = i.plain() && (i.upper->ticks < i.lower.ticks || (open && i.upper->ticks == i.lower.ticks));
  if (empty) {
    return err(
        fail("logic.interval", "the interval contains nothing").found(text(i)).expected("a lower bound that is not above the upper one"));
  }
  return {};
}

std::string text(const Interval& i) {
  std::string s = i.lower.open ? "(" : "[";
  s += bound_text(i.lower);
  s += ',';
  if (!i.upper) return s + "*]";
  s += bound_text(*i.upper);
  return s + (i.upper->open ? ")" : "]");
}

}  // namespace surety::plan
