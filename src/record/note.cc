#include "record/note.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace surety::record {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // em dash and a blank
constexpr std::string_view kPrivate = "PRIVATE+KEY+";

void start_sodium() {
  static const int ready = sodium_init();
  SURETY_CHECK(ready >= 0);
}

const unsigned char* raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

std::string big_endian(std::uint32_t v) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(v >> shift & 255);
  return out;
}

std::uint32_t from_big_endian(std::string_view b) {
  std::uint32_t v = 0;
  for (int i = 0; i < 4; ++i) v = v << 8 | static_cast<unsigned char>(b[static_cast<std::size_t>(i)]);
  return v;
}

Error bad_key(std::string_view text, std::string why) {
  return fail("record.bad-key", "this is not a key")
      .found(std::string(text.substr(0, 100)) + ": " + std::move(why))
      .expected("name+hash+base64, on one line");
}

Error bad_note(std::string why, std::string help = {}) {
  return fail("record.bad-note", "this is not a signed note").found(std::move(why)).help(std::move(help));
}

// "name+8 hex digits+base64" → the three; base64 may itself hold '+', so only the first two split.
struct KeyParts {
  std::string name;
  std::uint32_t id = 0;
  std::string payload;
};
Result<KeyParts> split_key(std::string_view text, std::string_view shown) {
  const auto a = text.find('+');
  const auto b = a == std::string_view::npos ? a : text.find('+', a + 1);
  if (b == std::string_view::npos) return err(bad_key(shown, "it has fewer than three parts"));
  KeyParts out;
  out.name = text.substr(0, a);
  SURETY_TRY_STATUS(check_key_name(out.name));
  const auto id = from_hex(text.substr(a + 1, b - a - 1));
  if (!id || id->size() != 4) return err(bad_key(shown, "the hash is not 8 hexadecimal digits"));
  out.id = from_big_endian(*id);
  const auto payload = from_base64(text.substr(b + 1));
  if (!payload || payload->empty()) return err(bad_key(shown, "the key is not base64"));
  out.payload = *payload;
  return out;
}

}  // namespace

std::uint32_t key_id(std::string_view name, Algorithm algorithm, std::string_view key) {
  const char middle[2] = {'\n', static_cast<char>(algorithm)};
  const Digest d = sha256(name, std::string_view(middle, 2), key);
  return from_big_endian(view(d));
}

Status check_key_name(std::string_view name) {
  // White space beyond ASCII is refused too: a name is something people compare by eye.
  const bool bad = name.empty() || first_bad_utf8(name) != std::string_view::npos ||
                   std::any_of(name.begin(), name.end(),
                               [](char c) {
                                 const auto b = static_cast<unsigned char>(c);
                                 return b <= 0x20 || b == 0x7f || c == '+';
                               }) ||
                   name.find("\xc2\xa0") != std::string_view::npos || name.find("\xc2\x85") != std::string_view::npos ||
                   name.find("\xe2\x80") != std::string_view::npos || name.find("\xe3\x80\x80") != std::string_view::npos ||
                   name.find("\xe1\x9a\x80") != std::string_view::npos || name.find("\xe2\x81\x9f") != std::string_view::npos;
  if (bad)
    return err(fail("record.bad-key-name", "this cannot be the name of a key")
                   .found(std::string(name.substr(0, 80)))
                   .expected("text without blanks and without '+', such as example.org/truce-2025"));
  return {};
}

Result<VerifierKey> parse_vkey(std::string_view text) {
  SURETY_TRY(KeyParts parts, split_key(text, text));
  VerifierKey out;
  out.name = std::move(parts.name);
  out.id = parts.id;
  out.algorithm = static_cast<Algorithm>(parts.payload[0]);
  out.key = parts.payload.substr(1);
  const bool ed = out.algorithm == Algorithm::ed25519 || out.algorithm == Algorithm::ed25519_cosignature;
  if (ed && out.key.size() != 32) return err(bad_key(text, "an Ed25519 key has 32 bytes"));
  if (out.algorithm == Algorithm::ml_dsa_44_cosignature && out.key.size() != 1312)
    return err(bad_key(text, "an ML-DSA-44 key has 1312 bytes"));
  if (key_id(out.name, out.algorithm, out.key) != out.id)
    return err(bad_key(text, "the hash does not belong to this name and key").help("copy the whole line again from its owner"));
  return out;
}

std::string vkey_text(const VerifierKey& key) {
  return key.name + "+" + hex(big_endian(key.id)) + "+" + base64(std::string(1, static_cast<char>(key.algorithm)) + key.key);
}

SigningKey::SigningKey(SigningKey&& other) noexcept : verifier_(std::move(other.verifier_)), secret_(other.secret_) {
  sodium_memzero(other.secret_.data(), other.secret_.size());
}
SigningKey& SigningKey::operator=(SigningKey&& other) noexcept {
  std::swap(verifier_, other.verifier_);
  std::swap(secret_, other.secret_);
  return *this;
}
SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

Result<SigningKey> SigningKey::generate(std::string name, Algorithm algorithm) {
  start_sodium();
  std::string seed(crypto_sign_SEEDBYTES, '\0');
  randombytes_buf(seed.data(), seed.size());
  auto out = from_seed(std::move(name), seed, algorithm);
  sodium_memzero(seed.data(), seed.size());
  return out;
}

Result<SigningKey> SigningKey::from_seed(std::string name, std::string_view seed, Algorithm algorithm) {
  start_sodium();
  SURETY_TRY_STATUS(check_key_name(name));
  if (seed.size() != crypto_sign_SEEDBYTES || (algorithm != Algorithm::ed25519 && algorithm != Algorithm::ed25519_cosignature))
    return err(fail("record.bad-key", "a signing key is 32 bytes of Ed25519 seed").found(std::to_string(seed.size()) + " bytes"));
  SigningKey out;
  std::string pk(crypto_sign_PUBLICKEYBYTES, '\0');
  crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(pk.data()), out.secret_.data(), raw(seed));
  out.verifier_ = {std::move(name), 0, algorithm, pk};
  out.verifier_.id = key_id(out.verifier_.name, algorithm, pk);
  return out;
}

Result<SigningKey> SigningKey::parse(std::string_view text) {
  // The text is secret: errors show none of it.
  if (!text.starts_with(kPrivate)) return err(bad_key("(private)", "it does not begin with PRIVATE+KEY+"));
  SURETY_TRY(KeyParts parts, split_key(text.substr(kPrivate.size()), "(private)"));
  SURETY_TRY(SigningKey out, from_seed(parts.name, std::string_view(parts.payload).substr(1), static_cast<Algorithm>(parts.payload[0])));
  sodium_memzero(parts.payload.data(), parts.payload.size());
  if (out.verifier_.id != parts.id) return err(bad_key("(private)", "the hash does not belong to this key"));
  return out;
}

std::string SigningKey::private_text() const {
  std::string payload(1, static_cast<char>(verifier_.algorithm));
  payload.append(reinterpret_cast<const char*>(secret_.data()), crypto_sign_SEEDBYTES);
  std::string out = std::string(kPrivate) + verifier_.name + "+" + hex(big_endian(verifier_.id)) + "+" + base64(payload);
  sodium_memzero(payload.data(), payload.size());
  return out;
}

std::string SigningKey::sign_bytes(std::string_view bytes) const {
  std::string out(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(out.data()), nullptr, raw(bytes), bytes.size(), secret_.data());
  return out;
}

NoteSignature SigningKey::sign(std::string_view text) const { return {verifier_.name, verifier_.id, sign_bytes(text)}; }

bool verify_ed25519(std::string_view bytes, std::string_view signature, std::string_view key) {
  start_sodium();
  return signature.size() == crypto_sign_BYTES && key.size() == crypto_sign_PUBLICKEYBYTES &&
         crypto_sign_verify_detached(raw(signature), raw(bytes), bytes.size(), raw(key)) == 0;
}

Result<Note> parse_note(std::string_view bytes) {
  if (first_bad_utf8(bytes) != std::string_view::npos) return err(bad_note("bytes that are not UTF-8"));
  for (const char c : bytes)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n')
      return err(
          bad_note("a control character (" + std::to_string(static_cast<int>(c)) + ")", c == '\r' ? "line ends must be LF alone" : ""));
  if (!bytes.ends_with('\n')) return err(bad_note("no line end at the end"));
  const auto gap = bytes.rfind("\n\n");
  if (gap == std::string_view::npos) return err(bad_note("no empty line between text and signatures"));
  Note out;
  out.text = bytes.substr(0, gap + 1);
  std::string_view rest = bytes.substr(gap + 2);
  if (rest.empty()) return err(bad_note("no signature"));
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    const std::string shown(line.substr(0, 120));
    if (!line.starts_with(kDash)) return err(bad_note("a signature line that does not begin with an em dash: " + shown));
    line.remove_prefix(kDash.size());
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos) return err(bad_note("a signature line of one word: " + shown));
    SURETY_TRY_STATUS(check_key_name(line.substr(0, blank)));
    const auto signature = from_base64(line.substr(blank + 1));
    if (!signature || signature->size() < 5) return err(bad_note("a signature that is not canonical base64: " + shown));
    if (out.signatures.size() == kMaxSignatures) return err(bad_note("more than " + std::to_string(kMaxSignatures) + " signatures"));
    out.signatures.push_back({std::string(line.substr(0, blank)), from_big_endian(*signature), signature->substr(4)});
  }
  return out;
}

std::string note_bytes(const Note& note) {
  std::string out;
  out.reserve(note.text.size() + 1 + note.signatures.size() * 160);
  out.append(note.text) += '\n';
  for (const NoteSignature& s : note.signatures)
    out.append(kDash).append(s.name).append(" ").append(base64(big_endian(s.id) + s.bytes)) += '\n';
  return out;
}

Status verify(const Note& note, const VerifierKey& key) {
  if (key.algorithm != Algorithm::ed25519)
    return err(fail("record.bad-key", "this key does not sign notes of this kind")
                   .found("algorithm " + std::to_string(static_cast<int>(key.algorithm)))
                   .expected("1, Ed25519"));
  bool found = false;
  for (const NoteSignature& s : note.signatures) {
    if (s.name != key.name || s.id != key.id) continue;
    if (!verify_ed25519(note.text, s.bytes, key.key))
      return err(fail("record.bad-signature", "the signature is not good")
                     .field(key.name)
                     .help("the text was changed, or it was never signed by this key"));
    found = true;
  }
  if (!found) return err(fail("record.unsigned", "there is no signature by this key").field(key.name).expected(vkey_text(key)));
  return {};
}

}  // namespace surety::record
