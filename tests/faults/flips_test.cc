// Every bit of everything that a record is made of, flipped one at a time: files of the record directory, cosigned
// checkpoints, proofs, requests to a witness, receipts, disclosures, and what the database keeps. Both programs are asked,
// ours and the separate verifier, and both must notice.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "record/disclosure.h"
#include "record/policy.h"
#include "record/proof.h"
#include "record/statement_note.h"
#include "record/tiles.h"
#include "store/record_commands.h"
#include "store/test_dir.h"
#include "store/witness.h"
#include "tests/faults/campaign.h"
#include "verify/policy.h"
#include "verify/record.h"

namespace surety::faults {
namespace {

namespace fs = std::filesystem;
using record::vkey_text;

void overwrite(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

bool verifier_holds(const std::string& dir) {
  const auto line = verify::read_file(dir + "/log.vkey");
  const bool whole = line && line->ends_with('\n') && line->find('\n') + 1 == line->size();
  const auto key = whole ? verify::parse_key(line->substr(0, line->size() - 1)) : std::nullopt;
  verify::Findings findings;
  if (key) verify::check_record(dir, *key, findings);
  return key && findings.problem_count == 0;
}
bool ours_holds(const std::string& dir) {
  const auto check = store::verify_record(dir);
  return check && check->problems.empty();
}

// A log that grew in steps, so that it has full tiles and partial ones, of earlier sizes too.
class Flips : public ::testing::Test {
 protected:
  void grow(std::size_t to) {
    if (!log_) {
      auto log = store::Log::open(options());
      ASSERT_TRUE(log) << log.error().text();
      log_ = std::move(*log);
      auto witness = store::Witness::open(dir_.path("witness.db"), "witness.example/w", {log_->vkey()});
      ASSERT_TRUE(witness);
      witness_ = std::move(*witness);
    }
    for (; entries_.size() < to;) entries_.push_back(entries_.size() == 3 ? "" : "entry " + std::to_string(entries_.size()));
    ASSERT_TRUE(log_->append(std::vector<std::string_view>(entries_.begin(), entries_.end())));
    ASSERT_TRUE(log_->publish());
    const std::string request = *store::witness_request(record(), cosigned_);
    const auto reply = witness_->handle("POST", "/add-checkpoint", request, Instant{1'000'000'000});
    ASSERT_EQ(*log_->add_cosignatures(reply.body, {witness_->vkey()}), 1) << reply.body;
    cosigned_ = to;
  }
  store::LogOptions options() {
    return {.database = dir_.path("surety.db"), .record_dir = {}, .key_file = {}, .origin = "example.org/truce", .disk = nullptr};
  }
  std::string record() const { return dir_.path("record"); }

  void flip_every_file(std::size_t step, const char* what) {
    ASSERT_TRUE(ours_holds(record()));
    ASSERT_TRUE(verifier_holds(record()));
    EXPECT_EQ(run_verifier(record()), 0);
    for (const auto& file : fs::recursive_directory_iterator(record())) {
      if (!file.is_regular_file()) continue;
      const std::string path = file.path(), good = *read_file(path);
      // A cosignature is another's word and judged by a policy (below): this asks for the log's alone.
      const std::size_t judged = path.ends_with("/checkpoint") ? good.find("\n\u2014 witness.example/w") + 1 : good.size();
      count(what, every_bit(
                      good.substr(0, judged),
                      [&](const std::string& bad, std::size_t bit) {
                        overwrite(path, bad + good.substr(judged));
                        ASSERT_FALSE(ours_holds(record())) << path << " bit " << bit;
                        ASSERT_FALSE(verifier_holds(record())) << path << " bit " << bit;
                      },
                      step));
      if (HasFatalFailure()) return;
      overwrite(path, good.substr(0, good.size() - 1));
      ASSERT_FALSE(ours_holds(record())) << path << " cut short";
      ASSERT_FALSE(verifier_holds(record())) << path << " cut short";
      overwrite(path, good);
    }
    EXPECT_TRUE(ours_holds(record()));
    EXPECT_TRUE(verifier_holds(record()));
  }

  store::TestDir dir_;
  std::vector<std::string> entries_;
  std::unique_ptr<store::Log> log_;
  std::unique_ptr<store::Witness> witness_;
  std::uint64_t cosigned_ = 0;
};

TEST_F(Flips, EveryBitOfASmallRecord) {
  ASSERT_NO_FATAL_FAILURE(grow(2));
  ASSERT_NO_FATAL_FAILURE(grow(5));
  flip_every_file(1, "bits of a record of 5 entries flipped (tiles, entries, checkpoint, key), every one found");
  overwrite(dir_.path("record/checkpoint"), *read_file(dir_.path("record/checkpoint")) + "x");
  EXPECT_EQ(run_verifier(record()), 1);
  EXPECT_EQ(run_verifier(dir_.path("nothing")), 2);
}

TEST_F(Flips, EveryBitOfFullTiles) {
  ASSERT_NO_FATAL_FAILURE(grow(256));
  ASSERT_NO_FATAL_FAILURE(grow(258));
  // All of them in a campaign; by steps that are no multiple of a byte's otherwise.
  flip_every_file(whole_campaign() ? 1 : 101,
                  "bits of a record of 258 entries flipped (full tiles and bundles, two levels), every one found");
}

TEST_F(Flips, EveryBitOfACosignedCheckpoint) {
  ASSERT_NO_FATAL_FAILURE(grow(5));
  const std::string policy = "log " + vkey_text(log_->vkey()) + "\nwitness w " + vkey_text(witness_->vkey()) + "\nquorum w\n";
  const auto ours = record::parse_policy(policy);
  std::string why;
  const auto theirs = verify::parse_policy(policy, why);
  const auto log_key = verify::parse_key(vkey_text(log_->vkey()));
  ASSERT_TRUE(ours && theirs && log_key) << why;
  const auto witnessed = [&](const std::string& bytes) {
    const auto judged = record::judge(bytes, *ours, {}, Instant{2'000'000'000});
    return judged && judged->standing == record::Standing::witnessed;
  };
  const auto witnessed_there = [&](const std::string& bytes) {
    const auto note = verify::parse_note(bytes, why);
    bool bad = false;
    return note && verify::signed_by(*note, *log_key, why) && verify::quorum_time(*theirs, *note, bad, why) && !bad;
  };
  const std::string good = log_->signed_checkpoint();
  ASSERT_TRUE(witnessed(good) && witnessed_there(good));
  count("bits of a cosigned checkpoint flipped, every one found", every_bit(good, [&](const std::string& bad, std::size_t bit) {
          ASSERT_FALSE(witnessed(bad)) << "bit " << bit;
          ASSERT_FALSE(witnessed_there(bad)) << "bit " << bit;
        }));
}

TEST_F(Flips, EveryBitOfAProofAndAReceipt) {
  ASSERT_NO_FATAL_FAILURE(grow(300));
  const auto proves = [&](const std::string& text) {
    const auto proof = record::parse_proof(text);
    if (!proof || proof->index != 42) return false;
    const auto checkpoint = record::open_checkpoint(proof->signed_checkpoint, log_->vkey());
    if (!checkpoint) return false;
    const auto note = record::parse_note(proof->signed_checkpoint);
    return note && record::verify_cosignature(*note, witness_->vkey()) &&
           record::verify_inclusion(42, checkpoint->size, record::leaf_hash(entries_[42]), proof->path, checkpoint->root).has_value();
  };
  const std::string proof = *store::prove(record(), 42);
  ASSERT_TRUE(proves(proof));
  count("bits of an inclusion proof flipped, every one found",
        every_bit(proof, [&](const std::string& bad, std::size_t bit) { ASSERT_FALSE(proves(bad)) << "bit " << bit; }));
  const std::string receipt = log_->receipt(entries_[42], Instant{1'767'434'400'000'000}, 60);
  ASSERT_TRUE(record::open_receipt(receipt, log_->vkey()));
  count("bits of a receipt flipped, every one found", every_bit(receipt, [&](const std::string& bad, std::size_t bit) {
          ASSERT_FALSE(record::open_receipt(bad, log_->vkey())) << "bit " << bit;
        }));
}

// A witness signs nothing that was changed under way, and what it remembers stays what it was.
TEST_F(Flips, EveryBitOfARequestToAWitness) {
  ASSERT_NO_FATAL_FAILURE(grow(5));
  entries_.push_back("one more");
  const std::string_view more[] = {entries_.back()};
  ASSERT_TRUE(log_->append(more) && log_->publish());
  const std::string request = *store::witness_request(record(), 5);
  count("bits of a request to a witness flipped, none signed", every_bit(request, [&](const std::string& bad, std::size_t bit) {
          ASSERT_NE(witness_->handle("POST", "/add-checkpoint", bad, Instant{1'000'000'000}).status, 200) << "bit " << bit;
        }));
  EXPECT_EQ(witness_->handle("POST", "/add-checkpoint", request, Instant{1'000'000'000}).status, 200);
}

TEST(FlipsOfParties, EveryBitOfAStatementAndItsDisclosures) {
  const auto author = record::SigningKey::generate("example.org/monitor");
  const auto fields = record::commit({{"actor", "\"Alpha\""}, {"place", "[\"48.5\",\"37\"]"}, {"rounds", "17"}});
  ASSERT_TRUE(author && fields);
  record::StatementNote s;
  s.agreement = "truce";
  s.author = author->name();
  s.sd = fields->digests;
  const std::string entry = record::sign_statement(s, *author);
  const auto parties = record::PartyKeys::parse("party " + vkey_text(author->verifier()) + " from 0\n");
  ASSERT_TRUE(parties && parties->open(entry, 0));
  count("bits of a signed statement flipped, every one found",
        every_bit(entry, [&](const std::string& bad, std::size_t bit) { ASSERT_FALSE(parties->open(bad, 0)) << "bit " << bit; }));
  for (const record::Disclosure& d : fields->disclosures)
    count("bits of disclosures flipped, every one found", every_bit(d.encoded, [&](const std::string& bad, std::size_t bit) {
            ASSERT_FALSE(record::open_disclosures(s.sd, {bad})) << "bit " << bit;
          }));
}

// What the database keeps, by flipping it under SQLite: entries, the tree, the last checkpoint, the key.
TEST_F(Flips, EveryBitOfWhatTheDatabaseKeeps) {
  ASSERT_NO_FATAL_FAILURE(grow(5));
  log_.reset();
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(dir_.path("surety.db").c_str(), &db), SQLITE_OK);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> closes(db, sqlite3_close_v2);
  sqlite3_exec(db, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
  const auto put = [&](const char* sql, const std::string& bytes, const std::string& key) {
    sqlite3_stmt* s = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(db, sql, -1, &s, nullptr), SQLITE_OK);
    sqlite3_bind_blob(s, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
    sqlite3_bind_text(s, 2, key.c_str(), -1, SQLITE_STATIC);
    ASSERT_EQ(sqlite3_step(s), SQLITE_DONE);
    sqlite3_finalize(s);
  };
  const auto found = [&] {
    const auto check = store::fsck(options());
    return !check || !check->problems.empty();
  };
  ASSERT_FALSE(found());
  const auto flip = [&](const char* sql, const std::string& good, const std::string& key) {
    const long bits = every_bit(good, [&](const std::string& bad, std::size_t bit) {
      put(sql, bad, key);
      ASSERT_TRUE(found()) << key << " bit " << bit;
    });
    put(sql, good, key);
    count("bits of what the database keeps flipped, every one found by fsck", bits);
  };
  std::string row;
  for (const std::string& entry : entries_) ASSERT_TRUE(record::append_to_bundle(row, entry));
  flip("UPDATE chunk SET entries = ?1 WHERE first = CAST(?2 AS INTEGER)", row, "0");
  for (const std::string name : {"tree", "checkpoint", "log.vkey"}) {
    std::string value;
    {
      auto store = store::open_store(dir_.path("surety.db"), store::Mode::read);
      ASSERT_TRUE(store);
      value = **(*store)->value(name);
    }
    flip("UPDATE value SET value = ?1 WHERE name = ?2", value, name);
  }
  ASSERT_FALSE(found());
}

}  // namespace
}  // namespace surety::faults
