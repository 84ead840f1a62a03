#include "logic/front/pattern.h"

#include <re2/re2.h>

namespace surety::logic {
namespace {

constexpr std::string_view kSpecial = "\\.+*?()|[]{}^$";

void literal(char c, std::string& out) {
  if (kSpecial.find(c) != std::string_view::npos) out += '\\';
  out += c;
}

// A character class, from `[` at i; returns the index of its last byte. Backslashes in it mean
// themselves, and `]` does when it comes first.
std::size_t character_class(std::string_view p, std::size_t i, std::string& out) {
  out += p[i++];
  if (i < p.size() && p[i] == '^') out += p[i++];
  for (bool first = true; i < p.size(); ++i, first = false) {
    if (p[i] == ']' && !first) {
      out += ']';
      return i;
    }
    if (p[i] == ']' || p[i] == '[' || p[i] == '\\') out += '\\';
    out += p[i];
  }
  return i;
}

}  // namespace

std::string re2_syntax(std::string_view p) {
  std::string out;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const char c = p[i];
    if (c == '\\' && i + 1 < p.size()) {
      const char d = p[++i];
      if (d == '(' || d == ')' || d == '|')
        out += d;
      else if (d == 'b')
        out += "\\b";
      else
        literal(d, out);
    } else if (c == '[') {
      i = character_class(p, i, out);
    } else if (std::string_view("(){}|").find(c) != std::string_view::npos) {
      literal(c, out);
    } else {
      out += c;
    }
  }
  return out;
}

PatternShape pattern_shape(std::string_view pattern) {
  RE2::Options o;
  o.set_log_errors(false);
  o.set_encoding(RE2::Options::EncodingLatin1);
  const RE2 re(re2_syntax(pattern), o);
  if (!re.ok()) return {re.error(), 0};
  return {"", static_cast<std::size_t>(re.NumberOfCapturingGroups())};
}

}  // namespace surety::logic
