#include "record/witness.h"

#include "base/bytes.h"

namespace surety::record {
namespace {

constexpr std::size_t kMaxProofLines = 63;

Error malformed(std::string what) { return fail("record.bad-request", "this is not an add-checkpoint request").found(std::move(what)); }

Considered refuse(int status, std::string why) {
  Considered out;
  out.reply = {status, "text/plain; charset=utf-8", std::move(why) + "\n"};
  return out;
}

}  // namespace

Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
  AddCheckpoint out;
  const auto line = [&]() -> std::optional<std::string_view> {
    const auto end = body.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const auto text = body.substr(0, end);
    body.remove_prefix(end + 1);
    return text;
  };
  const auto first = line();
  if (!first || !first->starts_with("old ")) return err(malformed("no line `old <size>`"));
  const std::string_view digits = first->substr(4);
  if (digits.empty() || digits.size() > 20 || (digits.size() > 1 && digits[0] == '0'))
    return err(malformed("the old size " + std::string(digits)));
  for (const char c : digits) {
    const auto d = static_cast<std::uint64_t>(c - '0');
    if (c < '0' || c > '9' || out.old_size > (~std::uint64_t{0} - d) / 10) return err(malformed("the old size " + std::string(digits)));
    out.old_size = out.old_size * 10 + d;
  }
  for (;;) {
    const auto text = line();
    if (!text) return err(malformed("no empty line before the checkpoint"));
    if (text->empty()) break;
    if (out.proof.size() == kMaxProofLines) return err(malformed("more than 63 proof lines"));
    const auto raw = from_base64(*text);
    if (!raw || raw->size() != 32) return err(malformed("a proof line that is not a hash"));
    Digest hash{};
    std::copy(raw->begin(), raw->end(), hash.begin());
    out.proof.push_back(hash);
  }
  out.signed_checkpoint = body;
  return out;
}

std::string add_checkpoint_body(const AddCheckpoint& request) {
  std::string out = "old " + std::to_string(request.old_size) + "\n";
  for (const Digest& hash : request.proof) out += base64(view(hash)) + "\n";
  return out + "\n" + request.signed_checkpoint;
}

WitnessReply conflict(std::uint64_t latest_size) { return {409, "text/x.tlog.size", std::to_string(latest_size) + "\n"}; }

std::string signature_lines(const std::vector<NoteSignature>& signatures) { return note_bytes({"", signatures}).substr(1); }

Considered consider(std::string_view body, const std::function<std::vector<VerifierKey>(const std::string&)>& keys_of,
                    const std::function<WitnessedTree(const std::string&)>& last_of) {
  const auto request = parse_add_checkpoint(body);
  if (!request) return refuse(400, request.error().message + ": " + request.error().found_text);
  auto note = parse_note(request->signed_checkpoint);
  if (!note) return refuse(400, note.error().message + ": " + note.error().found_text);
  auto checkpoint = parse_checkpoint_text(note->text);
  if (!checkpoint) return refuse(400, checkpoint.error().message + ": " + checkpoint.error().found_text);
  const auto keys = keys_of(checkpoint->origin);
  if (keys.empty()) return refuse(404, "unknown log");
  // Signatures of unknown keys are ignored and not passed on; a bad one of a known key spoils all.
  Note kept{note->text, {}};
  for (const VerifierKey& key : keys) {
    const auto good = verify(*note, key);
    if (!good && good.error().code != "record.unsigned") return refuse(403, "a signature of the log is not good");
    if (!good) continue;
    for (const NoteSignature& s : note->signatures)
      if (s.name == key.name && s.id == key.id) kept.signatures.push_back(s);
  }
  if (kept.signatures.empty()) return refuse(403, "not signed by a key of this log");
  if (request->old_size > checkpoint->size) return refuse(400, "the old size is larger than the checkpoint's");
  const WitnessedTree last = last_of(checkpoint->origin);
  const bool other_tree = checkpoint->size == last.size && checkpoint->root != last.root && request->proof.empty();
  if (request->old_size != last.size || other_tree) {
    Considered out;
    out.reply = conflict(last.size);
    return out;
  }
  const bool consistent =
      request->old_size == 0
          ? request->proof.empty()
          : verify_consistency(request->old_size, checkpoint->size, request->proof, last.root, checkpoint->root).has_value();
  if (!consistent) return refuse(422, "not consistent with the tree that was cosigned before");
  Considered out;
  out.checkpoint = std::move(*checkpoint);
  out.note = std::move(kept);
  return out;
}

}  // namespace surety::record
