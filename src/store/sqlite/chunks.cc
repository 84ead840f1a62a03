#include "store/sqlite/chunks.h"

#include "record/tiles.h"

namespace surety::store::sqlite {
namespace {

// Large enough that the row costs little, small enough that reading one entry does.
constexpr std::size_t kRowBytes = 16'384;

}  // namespace

Status Chunks::prepare(Db& db) {
  db_ = &db;
  SURETY_TRY(put_, db.prepare("INSERT INTO chunk(first, entries) VALUES(?1, ?2)"));
  SURETY_TRY(at_, db.prepare("SELECT first, entries FROM chunk WHERE first <= ?1 ORDER BY first DESC LIMIT 1"));
  return {};
}

Status Chunks::put(std::uint64_t first, std::string_view bytes) {
  Run run(put_);
  if (put_.bind(1, static_cast<std::int64_t>(first)).blob(2, bytes).step() != SQLITE_DONE) return err(db_->error("append entries"));
  return {};
}

Status Chunks::append(std::uint64_t first, std::span<const std::string_view> entries) {
  std::string row;
  std::uint64_t begin = first, next = first;
  for (const std::string_view entry : entries) {
    if (!row.empty() && (row.size() + entry.size() > kRowBytes || next - begin == record::kTileWidth)) {
      SURETY_TRY_STATUS(put(begin, row));
      row.clear();
      begin = next;
    }
    SURETY_TRY_STATUS(record::append_to_bundle(row, entry));
    ++next;
  }
  return next == begin ? Status() : put(begin, row);
}

Error Chunks::missing(std::uint64_t index) const {
  return fail("store.damaged", "an entry is missing from the database")
      .in(db_->path())
      .found("no entry " + std::to_string(index))
      .help("restore a backup, or rebuild the database from its record directory")
      .ours();
}

Result<std::vector<std::string_view>> Chunks::split(std::uint64_t first, std::string_view bytes) const {
  auto entries = record::entries_of(bytes);
  if (!entries || entries->empty()) return err(missing(first).found("a broken row at entry " + std::to_string(first)));
  return entries;
}

Status Chunks::load(std::uint64_t index) {
  if (index >= loaded_.first && index - loaded_.first < loaded_.entries.size()) return {};
  Run run(at_);
  const int code = at_.bind(1, static_cast<std::int64_t>(index)).step();
  if (code != SQLITE_ROW && code != SQLITE_DONE) return err(db_->error("read an entry"));
  loaded_ = {};
  if (code == SQLITE_DONE) return {};
  loaded_.first = static_cast<std::uint64_t>(at_.number(0));
  loaded_.bytes = at_.bytes(1);
  auto entries = split(loaded_.first, loaded_.bytes);
  if (!entries) {
    loaded_ = {};
    return err(std::move(entries.error()));
  }
  loaded_.entries = std::move(*entries);
  return {};
}

Result<std::string> Chunks::get(std::uint64_t index) {
  SURETY_TRY_STATUS(load(index));
  if (index < loaded_.first || index - loaded_.first >= loaded_.entries.size())
    return err(fail("store.no-such-entry", "the record has no entry of this number").in(db_->path()).found(std::to_string(index)));
  return std::string(loaded_.entries[index - loaded_.first]);
}

Status Chunks::scan(std::uint64_t from, std::uint64_t to, const EntryVisitor& visit) {
  // From the row that `from` lies in; or from the first one after it.
  SURETY_TRY(Statement rows,
             db_->prepare("SELECT first, entries FROM chunk WHERE first >= ifnull((SELECT max(first) FROM chunk WHERE first <= ?1), ?1) "
                          "AND first < ?2 ORDER BY first"));
  rows.bind(1, static_cast<std::int64_t>(from)).bind(2, static_cast<std::int64_t>(to));
  std::uint64_t next = from;
  int code = 0;
  while ((code = rows.step()) == SQLITE_ROW) {
    const auto first = static_cast<std::uint64_t>(rows.number(0));
    SURETY_TRY(const auto entries, split(first, rows.bytes(1)));
    if (first < next && next == from && first + entries.size() <= from) continue;  // it ends before `from`
    if (first > next || (first < next && next != from)) return err(missing(next));
    for (std::size_t i = next - first; i < entries.size() && next < to; ++i)
      if (!visit(next++, entries[i])) return {};
  }
  if (code != SQLITE_DONE) return err(db_->error("read entries"));
  return {};
}

}  // namespace surety::store::sqlite
