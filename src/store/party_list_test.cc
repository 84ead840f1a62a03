#include "store/party_list.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "store/migrate.h"
#include "store/record_commands.h"
#include "store/test_dir.h"

namespace surety::store {
namespace {

using Did = record::PartyChange::Did;

class PartyListTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    log_.reset();
    log_ = std::move(*Log::open(options()));
  }
  LogOptions options() const {
    return {.database = dir_.path("s.db"), .record_dir = {}, .key_file = {}, .origin = "example.org/truce", .disk = nullptr};
  }
  std::string file() const { return dir_.path("s.db.parties"); }
  static std::string vkey(char seed, const char* name = "example.org/m") {
    return record::vkey_text(record::SigningKey::from_seed(name, std::string(32, seed))->verifier());
  }
  Status change(Did did, const std::string& what) { return change_parties(*log_, file(), {{did, what}}, "chair", now_); }
  std::string list() {
    const auto text = party_list(log_->store(), Mode::write, file());
    EXPECT_TRUE(text) << text.error().text();
    return text && *text ? **text : "";
  }
  void fill(int n) {
    std::vector<std::string> entries;
    for (int i = 0; i < n; ++i) entries.push_back("entry " + std::to_string(filled_++));
    ASSERT_TRUE(log_->append(std::vector<std::string_view>(entries.begin(), entries.end())));
  }
  std::vector<std::string> problems() {
    const auto check = fsck(options());
    EXPECT_TRUE(check);
    return check->problems;
  }

  TestDir dir_;
  Instant now_ = *parse_instant("2026-06-01T00:00:00Z");
  std::unique_ptr<Log> log_;
  int filled_ = 0;
};

TEST_F(PartyListTest, TheFileIsAViewOfTheLog) {
  EXPECT_FALSE(party_list(log_->store(), Mode::write, file())->has_value());
  ASSERT_TRUE(change(Did::admit, vkey(1)));
  fill(3);
  ASSERT_TRUE(change(Did::rotate, vkey(2)));
  const std::string expected = "party " + vkey(1) + " from 1 until 5\nparty " + vkey(2) + " from 5\n";
  EXPECT_EQ(list(), expected);
  EXPECT_EQ(*read_file(file()), expected);
  EXPECT_EQ(problems(), std::vector<std::string>());
  std::filesystem::remove(file());
  EXPECT_EQ(list(), expected);
  EXPECT_EQ(*read_file(file()), expected) << "written anew";
}

TEST_F(PartyListTest, WhatACrashLeftBehindIsBroughtUp) {
  ASSERT_TRUE(change(Did::admit, vkey(1)));
  const std::string before = *read_file(file());
  ASSERT_TRUE(change(Did::revoke, "example.org/m"));
  ASSERT_TRUE(write_file_atomically(file(), before));
  EXPECT_EQ(problems().size(), 1u);
  EXPECT_EQ(list(), "party " + vkey(1) + " from 1 until 2\n") << "a key that was revoked stays revoked";
  EXPECT_EQ(problems(), std::vector<std::string>());
}

TEST_F(PartyListTest, OtherHandsAreNotBelieved) {
  ASSERT_TRUE(change(Did::admit, vkey(1)));
  ASSERT_TRUE(write_file_atomically(file(), *read_file(file()) + "party " + vkey(3, "example.org/spy") + " from 0\n"));
  const auto refused = party_list(log_->store(), Mode::write, file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "record.parties-differ");
  EXPECT_NE(refused.error().found_text.find("example.org/spy"), std::string::npos);
  EXPECT_EQ(change(Did::admit, vkey(2)).error().code, "record.parties-differ") << "nor taken into the log on the way";
  EXPECT_NE(problems().at(0).find("example.org/spy"), std::string::npos);
  EXPECT_TRUE(*write_parties_from_log(log_->store(), Mode::write, file()));
  EXPECT_EQ(problems(), std::vector<std::string>());
}

TEST_F(PartyListTest, AnOlderListIsTakenInAsItStands) {
  fill(4);
  const std::string old = "# ours, from before\nparty " + vkey(1) + " from 0 until 2\nparty " + vkey(2) + " from 2\n";
  ASSERT_TRUE(write_file_atomically(file(), old));
  EXPECT_EQ(list(), old) << "until the first change the file is all there is";
  EXPECT_EQ(problems(), std::vector<std::string>());
  ASSERT_TRUE(change(Did::revoke, "example.org/m"));
  EXPECT_EQ(*log_->store().size(), 6u) << "the list, and the change";
  const std::string now = "party " + vkey(1) + " from 0 until 2\nparty " + vkey(2) + " from 2 until 6\n";
  EXPECT_EQ(list(), "# ours, from before\n" + now) << "notes stay in the file";
  EXPECT_EQ(parties_in_log(log_->store(), Mode::read)->list(), now);
  EXPECT_EQ(problems(), std::vector<std::string>());
}

TEST_F(PartyListTest, AChangeThatCannotBeLeavesNothing) {
  EXPECT_EQ(change(Did::revoke, "example.org/m").error().code, "record.unknown-author");
  EXPECT_EQ(change_parties(*log_, file(), {{Did::admit, vkey(1)}, {Did::admit, vkey(1)}}, "", now_).error().code, "record.key-in-force");
  EXPECT_EQ(change_parties(*log_, file(), {{Did::admit, vkey(1)}}, "two\nlines", now_).error().code, "record.bad-party-change");
  EXPECT_EQ(*log_->store().size(), 0u);
  EXPECT_FALSE(file_exists(file()));
}

// A long log is read once; what was noted then and the entries since give the same list.
TEST_F(PartyListTest, NotedHowFarItWasRead) {
  ASSERT_TRUE(change(Did::admit, vkey(1)));
  fill(10'000);
  EXPECT_EQ(parties_in_log(log_->store(), Mode::write)->changes(), 1u);
  EXPECT_TRUE(log_->store().value("parties")->has_value());
  ASSERT_TRUE(change(Did::rotate, vkey(2)));
  EXPECT_EQ(parties_in_log(log_->store(), Mode::read)->list(),
            "party " + vkey(1) + " from 1 until 10002\nparty " + vkey(2) + " from 10002\n");
  EXPECT_EQ(problems(), std::vector<std::string>());
  ASSERT_TRUE(log_->store().set_value("parties", "10000\nchanges 0\nparty " + vkey(3) + " from 1\n"));
  EXPECT_NE(problems().at(0).find("that it keeps is not that of its entries"), std::string::npos);
}

TEST_F(PartyListTest, WhoRunsTheLogSpeaksByItsListToo) {
  const auto key = [](char seed, const char* name = "example.org/m") { return *record::parse_vkey(vkey(seed, name)); };
  EXPECT_TRUE(may_speak(*log_, key(1))) << "no list: in the open";
  ASSERT_TRUE(change(Did::admit, vkey(1)));
  EXPECT_TRUE(may_speak(*log_, key(1)));
  EXPECT_EQ(may_speak(*log_, key(2)).error().code, "record.key-not-in-force");
  EXPECT_TRUE(may_speak(*log_, key(2, "example.org/other"))) << "the log says nothing about this one";
  ASSERT_TRUE(change(Did::rotate, vkey(2)));
  EXPECT_EQ(may_speak(*log_, key(1)).error().code, "record.key-not-in-force");
  EXPECT_TRUE(may_speak(*log_, key(2)));
}

// Made where the key is, from what the log published; taken in once, and only as it was signed.
TEST_F(PartyListTest, AChangeSignedElsewhere) {
  const auto key = *record::SigningKey::from_seed("example.org/m", std::string(32, 1));
  ASSERT_TRUE(change(Did::admit, vkey(1)));
  const auto published = verify_record(dir_.path("record"));
  record::PartyChange rotation{Did::rotate, 0, now_, "", vkey(2), published->parties.log(), published->parties.changes() + 1, {}};
  rotation.signature = key.sign(record::party_change_text(rotation));
  const std::string entry = record::party_change_entry(rotation);
  std::string forged = entry;
  forged.replace(forged.find(vkey(2)), vkey(2).size(), vkey(3));
  EXPECT_EQ(take_change(*log_, file(), forged).error().code, "record.bad-signature");
  EXPECT_EQ(*log_->store().size(), 1u) << "refused at the door";
  ASSERT_TRUE(take_change(*log_, file(), entry));
  EXPECT_EQ(list(), "party " + vkey(1) + " from 1 until 2\nparty " + vkey(2) + " from 2\n");
  EXPECT_EQ(take_change(*log_, file(), entry).error().code, "record.change-out-of-turn");
  EXPECT_EQ(change_parties(*log_, file(), {{Did::revoke, "example.org/m"}}, "", now_, &key).error().code, "record.key-not-in-force");
  EXPECT_EQ(problems(), std::vector<std::string>());
  const std::string_view one[] = {forged};
  ASSERT_TRUE(log_->append(one));  // whoever runs the log writes it in all the same
  ASSERT_TRUE(log_->publish());
  EXPECT_EQ(problems().size(), 1u);
  EXPECT_EQ(list(), *read_file(file())) << "and it changes nothing";
}

TEST_F(PartyListTest, AnOlderListOfAThousandKeysIsTakenIn) {
  std::string old;
  for (int i = 0; i < 1000; ++i) {
    std::string seed(32, '\7');
    seed[0] = static_cast<char>(i % 251);
    seed[1] = static_cast<char>(i / 251);
    old += record::party_line({record::SigningKey::from_seed("example.org/party-" + std::to_string(i), seed)->verifier(), 0});
  }
  ASSERT_TRUE(write_file_atomically(file(), old));
  ASSERT_TRUE(change(Did::admit, vkey(1)));
  EXPECT_EQ(*log_->store().size(), 3u) << "two lists, and the change";
  EXPECT_TRUE(list() == old + "party " + vkey(1) + " from 3\n");
  EXPECT_EQ(problems(), std::vector<std::string>());
}

TEST_F(PartyListTest, ARecordDirectoryAloneBringsItBack) {
  ASSERT_TRUE(change(Did::admit, vkey(1)));
  fill(2);
  ASSERT_TRUE(change(Did::revoke, "example.org/m"));
  const std::string list = *read_file(file());
  ASSERT_TRUE(restore_from_record(dir_.path("record"), dir_.path("again.db"), {}));
  const auto store = open_store(dir_.path("again.db"), Mode::read);
  EXPECT_EQ(parties_in_log(**store, Mode::read)->list(), list);
  EXPECT_EQ(verify_record(dir_.path("record"))->parties.list(), list);
}

TEST_F(PartyListTest, AStrangeChangeInTheRecordIsAProblem) {
  const std::string bad = "parties/v1\nentry 9\nat 2026-06-01T00:00:00Z\nadmit " + vkey(1) + "\n";
  const std::string_view one[] = {bad};
  ASSERT_TRUE(log_->append(one));
  ASSERT_TRUE(log_->publish());
  const auto check = verify_record(dir_.path("record"));
  ASSERT_EQ(check->problems.size(), 1u);
  EXPECT_NE(check->problems[0].find("entry 0: this is not a change of the parties' keys (it says that it is entry 9)"), std::string::npos);
}

}  // namespace
}  // namespace surety::store
