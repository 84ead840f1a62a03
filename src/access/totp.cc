#include "access/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <array>

#include "base/error.h"

namespace surety::access {
namespace {

const EVP_MD* digest_of(TotpHash hash) {
  if (hash == TotpHash::sha256) return EVP_sha256();
  return hash == TotpHash::sha512 ? EVP_sha512() : EVP_sha1();
}

}  // namespace

std::int64_t totp_step(Instant now) { return now.us / 1'000'000 / kTotpSeconds; }

std::string totp_code(std::string_view secret, std::int64_t step, int digits, TotpHash hash) {
  SURETY_CHECK(digits >= 6 && digits <= 8);
  std::array<unsigned char, 8> counter{};
  for (std::size_t i = 0; i < 8; ++i) counter[7 - i] = static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (8 * i));
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int length = 0;
  SURETY_CHECK(HMAC(digest_of(hash), secret.data(), static_cast<int>(secret.size()), counter.data(), counter.size(), mac.data(), &length) &&
               length >= 20);
  const std::size_t at = mac[length - 1] & 0x0f;
  const std::uint32_t bits = (static_cast<std::uint32_t>(mac[at] & 0x7f) << 24) | (static_cast<std::uint32_t>(mac[at + 1]) << 16) |
                             (static_cast<std::uint32_t>(mac[at + 2]) << 8) | mac[at + 3];
  std::uint32_t modulus = 1;
  for (int i = 0; i < digits; ++i) modulus *= 10;
  std::string out = std::to_string(bits % modulus);
  return std::string(static_cast<std::size_t>(digits) - out.size(), '0') + out;
}

std::optional<std::int64_t> matching_step(std::string_view secret, std::string_view code, Instant now, std::int64_t last_used) {
  const bool shaped = code.size() == kTotpDigits;
  const std::string given = shaped ? std::string(code) : std::string(kTotpDigits, '-');
  std::optional<std::int64_t> found;
  for (std::int64_t step = totp_step(now) - 1; step <= totp_step(now) + 1; ++step) {
    const std::string expected = totp_code(secret, step);
    const bool same = sodium_memcmp(expected.data(), given.data(), kTotpDigits) == 0;
    if (same && step > last_used && !found) found = step;
  }
  return found;
}

std::string base32(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (have += 8; have >= 5; have -= 5) out += kAlphabet[(bits >> (have - 5)) & 31];
  }
  if (have > 0) out += kAlphabet[(bits << (5 - have)) & 31];
  return out;
}

std::string totp_address(std::string_view account, std::string_view secret) {
  return "otpauth://totp/Surety:" + std::string(account) + "?secret=" + base32(secret) + "&issuer=Surety";
}

}  // namespace surety::access
