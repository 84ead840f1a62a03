#include "verify/note.h"

#include <sodium.h>

#include <cstring>

namespace verify {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";

// Well-formed UTF-8 (RFC 3629) without control characters but the line end.
bool clean_text(std::string_view s) {
  std::size_t i = 0;
  while (i < s.size()) {
    const auto b = static_cast<unsigned char>(s[i]);
    if (b < 0x80) {
      if (b < 0x20 && b != '\n') return false;
      ++i;
      continue;
    }
    const std::size_t more = b >= 0xf0 && b <= 0xf4 ? 3 : b >= 0xe0 && b < 0xf0 ? 2 : b >= 0xc2 && b < 0xe0 ? 1 : 0;
    if (more == 0 || i + more >= s.size()) return false;
    std::uint32_t v = b & (0x3fU >> more);
    for (std::size_t k = 1; k <= more; ++k) {
      const auto c = static_cast<unsigned char>(s[i + k]);
      if ((c & 0xc0) != 0x80) return false;
      v = v << 6 | (c & 0x3fU);
    }
    const std::uint32_t least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
    if (v < least || v > 0x10ffff || (v >= 0xd800 && v < 0xe000)) return false;
    i += more + 1;
  }
  return true;
}

}  // namespace

bool is_name(std::string_view name) {
  for (const char c : name)
    if (static_cast<unsigned char>(c) <= ' ' || c == '+' || c == 0x7f) return false;
  return !name.empty();
}

bool clean_line(std::string_view text) { return clean_text(text) && text.find_first_of("\n\x7f") == std::string_view::npos; }

std::optional<Key> parse_key(std::string_view line) {
  const auto a = line.find('+');
  if (a == std::string_view::npos || line.size() < a + 10 || line[a + 9] != '+') return std::nullopt;
  Key key;
  key.name = line.substr(0, a);
  const auto payload = decode64(line.substr(a + 10));
  if (!is_name(key.name) || !payload || payload->size() < 2) return std::nullopt;
  key.algorithm = static_cast<unsigned char>((*payload)[0]);
  key.bytes = payload->substr(1);
  const Hash full = sha256(key.name + "\n" + *payload);
  key.id = as_text(full).substr(0, 4);
  if (hex(full).substr(0, 8) != line.substr(a + 1, 8)) return std::nullopt;
  if ((key.algorithm == 1 || key.algorithm == 4) && key.bytes.size() != crypto_sign_PUBLICKEYBYTES) return std::nullopt;
  if (key.algorithm == 6 && key.bytes.size() != 1312) return std::nullopt;  // ML-DSA-44: carried, not checked
  return key;
}

std::optional<Note> parse_note(std::string_view bytes, std::string& why) {
  const auto no = [&](const char* reason) {
    why = reason;
    return std::nullopt;
  };
  if (!clean_text(bytes)) return no("not clean UTF-8 text");
  const auto gap = bytes.rfind("\n\n");
  if (gap == std::string_view::npos || !bytes.ends_with('\n') || gap + 2 >= bytes.size()) return no("no signature block");
  Note out;
  out.text = bytes.substr(0, gap + 1);
  std::string_view rest = bytes.substr(gap + 2);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (!line.starts_with(kDash)) return no("a line among the signatures that is none");
    line.remove_prefix(kDash.size());
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos || !is_name(line.substr(0, blank))) return no("a signature without a name");
    const auto raw = decode64(line.substr(blank + 1));
    if (!raw || raw->size() < 5) return no("a signature that is not canonical base64");
    if (out.signatures.size() >= 100) return no("more than 100 signatures");
    out.signatures.push_back({std::string(line.substr(0, blank)), raw->substr(0, 4), raw->substr(4)});
  }
  return out;
}

bool signed_by(const Note& note, const Key& key, std::string& why) {
  bool found = false;
  for (const Signature& s : note.signatures) {
    if (s.name != key.name || s.id != key.id) continue;
    if (key.algorithm != 1 || s.bytes.size() != crypto_sign_BYTES ||
        crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(s.bytes.data()),
                                    reinterpret_cast<const unsigned char*>(note.text.data()), note.text.size(),
                                    reinterpret_cast<const unsigned char*>(key.bytes.data())) != 0) {
      why = "the signature of " + key.name + " is not good";
      return false;
    }
    found = true;
  }
  if (!found) why = "no signature of " + key.name;
  return found;
}

std::optional<Checkpoint> parse_checkpoint(std::string_view text, std::string& why) {
  std::string_view lines[3];
  for (std::string_view& line : lines) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos || end == 0) {
      why = "fewer than three lines";
      return std::nullopt;
    }
    line = text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  const auto size = decimal(lines[1]);
  const auto root = decode64(lines[2]);
  if (!size || !root || root->size() != 32) {
    why = "a size or a root hash that is not one";
    return std::nullopt;
  }
  Checkpoint out;
  out.origin = lines[0];
  out.size = *size;
  std::memcpy(out.root.data(), root->data(), 32);
  return out;
}

}  // namespace verify
