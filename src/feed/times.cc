#include "feed/reader.h"

namespace surety::feed {
namespace {

bool number(std::string_view s, std::size_t& i, std::size_t least, std::size_t most, int& out) {
  const std::size_t begin = i;
  out = 0;
  while (i < s.size() && i - begin < most && s[i] >= '0' && s[i] <= '9') out = out * 10 + (s[i++] - '0');
  return i - begin >= least;
}

bool skip(std::string_view s, std::size_t& i, char c) {
  if (i >= s.size() || s[i] != c) return false;
  ++i;
  return true;
}

// Date, and a time if there is one; `offset` is what is left after it.
bool split(std::string_view s, Civil& c, bool& has_time, std::string_view& offset) {
  std::size_t i = 0;
  if (!number(s, i, 4, 4, c.year) || !skip(s, i, '-') || !number(s, i, 1, 2, c.month) || !skip(s, i, '-') || !number(s, i, 1, 2, c.day))
    return false;
  has_time = i < s.size();
  if (!has_time) return true;
  if (!skip(s, i, ' ') && !skip(s, i, 'T')) return false;
  while (skip(s, i, ' ')) {
  }
  if (!number(s, i, 1, 2, c.hour) || !skip(s, i, ':') || !number(s, i, 2, 2, c.minute)) return false;
  if (skip(s, i, ':') && !number(s, i, 2, 2, c.second)) return false;
  offset = s.substr(i);
  return true;
}

Error bad_time(std::string_view text, const char* field) {
  return fail("feed.bad-time", "this is not a date and time")
      .field(field)
      .found(std::string(text))
      .expected("YYYY-MM-DD, YYYY-MM-DD HH:MM[:SS], or that with an offset");
}

}  // namespace

// Looking a zone up costs far more than adding minutes, and rows come in runs of few hours. An hour
// over which the zone's offset changes is never remembered.
Result<Instant> TimeReader::local(const Civil& c) {
  Hour& h = hours_[static_cast<std::size_t>((c.month * 31 + c.day) * 24 + c.hour) % hours_.size()];
  const bool known = h.hour.hour == c.hour && h.hour.day == c.day && h.hour.month == c.month && h.hour.year == c.year;
  if (known && c.minute < 60 && c.second < 60) return h.begins + Span::seconds(c.minute * 60 + c.second);
  SURETY_TRY(const Instant t, to_instant(c, zone_));
  const auto first = to_instant({c.year, c.month, c.day, c.hour, 0, 0}, zone_);
  const auto last = c.hour < 24 ? to_instant({c.year, c.month, c.day, c.hour, 59, 59}, zone_) : first;
  if (first && last && *last - *first == Span::seconds(3599)) h = {c, *first};
  return t;
}

Result<Stamp> TimeReader::read(std::string_view text, const char* field) {
  Civil c;
  bool has_time = false;
  std::string_view offset;
  // A statement's instants have four digits for the year, also after a lag or an offset is taken off.
  if (!split(text, c, has_time, offset) || c.year < 1000 || c.year > 9000) return err(bad_time(text, field));
  if (!offset.empty()) {
    auto t = parse_instant(text);
    if (!t) return err(bad_time(text, field));
    return Stamp{*t, *t, false};
  }
  if (zone_.empty())
    return err(fail("feed.zone-needed", "this feed's times carry no offset, and no zone is declared for it")
                   .field(field)
                   .found(std::string(text))
                   .expected("the setting `zone`, an IANA name such as Europe/Kyiv")
                   .help("find out which clock the source writes by, from its documentation or by comparing it with a feed in UTC, and "
                         "declare it; Surety does not guess: an hour's error moves events across the edge of a truce"));
  const auto at = [&](const Civil& civil) -> Result<Instant> {
    auto t = local(civil);
    if (!t) return err(std::move(t.error()).field(field));
    return *t;
  };
  SURETY_TRY(const Instant first, at(c));
  if (has_time) return Stamp{first, first, false};
  SURETY_TRY(const Instant last, at({c.year, c.month, c.day, 23, 59, 59}));
  return Stamp{first, last, true};
}

}  // namespace surety::feed
