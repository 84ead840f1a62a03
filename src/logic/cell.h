#pragma once
// How values lie in rows: one 64-bit cell each. An integer is itself, a real is its bits (never NaN,
// never −0, so equal bits mean equal values), text is the number the Interner gave it. Types are
// static, so cells carry no tag. Interner: one thread; numbers and views live as long as it does.
#include <bit>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "plan/value.h"

namespace surety::logic {

using Cell = std::uint64_t;

inline Cell cell_of(std::int64_t n) { return static_cast<Cell>(n); }
inline Cell cell_of(double d) { return std::bit_cast<Cell>(d == 0 ? 0.0 : d); }
inline std::int64_t int_of(Cell c) { return static_cast<std::int64_t>(c); }
inline double real_of(Cell c) { return std::bit_cast<double>(c); }

inline std::uint64_t mix(std::uint64_t h, Cell c) {
  unsigned __int128 m = static_cast<unsigned __int128>(h ^ c) * 0x9E3779B97F4A7C15u;
  return static_cast<std::uint64_t>(m) ^ static_cast<std::uint64_t>(m >> 64);
}
inline constexpr std::uint64_t kSeed = 0x2545F4914F6CDD1Du;
inline std::uint64_t hash_cells(const Cell* row, std::size_t n) {
  std::uint64_t h = kSeed;
  for (std::size_t i = 0; i < n; ++i) h = mix(h, row[i]);
  return h;
}

// Rows are short: cheaper cell by cell than by a call.
inline void copy_cells(const Cell* from, std::size_t n, Cell* to) {
  switch (n) {
    case 4:
      to[3] = from[3];
      [[fallthrough]];
    case 3:
      to[2] = from[2];
      [[fallthrough]];
    case 2:
      to[1] = from[1];
      [[fallthrough]];
    case 1:
      to[0] = from[0];
      [[fallthrough]];
    case 0:
      return;
    default:
      std::memcpy(to, from, n * sizeof(Cell));
  }
}

class Interner {
 public:
  Cell intern(std::string_view s) {
    auto it = by_text_.find(s);
    if (it != by_text_.end()) return it->second;
    texts_.emplace_back(s);
    Cell id = texts_.size() - 1;
    by_text_.emplace(texts_.back(), id);
    return id;
  }
  const std::string& text(Cell id) const { return texts_[id]; }
  std::size_t size() const { return texts_.size(); }

  Cell cell(const plan::Value& v) {
    if (auto* n = std::get_if<std::int64_t>(&v)) return cell_of(*n);
    if (auto* d = std::get_if<double>(&v)) return cell_of(*d);
    return intern(std::get<std::string>(v));
  }
  plan::Value value(Cell c, plan::Type t) const {
    if (t == plan::Type::integer) return int_of(c);
    if (t == plan::Type::real) return real_of(c);
    return texts_[c];
  }
  // <0, 0, >0
  int compare(Cell a, Cell b, plan::Type t) const {
    if (a == b) return 0;
    if (t == plan::Type::integer) return int_of(a) < int_of(b) ? -1 : 1;
    if (t == plan::Type::real) return real_of(a) < real_of(b) ? -1 : 1;
    return texts_[a].compare(texts_[b]);
  }

 private:
  std::deque<std::string> texts_;
  boost::unordered_flat_map<std::string_view, Cell> by_text_;
};

}  // namespace surety::logic
