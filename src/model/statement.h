#pragma once
// A Statement is what one author says, at one place in the log; it is the only thing Surety stores.
// Start here. The JSON form, one object a line, is docs/formats/statement.md; its canonical bytes are
// what the record hashes, and the id is made from them, so the same statement has one id everywhere.
//
//   auto s = parse_statement(line).value();   // JSON in any member order
//   s.event;                                  // "strike.drone"
//   canonical(s); s.id;                       // members in fixed order; "s-" + 16 hex of SHA-256
//
// All functions are pure and thread-safe; statements own their memory.
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.h"
#include "model/amount.h"
#include "model/place.h"
#include "model/words.h"

namespace surety::model {

// A field's value is known, unknown to the author, or withheld from this reader. Logic treats the
// last two alike; explanations do not.
struct Unknown {
  bool operator==(const Unknown&) const = default;
};
struct Withheld {
  bool operator==(const Withheld&) const = default;
};
using FieldValue = std::variant<Unknown, Withheld, std::string, Amount>;
using Fields = std::map<std::string, FieldValue>;

struct Statement {
  std::string id;  // derived; not in the bytes
  Kind kind = Kind::observation;
  Exercise exercise = Exercise::actual;
  std::string author;      // who makes this statement: a source, body or party key name
  std::string origin;      // where the information comes from; reports corroborate only
                           // when origins differ. Empty: the same as author
  std::string speaks_for;  // the party to the conflict whose word this is; empty: none
  std::string means;       // seen, heard, camera, radar, satellite, siren-system, report …
  std::string admiralty;   // "B2": source A–F, report 1–6, as graded on entry; may be empty
  std::string event;       // dotted class, "strike.drone" (docs/taxonomy.md), or the name
                           // of an agreement's event, finding or action
  TimeRange when;          // event time
  Instant known_at;        // when it was published or reported
  std::optional<Place> place;
  std::string actor;        // the party said to have acted; empty: unknown
  std::string actor_basis;  // why: "headline names it", "bearing from observer", …
  Fields fields;
  std::vector<std::string> about;    // ids: what is corrected, withdrawn, decided, performed
  std::string instrument;            // agreement that a pledge, decision, notice speaks under
  std::vector<std::string> clauses;  // and its clauses
  std::string source;                // citation: document, feed and row, address
  std::string text;                  // free words of the author

  const std::string& independent_origin() const { return origin.empty() ? author : origin; }
};

// One JSON object, strict: unknown members, wrong types and non-canonical values are errors with the
// member's name. file and line only go into the error.
Result<Statement> parse_statement(std::string_view json, const std::string& file = {}, long line = 0);

// The one byte form. parse_statement(canonical(s)) == s.
std::string canonical(const Statement& s);

// Sets s.id from canonical(s). parse_statement has already done it.
void seal(Statement& s);

}  // namespace surety::model
