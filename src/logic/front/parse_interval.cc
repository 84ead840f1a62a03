#include "logic/front/parse_interval.h"

#include <charconv>
#include <optional>

namespace surety::logic {
namespace {

using plan::Interval;

class IntervalParser {
 public:
  explicit IntervalParser(Tokens& in) : in_(in) {}

  Result<Interval> whole() {
    Interval i;
    const bool bracket = in_.is("[");
    const Lexeme next = in_.ahead().kind;
    const bool bound =
        next == Lexeme::integer || next == Lexeme::with_unit || (in_.is(in_.ahead(), "-") && in_.ahead(2).kind != Lexeme::word);
    if (!bracket && !(in_.is("(") && bound && bound_closes())) return i;
    const Token start = in_.here();
    i.lower.open = !bracket;
    in_.skip();
    SURETY_TRY_STATUS(bound_into(i.lower));
    SURETY_TRY_STATUS(in_.expect(","));
    if (!in_.accept("*")) {
      i.upper.emplace();
      SURETY_TRY_STATUS(bound_into(*i.upper));
    }
    if (in_.accept(")")) {
      if (i.upper) i.upper->open = true;
    } else if (!in_.accept("]")) {
      return err(in_.wrong("`]` or `)`"));
    }
    if (auto ok = plan::check(i); !ok) return err(in_.placed_at(start, advised(std::move(ok.error()), i)));
    return i;
  }

 private:
  // What to write for an interval that holds nothing.
  static Error advised(Error e, const Interval& i) {
    if (!i.upper || !i.plain()) return e;
    if (i.lower.ticks < 0 || i.upper->ticks < 0)
      return std::move(e).help("for the other direction in time take the operator's mirror image, such as ONCE for EVENTUALLY");
    if (i.lower.ticks > i.upper->ticks)
      return std::move(e).help("write the smaller bound first: " +
                               plan::text(Interval{{i.upper->ticks, {}, i.lower.open}, plan::Bound{i.lower.ticks, {}, i.upper->open}}));
    return std::move(e).help("close both bounds for this one distance: " + plan::text(plan::between(i.lower.ticks, i.upper->ticks)));
  }

  // `ONCE (5 < x AND …)` begins like an interval; a comma after the first bound decides.
  bool bound_closes() const {
    std::size_t k = 1;
    if (in_.is(in_.ahead(k), "-")) ++k;
    ++k;
    return in_.is(in_.ahead(k), ",") || (in_.ahead(k).kind == Lexeme::word && calendar_unit(in_.ahead(k).text).has_value());
  }

  static std::optional<CalendarUnit> calendar_unit(std::string_view w) {
    if (w == "DAYS") return CalendarUnit::days;
    if (w == "WORKING") return CalendarUnit::working_days;
    if (w == "MONTHS") return CalendarUnit::months;
    if (w == "YEARS") return CalendarUnit::years;
    return std::nullopt;
  }

  Status bound_into(plan::Bound& b) {
    const bool negative = in_.accept("-");
    const Token t = in_.here();
    if (t.kind != Lexeme::integer && t.kind != Lexeme::with_unit) return err(in_.wrong("a number, such as 60 or 7d"));
    in_.skip();
    std::int64_t n = 0;
    const auto [end, code] = std::from_chars(t.text.data(), t.text.data() + t.text.size(), n);
    std::int64_t unit = 1;
    if (t.kind == Lexeme::with_unit) {
      switch (*end) {
        case 's':
          break;
        case 'm':
          unit = 60;
          break;
        case 'h':
          unit = 3600;
          break;
        case 'd':
          unit = 86400;
          break;
        default:
          return err(in_.at(t, "unknown unit of time").found(describe(t)).expected("s, m, h or d"));
      }
    }
    // The ceiling leaves room for stamp + bound.
    if (code != std::errc() || n > (INT64_MAX / 4) / unit) {
      return err(in_.at(t, "the bound is too large").found(describe(t)));
    }
    b.ticks = negative ? -n * unit : n * unit;
    if (in_.here().kind == Lexeme::word && calendar_unit(in_.here().text)) return calendar(b, n);
    return {};
  }

  // 14 DAYS IN "Europe/Kyiv" [ROUND DOWN|UP] [START COUNTED] [BACK]
  Status calendar(plan::Bound& b, std::int64_t n) {
    plan::CalendarBound c;
    c.span.unit = *calendar_unit(in_.here().text);
    if (n > 1'000'000) return err(in_.wrong("at most 1,000,000 days"));
    c.span.n = static_cast<int>(b.ticks);
    b.ticks = 0;
    in_.skip();
    if (c.span.unit == CalendarUnit::working_days) SURETY_TRY_STATUS(in_.expect("DAYS"));
    SURETY_TRY_STATUS(in_.expect("IN"));
    if (in_.here().kind != Lexeme::text) return err(in_.wrong("a zone, such as \"Europe/Kyiv\""));
    c.clock.zone = unescape(in_.here().text);
    in_.skip();
    if (in_.accept("ROUND")) {
      if (!in_.is("DOWN") && !in_.is("UP")) return err(in_.wrong("DOWN or UP"));
      c.clock.rounding = in_.is("DOWN") ? MonthRounding::down : MonthRounding::up;
      in_.skip();
    }
    if (in_.accept("START")) {
      SURETY_TRY_STATUS(in_.expect("COUNTED"));
      c.clock.start_day_counted = true;
    }
    if (in_.accept("BACK")) c.from = plan::From::later;
    b.calendar = std::move(c);
    return {};
  }

  Tokens& in_;
};

}  // namespace

Result<plan::Interval> parse_interval(Tokens& tokens) { return IntervalParser(tokens).whole(); }

}  // namespace surety::logic
