#include "logic/exact_sum.h"

#include <bit>
#include <cmath>

namespace surety::logic {

void ExactSum::accumulate(double d, bool negative) {
  if (std::isinf(d)) {
    infinite_[d < 0] += negative ? -1 : 1;
    return;
  }
  auto bits = std::bit_cast<std::uint64_t>(d);
  if (bits >> 63) negative = !negative;
  auto exponent = static_cast<int>(bits >> 52 & 0x7FF);
  std::uint64_t mantissa = bits & ((1ULL << 52) - 1);
  if (exponent == 0x7FF) return;
  if (exponent != 0) {
    mantissa |= 1ULL << 52;
    --exponent;
  }
  if (mantissa == 0) return;
  auto at = static_cast<std::size_t>(exponent / 64);
  unsigned __int128 wide = static_cast<unsigned __int128>(mantissa) << (exponent % 64);
  std::uint64_t part[2] = {static_cast<std::uint64_t>(wide), static_cast<std::uint64_t>(wide >> 64)};
  bool carry = false;
  for (std::size_t i = at; i < kLimbs; ++i) {
    std::uint64_t p = i - at < 2 ? part[i - at] : 0;
    if (i - at >= 2 && !carry) break;
    std::uint64_t before = limb_[i];
    limb_[i] = negative ? before - p - carry : before + p + carry;
    carry = negative ? (carry ? before <= p : before < p) : (carry ? limb_[i] <= before : limb_[i] < before);
  }
}

double ExactSum::value() const {
  if (infinite_[0] || infinite_[1]) return infinite_[0] && infinite_[1] ? NAN : infinite_[0] ? HUGE_VAL : -HUGE_VAL;
  auto limb = limb_;
  bool negative = limb[kLimbs - 1] >> 63;
  if (negative) {
    bool carry = true;
    for (auto& l : limb) {
      l = ~l + carry;
      carry = carry && l == 0;
    }
  }
  int top = kLimbs - 1;
  while (top >= 0 && limb[static_cast<std::size_t>(top)] == 0) --top;
  if (top < 0) return 0;
  int high = top * 64 + 63 - std::countl_zero(limb[static_cast<std::size_t>(top)]);
  // 53 bits from `high` down, then round to nearest even on the rest.
  int low = high - 52;
  auto bit = [&](int i) -> std::uint64_t { return i < 0 ? 0 : limb[static_cast<std::size_t>(i / 64)] >> (i % 64) & 1; };
  std::uint64_t m = 0;
  for (int i = high; i >= low; --i) m = m << 1 | bit(i);
  if (low > 0 && bit(low - 1)) {
    bool more = false;
    for (int i = 0; i < low - 1 && !more; ++i) more = bit(i);
    if (more || (m & 1)) ++m;
  }
  double v = std::ldexp(static_cast<double>(m), low - 1074);
  return negative ? -v : v;
}

}  // namespace surety::logic
