#include "record/party_change.h"

#include <gtest/gtest.h>

#include "record/damaged_lines.h"

namespace surety::record {
namespace {

using Did = PartyChange::Did;

SigningKey signing_key(const std::string& name, char seed) { return *SigningKey::from_seed(name, std::string(32, seed)); }
VerifierKey author_key(const std::string& name, char seed) { return signing_key(name, seed).verifier(); }
const VerifierKey kFirst = author_key("example.org/m", '\1'), kSecond = author_key("example.org/m", '\2'),
                  kOther = author_key("example.org/o", '\3');
PartyChange at_entry(std::uint64_t entry, Did did, std::string what) {
  return {did, entry, *parse_instant("2026-06-01T00:00:00Z"), "chair", std::move(what)};
}

// A change of version 2, signed when there is a key.
PartyChange numbered(std::uint64_t number, Did did, std::string what, const SigningKey* key = nullptr) {
  PartyChange out{did, 0, *parse_instant("2026-06-01T00:00:00Z"), "chair", std::move(what), "example.org/truce", number, {}};
  if (key) out.signature = key->sign(party_change_text(out));
  return out;
}

TEST(PartyChange, SignedOrUnsignedItComesBack) {
  const SigningKey key = signing_key("example.org/m", 1);
  for (const PartyChange& change :
       {numbered(1, Did::list, party_line({kFirst, 0, 9}) + party_line({kOther, 3})), numbered(2, Did::admit, vkey_text(kOther)),
        numbered(3, Did::rotate, vkey_text(kSecond), &key), numbered(4, Did::revoke, "example.org/m", &key)}) {
    const std::string entry = party_change_entry(change);
    ASSERT_TRUE(parse_party_change(entry)) << entry;
    EXPECT_EQ(*parse_party_change(entry), change);
    each_damaged(entry, [&](const std::string& bad) {
      const auto parsed = parse_party_change(bad);
      EXPECT_TRUE(!parsed || (*parsed != change && party_change_entry(*parsed) == bad)) << bad;
    });
  }
  EXPECT_EQ(change_words(numbered(3, Did::rotate, vkey_text(kSecond), &key)).substr(0, 21), "rotate example.org/m+");
  EXPECT_NE(change_words(numbered(3, Did::rotate, vkey_text(kSecond), &key)).find(", by chair, signed by example.org/m+"),
            std::string::npos);
  EXPECT_EQ(change_words(numbered(4, Did::revoke, "example.org/m")), "revoke example.org/m, by chair, unsigned");
}

// A signature holds for one change at one place of one log, by a key that speaks there; what fails changes nothing.
TEST(PartyHistory, WhoSignsMustSpeakAndForThisPlaceOnly) {
  const SigningKey first = signing_key("example.org/m", 1), second = signing_key("example.org/m", 2),
                   other = signing_key("example.org/o", 3);
  PartyHistory history("example.org/truce");
  const auto take = [&](std::uint64_t index, const PartyChange& change) {
    const auto taken = history.take(index, party_change_entry(change));
    return taken ? std::string() : taken.error().code;
  };
  EXPECT_EQ(take(0, numbered(1, Did::admit, vkey_text(kFirst), &first)), "record.key-not-in-force") << "nobody admits itself";
  EXPECT_EQ(take(0, numbered(1, Did::admit, vkey_text(kFirst))), "");
  EXPECT_EQ(take(1, numbered(2, Did::admit, vkey_text(kOther), &first)), "") << "by a body that is in the list";
  const PartyChange rotation = numbered(3, Did::rotate, vkey_text(kSecond), &first);
  PartyChange forged = rotation;
  forged.by = "the other side";
  EXPECT_EQ(take(2, forged), "record.bad-signature");
  forged = numbered(3, Did::rotate, vkey_text(kSecond), &second);
  EXPECT_EQ(take(2, forged), "record.key-not-in-force") << "the new key does not vouch for itself";
  EXPECT_EQ(PartyHistory("example.org/other").take(2, party_change_entry(rotation)).error().code, "record.change-out-of-turn");
  EXPECT_EQ(take(2, rotation), "");
  EXPECT_EQ(take(3, rotation), "record.change-out-of-turn") << "it was copied";
  EXPECT_EQ(take(3, numbered(4, Did::revoke, "example.org/o", &first)), "record.key-not-in-force") << "its key has ended";
  EXPECT_EQ(take(3, numbered(5, Did::revoke, "example.org/o", &second)), "record.change-out-of-turn");
  EXPECT_EQ(take(3, numbered(4, Did::revoke, "example.org/o", &other)), "");
  EXPECT_EQ(history.places(), (std::vector<std::uint64_t>{0, 1, 2, 3}));
  EXPECT_EQ(history.list(), party_line({kFirst, 1, 3}) + party_line({kOther, 2, 4}) + party_line({kSecond, 3}));
  const auto again = PartyHistory::from_saved("example.org/truce", history.saved());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->saved(), history.saved());
}

// A list that one entry cannot hold comes as several, one after the other and before anything else.
TEST(PartyHistory, AListOfAThousandKeys) {
  std::string lines;
  for (int i = 0; i < 1000; ++i) {
    std::string seed(32, '\7');
    seed[0] = static_cast<char>(i % 251);
    seed[1] = static_cast<char>(i / 251);
    lines += party_line({SigningKey::from_seed("example.org/party-" + std::to_string(i), seed)->verifier(), 0});
  }
  const auto parts = in_parts(*PartyKeys::parse(lines));
  EXPECT_GT(parts.size(), 1u);
  PartyHistory history("example.org/truce");
  for (std::uint64_t i = 0; i < parts.size(); ++i) {
    const std::string entry = party_change_entry(numbered(i + 1, Did::list, parts[i]));
    EXPECT_LT(entry.size(), 65'536u);
    ASSERT_TRUE(history.take(i, entry));
    history = *PartyHistory::from_saved("example.org/truce", history.saved());
  }
  EXPECT_EQ(history.list(), lines);
  ASSERT_TRUE(history.take(9, party_change_entry(numbered(parts.size() + 1, Did::admit, vkey_text(kFirst)))));
  EXPECT_EQ(history.take(10, party_change_entry(numbered(parts.size() + 2, Did::list, party_line({kOther, 0})))).error().code,
            "record.bad-party-change");
}

TEST(PartyChange, AnOlderOneComesBackAndHasOneSpelling) {
  const std::string list = party_line({kFirst, 0, 9}) + party_line({kOther, 3});
  for (PartyChange change : {at_entry(17, Did::list, list), at_entry(0, Did::admit, vkey_text(kFirst)),
                             at_entry(1, Did::rotate, vkey_text(kSecond)), at_entry(2, Did::revoke, "example.org/m")}) {
    for (const char* by : {"chair", "", "The chair, Geneva — at the table"}) {
      change.by = by;
      const std::string text = party_change_text(change);
      ASSERT_TRUE(parse_party_change(text)) << text;
      EXPECT_EQ(*parse_party_change(text), change);
      // Damaged, it is refused, or is another change.
      each_damaged(text, [&](const std::string& bad) {
        const auto parsed = parse_party_change(bad);
        EXPECT_TRUE(!parsed || (*parsed != change && party_change_text(*parsed) == bad)) << bad;
      });
    }
  }
  const std::string head = "parties/v1\nentry 3\nat 2026-06-01T00:00:00Z\n";
  const VerifierKey witness = SigningKey::from_seed("w", std::string(32, '\4'), Algorithm::ed25519_cosignature)->verifier();
  for (const std::string& bad :
       {std::string(), std::string("parties/v1\n"), head, head + "admit\n", head + "admit nobody\n", head + "forget example.org/m\n",
        head + "list\n", head + "list\n# nobody\n", head + "list\n# who\n" + party_line({kFirst, 0}), head + "revoke a b\n",
        head + "admit " + vkey_text(witness) + "\n", head + "admit " + vkey_text(kFirst),
        std::string("parties/v1\nentry 03\nat 2026-06-01T00:00:00Z\nrevoke example.org/m\n"),
        std::string("parties/v1\nentry 3\nat 2026-06-01T02:00:00+02:00\nrevoke example.org/m\n")})
    EXPECT_EQ(parse_party_change(bad).error().code.substr(0, 7), "record.") << bad;
}

// Whose key speaks at an entry is the same whether one asks the list at the end or followed it: no change reaches back.
TEST(PartyHistory, NoChangeReachesIntoWhatWasSignedBefore) {
  const std::vector<std::pair<Did, std::string>> steps = {
      {Did::admit, vkey_text(kFirst)}, {Did::admit, vkey_text(kOther)}, {Did::rotate, vkey_text(kSecond)}, {Did::revoke, "example.org/o"},
      {Did::admit, vkey_text(kOther)}, {Did::revoke, "example.org/m"},  {Did::admit, vkey_text(kFirst)},   {Did::rotate, vkey_text(kOther)},
  };
  PartyHistory history;
  std::vector<std::vector<VerifierKey>> spoke;  // by entry, as it was seen then
  const auto in_force = [&](std::uint64_t entry) {
    std::vector<VerifierKey> out;
    const auto keys = PartyKeys::parse(history.list());
    for (const PartyKey& key : keys->keys())
      if (key.in_force(entry)) out.push_back(key.key);
    return out;
  };
  for (const auto& [did, what] : steps) {
    for (int i = 0; i < 3; ++i) {  // entries that are about something else
      spoke.push_back(in_force(spoke.size()));
      ASSERT_TRUE(history.take(spoke.size() - 1, "statement/v1\n…"));
    }
    const PartyChange change = at_entry(spoke.size(), did, what);
    spoke.push_back(in_force(change.entry));
    ASSERT_TRUE(history.take(change.entry, party_change_text(change)));
    for (std::uint64_t entry = 0; entry < spoke.size(); ++entry) EXPECT_EQ(in_force(entry), spoke[entry]) << "entry " << entry;
  }
  EXPECT_EQ(history.changes(), steps.size());
  EXPECT_EQ(in_force(spoke.size()), (std::vector{kFirst, kOther}));
}

TEST(PartyHistory, AListComesFirstOrNotAtAllAndEachChangeSaysItsPlace) {
  PartyHistory history;
  const std::string list = party_line({kFirst, 0, 2}) + party_line({kSecond, 2});
  EXPECT_EQ(history.take(4, party_change_text(at_entry(5, Did::list, list))).error().code, "record.bad-party-change") << "copied here";
  ASSERT_TRUE(history.take(5, party_change_text(at_entry(5, Did::list, list))));
  EXPECT_EQ(history.list(), list);
  EXPECT_EQ(history.take(6, party_change_text(at_entry(6, Did::list, party_line({kOther, 0})))).error().code, "record.bad-party-change");
  EXPECT_EQ(history.take(6, party_change_text(at_entry(6, Did::revoke, "example.org/x"))).error().code, "record.unknown-author");
  EXPECT_EQ(history.take(6, party_change_text(at_entry(6, Did::admit, vkey_text(kSecond)))).error().code, "record.key-in-force");
  EXPECT_EQ(history.list(), list) << "what is refused changes nothing";
  ASSERT_TRUE(history.take(6, party_change_text(at_entry(6, Did::rotate, vkey_text(kFirst)))));
  EXPECT_EQ(history.list(), party_line({kFirst, 0, 2}) + party_line({kSecond, 2, 7}) + party_line({kFirst, 7}));
}

TEST(PartyHistory, DifferencesAreNamed) {
  const auto list = [](const std::string& text) { return *PartyKeys::parse(text); };
  const PartyKeys two = list(party_line({kFirst, 0}) + party_line({kOther, 3}));
  EXPECT_EQ(party_difference(two, list("# noted\n" + party_line({kOther, 3}) + party_line({kFirst, 0}))), "") << "order and notes";
  EXPECT_EQ(party_difference(two, list(party_line({kOther, 3}))), "party " + vkey_text(kFirst) + " from 0: not so in the log");
  EXPECT_EQ(party_difference(list(party_line({kFirst, 0})), two), "party " + vkey_text(kOther) + " from 3: in the log, and not here");
  EXPECT_NE(party_difference(two, list(party_line({kFirst, 0, 9}) + party_line({kOther, 3}))), "");
}

}  // namespace
}  // namespace surety::record
