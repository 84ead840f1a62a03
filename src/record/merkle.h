#pragma once
// The Merkle tree of RFC 6962 §2.1: leaf = SHA-256(00‖entry), node = SHA-256(01‖left‖right), the
// empty tree = SHA-256(""). Proofs follow RFC 9162 §2.1.3–2.1.4 (the same tree). Everything here is
// pure; hashes that already exist are reached through a HashReader, so nothing holds a whole tree.
//
// A subtree is named by (level, n): it is perfect and covers leaves [n·2^level, (n+1)·2^level).
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace surety::record {

Digest leaf_hash(std::string_view entry);
Digest node_hash(const Digest& left, const Digest& right);
Digest empty_root();

// The right edge of a growing tree: one hash for each 1-bit of the size, largest subtree first.
// All that a log needs to go on appending. Copyable; not for two threads at once.
class CompactRange {
 public:
  std::uint64_t size() const { return size_; }
  const std::vector<Digest>& peaks() const { return peaks_; }
  Digest root() const;
  // `completed`, when given, is told of each perfect subtree of level ≥ 1 that this leaf closes.
  using Completed = std::function<void(int level, std::uint64_t n, const Digest& hash)>;
  void append(const Digest& leaf, const Completed& completed = {});

  // size (8 bytes, big endian) then the peaks; `parse` refuses a wrong number of peaks.
  std::string bytes() const;
  static Result<CompactRange> parse(std::string_view bytes);
  static Result<CompactRange> from(std::uint64_t size, std::vector<Digest> peaks);

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> peaks_;
};

// Gives the hash of perfect subtree (level, n). Called only for subtrees inside the asked size.
using HashReader = std::function<Result<Digest>(int level, std::uint64_t n)>;
using Proof = std::vector<Digest>;  // from the leaf's sibling upward

Result<Digest> root_at(std::uint64_t size, const HashReader& hashes);
Result<CompactRange> range_at(std::uint64_t size, const HashReader& hashes);
// Error record.no-such-leaf unless index < size.
Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size, const HashReader& hashes);
// Error record.no-such-size unless old_size ≤ size. Empty for old_size 0 and for old_size == size.
Result<Proof> consistency_proof(std::uint64_t old_size, std::uint64_t size, const HashReader& hashes);

Status verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, const Proof& proof, const Digest& root);
Status verify_consistency(std::uint64_t old_size, std::uint64_t size, const Proof& proof, const Digest& old_root, const Digest& root);
// The general form, of which consistency is the case start = 0: that leaves [start, end), with this root over them, are in
// the tree. `start` is a multiple of the least power of two that is not below end − start, and start < end ≤ size
// (draft-ietf-plants-merkle-tree-certs, subtree consistency proofs).
Status verify_subtree(std::uint64_t start, std::uint64_t end, std::uint64_t size, const Proof& proof, const Digest& subroot,
                      const Digest& root);
// The root that an inclusion proof leads to; proofs of a wrong length are an error.
Result<Digest> root_from_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, const Proof& proof);

}  // namespace surety::record
