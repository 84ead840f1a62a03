#pragma once
// The book: one database and its record directory, as statements. Everything that is acknowledged
// here is durable and in the Merkle log; nothing else in Surety is state.
//
//   auto book = Book::open({.database = "surety.db"}).value();
//   auto kept = book.keep(statements).value();   // durable; duplicates told apart
//   book.publish();                              // tiles and signed checkpoint
//
// One writer at a time (store.in-use otherwise). Not thread-safe.
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/committed.h"
#include "model/statement.h"
#include "record/bundle.h"
#include "store/disclosure_store.h"
#include "store/log.h"

namespace surety::engine {

using Places = std::map<std::string, std::uint64_t>;  // statement id → its index in the log

class Book {
 public:
  static Result<Book> open(const store::LogOptions& options);

  struct Kept {
    std::size_t added = 0, duplicates = 0;
    std::vector<bool> duplicate;                         // one a statement, in order
    std::vector<std::pair<std::size_t, Error>> refused;  // signed ones only: number and reason
  };
  // In the order given. All of them, or on error none.
  Result<Kept> keep(std::span<const model::Statement> statements);
  // Each as a note that this author signs (committed.h); what it says goes to the disclosure store first. A statement
  // that this author has signed here before is a duplicate, whichever of its keys signed it.
  Result<Kept> keep(std::span<const model::Statement> statements, const Author& author);
  // Notes that their authors signed elsewhere, with the disclosures that they hand over. The author's signature is
  // checked against the key in force at the place where the note would stand; one that does not hold refuses all.
  Result<std::vector<store::Appended>> submit(const std::vector<record::BundleEntry>& notes, const record::PartyKeys& parties);
  Status publish();
  store::Log& log() { return *log_; }
  const store::LogOptions& options() const { return log_->options(); }
  std::string origin() const { return log_->checkpoint().origin; }
  std::uint64_t published_size() const { return log_->checkpoint().size; }

 private:
  explicit Book(std::unique_ptr<store::Log> log) : log_(std::move(log)) {}
  Result<store::DisclosureStore*> disclosures();
  Result<bool> signed_before(const model::Statement& statement, const Author& author);
  Result<std::optional<std::uint64_t>> place_of(const std::string& id);
  Status keep_some(std::span<const model::Statement> statements, const Author& author, std::size_t first, Kept& kept);

  std::unique_ptr<store::Log> log_;
  std::unique_ptr<store::DisclosureStore> disclosures_;  // opened when first needed
  std::optional<Places> places_;                         // read for the first correction
};

// Every statement of a database, in log order, without taking the write lock: plain ones, and signed ones as far as
// the disclosure store beside it knows what they say. The same statement signed twice, or signed and plain, is one.
// `withheld` receives how many signed ones say too little here. Errors: store.missing, store.newer-version, and book.damaged-entry,
// which names the index.
Result<std::vector<model::Statement>> read_book(const std::string& database, std::uint64_t* withheld = nullptr);
// What of it is released to these audiences ("public" is one), for whoever answers to readers.
struct SharedBook {
  std::vector<model::Statement> statements;
  std::vector<Digest> restricted;  // entries of which more is told here than the public may know
  std::uint64_t size = 0;          // of the log when it was read
};
Result<SharedBook> read_shared_book(const std::string& database, const std::vector<std::string>& audiences);
// Is there more in the log than there was at this size, but for notes that somebody has read something? Moves `size` on.
Result<bool> grown_since(const std::string& database, std::uint64_t& size);
Result<Places> read_places(const std::string& database);

}  // namespace surety::engine
