#pragma once
// The inner loop of reading a log in the peers' format: `(12,-7,0)` as integer cells, `@12`, and the
// name of a predicate. Only plain forms are taken, everything else is left to the full reader: a
// function returns nullptr, nothing was consumed, and the slow path decides what it is. Numbers are
// read eight digits at a step (after D. Lemire's parse_eight_digits, Software: Practice and
// Experience 51(8), 2021). Pure; reads at most up to `end`.
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "logic/cell.h"

namespace surety::logic {

namespace scan {

inline bool eight_digits(std::uint64_t w) { return ((w & (w + 0x0606060606060606u) & 0xF0F0F0F0F0F0F0F0u) == 0x3030303030303030u); }
inline std::uint32_t value_of_eight(std::uint64_t w) {
  w -= 0x3030303030303030u;
  w = w * 10 + (w >> 8);
  return static_cast<std::uint32_t>(
      (((w & 0x000000FF000000FFu) * 0x000F424000000064u) + (((w >> 16) & 0x000000FF000000FFu) * 0x0000271000000001u)) >> 32);
}

}  // namespace scan

// An integer of at most 18 digits that ends before `end`.
inline const char* scan_integer(const char* p, const char* end, Cell& out) {
  bool negative = p < end && *p == '-';
  p += negative;
  const char* digits = p;
  std::uint64_t n = 0;
  if constexpr (std::endian::native == std::endian::little) {
    while (end - p >= 8) {
      std::uint64_t w;
      std::memcpy(&w, p, 8);
      if (!scan::eight_digits(w)) break;
      n = n * 100000000 + scan::value_of_eight(w);
      p += 8;
      if (p - digits > 18) return nullptr;
    }
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

// A name of letters, digits and `_` that ends before `end`.
inline const char* scan_name(const char* p, const char* end, std::string_view& out) {
  const char* start = p;
  auto part = [](char c) { return (static_cast<unsigned>((c | 32) - 'a') < 26) || static_cast<unsigned>(c - '0') < 10 || c == '_'; };
  while (p < end && part(*p)) ++p;
  if (p == start || p == end) return nullptr;
  out = {start, static_cast<std::size_t>(p - start)};
  return p;
}

}  // namespace surety::logic
