#pragma once
// Merkle trees of RFC 6962, grown leaf by leaf and checked by proof.
#include <vector>

#include "verify/bytes.h"

namespace verify {

// Grows like a binary counter: slot k holds a full subtree of 2^k leaves, or nothing.
class Tree {
 public:
  void add(Hash hash) { add_subtree(0, hash); }
  // A full subtree of 2^level leaves; the size so far must be a multiple of that.
  void add_subtree(std::size_t level, Hash hash);
  Hash root() const;
  std::uint64_t size() const { return size_; }

 private:
  std::vector<std::optional<Hash>> slots_;
  std::uint64_t size_ = 0;
};

// Does this path lead from the leaf to the root? RFC 9162 §2.1.3.2.
bool included(std::uint64_t index, std::uint64_t size, const Hash& leaf, const std::vector<Hash>& path, const Hash& root);

}  // namespace verify
