#pragma once
// A record directory against itself: every entry, every tile over them, the root of its checkpoint, and
// nothing else in it. Bundles are read and hashed on all processors, since a large log is limited by
// SHA-256; what they say is put together in their order, so the same directory gives the same answer.
// Memory does not grow with the log. Without shared state; one call uses several threads of its own.
#include <string>

#include "store/record_commands.h"

namespace surety::store {

// `out` has the checkpoint, opened; the rest is filled in. One thing that is wrong is told once: what
// lies over an unreadable bundle cannot be compared.
void check_directory(const std::string& record_dir, RecordCheck& out);

// An error as one of the problems of a record.
std::string in_words(const Error& e);
constexpr std::size_t kMaxProblems = 100;  // a destroyed record needs no longer list

}  // namespace surety::store
