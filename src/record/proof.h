#pragma once
// C2SP tlog-proof: that an entry is in a log, as one text that is checked offline.
#include <string>
#include <string_view>

#include "record/merkle.h"

namespace surety::record {

struct LogProof {
  std::string extra;  // raw bytes, authenticated by nothing; empty: none
  std::uint64_t index = 0;
  Proof path;
  std::string signed_checkpoint;
};

std::string proof_text(const LogProof& proof);
Result<LogProof> parse_proof(std::string_view text);

}  // namespace surety::record
