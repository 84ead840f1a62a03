#include "base/bytes.h"

// The functions without the EVP layer: for an input of two blocks the layer costs as much as the hash. OpenSSL marks them as
// old; they are in every version so far, and use what the processor offers.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <bit>
#include <cstring>
#include <initializer_list>

namespace surety {
namespace {

std::string encode64(std::string_view in, const char* alphabet, bool pad) {
  std::string out((in.size() + 2) / 3 * 4, '=');
  char* to = out.data();
  std::size_t i = 0;
  const auto byte = [&](std::size_t k) { return static_cast<unsigned>(static_cast<unsigned char>(in[k])); };
  for (; i + 2 < in.size(); i += 3) {
    const unsigned v = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    for (int s = 18; s >= 0; s -= 6) *to++ = alphabet[v >> s & 63];
  }
  if (const std::size_t left = in.size() - i; left) {
    const unsigned v = byte(i) << 16 | (left == 2 ? byte(i + 1) << 8 : 0);
    *to++ = alphabet[v >> 18 & 63];
    *to++ = alphabet[v >> 12 & 63];
    if (left == 2) *to++ = alphabet[v >> 6 & 63];
    if (!pad) out.resize(out.size() - (3 - left));
  }
  return out;
}

// Two blocks, padding included: a node of a Merkle tree has 65 bytes. Padding here spares what Update and Final do around it, a
// quarter of the time.
constexpr std::size_t kShort = 2 * 64 - 9;
void hash_short(SHA256_CTX& context, std::initializer_list<std::string_view> parts, std::size_t size) {
  unsigned char blocks[128] = {};
  unsigned char* to = blocks;
  for (const std::string_view part : parts) {
    if (!part.empty()) std::memcpy(to, part.data(), part.size());
    to += part.size();
  }
  *to = 0x80;
  const std::size_t end = size <= 64 - 9 ? 64 : 128;
  blocks[end - 1] = static_cast<unsigned char>(size * 8);
  blocks[end - 2] = static_cast<unsigned char>(size * 8 >> 8);
  SHA256_Update(&context, blocks, end);
}

constexpr char kStandard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kUrl[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

Digest sha256(std::string_view bytes) { return sha256(bytes, {}, {}); }

Digest sha256(std::string_view a, std::string_view b, std::string_view c) {
  SHA256_CTX context;
  SHA256_Init(&context);
  Digest out;
  if (const std::size_t size = a.size() + b.size() + c.size(); size <= kShort) {
    hash_short(context, {a, b, c}, size);
    for (std::size_t i = 0; i < 8; ++i) {
      const std::uint32_t word = std::endian::native == std::endian::little ? __builtin_bswap32(context.h[i]) : context.h[i];
      std::memcpy(out.data() + 4 * i, &word, 4);
    }
    return out;
  }
  for (const std::string_view part : {a, b, c})
    if (!part.empty()) SHA256_Update(&context, part.data(), part.size());
  SHA256_Final(out.data(), &context);
  return out;
}

std::string hex(std::string_view bytes) {
  constexpr char d[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char ch : bytes) {
    const auto b = static_cast<unsigned char>(ch);
    out += d[b >> 4];
    out += d[b & 15];
  }
  return out;
}
std::string hex(const Digest& d) { return hex(view(d)); }

Result<std::string> from_hex(std::string_view text) {
  const auto value = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  std::string out;
  if (text.size() % 2 == 0) {
    for (std::size_t i = 0; i < text.size(); i += 2) {
      const int a = value(text[i]), b = value(text[i + 1]);
      if (a < 0 || b < 0) break;
      out += static_cast<char>(a << 4 | b);
    }
  }
  if (out.size() * 2 != text.size())
    return err(fail("bytes.bad-hex", "this is not lower-case hexadecimal")
                   .found(std::string(text.substr(0, 80)))
                   .expected("an even number of digits 0-9 a-f"));
  return out;
}

std::string base64(std::string_view bytes) { return encode64(bytes, kStandard, true); }
std::string base64url(std::string_view bytes) { return encode64(bytes, kUrl, false); }

Result<std::string> from_base64(std::string_view text) {
  static constexpr auto kValues = [] {
    std::array<std::int8_t, 256> out{};
    out.fill(-1);
    for (std::int8_t i = 0; i < 64; ++i) out[static_cast<unsigned char>(kStandard[i])] = i;
    return out;
  }();
  const std::size_t pad = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  unsigned v = 0;
  int bits = 0, bad = text.size() % 4 != 0 ? -1 : 0;
  for (const char c : text.substr(0, text.size() - pad)) {
    const int value = kValues[static_cast<unsigned char>(c)];
    bad |= value;  // negative once one is
    v = v << 6 | static_cast<unsigned>(value & 63);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(v >> bits & 255);
    }
  }
  // Strict: only the one canonical spelling of these bytes is accepted, so no bits may be left over.
  if (bad < 0 || (v & ((1U << bits) - 1)) != 0 || bits != static_cast<int>(2 * pad))
    return err(fail("bytes.bad-base64", "this is not canonical base64")
                   .found(std::string(text.substr(0, 80)))
                   .expected("RFC 4648 section 4, padded, no stray bits"));
  return out;
}

std::size_t first_bad_utf8(std::string_view s) {
  std::size_t i = 0;
  const auto cont = [&](std::size_t k) { return k < s.size() && (static_cast<unsigned char>(s[k]) & 0xc0) == 0x80; };
  while (i < s.size()) {
    const auto b = static_cast<unsigned char>(s[i]);
    if (b < 0x80) {
      ++i;
    } else if (b >= 0xc2 && b < 0xe0 && cont(i + 1)) {
      i += 2;
    } else if (b >= 0xe0 && b < 0xf0 && cont(i + 1) && cont(i + 2)) {
      const auto c = static_cast<unsigned char>(s[i + 1]);
      if ((b == 0xe0 && c < 0xa0) || (b == 0xed && c > 0x9f)) return i;
      i += 3;
    } else if (b >= 0xf0 && b < 0xf5 && cont(i + 1) && cont(i + 2) && cont(i + 3)) {
      const auto c = static_cast<unsigned char>(s[i + 1]);
      if ((b == 0xf0 && c < 0x90) || (b == 0xf4 && c > 0x8f)) return i;
      i += 4;
    } else {
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace surety
