#pragma once
// C2SP signed-note v1.0.0: a text, an empty line, and signature lines "— <name> <base64>". One form
// for the log, its witnesses and the parties that write statements.
//
//   SURETY_TRY(auto key, SigningKey::generate("log.example/truce"));
//   std::string bytes = note_bytes({text, {key.sign(text)}});
//   SURETY_TRY(auto note, parse_note(bytes));
//   SURETY_TRY_STATUS(verify(note, key.verifier()));
//
// All pure but `generate`, which asks the system for random bytes. Thread-safe.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace surety::record {

// The byte that says how a key signs. Open for more: an unknown one is carried, not verified.
enum class Algorithm : std::uint8_t {
  ed25519 = 0x01,              // logs and authors: signs the text
  ed25519_cosignature = 0x04,  // witnesses: signs time and text (cosignature.h)
  ml_dsa_44_cosignature = 0x06,
};

// "name+hash+base64(algorithm‖key)". The public half.
struct VerifierKey {
  std::string name;
  std::uint32_t id = 0;
  Algorithm algorithm = Algorithm::ed25519;
  std::string key;  // raw bytes
  bool operator==(const VerifierKey&) const = default;
};
Result<VerifierKey> parse_vkey(std::string_view text);  // checks that the hash belongs to the key
std::string vkey_text(const VerifierKey& key);          // no line end
std::uint32_t key_id(std::string_view name, Algorithm algorithm, std::string_view key);
// A key name: not empty, no white space, no plus.
Status check_key_name(std::string_view name);

struct NoteSignature {
  std::string name;
  std::uint32_t id = 0;
  std::string bytes;  // what follows the key id
  bool operator==(const NoteSignature&) const = default;
};

// The private half. Wiped when it goes; moves, does not copy.
class SigningKey {
 public:
  static Result<SigningKey> generate(std::string name, Algorithm algorithm = Algorithm::ed25519);
  // 32 bytes of seed: the same seed, the same key. For keys kept elsewhere and for tests.
  static Result<SigningKey> from_seed(std::string name, std::string_view seed, Algorithm algorithm = Algorithm::ed25519);
  // "PRIVATE+KEY+name+hash+base64(algorithm‖seed)", the spelling of Go's x/mod/sumdb/note.
  static Result<SigningKey> parse(std::string_view text);
  std::string private_text() const;

  const VerifierKey& verifier() const { return verifier_; }
  const std::string& name() const { return verifier_.name; }
  // Signs a note's text; for algorithm ed25519.
  NoteSignature sign(std::string_view text) const;
  // Bare Ed25519 over these bytes.
  std::string sign_bytes(std::string_view bytes) const;

  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&& other) noexcept;
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;
  ~SigningKey();

 private:
  SigningKey() = default;
  VerifierKey verifier_;
  std::array<unsigned char, 64> secret_{};  // Ed25519 seed ‖ public key
};

struct Note {
  std::string text;  // ends with a line end
  std::vector<NoteSignature> signatures;
};
constexpr std::size_t kMaxSignatures = 100;  // a note with more is refused

// Strict: UTF-8, no control characters but line ends, canonical base64, one separator.
Result<Note> parse_note(std::string_view bytes);
std::string note_bytes(const Note& note);
// Is there a signature by this key, and is every signature by this key good? Error record.unsigned
// or record.bad-signature. Algorithm ed25519 only; cosignature.h has the others.
Status verify(const Note& note, const VerifierKey& key);
// Ed25519 over bytes; refuses non-canonical signatures and small-order keys.
bool verify_ed25519(std::string_view bytes, std::string_view signature, std::string_view key);

}  // namespace surety::record
