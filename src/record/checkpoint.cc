#include "record/checkpoint.h"

#include "base/bytes.h"

namespace surety::record {
namespace {

Error bad_checkpoint(std::string what) {
  return fail("record.bad-checkpoint", "this is not a checkpoint")
      .found(std::move(what))
      .expected("origin, size, root hash, each on a line");
}

}  // namespace

std::string checkpoint_text(const Checkpoint& c) {
  std::string out = c.origin + "\n" + std::to_string(c.size) + "\n" + base64(view(c.root)) + "\n";
  for (const std::string& line : c.extensions) out += line + "\n";
  return out;
}

Result<Checkpoint> parse_checkpoint_text(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return err(bad_checkpoint("no line end at the end"));
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (lines.size() < 3) return err(bad_checkpoint(std::to_string(lines.size()) + " lines"));
  Checkpoint out;
  out.origin = lines[0];
  if (out.origin.empty()) return err(bad_checkpoint("an empty origin"));
  const std::string_view size = lines[1];
  if (size.empty() || size.size() > 20 || (size.size() > 1 && size[0] == '0')) return err(bad_checkpoint("size " + std::string(size)));
  for (const char c : size) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (c < '0' || c > '9' || out.size > (~std::uint64_t{0} - digit) / 10) return err(bad_checkpoint("size " + std::string(size)));
    out.size = out.size * 10 + digit;
  }
  const auto root = from_base64(lines[2]);
  if (!root || root->size() != 32) return err(bad_checkpoint("root " + std::string(lines[2])));
  std::copy(root->begin(), root->end(), out.root.begin());
  for (std::size_t i = 3; i < lines.size(); ++i) {
    if (lines[i].empty()) return err(bad_checkpoint("an empty extension line"));
    out.extensions.emplace_back(lines[i]);
  }
  return out;
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const SigningKey& key) {
  SURETY_CHECK(checkpoint.origin == key.name());
  const std::string text = checkpoint_text(checkpoint);
  return note_bytes({text, {key.sign(text)}});
}

Result<SignedCheckpoint> read_checkpoint(std::string_view bytes) {
  SignedCheckpoint out;
  SURETY_TRY(out.note, parse_note(bytes));
  SURETY_TRY(out.checkpoint, parse_checkpoint_text(out.note.text));
  return out;
}

Result<Checkpoint> open_checkpoint(std::string_view bytes, const VerifierKey& log) {
  SURETY_TRY(const Note note, parse_note(bytes));
  SURETY_TRY_STATUS(verify(note, log));
  SURETY_TRY(Checkpoint out, parse_checkpoint_text(note.text));
  if (out.origin != log.name) return err(bad_checkpoint("origin " + out.origin).expected("the key's name, " + log.name));
  return out;
}

}  // namespace surety::record
