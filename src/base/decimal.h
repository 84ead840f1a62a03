#pragma once
// Exact decimals: mantissa × 10^-scale, never a double. Arithmetic that would overflow 18 digits is
// an error, not a wrap.
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace surety {

class Decimal {
 public:
  constexpr Decimal() = default;
  constexpr explicit Decimal(std::int64_t whole) : mantissa_(whole) {}
  static Result<Decimal> parse(std::string_view text);  // "-12.50"; no exponent, no thousands mark
  static constexpr Decimal raw(std::int64_t mantissa, int scale) {
    Decimal d;
    d.mantissa_ = mantissa;
    d.scale_ = scale;
    return d;
  }
  std::string text() const;
  double approximate() const;  // for drawing only
  std::strong_ordering operator<=>(const Decimal& o) const;
  bool operator==(const Decimal& o) const { return (*this <=> o) == 0; }
  friend Result<Decimal> add(Decimal a, Decimal b);
  friend Result<Decimal> subtract(Decimal a, Decimal b);
  friend Result<Decimal> multiply(Decimal a, Decimal b);

 private:
  std::int64_t mantissa_ = 0;
  int scale_ = 0;  // 0 … 18
};

// A number with its unit: "15 km", "3 bn" is not one. Units never convert silently except within one
// dimension (m/km/mm, kg/t).
struct Quantity {
  Decimal number;
  std::string unit;  // "", "m", "km", "mm", "kg", "t", "%", or an ISO 4217 currency code
  bool operator==(const Quantity&) const = default;
};

// Orders two quantities of one dimension; unit.mixed when they are not.
Result<std::strong_ordering> compare(const Quantity& a, const Quantity& b);
std::string to_string(const Quantity& q);

}  // namespace surety
