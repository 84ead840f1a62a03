#pragma once
// Points and spans of time. An Instant is UTC, in microseconds since 1970-01-01T00:00Z, on one of
// two axes that the field's name must tell: event time (when it happened in the world) and
// known-at (when it was reported). Exact spans (seconds to hours) and calendar spans (days, months,
// years in a zone) are different types on purpose: "14 days" is not "336 hours".
#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/error.h"

namespace surety {

struct Span {
  std::int64_t us = 0;  // microseconds
  static constexpr Span seconds(std::int64_t n) { return {n * 1'000'000}; }
  static constexpr Span minutes(std::int64_t n) { return seconds(n * 60); }
  static constexpr Span hours(std::int64_t n) { return seconds(n * 3600); }
  constexpr double in_hours() const { return static_cast<double>(us) / 3.6e9; }
  auto operator<=>(const Span&) const = default;
};
constexpr Span operator+(Span a, Span b) { return {a.us + b.us}; }
constexpr Span operator-(Span a, Span b) { return {a.us - b.us}; }

struct Instant {
  std::int64_t us = 0;
  auto operator<=>(const Instant&) const = default;
  // Before and after everything; used for open ends.
  static constexpr Instant min() { return {std::numeric_limits<std::int64_t>::min() / 4}; }
  static constexpr Instant max() { return {std::numeric_limits<std::int64_t>::max() / 4}; }
  // Seconds since 1970 as others state them, a witness in its cosignature for one. Beyond the year 9999, the last that RFC 3339
  // can write, it is the end of that year: a time far in the future never becomes one in the past.
  static constexpr Instant from_posix(std::uint64_t seconds) {
    constexpr std::uint64_t kLast = 253'402'300'799;
    return {static_cast<std::int64_t>(seconds < kLast ? seconds : kLast) * 1'000'000};
  }
};
constexpr Instant operator+(Instant t, Span s) { return {t.us + s.us}; }
constexpr Instant operator-(Instant t, Span s) { return {t.us - s.us}; }
constexpr Span operator-(Instant a, Instant b) { return {a.us - b.us}; }

// When something happened, with what is not known about it: somewhere in [from, to], both inclusive.
// A known instant has from == to. `lasting` says that it went on for the whole interval (an alert),
// as against an instant that lies somewhere inside it. `open_end`: the end is not known (censored).
struct TimeRange {
  Instant from;
  Instant to;
  bool lasting = false;
  bool open_end = false;
  auto operator<=>(const TimeRange&) const = default;
  constexpr bool overlaps(const TimeRange& o) const { return from <= o.to && o.from <= to; }
  constexpr bool within(Instant a, Instant b) const { return a <= from && to <= b; }
};

// RFC 3339, always UTC, no fraction when it is zero: "2025-04-19T15:00:00Z".
// Instant::min() and max() print as "-" (no bound).
std::string to_string(Instant t);

// RFC 3339 with an offset or Z. Refuses a text without an offset: a zone is a setting, never a guess.
Result<Instant> parse_instant(std::string_view text);

// "72 h", "30 min", "3 d 4 h": for people.
std::string human(Span s);

}  // namespace surety
