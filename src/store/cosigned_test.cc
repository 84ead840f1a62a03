#include "store/cosigned.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "store/log.h"
#include "store/record_commands.h"
#include "store/standing.h"
#include "store/test_dir.h"
#include "store/witness.h"

namespace surety::store {
namespace {

Instant at_hour(std::int64_t hour) { return {hour * 3'600'000'000}; }

class CosignedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened =
        Log::open({.database = dir_.path("surety.db"), .record_dir = {}, .key_file = {}, .origin = "example.org/truce", .disk = nullptr});
    ASSERT_TRUE(opened) << opened.error().text();
    log_ = std::move(*opened);
    neutral_ = *Witness::open(dir_.path("neutral.db"), "neutral.example/w", {log_->vkey()});
    alpha_ = *Witness::open(dir_.path("alpha.db"), "alpha.example/w", {log_->vkey()});
    const std::string names = "log " + record::vkey_text(log_->vkey()) + "\nwitness neutral " + record::vkey_text(neutral_->vkey()) +
                              "\nwitness alpha " + record::vkey_text(alpha_->vkey()) + "\n";
    files_ = {dir_.path("surety.db.policy"), dir_.path("surety.db.fallback")};
    ASSERT_TRUE(write_file_atomically(files_.policy, names + "group both all neutral alpha\nquorum both\n"));
    ASSERT_TRUE(write_file_atomically(files_.fallback, "72 h\n" + names + "quorum neutral\n"));
    policy_ = *read_policy(files_.policy);
    fallback_ = *parse_fallback(*read_file(files_.fallback), files_.fallback);
  }
  std::string grow() {
    const std::string entry = "entry " + std::to_string(log_->checkpoint().size);
    EXPECT_TRUE(log_->append(std::vector<std::string_view>{entry}));
    EXPECT_TRUE(log_->publish());
    return log_->signed_checkpoint();
  }
  std::string answer(Witness& witness, std::uint64_t old_size, const std::string& checkpoint, Instant now) {
    const auto reply = witness.handle("POST", "/add-checkpoint", *witness_request(record(), old_size, checkpoint), now);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.body;
  }
  std::string record() const { return dir_.path("record"); }
  RecordStanding standing(Instant now) { return *standing_of(record(), files_, now); }
  TestDir dir_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<Witness> neutral_, alpha_;
  PolicyFiles files_;
  record::Policy policy_;
  std::optional<record::Fallback> fallback_;
};

TEST_F(CosignedTest, AnAnswerThatComesAfterTheLogHasGrownStillMakesItsCheckpointOperative) {
  const std::string one = grow();
  const std::string lines = answer(*neutral_, 0, one, at_hour(1));
  grow();
  EXPECT_TRUE(*keep_cosignature(record(), one, lines, neutral_->vkey()));
  EXPECT_FALSE(*keep_cosignature(record(), one, lines, alpha_->vkey())) << "these lines are another's";
  EXPECT_FALSE(*keep_cosignature(record(), log_->signed_checkpoint(), lines, neutral_->vkey())) << "they are for another checkpoint";
  EXPECT_FALSE(*keep_cosignature(record(), one, "not a line", alpha_->vkey()));
  EXPECT_TRUE(*keep_cosignature(record(), one, answer(*alpha_, 0, one, at_hour(2)), alpha_->vkey()));
  const auto found = standing(at_hour(2));
  EXPECT_EQ(found.judged.checkpoint.size, 2u);
  EXPECT_EQ(found.judged.standing, record::Standing::unwitnessed);
  ASSERT_TRUE(found.operative);
  EXPECT_EQ(found.operative->checkpoint.size, 1u);
  EXPECT_EQ(found.operative->standing, record::Standing::witnessed);
  EXPECT_EQ(standing_text(found),
            "unwitnessed: cosigned by 0 of 2 witnesses, which is no quorum; its first 1 entry is witnessed since 1970-01-01T02:00:00Z");
}

TEST_F(CosignedTest, TheFallbackComesIntoForceForALogThatNeverStopsGrowing) {
  for (int hour = 0; hour < 200; ++hour) {
    const std::string now = grow();
    ASSERT_TRUE(
        *keep_cosignature(record(), now, answer(*neutral_, static_cast<std::uint64_t>(hour), now, at_hour(hour)), neutral_->vkey()));
    ASSERT_TRUE(prune_cosigned(record(), policy_, fallback_, at_hour(hour)));
    ASSERT_LE(cosigned_in(record()).size(), 64u + 3) << "while one stays away for good, no more than the delay's steps are kept";
    if (hour % 8 != 0) continue;
    const auto found = standing(at_hour(hour));
    EXPECT_EQ(found.judged.standing, record::Standing::unwitnessed);
    ASSERT_EQ(found.operative.has_value(), hour >= 72) << hour;
    if (hour < 72) continue;
    // Kept in steps of 72/64 hours, so it is at most two hours further behind than the 72.
    EXPECT_EQ(found.operative->standing, record::Standing::by_fallback);
    EXPECT_LE(found.operative->checkpoint.size, static_cast<std::uint64_t>(hour - 72 + 1));
    EXPECT_GE(found.operative->checkpoint.size + 2, static_cast<std::uint64_t>(hour - 72 + 1));
  }
  // The one that stalled is back: nothing older than what the quorum has cosigned is kept.
  const std::string now = log_->signed_checkpoint();
  ASSERT_TRUE(*keep_cosignature(record(), now, answer(*alpha_, 0, now, at_hour(200)), alpha_->vkey()));
  ASSERT_TRUE(prune_cosigned(record(), policy_, fallback_, at_hour(200)));
  EXPECT_EQ(cosigned_in(record()).size(), 1u);
  EXPECT_EQ(standing(at_hour(200)).judged.standing, record::Standing::witnessed);
}

TEST_F(CosignedTest, WhatTheQuorumHasCosignedIsKeptThoughTheFallbackWentFurther) {
  const std::string one = grow();
  for (Witness* w : {neutral_.get(), alpha_.get()})
    ASSERT_TRUE(*keep_cosignature(record(), one, answer(*w, 0, one, at_hour(1)), w->vkey()));
  for (std::uint64_t size = 2; size < 6; ++size) {
    const std::string next = grow();
    ASSERT_TRUE(*keep_cosignature(record(), next, answer(*neutral_, size - 1, next, at_hour(static_cast<int>(size))), neutral_->vkey()));
  }
  ASSERT_TRUE(prune_cosigned(record(), policy_, fallback_, at_hour(72 + 4)));
  std::vector<std::uint64_t> sizes;
  for (const auto& [size, bytes] : cosigned_in(record())) sizes.push_back(size);
  EXPECT_EQ(sizes, (std::vector<std::uint64_t>{1, 4, 5})) << "the quorum's, the fallback's, and the largest";
  EXPECT_EQ(standing(at_hour(72 + 4)).operative->checkpoint.size, 4u);
  EXPECT_EQ(standing(at_hour(10)).operative->checkpoint.size, 1u) << "a clock that is set back finds the quorum's";
}

TEST_F(CosignedTest, AClockFarAheadIsNeverThePast) {
  const std::string receipt = log_->receipt("never added", at_hour(1), 60);
  const std::string one = grow();
  const Instant far{std::numeric_limits<std::int64_t>::max()};  // beyond the year 9999
  for (Witness* w : {neutral_.get(), alpha_.get()}) ASSERT_EQ(*log_->add_cosignatures(answer(*w, 0, one, far), {w->vkey()}), 1);
  EXPECT_EQ(standing_text(standing(at_hour(2))), "witnessed since 9999-12-31T23:59:59Z, cosigned by 2 of 2 witnesses");
  EXPECT_EQ(check_receipt(record(), receipt, {neutral_->vkey()})->promise, Promise::broken);
}

TEST_F(CosignedTest, HowTheWitnessesAreDoingIsReadAsItWasWritten) {
  EXPECT_TRUE(read_witness_states(record()).empty());
  WitnessStates states;
  states["alpha"] = {7, at_hour(3), {}, {}};
  states["bravo"] = {0, {}, at_hour(4), "nobody answers\nthere"};
  ASSERT_TRUE(write_witness_states(record(), states));
  const auto read = read_witness_states(record());
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read.at("alpha").size, 7u);
  EXPECT_EQ(*read.at("alpha").at, at_hour(3));
  EXPECT_FALSE(read.at("alpha").late_since);
  EXPECT_EQ(*read.at("bravo").late_since, at_hour(4));
  EXPECT_EQ(read.at("bravo").why, "nobody answers there");
}

}  // namespace
}  // namespace surety::store
