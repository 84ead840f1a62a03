#pragma once
// Sums of doubles that do not depend on the order and can be taken back: one wide fixed-point number
// that covers every finite double, after Kulisch's long accumulator (Kulisch, Miranker, SIAM Review
// 28(1), 1986). value() is the exact sum rounded once, to nearest even; infinities
// are counted, so that they too can be taken back.
#include <array>
#include <cstdint>

namespace surety::logic {

class ExactSum {
 public:
  void add(double d) { accumulate(d, false); }
  void subtract(double d) { accumulate(d, true); }
  double value() const;  // infinite if it is too large or has an infinity in it, NaN with both

 private:
  // Bit 0 of limb 0 weighs 2^-1074; 34 limbs of 64 bits, two's complement.
  static constexpr int kLimbs = 35;
  void accumulate(double d, bool negative);
  std::array<std::uint64_t, kLimbs> limb_{};
  std::int64_t infinite_[2] = {};  // how many of +∞ and of −∞
};

}  // namespace surety::logic
