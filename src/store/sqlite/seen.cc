#include "store/sqlite/seen.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace surety::store::sqlite {
namespace {

static_assert(std::endian::native == std::endian::little, "rows hold little-endian numbers");
static_assert(sizeof(Seen::Pair) == 16);

// A row stays within one page of the database: 16 bytes a pair.
constexpr std::size_t kMaxPairs = 240, kSplitPairs = 160;

}  // namespace

Status Seen::prepare(Db& db) {
  db_ = &db;
  SURETY_TRY(row_, db.prepare("SELECT prefix, pairs FROM seen WHERE prefix >= (SELECT max(prefix) FROM seen WHERE prefix <= ?1) "
                              "ORDER BY prefix LIMIT 2"));
  SURETY_TRY(put_, db.prepare("INSERT INTO seen(prefix, pairs) VALUES(?1, ?2) ON CONFLICT(prefix) DO UPDATE SET pairs = ?2"));
  SURETY_TRY(marked_, db.prepare("SELECT upto FROM marked"));
  SURETY_TRY(mark_, db.prepare("UPDATE marked SET upto = ?1"));
  return {};
}

Result<std::uint64_t> Seen::marked() {
  Run run(marked_);
  if (marked_.step() != SQLITE_ROW) return err(db_->error("read which entries are in the index"));
  return static_cast<std::uint64_t>(marked_.number(0));
}

Result<Seen::Row> Seen::row_of(std::int64_t prefix) {
  Run run(row_);
  Row out;
  if (row_.bind(1, prefix).step() != SQLITE_ROW)
    return err(fail("store.damaged", "the index of hashes is damaged").in(db_->path()).help("restore a backup").ours());
  out.prefix = row_.number(0);
  const std::string_view bytes = row_.bytes(1);
  out.pairs.resize(bytes.size() / sizeof(Pair));
  std::memcpy(static_cast<void*>(out.pairs.data()), bytes.data(), out.pairs.size() * sizeof(Pair));
  const int code = row_.step();
  if (code != SQLITE_ROW && code != SQLITE_DONE) return err(db_->error("look an entry up"));
  out.last = code == SQLITE_DONE;
  if (!out.last) out.next = row_.number(0);
  return out;
}

Status Seen::look(const std::vector<Pair>& pairs, const Candidate& candidate) {
  SURETY_TRY(const std::uint64_t below, marked());
  Row row;
  bool loaded = false;
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const std::int64_t prefix = pairs[k].first;
    const auto [from, to] = recent_.equal_range(prefix);
    for (auto it = from; it != to; ++it) SURETY_TRY_STATUS(candidate(k, it->second));
    if (below == 0) continue;
    if (!loaded || !row.covers(prefix)) {
      SURETY_TRY(row, row_of(prefix));
      loaded = true;
    }
    for (auto it = std::lower_bound(row.pairs.begin(), row.pairs.end(), Pair{prefix, 0}); it != row.pairs.end() && it->first == prefix;
         ++it)
      SURETY_TRY_STATUS(candidate(k, it->second));
  }
  return {};
}

Status Seen::put(std::int64_t prefix, const Pair* pairs, std::size_t n) {
  Run run(put_);
  const std::string_view bytes(reinterpret_cast<const char*>(pairs), n * sizeof(Pair));
  if (put_.bind(1, prefix).blob(2, bytes).step() != SQLITE_DONE) return err(db_->error("mark entries"));
  return {};
}

Status Seen::write_down(const std::vector<Pair>& more, std::uint64_t upto) {
  std::vector<Pair> here(recent_.begin(), recent_.end()), all(recent_.size() + more.size());
  std::sort(here.begin(), here.end());
  std::merge(here.begin(), here.end(), more.begin(), more.end(), all.begin());
  std::vector<Pair> merged;
  for (auto at = all.begin(); at != all.end();) {
    SURETY_TRY(const Row row, row_of(at->first));
    const auto end = std::find_if(at, all.end(), [&](const Pair& p) { return !row.covers(p.first); });
    merged.resize(row.pairs.size() + static_cast<std::size_t>(end - at));
    std::merge(row.pairs.begin(), row.pairs.end(), at, end, merged.begin());
    at = end;
    std::int64_t prefix = row.prefix;
    for (std::size_t begin = 0; begin < merged.size();) {
      std::size_t stop = merged.size() - begin <= kMaxPairs ? merged.size() : begin + kSplitPairs;
      while (stop < merged.size() && merged[stop].first == merged[stop - 1].first) ++stop;  // never apart
      SURETY_TRY_STATUS(put(prefix, merged.data() + begin, stop - begin));
      begin = stop;
      if (begin < merged.size()) prefix = merged[begin].first;
    }
  }
  Run run(mark_);
  if (mark_.bind(1, static_cast<std::int64_t>(upto)).step() != SQLITE_DONE) return err(db_->error("mark entries"));
  return {};
}

}  // namespace surety::store::sqlite
