#pragma once
// Checks a bundle (docs/formats/bundle.md) by itself and offline.
#include <string>
#include <vector>

#include "verify/parties.h"

namespace verify {

struct BundleFindings {
  std::vector<std::string> problems;
  std::vector<std::string> shown;  // what holds, one line each, in order
  std::uint64_t entries = 0, author_signatures = 0, disclosures = 0, witness_leaves = 0;
  std::string standing;  // the weakest of the checkpoints': witnessed, witnessed-by-fallback, unwitnessed
};

// `policy` and `parties` are the reader's own, or empty: then those inside are used, and `shown` says so.
// `log` is what the whole record of `origin` says about the keys, or null: with it, no other list is believed.
// `now` (POSIX seconds) only matters to the fallback.
struct Believed {
  std::string policy, parties;
  const Parties* log = nullptr;
  std::string origin{};
  std::uint64_t now = 0;
};
void check_bundle(const std::string& bytes, const Believed& believed, BundleFindings& out);

}  // namespace verify
