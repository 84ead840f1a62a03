#pragma once
// C2SP tlog-cosignature v1.0.1, Ed25519 (algorithm 0x04): a witness signs that, at a time, this was the
// largest consistent tree it had seen of a log. It asserts consistency, not truth. Pure.
#include <cstdint>
#include <string_view>
#include <vector>

#include "record/note.h"

namespace surety::record {

// `key` must be of algorithm ed25519_cosignature. `posix_seconds` is the witness's own clock.
NoteSignature cosign(std::string_view checkpoint_text, const SigningKey& key, std::uint64_t posix_seconds);

struct Cosigned {
  VerifierKey witness;
  std::uint64_t posix_seconds = 0;
};
// The time of this witness's cosignature on the note. When it cosigned more than once, the earliest.
// Errors record.unsigned, record.bad-signature (any bad one spoils the note, as signed-note asks).
Result<std::uint64_t> verify_cosignature(const Note& note, const VerifierKey& witness);
// Those of the given witnesses that have cosigned, in the order given; bad ones are an error.
Result<std::vector<Cosigned>> cosignatures(const Note& note, const std::vector<VerifierKey>& witnesses);

}  // namespace surety::record
