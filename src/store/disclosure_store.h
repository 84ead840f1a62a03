#pragma once
// Disclosures, apart from the log: who may know what. A database of its own (`<database>.disclosures`,
// mode 0600), so that the record can be copied to anyone and this cannot be copied with it.
//
// - Deny by default: a disclosure that is released to nobody is given to nobody.
// - Readers get subsets, never different values (record/disclosure.h).
// - Every access to a restricted field is itself an entry of the log, durable before the field is
//   handed over; so is every release and every forgetting. Entries name fields, never values.
#include <memory>
#include <string>
#include <vector>

#include "base/instant.h"
#include "record/disclosure.h"
#include "store/log.h"

namespace surety::store {

namespace sqlite {
class Db;
}

class DisclosureStore {
 public:
  static Result<std::unique_ptr<DisclosureStore>> open(const std::string& path);
  ~DisclosureStore();

  // Keeps the disclosures of the statement whose leaf this is. Released to nobody yet.
  Status put(const Digest& leaf, const std::vector<record::Disclosure>& disclosures);

  // `audience` is a role or body of the agreement, or "public". One field of one statement.
  Status release(Log& log, const Digest& leaf, const std::string& field, const std::string& audience, const std::string& by, Instant at);
  // From now on this audience is not given it any more. What was handed over cannot be called back.
  Status redact(Log& log, const Digest& leaf, const std::string& field, const std::string& audience, const std::string& by, Instant at);
  // Deletes the disclosure for good (personal data, sources) and overwrites its bytes. The commitment
  // in the log stays.
  Status forget(Log& log, const Digest& leaf, const std::string& field, const std::string& by, Instant at);

  // The encoded disclosures of this statement that `audience` (or the public) may have, by field name.
  // `reader` is the person or key that asks. Public fields alone make no access entry.
  Result<std::vector<std::string>> disclose(Log& log, const Digest& leaf, const std::string& audience, const std::string& reader,
                                            Instant at);

 private:
  explicit DisclosureStore(std::unique_ptr<sqlite::Db> db);
  Status note(Log& log, const char* what, const Digest& leaf, const std::vector<std::string>& fields, const std::string& audience,
              const std::string& by, Instant at);
  std::unique_ptr<sqlite::Db> db_;
};

}  // namespace surety::store
