#pragma once
// One file that a stranger can check offline with surety-verify (docs/formats/bundle.md): entries with
// their proofs and the disclosures that this reader may have, and beside them what they are judged by.
// A *submission*, what a party hands to the log, has the same form without proofs. Pure.
#include <string>
#include <vector>

#include "base/error.h"

namespace surety::record {

struct BundleEntry {
  std::string entry;                     // the leaf's exact bytes
  std::string proof;                     // tlog-proof; empty only in a submission, which is not in a log yet
  std::vector<std::string> disclosures;  // of this entry
};

struct Bundle {
  std::string policy;      // tlog-policy text; empty: left out
  std::string fallback;    // "<hours> h" line end, then a policy text; empty: none agreed
  std::string party_keys;  // statement_note.h, PartyKeys; empty: left out
  std::string agreement;   // the agreement's text, whose hash the statements name; empty: left out
  std::vector<BundleEntry> entries;
  std::string verdict;  // canonical JSON of a verdict with its witness; empty: none
};

// The bytes: "surety-bundle/v1", then sections "== <name> <length>", each with its bytes and a line end.
std::string bundle_bytes(const Bundle& bundle);
// Exactly the inverse. Error record.bad-package. What the sections say is not looked at.
Result<Bundle> parse_bundle(std::string_view bytes, const std::string& file = {});
constexpr std::string_view kBundleBegin = "surety-bundle/v1\n";

}  // namespace surety::record
