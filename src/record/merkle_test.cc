#include "record/merkle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>
#include <random>

namespace surety::record {
namespace {

// The obvious tree: RFC 6962 §2.1 word for word, quadratic. Only to compare with.
Digest slow_root(const std::vector<Digest>& leaves, std::size_t lo, std::size_t hi) {
  if (lo == hi) return sha256({});
  if (hi - lo == 1) return leaves[lo];
  std::size_t k = 1;
  while (k * 2 < hi - lo) k *= 2;
  return node_hash(slow_root(leaves, lo, lo + k), slow_root(leaves, lo + k, hi));
}

Proof slow_path(std::size_t m, const std::vector<Digest>& leaves, std::size_t lo, std::size_t hi) {
  if (hi - lo == 1) return {};
  std::size_t k = 1;
  while (k * 2 < hi - lo) k *= 2;
  Proof out;
  if (m < k) {
    out = slow_path(m, leaves, lo, lo + k);
    out.push_back(slow_root(leaves, lo + k, hi));
  } else {
    out = slow_path(m - k, leaves, lo + k, hi);
    out.push_back(slow_root(leaves, lo, lo + k));
  }
  return out;
}

Proof slow_subproof(std::size_t m, const std::vector<Digest>& leaves, std::size_t lo, std::size_t hi, bool whole) {
  if (m == hi - lo) return whole ? Proof{} : Proof{slow_root(leaves, lo, hi)};
  std::size_t k = 1;
  while (k * 2 < hi - lo) k *= 2;
  Proof out;
  if (m <= k) {
    out = slow_subproof(m, leaves, lo, lo + k, whole);
    out.push_back(slow_root(leaves, lo + k, hi));
  } else {
    out = slow_subproof(m - k, leaves, lo + k, hi, false);
    out.push_back(slow_root(leaves, lo, lo + k));
  }
  return out;
}

std::vector<Digest> some_leaves(std::size_t n) {
  std::vector<Digest> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(leaf_hash("entry " + std::to_string(i)));
  return out;
}

HashReader reader_over(const std::vector<Digest>& leaves) {
  return [&leaves](int level, std::uint64_t n) -> Result<Digest> {
    const std::size_t width = std::size_t{1} << level;
    return slow_root(leaves, n * width, (n + 1) * width);
  };
}

Digest hash_of(std::string_view hexadecimal) {
  Digest out{};
  const std::string raw = *from_hex(hexadecimal);
  std::copy(raw.begin(), raw.end(), out.begin());
  return out;
}

TEST(Merkle, KnownTreesOfCertificateTransparency) {
  // The eight inputs and roots that implementations of RFC 6962 compare themselves by.
  const char* inputs[] = {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  const char* roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  CompactRange range;
  EXPECT_EQ(hex(range.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (int i = 0; i < 8; ++i) {
    range.append(leaf_hash(*from_hex(inputs[i])));
    EXPECT_EQ(hex(range.root()), roots[i]) << i;
  }
}

TEST(Merkle, CompactRangeIsTheTreeAtEverySize) {
  const auto leaves = some_leaves(300);
  CompactRange range;
  for (std::size_t n = 0; n <= leaves.size(); ++n) {
    ASSERT_EQ(range.root(), slow_root(leaves, 0, n)) << n;
    const auto again = CompactRange::parse(range.bytes());
    ASSERT_TRUE(again);
    ASSERT_EQ(again->root(), range.root());
    if (n < leaves.size()) range.append(leaves[n]);
  }
  EXPECT_FALSE(CompactRange::parse(range.bytes().substr(1)));
  EXPECT_FALSE(CompactRange::parse(range.bytes() + std::string(32, 'x')));
}

TEST(Merkle, EveryInclusionProofToFortyLeaves) {
  const auto leaves = some_leaves(40);
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    const Digest root = slow_root(leaves, 0, size);
    for (std::size_t i = 0; i < size; ++i) {
      const std::vector<Digest> tree(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(size));
      const auto proof = inclusion_proof(i, size, reader_over(tree));
      ASSERT_TRUE(proof);
      ASSERT_EQ(*proof, slow_path(i, tree, 0, size)) << i << " of " << size;
      ASSERT_TRUE(verify_inclusion(i, size, leaves[i], *proof, root));
      ASSERT_FALSE(verify_inclusion(i, size, leaves[(i + 1) % 40], *proof, root));
      for (std::size_t j = 0; j < size; ++j)
        if (j != i) {
          ASSERT_FALSE(verify_inclusion(j, size, leaves[i], *proof, root)) << i << " passes as " << j;
        }
    }
    ASSERT_FALSE(inclusion_proof(size, size, reader_over(leaves)));
  }
}

TEST(Merkle, EveryConsistencyProofToFortyLeaves) {
  const auto leaves = some_leaves(40);
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    for (std::size_t old = 0; old <= size; ++old) {
      const auto proof = consistency_proof(old, size, reader_over(leaves));
      ASSERT_TRUE(proof);
      if (old != 0) {
        ASSERT_EQ(*proof, slow_subproof(old, leaves, 0, size, true)) << old << " to " << size;
      }
      const Digest before = slow_root(leaves, 0, old), now = slow_root(leaves, 0, size);
      ASSERT_TRUE(verify_consistency(old, size, *proof, before, now)) << old << " to " << size;
      if (old > 0 && old < size) {
        Digest other = before;
        other[0] ^= 1;
        ASSERT_FALSE(verify_consistency(old, size, *proof, other, now));
        other = now;
        other[31] ^= 1;
        ASSERT_FALSE(verify_consistency(old, size, *proof, before, other));
      }
    }
    ASSERT_FALSE(consistency_proof(size + 1, size, reader_over(leaves)));
  }
}

// The definition of a subtree's proof, word for word; leaves [start, end) of [lo, hi).
Proof slow_subtree(std::size_t start, std::size_t end, const std::vector<Digest>& leaves, std::size_t lo, std::size_t hi, bool whole) {
  if (start == lo && end == hi) return whole ? Proof{} : Proof{slow_root(leaves, lo, hi)};
  std::size_t k = 1;
  while (k * 2 < hi - lo) k *= 2;
  const std::size_t middle = lo + k;
  const bool left = end <= middle, right = start >= middle;
  Proof out = left    ? slow_subtree(start, end, leaves, lo, middle, whole)
              : right ? slow_subtree(start, end, leaves, middle, hi, whole)
                      : slow_subtree(middle, end, leaves, middle, hi, false);
  out.push_back(left ? slow_root(leaves, middle, hi) : slow_root(leaves, lo, middle));
  return out;
}

TEST(Merkle, EverySubtreeToThirtyThreeLeaves) {
  const auto leaves = some_leaves(33);
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    const Digest root = slow_root(leaves, 0, size);
    for (std::size_t start = 0; start < size; ++start)
      for (std::size_t end = start + 1; end <= size; ++end) {
        const Digest over = slow_root(leaves, start, end);
        SCOPED_TRACE("[" + std::to_string(start) + ", " + std::to_string(end) + ") of " + std::to_string(size));
        if (start % std::bit_ceil(end - start) != 0) {
          ASSERT_FALSE(verify_subtree(start, end, size, {}, over, root));
          continue;
        }
        Proof proof = slow_subtree(start, end, leaves, 0, size, true);
        ASSERT_TRUE(verify_subtree(start, end, size, proof, over, root));
        ASSERT_FALSE(verify_subtree(start, end, size, proof, leaf_hash("other"), root));
        proof.push_back(leaf_hash("one more"));
        ASSERT_FALSE(verify_subtree(start, end, size, proof, over, root));
        proof.pop_back();
        for (Digest& hash : proof) {
          hash[5] ^= 16;
          ASSERT_FALSE(verify_subtree(start, end, size, proof, over, root));
          hash[5] ^= 16;
        }
      }
  }
}

TEST(Merkle, DamagedProofsAreRefused) {
  const auto leaves = some_leaves(200);
  const HashReader hashes = reader_over(leaves);
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const std::uint64_t size = 2 + random() % 199, index = random() % size, old = 1 + random() % (size - 1);
    const Digest root = *root_at(size, hashes), before = *root_at(old, hashes);
    const Proof inclusion = *inclusion_proof(index, size, hashes), consistency = *consistency_proof(old, size, hashes);
    const auto damaged = [&](Proof proof, int how) {
      if (how == 0) proof.push_back(root);
      if (how == 1) proof.insert(proof.begin(), root);
      if (how == 2 && !proof.empty()) proof.pop_back();
      if (how == 3 && !proof.empty()) proof.erase(proof.begin());
      if (how == 4 && !proof.empty()) proof[random() % proof.size()][random() % 32] ^= static_cast<unsigned char>(1 << random() % 8);
      return proof;
    };
    for (int how = 0; how < 5; ++how) {
      const Proof a = damaged(inclusion, how), b = damaged(consistency, how);
      if (a != inclusion) {
        EXPECT_FALSE(verify_inclusion(index, size, leaves[index], a, root)) << how;
      }
      if (b != consistency) {
        EXPECT_FALSE(verify_consistency(old, size, b, before, root)) << how;
      }
    }
  }
}

TEST(Merkle, ClosedSubtreesAreReportedOnce) {
  const auto leaves = some_leaves(70);
  std::map<std::pair<int, std::uint64_t>, Digest> seen;
  CompactRange range;
  for (const Digest& leaf : leaves)
    range.append(leaf,
                 [&](int level, std::uint64_t n, const Digest& hash) { ASSERT_TRUE(seen.emplace(std::pair{level, n}, hash).second); });
  EXPECT_EQ(seen.size(), 35u + 17 + 8 + 4 + 2 + 1);
  for (const auto& [where, hash] : seen) EXPECT_EQ(hash, slow_root(leaves, where.second << where.first, (where.second + 1) << where.first));
}

TEST(Merkle, HashesAreDomainSeparated) {
  const Digest a = leaf_hash("a"), b = leaf_hash("b");
  EXPECT_NE(node_hash(a, b), leaf_hash(std::string(view(a)) + std::string(view(b))));
  EXPECT_EQ(leaf_hash({}), hash_of("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"));
}

}  // namespace
}  // namespace surety::record
