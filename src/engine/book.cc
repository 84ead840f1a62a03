#include "engine/book.h"

#include <algorithm>
#include <set>
#include <thread>

#include "base/files.h"
#include "record/party_change.h"

namespace surety::engine {
namespace {

constexpr std::string_view kNoteBegin = "statement/v1\n";
// store/disclosure_store.h writes them.
constexpr std::string_view kAccessBegin = R"({"v":1,"kind":"access",)";
constexpr std::string_view kReadingBegin = R"({"v":1,"kind":"access","did":"access",)";

// Signs in parallel: an Ed25519 signature and 32 hashes a statement are all the work there is.
std::vector<Result<Signed>> sign_all(std::span<const model::Statement> statements,
                                     const std::vector<std::optional<std::uint64_t>>& supersedes, const Author& author) {
  std::vector<Result<Signed>> out(statements.size(), Signed{});
  const std::size_t threads = std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), 1 + statements.size() / 64);
  std::vector<std::thread> workers;
  for (std::size_t t = 0; t < threads; ++t)
    workers.emplace_back([&, t] {
      for (std::size_t i = t; i < statements.size(); i += threads) out[i] = sign(statements[i], author, supersedes[i]);
    });
  for (auto& w : workers) w.join();
  return out;
}

bool corrects(const model::Statement& s) { return s.kind == model::Kind::correction || s.kind == model::Kind::withdrawal; }

// Reads a log's entries back as statements.
class Reader {
 public:
  // `disclosures` null: signed statements say nothing here.
  Reader(const std::string& database, store::DisclosureStore* disclosures, const std::vector<std::string>* audiences = nullptr)
      : database_(database), disclosures_(disclosures), audiences_(audiences) {}

  Status take_all(store::Store& store, std::uint64_t size) {
    size_ = size;
    Status damaged;
    SURETY_TRY_STATUS(store.scan(0, size, [&](std::uint64_t index, std::string_view entry) {
      const auto taken = take(index, entry);
      if (taken) return true;
      damaged = err(fail("book.damaged-entry", "this entry of the log is not a statement that this version reads")
                        .in(database_)
                        .field("entry " + std::to_string(index))
                        .found(taken.error().message)
                        .help("run: surety record fsck --db " + database_)
                        .ours());
      return false;
    }));
    return damaged;
  }
  std::uint64_t withheld() const { return withheld_; }
  std::vector<model::Statement> statements() { return std::move(out_); }
  std::vector<Digest> restricted() { return std::move(restricted_); }
  std::uint64_t size() const { return size_; }
  Places places() const {
    Places out;
    for (std::size_t i = 0; i < out_.size(); ++i) out.emplace(out_[i].id, at_[i]);
    return out;
  }

 private:
  Status take(std::uint64_t index, std::string_view entry) {
    if (entry.starts_with(kAccessBegin) || record::is_party_change(entry)) return {};
    if (entry.starts_with(kNoteBegin)) return note(index, entry);
    SURETY_TRY(auto s, model::parse_statement(entry, database_, static_cast<long>(index)));
    add(index, std::move(s));
    return {};
  }

  Result<std::vector<std::string>> encoded_of(const Digest& leaf) {
    if (!audiences_) return disclosures_->all_of(leaf);
    SURETY_TRY(auto share, disclosures_->share_of(leaf, *audiences_));
    if (share.restricted) restricted_.push_back(leaf);
    return std::move(share.encoded);
  }

  Status note(std::uint64_t index, std::string_view entry) {
    SURETY_TRY(const record::Note note, record::parse_note(entry));
    SURETY_TRY(const record::StatementNote said, record::parse_statement_text(note.text));
    if (!disclosures_) return ++withheld_, Status();
    const Digest leaf = record::leaf_hash(entry);
    SURETY_TRY(const auto encoded, encoded_of(leaf));
    SURETY_TRY(const auto fields, record::open_disclosures(said.sd, encoded));
    SURETY_TRY(auto s, statement_from(entry, said, fields));
    if (!s) return ++withheld_, Status();
    // The note names its target by place, which stays true when the target's id has been forgotten.
    if (said.supersedes && !s->about.empty())
      if (const auto at = std::lower_bound(at_.begin(), at_.end(), *said.supersedes); at != at_.end() && *at == *said.supersedes)
        s->about[0] = out_[static_cast<std::size_t>(at - at_.begin())].id;
    if (!known_) {
      known_.emplace();
      for (const auto& before : out_) known_->insert(before.id);
    }
    add(index, std::move(*s));
    return {};
  }

  void add(std::uint64_t index, model::Statement s) {
    if (known_ && !known_->insert(s.id).second) return;
    out_.push_back(std::move(s));
    at_.push_back(index);
  }

  const std::string& database_;
  store::DisclosureStore* disclosures_;
  const std::vector<std::string>* audiences_;  // null: everything that is kept
  std::vector<Digest> restricted_;
  std::uint64_t size_ = 0;
  std::uint64_t withheld_ = 0;  // signed statements of which too little is known here
  std::vector<model::Statement> out_;
  std::vector<std::uint64_t> at_;               // index of each
  std::optional<std::set<std::string>> known_;  // only when there is a signed one: plain entries are never twice
};

}  // namespace

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
  for (std::size_t i = 0; i < placed.size(); ++i) {
    ++(placed[i].duplicate ? kept.duplicates : kept.added);
    kept.duplicate.push_back(placed[i].duplicate);
    if (places_) places_->emplace(statements[i].id, placed[i].index);
  }
  return kept;
}

Result<Book::Kept> Book::keep(std::span<const model::Statement> statements, const Author& author) {
  Kept kept;
  kept.duplicate.resize(statements.size());
  // A correction may be of a statement just before it, whose place must be known first.
  std::size_t first = 0;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    if (!corrects(statements[i])) continue;
    SURETY_TRY_STATUS(keep_some(statements.subspan(first, i - first), author, first, kept));
    first = i;
  }
  SURETY_TRY_STATUS(keep_some(statements.subspan(first), author, first, kept));
  return kept;
}

Status Book::keep_some(std::span<const model::Statement> statements, const Author& author, std::size_t first, Kept& kept) {
  SURETY_TRY(auto* const disclosures, this->disclosures());
  std::vector<model::Statement> fresh;
  std::vector<std::size_t> number;
  std::vector<std::optional<std::uint64_t>> supersedes;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    SURETY_TRY(const bool before, signed_before(statements[i], author));
    if (before) {
      kept.duplicate[first + i] = true;
      ++kept.duplicates;
      continue;
    }
    std::optional<std::uint64_t> target;
    if (corrects(statements[i]) && !statements[i].about.empty()) {
      SURETY_TRY(target, place_of(statements[i].about[0]));
    }
    fresh.push_back(statements[i]);
    number.push_back(first + i);
    supersedes.push_back(target);
  }
  std::vector<store::DisclosureStore::Kept> hidden;
  std::vector<std::string> bytes;
  auto all = sign_all(fresh, supersedes, author);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i]) {
      kept.refused.emplace_back(number[i], std::move(all[i].error()));
      continue;
    }
    hidden.push_back({all[i]->leaf, fresh[i].id, {}});
    for (auto& d : all[i]->disclosures) hidden.back().encoded.push_back(std::move(d.encoded));
    bytes.push_back(std::move(all[i]->entry));
    ids.push_back(fresh[i].id);
  }
  if (bytes.empty()) return {};
  // First what it says, then the commitment: a crash between the two leaves disclosures of nothing, never a
  // commitment that nobody can open.
  SURETY_TRY_STATUS(disclosures->put(hidden));
  const std::vector<std::string_view> entries(bytes.begin(), bytes.end());
  SURETY_TRY(const auto placed, log_->append(entries));
  kept.added += placed.size();
  std::vector<Digest> leaves;
  for (const auto& h : hidden) leaves.push_back(h.leaf);
  for (std::span<const Digest> rest = leaves; !author.release_to.empty() && !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), store::DisclosureStore::kReleaseAtOnce));
    SURETY_TRY_STATUS(disclosures->release_whole(*log_, some, author.release_to, author.key.name(), author.now));
    rest = rest.subspan(some.size());
  }
  for (std::size_t i = 0; places_ && i < placed.size(); ++i) places_->emplace(ids[i], placed[i].index);
  return {};
}

Result<store::DisclosureStore*> Book::disclosures() {
  if (!disclosures_) {
    SURETY_TRY(disclosures_, store::DisclosureStore::open(store::disclosures_beside(options().database)));
  }
  return disclosures_.get();
}

Result<bool> Book::signed_before(const model::Statement& statement, const Author& author) {
  SURETY_TRY(auto* const disclosures, this->disclosures());
  SURETY_TRY(const auto leaves, disclosures->leaves_of(statement.id));
  for (const Digest& leaf : leaves) {
    SURETY_TRY(const auto index, log_->store().find(leaf));
    if (!index) continue;  // a crash came between disclosure and entry
    SURETY_TRY(const std::string entry, log_->store().get(*index));
    const auto note = record::parse_note(entry);
    if (note && note->signatures.size() == 1 && note->signatures[0].name == author.key.name()) return true;
  }
  return false;
}

Result<std::optional<std::uint64_t>> Book::place_of(const std::string& id) {
  if (!places_) {
    SURETY_TRY(auto* const disclosures, this->disclosures());
    SURETY_TRY(const std::uint64_t size, log_->store().size());
    Reader reader(options().database, disclosures);
    SURETY_TRY_STATUS(reader.take_all(log_->store(), size));
    places_ = reader.places();
  }
  const auto it = places_->find(id);
  return it == places_->end() ? std::nullopt : std::optional(it->second);
}

Result<std::vector<store::Appended>> Book::submit(const std::vector<record::BundleEntry>& notes, const record::PartyKeys& parties) {
  SURETY_TRY(const std::uint64_t size, log_->store().size());
  std::vector<store::DisclosureStore::Kept> hidden;
  std::vector<std::string_view> entries;
  for (const record::BundleEntry& note : notes) {
    SURETY_TRY(const record::StatementNote said, parties.open(note.entry, size + entries.size()));
    SURETY_TRY(const auto fields, record::open_disclosures(said.sd, note.disclosures));
    SURETY_TRY(const auto statement, statement_from(note.entry, said, fields));
    entries.push_back(note.entry);
    if (!note.disclosures.empty())
      hidden.push_back({record::leaf_hash(note.entry), statement ? statement->id : std::string(), note.disclosures});
  }
  SURETY_TRY(auto* const disclosures, this->disclosures());
  SURETY_TRY_STATUS(disclosures->put(hidden));
  return log_->append(entries);
}

Status Book::publish() {
  SURETY_TRY(const auto checkpoint, log_->publish());
  (void)checkpoint;
  return {};
}

namespace {

// Reads a database that may be written to meanwhile.
Result<Reader> read_all(const std::string& database, const std::vector<std::string>* audiences = nullptr) {
  SURETY_TRY(auto store, store::open_store(database, store::Mode::read));
  SURETY_TRY(const auto entries, store->size());
  std::unique_ptr<store::DisclosureStore> disclosures;
  if (const std::string path = store::disclosures_beside(database); file_exists(path)) {
    SURETY_TRY(disclosures, store::DisclosureStore::open(path));
  }
  Reader reader(database, disclosures.get(), audiences);
  SURETY_TRY_STATUS(reader.take_all(*store, entries));
  return reader;
}

}  // namespace

Result<std::vector<model::Statement>> read_book(const std::string& database, std::uint64_t* withheld) {
  SURETY_TRY(Reader reader, read_all(database));
  if (withheld) *withheld = reader.withheld();
  return reader.statements();
}

Result<SharedBook> read_shared_book(const std::string& database, const std::vector<std::string>& audiences) {
  SURETY_TRY(Reader reader, read_all(database, &audiences));
  return SharedBook{reader.statements(), reader.restricted(), reader.size()};
}

Result<bool> grown_since(const std::string& database, std::uint64_t& size) {
  SURETY_TRY(const auto store, store::open_store(database, store::Mode::read));
  SURETY_TRY(const std::uint64_t now, store->size());
  bool grown = now < size;  // another database was put in its place
  if (!grown) {
    SURETY_TRY_STATUS(store->scan(size, now, [&](std::uint64_t, std::string_view entry) {
      grown = !entry.starts_with(kReadingBegin);
      return !grown;
    }));
  }
  size = now;
  return grown;
}

Result<Places> read_places(const std::string& database) {
  SURETY_TRY(const Reader reader, read_all(database));
  return reader.places();
}

}  // namespace surety::engine
