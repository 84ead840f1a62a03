// Changes of the parties' keys as the log has them: our reader and the separate verifier's come to the same list, whatever the
// entries say, and a bundle is held to it where the whole record is at hand.
#include <gtest/gtest.h>

#include <random>

#include "base/files.h"
#include "record/bundle.h"
#include "record/party_change.h"
#include "store/party_list.h"
#include "store/record_commands.h"
#include "store/test_dir.h"
#include "tests/faults/campaign.h"
#include "verify/bundle.h"
#include "verify/record.h"

namespace surety::faults {
namespace {

using record::PartyChange;
using Did = PartyChange::Did;

std::string vkey(int party, int seed) {
  return vkey_text(
      record::SigningKey::from_seed("example.org/" + std::to_string(party), std::string(32, static_cast<char>(seed)))->verifier());
}

// Both readers, side by side.
struct Readers {
  record::PartyHistory ours{"example.org/truce"};
  verify::Parties theirs{"example.org/truce"};
  // Both take it, or both refuse it; then they have the same list.
  ::testing::AssertionResult take(std::uint64_t index, const std::string& entry) {
    std::string why;
    const auto taken = ours.take(index, entry);
    const bool there = theirs.take(index, entry, why);
    if (taken.has_value() != there)
      return ::testing::AssertionFailure() << entry << "ours: " << (taken ? "taken" : taken.error().text()) << "\ntheirs: " << why;
    for (std::size_t i = 0; taken && i < theirs.changes().size(); ++i)
      if (theirs.changes()[i].entry != ours.places()[i]) return ::testing::AssertionFailure() << "places after\n" << entry;
    if (taken && !theirs.changes().empty() && theirs.changes().back().entry == index) {
      const auto& last = theirs.changes().back();
      const std::string words = last.words + (last.signed_by.empty() ? ", unsigned" : ", signed by " + last.signed_by);
      if (words != change_words(*record::parse_party_change(entry))) return ::testing::AssertionFailure() << words << " of\n" << entry;
    }
    const auto list = verify::parse_parties(ours.list(), why);
    if (!list || list->size() != theirs.keys().size()) return ::testing::AssertionFailure() << ours.list() << "after\n" << entry;
    for (std::size_t i = 0; i < list->size(); ++i)
      if (words((*list)[i]) != words(theirs.keys()[i])) return ::testing::AssertionFailure() << ours.list() << "after\n" << entry;
    return ::testing::AssertionSuccess();
  }
};

PartyChange random_change(std::mt19937& random, std::uint64_t entry, std::uint64_t next) {
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const Instant at{1'780'000'000'000'000 + static_cast<std::int64_t>(entry) * 1'234'567};
  const int party = pick(3), seed = 10 * party + pick(3);
  PartyChange out{static_cast<Did>(entry == 0 ? pick(4) : 1 + pick(3)), entry, at, pick(2) ? "chair" : "", vkey(party, seed)};
  if (pick(20) == 0) out.did = Did::list;
  if (out.did == Did::list) out.what = "party " + vkey(party, seed) + " from 0 until 9\nparty " + vkey(3, 40) + " from 2\n";
  if (out.did == Did::revoke) out.what = "example.org/" + std::to_string(party);
  if (pick(20) == 0) out.entry += 1;
  if (pick(20) == 0 && out.did != Did::revoke) out.what = vkey(party, seed + 10);  // another's key
  if (pick(3) == 0) return out;
  out.entry = 0;
  out.log = pick(20) ? "example.org/truce" : "example.org/other";
  out.number = next + (pick(20) ? 0 : 1);
  if (pick(2)) {
    const int signer = pick(3);
    const auto key =
        *record::SigningKey::from_seed("example.org/" + std::to_string(signer), std::string(32, static_cast<char>(10 * signer + pick(3))));
    out.signature = key.sign(record::party_change_text(out));
    if (pick(20) == 0) out.by += "!";
  }
  return out;
}

TEST(Keys, BothReadersComeToTheSameList) {
  for (int seed = 0; seed < rounds(200, 20'000); ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    Readers readers;
    for (std::uint64_t entry = 0; entry < 12; ++entry)
      ASSERT_TRUE(readers.take(entry, party_change_entry(random_change(random, entry, readers.ours.changes() + 1)))) << "seed " << seed;
  }
}

TEST(Keys, EveryBitOfAChange) {
  const std::string list = "party " + vkey(1, 1) + " from 0 until 9\nparty " + vkey(2, 2) + " from 2\n";
  const Instant at{1'780'272'000'000'000};
  const auto key = *record::SigningKey::from_seed("example.org/2", std::string(32, 2));
  const auto with = [](const record::SigningKey* signer, PartyChange change) {
    if (signer) change.signature = signer->sign(record::party_change_text(change));
    return change;
  };
  for (const PartyChange& change :
       {PartyChange{Did::list, 7, at, "chair", list}, PartyChange{Did::admit, 7, at, "", vkey(1, 3)},
        PartyChange{Did::rotate, 7, at, "chair", vkey(1, 3)}, PartyChange{Did::revoke, 7, at, "chair", "example.org/1"},
        with(nullptr, {Did::list, 0, at, "chair", list, "example.org/truce", 1, {}}),
        with(nullptr, {Did::admit, 0, at, "", vkey(1, 3), "example.org/truce", 2, {}}),
        with(&key, {Did::rotate, 0, at, "chair", vkey(1, 3), "example.org/truce", 2, {}})}) {
    const std::string good = party_change_entry(change);
    Readers before;
    if (change.did != Did::list) {
      ASSERT_TRUE(before.take(3, record::party_change_text({Did::list, 3, at, "", list})));
    }
    every_bit(good, [&](const std::string& bad, std::size_t bit) {
      Readers now = before;
      ASSERT_TRUE(now.take(7, bad)) << "bit " << bit;
    });
  }
}

// A log whose list has one key from entry 1 on, and a bundle made then; afterwards the key is revoked.
TEST(Keys, ABundleIsHeldToTheRecord) {
  store::TestDir dir;
  auto log = *store::Log::open(
      {.database = dir.path("surety.db"), .record_dir = {}, .key_file = {}, .origin = "example.org/truce", .disk = nullptr});
  const std::string file = dir.path("surety.db.parties");
  const auto key = *record::SigningKey::from_seed("example.org/m", std::string(32, '\7'));
  ASSERT_TRUE(store::change_parties(*log, file, {{Did::admit, vkey_text(key.verifier())}}, "chair", Instant{}));
  record::StatementNote said;
  said.agreement = "truce";
  said.author = key.name();
  const std::string entry = sign_statement(said, key);
  const std::string_view one[] = {entry};
  ASSERT_TRUE(log->append(one) && log->publish());
  record::Bundle bundle;
  bundle.policy = "log " + vkey_text(log->vkey()) + "\nquorum none\n";
  bundle.party_keys = *read_file(file);
  bundle.entries = {{entry, *store::prove(dir.path("record"), 1), {}}};
  const auto problems = [&](const record::Bundle& b) {
    verify::Findings whole;
    verify::check_record(dir.path("record"), *verify::parse_key(vkey_text(log->vkey())), whole);
    EXPECT_EQ(whole.problems, std::vector<std::string>());
    verify::BundleFindings f;
    verify::check_bundle(bundle_bytes(b), {{}, {}, &whole.parties, whole.checkpoint.origin}, f);
    return f.problems;
  };
  EXPECT_EQ(problems(bundle), std::vector<std::string>());
  record::Bundle forged = bundle;
  forged.party_keys = "party " + vkey_text(key.verifier()) + " from 0\n";
  ASSERT_EQ(problems(forged).size(), 1u);
  EXPECT_NE(problems(forged)[0].find("differ from the log's: example.org/m+"), std::string::npos);
  forged.party_keys.clear();
  EXPECT_EQ(problems(forged), std::vector<std::string>()) << "the log knows";
  ASSERT_TRUE(store::change_parties(*log, file, {{Did::revoke, "example.org/m"}}, "chair", Instant{}));
  EXPECT_EQ(problems(bundle).size(), 1u) << "a list from before";
  bundle.party_keys = *read_file(file);
  EXPECT_EQ(problems(bundle), std::vector<std::string>()) << "what it signed before stays good";
}

}  // namespace
}  // namespace surety::faults
