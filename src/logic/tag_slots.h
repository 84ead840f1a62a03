#pragma once
// Numbered things by their hash, in one flat array of slots: half of a slot is the number, half a tag of
// the hash. Linear probing; erasing shifts back what follows, so there are no tombstones. Looking up
// what is not there, and most of what is, touches one cache line here and nothing of the things
// themselves; a chained table touches each thing on the chain. The owner keeps the load below one half
// (grow). Knuth, The Art of Computer Programming 3, 6.4, algorithm R. One thread.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace surety::logic {

class TagSlots {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  TagSlots() { clear(); }
  std::size_t size() const { return slots_.size(); }
  std::size_t bytes() const { return slots_.capacity() * sizeof(std::uint64_t); }
  void clear() { make(16); }
  void wipe() { std::fill(slots_.begin(), slots_.end(), 0); }
  // At least so many slots, a power of two.
  void grow(std::size_t slots) {
    if (slots <= slots_.size()) return;
    std::vector<std::uint64_t> old = std::move(slots_);
    make(slots);
    for (auto s : old)
      if (s != 0) put(s);
  }

  // The number for which `is(number)`, among those with this hash.
  template <class F>
  std::uint32_t find(std::uint64_t hash, F&& is) const {
    for (std::size_t i = home(hash); slots_[i] != 0; i = (i + 1) & mask_)
      if (slots_[i] >> 32 == hash >> 32 && is(number(slots_[i]))) return number(slots_[i]);
    return kNone;
  }
  void insert(std::uint64_t hash, std::uint32_t number) { put(hash >> 32 << 32 | (number + 1)); }  // not there yet
  void erase(std::uint64_t hash, std::uint32_t number) {                                           // is there
    const std::uint64_t s = hash >> 32 << 32 | (number + 1);
    std::size_t hole = home(hash);
    while (slots_[hole] != s) hole = (hole + 1) & mask_;
    for (std::size_t i = (hole + 1) & mask_; slots_[i] != 0; i = (i + 1) & mask_) {
      if (((i - home(slots_[i])) & mask_) < ((i - hole) & mask_)) continue;  // would come before its home
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = 0;
  }

  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[home(hash)]); }
  // One that may be of this hash, or kNone.
  std::uint32_t candidate(std::uint64_t hash) const {
    const auto s = slots_[home(hash)];
    return s >> 32 == hash >> 32 && s != 0 ? number(s) : kNone;
  }

 private:
  static std::uint32_t number(std::uint64_t slot) { return static_cast<std::uint32_t>(slot) - 1; }
  // By the highest bits, so that a slot says where it belongs.
  std::size_t home(std::uint64_t hash) const { return static_cast<std::size_t>(hash >> shift_); }
  void put(std::uint64_t slot) {
    std::size_t i = home(slot);
    while (slots_[i] != 0) i = (i + 1) & mask_;
    slots_[i] = slot;
  }
  void make(std::size_t slots) {
    slots_.assign(slots, 0);
    mask_ = slots - 1;
    shift_ = 64 - std::countr_zero(slots);
  }

  std::vector<std::uint64_t> slots_;  // 0: empty; number + 1 in the lower half
  std::size_t mask_ = 0;
  int shift_ = 0;
};

}  // namespace surety::logic
