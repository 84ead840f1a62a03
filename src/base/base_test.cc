#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/decimal.h"
#include "base/instant.h"
#include "base/json_out.h"

namespace surety {
namespace {

TEST(Instant, SecondsOfOthersNeverBecomeThePast) {
  EXPECT_EQ(to_string(Instant::from_posix(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_string(Instant::from_posix(1'780'272'000)), "2026-06-01T00:00:00Z");
  Instant before{};
  for (const std::uint64_t far : {253'402'300'799u + 0ull, 253'402'300'800ull, 9'223'372'036'855ull, 9'300'000'000'000ull, (1ull << 63) - 1, ~0ull}) {
    EXPECT_EQ(to_string(Instant::from_posix(far)), "9999-12-31T23:59:59Z") << far;
    EXPECT_LE(before, Instant::from_posix(far));
    before = Instant::from_posix(far);
    EXPECT_LT(Instant::from_posix(far) + Span::hours(24 * 366), Instant::max()) << "room for a delay";
  }
}

TEST(Instant, RoundTripsAndNeedsAnOffset) {
  for (const char* t : {"2025-04-19T15:00:00Z", "1969-12-31T23:59:59.5Z", "2000-02-29T00:00:00Z"})
    EXPECT_EQ(to_string(parse_instant(t).value()), t);
  EXPECT_EQ(to_string(parse_instant("2025-04-19T18:00:00+03:00").value()), "2025-04-19T15:00:00Z");
  for (const char* t : {"2025-04-19T15:00:00", "2025-02-29T00:00:00Z", "2025-04-19", "nonsense", ""})
    EXPECT_EQ(parse_instant(t).error().code, "time.bad-instant") << t;
}

TEST(Calendar, TruceStartsInMoscow) {
  EXPECT_EQ(to_string(to_instant({2025, 4, 19, 18, 0, 0}, "Europe/Moscow").value()), "2025-04-19T15:00:00Z");
  EXPECT_EQ(to_string(to_instant({2025, 4, 20, 24, 0, 0}, "Europe/Moscow").value()), "2025-04-20T21:00:00Z");
  EXPECT_EQ(local_text(parse_instant("2025-01-01T00:00:00Z").value(), "Europe/Kyiv"), "2025-01-01 02:00");
}

TEST(Calendar, RefusesAmbiguousAndMissingHours) {
  EXPECT_EQ(to_instant({2025, 3, 30, 3, 30, 0}, "Europe/Kyiv").error().code, "time.nonexistent");
  const auto e = to_instant({2025, 10, 26, 3, 30, 0}, "Europe/Kyiv").error();
  EXPECT_EQ(e.code, "time.ambiguous");
  EXPECT_EQ(e.expected_text, "one of 2025-10-26T00:30:00Z and 2025-10-26T01:30:00Z");
  EXPECT_EQ(to_instant({2025, 1, 1, 0, 0, 0}, "Europe/Nowhere").error().code, "time.unknown-zone");
}

TEST(Calendar, DeadlineExcludesTheStartDayAndEndsAt24) {
  const Instant start = parse_instant("2026-06-01T00:00:00+03:00").value();
  EXPECT_EQ(to_string(deadline(start, {14, CalendarUnit::days}, {"Europe/Kyiv"}).value()), "2026-06-15T21:00:00Z");
  const Instant jan31 = parse_instant("2026-01-31T10:00:00Z").value();
  EXPECT_EQ(deadline(jan31, {1, CalendarUnit::months}, {"UTC"}).error().code, "time.no-such-day");
  EXPECT_EQ(to_string(deadline(jan31, {1, CalendarUnit::months}, {"UTC", MonthRounding::down}).value()), "2026-03-01T00:00:00Z");
}

TEST(Calendar, SpansNeverGoBackAsTimeGoesOn) {
  for (const char* zone : {"Europe/Kyiv", "Asia/Beirut", "America/Havana", "Australia/Lord_Howe", "UTC"})
    for (auto unit : {CalendarUnit::days, CalendarUnit::working_days, CalendarUnit::months, CalendarUnit::years})
      for (auto rounding : {MonthRounding::down, MonthRounding::up})
        for (int n = 0; n < 3; ++n) {
          const Clock clock{zone, rounding};
          Instant last_end = Instant::min(), last_begin = Instant::min();
          for (Instant t = parse_instant("2024-01-27T00:00:00.5Z").value(); t.us < 1'765'000'000'000'000; t.us += 1'800'000'000) {
            const auto end = deadline(t, {n, unit}, clock), begin = before(t, {n, unit}, clock);
            ASSERT_TRUE(end && begin) << zone << to_string(t);
            ASSERT_LE(last_end, *end) << zone << " " << n << " " << to_string(t);
            ASSERT_LE(last_begin, *begin) << zone << " " << n << " " << to_string(t);
            ASSERT_LE(*begin, t) << zone << " " << n << " " << to_string(t);
            last_end = *end;
            last_begin = *begin;
          }
        }
}

TEST(Calendar, SpansAcrossChangesOfClocks) {
  const auto back = [](const char* t, int n, CalendarUnit unit, const char* zone, MonthRounding r = MonthRounding::down) {
    return to_string(before(parse_instant(t).value(), {n, unit}, {zone, r}).value());
  };
  const auto days = CalendarUnit::days, months = CalendarUnit::months;
  EXPECT_EQ(back("2025-03-31T12:00:00.25+03:00", 1, days, "Europe/Kyiv"), to_string(parse_instant("2025-03-30T12:00:00.25+03:00").value()));
  EXPECT_EQ(back("2025-03-30T12:00:00+03:00", 1, days, "Europe/Kyiv"), "2025-03-29T10:00:00Z");  // 23 hours
  EXPECT_EQ(back("2025-03-31T03:30:00+03:00", 1, days, "Europe/Kyiv"), "2025-03-30T01:00:00Z");  // left out
  EXPECT_EQ(back("2025-04-30T03:30:00+03:00", 1, months, "Europe/Kyiv"), "2025-03-30T01:00:00Z");
  EXPECT_EQ(back("2025-10-27T03:30:00+02:00", 1, days, "Europe/Kyiv"), "2025-10-26T01:30:00Z");  // shown twice
  EXPECT_EQ(back("2025-03-30T10:00:00Z", 1, months, "UTC"), "2025-03-01T00:00:00Z");
  EXPECT_EQ(back("2025-03-30T10:00:00Z", 1, months, "UTC", MonthRounding::up), "2025-03-01T00:00:00Z");
  EXPECT_EQ(back("2025-03-28T10:00:00Z", 1, months, "UTC"), "2025-02-28T10:00:00Z");
  EXPECT_EQ(back("2025-03-30T10:00:00Z", 1, CalendarUnit::working_days, "UTC"), "2025-03-28T00:00:00Z");
  // Midnight is left out, and is shown twice.
  EXPECT_EQ(to_string(deadline(parse_instant("2025-03-28T12:00:00Z").value(), {1, days}, {"Asia/Beirut"}).value()), "2025-03-29T22:00:00Z");
  EXPECT_EQ(to_string(deadline(parse_instant("2025-10-31T12:00:00Z").value(), {1, days}, {"America/Havana"}).value()),
            "2025-11-02T04:00:00Z");
}

TEST(Decimal, IsExact) {
  EXPECT_EQ(add(Decimal::parse("0.1").value(), Decimal::parse("0.2").value()).value().text(), "0.3");
  EXPECT_EQ(Decimal::parse("-0.05").value().text(), "-0.05");
  EXPECT_EQ(Decimal::parse("1e5").error().code, "decimal.bad-number");
  EXPECT_EQ(multiply(Decimal(4'000'000'000'000'000'000), Decimal(10)).error().code, "decimal.overflow");
  EXPECT_EQ(compare({Decimal(15), "km"}, {Decimal(15000), "m"}).value(), std::strong_ordering::equal);
  EXPECT_EQ(compare({Decimal(15), "km"}, {Decimal(15), "t"}).error().code, "unit.mixed");
}

// Against the library's own layer, at every length around the ends of blocks, in one part and in three.
TEST(Bytes, Sha256OfEveryLength) {
  std::string bytes;
  for (std::size_t n = 0; n <= 300; ++n) {
    Digest expected{};
    ASSERT_EQ(EVP_Digest(bytes.data(), bytes.size(), expected.data(), nullptr, EVP_sha256(), nullptr), 1);
    const std::string_view all = bytes;
    EXPECT_EQ(sha256(all), expected) << n;
    EXPECT_EQ(sha256(all.substr(0, n / 3), all.substr(n / 3, n / 2), all.substr(n / 3 + std::min(n - n / 3, n / 2))), expected) << n;
    bytes += static_cast<char>(n * 37);
  }
}

TEST(Bytes, KnownAnswers) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(from_base64("Zm9vYg==").value(), "foob");
  for (const char* bad : {"Zm9vYg", "Zm9vYh==", "Zm9v Yg==", "=", "Zm9vYg===", "====", "A===", "AA=A", "AAA"})
    EXPECT_FALSE(from_base64(bad)) << bad;
  // Of every ending, only what encoding gives is accepted.
  const std::string alphabet = "ABQgwx89+/=";
  for (const char a : alphabet)
    for (const char b : alphabet)
      for (const char c : alphabet)
        for (const char d : alphabet) {
          const std::string text{'Z', 'm', '9', 'v', a, b, c, d};
          const auto raw = from_base64(text);
          const auto pad = text.find('=');
          const bool shape = pad == std::string::npos || pad == 7 || (pad == 6 && d == '=');
          const bool spare = pad == 7 ? std::string_view("AQgw8").find(c) == std::string_view::npos
                                      : pad == 6 && std::string_view("AQgw").find(b) == std::string_view::npos;
          EXPECT_EQ(raw.has_value(), shape && !spare) << text;
          if (raw) {
            EXPECT_EQ(base64(*raw), text);
          }
        }
  EXPECT_EQ(first_bad_utf8("Київ"), std::string_view::npos);
  EXPECT_EQ(first_bad_utf8("ab\xff"), 2u);
  EXPECT_EQ(first_bad_utf8("\xed\xa0\x80"), 0u);
}

TEST(JsonOut, EscapesAndNests) {
  JsonOut j;
  j.object().member("a", "x\"\n\x01").key("b").array().number(1).number(-2).end().member("c", true).end();
  EXPECT_EQ(j.text(), "{\"a\":\"x\\\"\\n\\u0001\",\"b\":[1,-2],\"c\":true}");
}

}  // namespace
}  // namespace surety
