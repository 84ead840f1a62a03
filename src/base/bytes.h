#pragma once
// Bytes as text and as digests. All pure and thread-safe.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace surety {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
// Hash of a‖b without joining them; used by Merkle nodes.
Digest sha256(std::string_view a, std::string_view b, std::string_view c = {});

std::string hex(std::string_view bytes);
std::string hex(const Digest& d);
Result<std::string> from_hex(std::string_view text);

std::string base64(std::string_view bytes);              // RFC 4648 §4, padded
Result<std::string> from_base64(std::string_view text);  // strict: refuses every variant
std::string base64url(std::string_view bytes);           // §5, no padding
inline std::string_view view(const Digest& d) { return {reinterpret_cast<const char*>(d.data()), d.size()}; }

// Offset of the first byte that is not well-formed UTF-8, or npos.
std::size_t first_bad_utf8(std::string_view text);

}  // namespace surety
