#pragma once
// For tests of line formats: a text with each of its lines in turn left out, doubled, or changed by a blank before or after it.
#include <string>

namespace surety::record {

template <class F>
void each_damaged(const std::string& text, F&& f) {
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    const std::string line = text.substr(at, text.find('\n', at) + 1 - at);
    for (const std::string& other : {std::string(), line + line, " " + line, line.substr(0, line.size() - 1) + " \n"}) {
      std::string bad = text;
      bad.replace(at, line.size(), other);
      f(bad);
    }
  }
}

}  // namespace surety::record
