#include "base/decimal.h"

#include <fmt/format.h>

#include <array>

namespace surety {
namespace {

constexpr std::array<std::int64_t, 19> kPow10 = [] {
  std::array<std::int64_t, 19> p{};
  p[0] = 1;
  for (std::size_t i = 1; i < p.size(); ++i) p[i] = p[i - 1] * 10;
  return p;
}();

Error overflow(const char* what) {
  return fail("decimal.overflow", std::string(what) + " needs more than 18 digits").expected("a result of at most 18 digits");
}

Result<Decimal> fit(__int128 mantissa, int scale, const char* what) {
  while (scale > 0 && (scale > 18 || mantissa % 10 == 0)) {
    if (mantissa % 10 != 0) return err(overflow(what));
    mantissa /= 10;
    --scale;
  }
  if (mantissa > std::numeric_limits<std::int64_t>::max() || mantissa < -std::numeric_limits<std::int64_t>::max())
    return err(overflow(what));
  return Decimal::raw(static_cast<std::int64_t>(mantissa), scale);
}

struct Dimension {
  const char* unit;
  const char* base;
  int power;  // value × 10^power = base
};
constexpr Dimension kDimensions[] = {{"mm", "mm", 0}, {"m", "mm", 3}, {"km", "mm", 6}, {"kg", "kg", 0}, {"t", "kg", 3}};

Dimension dimension(const std::string& unit) {
  for (const auto& d : kDimensions)
    if (unit == d.unit) return d;
  return {unit.c_str(), unit.c_str(), 0};
}

}  // namespace

Result<Decimal> Decimal::parse(std::string_view text) {
  const auto bad = [&] {
    return err(fail("decimal.bad-number", "this is not a decimal number")
                   .found(std::string(text))
                   .expected("digits with at most one point, for example 12.50"));
  };
  std::size_t i = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) i = 1;
  __int128 m = 0;
  int scale = 0, digits = 0;
  bool point = false;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !point) {
      point = true;
      continue;
    }
    if (text[i] < '0' || text[i] > '9' || digits > 36) return bad();
    m = m * 10 + (text[i] - '0');
    ++digits;
    if (point) ++scale;
  }
  if (!digits || (point && !scale)) return bad();
  return fit(negative ? -m : m, scale, "this number");
}

std::string Decimal::text() const {
  std::string digits = std::to_string(mantissa_ < 0 ? -mantissa_ : mantissa_);
  if (scale_) {
    if (digits.size() <= static_cast<std::size_t>(scale_)) digits.insert(0, static_cast<std::size_t>(scale_) + 1 - digits.size(), '0');
    digits.insert(digits.size() - static_cast<std::size_t>(scale_), ".");
  }
  return (mantissa_ < 0 ? "-" : "") + digits;
}

double Decimal::approximate() const {
  return static_cast<double>(mantissa_) / static_cast<double>(kPow10[static_cast<std::size_t>(scale_)]);
}

std::strong_ordering Decimal::operator<=>(const Decimal& o) const {
  const __int128 a = static_cast<__int128>(mantissa_) * kPow10[static_cast<std::size_t>(o.scale_)];
  const __int128 b = static_cast<__int128>(o.mantissa_) * kPow10[static_cast<std::size_t>(scale_)];
  return a < b ? std::strong_ordering::less : a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
}

Result<Decimal> add(Decimal a, Decimal b) {
  const int scale = a.scale_ > b.scale_ ? a.scale_ : b.scale_;
  const __int128 x = static_cast<__int128>(a.mantissa_) * kPow10[static_cast<std::size_t>(scale - a.scale_)];
  const __int128 y = static_cast<__int128>(b.mantissa_) * kPow10[static_cast<std::size_t>(scale - b.scale_)];
  return fit(x + y, scale, "this sum");
}
Result<Decimal> subtract(Decimal a, Decimal b) { return add(a, Decimal::raw(-b.mantissa_, b.scale_)); }
Result<Decimal> multiply(Decimal a, Decimal b) {
  return fit(static_cast<__int128>(a.mantissa_) * b.mantissa_, a.scale_ + b.scale_, "this product");
}

Result<std::strong_ordering> compare(const Quantity& a, const Quantity& b) {
  const Dimension da = dimension(a.unit), db = dimension(b.unit);
  if (std::string_view(da.base) != db.base)
    return err(fail("unit.mixed", "these two quantities measure different things")
                   .found(to_string(a) + " against " + to_string(b))
                   .expected("one dimension on both sides")
                   .help("give both in the same kind of unit"));
  SURETY_TRY(const Decimal x, multiply(a.number, Decimal(kPow10[static_cast<std::size_t>(da.power)])));
  SURETY_TRY(const Decimal y, multiply(b.number, Decimal(kPow10[static_cast<std::size_t>(db.power)])));
  return x <=> y;
}

std::string to_string(const Quantity& q) { return q.unit.empty() ? q.number.text() : q.number.text() + " " + q.unit; }

}  // namespace surety
