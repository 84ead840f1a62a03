#pragma once
// What witnesses said of a growing log, kept beside its record: `<record>/cosigned/<size>` is a signed checkpoint with the
// cosignatures that came for it. The log signs a new checkpoint whenever it grows, and an answer may come when the checkpoint
// that was asked about has been replaced; it still makes that one operative. Kept are
//
// - the largest checkpoint that the policy's quorum has cosigned, and the largest that the fallback has made operative;
// - those larger than both that the fallback's quorum has cosigned, at distances of 1/64 of its delay: its time runs for each from
//   the moment when it was cosigned, so a log that never stops growing does not put the fallback off for ever;
// - the largest one that anybody has cosigned.
//
// Neither the log's key nor the database's write lock is needed, so whoever asks witnesses never holds up whoever writes. One
// writer of this folder at a time; any number of readers. `<record>/cosigned/witnesses` says how each witness is doing.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "record/policy.h"

namespace surety::store {

// How a witness is doing, by the policy's name for it.
struct WitnessState {
  std::uint64_t size = 0;     // the largest checkpoint that it cosigned for us; 0: none
  std::optional<Instant> at;  // when it did
  std::optional<Instant> late_since;
  std::string why;  // it is late
};
using WitnessStates = std::map<std::string, WitnessState>;

// Adds this witness's answer (signature lines) to the checkpoint that it was asked about. false: there is no good cosignature of
// it by this witness in the answer. Of several by one witness the first is kept. Error store.forked: another checkpoint of this size was
// cosigned here before.
Result<bool> keep_cosignature(const std::string& record_dir, std::string_view signed_checkpoint, std::string_view lines,
                              const record::VerifierKey& witness);
// Removes what no standing rests on any more, from `now` on. `spared`: sizes that somebody is being asked about.
Status prune_cosigned(const std::string& record_dir, const record::Policy& policy, const std::optional<record::Fallback>& fallback,
                      Instant now, const std::set<std::uint64_t>& spared = {});
// The checkpoints kept, by size. A file that cannot be read as one is left out.
std::map<std::uint64_t, std::string> cosigned_in(const std::string& record_dir);
// The published checkpoint, with the cosignatures that were kept for it.
Result<std::string> published_checkpoint(const std::string& record_dir);

Status write_witness_states(const std::string& record_dir, const WitnessStates& states);
WitnessStates read_witness_states(const std::string& record_dir);  // empty: nobody has asked yet

}  // namespace surety::store
