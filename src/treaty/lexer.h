#pragma once
// Bytes to tokens, every byte in exactly one. Never fails: what no token fits becomes `bad`, and a
// diagnostic says so. Pure, thread-safe.
#include <string_view>
#include <vector>

#include "treaty/diagnostic.h"
#include "treaty/tree.h"

namespace surety::treaty {

// `text` must be well-formed UTF-8 (compile_text sees to it); other bytes end up in words.
std::vector<Token> lex(std::string_view text, std::vector<Diagnostic>& diagnostics);

// The value of a string token: quotes off, \" and \\ undone, each run of blanks one space.
std::string string_value(std::string_view token_text);

}  // namespace surety::treaty
