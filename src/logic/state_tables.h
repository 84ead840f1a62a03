#pragma once
// A monitor's state as typed tables, and the one form that each set of them has as bytes: rows sorted
// and each once, texts sorted and numbered by their place, only those that are used. So the bytes say
// what is known and nothing of how it came about. What a node holds, it writes and reads here (Node::save, load);
// docs/monitor.md has the layout. One thread.
//
//   w.table(1, types(), "since");               // one plain number, then this node's cells
//   w.row({start}, cells);
//   …
//   const StateTable* t = r.table(1, types(), "since");
//   if (!t) return false;
//   for (std::size_t i = 0; i < t->size(); ++i) … t->word(i, 0), t->cells(i)
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "logic/cell.h"

namespace surety::logic {

// How a table falls apart when the state is split by key (monitor_split.cc): by the key in one of the
// cells, which is then their number, or
inline constexpr std::int64_t kWhole = -1;   // every part has all of it
inline constexpr std::int64_t kPieces = -2;  // a part has the rows that it has a use for

// Rows of `words` plain numbers (unsigned, sorted as signed: time-stamps lead) followed by cells.
struct StateTable {
  std::string what;
  bool single = false;  // one row
  std::size_t words = 0;
  std::vector<char> text;  // of each cell: whether it is the number of a text
  std::int64_t key = kWhole;
  std::size_t count = 0;
  std::vector<std::uint64_t> data;

  std::size_t width() const { return words + text.size(); }
  std::size_t size() const { return count; }
  std::uint64_t word(std::size_t row, std::size_t i) const { return data[row * width() + i]; }
  const Cell* cells(std::size_t row) const { return data.data() + row * width() + words; }
};

// In its one form when a StateWriter or from_bytes made it.
struct StateImage {
  std::vector<std::string> texts;
  std::vector<StateTable> tables;
};

// Brings an image into its one form; `text_of` gives the text of a number.
void tidy(StateImage& image, const std::function<std::string_view(std::uint64_t)>& text_of);
// Gives texts the numbers that `strings` has or makes for them; the image's own texts count no longer.
void renumber(StateImage& image, Interner& strings);
std::string to_bytes(const StateImage& image);
// Nothing when the bytes are not such an image, whatever they are.
std::optional<StateImage> from_bytes(std::string_view bytes);

class StateWriter {
 public:
  explicit StateWriter(const Interner& strings) : strings_(strings) {}
  // Where the tables to come hold the key, as a column of the node that writes them; or kWhole, kPieces.
  void key_in(std::int64_t column) { key_ = column; }
  // One row of numbers.
  void single(const char* what, std::initializer_list<std::uint64_t> words);
  // `columns`: which of the node's columns the cells are; by default all.
  void table(std::size_t words, std::span<const plan::Type> cells, const char* what, std::span<const std::uint32_t> columns = {});
  void row(std::initializer_list<std::uint64_t> words, const Cell* cells);

  StateImage finish();

 private:
  const Interner& strings_;
  StateImage image_;
  std::int64_t key_ = kWhole;
};

class StateReader {
 public:
  // Texts get the numbers that `strings` has or makes for them.
  StateReader(StateImage image, Interner& strings);
  // The next table, if it is of that form; nothing otherwise.
  const StateTable* table(std::size_t words, std::span<const plan::Type> cells, const char* what);
  // The next one's only row of numbers.
  const std::uint64_t* single(const char* what, std::size_t words);
  bool at_end() const { return next_ == image_.tables.size(); }
  const std::string& stopped_at() const { return stopped_at_; }  // the table that did not fit

 private:
  StateImage image_;
  std::size_t next_ = 0;
  std::string stopped_at_;
};

}  // namespace surety::logic
