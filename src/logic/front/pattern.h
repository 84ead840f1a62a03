#pragma once
// The patterns of MATCHES are written as the peers write them (OCaml's Str, after Emacs): \( \)
// group,
// \| is "or", \b is a word boundary, and ( ) | { } mean themselves. RE2 runs them, in linear time.
// Searched anywhere in the text; leftmost, greedy. Pure.
#include <cstddef>
#include <string>
#include <string_view>

namespace surety::logic {

std::string re2_syntax(std::string_view pattern);

struct PatternShape {
  std::string problem;  // empty: it is a pattern
  std::size_t groups = 0;
};
PatternShape pattern_shape(std::string_view pattern);

}  // namespace surety::logic
