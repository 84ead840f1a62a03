#pragma once
// The second factor: time-based one-time passwords, RFC 6238 over HOTP, RFC 4226. Pure, thread-safe.
//
//   auto step = matching_step(secret, "492039", now, last_used);   // none: refuse
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"

namespace surety::access {

enum class TotpHash { sha1, sha256, sha512 };
constexpr std::int64_t kTotpSeconds = 30;
constexpr int kTotpDigits = 6;
constexpr std::size_t kTotpSecretBytes = 20;  // RFC 4226 §4 R6: 160 bits

std::int64_t totp_step(Instant now);
// RFC 4226 §5.3 with the time step as counter. Digits 6 to 8.
std::string totp_code(std::string_view secret, std::int64_t step, int digits = kTotpDigits, TotpHash hash = TotpHash::sha1);

// The step, this one or one beside it (a clock may be 30 s off), whose code this is and which comes after
// `last_used`, so that no code opens twice. Always computes all three and compares without a shortcut.
std::optional<std::int64_t> matching_step(std::string_view secret, std::string_view code, Instant now, std::int64_t last_used);

std::string base32(std::string_view bytes);  // RFC 4648 §6, without padding, as authenticators read it
// "otpauth://totp/Surety:anna?secret=…&issuer=Surety": what an authenticator scans. It holds the secret.
std::string totp_address(std::string_view account, std::string_view secret);

}  // namespace surety::access
