#pragma once
// Disclosures, apart from the log: who may know what. A database of its own (`<database>.disclosures`,
// mode 0600), so that the record can be copied to anyone and this cannot be copied with it.
//
// - Deny by default: a disclosure that is released to nobody is given to nobody.
// - Readers get subsets, never different values (record/disclosure.h).
// - Every access to a restricted field is itself an entry of the log, durable before the field is
//   handed over; so is every release and every forgetting. Such an entry gives the digests of the slots,
//   never the names of fields, nor values: who may not know a field does not learn that it is there.
// - Who holds the file reads it whole (`all_of`: that is how verdicts are derived), as who holds a key signs.
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/instant.h"
#include "record/disclosure.h"
#include "store/log.h"

namespace surety::store {

namespace sqlite {
class Db;
}

// `<database>.disclosures`, see beside() in log.h.
std::string disclosures_beside(const std::string& database);

class DisclosureStore {
 public:
  static Result<std::unique_ptr<DisclosureStore>> open(const std::string& path);
  ~DisclosureStore();

  // The disclosures of the statement whose leaf this is. `id`, the statement's own (a hash of what it says, so
  // it is kept here only), lets whoever imports it again find it; may be empty.
  struct Kept {
    Digest leaf{};
    std::string id;
    std::vector<std::string> encoded;
  };
  // Released to nobody yet. All of them, durable, or none. What is kept for a leaf already is added to.
  Status put(std::span<const Kept> all);
  Result<std::vector<Digest>> leaves_of(const std::string& id);
  // Every encoded disclosure that is kept of this statement, released or not. No access entry.
  Result<std::vector<std::string>> all_of(const Digest& leaf);
  // What of it is released to one of these audiences. No access entry: for who derives a reader's world, and
  // calls note_reading before any of it is handed over if `restricted` (more than the public gets) says so.
  struct Share {
    std::vector<std::string> encoded;
    bool restricted = false;
  };
  Result<Share> share_of(const Digest& leaf, const std::vector<std::string>& audiences);
  // Every audience to which anything is released.
  Result<std::set<std::string>> audiences();
  // This reader is now given its share of these statements: entries of the log, durable when it returns.
  Status note_reading(Log& log, std::span<const Digest> leaves, const std::string& audience, const std::string& reader, Instant at);

  // Fields of one statement. `audience` is a role or body of the agreement, or "public".
  using Names = std::vector<std::string>;
  Status release(Log& log, const Digest& leaf, const Names& fields, const std::string& audience, const std::string& by, Instant at);
  // Every field of each of these statements, at most kReleaseAtOnce of them, in one entry of the log.
  Status release_whole(Log& log, std::span<const Digest> leaves, const std::string& audience, const std::string& by, Instant at);
  static constexpr std::size_t kReleaseAtOnce = 1000;
  // From now on this audience is not given them any more. What was handed over cannot be called back.
  Status redact(Log& log, const Digest& leaf, const Names& fields, const std::string& audience, const std::string& by, Instant at);
  // Deletes the disclosures for good (personal data, sources) and overwrites their bytes, and the statement's id with
  // them, which is a hash over what it said. The commitments in the log stay.
  Status forget(Log& log, const Digest& leaf, const Names& fields, const std::string& by, Instant at);

  // The encoded disclosures of this statement that `audience` (or the public) may have, by field name.
  // `reader` is the person or key that asks. Public fields alone make no access entry.
  Result<std::vector<std::string>> disclose(Log& log, const Digest& leaf, const std::string& audience, const std::string& reader,
                                            Instant at);
  // A copy, mode 0600, while others write. It has what was forgotten after it was made: copies are to be forgotten too.
  Status backup(const std::string& target);
  // Which field is released to whom: (field, audience), sorted.
  using Released = std::vector<std::pair<std::string, std::string>>;
  Result<Released> released(const Digest& leaf);

  struct Line {
    std::string field, encoded;
  };

 private:
  struct Sql;
  explicit DisclosureStore(std::unique_ptr<Sql> sql);
  Result<std::vector<Line>> read(const Digest& leaf);
  Result<Released> released_of(const Digest& leaf, const std::vector<Line>& lines);
  Status note(Log& log, const char* what, std::span<const Digest> leaves, const Names& slots, const std::string& audience,
              const std::string& by, Instant at);
  std::unique_ptr<Sql> sql_;
  sqlite::Db* db_;  // in it
};

}  // namespace surety::store
