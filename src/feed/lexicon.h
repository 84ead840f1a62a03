#pragma once
// Event classes from free text, for feeds whose labels are missing or not to be trusted: a CSV with
// the columns stem, event, note. A stem counts where a word begins with it, whatever its case; the
// first line of the file whose stem occurs decides. A line without an event says that such a text
// tells of no incident. It is a crude reader and says so: use it to count alike in many windows, and
// a coding sheet (coding.h) where it matters.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace surety::feed {

class Lexicon {
 public:
  static Result<std::shared_ptr<const Lexicon>> read(const std::string& path);
  static Result<std::shared_ptr<const Lexicon>> parse(std::string_view bytes, const std::string& file);

  struct Hit {
    std::string event;  // empty: the text tells of no incident
    std::string stem;
  };
  std::optional<Hit> find(std::string_view text) const;

 private:
  std::vector<Hit> lines_;
};

// Latin and Cyrillic letters in lower case; everything else as it is.
std::string lowered(std::string_view text);

}  // namespace surety::feed
