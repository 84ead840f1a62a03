#include "record/note.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "base/bytes.h"
#include "base/files.h"
#include "record/checkpoint.h"
#include "record/party_change.h"
#include "record/tiles.h"

namespace surety::record {
namespace {

// Blocks "```vector NAME" … "```" of a format's page, each of lines "key: value"; a value may go on
// in the following lines that begin with two blanks.
std::map<std::string, std::map<std::string, std::string>> vectors(const std::string& page) {
  std::map<std::string, std::map<std::string, std::string>> out;
  std::istringstream in(*read_file(std::string(SURETY_SOURCE_DIR) + "/docs/formats/" + page));
  std::string line, block, last;
  while (std::getline(in, line)) {
    if (line.starts_with("```vector ")) {
      block = line.substr(10);
    } else if (line == "```") {
      block.clear();
    } else if (!block.empty() && line.starts_with("  ")) {
      out[block][last] += line.substr(2);
    } else if (!block.empty()) {
      const auto colon = line.find(": ");
      last = line.substr(0, colon);
      out[block][last] = colon == std::string::npos ? "" : line.substr(colon + 2);
    }
  }
  return out;
}

std::string unescaped(std::string text) {
  for (std::size_t at = 0; (at = text.find("\\n", at)) != std::string::npos;) text.replace(at, 2, "\n");
  return text;
}

TEST(Formats, WorkedBytesOfTheRecordPage) {
  auto page = vectors("record.md");
  for (const char* name : {"leaf", "node", "bundle", "tile", "key", "checkpoint", "party-change"}) ASSERT_TRUE(page.contains(name)) << name;
  auto& leaf = page["leaf"];
  EXPECT_EQ(hex(leaf_hash(leaf["entry"])), leaf["hash"]);
  EXPECT_EQ(hex(sha256(*from_hex(leaf["hashed"]))), leaf["hash"]);
  auto& node = page["node"];
  EXPECT_EQ(hex(sha256(*from_hex(node["hashed"]))), node["hash"]);
  auto& bundle = page["bundle"];
  std::string bytes;
  ASSERT_TRUE(append_to_bundle(bytes, bundle["first"]));
  ASSERT_TRUE(append_to_bundle(bytes, bundle["second"]));
  EXPECT_EQ(hex(bytes), bundle["bytes"]);
  auto& tile = page["tile"];
  EXPECT_EQ(hex(leaf_hash(bundle["first"])) + hex(leaf_hash(bundle["second"])), tile["bytes"]);
  EXPECT_EQ(tile_path({0, 0, 2}), tile["path"]);
  auto& key = page["key"];
  const auto signing = SigningKey::from_seed(key["name"], *from_hex(key["seed"]));
  ASSERT_TRUE(signing);
  EXPECT_EQ(vkey_text(signing->verifier()), key["vkey"]);
  auto& checkpoint = page["checkpoint"];
  Checkpoint c{key["name"], 2, node_hash(leaf_hash(bundle["first"]), leaf_hash(bundle["second"])), {}};
  EXPECT_EQ(sign_checkpoint(c, *signing), unescaped(checkpoint["bytes"]));
  PartyChange change{
      PartyChange::Did::revoke, 0, *parse_instant("2026-06-01T00:00:00Z"), "chair", "example.org/monitor", key["name"], 4, {}};
  change.signature = signing->sign(party_change_text(change));
  EXPECT_EQ(party_change_entry(change), unescaped(page["party-change"]["bytes"]));
}

TEST(Note, TheSpecificationsOwnExample) {
  // C2SP signed-note v1.0.0, "This is an example message."
  const auto key = parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  const std::string note =
      "This is an example message.\n\n\xe2\x80\x94 example.com/foo "
      "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
  const auto parsed = parse_note(note);
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(note_bytes(*parsed), note);
  ASSERT_TRUE(key);
  EXPECT_TRUE(verify(*parsed, *key));
}

TEST(Note, SignsAndRefuses) {
  auto key = SigningKey::generate("example.org/truce");
  auto other = SigningKey::generate("example.org/truce");
  ASSERT_TRUE(key && other);
  const std::string text = "first line\n\nan empty line may stand in the text\n";
  const std::string bytes = note_bytes({text, {other->sign(text), key->sign(text)}});
  const auto note = parse_note(bytes);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->text, text);
  EXPECT_TRUE(verify(*note, key->verifier()));
  EXPECT_TRUE(verify(*note, other->verifier()));
  EXPECT_EQ(verify(Note{text, {key->sign(text)}}, other->verifier()).error().code, "record.unsigned");
  EXPECT_EQ(verify(Note{text + "x\n", {key->sign(text)}}, key->verifier()).error().code, "record.bad-signature");
  EXPECT_EQ(verify(Note{text, {key->sign(text), key->sign("other\n")}}, key->verifier()).error().code, "record.bad-signature");
  const std::string sig = bytes.substr(text.size() + 1);
  for (const std::string& bad : {text + sig, text + "\n", text + "\n" + sig + "\n", text + "\n" + sig.substr(0, sig.size() - 1),
                                 "a\rb\n\n" + sig, "a\tb\n\n" + sig, "\xff\n\n" + sig, std::string("no signature\n"), std::string()})
    EXPECT_FALSE(parse_note(bad)) << bad;
  std::string many = text + "\n";
  for (int i = 0; i < 101; ++i) many += sig.substr(0, sig.find('\n') + 1);
  EXPECT_FALSE(parse_note(many));
}

TEST(Note, KeysSurviveTheirTextAndNothingElseDoes) {
  const auto key = SigningKey::from_seed("example.org/truce", std::string(32, '\7'));
  ASSERT_TRUE(key);
  const std::string vkey = vkey_text(key->verifier());
  ASSERT_TRUE(parse_vkey(vkey));
  EXPECT_EQ(*parse_vkey(vkey), key->verifier());
  const auto again = SigningKey::parse(key->private_text());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->verifier(), key->verifier());
  for (std::size_t i = 0; i < vkey.size() * 8; ++i) {
    std::string bad = vkey;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ 1 << i % 8);
    const auto parsed = parse_vkey(bad);
    EXPECT_FALSE(parsed) << bad;
  }
  const auto broken = SigningKey::parse("PRIVATE+KEY+a+00000000+AAAA");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().text().find("AAAA"), std::string::npos) << "an error shows key material";
  for (const char* name : {"", "a b", "a+b", "a\nb", "a\tb", "\xff"}) EXPECT_FALSE(SigningKey::generate(name)) << name;
}

TEST(Note, Ed25519OfRfc8032) {
  // RFC 8032 §7.1, tests 1 and 2.
  struct {
    const char *key, *message, *signature;
  } const known[] = {
      {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
      {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"}};
  for (const auto& k : known) {
    EXPECT_TRUE(verify_ed25519(*from_hex(k.message), *from_hex(k.signature), *from_hex(k.key)));
    std::string s = *from_hex(k.signature);
    // S + L is the same signature to a careless verifier.
    const std::string order = *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    int carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
      carry += static_cast<unsigned char>(s[32 + i]) + static_cast<unsigned char>(order[i]);
      s[32 + i] = static_cast<char>(carry & 255);
      carry >>= 8;
    }
    EXPECT_FALSE(verify_ed25519(*from_hex(k.message), s, *from_hex(k.key)));
  }
  EXPECT_FALSE(verify_ed25519("x", std::string(64, '\0'), std::string(32, '\0'))) << "a key of small order";
  EXPECT_FALSE(verify_ed25519("x", "short", "short"));
}

TEST(CheckpointText, OneSpelling) {
  const Checkpoint c{"example.org/truce", 20852163, leaf_hash("x"), {}};
  const std::string text = checkpoint_text(c);
  EXPECT_EQ(*parse_checkpoint_text(text), c);
  EXPECT_EQ(checkpoint_text(*parse_checkpoint_text(text + "extension\n")), text + "extension\n");
  const std::string root = base64(view(c.root));
  for (const std::string& bad : std::vector<std::string>{
           "", "o\n1\n", "\n1\n" + root + "\n", "o\n01\n" + root + "\n", "o\n+1\n" + root + "\n", "o\n18446744073709551616\n" + root + "\n",
           "o\n1\n" + root, "o\n1\n" + root.substr(1) + "\n", "o\n1\n" + root + "\n\n", "o\n\n" + root + "\n", "o\n0x1\n" + root + "\n"})
    EXPECT_FALSE(parse_checkpoint_text(bad)) << bad;
  EXPECT_EQ(parse_checkpoint_text("o\n18446744073709551615\n" + root + "\n")->size, ~std::uint64_t{0});
  auto key = SigningKey::generate("example.org/truce"), other = SigningKey::generate("example.org/other");
  EXPECT_EQ(*open_checkpoint(sign_checkpoint(c, *key), key->verifier()), c);
  EXPECT_FALSE(open_checkpoint(sign_checkpoint(c, *key), other->verifier()));
  const std::string foreign = checkpoint_text(c);
  EXPECT_FALSE(open_checkpoint(note_bytes({foreign, {other->sign(foreign)}}), other->verifier())) << "a log signs for its own origin only";
}

}  // namespace
}  // namespace surety::record
