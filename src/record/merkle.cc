#include "record/merkle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace surety::record {
namespace {

constexpr std::string_view kLeafPrefix("\x00", 1);
constexpr std::string_view kNodePrefix("\x01", 1);

// Largest power of two below n, for n ≥ 2: where RFC 6962 splits n leaves.
std::uint64_t split(std::uint64_t n) { return std::bit_floor(n - 1); }

// MTH of leaves [lo, hi), where lo is a multiple of the largest power of two that the walk meets.
Result<Digest> range_hash(std::uint64_t lo, std::uint64_t hi, const HashReader& hashes) {
  const std::uint64_t n = hi - lo;
  if (std::has_single_bit(n)) {
    const int level = std::countr_zero(n);
    return hashes(level, lo >> level);
  }
  const std::uint64_t k = split(n);
  SURETY_TRY(const Digest left, range_hash(lo, lo + k, hashes));
  SURETY_TRY(const Digest right, range_hash(lo + k, hi, hashes));
  return node_hash(left, right);
}

// RFC 9162 §2.1.3.1, as a loop from the root downward; the proof is gathered top first.
Status inclusion_path(std::uint64_t index, std::uint64_t lo, std::uint64_t hi, const HashReader& hashes, Proof& out) {
  while (hi - lo > 1) {
    const std::uint64_t k = split(hi - lo);
    const bool left = index < lo + k;
    SURETY_TRY(const Digest sibling, left ? range_hash(lo + k, hi, hashes) : range_hash(lo, lo + k, hashes));
    out.push_back(sibling);
    if (left)
      hi = lo + k;
    else
      lo += k;
  }
  return {};
}

Error wrong_proof(std::string why) { return fail("record.bad-proof", "this proof does not hold").found(std::move(why)); }

}  // namespace

Digest leaf_hash(std::string_view entry) { return sha256(kLeafPrefix, entry); }
Digest node_hash(const Digest& left, const Digest& right) {
  // Joined first: one call into the hash instead of three, which is what most of the time goes to.
  std::array<char, 65> both;
  both[0] = kNodePrefix[0];
  std::memcpy(both.data() + 1, left.data(), left.size());
  std::memcpy(both.data() + 33, right.data(), right.size());
  return sha256(std::string_view(both.data(), both.size()));
}
Digest empty_root() { return sha256({}); }

Digest CompactRange::root() const {
  if (peaks_.empty()) return empty_root();
  Digest hash = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i-- > 0;) hash = node_hash(peaks_[i], hash);
  return hash;
}

void CompactRange::append(const Digest& leaf, const Completed& completed) {
  Digest hash = leaf;
  int level = 0;
  for (std::uint64_t n = size_; n & 1; n >>= 1) {
    hash = node_hash(peaks_.back(), hash);
    peaks_.pop_back();
    ++level;
    if (completed) completed(level, n >> 1, hash);
  }
  peaks_.push_back(hash);
  ++size_;
}

std::string CompactRange::bytes() const {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(size_ >> shift & 255);
  for (const Digest& peak : peaks_) out += view(peak);
  return out;
}

Result<CompactRange> CompactRange::parse(std::string_view bytes) {
  if (bytes.size() < 8 || bytes.size() % 32 != 8)
    return err(fail("record.bad-range", "this is not the right edge of a tree")
                   .found(std::to_string(bytes.size()) + " bytes")
                   .expected("8 bytes of size and 32 for each of its 1-bits"));
  std::uint64_t size = 0;
  for (int i = 0; i < 8; ++i) size = size << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  std::vector<Digest> peaks;
  for (std::size_t at = 8; at < bytes.size(); at += 32) {
    Digest peak{};
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 32, peak.begin());
    peaks.push_back(peak);
  }
  return from(size, std::move(peaks));
}

Result<CompactRange> CompactRange::from(std::uint64_t size, std::vector<Digest> peaks) {
  if (peaks.size() != static_cast<std::size_t>(std::popcount(size)))
    return err(fail("record.bad-range", "this is not the right edge of a tree of this size")
                   .found(std::to_string(peaks.size()) + " hashes")
                   .expected(std::to_string(std::popcount(size)) + " for size " + std::to_string(size)));
  CompactRange out;
  out.size_ = size;
  out.peaks_ = std::move(peaks);
  return out;
}

Result<CompactRange> range_at(std::uint64_t size, const HashReader& hashes) {
  std::vector<Digest> peaks;
  std::uint64_t at = 0;
  while (at < size) {
    const std::uint64_t width = std::bit_floor(size - at);
    SURETY_TRY(const Digest peak, range_hash(at, at + width, hashes));
    peaks.push_back(peak);
    at += width;
  }
  return CompactRange::from(size, std::move(peaks));
}

Result<Digest> root_at(std::uint64_t size, const HashReader& hashes) {
  if (size == 0) return empty_root();
  return range_hash(0, size, hashes);
}

Result<Proof> inclusion_proof(std::uint64_t index, std::uint64_t size, const HashReader& hashes) {
  if (index >= size)
    return err(fail("record.no-such-leaf", "the log has no entry of this number")
                   .found(std::to_string(index))
                   .expected("below its size, " + std::to_string(size)));
  Proof out;
  SURETY_TRY_STATUS(inclusion_path(index, 0, size, hashes, out));
  return Proof(out.rbegin(), out.rend());
}

Result<Proof> consistency_proof(std::uint64_t old_size, std::uint64_t size, const HashReader& hashes) {
  if (old_size > size)
    return err(fail("record.no-such-size", "the log was never of this size")
                   .found(std::to_string(old_size))
                   .expected("at most its size, " + std::to_string(size)));
  Proof out;
  if (old_size == 0 || old_size == size) return out;
  // RFC 9162 §2.1.4.1: walk towards the old tree's last leaf; stop at a subtree the old tree had whole.
  std::uint64_t lo = 0, hi = size;
  while (old_size != hi) {
    const std::uint64_t k = split(hi - lo);
    if (old_size <= lo + k) {
      SURETY_TRY(const Digest right, range_hash(lo + k, hi, hashes));
      out.push_back(right);
      hi = lo + k;
    } else {
      SURETY_TRY(const Digest left, range_hash(lo, lo + k, hashes));
      out.push_back(left);
      lo += k;
    }
  }
  if (lo != 0) {
    SURETY_TRY(const Digest start, range_hash(lo, hi, hashes));
    out.push_back(start);
  }
  return Proof(out.rbegin(), out.rend());
}

Result<Digest> root_from_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, const Proof& proof) {
  if (index >= size) return err(wrong_proof("entry " + std::to_string(index) + " of a tree of " + std::to_string(size)));
  std::uint64_t fn = index, sn = size - 1;
  Digest hash = leaf;
  for (const Digest& sibling : proof) {
    if (sn == 0) return err(wrong_proof("it is too long"));
    if (fn & 1 || fn == sn) {
      hash = node_hash(sibling, hash);
      while (!(fn & 1) && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return err(wrong_proof("it is too short"));
  return hash;
}

Status verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, const Proof& proof, const Digest& root) {
  SURETY_TRY(const Digest found, root_from_inclusion(index, size, leaf, proof));
  if (found != root) return err(wrong_proof("it leads to root " + hex(found)).expected("root " + hex(root)));
  return {};
}

Status verify_subtree(std::uint64_t start, std::uint64_t end, std::uint64_t size, const Proof& proof, const Digest& subroot,
                      const Digest& root) {
  if (start >= end || end > size || start % std::bit_ceil(end - start) != 0)
    return err(
        wrong_proof("[" + std::to_string(start) + ", " + std::to_string(end) + ") is no subtree of a tree of " + std::to_string(size)));
  // Three paths climb together: from the subtree's first leaf, from its last, and from the tree's last.
  std::uint64_t fn = start, sn = end - 1, tn = size - 1;
  const auto climb = [&] {
    fn >>= 1;
    sn >>= 1;
    tn >>= 1;
  };
  while (fn != sn && (sn == tn || sn & 1)) climb();
  std::size_t next = 0;
  if (fn != sn && proof.empty()) return err(wrong_proof("it is empty"));
  Digest fr = fn == sn ? subroot : proof[next++];  // grows into the subtree's root, sr into the tree's
  Digest sr = fr;
  for (; next < proof.size(); ++next) {
    const Digest& c = proof[next];
    if (tn == 0) return err(wrong_proof("it is too long"));
    if (sn & 1 || sn == tn) {
      if (fn < sn) fr = node_hash(c, fr);
      sr = node_hash(c, sr);
      while (!(sn & 1)) climb();
    } else {
      sr = node_hash(sr, c);
    }
    climb();
  }
  if (tn != 0) return err(wrong_proof("it is too short"));
  if (fr != subroot) return err(wrong_proof("it does not lead to the old root").expected(hex(subroot)));
  if (sr != root) return err(wrong_proof("it does not lead to the new root").expected(hex(root)));
  return {};
}

Status verify_consistency(std::uint64_t old_size, std::uint64_t size, const Proof& proof, const Digest& old_root, const Digest& root) {
  if (old_size > size) return err(wrong_proof("the old tree is larger than the new one"));
  if (old_size != 0 && old_size != size) return verify_subtree(0, old_size, size, proof, old_root, root);
  if (!proof.empty()) return err(wrong_proof("it should be empty"));
  if (old_size == size && old_root != root) return err(wrong_proof("two roots for one size"));
  if (old_size == 0 && old_root != empty_root()) return err(wrong_proof("the old root is not that of the empty tree"));
  if (size == 0 && root != empty_root()) return err(wrong_proof("the new root is not that of the empty tree"));
  return {};
}

}  // namespace surety::record
