// transparency-dev/merkle's proofs and Wycheproof's Ed25519 signatures, good and bad.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "record/merkle.h"
#include "record/note.h"
#include "tests/vectors/vectors.h"

namespace surety::record {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Every vector of one kind, in the order of their names.
std::vector<fs::path> vectors_in(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto& file : fs::recursive_directory_iterator(folder))
    if (file.path().extension() == ".json") out.push_back(file.path());
  std::sort(out.begin(), out.end());
  return out;
}

// Some vectors have a word where a hash belongs. Its SHA-256 stands for it, which our interface can say and which keeps
// equal what is equal.
Digest hash_of(const json& text) {
  const auto raw = from_base64(text.get<std::string>());
  EXPECT_TRUE(raw) << text;
  if (!raw || raw->size() != 32) return sha256("word ", raw.value_or(""));
  Digest out{};
  std::memcpy(out.data(), raw->data(), 32);
  return out;
}
Proof proof_of(const json& list) {
  Proof out;
  if (!list.is_null())
    for (const json& text : list) out.push_back(hash_of(text));
  return out;
}

bool accepts(const std::string& kind, const json& v) {
  for (const char* name : {"root", "leafHash", "root1", "root2"})
    if (v.value(name, "some") == "") return false;  // nothing at all in the place of a hash cannot be said
  const Proof proof = proof_of(v.at("proof"));
  const auto hash = [&](const char* name) { return hash_of(v.at(name)); };
  const auto n = [&](const char* name) { return v.at(name).get<std::uint64_t>(); };
  if (kind == "inclusion") return verify_inclusion(n("leafIdx"), n("treeSize"), hash("leafHash"), proof, hash("root")).has_value();
  if (kind == "consistency") return verify_consistency(n("size1"), n("size2"), proof, hash("root1"), hash("root2")).has_value();
  const std::uint64_t start = n("start"), end = n("end");
  if (kind == "subtreeinclusion") {
    // A subtree that starts where it may is a tree of its own.
    if (start >= end || start % std::bit_ceil(end - start) != 0 || n("leafIdx") < start) return false;
    return verify_inclusion(n("leafIdx") - start, end - start, hash("leafHash"), proof, hash("root")).has_value();
  }
  if (start == end)  // the empty subtree is in every tree; nothing in the record asks that
    return end <= n("size") && proof.empty() && hash("root1") == empty_root();
  return verify_subtree(start, end, n("size"), proof, hash("root1"), hash("root2")).has_value();
}

// We hold that every tree begins with the empty one, as a witness must when it first meets a log
// (tlog-witness, `old 0` with no proof); transparency-dev's library leaves that to its caller.
constexpr const char* kOursToAccept = "size1 is zero and size2 is not zero";

TEST(Vectors, TransparencyDevMerkle) {
  const auto folder = vectors::find("merkle/testdata", 518);
  if (folder.empty()) return;
  int all = 0;
  for (const std::string kind : {"inclusion", "consistency", "subtreeinclusion", "subtreeconsistency"}) {
    int count = 0;
    for (const fs::path& file : vectors_in(folder / kind)) {
      std::ifstream in(file);
      const json v = json::parse(in);
      const bool wanted = !v.at("wantErr").get<bool>() || (kind == "consistency" && v.at("desc") == kOursToAccept);
      EXPECT_EQ(accepts(kind, v), wanted) << file << ": " << v.at("desc");
      ++count;
    }
    EXPECT_GT(count, 0) << kind;
    vectors::ran(("transparency-dev/merkle, " + kind).c_str(), count);
    all += count;
  }
  EXPECT_GE(all, 518);
}

TEST(Vectors, WycheproofEd25519) {
  const auto file = vectors::find("wycheproof/testvectors_v1/ed25519_test.json", 151);
  if (file.empty()) return;
  std::ifstream in(file);
  const json suite = json::parse(in);
  int count = 0;
  for (const json& group : suite.at("testGroups")) {
    const auto key = from_hex(group.at("publicKey").at("pk").get<std::string>());
    ASSERT_TRUE(key);
    for (const json& t : group.at("tests")) {
      const auto message = from_hex(t.at("msg").get<std::string>()), signature = from_hex(t.at("sig").get<std::string>());
      ASSERT_TRUE(message && signature);
      EXPECT_EQ(verify_ed25519(*message, *signature, *key), t.at("result") == "valid")
          << "tcId " << t.at("tcId") << ": " << t.at("comment") << " " << t.at("flags");
      ++count;
    }
  }
  EXPECT_EQ(count, suite.at("numberOfTests").get<int>());
  vectors::ran("Wycheproof, Ed25519 verification", count);
}

}  // namespace
}  // namespace surety::record
