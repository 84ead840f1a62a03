#pragma once
// The inner loop of reading a log in the peers' format: `(12,-7,0)` as integer cells, and `@12`. Only plain
// forms are taken, everything else is left to the full reader: a function returns nullptr, nothing was
// consumed, and the slow path decides what it is. Lengths differ from number to number and cannot be foretold,
// so nothing branches on them: eight bytes are read, the first that is no digit is found, and what stands
// before it is read as eight digits with zeros before (after D. Lemire's parse_eight_digits, Software: Practice
// and Experience 51(8), 2021). Pure; reads at most up to `end`.
#include <bit>
#include <cstdint>
#include <cstring>

#include "logic/cell.h"

namespace surety::logic {

namespace scan {

inline constexpr std::uint64_t kHigh = 0x8080808080808080u;

// Eight bytes, the first lowest.
inline std::uint64_t eight_bytes(const char* p) {
  std::uint64_t w;
  std::memcpy(&w, p, 8);
  if constexpr (std::endian::native == std::endian::big) w = __builtin_bswap64(w);
  return w;
}
// Of eight digits less '0'.
inline std::uint32_t value_of_eight(std::uint64_t w) {
  w = w * 10 + (w >> 8);
  return static_cast<std::uint32_t>(
      (((w & 0x000000FF000000FFu) * 0x000F424000000064u) + (((w >> 16) & 0x000000FF000000FFu) * 0x0000271000000001u)) >> 32);
}

}  // namespace scan

// An integer of at most 18 digits that ends before `end`.
inline const char* scan_integer(const char* p, const char* end, Cell& out) {
  const bool negative = p < end && *p == '-';
  p += negative;
  const char* const digits = p;
  std::uint64_t n = 0;
  if (end - p >= 8) {
    const std::uint64_t w = scan::eight_bytes(p) ^ 0x3030303030303030u;
    const std::uint64_t others = ((w + 0x7676767676767676u) | w) & scan::kHigh;  // up to the first other it is true
    if (others != 0) {
      const int bits = std::countr_zero(others) - 7;
      if (bits == 0) return nullptr;
      n = scan::value_of_eight(w << (64 - bits));
      out = negative ? 0 - n : n;
      return p + bits / 8;
    }
    n = scan::value_of_eight(w);
    p += 8;
  }
  while (p < end && static_cast<unsigned>(*p - '0') < 10) n = n * 10 + static_cast<unsigned>(*p++ - '0');
  if (p == digits || p - digits > 18 || p == end) return nullptr;
  out = negative ? 0 - n : n;
  return p;
}

// `(i,i,…)` with exactly `columns` integers and no blanks; at least one column.
inline const char* scan_integer_row(const char* p, const char* end, std::size_t columns, Cell* out) {
  if (p == end || *p != '(') return nullptr;
  for (std::size_t i = 0; i < columns; ++i) {
    p = scan_integer(p + 1, end, out[i]);
    if (!p || *p != (i + 1 == columns ? ')' : ',')) return nullptr;
  }
  return p + 1;
}

}  // namespace surety::logic
