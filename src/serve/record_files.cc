#include "serve/record_files.h"

#include "base/files.h"

namespace surety::serve {
namespace {

bool digits(std::string_view s, std::size_t least, std::size_t most) {
  if (s.size() < least || s.size() > most) return false;
  for (const char c : s) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

std::string_view next_segment(std::string_view& path) {
  const std::size_t slash = path.find('/');
  const std::string_view head = path.substr(0, slash);
  path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  return head;
}

}  // namespace

bool is_record_path(std::string_view path) {
  if (path == "checkpoint" || path == "log.vkey") return true;
  if (path.ends_with('/') || next_segment(path) != "tile") return false;
  const std::string_view level = next_segment(path);
  if (level != "entries" && !digits(level, 1, 2)) return false;
  for (int depth = 0; depth < 6 && !path.empty(); ++depth) {
    std::string_view segment = next_segment(path);
    if (segment.starts_with('x')) {
      if (!digits(segment.substr(1), 3, 3)) return false;
      continue;
    }
    const bool partial = segment.ends_with(".p");
    if (partial) segment.remove_suffix(2);
    if (!digits(segment, 3, 3)) return false;
    if (!partial) return path.empty();
    const std::string_view width = next_segment(path);
    return digits(width, 1, 3) && width[0] != '0' && path.empty();
  }
  return false;
}

Response record_file(const std::string& dir, std::string_view path) {
  if (dir.empty() || !is_record_path(path)) {
    return error(404, fail("api.not-found", "the record has no such file")
                          .found(std::string(path))
                          .expected("checkpoint, log.vkey, tile/<L>/<N> or tile/entries/<N>"));
  }
  auto bytes = read_file(dir + "/" + std::string(path));
  if (!bytes) {
    return error(404, fail("api.not-found", "the record has no such file yet")
                          .found(std::string(path))
                          .help("tiles beyond the checkpoint's size do not exist"));
  }
  const bool is_text = path == "checkpoint" || path == "log.vkey";
  Response r = text(200, is_text ? "text/plain; charset=utf-8" : "application/octet-stream", std::move(*bytes));
  const bool partial = path.find(".p/") != std::string_view::npos;
  r.cache = is_text ? "no-cache" : partial ? "public, max-age=60" : "public, max-age=31536000, immutable";
  return r;
}

}  // namespace surety::serve
