#pragma once
// Checks a whole record directory: every entry, every tile, the root, the log's signature.
#include <string>
#include <vector>

#include "verify/parties.h"

namespace verify {

struct Findings {
  std::vector<std::string> problems;  // the first hundred; each names the file
  std::uint64_t problem_count = 0;
  Checkpoint checkpoint;
  bool checkpoint_read = false;
  std::uint64_t entries = 0, bundles = 0, tiles = 0, old_partials = 0, beyond = 0, bytes = 0;
  Parties parties;  // whose keys speak, as the entries say
  void problem(std::string text) {
    ++problem_count;
    if (problems.size() < 100) problems.push_back(std::move(text));
  }
};

void check_record(const std::string& dir, const Key& key, Findings& out);

}  // namespace verify
