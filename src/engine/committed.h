#pragma once
// A statement as a party signs it: a note (record/statement_note.h) whose public lines say what kind it is, under
// which agreement and who signs, and which commits to everything else field by field. And back: the statement, from
// whichever fields are still known. docs/formats/statement-note.md lists the fields.
//
//   Author author{std::move(key), "Truce", sha256(text_of_agreement)};
//   SURETY_TRY(const Signed s, sign(statement, author, {}));
//   s.entry;                                        // for the log
//   s.disclosures;                                  // for the disclosure store
//   statement_from(entry, note, fields);            // the same statement, with the same id
//
// What is missing only ever widens doubt: without the exact place its cell is taken, without the actor nobody acted;
// without a field whose absence would say something (the event, when, whose word it is) there is no statement.
// Pure but for random salts; thread-safe.
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/statement.h"
#include "record/disclosure.h"
#include "record/statement_note.h"

namespace surety::engine {

struct Author {
  record::SigningKey key;
  std::string agreement;
  Digest version{};          // SHA-256 of the agreement's text
  bool public_time = false;  // state when it happened in the open; only instants, never ranges
  std::string release_to{};  // at once, every field: to this audience; empty: to nobody
  Instant now{};             // the moment of that release, for the log
};

struct Signed {
  std::string entry;
  Digest leaf{};
  std::vector<record::Disclosure> disclosures;
};

// `supersedes`: where the log has what this corrects or withdraws. Errors record.nothing-to-supersede (a correction
// or withdrawal without it), record.bad-field.
Result<Signed> sign(const model::Statement& statement, const Author& author, std::optional<std::uint64_t> supersedes,
                    const record::Random& random = record::system_random);

std::vector<record::Field> fields_of(const model::Statement& statement);
// Nothing when too little is known. Error: what is known is no statement. The id is the statement's own when the
// field `id` says so and the rest gives it, else made from the entry, as surety-verify names it.
Result<std::optional<model::Statement>> statement_from(std::string_view entry, const record::StatementNote& note,
                                                       const std::vector<record::Field>& fields);

// The description of the fields, whose hash every note of this form names.
std::string_view field_schema();

}  // namespace surety::engine
