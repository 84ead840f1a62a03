#include "verify/bytes.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace verify {
namespace {

// One context for the program: fetching the algorithm anew costs more than a small hash.
struct Sha {
  EVP_MD* md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* ctx = EVP_MD_CTX_new();
  Sha() {
    if (!md || !ctx) {
      std::fputs("surety-verify: OpenSSL has no SHA-256\n", stderr);
      std::exit(3);
    }
  }
};

Hash digest(std::string_view a, std::string_view b) {
  static Sha sha;
  Hash out{};
  unsigned n = 0;
  if (!EVP_DigestInit_ex2(sha.ctx, sha.md, nullptr) || !EVP_DigestUpdate(sha.ctx, a.data(), a.size()) ||
      !EVP_DigestUpdate(sha.ctx, b.data(), b.size()) || !EVP_DigestFinal_ex(sha.ctx, out.data(), &n)) {
    std::fputs("surety-verify: SHA-256 failed\n", stderr);
    std::exit(3);
  }
  return out;
}

}  // namespace

std::string_view as_text(const Hash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

Hash sha256(std::string_view bytes) { return digest(bytes, {"", 0}); }
Hash leaf_hash(std::string_view entry) { return digest({"\0", 1}, entry); }

Hash node_hash(const Hash& left, const Hash& right) {
  char both[65] = {1};
  std::memcpy(both + 1, left.data(), 32);
  std::memcpy(both + 33, right.data(), 32);
  return digest({both, 65}, {"", 0});
}

std::string hex(const Hash& hash) {
  std::string out(65, '\0');
  sodium_bin2hex(out.data(), out.size(), hash.data(), hash.size());
  out.resize(64);
  return out;
}

std::string encode64(std::string_view bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.resize(std::strlen(out.c_str()));
  return out;
}

std::optional<std::string> decode64(std::string_view text) {
  std::string out(text.size(), '\0');
  std::size_t n = 0;
  const char* end = nullptr;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(), nullptr, &n, &end,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      end != text.data() + text.size())
    return std::nullopt;
  out.resize(n);
  if (encode64(out) != text) return std::nullopt;
  return out;
}

std::optional<std::string> read_file(const std::string& path) {
  std::FILE* in = std::fopen(path.c_str(), "rb");
  if (!in) return std::nullopt;
  std::string out;
  char buffer[65536];
  std::size_t n = 0;
  while ((n = std::fread(buffer, 1, sizeof buffer, in)) > 0) out.append(buffer, n);
  const bool bad = std::ferror(in) != 0;
  std::fclose(in);
  if (bad) return std::nullopt;
  return out;
}

std::optional<std::uint64_t> decimal(std::string_view text) {
  if (text.empty() || text.size() > 20 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t v = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto d = static_cast<std::uint64_t>(c - '0');
    if (v > (UINT64_MAX - d) / 10) return std::nullopt;
    v = v * 10 + d;
  }
  return v;
}

}  // namespace verify
