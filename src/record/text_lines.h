#pragma once
// For the small line formats of this room: lines and decimals with one spelling.
#include <cstdint>
#include <optional>
#include <string_view>

namespace surety::record {

// Takes the next line, without its line end, off `text`; nothing when there is no whole line left.
inline std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

// What follows `word` and one blank, or nothing when the line is another one.
inline std::optional<std::string_view> after(std::string_view line, std::string_view word) {
  if (!line.starts_with(word) || line.size() <= word.size() + 1 || line[word.size()] != ' ') return std::nullopt;
  return line.substr(word.size() + 1);
}

// Takes the next line off `text` if it begins with `word`, and gives what follows; otherwise leaves it there.
inline std::optional<std::string_view> take_field(std::string_view& text, std::string_view word) {
  std::string_view rest = text;
  const auto line = take_line(rest);
  const auto value = line ? after(*line, word) : std::nullopt;
  if (value) text = rest;
  return value;
}

inline std::optional<std::uint64_t> decimal(std::string_view text) {
  if (text.empty() || text.size() > 20 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t v = 0;
  for (const char c : text) {
    const auto d = static_cast<std::uint64_t>(c - '0');
    if (c < '0' || c > '9' || v > (~std::uint64_t{0} - d) / 10) return std::nullopt;
    v = v * 10 + d;
  }
  return v;
}

}  // namespace surety::record
