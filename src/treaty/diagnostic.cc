#include "treaty/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/json_out.h"
#include "treaty/tree.h"

namespace surety::treaty {
namespace {

std::string_view line_of(std::string_view text, std::uint32_t offset) {
  offset = std::min<std::uint32_t>(offset, static_cast<std::uint32_t>(text.size()));
  auto start = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  start = start == std::string_view::npos ? 0 : start + 1;
  auto end = text.find('\n', offset);
  if (end == std::string_view::npos) end = text.size();
  auto line = text.substr(start, end - start);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

// The number of characters, not bytes, so that carets stand right under letters with accents.
std::size_t width(std::string_view s) {
  return static_cast<std::size_t>(std::count_if(s.begin(), s.end(), [](char c) { return (c & '\xc0') != '\x80'; }));
}

std::string excerpt(plan::TextSpan at, std::string_view text, std::string_view file, std::string_view arrow) {
  auto where = line_column(text, at.begin);
  auto line = line_of(text, at.begin);
  auto left = line.substr(0, std::min<std::size_t>(where.column - 1, line.size()));
  std::string pad;
  for (char c : left)
    if ((c & '\xc0') != '\x80') pad += c == '\t' ? '\t' : ' ';
  auto marked = text.substr(std::min<std::size_t>(at.begin, text.size()), at.end > at.begin ? at.end - at.begin : 0);
  marked = marked.substr(0, marked.find('\n'));
  auto number = std::to_string(where.line);
  std::string margin(number.size(), ' ');
  return fmt::format("{} {} {}:{}:{}\n{} |\n{} | {}\n{} | {}{}\n", margin, arrow, file, where.line, where.column, margin, number, line,
                     margin, pad, std::string(std::max<std::size_t>(1, width(marked)), '^'));
}

}  // namespace

std::string_view name(Severity s) {
  switch (s) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::info:
      return "info";
  }
  return "";
}

std::string to_text(const Diagnostic& d, std::string_view text, std::string_view file) {
  auto out = fmt::format("{}[{}]: {}\n", name(d.severity), d.code, d.message);
  out += excerpt(d.at, text, file, "-->");
  for (const auto& r : d.related) out += fmt::format("  {}\n", r.message) + excerpt(r.at, text, file, ":::");
  if (!d.help.empty()) out += fmt::format("  help: {}\n", d.help);
  return out;
}

std::string to_json(const Diagnostic& d, std::string_view text, std::string_view file) {
  auto from = line_column(text, d.at.begin), to = line_column(text, d.at.end);
  JsonOut j;
  j.object().member("kind", "diagnostic").member("severity", name(d.severity)).member("code", d.code);
  j.member("file", file).member("line", std::size_t{from.line}).member("column", std::size_t{from.column});
  j.member("end_line", std::size_t{to.line}).member("end_column", std::size_t{to.column}).member("message", d.message);
  j.key("related").array();
  for (const auto& r : d.related) {
    auto at = line_column(text, r.at.begin);
    j.object().member("line", std::size_t{at.line}).member("column", std::size_t{at.column});
    j.member("message", r.message).end();
  }
  j.end().member("help", d.help).end();
  return j.take();
}

bool is_syntax(std::string_view code) {
  static constexpr std::string_view kCodes[] = {"treaty.expected",      "treaty.truncated", "treaty.open-string",
                                                "treaty.bad-character", "treaty.thousands", "treaty.too-deep",
                                                "treaty.too-long",      "treaty.not-utf8",  "treaty.unreadable"};
  return std::find(std::begin(kCodes), std::end(kCodes), code) != std::end(kCodes);
}

void sort(std::vector<Diagnostic>& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.at.begin, a.severity, a.code, a.message) < std::tie(b.at.begin, b.severity, b.code, b.message);
  });
}

}  // namespace surety::treaty
