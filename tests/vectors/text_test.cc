// Tessera's log, the examples in C2SP's specifications, and the disclosures that RFC 9901 prints.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/files.h"
#include "record/checkpoint.h"
#include "record/cosignature.h"
#include "record/disclosure.h"
#include "record/tiles.h"
#include "tests/vectors/vectors.h"

namespace surety::record {
namespace {

// Of tessera/testdata/build_log.sh, which made the log.
constexpr const char* kTesseraKey = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
constexpr const char* kTesseraEntries[] = {"one",  "two", "three",  "four",  "five",     "six",     "seven", "eit",
                                           "nain", "ten", "ileven", "twelf", "threeten", "fourten", "fivten"};

class Folder final : public TileSource {
 public:
  explicit Folder(std::filesystem::path dir) : dir_(std::move(dir)) {}
  Result<std::string> read(const TileName& tile) override { return read_file((dir_ / tile_path(tile)).string()); }

 private:
  std::filesystem::path dir_;
};

TEST(Vectors, TesserasLog) {
  const auto dir = vectors::find("tessera/testdata/log", 16);
  if (dir.empty()) return;
  const auto key = parse_vkey(kTesseraKey);
  ASSERT_TRUE(key);
  Folder tiles(dir);
  CompactRange tree;
  int proofs = 0;
  std::vector<Digest> roots{empty_root()};
  for (std::uint64_t size = 0; size <= std::size(kTesseraEntries); ++size) {
    if (size > 0) tree.append(leaf_hash(kTesseraEntries[size - 1]));
    const auto bytes = read_file((dir / ("checkpoint." + std::to_string(size))).string());
    ASSERT_TRUE(bytes);
    const auto checkpoint = open_checkpoint(*bytes, *key);
    ASSERT_TRUE(checkpoint) << size << ": " << checkpoint.error().text();
    EXPECT_EQ(checkpoint->size, size);
    EXPECT_EQ(checkpoint->root, tree.root()) << size;
    if (size == 0) continue;
    roots.push_back(tree.root());
    const auto bundle = tiles.read({kEntries, 0, static_cast<unsigned>(size)});
    ASSERT_TRUE(bundle);
    const auto entries = entries_of(*bundle);
    ASSERT_TRUE(entries && entries->size() == size);
    const auto hashes = tile_hashes(tiles, size);
    for (std::uint64_t i = 0; i < size; ++i, ++proofs) {
      EXPECT_EQ((*entries)[i], kTesseraEntries[i]);
      const auto proof = inclusion_proof(i, size, hashes);
      ASSERT_TRUE(proof && verify_inclusion(i, size, leaf_hash((*entries)[i]), *proof, checkpoint->root)) << i << " of " << size;
      const auto growth = consistency_proof(i, size, hashes);
      ASSERT_TRUE(growth && verify_consistency(i, size, *growth, roots[i], checkpoint->root)) << i << " to " << size;
    }
  }
  vectors::ran("Tessera, checkpoints", static_cast<int>(std::size(kTesseraEntries)) + 1);
  vectors::ran("Tessera, inclusion proofs from its tiles", proofs);
}

// The note in `text` that begins with this line, up to the end of its block of Markdown.
std::string note_in(const std::string& text, const std::string& first) {
  const auto at = text.find(first);
  if (at == std::string::npos) return {};
  return text.substr(at, text.find("```", at) - at);
}

TEST(Vectors, ExamplesOfC2sp) {
  const auto dir = vectors::find("C2SP", 2);
  if (dir.empty()) return;
  const auto signed_note = read_file((dir / "signed-note.md").string());
  ASSERT_TRUE(signed_note);
  const auto key_at = signed_note->find("    example.com/foo+");
  ASSERT_NE(key_at, std::string::npos);
  const auto key = parse_vkey(std::string_view(*signed_note).substr(key_at + 4, signed_note->find('\n', key_at) - key_at - 4));
  ASSERT_TRUE(key);
  const auto note = parse_note(note_in(*signed_note, "This is an example message.\n"));
  ASSERT_TRUE(note) << note.error().text();
  EXPECT_TRUE(verify(*note, *key));
  // The keys of this one are not published: it must be read, not verified.
  const auto cosigned = read_file((dir / "tlog-cosignature.md").string());
  ASSERT_TRUE(cosigned);
  const auto checkpoint = parse_note(note_in(*cosigned, "example.com/behind-the-sofa\n"));
  ASSERT_TRUE(checkpoint) << checkpoint.error().text();
  EXPECT_TRUE(parse_checkpoint_text(checkpoint->text));
  ASSERT_EQ(checkpoint->signatures.size(), 2u);
  EXPECT_EQ(checkpoint->signatures[1].bytes.size(), 72u) << "time and Ed25519";
  vectors::ran("C2SP, notes of the specifications", 2);
}

// `text` between two marks without its white space, from `at` on; moves `at` behind the second mark.
std::string squeezed(const std::string& text, std::size_t& at, const std::string& from, const std::string& to) {
  const auto begin = text.find(from, at);
  const auto end = begin == std::string::npos ? begin : text.find(to, begin + from.size());
  at = end;
  if (end == std::string::npos) return {};
  std::string out = text.substr(begin + from.size(), end - begin - from.size());
  std::erase_if(out, [](char c) { return c == ' ' || c == '\n'; });
  if (out.ends_with('*')) out.pop_back();  // of the next item of the RFC's list
  return out;
}

// ["salt","name",value] rather than an array's element, ["salt",value].
bool has_name(const std::string& contents) {
  const auto second = contents.find("\",", 2);
  if (second == std::string::npos || contents[second + 2] != '"') return false;
  const auto end = contents.find('"', second + 3);
  return end != std::string::npos && contents[end + 1] == ',';
}

TEST(Vectors, DisclosuresOfRfc9901) {
  const auto file = vectors::find("rfc9901/rfc9901.txt", 87);
  if (file.empty()) return;
  const auto text = read_file(file.string());
  ASSERT_TRUE(text);
  int fields = 0, elements = 0;
  std::size_t at = text->find("*Claim given_name*");  // behind the prose that explains the labels
  ASSERT_NE(at, std::string::npos);
  while (text->find("SHA-256 Hash: ", at) != std::string::npos) {
    const std::string digest = squeezed(*text, at, "SHA-256 Hash: ", "Disclosure:");
    const std::string encoded = squeezed(*text, at, "Disclosure:", "Contents:");
    const std::string contents = squeezed(*text, at, "Contents:", "\n\n");
    EXPECT_EQ(base64url(view(disclosure_digest(encoded))), digest) << contents;
    const auto d = parse_disclosure(encoded);
    if (!has_name(contents)) {
      EXPECT_FALSE(d) << "a record's fields all have a name: " << contents;
      ++elements;
      continue;
    }
    ASSERT_TRUE(d) << contents << ": " << d.error().text();
    std::string again = "[\"" + d->salt + "\",\"" + d->field.name + "\"," + d->field.value + "]";
    std::erase_if(again, [](char c) { return c == ' ' || c == '\n'; });
    EXPECT_EQ(again, contents);
    ++fields;
  }
  EXPECT_GE(fields, 60);
  vectors::ran("RFC 9901, disclosures of a field", fields);
  vectors::ran("RFC 9901, disclosures of an array's element (digest; refused as a field)", elements);
}

}  // namespace
}  // namespace surety::record
