#pragma once
// Small helpers of the operators: a flat list of rows, and a reference to a callable.
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "logic/cell.h"

namespace surety::logic {

// Rows of one arity, one after the other. Arity 0 works: only the count matters.
class Rows {
 public:
  explicit Rows(std::size_t arity = 0) : arity_(arity) {}
  std::size_t arity() const { return arity_; }
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  const Cell* operator[](std::size_t i) const { return cells_.data() + i * arity_; }
  void add(const Cell* row) { copy_cells(row, arity_, add()); }
  // The new row's cells are not set.
  Cell* add() {
    std::size_t at = count_ * arity_;
    if (at + arity_ > cells_.size()) cells_.resize(at + at / 2 + 8 * arity_);
    ++count_;
    return cells_.data() + at;
  }
  void drop_last() { --count_; }
  // Row `from` also to an earlier place.
  void move(std::size_t from, std::size_t to) {
    if (from != to) copy_cells((*this)[from], arity_, cells_.data() + to * arity_);
  }
  void keep_first(std::size_t n) { count_ = n; }
  void clear() { count_ = 0; }
  void swap(Rows& o) { std::swap(*this, o); }

 private:
  std::size_t arity_;
  std::size_t count_ = 0;
  std::vector<Cell> cells_;  // beyond the rows in use: room for more
};

inline bool matches(const Cell* row, const std::vector<std::uint32_t>& columns, const Cell* key) {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (row[columns[i]] != key[i]) return false;
  return true;
}

// As hash_cells() of the cells in these columns.
inline std::uint64_t hash_columns(const Cell* row, const std::vector<std::uint32_t>& columns) {
  std::uint64_t h = kSeed;
  for (auto c : columns) h = mix(h, row[c]);
  return h;
}

// Cells for the time of a call; short ones cost no allocation.
class CellBuffer {
 public:
  explicit CellBuffer(std::size_t n) : long_(n > std::size(short_) ? n : 0) {}
  Cell* data() { return long_.empty() ? short_ : long_.data(); }
  Cell& operator[](std::size_t i) { return data()[i]; }

 private:
  Cell short_[16];
  std::vector<Cell> long_;
};

template <class Signature>
class FunctionRef;
template <class R, class... A>
class FunctionRef<R(A...)> {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef>)
  FunctionRef(F&& f)  // NOLINT: meant to convert
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(f)))),
        call_([](void* o, A... a) -> R { return (*static_cast<std::remove_reference_t<F>*>(o))(std::forward<A>(a)...); }) {}
  R operator()(A... a) const { return call_(object_, std::forward<A>(a)...); }

 private:
  void* object_;
  R (*call_)(void*, A...);
};

}  // namespace surety::logic
