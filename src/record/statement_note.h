#pragma once
// What a party says, as a signed note (docs/formats/statement-note.md): public lines, and a salted
// digest for every field that is not. The author's signature covers digests, so withholding a field
// breaks nothing. The exact bytes of the note are the log's entry.
//
//   statement/v1
//   kind evidence
//   agreement truce-2025 <64 hexadecimal digits: hash of the agreement's version>
//   author example.org/monitor
//   event-time 2025-04-19T15:00:00Z        (only when it is public)
//   supersedes 17                          (corrections and withdrawals)
//   sd <base64 digest>                     (sorted, distinct)
//   schema <64 hexadecimal digits>
//
//   — example.org/monitor <signature>
//
// Pure and thread-safe. What the fields mean is not this room's business.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/instant.h"
#include "record/note.h"

namespace surety::record {

enum class NoteKind { evidence, finding, correction, withdrawal, delivery, verdict, amendment, notice };
std::string_view to_string(NoteKind kind);

struct StatementNote {
  NoteKind kind = NoteKind::evidence;
  std::string agreement;
  Digest agreement_version{};
  std::string author;
  std::optional<Instant> event_time;
  std::optional<std::uint64_t> supersedes;  // required for correction and withdrawal, refused elsewhere
  std::vector<Digest> sd;
  Digest schema{};
  bool operator==(const StatementNote&) const = default;
};

// The lines above the signature. Sorts `sd`.
std::string statement_text(const StatementNote& statement);
// Exactly the inverse: refuses every other spelling, order or line. Error record.bad-statement.
Result<StatementNote> parse_statement_text(std::string_view text);
// The entry. The key's name must be the author.
std::string sign_statement(const StatementNote& statement, const SigningKey& author);

// Which keys speak for whom, from which place of the log on. Text, one key a line:
//   party <vkey> from <size> [until <size>]
// A statement at index i needs a key with from ≤ i < until. Rotation is a second line; revocation is an
// `until`, and what was signed before it stays good.
constexpr std::uint64_t kNoEnd = ~std::uint64_t{0};
struct PartyKey {
  VerifierKey key;
  std::uint64_t from = 0;
  std::uint64_t until = kNoEnd;
  bool operator==(const PartyKey&) const = default;
  bool in_force(std::uint64_t index) const { return from <= index && index < until; }
};
std::string party_line(const PartyKey& key);  // with its line end
// The same list with an `until` at `size` for every key of this party that has none. Everything else stays, comments
// too. A key that is not in force before `size` is left out. Error record.unknown-author.
Result<std::string> revoke_party(std::string_view text, std::string_view name, std::uint64_t size, const std::string& file = {});

class PartyKeys {
 public:
  static Result<PartyKeys> parse(std::string_view text, const std::string& file = {});
  const std::vector<PartyKey>& keys() const { return lines_; }
  // Parses the entry, finds its author's key in force at `index`, verifies. Errors
  // record.unknown-author, record.key-not-in-force, record.bad-signature, record.bad-statement.
  Result<StatementNote> open(std::string_view entry, std::uint64_t index) const;

 private:
  std::vector<PartyKey> lines_;
};

}  // namespace surety::record
