#pragma once
// A set of rows of cells with a few words of payload each, found by whole row or by any subset of
// columns. One flat array holds everything of a row in one place: links, payload, cells. Whole rows
// are found through tagged slots (tag_slots.h), subsets of columns through hash chains: insert, erase
// and look-up are O(1), and walking the rows of one key costs its number of rows. Entries also hang on one list in an order the owner
// decides (by time, for expiry). No allocation per row; an entry number is valid until the entry is erased. One thread.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "logic/cell.h"
#include "logic/rows.h"
#include "logic/tag_slots.h"

namespace surety::logic {

class RowTable {
 public:
  using Entry = std::uint32_t;
  static constexpr Entry kNone = UINT32_MAX;
  using Columns = std::vector<std::uint32_t>;

  RowTable() : RowTable(0, 0) {}
  RowTable(std::size_t arity, std::size_t payload_words);

  std::size_t arity() const { return arity_; }
  std::size_t payload_words() const { return payload_words_; }
  std::size_t size() const { return size_; }
  std::size_t bytes() const;
  void clear();

  Entry find(const Cell* row) const { return find(row, hash_cells(row, arity_)); }
  bool contains(const Cell* row) const { return find(row) != kNone; }
  // A batch asks for what it will touch a few rows ahead: first the bucket, then the entry in it. Each row
  // is hashed once.
  std::uint64_t hash(const Cell* row) const { return hash_cells(row, arity_); }
  void prefetch_bucket(std::uint64_t hash) const { whole_.prefetch(hash); }
  void prefetch_entry(std::uint64_t hash) const {
    const Entry e = whole_.candidate(hash);
    if (e != kNone) __builtin_prefetch(word(e));
  }
  // The entry, and whether it is new: then its payload is zero and it is last on the list.
  std::pair<Entry, bool> insert(const Cell* row) { return insert(row, hash(row)); }
  std::pair<Entry, bool> insert(const Cell* row, std::uint64_t hash);
  void erase(Entry e);
  bool live(Entry e) const { return e < used_ && order(e).prev != e; }

  const Cell* row(Entry e) const { return word(e) + cells_at_; }
  std::uint64_t& payload(Entry e, std::size_t i = 0) { return word(e)[payload_at_ + i]; }
  std::uint64_t payload(Entry e, std::size_t i = 0) const { return word(e)[payload_at_ + i]; }

  // An index over these columns (in any order, each once); made when first asked for.
  std::size_t index_on(const Columns& columns);
  // Calls each(entry) for the rows whose indexed columns equal key (in the index's column order);
  // stops and returns true when each does. `each` may erase the entry it is given, no other.
  template <class F>
  bool probe(std::size_t index, const Cell* key, F&& each) const {
    if (index == 0) {
      const Entry e = find(key);
      return e != kNone && each(e);
    }
    const Index& x = indexes_[index - 1];
    Entry e = x.heads[hash_cells(key, x.columns.size()) & x.mask];
    while (e != kNone) {
      Entry after = link(e, index).next;
      if (matches(row(e), x.columns, key) && each(e)) return true;
      e = after;
    }
    return false;
  }

  // The list: first .. last.
  Entry first() const { return first_; }
  Entry last() const { return last_; }
  Entry next(Entry e) const { return order(e).next; }
  Entry prev(Entry e) const { return order(e).prev; }
  void move_to_end(Entry e) {
    if (e == last_) return;
    unlink_order(e);
    link_order_after(e, last_);
  }
  void move_after(Entry e, Entry place) {  // kNone: to the front
    unlink_order(e);
    link_order_after(e, place);
  }

 private:
  Entry find(const Cell* row, std::uint64_t hash) const {
    return whole_.find(hash, [&](Entry e) { return same(e, row); });
  }
  // Of the list, then of index 1, 2, …
  struct Link {
    Entry next, prev;
  };
  struct Index {
    Columns columns;
    std::vector<Entry> heads;
    std::uint64_t mask = 0;
  };
  std::uint64_t* word(Entry e) { return data_.get() + e * stride_; }
  const std::uint64_t* word(Entry e) const { return data_.get() + e * stride_; }
  Link& order(Entry e) { return reinterpret_cast<Link*>(word(e))[0]; }
  const Link& order(Entry e) const { return reinterpret_cast<const Link*>(word(e))[0]; }
  Link& link(Entry e, std::size_t x) { return reinterpret_cast<Link*>(word(e))[x]; }
  const Link& link(Entry e, std::size_t x) const { return reinterpret_cast<const Link*>(word(e))[x]; }
  bool same(Entry e, const Cell* r) const {
    const Cell* mine = row(e);
    for (std::size_t i = 0; i < arity_; ++i)
      if (mine[i] != r[i]) return false;
    return true;
  }
  void chain(Entry e, std::size_t index);
  void unchain(Entry e, std::size_t index);
  void grow();
  void rebuild_heads(std::size_t buckets);
  void unlink_order(Entry e);
  void link_order_after(Entry e, Entry place);

  std::size_t arity_, payload_words_, stride_, payload_at_, cells_at_;
  std::size_t size_ = 0, capacity_ = 0, used_ = 0;
  Entry free_ = kNone, first_ = kNone, last_ = kNone;
  // From realloc, which moves large blocks without copying them. Beyond used_ nothing is set.
  struct Free {
    void operator()(std::uint64_t* p) const { std::free(p); }
  };
  void resize_data(std::size_t entries);
  std::unique_ptr<std::uint64_t[], Free> data_;
  TagSlots whole_;              // index 0: all columns
  std::vector<Index> indexes_;  // from index 1 on
};

}  // namespace surety::logic
