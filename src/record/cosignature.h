#pragma once
// C2SP tlog-cosignature v1.0.1, Ed25519 (algorithm 0x04): a witness signs that, at a time, this was the
// largest consistent tree it had seen of a log. It asserts consistency, not truth. Pure.
#include <cstdint>
#include <string_view>
#include <vector>

#include "record/note.h"

namespace surety::record {

// Can this version check what this witness signs? Signatures of other algorithms are carried, and counted for nothing.
inline bool checkable(const VerifierKey& witness) { return witness.algorithm == Algorithm::ed25519_cosignature; }

// `key` must be of algorithm ed25519_cosignature. `posix_seconds` is the witness's own clock.
NoteSignature cosign(std::string_view checkpoint_text, const SigningKey& key, std::uint64_t posix_seconds);

struct Cosigned {
  VerifierKey witness;
  std::uint64_t posix_seconds = 0;
};
// The time of this witness's cosignature on the note. When it cosigned more than once, the earliest.
// Errors record.unsigned, record.bad-signature (any bad one spoils the note, as signed-note asks).
Result<std::uint64_t> verify_cosignature(const Note& note, const VerifierKey& witness);
// What of an answer (signature lines) is to be added to a note of this text: this witness's good cosignatures, and beside them
// what it signed with other keys under its name, which may be of an algorithm that is not known here: carried, not believed.
// Empty when none is good.
std::vector<NoteSignature> answered(std::string_view text, std::string_view lines, const VerifierKey& witness);
// Those of `more` that the note does not have yet, as long as it stays one that can be read.
void add_missing(Note& note, const std::vector<NoteSignature>& more);
// Those of the given witnesses that have cosigned, in the order given; bad ones are an error.
Result<std::vector<Cosigned>> cosignatures(const Note& note, const std::vector<VerifierKey>& witnesses);

}  // namespace surety::record
