#pragma once
// Predicates by name, as the reader of logs meets them: a name with `(` behind it; up to 15 bytes are found in
// two words, without a branch on their length. What is at the very end of the bytes is not found here; the
// reader then goes the long way. Reads at most up to `end`. Filled once, then only read.
#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "logic/cell.h"
#include "logic/log_scan.h"
#include "logic/signature.h"

namespace surety::logic {

class NameWords {
 public:
  // Room for so many names, which outlive this.
  explicit NameWords(std::size_t names) : entries_(std::bit_ceil(4 * names + 1)) {}

  void add(std::string_view name, PredicateIndex p) {
    if (name.size() > 15) {
      long_.emplace(name, p);
      return;
    }
    char padded[16] = {};
    std::memcpy(padded, name.data(), name.size());
    const Entry e{scan::eight_bytes(padded), scan::eight_bytes(padded + 8), p};
    std::size_t i = home(e.first, e.rest);
    while (entries_[i].predicate != Signature::kNone) i = (i + 1) & (entries_.size() - 1);
    entries_[i] = e;
  }

  // The predicate whose name begins at p, with one blank or none and `(` behind it, which `after` points to.
  PredicateIndex scan(const char* p, const char* end, const char*& after) const {
    if (end - p < 17) return Signature::kNone;
    std::uint64_t first = scan::eight_bytes(p), rest = scan::eight_bytes(p + 8);
    const std::uint64_t in_first = ends(first), in_rest = ends(rest);
    if ((in_first | in_rest) == 0) return scan_long(p, end, after);
    first &= below(in_first);
    rest &= in_first != 0 ? 0 : below(in_rest);
    p += in_first != 0 ? std::countr_zero(in_first) / 8 : 8 + std::countr_zero(in_rest) / 8;
    p += *p == ' ';
    if (*p != '(') return Signature::kNone;
    after = p;
    for (std::size_t i = home(first, rest);; i = (i + 1) & (entries_.size() - 1)) {
      const Entry& e = entries_[i];
      if ((e.first == first && e.rest == rest) || e.predicate == Signature::kNone) return e.predicate;
    }
  }

 private:
  struct Entry {
    std::uint64_t first = 0, rest = 0;
    PredicateIndex predicate = Signature::kNone;
  };
  PredicateIndex scan_long(const char* p, const char* end, const char*& after) const {
    const char* const start = p;
    while (p < end && *p != '(' && *p != ' ') ++p;
    const auto found = long_.find({start, static_cast<std::size_t>(p - start)});
    p += p < end && *p == ' ';
    if (found == long_.end() || p == end || *p != '(') return Signature::kNone;
    after = p;
    return found->second;
  }
  // A bit where a byte ends the name; above the lowest there may be others.
  static std::uint64_t ends(std::uint64_t w) {
    constexpr std::uint64_t kOnes = 0x0101010101010101u;
    const std::uint64_t open = w ^ kOnes * '(', space = w ^ kOnes * ' ';
    return (((open - kOnes) & ~open) | ((space - kOnes) & ~space)) & scan::kHigh;
  }
  // The bytes before the lowest of these ends.
  static std::uint64_t below(std::uint64_t ends) {
    const std::uint64_t lowest = ends >> 7;
    return (lowest - 1) & ~lowest;
  }
  std::size_t home(std::uint64_t first, std::uint64_t rest) const {
    return static_cast<std::size_t>(mix(first, std::rotl(rest, 32))) & (entries_.size() - 1);
  }
  std::vector<Entry> entries_;
  boost::unordered_flat_map<std::string_view, PredicateIndex> long_;  // views of the signature's names
};

}  // namespace surety::logic
