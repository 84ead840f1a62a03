#include "engine/book.h"

namespace surety::engine {

Result<Book> Book::open(const store::LogOptions& options) {
  SURETY_TRY(auto log, store::Log::open(options));
  return Book(std::move(log));
}

Result<Book::Kept> Book::keep(std::span<const model::Statement> statements) {
  std::vector<std::string> bytes;
  bytes.reserve(statements.size());
  for (const auto& s : statements) bytes.push_back(model::canonical(s));
  const std::vector<std::string_view> entries(bytes.begin(), bytes.end());
  SURETY_TRY(const auto placed, log_->append(entries));
  Kept kept;
  for (const auto& p : placed) {
    ++(p.duplicate ? kept.duplicates : kept.added);
    kept.duplicate.push_back(p.duplicate);
  }
  return kept;
}

Status Book::publish() {
  SURETY_TRY(const auto checkpoint, log_->publish());
  (void)checkpoint;
  return {};
}

Result<std::vector<model::Statement>> read_book(const std::string& database, std::uint64_t* size) {
  SURETY_TRY(auto store, store::open_store(database, store::Mode::read));
  SURETY_TRY(const auto entries, store->size());
  std::vector<model::Statement> out;
  out.reserve(entries);
  Status damaged;
  SURETY_TRY_STATUS(store->scan(0, entries, [&](std::uint64_t index, std::string_view entry) {
    auto s = model::parse_statement(entry, database, static_cast<long>(index));
    if (s) {
      out.push_back(std::move(*s));
      return true;
    }
    damaged = err(fail("book.damaged-entry", "this entry of the log is not a statement that this version reads")
                      .in(database)
                      .field("entry " + std::to_string(index))
                      .found(s.error().message)
                      .help("run: surety record fsck --db " + database)
                      .ours());
    return false;
  }));
  if (!damaged) return err(std::move(damaged.error()));
  if (size) *size = entries;
  return out;
}

}  // namespace surety::engine
