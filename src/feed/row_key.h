#pragma once
// Half a SHA-256 as a key: two rows of a million-row file share one by chance once in 10^26 files.
#include <array>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace surety::feed {

struct RowKey {
  std::array<std::uint64_t, 2> words{};
  RowKey() = default;
  explicit RowKey(const Digest& d) { std::memcpy(words.data(), d.data(), sizeof words); }
  bool operator==(const RowKey&) const = default;
  friend std::size_t hash_value(const RowKey& k) { return k.words[0]; }
};

}  // namespace surety::feed
