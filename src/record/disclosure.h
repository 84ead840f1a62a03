#pragma once
// Need to know, by the construction of RFC 9901 (SD-JWT): the log holds a salted digest for every
// restricted field, and who may know a field gets its *disclosure*, the base64url of
// ["salt","field",value]. The digest is SHA-256 over those encoded characters.
//
// - 128-bit salts from the system's random source: a digest tells nothing about its value.
// - A fixed number of slots a statement, filled up with decoys, sorted: neither how many fields there
//   are, nor which, nor their order can be seen.
// - Readers get subsets, never different values: one digest has one disclosure.
// - Forgetting is deleting the disclosure; the commitment in the log stays and says nothing.
//
// What still shows: that there is a statement, its public lines, and when it was logged. And a
// disclosure, once given, can be passed on: this is need to know, not copy protection.
// Pure, but `commit`, which asks for random bytes.
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace surety::record {

struct Field {
  std::string name;
  std::string value;  // a JSON value, as it is: "\"60\"", "17", "{…}"
  bool operator==(const Field&) const = default;
};

struct Disclosure {
  std::string encoded;  // what is handed over
  std::string salt;
  Field field;
};
Digest disclosure_digest(std::string_view encoded);
std::string encode_disclosure(std::string_view salt, const Field& field);
// Strict about base64url and the three members; the value is kept as the JSON text that it is. Reads
// RFC 9901's own examples, blanks included.
Result<Disclosure> parse_disclosure(std::string_view encoded);

// A source of random bytes; tests bring their own.
using Random = std::function<std::string(std::size_t)>;
std::string system_random(std::size_t n);

constexpr std::size_t kSlots = 32;  // digests in every statement that withholds anything

struct Committed {
  std::vector<Digest> digests;          // exactly `slots`, sorted: for the statement
  std::vector<Disclosure> disclosures;  // one a field, in the fields' order
};
// Errors record.too-many-fields, record.bad-field (a name twice, "_sd" or "...").
Result<Committed> commit(const std::vector<Field>& fields, std::size_t slots = kSlots, const Random& random = system_random);

// What a reader learns: each disclosure must be one of the digests, no name twice. Sorted by name.
// Errors record.not-committed, record.bad-disclosure.
Result<std::vector<Field>> open_disclosures(const std::vector<Digest>& digests, const std::vector<std::string>& encoded);

// A position from coarse to fine, each as a field of its own to be released by itself: the cell of a
// whole degree ("cell-1"), of a tenth of one ("cell-0.1"), and the point. Degrees × 10^6.
std::vector<Field> position_fields(std::int64_t lat_e6, std::int64_t lon_e6);

}  // namespace surety::record
