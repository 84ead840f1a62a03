#pragma once
// Signed notes and checkpoints (C2SP signed-note v1.0.0, tlog-checkpoint v1.0.0), for checking only.
#include <string>
#include <string_view>
#include <vector>

#include "verify/bytes.h"

namespace verify {

struct Key {
  std::string name;
  std::string id;  // 4 bytes
  unsigned char algorithm = 0;
  std::string bytes;
};
// "name+hash+base64"; nothing unless the hash belongs to the name and key.
std::optional<Key> parse_key(std::string_view line);

// What a key may be called: no white space, no plus.
bool is_name(std::string_view name);
// Well-formed UTF-8 without any control character.
bool clean_line(std::string_view text);

struct Signature {
  std::string name, id, bytes;
};
struct Note {
  std::string text;
  std::vector<Signature> signatures;
};
// On failure `why` says what is wrong.
std::optional<Note> parse_note(std::string_view bytes, std::string& why);

// Ed25519 over the text by this key; every signature that claims to be this key's must be good.
bool signed_by(const Note& note, const Key& key, std::string& why);

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
};
std::optional<Checkpoint> parse_checkpoint(std::string_view text, std::string& why);

}  // namespace verify
