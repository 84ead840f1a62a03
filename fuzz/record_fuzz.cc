// Any bytes, given to every parser of the record and of the separate verifier: nothing crashes, what is taken comes back byte for
// byte, and both have the same list of the parties' keys. The first byte says whose input it is.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "record/bundle.h"
#include "record/disclosure.h"
#include "record/party_change.h"
#include "record/policy.h"
#include "record/proof.h"
#include "record/receipt.h"
#include "record/tiles.h"
#include "record/witness.h"
#include "verify/bundle.h"
#include "verify/parties.h"

namespace record = surety::record;

namespace {

const std::string kKnown = [] {
  std::string out;
  for (const char seed : {'a', 'b'})
    out += record::party_line({record::SigningKey::from_seed(std::string("p/") + seed, std::string(32, seed))->verifier(), 0});
  return out;
}();

void change_of_keys(std::string_view bytes) {
  const auto change = record::parse_party_change(bytes);
  if (change) SURETY_CHECK(record::party_change_entry(*change) == bytes);
  record::PartyHistory ours;
  verify::Parties theirs;
  std::string why;
  const std::string before = "parties/v1\nentry 0\nat 2026-06-01T00:00:00Z\nlist\n" + kKnown;
  SURETY_CHECK(ours.take(0, before).has_value() && theirs.take(0, before, why));
  SURETY_CHECK(ours.take(1, bytes).has_value() == theirs.take(1, bytes, why));
  const auto list = verify::parse_parties(ours.list(), why);
  SURETY_CHECK(list && difference(*list, theirs.keys()).empty());
}

void note(std::string_view bytes) {
  std::string why;
  if (const auto parsed = record::parse_note(bytes)) SURETY_CHECK(record::note_bytes(*parsed) == bytes);
  (void)verify::parse_note(bytes, why);
  if (const auto c = record::parse_checkpoint_text(bytes)) SURETY_CHECK(record::checkpoint_text(*c) == bytes);
  (void)verify::parse_checkpoint(bytes, why);
  if (const auto s = record::parse_statement_text(bytes)) SURETY_CHECK(record::statement_text(*s) == bytes);
}

void files(std::string_view bytes) {
  std::string why;
  (void)record::parse_policy(bytes);
  (void)verify::parse_policy(bytes, why);
  if (const auto keys = record::PartyKeys::parse(bytes))
    SURETY_CHECK(record::PartyKeys::parse(record::party_lines(*keys))->keys() == keys->keys());
  (void)verify::parse_parties(bytes, why);
}

void requests(std::string_view bytes) {
  if (const auto r = record::parse_add_checkpoint(bytes)) SURETY_CHECK(record::add_checkpoint_body(*r) == bytes);
  if (const auto p = record::parse_proof(bytes)) SURETY_CHECK(record::proof_text(*p) == bytes);
  (void)record::parse_disclosure(std::string(bytes));
  (void)record::entries_of(bytes);
}

void bundle(std::string_view bytes) {
  if (const auto b = record::parse_bundle(bytes)) SURETY_CHECK(record::bundle_bytes(*b) == bytes);
  verify::BundleFindings found;
  verify::check_bundle(std::string(bytes), {}, found);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr void (*kAll[])(std::string_view) = {change_of_keys, note, files, requests, bundle};
  kAll[data[0] % std::size(kAll)](bytes);
  return 0;
}
