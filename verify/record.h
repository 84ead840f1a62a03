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
  Parties parties;                                       // whose keys speak, as the entries say
  std::uint64_t notes = 0, authored = 0, strangers = 0;  // signed statements; by keys that the log admits; by authors it knows nothing of
  void problem(std::string text) {
    ++problem_count;
    if (problems.size() < 100) problems.push_back(std::move(text));
  }
};

void check_record(const std::string& dir, const Key& key, Findings& out);
// Of a record that holds: is every statement of an author whom the log has admitted signed by a key that was in force at its
// place? A second reading, since the list is known only at the end; an Ed25519 signature a statement.
void check_authors(const std::string& dir, Findings& out);

}  // namespace verify
