#include "record/receipt.h"

#include <algorithm>

#include "record/text_lines.h"

namespace surety::record {
namespace {

std::string receipt_text(const Receipt& r) {
  return "receipt/v1\nleaf " + base64(view(r.leaf)) + "\naccepted " + to_string(r.accepted) + "\nmerge-delay " +
         std::to_string(r.merge_delay_s) + "\n";
}

}  // namespace

std::string sign_receipt(const Receipt& receipt, const SigningKey& log) {
  const std::string text = receipt_text(receipt);
  return note_bytes({text, {log.sign(text)}});
}

Result<Receipt> open_receipt(std::string_view bytes, const VerifierKey& log) {
  SURETY_TRY(const Note note, parse_note(bytes));
  SURETY_TRY_STATUS(verify(note, log));
  std::string_view text = note.text;
  Receipt out;
  const bool first = take_line(text) == "receipt/v1";
  const auto leaf = take_field(text, "leaf");
  const auto time = take_field(text, "accepted");
  const auto delay = take_field(text, "merge-delay");
  const auto raw = leaf ? from_base64(*leaf) : Result<std::string>(std::string());
  const auto instant = time ? parse_instant(*time) : err(fail("record.bad-receipt", "no time"));
  const auto seconds = delay ? decimal(*delay) : std::nullopt;
  if (first && raw && raw->size() == 32 && instant && seconds && *seconds <= 86'400 * 366) {
    std::copy(raw->begin(), raw->end(), out.leaf.begin());
    out.accepted = *instant;
    out.merge_delay_s = static_cast<std::int64_t>(*seconds);
    if (receipt_text(out) == note.text) return out;
  }
  return err(fail("record.bad-receipt", "this is not a receipt of a log").expected("receipt/v1, leaf, accepted, merge-delay"));
}

}  // namespace surety::record
