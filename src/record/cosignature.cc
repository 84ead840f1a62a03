#include "record/cosignature.h"

#include <algorithm>

namespace surety::record {
namespace {

constexpr std::size_t kCarried = 4;  // lines under one name that nobody here can check: room for some, not for a flood

std::string message(std::uint64_t posix_seconds, std::string_view text) {
  return "cosignature/v1\ntime " + std::to_string(posix_seconds) + "\n" + std::string(text);
}

}  // namespace

NoteSignature cosign(std::string_view text, const SigningKey& key, std::uint64_t posix_seconds) {
  SURETY_CHECK(key.verifier().algorithm == Algorithm::ed25519_cosignature);
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(posix_seconds >> shift & 255);
  return {key.name(), key.verifier().id, bytes + key.sign_bytes(message(posix_seconds, text))};
}

Result<std::uint64_t> verify_cosignature(const Note& note, const VerifierKey& witness) {
  if (witness.algorithm != Algorithm::ed25519_cosignature)
    return err(
        fail("record.bad-key", "this key is not a witness's").found(vkey_text(witness)).expected("algorithm 4, an Ed25519 cosigner"));
  bool found = false;
  std::uint64_t earliest = 0;
  for (const NoteSignature& s : note.signatures) {
    if (s.name != witness.name || s.id != witness.id) continue;
    std::uint64_t time = 0;
    for (std::size_t i = 0; i < 8 && i < s.bytes.size(); ++i) time = time << 8 | static_cast<unsigned char>(s.bytes[i]);
    if (s.bytes.size() != 72 || time >> 63 != 0 ||
        !verify_ed25519(message(time, note.text), std::string_view(s.bytes).substr(8), witness.key))
      return err(fail("record.bad-signature", "the cosignature is not good").field(witness.name));
    earliest = found ? std::min(earliest, time) : time;
    found = true;
  }
  if (!found) return err(fail("record.unsigned", "there is no cosignature by this witness").field(witness.name));
  return earliest;
}

std::vector<NoteSignature> answered(std::string_view text, std::string_view lines, const VerifierKey& witness) {
  const auto answer = parse_note(std::string(text) + "\n" + std::string(lines));
  if (!answer) return {};
  std::vector<NoteSignature> good, carried;
  for (const NoteSignature& line : answer->signatures) {
    if (line.name != witness.name) continue;
    if (line.id != witness.id && carried.size() < kCarried) carried.push_back(line);
    if (line.id == witness.id && verify_cosignature({std::string(text), {line}}, witness)) good.push_back(line);
  }
  if (!good.empty()) good.insert(good.end(), carried.begin(), carried.end());
  return good;
}

void add_missing(Note& note, const std::vector<NoteSignature>& more) {
  for (const NoteSignature& line : more)
    if (note.signatures.size() < kMaxSignatures && std::find(note.signatures.begin(), note.signatures.end(), line) == note.signatures.end())
      note.signatures.push_back(line);
}

Result<std::vector<Cosigned>> cosignatures(const Note& note, const std::vector<VerifierKey>& witnesses) {
  std::vector<Cosigned> out;
  for (const VerifierKey& witness : witnesses) {
    const auto time = verify_cosignature(note, witness);
    if (time)
      out.push_back({witness, *time});
    else if (time.error().code != "record.unsigned")
      return err(time.error());
  }
  return out;
}

}  // namespace surety::record
