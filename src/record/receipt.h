#pragma once
// What the log promises to whoever hands it an entry: that the entry will be in every checkpoint that
// a witness cosigns after the merge delay. (In every one *cosigned* then, since a witness may be asked
// to cosign an old checkpoint again: a log keeps its promise by having its growth witnessed in time.)
// A signed note by the log's key; a receipt whose entry is missing from such a checkpoint proves that
// the promise was broken (store/record_commands.h, check_receipt).
//
//   receipt/v1
//   leaf <base64 leaf hash>
//   accepted 2026-01-03T10:00:00Z
//   merge-delay 60
//
//   — <origin> <signature>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/instant.h"
#include "record/note.h"

namespace surety::record {

struct Receipt {
  Digest leaf{};
  Instant accepted;  // whole seconds, the log's clock
  std::int64_t merge_delay_s = 0;
  Instant due() const { return accepted + Span::seconds(merge_delay_s); }
  bool operator==(const Receipt&) const = default;
};

std::string sign_receipt(const Receipt& receipt, const SigningKey& log);
Result<Receipt> open_receipt(std::string_view bytes, const VerifierKey& log);

}  // namespace surety::record
