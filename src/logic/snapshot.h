#pragma once
// The frame of a snapshot: 8 bytes of magic with the version, SHA-256 of what was compiled, the state as
// tables, SHA-256 of all before. And the tables that splitting and merging know by name.
#include <string>
#include <string_view>

#include "base/error.h"
#include "logic/state_tables.h"

namespace surety::logic {

inline constexpr const char* kPart = "part";                         // index, of how many
inline constexpr const char* kClock = "what is known of the trace";  // see Monitor::Impl::image
inline constexpr const char* kMarks = "watermarks";
inline constexpr const char* kFacts = "facts of ";            // and the predicate
inline constexpr const char* kPlaces = "where each fact is";  // identity, place, 1 withdrawn or 2 replaced
inline constexpr const char* kDomain = "position of a domain";

std::string seal(const StateImage& image, std::string_view digest);
// Digest (32 bytes) and tables, if the seal is whole.
Result<std::string_view> unseal(std::string_view bytes);

}  // namespace surety::logic
