#pragma once
// Checks a bundle (docs/formats/bundle.md) by itself and offline.
#include <string>
#include <vector>

#include "verify/policy.h"

namespace verify {

struct BundleFindings {
  std::vector<std::string> problems;
  std::vector<std::string> shown;  // what holds, one line each, in order
  std::uint64_t entries = 0, author_signatures = 0, disclosures = 0, witness_leaves = 0;
  std::string standing;  // the weakest of the checkpoints': witnessed, witnessed-by-fallback, unwitnessed
};

// `policy` and `parties` are the reader's own, or empty: then those inside are used, and `shown` says so.
// `now` (POSIX seconds) only matters to the fallback.
void check_bundle(const std::string& bytes, const std::string& policy, const std::string& parties, std::uint64_t now, BundleFindings& out);

}  // namespace verify
