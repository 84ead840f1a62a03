#include "treaty/treaty.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/files.h"
#include "treaty/checker.h"
#include "treaty/parser.h"

namespace surety::treaty {
namespace {

constexpr std::size_t kMostBytes = 16 << 20;

bool has_error(const std::vector<Diagnostic>& ds) {
  return std::any_of(ds.begin(), ds.end(), [](const Diagnostic& d) { return d.severity == Severity::error; });
}

// Whether the text can be read at all; if not, says why.
bool readable(const std::string& text, std::vector<Diagnostic>& out) {
  if (text.size() > kMostBytes) {
    out.push_back({Severity::error,
                   "treaty.too-long",
                   fmt::format("the text has {} bytes, more than {}", text.size(), kMostBytes),
                   {0, 0, 1},
                   {},
                   "an agreement is a text that people read: split it"});
    return false;
  }
  auto bad = first_bad_utf8(text);
  if (bad == std::string::npos) return true;
  auto at = static_cast<std::uint32_t>(bad);
  out.push_back({Severity::error,
                 "treaty.not-utf8",
                 fmt::format("byte {} (0x{:02x}) is not UTF-8", bad, static_cast<unsigned char>(text[bad])),
                 {at, at + 1, line_column(text, at).line},
                 {},
                 "save the file as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8"});
  return false;
}

}  // namespace

Compiled compile_text(std::string text, std::string name) {
  Compiled out;
  out.file = std::move(name);
  if (!readable(text, out.diagnostics)) {
    out.tree.text = std::move(text);
    return out;
  }
  auto hash = hex(sha256(text));
  auto parsed = parse(std::move(text), out.diagnostics);
  out.tree = std::move(parsed.tree);
  auto agreement = check(parsed.document, out.tree, out.diagnostics);
  agreement.file = out.file;
  agreement.text_sha256 = std::move(hash);
  if (!has_error(out.diagnostics)) {
    auto more = analyse(agreement);
    out.diagnostics.insert(out.diagnostics.end(), more.begin(), more.end());
  }
  sort(out.diagnostics);
  if (has_error(out.diagnostics)) return out;
  agreement.hash = hex(sha256(plan::canonical(agreement)));
  out.agreement = std::move(agreement);
  return out;
}

Compiled compile_file(const std::string& path) {
  auto text = read_file(path);
  if (text) return compile_text(std::move(*text), path);
  Compiled out;
  out.file = path;
  out.diagnostics.push_back({Severity::error, "treaty.unreadable", text.error().message, {0, 0, 1}, {}, text.error().help_text});
  return out;
}

Result<plan::Agreement> load(const std::string& path) {
  auto c = compile_file(path);
  if (c.agreement) return std::move(*c.agreement);
  for (const auto& d : c.diagnostics) {
    if (d.severity != Severity::error) continue;
    auto at = line_column(c.tree.text, d.at.begin);
    return err(fail(d.code, d.message).in(path, at.line, at.column).help(d.help));
  }
  return err(fail("treaty.unreadable", "the agreement does not compile").in(path).ours());
}

}  // namespace surety::treaty
