#pragma once
// C2SP tlog-witness v1.0.0, `add-checkpoint`: the rules, without network or disk. A caller looks up what
// the witness last cosigned, asks `consider`, persists the new state by compare-and-swap, and only
// then sends the reply (store/witness.h does so).
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/checkpoint.h"
#include "record/cosignature.h"

namespace surety::record {

struct AddCheckpoint {
  std::uint64_t old_size = 0;
  Proof proof;  // from old_size to the checkpoint's size
  std::string signed_checkpoint;
};
Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);
std::string add_checkpoint_body(const AddCheckpoint& request);

struct WitnessReply {
  int status = 200;  // 200, 400, 403, 404, 405, 409, 422 as the protocol and RFC 9110 say
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string allow{};  // of a 405: the methods that are
};

// What the witness cosigned last of one log.
struct WitnessedTree {
  std::uint64_t size = 0;
  Digest root = empty_root();
};

struct Considered {
  WitnessReply reply;                    // to be sent at once when `checkpoint` is absent
  std::optional<Checkpoint> checkpoint;  // accepted: persist this, then cosign
  Note note;                             // its note, with the log's good signatures only
};
// `keys_of` gives the keys trusted for an origin (empty: unknown log); `last_of` what was cosigned.
Considered consider(std::string_view body, const std::function<std::vector<VerifierKey>(const std::string& origin)>& keys_of,
                    const std::function<WitnessedTree(const std::string& origin)>& last_of);

// The lines of the answer to an accepted request.
std::string signature_lines(const std::vector<NoteSignature>& signatures);
// Answer to a request whose old size is not the latest, or whose tree of that size is another one: 409 with the size.
WitnessReply conflict(std::uint64_t latest_size);

}  // namespace surety::record
