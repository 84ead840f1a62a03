#pragma once
// The program's own log, to stderr. Never put a secret or a withheld field in it.
#include <string_view>

namespace surety::log {

enum class Level { debug, info, warning, error };
void set_level(Level level);
void write(Level level, std::string_view text);
inline void info(std::string_view text) { write(Level::info, text); }
inline void warning(std::string_view text) { write(Level::warning, text); }
inline void error(std::string_view text) { write(Level::error, text); }

}  // namespace surety::log
