#pragma once
// Passwords, hashed by Argon2id (RFC 9106) through libsodium. Salt and cost are part of the text that is
// kept, so the cost can be raised later: a password is hashed anew when its owner next logs in.
// Thread-safe. Costs memory on purpose: at most a few at once.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace surety::access {

struct PasswordCost {
  std::uint64_t passes = 3;
  std::uint64_t memory_bytes = 64u << 20;  // RFC 9106 §4, second recommended choice, with one lane
};
// For tests only: the least that the library takes.
constexpr PasswordCost kCheapestCost{1, 8192};

// Long beats odd: 12 characters, no rule about which (NIST SP 800-63B §5.1.1.2). Error access.bad-password.
Status check_password(std::string_view password);
Result<std::string> hash_password(std::string_view password, const PasswordCost& cost);
// Takes as long for a wrong password as for the right one.
bool password_matches(const std::string& hash, std::string_view password);
bool costs_otherwise(const std::string& hash, const PasswordCost& cost);
// Overwrites the bytes; for passwords that were read.
void wipe(std::string& secret);

}  // namespace surety::access
