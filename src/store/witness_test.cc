#include "store/witness.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/bytes.h"
#include "record/policy.h"
#include "store/log.h"
#include "store/record_commands.h"
#include "store/test_dir.h"

namespace surety::store {
namespace {

Instant at(std::int64_t seconds) { return {seconds * 1'000'000}; }

void add(Log& log, int from, int to) {
  std::vector<std::string> entries;
  for (int i = from; i < to; ++i) entries.push_back("entry " + std::to_string(i));
  ASSERT_TRUE(log.append(std::vector<std::string_view>(entries.begin(), entries.end())));
  ASSERT_TRUE(log.publish());
}

class WitnessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened =
        Log::open({.database = dir_.path("surety.db"), .record_dir = {}, .key_file = {}, .origin = "example.org/truce", .disk = nullptr});
    ASSERT_TRUE(opened) << opened.error().text();
    log_ = std::move(*opened);
  }
  std::unique_ptr<Witness> witness(const std::string& name) {
    auto out = Witness::open(dir_.path(name + ".db"), "witness.example/" + name, {log_->vkey()});
    EXPECT_TRUE(out) << out.error().text();
    return out ? std::move(*out) : nullptr;
  }
  std::string request(std::uint64_t old_size) { return *witness_request(dir_.path("record"), old_size); }
  TestDir dir_;
  std::unique_ptr<Log> log_;
};

TEST_F(WitnessTest, CosignsGrowthPersistsAndIsHeardByThePolicy) {
  auto w1 = witness("w1"), w2 = witness("w2");
  const auto policy = record::parse_policy("log " + record::vkey_text(log_->vkey()) + "\nwitness one " + record::vkey_text(w1->vkey()) +
                                           "\nwitness two " + record::vkey_text(w2->vkey()) + "\ngroup both all one two\nquorum both\n");
  ASSERT_TRUE(policy) << policy.error().text();
  const auto standing = [&] { return record::judge(log_->signed_checkpoint(), *policy, std::nullopt, at(0))->standing; };
  add(*log_, 0, 300);
  EXPECT_EQ(standing(), record::Standing::unwitnessed);
  const auto reply = w1->handle("POST", "/add-checkpoint", request(0), at(1000));
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(*log_->add_cosignatures(reply.body, policy->witness_keys()), 1);
  EXPECT_EQ(*log_->add_cosignatures(reply.body, policy->witness_keys()), 0) << "the same line again";
  EXPECT_EQ(standing(), record::Standing::unwitnessed);
  EXPECT_EQ(*log_->add_cosignatures(w2->handle("POST", "/add-checkpoint", request(0), at(1001)).body, policy->witness_keys()), 1);
  EXPECT_EQ(standing(), record::Standing::witnessed);
  EXPECT_EQ(verify_record(dir_.path("record"))->problems, std::vector<std::string>{});

  // It remembers across a restart, and names the size that it has.
  const auto vkey = w1->vkey();
  w1.reset();
  w1 = witness("w1");
  EXPECT_EQ(w1->vkey(), vkey);
  add(*log_, 300, 1000);
  const auto stale = w1->handle("POST", "/x/add-checkpoint", request(0), at(2000));
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(stale.body, "300\n");
  ASSERT_EQ(w1->handle("POST", "/add-checkpoint", request(300), at(2000)).status, 200);
  const auto view = w1->handle("GET", "/" + hex(sha256("example.org/truce")) + "/checkpoint", "", at(2001));
  ASSERT_EQ(view.status, 200);
  const auto note = record::parse_note(view.body);
  ASSERT_TRUE(note);
  EXPECT_TRUE(record::verify(*note, log_->vkey()));
  EXPECT_EQ(*record::verify_cosignature(*note, vkey), 2000u);
}

TEST_F(WitnessTest, OtherPathsAndOtherMethods) {
  auto w = witness("w");
  add(*log_, 0, 3);
  ASSERT_EQ(w->handle("POST", "/add-checkpoint", request(0), at(1)).status, 200);
  const std::string ours = "/" + hex(sha256("example.org/truce")) + "/checkpoint";
  for (const std::string& prefix : {std::string(), std::string("/a/b")}) {
    EXPECT_EQ(w->handle("GET", prefix + ours, "", at(2)).status, 200);
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "post", ""}) {
      const auto reply = w->handle(method, prefix + "/add-checkpoint", request(3), at(2));
      EXPECT_EQ(reply.status, 405) << method;
      EXPECT_EQ(reply.allow, "POST");
    }
    for (const char* method : {"POST", "PUT", "DELETE"}) {
      const auto reply = w->handle(method, prefix + ours, request(3), at(2));
      EXPECT_EQ(reply.status, 405) << method;
      EXPECT_EQ(reply.allow, "GET, HEAD");
    }
    const std::string hash = hex(sha256("example.org/truce"));
    const std::vector<std::string> elsewhere = {std::string("/"),
                                                std::string("/checkpoint"),
                                                "/" + std::string(64, '0') + "/checkpoint",
                                                "/" + hash.substr(1) + "/checkpoint",
                                                "/0" + hash + "/checkpoint",
                                                "/" + hash,
                                                "/" + hash + "/checkpoint/",
                                                "/add-checkpoint/",
                                                "/add-checkpoints",
                                                hash + "/checkpoint",
                                                "/" + hash + "//checkpoint"};
    for (const std::string& path : elsewhere)
      for (const char* method : {"GET", "POST", "DELETE"})
        EXPECT_EQ(w->handle(method, path.starts_with('/') ? prefix + path : path, request(3), at(2)).status,
                  path == "/" + std::string(64, '0') + "/checkpoint" && std::string(method) != "GET" ? 405 : 404)
            << method << " " << path;
  }
  EXPECT_EQ(w->handle("GET", "", "", at(2)).status, 404);
}

TEST_F(WitnessTest, OfManyAtOnceOnlyOneMovesIt) {
  auto w = witness("w");
  add(*log_, 0, 10);
  ASSERT_EQ(w->handle("POST", "/add-checkpoint", request(0), at(1)).status, 200);
  add(*log_, 10, 20);
  const std::string ten_to_twenty = request(10);
  add(*log_, 20, 30);
  const std::string ten_to_thirty = request(10);
  std::atomic<int> accepted = 0, conflicts = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      const int status = w->handle("POST", "/add-checkpoint", i % 2 ? ten_to_twenty : ten_to_thirty, at(2)).status;
      if (status == 200) ++accepted;
      if (status == 409) ++conflicts;
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(conflicts, 7);
}

TEST_F(WitnessTest, CosignaturesSurviveARestartOfTheLog) {
  auto w = witness("w");
  add(*log_, 0, 10);
  ASSERT_EQ(*log_->add_cosignatures(w->handle("POST", "/add-checkpoint", request(0), at(1)).body, {w->vkey()}), 1);
  const std::string bytes = log_->signed_checkpoint();
  log_.reset();
  SetUp();
  EXPECT_EQ(log_->signed_checkpoint(), bytes);
}

TEST_F(WitnessTest, ABrokenPromiseIsProvedByAnothersClock) {
  auto w = witness("w");
  const std::string kept = log_->receipt("entry 3", at(1000), 60), broken = log_->receipt("never logged", at(1000), 60);
  add(*log_, 0, 10);
  const std::string record = dir_.path("record");
  EXPECT_EQ(check_receipt(record, kept, {w->vkey()})->promise, Promise::kept);
  EXPECT_EQ(*check_receipt(record, kept, {w->vkey()})->index, 3u);
  EXPECT_EQ(check_receipt(record, broken, {w->vkey()})->promise, Promise::open) << "nobody's clock says that it is late";
  ASSERT_EQ(*log_->add_cosignatures(w->handle("POST", "/add-checkpoint", request(0), at(1060)).body, {w->vkey()}), 1);
  EXPECT_EQ(check_receipt(record, broken, {w->vkey()})->promise, Promise::open) << "on time to the second is not late";
  add(*log_, 10, 11);
  ASSERT_EQ(*log_->add_cosignatures(w->handle("POST", "/add-checkpoint", request(10), at(1061)).body, {w->vkey()}), 1);
  const auto check = check_receipt(record, broken, {w->vkey()});
  EXPECT_EQ(check->promise, Promise::broken);
  EXPECT_EQ(check->witnessed_by, "witness.example/w");
  EXPECT_NE(check->proof.find("receipt/v1"), std::string::npos);
  EXPECT_EQ(check_receipt(record, kept, {w->vkey()})->promise, Promise::kept);
}

}  // namespace
}  // namespace surety::store
