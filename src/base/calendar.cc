#include "base/calendar.h"

#include <date/tz.h>
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/files.h"

namespace surety {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

Result<const date::time_zone*> find_zone(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::exception&) {
    return err(fail("time.unknown-zone", "this machine knows no such time zone")
                   .found(std::string(name))
                   .expected("an IANA name such as Europe/Kyiv")
                   .help("check the spelling, or install the package tzdata"));
  }
}

date::sys_time<microseconds> sys(Instant t) { return date::sys_time<microseconds>{microseconds{t.us}}; }

date::local_seconds local_of(const Civil& c, bool& ok) {
  const auto ymd = date::year{c.year} / c.month / c.day;
  const bool end_of_day = c.hour == 24 && c.minute == 0 && c.second == 0;
  ok = ymd.ok() && c.hour >= 0 && (c.hour < 24 || end_of_day) && c.minute >= 0 && c.minute < 60 && c.second >= 0 && c.second < 60;
  if (!ok) return {};
  return date::local_days{ymd} + std::chrono::hours{c.hour} + std::chrono::minutes{c.minute} + seconds{c.second};
}

std::string civil_text(const Civil& c) {
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

using LocalMicros = date::local_time<microseconds>;

// A local time as an instant, also where clocks change: one that is left out is the instant of the
// change; of one that is shown twice the caller says which.
enum class Shown { first, second };
Instant instant_of(const date::time_zone* z, LocalMicros local, Shown shown) {
  const auto info = z->get_info(local);
  if (info.result == date::local_info::nonexistent) return Instant{microseconds{info.first.end.time_since_epoch()}.count()};
  const bool second = info.result == date::local_info::ambiguous && shown == Shown::second;
  return Instant{(local.time_since_epoch() - (second ? info.second : info.first).offset).count()};
}

// The wall clock, which never goes back: it waits while a time that will be shown again is shown first.
LocalMicros shown_at(const date::time_zone* z, Instant t) {
  const LocalMicros local{sys(t).time_since_epoch() + z->get_info(sys(t)).offset};
  const auto info = z->get_info(local);
  const bool again = info.result == date::local_info::ambiguous && sys(t) < info.first.end;
  return again ? LocalMicros{info.second.begin.time_since_epoch() + info.second.offset} : local;
}

bool is_working_day(date::local_days day) {
  const date::weekday w{day};
  return w != date::Saturday && w != date::Sunday;
}

Result<date::local_days> add_calendar(date::local_days day, int n, CalendarUnit unit, MonthRounding rounding) {
  if (unit == CalendarUnit::days) return day + date::days{n};
  if (unit == CalendarUnit::working_days) {
    const int step = n < 0 ? -1 : 1;
    for (int left = n < 0 ? -n : n; left > 0;) {
      day += date::days{step};
      if (is_working_day(day)) --left;
    }
    return day;
  }
  const date::year_month_day ymd{day};
  const date::year_month target = date::year_month{ymd.year(), ymd.month()} + date::months{unit == CalendarUnit::years ? 12 * n : n};
  const date::year_month_day wanted = target / ymd.day();
  if (wanted.ok()) return date::local_days{wanted};
  const date::local_days last{target / date::last};
  if (rounding == MonthRounding::down) return last;
  if (rounding == MonthRounding::up) return last + date::days{1};
  return err(fail("time.no-such-day", "this month has no such day, and the agreement refuses to round")
                 .found(fmt::format("day {} of {}-{:02}", static_cast<unsigned>(ymd.day()), static_cast<int>(target.year()),
                                    static_cast<unsigned>(target.month())))
                 .expected("a clock line that says months round down or up")
                 .help("the two readings are the month's last day and the day after it; the text must choose"));
}

}  // namespace

Result<bool> zone_exists(std::string_view zone) {
  SURETY_TRY(auto z, find_zone(zone));
  return z != nullptr;
}

Result<Instant> to_instant(const Civil& local, std::string_view zone) {
  SURETY_TRY(auto z, find_zone(zone));
  bool ok = false;
  const auto lt = local_of(local, ok);
  if (!ok)
    return err(fail("time.bad-date", "there is no such date or time of day")
                   .found(civil_text(local))
                   .expected("a calendar date and a time 00:00 to 24:00"));
  const auto info = z->get_info(lt);
  if (info.result == date::local_info::unique) return Instant{microseconds{lt.time_since_epoch() - info.first.offset}.count()};
  const auto a = Instant{microseconds{lt.time_since_epoch() - info.first.offset}.count()};
  const auto b = Instant{microseconds{lt.time_since_epoch() - info.second.offset}.count()};
  if (info.result == date::local_info::nonexistent)
    return err(fail("time.nonexistent", "clocks went forward over this local time: it never was")
                   .found(civil_text(local) + " " + std::string(zone))
                   .expected("a local time outside the gap")
                   .help("give the instant with its offset, or correct the source's clock setting"));
  return err(fail("time.ambiguous", "clocks went back: this local time was shown twice")
                 .found(civil_text(local) + " " + std::string(zone))
                 .expected("one of " + to_string(a) + " and " + to_string(b))
                 .help("give the instant with its offset; Surety does not choose for the source"));
}

Result<Civil> to_civil(Instant t, std::string_view zone) {
  SURETY_TRY(auto z, find_zone(zone));
  const auto lt = date::floor<seconds>(date::make_zoned(z, sys(t)).get_local_time());
  const auto day = date::floor<date::days>(lt);
  const date::year_month_day ymd{day};
  const date::hh_mm_ss<seconds> hms{lt - day};
  return Civil{static_cast<int>(ymd.year()),
               static_cast<int>(static_cast<unsigned>(ymd.month())),
               static_cast<int>(static_cast<unsigned>(ymd.day())),
               static_cast<int>(hms.hours().count()),
               static_cast<int>(hms.minutes().count()),
               static_cast<int>(hms.seconds().count())};
}

std::string local_text(Instant t, std::string_view zone) {
  if (t <= Instant::min() || t >= Instant::max()) return "-";
  const auto c = to_civil(t, zone);
  if (!c) return to_string(t);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", c->year, c->month, c->day, c->hour, c->minute) +
         (c->second ? fmt::format(":{:02}", c->second) : "");
}

Result<Civil> parse_civil(std::string_view text) {
  Civil c;
  const std::string s(text);
  char sep = 0;
  int used = 0;
  const int n = std::sscanf(s.c_str(), "%4d-%2d-%2d%c%2d:%2d%n", &c.year, &c.month, &c.day, &sep, &c.hour, &c.minute, &used);
  bool good = false;
  if (n == 3) {
    c.hour = c.minute = 0;
    good = s.size() >= 8 && s.size() <= 10;
  } else if (n == 6 && (sep == ' ' || sep == 'T')) {
    const std::string_view rest = std::string_view(s).substr(static_cast<std::size_t>(used));
    good = rest.empty() || (rest.size() == 3 && rest[0] == ':' && std::sscanf(rest.data() + 1, "%2d", &c.second) == 1);
  }
  if (!good) return err(fail("time.bad-date", "this is not a date and time").found(s).expected("YYYY-MM-DD or YYYY-MM-DD HH:MM[:SS]"));
  return c;
}

Result<Instant> deadline(Instant start, CalendarSpan span, const Clock& clock) {
  SURETY_TRY(const Civil c, to_civil(start, clock.zone));
  const date::local_days first{date::year{c.year} / c.month / c.day};
  const int n = clock.start_day_counted && span.unit == CalendarUnit::days ? span.n - 1 : span.n;
  SURETY_TRY(const auto last, add_calendar(first, n, span.unit, clock.rounding));
  SURETY_TRY(auto z, find_zone(clock.zone));
  return instant_of(z, last + date::days{1}, Shown::first);
}

Result<Instant> before(Instant t, CalendarSpan span, const Clock& clock) {
  if (span.n == 0) return t;
  SURETY_TRY(auto z, find_zone(clock.zone));
  const LocalMicros local = shown_at(z, t);
  const auto day = date::floor<date::days>(local);
  SURETY_TRY(const auto back, add_calendar(day, -span.n, span.unit, clock.rounding));
  const bool months = span.unit == CalendarUnit::months || span.unit == CalendarUnit::years;
  // Days that have none to go back to of their own: all stand where the next day that has one begins.
  if (months && date::year_month_day{back}.day() != date::year_month_day{day}.day()) {
    const bool rounded_down = date::year_month_day{back}.day() != date::day{1};
    return instant_of(z, back + date::days{rounded_down ? 1 : 0}, Shown::second);
  }
  if (span.unit == CalendarUnit::working_days && !is_working_day(day)) return instant_of(z, back, Shown::second);
  return instant_of(z, back + (local - day), Shown::second);
}

std::string zoneinfo_digest(std::string_view zone) {
  const auto bytes = read_file("/usr/share/zoneinfo/" + std::string(zone));
  return bytes ? hex(sha256(*bytes)) : "unknown";
}

std::string to_string(CalendarSpan s) {
  const char* unit = s.unit == CalendarUnit::days           ? "calendar day"
                     : s.unit == CalendarUnit::working_days ? "working day"
                     : s.unit == CalendarUnit::months       ? "month"
                                                            : "year";
  return fmt::format("{} {}{}", s.n, unit, s.n == 1 ? "" : "s");
}

}  // namespace surety
