#pragma once
// Digests, base64 and files for surety-verify. Nothing here comes from src/.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace verify {

using Hash = std::array<unsigned char, 32>;

Hash sha256(std::string_view bytes);
Hash leaf_hash(std::string_view entry);               // RFC 6962: SHA-256(00‖entry)
Hash node_hash(const Hash& left, const Hash& right);  // SHA-256(01‖left‖right)
std::string hex(const Hash& hash);
std::string_view as_text(const Hash& hash);

// Canonical base64 only: padded, no line ends, no stray bits.
std::optional<std::string> decode64(std::string_view text);
std::string encode64(std::string_view bytes);

// Whole file, or nothing when it cannot be read.
std::optional<std::string> read_file(const std::string& path);

// Decimal without sign, blanks or leading zeroes.
std::optional<std::uint64_t> decimal(std::string_view text);

}  // namespace verify
