#pragma once
// Whole files, and writes that are all there or not there at all.
#include <string>
#include <string_view>

#include "base/error.h"

namespace surety {

Result<std::string> read_file(const std::string& path);
// Into a buffer that is kept for the next of many; it only grows, and the view is of it.
Result<std::string_view> read_file(const std::string& path, std::string& buffer);
// Reads a .gz as what is inside it; refuses more than `ceiling` bytes of content.
Result<std::string> read_maybe_gzip(const std::string& path, std::size_t ceiling = std::size_t{4} << 30);
// Writes beside the target, fsyncs, renames over it and fsyncs the folder.
Status write_file_atomically(const std::string& path, std::string_view bytes);
Status make_directories(const std::string& path);
bool file_exists(const std::string& path);

}  // namespace surety
