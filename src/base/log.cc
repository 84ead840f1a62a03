#include "base/log.h"

#include <fmt/format.h>

#include <atomic>
#include <cstdio>

namespace surety::log {
namespace {
std::atomic<Level> threshold{Level::info};
constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
}  // namespace

void set_level(Level level) { threshold = level; }

void write(Level level, std::string_view text) {
  if (level < threshold.load()) return;
  // One call a line: lines of two threads never mix.
  const std::string line = fmt::format("surety {}: {}\n", kNames[static_cast<int>(level)], text);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace surety::log
