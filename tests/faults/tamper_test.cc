// Bundles with a bit flipped, with something missing, swapped or someone else's: the separate verifier's code is asked.
#include <gtest/gtest.h>

#include "record/bundle.h"
#include "record/disclosure.h"
#include "record/statement_note.h"
#include "store/record_commands.h"
#include "store/test_dir.h"
#include "store/witness.h"
#include "tests/faults/campaign.h"
#include "verify/bundle.h"

namespace surety::faults {
namespace {

using record::vkey_text;

store::LogOptions options_in(const store::TestDir& dir) {
  return {.database = dir.path("surety.db"), .record_dir = {}, .key_file = {}, .origin = "example.org/truce", .disk = nullptr};
}

std::unique_ptr<store::Log> log_with(const store::TestDir& dir, const std::vector<std::string>& entries) {
  auto log = store::Log::open(options_in(dir));
  EXPECT_TRUE(log) << log.error().text();
  EXPECT_TRUE((*log)->append(std::vector<std::string_view>(entries.begin(), entries.end())));
  EXPECT_TRUE((*log)->publish());
  return std::move(*log);
}

// A log, a witness, an author, and a bundle about one statement with two of its three fields.
class BundleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto fields = record::commit({{"actor", "\"Alpha\""}, {"place", "[\"48.5\",\"37\"]"}, {"sensor", "\"UAV 7\""}});
    agreement_ = "the text of the truce\n";
    record::StatementNote s;
    s.agreement = "truce";
    s.agreement_version = sha256(agreement_);
    s.author = author_.name();
    s.sd = fields->digests;
    entry_ = record::sign_statement(s, author_);
    log_ = log_with(dir_, {entry_, "{\"v\":1}"});
    auto witness = store::Witness::open(dir_.path("witness.db"), "witness.example/w", {log_->vkey()});
    ASSERT_TRUE(witness);
    const auto reply =
        (*witness)->handle("POST", "/add-checkpoint", *store::witness_request(dir_.path("record"), 0), Instant{1'000'000'000});
    ASSERT_EQ(*log_->add_cosignatures(reply.body, {(*witness)->vkey()}), 1);
    bundle_.policy = "log " + vkey_text(log_->vkey()) + "\nwitness w " + vkey_text((*witness)->vkey()) + "\nquorum w\n";
    bundle_.party_keys = "party " + vkey_text(author_.verifier()) + " from 0 until 1\n";
    bundle_.agreement = agreement_;
    bundle_.entries = {{entry_, *store::prove(dir_.path("record"), 0), {fields->disclosures[0].encoded, fields->disclosures[1].encoded}}};
    withheld_ = fields->disclosures[2].encoded;
  }
  verify::BundleFindings check(const record::Bundle& bundle, const std::string& policy = {}, const std::string& parties = {},
                               std::uint64_t now = 0) {
    verify::BundleFindings out;
    verify::check_bundle(record::bundle_bytes(bundle), {policy, parties, nullptr, {}, now}, out);
    return out;
  }
  store::TestDir dir_;
  record::SigningKey author_ = std::move(*record::SigningKey::from_seed("example.org/monitor", std::string(32, '\7')));
  std::unique_ptr<store::Log> log_;
  std::string agreement_, entry_, withheld_;
  record::Bundle bundle_;
};

TEST_F(BundleTest, HoldsAndSaysWhatItRestsOn) {
  const auto f = check(bundle_);
  EXPECT_EQ(f.problems, std::vector<std::string>{});
  EXPECT_EQ(f.standing, "witnessed");
  EXPECT_EQ(f.author_signatures, 1u);
  EXPECT_EQ(f.disclosures, 2u);
  std::string all;
  for (const auto& line : f.shown) all += line + "\n";
  EXPECT_NE(all.find("\"Alpha\""), std::string::npos);
  EXPECT_NE(all.find("from the bundle itself"), std::string::npos);
  EXPECT_EQ(all.find("UAV"), std::string::npos) << "the withheld field";
  const auto pinned = check(bundle_, bundle_.policy, bundle_.party_keys);
  EXPECT_TRUE(pinned.problems.empty());
}

// Policy and party keys are the reader's own here: inside a bundle nothing vouches for them.
TEST_F(BundleTest, EveryBit) {
  record::Bundle bare = bundle_;
  bare.policy.clear();
  bare.party_keys.clear();
  const std::string good = record::bundle_bytes(bare);
  every_bit(good, [&](const std::string& bad, std::size_t bit) {
    verify::BundleFindings f;
    verify::check_bundle(bad, {bundle_.policy, bundle_.party_keys}, f);
    // A cosignature under another name is nobody's: then the standing falls.
    ASSERT_TRUE(!f.problems.empty() || f.standing != "witnessed")
        << "bit " << bit << " near " << good.substr(bit / 8 > 20 ? bit / 8 - 20 : 0, 40);
  });
  count("bits of a bundle flipped (proof, checkpoint, statement, disclosures), every one found", static_cast<long>(good.size() * 8));
}

TEST_F(BundleTest, WhatDoesNotBelongIsRefused) {
  const auto refused = [&](const record::Bundle& b, const std::string& policy = {}, const std::string& parties = {}) {
    return !check(b, policy, parties).problems.empty();
  };
  auto b = bundle_;
  b.entries[0].disclosures.push_back(record::commit({{"actor", "\"Bravo\""}})->disclosures[0].encoded);
  EXPECT_TRUE(refused(b)) << "another value for a committed field";
  b = bundle_;
  b.agreement += "and more\n";
  EXPECT_TRUE(refused(b));
  b = bundle_;
  b.entries[0].entry = "{\"v\":1}";
  EXPECT_TRUE(refused(b)) << "another entry's proof";
  b = bundle_;
  b.party_keys.clear();
  EXPECT_TRUE(refused(b));
  EXPECT_TRUE(refused(bundle_, "log " + vkey_text(record::SigningKey::generate("example.org/truce")->verifier()) + "\nquorum none\n"))
      << "a log of that name with another key";
  EXPECT_TRUE(refused(bundle_, {}, "party " + vkey_text(record::SigningKey::generate("example.org/monitor")->verifier()) + " from 0\n"));
  b = bundle_;
  b.entries.clear();
  EXPECT_TRUE(refused(b));
  // Too few witnesses is a standing, not a mistake; the agreed fallback shows as what it is.
  const std::string strict = "log " + vkey_text(log_->vkey()) + "\nwitness x " +
                             vkey_text(record::SigningKey::generate("x", record::Algorithm::ed25519_cosignature)->verifier()) +
                             "\nquorum x\n";
  EXPECT_EQ(check(bundle_, strict).standing, "unwitnessed");
  b = bundle_;
  b.fallback = "72 h\n" + b.policy;
  b.policy = strict;
  EXPECT_EQ(check(b, {}, {}, 1000 + 72 * 3600 - 1).standing, "unwitnessed");
  EXPECT_EQ(check(b, {}, {}, 1000 + 72 * 3600).standing, "witnessed-by-fallback");
}

TEST_F(BundleTest, AVerdictsWitnessIsRechecked) {
  const std::string id = "s-" + hex(sha256("{\"v\":1}")).substr(0, 16);
  auto b = bundle_;
  b.entries.push_back({"{\"v\":1}", *store::prove(dir_.path("record"), 1), {}});
  const auto witness = [&](const std::string& leaf, int scanned) {
    return "{\"kind\":\"state\",\"witness\":{\"rule\":\"calendar\",\"text\":\"t\",\"leaves\":[],\"children\":[{\"rule\":\"exists\","
           "\"leaves\":[\"" +
           leaf + "\"]},{\"rule\":\"absent\",\"scanned\":" + std::to_string(scanned) + "}]}}";
  };
  b.verdict = witness(id, 2);
  auto f = check(b);
  EXPECT_EQ(f.problems, std::vector<std::string>{});
  EXPECT_EQ(f.witness_leaves, 1u);
  b.verdict = witness("s-0000000000000000", 2);
  EXPECT_FALSE(check(b).problems.empty()) << "a leaf that is not in the log";
  b.verdict = witness(id, 3);
  EXPECT_FALSE(check(b).problems.empty()) << "an absence among more than there is";
  b.verdict = "{\"witness\":{\"rule\":\"exists\",\"leaves\":[]}}";
  EXPECT_FALSE(check(b).problems.empty()) << "a rule that stands on nothing";
  b.verdict = "{\"kind\":\"state\"}";
  EXPECT_FALSE(check(b).problems.empty());
}

}  // namespace
}  // namespace surety::faults
