#include "base/bytes.h"
#include "base/json_out.h"
#include "feed/feed.h"

namespace surety::feed {

std::string to_json(const Counts& c, std::string_view feed, std::string_view file) {
  JsonOut j;
  j.object()
      .member("kind", "import")
      .member("feed", feed)
      .member("file", file)
      .member("format", c.format)
      .member("rows", c.rows)
      .member("statements", c.statements)
      .member("duplicates", c.duplicates)
      .member("quarantined", c.quarantined)
      .member("outside", c.outside);
  j.key("reasons").object();
  for (const auto& [code, n] : c.reasons) j.member(code, n);
  j.end().end();
  return j.take();
}

std::string to_json(const Quarantined& q) {
  JsonOut j;
  j.object()
      .member("kind", "quarantined")
      .member("file", q.reason.file_name)
      .member("line", static_cast<std::int64_t>(q.reason.line_number));
  j.member("row", q.row)
      .member("offset", q.offset)
      .member("length", q.length)
      .member("reason", q.reason.code)
      .member("message", q.reason.message);
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) j.member(name, first_bad_utf8(value) == std::string_view::npos ? value : "hex " + hex(value));
  };
  text("field", q.reason.field_name);
  text("found", q.reason.found_text);
  text("expected", q.reason.expected_text);
  text("help", q.reason.help_text);
  if (first_bad_utf8(q.bytes) == std::string_view::npos)
    j.member("bytes", q.bytes);
  else
    j.member("hex", hex(q.bytes));
  j.end();
  return j.take();
}

std::string to_ndjson(const Batch& b) {
  std::string out;
  for (const auto& s : b.statements) out += model::canonical(s) + "\n";
  return out;
}

}  // namespace surety::feed
