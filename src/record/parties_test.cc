// Statements, receipts, proofs, cosignatures and quorums: what parties and witnesses sign.
#include <gtest/gtest.h>

#include "record/bundle.h"
#include "record/cosignature.h"
#include "record/damaged_lines.h"
#include "record/policy.h"
#include "record/proof.h"
#include "record/receipt.h"
#include "record/statement_note.h"
#include "record/witness.h"

namespace surety::record {
namespace {

SigningKey key_of(const std::string& name, Algorithm algorithm = Algorithm::ed25519) {
  return std::move(*SigningKey::from_seed(name, std::string(view(sha256(name))), algorithm));
}
SigningKey witness_of(const std::string& name) { return key_of(name, Algorithm::ed25519_cosignature); }

StatementNote some_statement(NoteKind kind = NoteKind::evidence) {
  StatementNote s;
  s.kind = kind;
  s.agreement = "truce-2025";
  s.agreement_version = sha256("text");
  s.author = "example.org/monitor";
  s.event_time = *parse_instant("2025-04-19T15:00:00Z");
  if (kind == NoteKind::correction || kind == NoteKind::withdrawal) s.supersedes = 17;
  s.sd = {sha256("b"), sha256("a"), sha256("c")};
  std::sort(s.sd.begin(), s.sd.end());
  s.schema = sha256("schema");
  return s;
}

TEST(StatementNoteText, EveryKindComesBackAndNothingElseDoes) {
  for (NoteKind kind : {NoteKind::evidence, NoteKind::finding, NoteKind::correction, NoteKind::withdrawal, NoteKind::delivery,
                        NoteKind::verdict, NoteKind::amendment, NoteKind::notice}) {
    StatementNote s = some_statement(kind);
    EXPECT_EQ(*parse_statement_text(statement_text(s)), s);
    s.event_time.reset();
    s.sd.clear();
    const std::string text = statement_text(s);
    EXPECT_EQ(*parse_statement_text(text), s);
    // Damaged, it is refused.
    each_damaged(text, [](const std::string& bad) { EXPECT_FALSE(parse_statement_text(bad)) << bad; });
  }
  const std::string text = statement_text(some_statement());
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string bad = text;
    bad.replace(bad.find(from), from.size(), to);
    return parse_statement_text(bad).has_value();
  };
  EXPECT_FALSE(changed("15:00:00Z", "18:00:00+03:00")) << "a second spelling of the instant";
  EXPECT_FALSE(changed("kind evidence", "kind rumour"));
  EXPECT_FALSE(changed("schema ", "supersedes 3\nschema "));
  StatementNote unsorted = some_statement();
  std::string swapped = statement_text(unsorted);
  const auto first = swapped.find("sd "), second = swapped.find("sd ", first + 1);
  const std::string a = swapped.substr(first, second - first);
  swapped.erase(first, a.size());
  swapped.insert(swapped.find("schema"), a);
  EXPECT_FALSE(parse_statement_text(swapped));
}

TEST(StatementNoteText, KeysRotateAndAreRevoked) {
  const SigningKey old_key = key_of("example.org/monitor");
  const SigningKey new_key = std::move(*SigningKey::from_seed("example.org/monitor", std::string(32, '\1')));
  const auto keys = PartyKeys::parse("# who may write\nparty " + vkey_text(old_key.verifier()) + " from 0 until 100\nparty " +
                                     vkey_text(new_key.verifier()) + " from 90\n");
  ASSERT_TRUE(keys) << keys.error().text();
  const std::string by_old = sign_statement(some_statement(), old_key), by_new = sign_statement(some_statement(), new_key);
  EXPECT_EQ(*keys->open(by_old, 0), some_statement());
  EXPECT_TRUE(keys->open(by_old, 99));
  EXPECT_EQ(keys->open(by_old, 100).error().code, "record.bad-signature");
  EXPECT_EQ(keys->open(by_new, 89).error().code, "record.bad-signature");
  EXPECT_TRUE(keys->open(by_new, 90));
  EXPECT_TRUE(keys->open(by_new, 1'000'000));
  StatementNote stranger = some_statement();
  stranger.author = "example.org/stranger";
  EXPECT_EQ(keys->open(sign_statement(stranger, key_of("example.org/stranger")), 5).error().code, "record.unknown-author");
  const auto only_old = PartyKeys::parse("party " + vkey_text(old_key.verifier()) + " from 5 until 9\n");
  EXPECT_EQ(only_old->open(by_old, 9).error().code, "record.key-not-in-force");
  // One's own statement under another's name, and a second signature.
  const std::string text = statement_text(some_statement());
  EXPECT_FALSE(keys->open(note_bytes({text, {key_of("example.org/stranger").sign(text)}}), 5));
  EXPECT_FALSE(keys->open(note_bytes({text, {old_key.sign(text), new_key.sign(text)}}), 95));
  for (std::size_t i = 0; i < by_old.size() * 8; ++i) {
    std::string bad = by_old;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ 1 << i % 8);
    ASSERT_FALSE(keys->open(bad, 5)) << "bit " << i;
  }
  const std::string vkey = vkey_text(old_key.verifier());
  for (const std::string& bad : {"party " + vkey + "\n", "party " + vkey + " from 9 until 9\n", "party " + vkey + " from 01\n",
                                 "part " + vkey + " from 1\n", "party " + vkey + " from 1"})
    EXPECT_FALSE(PartyKeys::parse(bad)) << bad;
}

TEST(Receipts, AreSignedAndHaveOneSpelling) {
  const SigningKey log = key_of("example.org/log");
  const Receipt r{leaf_hash("entry"), *parse_instant("2026-01-03T10:00:00Z"), 60};
  const std::string bytes = sign_receipt(r, log);
  EXPECT_EQ(*open_receipt(bytes, log.verifier()), r);
  EXPECT_EQ(to_string(r.due()), "2026-01-03T10:01:00Z");
  EXPECT_FALSE(open_receipt(bytes, key_of("example.org/other").verifier()));
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string bad = bytes;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ 1 << i % 8);
    ASSERT_FALSE(open_receipt(bad, log.verifier())) << "bit " << i;
  }
  // A receipt cannot be passed off as a checkpoint, nor the other way round.
  EXPECT_FALSE(open_checkpoint(bytes, log.verifier()));
  EXPECT_FALSE(open_receipt(sign_checkpoint({"example.org/log", 1, leaf_hash("x"), {}}, log), log.verifier()));
}

TEST(Proofs, TheTextComesBack) {
  const SigningKey log = key_of("example.org/log");
  const LogProof proof{
      "some\0extra", 73894, {sha256("a"), sha256("b")}, sign_checkpoint({"example.org/log", 109482, sha256("root"), {}}, log)};
  const std::string text = proof_text(proof);
  const auto back = parse_proof(text);
  ASSERT_TRUE(back);
  EXPECT_EQ(proof_text(*back), text);
  EXPECT_EQ(back->path, proof.path);
  for (const std::string& bad :
       {std::string(), text.substr(1), std::string("c2sp.org/tlog-proof@v1\nindex 01\n\nx"),
        std::string("c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx"), std::string("c2sp.org/tlog-proof@v1\nextra \nindex 1\n\nx"),
        std::string("c2sp.org/tlog-proof@v1\nindex 1\n")})
    EXPECT_FALSE(parse_proof(bad)) << bad;
}

TEST(Cosignatures, SayWhenAndNothingElse) {
  const SigningKey log = key_of("example.org/log"), w1 = witness_of("w.example/1"), w2 = witness_of("w.example/2");
  const std::string text = checkpoint_text({"example.org/log", 7, sha256("root"), {}});
  const Note note{text, {log.sign(text), cosign(text, w1, 1'679'315'147), cosign(text, w1, 1'679'315'100)}};
  EXPECT_EQ(*verify_cosignature(note, w1.verifier()), 1'679'315'100u);
  EXPECT_EQ(verify_cosignature(note, w2.verifier()).error().code, "record.unsigned");
  EXPECT_EQ(cosignatures(note, {w1.verifier(), w2.verifier()})->size(), 1u);
  Note bad = note;
  bad.signatures[1].bytes[7] ^= 1;  // another time
  EXPECT_EQ(verify_cosignature(bad, w1.verifier()).error().code, "record.bad-signature");
  EXPECT_FALSE(cosignatures(bad, {w1.verifier()}));
  EXPECT_FALSE(verify_cosignature(note, log.verifier()));
  // The same Ed25519 key has another id as an author and as a witness.
  EXPECT_NE(key_of("x").verifier().id, witness_of("x").verifier().id);
}

struct Sides {
  SigningKey log = key_of("example.org/log");
  SigningKey a1 = witness_of("alpha/1"), a2 = witness_of("alpha/2"), b1 = witness_of("bravo/1");
  SigningKey n1 = witness_of("neutral/1"), n2 = witness_of("neutral/2"), n3 = witness_of("neutral/3");
  std::string head() const {
    std::string out = "log " + vkey_text(log.verifier()) + " https://log.example/\n# each side's own, and three neutral ones\n";
    for (const auto& [name, key] : {std::pair{"a1", &a1}, {"a2", &a2}, {"b1", &b1}, {"n1", &n1}, {"n2", &n2}, {"n3", &n3}})
      out += std::string("witness ") + name + "\t" + vkey_text(key->verifier()) + "\n";
    return out + "group alpha any a1 a2\ngroup bravo 1 b1\ngroup neutral 2 n1 n2 n3\n";
  }
  std::string signed_by(std::vector<std::pair<const SigningKey*, std::uint64_t>> who) const {
    const std::string text = checkpoint_text({"example.org/log", 7, sha256("root"), {}});
    Note note{text, {log.sign(text)}};
    for (const auto& [key, time] : who) note.signatures.push_back(cosign(text, *key, time));
    return note_bytes(note);
  }
};

TEST(Policies, NestedQuorumsAndTheFallback) {
  const Sides s;
  const auto policy = parse_policy(s.head() + "group all-sides all alpha bravo neutral\nquorum all-sides\n");
  ASSERT_TRUE(policy) << policy.error().text();
  const Fallback fallback{*parse_policy(s.head() + "quorum neutral\n"), Span::hours(72)};
  const auto standing = [&](const std::string& bytes, std::uint64_t now) {
    const auto judged = judge(bytes, *policy, fallback, Instant{static_cast<std::int64_t>(now) * 1'000'000});
    EXPECT_TRUE(judged) << judged.error().text();
    return judged ? std::string(to_string(judged->standing)) : "";
  };
  EXPECT_EQ(standing(s.signed_by({}), 10), "unwitnessed");
  EXPECT_EQ(standing(s.signed_by({{&s.a1, 5}, {&s.b1, 6}, {&s.n1, 7}, {&s.n3, 9}}), 10), "witnessed");
  EXPECT_EQ(standing(s.signed_by({{&s.a1, 5}, {&s.a2, 6}, {&s.n1, 7}, {&s.n3, 9}}), 10), "unwitnessed")
      << "two of one side are not both sides";
  EXPECT_EQ(standing(s.signed_by({{&s.a2, 5}, {&s.b1, 6}, {&s.n1, 7}}), 10), "unwitnessed");
  // Bravo's witness stalls: after 72 hours the neutral ones are enough, and it shows.
  const std::string without_bravo = s.signed_by({{&s.a1, 5}, {&s.n1, 7}, {&s.n3, 9}});
  EXPECT_EQ(standing(without_bravo, 9 + 72 * 3600 - 1), "unwitnessed");
  EXPECT_EQ(standing(without_bravo, 9 + 72 * 3600), "witnessed-by-fallback");
  // A side that stalls cannot help itself by the fallback: without two neutral ones there is none.
  EXPECT_EQ(standing(s.signed_by({{&s.a1, 5}, {&s.a2, 5}, {&s.n1, 7}}), 1'000'000'000), "unwitnessed");
  // Nor does a clock that is far ahead: neither its time nor the delay added to it becomes the past.
  for (const std::uint64_t far : {std::uint64_t{9'300'000'000'000}, std::uint64_t{1} << 62, (std::uint64_t{1} << 63) - 1})
    EXPECT_EQ(standing(s.signed_by({{&s.n1, far}, {&s.n2, far}}), 1'000'000'000), "unwitnessed") << far;
  EXPECT_EQ(*judge(s.signed_by({{&s.a1, 50}, {&s.b1, 6}, {&s.n1, 7}, {&s.n3, 9}}), *policy, std::nullopt, Instant{})->since, 50u);
  const auto open = parse_policy("log " + vkey_text(s.log.verifier()) + "\nquorum none\n");
  EXPECT_EQ(judge(s.signed_by({}), *open, std::nullopt, Instant{})->standing, Standing::unwitnessed) << "nobody vouches";
  const auto other = parse_policy("log " + vkey_text(key_of("example.org/other").verifier()) + "\nquorum none\n");
  EXPECT_EQ(judge(s.signed_by({}), *other, std::nullopt, Instant{}).error().code, "record.unknown-log");
}

TEST(Policies, MistakesAreNamedByLine) {
  const Sides s;
  const std::string w = "witness w9 " + vkey_text(s.a1.verifier()) + "\n";
  const std::pair<std::string, long> wrong[] = {
      {s.head(), 11},  // no quorum
      {s.head() + "quorum alpha\nquorum bravo\n", 13},
      {s.head() + "quorum charlie\n", 12},
      {s.head() + "group x all alpha alpha\nquorum x\n", 12},
      {s.head() + "group x any a1\nquorum x\n", 12},  // a1 already counts in alpha
      {s.head() + "group x 3 alpha bravo\nquorum x\n", 12},
      {s.head() + "group x 0 alpha\nquorum x\n", 12},
      {s.head() + "group x 01 alpha\nquorum x\n", 12},
      {s.head() + "group none any alpha\nquorum none\n", 12},
      {s.head() + "group alpha any bravo\nquorum alpha\n", 12},
      {s.head() + w + "quorum alpha\n", 12},  // the same key again
      {s.head() + "witness l " + vkey_text(s.log.verifier()) + "\nquorum alpha\n", 12},
      {s.head() + "quorum alpha\rx\n", 12},
      {s.head() + "fallback alpha\nquorum alpha\n", 12},
  };
  for (const auto& [text, line] : wrong) {
    const auto policy = parse_policy(text, "p.txt");
    ASSERT_FALSE(policy) << text;
    EXPECT_EQ(policy.error().line_number, line) << text;
  }
}

TEST(WitnessRules, AnswersOfTheProtocol) {
  const SigningKey log = key_of("example.org/log");
  std::vector<Digest> leaves;
  for (int i = 0; i < 20; ++i) leaves.push_back(leaf_hash(std::to_string(i)));
  const HashReader hashes = [&](int level, std::uint64_t n) -> Result<Digest> {
    CompactRange range;
    for (std::uint64_t i = n << level; i < (n + 1) << level; ++i) range.append(leaves[i]);
    return range.root();
  };
  const auto at = [&](std::uint64_t size) { return sign_checkpoint({"example.org/log", size, *root_at(size, hashes), {}}, log); };
  WitnessedTree last{8, *root_at(8, hashes)};
  const auto ask = [&](const std::string& body) {
    return consider(
        body,
        [&](const std::string& origin) { return origin == "example.org/log" ? std::vector{log.verifier()} : std::vector<VerifierKey>{}; },
        [&](const std::string&) { return last; });
  };
  const Proof good = *consistency_proof(8, 20, hashes);
  EXPECT_TRUE(ask(add_checkpoint_body({8, good, at(20)})).checkpoint);
  EXPECT_TRUE(ask(add_checkpoint_body({8, {}, at(8)})).checkpoint) << "the same tree again";
  const auto status = [&](const AddCheckpoint& r) { return ask(add_checkpoint_body(r)).reply.status; };
  const auto conflict_reply = ask(add_checkpoint_body({5, *consistency_proof(5, 20, hashes), at(20)})).reply;
  EXPECT_EQ(conflict_reply.status, 409);
  EXPECT_EQ(conflict_reply.body, "8\n");
  EXPECT_EQ(conflict_reply.content_type, "text/x.tlog.size");
  EXPECT_EQ(status({9, {}, at(8)}), 400) << "old larger than new";
  EXPECT_EQ(status({8, {}, at(20)}), 422);
  Proof bad = good;
  bad[0][0] ^= 1;
  EXPECT_EQ(status({8, bad, at(20)}), 422);
  EXPECT_EQ(status({8, {}, sign_checkpoint({"example.org/log", 8, sha256("fork"), {}}, log)}), 409) << "two roots for one size";
  EXPECT_EQ(status({8, {sha256("x")}, at(8)}), 422) << "a proof from a tree to itself must be empty";
  EXPECT_EQ(status({8, good, sign_checkpoint({"example.org/other", 20, *root_at(20, hashes), {}}, key_of("example.org/other"))}), 404);
  const std::string text = checkpoint_text({"example.org/log", 20, *root_at(20, hashes), {}});
  EXPECT_EQ(status({8, good, note_bytes({text, {key_of("stranger").sign(text)}})}), 403);
  NoteSignature broken = log.sign(text);
  broken.bytes[0] ^= 1;
  EXPECT_EQ(status({8, good, note_bytes({text, {log.sign(text), broken}})}), 403);
  EXPECT_EQ(ask("old 08\n\n" + at(8)).reply.status, 400);
  EXPECT_EQ(ask("nonsense").reply.status, 400);
  last = {};
  EXPECT_TRUE(ask(add_checkpoint_body({0, {}, at(20)})).checkpoint);
  EXPECT_EQ(status({0, good, at(20)}), 422) << "a proof from nothing must be empty";
  EXPECT_EQ(status({0, {}, sign_checkpoint({"example.org/log", 0, sha256("not empty"), {}}, log)}), 409);
  EXPECT_TRUE(ask(add_checkpoint_body({0, {}, sign_checkpoint({"example.org/log", 0, empty_root(), {}}, log)})).checkpoint);
  AddCheckpoint many{8, Proof(64, sha256("x")), at(20)};
  EXPECT_EQ(status(many), 400) << "more than 63 proof lines";
  // What is no such request, line by line.
  const std::string tree = at(20), hash = base64(view(sha256("x")));
  for (const std::string& wrong :
       {std::string(), std::string("old 0"), std::string("old 0\n"), std::string("old 0\n\n"), "old\n\n" + tree, "old \n\n" + tree,
        "old -1\n\n" + tree, "old 1 \n\n" + tree, "old 18446744073709551616\n\n" + tree, "OLD 0\n\n" + tree, "old 0\r\n\r\n" + tree,
        "old 0\n" + hash + "\n" + tree, "old 0\n" + hash.substr(1) + "\n\n" + tree, "old 0\n" + hash + hash + "\n\n" + tree,
        "old 0\n\n" + tree.substr(0, tree.size() - 1), "old 0\n\n" + tree.substr(0, tree.find("\n\n") + 1), "old 0\n\n\n" + tree,
        "\xff" + add_checkpoint_body({0, {}, tree}), add_checkpoint_body({0, {}, tree + std::string(1, '\0')})})
    EXPECT_EQ(ask(wrong).reply.status, 400) << wrong;
}

TEST(Bundles, ComeBackAsTheyWere) {
  Bundle b;
  b.policy = "log x\nquorum none\n";
  b.agreement = "== entry 3\nnot a section\n";
  b.entries = {{"one", "proof\n", {"d1", "d2"}}, {"", "p", {}}, {"submitted", "", {"d"}}};
  b.verdict = "{}";
  const std::string bytes = bundle_bytes(b);
  const auto back = parse_bundle(bytes);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(bundle_bytes(*back), bytes);
  EXPECT_EQ(back->entries[0].disclosures, b.entries[0].disclosures);
  EXPECT_EQ(back->agreement, b.agreement);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    const auto less = parse_bundle(bytes.substr(0, cut));
    EXPECT_TRUE(!less || bundle_bytes(*less) == bytes.substr(0, cut)) << "cut between two sections, at " << cut;
  }
  EXPECT_EQ(parse_bundle(bytes + "x").error().code, "record.bad-package");
}

TEST(Parties, RevokingKeepsCommentsAndWhatWasInForce) {
  const SigningKey old_key = key_of("example.org/m"), new_key = key_of("example.org/m"), other = key_of("example.org/o");
  std::string text =
      "# ours\n" + party_line({old_key.verifier(), 0}) + "\n" + party_line({other.verifier(), 2}) + party_line({new_key.verifier(), 9});
  const auto revoked = revoke_party(text, "example.org/m", 5);
  ASSERT_TRUE(revoked);
  EXPECT_EQ(*revoked, "# ours\n" + party_line({old_key.verifier(), 0, 5}) + "\n" + party_line({other.verifier(), 2}))
      << "a key that would begin later never does";
  EXPECT_EQ(*revoke_party(*revoked, "example.org/m", 7), *revoked) << "what has ended has ended";
  EXPECT_EQ(revoke_party(text, "example.org/x", 5).error().code, "record.unknown-author");
}

}  // namespace
}  // namespace surety::record
