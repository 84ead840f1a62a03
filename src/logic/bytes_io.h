#pragma once
// Little-endian words for snapshots. A reader never runs over: it fails once and stays failed.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace surety::logic {

class ByteWriter {
 public:
  void word(std::uint64_t w) {
    char b[8];
    for (int i = 0; i < 8; ++i) b[i] = static_cast<char>(w >> (8 * i));
    out_.append(b, 8);
  }
  void text(std::string_view s) {
    word(s.size());
    out_ += s;
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view in) : in_(in) {}
  std::uint64_t word() {
    if (in_.size() < 8) return fail();
    std::uint64_t w = 0;
    for (std::size_t i = 0; i < 8; ++i) w |= static_cast<std::uint64_t>(static_cast<unsigned char>(in_[i])) << (8 * i);
    in_.remove_prefix(8);
    return w;
  }
  // A number of things of which each takes at least `each` bytes: cannot be more than what is left.
  std::uint64_t count(std::size_t each = 8) {
    std::uint64_t n = word();
    return each != 0 && n > in_.size() / each ? fail() : n;
  }
  std::string_view text() {
    std::uint64_t n = count(1);
    std::string_view s = in_.substr(0, n);
    in_.remove_prefix(s.size());
    return s;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && in_.empty(); }
  std::uint64_t fail() {
    ok_ = false;
    in_ = {};
    return 0;
  }

 private:
  std::string_view in_;
  bool ok_ = true;
};

}  // namespace surety::logic
