#include "feed/coding.h"

#include <charconv>

#include "base/files.h"
#include "feed/gazetteer.h"
#include "feed/sheet.h"

namespace surety::feed {
namespace {

struct SheetColumns {
  std::size_t file = 0, row = 0, coder = 0, event = 0, from = 0, to = 0, place = 0, actor = 0, basis = 0, speaks_for = 0, note = 0;
};

Status find_columns(SheetColumns& at, const Columns& c) {
  SURETY_TRY(at.file, c.need({"file"}));
  SURETY_TRY(at.row, c.need({"row"}));
  SURETY_TRY(at.coder, c.need({"coder"}));
  at.event = c.find({"event"});
  at.from = c.find({"from"});
  at.to = c.find({"to"});
  at.place = c.find({"place"});
  at.speaks_for = c.find({"speaks_for"});
  at.actor = c.find({"actor"});
  at.basis = c.find({"actor_basis"});
  at.note = c.find({"note"});
  return {};
}

Result<std::optional<Instant>> instant_cell(const Row& row, std::size_t column, const char* field) {
  const auto text = cell(row, column);
  if (text.empty()) return std::optional<Instant>{};
  auto t = parse_instant(text);
  if (!t) return err(std::move(t.error()).field(field));
  return std::optional<Instant>(*t);
}

}  // namespace

void apply(const Coding& c, model::Statement& s, const Gazetteer* places) {
  s.fields["coder"] = c.coder;
  if (!c.note.empty()) s.fields["coder_note"] = c.note;
  if (!c.event.empty()) s.event = c.event;
  if (c.from) s.when.from = *c.from;
  if (c.to) s.when.to = *c.to;
  if (s.when.to < s.when.from) s.when.to = s.when.from;
  if (c.place == "none") s.place.reset();
  if (const auto* known = places && !c.place.empty() ? places->find(c.place) : nullptr) s.place = *known;
  if (!c.speaks_for.empty()) s.speaks_for = c.speaks_for;
  if (c.actor.empty()) return;
  s.actor = c.actor;
  s.actor_basis = c.actor_basis;
}

const Coding* CodingSheet::find(std::string_view file, std::size_t row) const {
  const auto found = rows_.find({std::string(file), row});
  return found == rows_.end() ? nullptr : &found->second;
}

Result<std::shared_ptr<const CodingSheet>> CodingSheet::read(const std::string& path) {
  SURETY_TRY(const auto bytes, read_file(path));
  return parse(bytes, path);
}

Result<std::shared_ptr<const CodingSheet>> CodingSheet::parse(std::string_view bytes, const std::string& file) {
  auto out = std::make_shared<CodingSheet>();
  SheetColumns at;
  const auto open = [&](const Columns& c) { return find_columns(at, c); };
  const auto line = [&](const Row& row) -> Status {
    std::size_t number = 0;
    const auto text = cell(row, at.row);
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (bad != std::errc() || end != text.data() + text.size() || number == 0)
      return err(fail("feed.bad-sheet", "this is not a row's number")
                     .field("row")
                     .found(std::string(text))
                     .expected("1 or more, as in citations"));
    Coding c;
    c.coder = cell(row, at.coder);
    c.event = cell(row, at.event);
    SURETY_TRY(c.from, instant_cell(row, at.from, "from"));
    SURETY_TRY(c.to, instant_cell(row, at.to, "to"));
    c.place = cell(row, at.place);
    c.speaks_for = cell(row, at.speaks_for);
    c.actor = cell(row, at.actor);
    c.actor_basis = cell(row, at.basis);
    c.note = cell(row, at.note);
    if (c.coder.empty()) return err(fail("feed.bad-sheet", "a reading says who made it or what it came to").field("coder"));
    if (!out->rows_.emplace(std::pair(std::string(cell(row, at.file)), number), std::move(c)).second)
      return err(fail("feed.bad-sheet", "this row is coded twice").field("row").found(std::string(text)));
    return {};
  };
  SURETY_TRY_STATUS(read_sheet(bytes, file, open, line));
  return std::shared_ptr<const CodingSheet>(std::move(out));
}

}  // namespace surety::feed
