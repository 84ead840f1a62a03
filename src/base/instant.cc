#include "base/instant.h"

#include <fmt/format.h>

#include <cstdlib>

namespace surety {
namespace {

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": days_from_civil and its inverse.
constexpr std::int64_t days_from_civil(std::int64_t y, unsigned m, unsigned d) {
  y -= m <= 2;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const auto yoe = static_cast<unsigned>(y - era * 400);
  const unsigned doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + static_cast<std::int64_t>(doe) - 719468;
}

struct Date {
  std::int64_t y;
  unsigned m, d;
};
constexpr Date civil_from_days(std::int64_t z) {
  z += 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const auto doe = static_cast<unsigned>(z - era * 146097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  const unsigned m = mp < 10 ? mp + 3 : mp - 9;
  return {static_cast<std::int64_t>(yoe) + era * 400 + (m <= 2), m, doy - (153 * mp + 2) / 5 + 1};
}

constexpr unsigned days_in_month(std::int64_t y, unsigned m) {
  constexpr unsigned n[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
  return m == 2 && leap ? 29 : n[m - 1];
}

bool digits(std::string_view s, std::size_t at, std::size_t n, int& out) {
  if (at + n > s.size()) return false;
  out = 0;
  for (std::size_t i = at; i < at + n; ++i) {
    if (s[i] < '0' || s[i] > '9') return false;
    out = out * 10 + (s[i] - '0');
  }
  return true;
}

Error bad_instant(std::string_view text) {
  return fail("time.bad-instant", "this is not an instant")
      .found(std::string(text))
      .expected("RFC 3339 with an offset, for example 2025-04-19T15:00:00Z")
      .help("a local time needs its zone: set the feed's zone, or write the offset");
}

}  // namespace

std::string to_string(Instant t) {
  if (t <= Instant::min() || t >= Instant::max()) return "-";
  std::int64_t us = t.us % 1'000'000;
  std::int64_t s = t.us / 1'000'000;
  if (us < 0) us += 1'000'000, --s;
  std::int64_t days = s / 86400, sec = s % 86400;
  if (sec < 0) sec += 86400, --days;
  const Date d = civil_from_days(days);
  auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", d.y, d.m, d.d, sec / 3600, sec / 60 % 60, sec % 60);
  if (us) {
    text += fmt::format(".{:06}", us);
    while (text.back() == '0') text.pop_back();
  }
  return text + "Z";
}

Result<Instant> parse_instant(std::string_view s) {
  int y, mo, d, h, mi, sec = 0;
  if (!digits(s, 0, 4, y) || s.size() < 17 || s[4] != '-' || !digits(s, 5, 2, mo) || s[7] != '-' || !digits(s, 8, 2, d) ||
      (s[10] != 'T' && s[10] != ' ') || !digits(s, 11, 2, h) || s[13] != ':' || !digits(s, 14, 2, mi))
    return err(bad_instant(s));
  std::size_t at = 16;
  std::int64_t us = 0;
  if (at < s.size() && s[at] == ':') {
    if (!digits(s, at + 1, 2, sec)) return err(bad_instant(s));
    at += 3;
    if (at < s.size() && s[at] == '.') {
      std::int64_t scale = 100'000;
      const std::size_t begin = ++at;
      for (; at < s.size() && s[at] >= '0' && s[at] <= '9'; ++at, scale /= 10) us += (s[at] - '0') * scale;
      if (at == begin) return err(bad_instant(s));
    }
  }
  std::int64_t offset = 0;
  if (s.substr(at) == "Z") {
  } else if (int oh, om; at + 6 == s.size() && (s[at] == '+' || s[at] == '-') && digits(s, at + 1, 2, oh) && s[at + 3] == ':' &&
                         digits(s, at + 4, 2, om) && oh < 24 && om < 60) {
    offset = (oh * 3600 + om * 60) * (s[at] == '-' ? -1 : 1);
  } else {
    return err(bad_instant(s));
  }
  if (mo < 1 || mo > 12 || d < 1 || d > static_cast<int>(days_in_month(y, static_cast<unsigned>(mo))) || h > 23 || mi > 59 || sec > 60)
    return err(bad_instant(s));
  const std::int64_t days = days_from_civil(y, static_cast<unsigned>(mo), static_cast<unsigned>(d));
  return Instant{(days * 86400 + h * 3600 + mi * 60 + sec - offset) * 1'000'000 + us};
}

std::string human(Span span) {
  const bool negative = span.us < 0;
  std::int64_t s = std::llabs(span.us) / 1'000'000;
  std::string out = negative ? "-" : "";
  const std::int64_t d = s / 86400, h = s / 3600 % 24, m = s / 60 % 60;
  if (s >= 96 * 3600) return out + fmt::format("{} d", d) + (h ? fmt::format(" {} h", h) : "");
  if (s >= 3600) return out + fmt::format("{} h", s / 3600) + (m ? fmt::format(" {} min", m) : "");
  if (s >= 60) return out + fmt::format("{} min", m);
  return out + fmt::format("{} s", s);
}

}  // namespace surety
