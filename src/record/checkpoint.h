#pragma once
// C2SP tlog-checkpoint v1.0.0: a log's size and root, as a signed note of three lines. We write no
// extension lines (witnesses make no statement about them) and carry those of others.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/merkle.h"
#include "record/note.h"

namespace surety::record {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Digest root = empty_root();
  std::vector<std::string> extensions;
  bool operator==(const Checkpoint&) const = default;
};

std::string checkpoint_text(const Checkpoint& checkpoint);
Result<Checkpoint> parse_checkpoint_text(std::string_view text);
// A signed checkpoint as it says, whoever signed it: for those who look at its signatures themselves.
struct SignedCheckpoint {
  Note note;
  Checkpoint checkpoint;
};
Result<SignedCheckpoint> read_checkpoint(std::string_view bytes);
// Text plus the log's signature: the bytes of the file `checkpoint`. The key's name is the origin.
std::string sign_checkpoint(const Checkpoint& checkpoint, const SigningKey& key);
// Parses, and verifies under the log's key, whose name must be the origin.
Result<Checkpoint> open_checkpoint(std::string_view bytes, const VerifierKey& log);

}  // namespace surety::record
