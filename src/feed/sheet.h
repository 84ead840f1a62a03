#pragma once
// A small CSV with a header that a person keeps beside a feed (gazetteer, lexicon, coding sheet).
// Unlike a feed it must be right: the first bad line is an error.
#include <functional>
#include <string>
#include <string_view>

#include "feed/reader.h"

namespace surety::feed {

// Calls `open` with the header, then `row` for each row; errors get file and line.
Status read_sheet(std::string_view bytes, const std::string& file, const std::function<Status(const Columns&)>& open,
                  const std::function<Status(const Row&)>& row);

}  // namespace surety::feed
