#include "access/password.h"

#include <sodium.h>

#include "base/bytes.h"

namespace surety::access {
namespace {

constexpr std::size_t kLeastCharacters = 12, kMostBytes = 1024;

std::size_t characters(std::string_view utf8) {
  std::size_t n = 0;
  for (const char c : utf8) n += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return n;
}

}  // namespace

Status check_password(std::string_view password) {
  if (first_bad_utf8(password) == std::string::npos && password.size() <= kMostBytes && characters(password) >= kLeastCharacters) return {};
  return err(fail("access.bad-password", "this password cannot be used")
                 .field("password")
                 .expected("12 characters at least, 1024 bytes at most, UTF-8")
                 .help("a few unrelated words make a good one"));
}

Result<std::string> hash_password(std::string_view password, const PasswordCost& cost) {
  SURETY_CHECK(sodium_init() >= 0);
  std::string out(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str(out.data(), password.data(), password.size(), cost.passes, cost.memory_bytes) != 0)
    return err(fail("access.no-memory", "there is not enough memory to hash a password").ours().help("64 MB must be free"));
  out.resize(out.find('\0'));
  return out;
}

bool password_matches(const std::string& hash, std::string_view password) {
  SURETY_CHECK(sodium_init() >= 0);
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool costs_otherwise(const std::string& hash, const PasswordCost& cost) {
  return crypto_pwhash_str_needs_rehash(hash.c_str(), cost.passes, cost.memory_bytes) != 0;
}

void wipe(std::string& secret) {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace surety::access
