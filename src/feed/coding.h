#pragma once
// What a person read in single rows of a feed, kept beside it as a sheet: a CSV with the columns
// file, row, coder, event, from, to, actor, actor_basis, note. `file` is the feed file's name without
// folder and .gz, `row` counts as citations do. An empty cell leaves what the reader found. `coder`
// and `note` go into the statement's fields, so that the reading is never mistaken for the source.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "model/statement.h"

namespace surety::feed {

struct Coding {
  std::string coder;  // "read", "not an incident", "earlier event"
  std::string event;
  std::optional<Instant> from, to;
  std::string actor, actor_basis;
  std::string note;
};

class CodingSheet {
 public:
  static Result<std::shared_ptr<const CodingSheet>> read(const std::string& path);
  static Result<std::shared_ptr<const CodingSheet>> parse(std::string_view bytes, const std::string& file);

  // Writes the reading into the statement, if there is one for this row.
  void apply(model::Statement& s, const std::string& file, std::size_t row) const;
  std::size_t size() const { return rows_.size(); }

 private:
  std::map<std::pair<std::string, std::size_t>, Coding> rows_;
};

}  // namespace surety::feed
