#pragma once
// The book: one database and its record directory, as statements. Everything that is acknowledged
// here is durable and in the Merkle log; nothing else in Surety is state.
//
//   auto book = Book::open({.database = "surety.db"}).value();
//   auto kept = book.keep(statements).value();   // durable; duplicates told apart
//   book.publish();                              // tiles and signed checkpoint
//
// One writer at a time (store.in-use otherwise). Not thread-safe.
#include <memory>
#include <span>
#include <vector>

#include "model/statement.h"
#include "store/log.h"

namespace surety::engine {

class Book {
 public:
  static Result<Book> open(const store::LogOptions& options);

  struct Kept {
    std::size_t added = 0, duplicates = 0;
    std::vector<bool> duplicate;  // one a statement, in order
  };
  // In the order given. All of them, or on error none.
  Result<Kept> keep(std::span<const model::Statement> statements);
  Status publish();
  const store::LogOptions& options() const { return log_->options(); }
  std::string origin() const { return log_->checkpoint().origin; }
  std::uint64_t published_size() const { return log_->checkpoint().size; }

 private:
  explicit Book(std::unique_ptr<store::Log> log) : log_(std::move(log)) {}
  std::unique_ptr<store::Log> log_;
};

// Every statement of a database, in log order, without taking the write lock. `size` receives the
// number of entries read. Errors: store.missing, store.newer-version, and book.damaged-entry, which
// names the index.
Result<std::vector<model::Statement>> read_book(const std::string& database, std::uint64_t* size = nullptr);

}  // namespace surety::engine
