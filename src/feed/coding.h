#pragma once
// What a person read in single rows of a feed, kept beside it as a sheet: a CSV with the columns
// file, row, coder, and if wanted event, from, to, place, actor, actor_basis, speaks_for, note.
// `file` is the feed file's name without folder and .gz, `row` counts as citations do. An empty cell
// leaves what the reader found. `place` is a name of the feed's gazetteer, or `none` where the reader's
// point is wrong and no better one can be told. `coder` and `note` go into the statement's fields, so
// that the reading is never mistaken for the source.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "model/statement.h"

namespace surety::feed {

class Gazetteer;

struct Coding {
  std::string coder;  // "read", "not an incident", "earlier event", "undated roundup"
  std::string event;
  std::optional<Instant> from, to;
  std::string place;
  std::string actor, actor_basis;
  std::string speaks_for;
  std::string note;
};

// Writes the reading into the statement. `places` may be null.
void apply(const Coding& c, model::Statement& s, const Gazetteer* places);

class CodingSheet {
 public:
  static Result<std::shared_ptr<const CodingSheet>> read(const std::string& path);
  static Result<std::shared_ptr<const CodingSheet>> parse(std::string_view bytes, const std::string& file);

  // The reading of this row, or null. Lives as long as the sheet.
  const Coding* find(std::string_view file, std::size_t row) const;
  std::size_t size() const { return rows_.size(); }

 private:
  std::map<std::pair<std::string, std::size_t>, Coding> rows_;
};

}  // namespace surety::feed
