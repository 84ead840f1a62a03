#include "store/sqlite/seen.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace surety::store::sqlite {
namespace {

static_assert(std::endian::native == std::endian::little, "rows hold little-endian numbers");
static_assert(sizeof(Seen::Pair) == 16);

// A row stays within one page of the database (16 kB).
constexpr std::size_t kBlockPairs = 1000, kSieveLines = 250;
constexpr std::size_t kFan = 8;
constexpr std::size_t kBitsPerPair = 10, kLineBytes = 64, kLineBits = kLineBytes * 8;
constexpr std::size_t kHeldSieves = 64 << 20;  // bytes

// Runs of one level differ in size by a factor below eight.
int level_of(std::uint64_t pairs) {
  int level = 0;
  for (; pairs >= kFan * Seen::kInMemory; pairs /= kFan) ++level;
  return level;
}

// Prefixes are evenly spread, and so are the lines of a sieve: a sorted run fills them one after the other.
std::uint64_t sieve_lines(std::uint64_t pairs) { return pairs * kBitsPerPair / kLineBits + 1; }
std::uint64_t line_of(std::int64_t prefix, std::uint64_t lines) {
  const std::uint64_t even = static_cast<std::uint64_t>(prefix) ^ std::uint64_t{1} << 63;
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(even) * lines >> 64);
}
// Five bits of a line.
template <class F>
bool every_bit(std::int64_t prefix, F f) {
  std::uint64_t h = static_cast<std::uint64_t>(prefix) * 0x9e3779b97f4a7c15;
  h ^= h >> 32;
  for (int i = 0; i < 5; ++i, h >>= 9)
    if (!f(h & (kLineBits - 1))) return false;
  return true;
}

Error damaged_index(const Db& db) {
  return fail("store.damaged", "the index of hashes is damaged").in(db.path()).help("restore a backup").ours();
}

std::int64_t row_at(std::int64_t run, std::uint64_t number) { return run << 32 | static_cast<std::int64_t>(number); }

template <class T>
std::string_view bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace

// Writes a run, pair by pair in order; `pairs` must be right.
class Seen::Writer {
 public:
  Writer(Seen& to, std::int64_t id, std::uint64_t pairs) : to_(to), id_(id), pairs_(pairs), lines_(sieve_lines(pairs)) {
    block_.reserve(kBlockPairs);
    sieve_.resize(row_lines() * kLineBytes);
  }
  Status add(const Pair& pair) {
    if (block_.empty()) firsts_.push_back(pair.first);
    block_.push_back(pair);
    const std::uint64_t line = line_of(pair.first, lines_);
    while (line >= row_ * kSieveLines + row_lines()) SURETY_TRY_STATUS(flush_sieve());
    char* const bits = sieve_.data() + (line - row_ * kSieveLines) * kLineBytes;
    every_bit(pair.first, [&](std::uint64_t bit) {
      bits[bit / 8] = static_cast<char>(bits[bit / 8] | 1 << bit % 8);
      return true;
    });
    return block_.size() < kBlockPairs ? Status() : flush_block();
  }
  Status finish() {
    if (!block_.empty()) SURETY_TRY_STATUS(flush_block());
    while (row_ * kSieveLines < lines_) SURETY_TRY_STATUS(flush_sieve());
    SURETY_CHECK(written_ == pairs_);
    Run run(to_.put_run_);
    to_.put_run_.bind(1, id_).bind(2, static_cast<std::int64_t>(pairs_)).blob(3, bytes_of(firsts_));
    if (to_.put_run_.step() != SQLITE_DONE) return err(to_.db_->error("mark entries"));
    return {};
  }

 private:
  std::uint64_t row_lines() const { return std::min<std::uint64_t>(kSieveLines, lines_ - row_ * kSieveLines); }
  Status flush_block() {
    written_ += block_.size();
    SURETY_TRY_STATUS(to_.put(to_.put_block_, row_at(id_, firsts_.size() - 1), bytes_of(block_)));
    block_.clear();
    return {};
  }
  Status flush_sieve() {
    SURETY_TRY_STATUS(to_.put(to_.put_sieve_, row_at(id_, row_), sieve_));
    ++row_;
    sieve_.assign(row_ * kSieveLines < lines_ ? row_lines() * kLineBytes : 0, '\0');
    return {};
  }

  Seen& to_;
  std::int64_t id_;
  std::uint64_t pairs_, lines_, written_ = 0, row_ = 0;
  std::vector<Pair> block_;
  std::vector<std::int64_t> firsts_;
  std::string sieve_;  // the row of it that is filling
};

// The pairs of a run or of a list, in order; of a run one block is in memory.
class Seen::Reader {
 public:
  Reader(Seen& from, const RunOf& run) : from_(from), run_(&run) {}
  Reader(Seen& from, const std::vector<Pair>& list) : from_(from), at_(list.data()), end_(list.data() + list.size()) {}
  // False at the end.
  Result<bool> more() {
    if (at_ == end_ && run_ && block_ < run_->firsts.size()) {
      SURETY_TRY_STATUS(from_.read_block(*run_, block_++, pairs_));
      at_ = pairs_.data();
      end_ = at_ + pairs_.size();
    }
    return at_ != end_;
  }
  const Pair& pair() const { return *at_; }
  void step() { ++at_; }

 private:
  Seen& from_;
  const RunOf* run_ = nullptr;
  std::size_t block_ = 0;
  std::vector<Pair> pairs_;
  const Pair *at_ = nullptr, *end_ = nullptr;
};

Status Seen::prepare(Db& db) {
  db_ = &db;
  SURETY_TRY(runs_all_, db.prepare("SELECT id, pairs, firsts FROM run ORDER BY id"));
  SURETY_TRY(put_run_, db.prepare("INSERT INTO run(id, pairs, firsts) VALUES(?1, ?2, ?3)"));
  SURETY_TRY(drop_run_, db.prepare("DELETE FROM run WHERE id = ?1"));
  SURETY_TRY(block_, db.prepare("SELECT pairs FROM block WHERE at = ?1"));
  SURETY_TRY(put_block_, db.prepare("INSERT INTO block(at, pairs) VALUES(?1, ?2)"));
  SURETY_TRY(drop_blocks_, db.prepare("DELETE FROM block WHERE at >= ?1 AND at < ?2"));
  SURETY_TRY(sieve_, db.prepare("SELECT lines FROM sieve WHERE at >= ?1 AND at < ?2 ORDER BY at"));
  SURETY_TRY(put_sieve_, db.prepare("INSERT INTO sieve(at, lines) VALUES(?1, ?2)"));
  SURETY_TRY(drop_sieve_, db.prepare("DELETE FROM sieve WHERE at >= ?1 AND at < ?2"));
  SURETY_TRY(marked_, db.prepare("SELECT upto FROM marked"));
  SURETY_TRY(mark_, db.prepare("UPDATE marked SET upto = ?1"));
  return {};
}

Result<std::uint64_t> Seen::marked() {
  Run run(marked_);
  if (marked_.step() != SQLITE_ROW) return err(db_->error("read which entries are in the index"));
  return static_cast<std::uint64_t>(marked_.number(0));
}

// The runs as they are now: each change of them moves the mark.
Status Seen::load() {
  SURETY_TRY(const std::uint64_t upto, marked());
  if (upto == loaded_) return {};
  std::vector<RunOf> old = std::exchange(runs_, {});
  loaded_ = 0;
  {
    Run run(runs_all_);
    int code = 0;
    while ((code = runs_all_.step()) == SQLITE_ROW) {
      RunOf& one = runs_.emplace_back();
      one.id = runs_all_.number(0);
      one.pairs = static_cast<std::uint64_t>(runs_all_.number(1));
      const std::string_view firsts = runs_all_.bytes(2);
      if (firsts.size() != (one.pairs + kBlockPairs - 1) / kBlockPairs * sizeof(std::int64_t)) return err(damaged_index(*db_));
      one.firsts.resize(firsts.size() / sizeof(std::int64_t));
      std::memcpy(one.firsts.data(), firsts.data(), firsts.size());
    }
    if (code != SQLITE_DONE) return err(db_->error("read the index of hashes"));
  }
  std::size_t held = 0;  // the newest first: they are the small ones
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    held += sieve_lines(run->pairs) * kLineBytes;
    if (held > kHeldSieves) break;
    const auto had = std::find_if(old.begin(), old.end(), [&](const RunOf& o) { return o.id == run->id; });
    if (had != old.end() && !had->sieve.empty())
      run->sieve = std::move(had->sieve);
    else
      SURETY_TRY_STATUS(load_sieve(*run));
  }
  loaded_ = upto;
  return {};
}

Status Seen::load_sieve(RunOf& one) {
  Run run(sieve_);
  sieve_.bind(1, row_at(one.id, 0)).bind(2, row_at(one.id + 1, 0));
  one.sieve.reserve(sieve_lines(one.pairs) * kLineBytes);
  int code = 0;
  while ((code = sieve_.step()) == SQLITE_ROW) one.sieve += sieve_.bytes(0);
  if (code != SQLITE_DONE) return err(db_->error("read the index of hashes"));
  if (one.sieve.size() != sieve_lines(one.pairs) * kLineBytes) return err(damaged_index(*db_));
  return {};
}

Status Seen::read_block(const RunOf& one, std::size_t block, std::vector<Pair>& out) {
  Run run(block_);
  if (block_.bind(1, row_at(one.id, block)).step() != SQLITE_ROW) return err(damaged_index(*db_));
  const std::string_view bytes = block_.bytes(0);
  const std::size_t pairs = std::min<std::uint64_t>(kBlockPairs, one.pairs - block * kBlockPairs);
  if (bytes.size() != pairs * sizeof(Pair)) return err(damaged_index(*db_));
  out.resize(pairs);
  std::memcpy(static_cast<void*>(out.data()), bytes.data(), bytes.size());
  return {};
}

Status Seen::look(const std::vector<Pair>& pairs, const Candidate& candidate) {
  for (std::size_t k = 0; k < pairs.size() && !recent_.empty(); ++k) {
    const auto [from, to] = recent_.equal_range(pairs[k].first);
    for (auto it = from; it != to; ++it) SURETY_TRY_STATUS(candidate(k, it->second));
  }
  SURETY_TRY_STATUS(load());
  for (const RunOf& run : runs_) SURETY_TRY_STATUS(look_in(run, pairs, candidate));
  return {};
}

Status Seen::look_in(const RunOf& run, const std::vector<Pair>& pairs, const Candidate& candidate) {
  const std::uint64_t lines = sieve_lines(run.pairs);
  std::size_t loaded = ~std::size_t{0};
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const std::int64_t prefix = pairs[k].first;
    if (!run.sieve.empty()) {
      const char* const line = run.sieve.data() + line_of(prefix, lines) * kLineBytes;
      if (!every_bit(prefix, [&](std::uint64_t bit) { return (line[bit / 8] >> bit % 8 & 1) != 0; })) continue;
    }
    // Equal prefixes may lie on both sides of a block's beginning.
    auto block = static_cast<std::size_t>(std::lower_bound(run.firsts.begin(), run.firsts.end(), prefix) - run.firsts.begin());
    for (block -= block > 0; block < run.firsts.size() && run.firsts[block] <= prefix; ++block) {
      if (block != loaded) SURETY_TRY_STATUS(read_block(run, block, scratch_));
      loaded = block;
      for (auto it = std::lower_bound(scratch_.begin(), scratch_.end(), Pair{prefix, 0}); it != scratch_.end() && it->first == prefix; ++it)
        SURETY_TRY_STATUS(candidate(k, it->second));
    }
  }
  return {};
}

Status Seen::put(Statement& into, std::int64_t at, std::string_view bytes) {
  Run run(into);
  if (into.bind(1, at).blob(2, bytes).step() != SQLITE_DONE) return err(db_->error("mark entries"));
  return {};
}

Status Seen::remove(std::int64_t id) {
  for (Statement* const rows : {&drop_blocks_, &drop_sieve_}) {
    Run run(*rows);
    if (rows->bind(1, row_at(id, 0)).bind(2, row_at(id + 1, 0)).step() != SQLITE_DONE) return err(db_->error("mark entries"));
  }
  Run run(drop_run_);
  if (drop_run_.bind(1, id).step() != SQLITE_DONE) return err(db_->error("mark entries"));
  return {};
}

// The newest `runs` runs and the fresh pairs become one run, the newest.
Status Seen::merge(std::size_t runs, const std::vector<Pair>& fresh) {
  const auto first = runs_.end() - static_cast<std::ptrdiff_t>(runs);
  std::uint64_t pairs = fresh.size();
  std::vector<Reader> from;
  from.emplace_back(*this, fresh);
  for (auto run = first; run != runs_.end(); ++run) {
    pairs += run->pairs;
    from.emplace_back(*this, *run);
  }
  std::vector<Reader*> heap;
  for (Reader& reader : from) {
    SURETY_TRY(const bool more, reader.more());
    if (more) heap.push_back(&reader);
  }
  const auto later = [](const Reader* a, const Reader* b) { return a->pair() > b->pair(); };
  std::make_heap(heap.begin(), heap.end(), later);
  Writer writer(*this, runs_.empty() ? 1 : runs_.back().id + 1, pairs);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), later);
    Reader& least = *heap.back();
    SURETY_TRY_STATUS(writer.add(least.pair()));
    least.step();
    SURETY_TRY(const bool more, least.more());
    if (more)
      std::push_heap(heap.begin(), heap.end(), later);
    else
      heap.pop_back();
  }
  SURETY_TRY_STATUS(writer.finish());
  for (auto run = first; run != runs_.end(); ++run) SURETY_TRY_STATUS(remove(run->id));
  return {};
}

Status Seen::write_down(const std::vector<Pair>& more, std::uint64_t upto) {
  SURETY_TRY_STATUS(load());
  std::vector<Pair> here(recent_.begin(), recent_.end()), fresh(recent_.size() + more.size());
  std::sort(here.begin(), here.end());
  std::merge(here.begin(), here.end(), more.begin(), more.end(), fresh.begin());
  // With all that are no larger than what it grows into, as long as that makes eight.
  std::size_t runs = 0;
  for (std::uint64_t pairs = fresh.size();;) {
    std::size_t n = runs;
    while (n < runs_.size() && level_of(runs_[runs_.size() - 1 - n].pairs) <= level_of(pairs)) ++n;
    if (n - runs + 1 < kFan) break;
    for (; runs < n; ++runs) pairs += runs_[runs_.size() - 1 - runs].pairs;
  }
  SURETY_TRY_STATUS(merge(runs, fresh));
  Run run(mark_);
  if (mark_.bind(1, static_cast<std::int64_t>(upto)).step() != SQLITE_DONE) return err(db_->error("mark entries"));
  return {};
}

Status Seen::take_over(std::uint64_t pairs, const std::function<Result<Pair>()>& next) {
  if (pairs == 0) return {};
  Writer writer(*this, 1, pairs);
  for (std::uint64_t i = 0; i < pairs; ++i) {
    SURETY_TRY(const Pair pair, next());
    SURETY_TRY_STATUS(writer.add(pair));
  }
  return writer.finish();
}

}  // namespace surety::store::sqlite
