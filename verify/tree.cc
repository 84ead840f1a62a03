#include "verify/tree.h"

namespace verify {

void Tree::add_subtree(std::size_t level, Hash hash) {
  size_ += std::uint64_t{1} << level;
  if (slots_.size() <= level) slots_.resize(level + 1);
  for (; level < slots_.size() && slots_[level]; ++level) {
    hash = node_hash(*slots_[level], hash);
    slots_[level].reset();
  }
  if (level == slots_.size()) slots_.emplace_back();
  slots_[level] = hash;
}

Hash Tree::root() const {
  std::optional<Hash> out;
  for (const auto& slot : slots_)
    if (slot) out = out ? node_hash(*slot, *out) : *slot;
  return out ? *out : sha256({"", 0});
}

namespace {

// The hash that the path claims for the subtree [lo, hi); consumes the path from its end, where
// the siblings nearest the root are.
bool climb(std::uint64_t index, std::uint64_t lo, std::uint64_t hi, const Hash& leaf, const std::vector<Hash>& path, std::size_t used,
           Hash& out) {
  if (hi - lo == 1) {
    out = leaf;
    return used == 0;
  }
  if (used == 0) return false;
  std::uint64_t half = 1;
  while (half < hi - lo - half) half *= 2;
  const Hash& sibling = path[used - 1];
  Hash inner{};
  const bool left = index < lo + half;
  if (!climb(index, left ? lo : lo + half, left ? lo + half : hi, leaf, path, used - 1, inner)) return false;
  out = left ? node_hash(inner, sibling) : node_hash(sibling, inner);
  return true;
}

}  // namespace

bool included(std::uint64_t index, std::uint64_t size, const Hash& leaf, const std::vector<Hash>& path, const Hash& root) {
  Hash found{};
  return index < size && climb(index, 0, size, leaf, path, path.size(), found) && found == root;
}

}  // namespace verify
