#include "store/disclosure_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/files.h"
#include "record/statement_note.h"
#include "store/test_dir.h"

namespace surety::store {
namespace {

class DisclosureStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    log_ = std::move(
        *Log::open({.database = dir_.path("surety.db"), .record_dir = {}, .key_file = {}, .origin = "example.org/truce", .disk = nullptr}));
    store_ = std::move(*DisclosureStore::open(path()));
    committed_ =
        std::move(*record::commit({{"actor", "\"Alpha\""}, {"point", "[\"48.5\",\"37.1\"]"}, {"sensor", "\"UAV 7 of the secret kind\""}}));
    leaf_ = record::leaf_hash("the statement");
    DisclosureStore::Kept kept{leaf_, "s-0123456789abcdef", {}};
    for (const auto& d : committed_.disclosures) kept.encoded.push_back(d.encoded);
    ASSERT_TRUE(store_->put({&kept, 1}));
    ASSERT_EQ(store_->leaves_of(kept.id)->size(), 1u);
  }
  std::string path() const { return dir_.path("surety.db.disclosures"); }
  std::vector<std::string> names(const std::string& audience) {
    const auto encoded = store_->disclose(*log_, leaf_, audience, "reader", now_);
    EXPECT_TRUE(encoded);
    std::vector<std::string> out;
    const auto fields = record::open_disclosures(committed_.digests, *encoded);
    EXPECT_TRUE(fields);
    for (const auto& field : *fields) out.push_back(field.name);
    return out;
  }
  std::string last_entry() { return *log_->store().get(*log_->store().size() - 1); }
  using Names = std::vector<std::string>;
  TestDir dir_;
  Instant now_ = *parse_instant("2026-01-03T10:00:00Z");
  std::unique_ptr<Log> log_;
  std::unique_ptr<DisclosureStore> store_;
  record::Committed committed_;
  Digest leaf_{};
};

TEST_F(DisclosureStoreTest, NobodyGetsAnythingByDefaultAndEachAudienceASubset) {
  for (const char* audience : {"public", "monitor", "chair", ""}) EXPECT_EQ(names(audience), Names{});
  ASSERT_TRUE(store_->release(*log_, leaf_, {"actor"}, "public", "chair", now_));
  ASSERT_TRUE(store_->release(*log_, leaf_, {"point"}, "monitor", "chair", now_));
  EXPECT_EQ(names("public"), Names{"actor"});
  EXPECT_EQ(names("monitor"), (Names{"actor", "point"}));
  EXPECT_EQ(names("desk-officer"), Names{"actor"});
  EXPECT_EQ(store_->release(*log_, leaf_, {"name"}, "public", "chair", now_).error().code, "store.no-such-field");
  EXPECT_EQ(store_->disclose(*log_, record::leaf_hash("another"), "monitor", "reader", now_)->size(), 0u);
  ASSERT_TRUE(store_->redact(*log_, leaf_, {"point"}, "monitor", "chair", now_));
  EXPECT_EQ(names("monitor"), Names{"actor"});
}

TEST_F(DisclosureStoreTest, EveryAccessToARestrictedFieldIsAnEntryWithoutItsValue) {
  ASSERT_TRUE(store_->release(*log_, leaf_, {"actor"}, "public", "chair", now_));
  ASSERT_TRUE(store_->release(*log_, leaf_, {"sensor"}, "monitor", "chair", now_));
  const auto before = *log_->store().size();
  names("public");
  EXPECT_EQ(*log_->store().size(), before) << "public fields make no access entry";
  names("monitor");
  names("monitor");
  EXPECT_EQ(*log_->store().size(), before + 2) << "two accesses are two entries";
  EXPECT_NE(last_entry().find("\"did\":\"access\""), std::string::npos);
  const std::string slot = base64(view(record::disclosure_digest(committed_.disclosures[2].encoded)));
  EXPECT_NE(last_entry().find("\"slots\":[\"" + slot + "\"]"), std::string::npos);
  EXPECT_NE(last_entry().find("\"by\":\"reader\""), std::string::npos);
  ASSERT_TRUE(log_->store().scan(0, *log_->store().size(), [&](std::uint64_t, std::string_view e) {
    EXPECT_EQ(e.find("Alpha"), std::string_view::npos);
    EXPECT_EQ(e.find("UAV"), std::string_view::npos);
    EXPECT_EQ(e.find("sensor"), std::string_view::npos) << "nor is it said that there is such a field";
    return true;
  }));
}

TEST_F(DisclosureStoreTest, ForgottenIsGoneFromTheFilesAndTheCommitmentStays) {
  const std::string secret = committed_.disclosures[2].encoded;
  const auto on_disk = [&] {
    for (const char* end : {"", "-wal"})
      if (const auto bytes = read_file(path() + end); bytes && bytes->find(secret) != std::string::npos) return true;
    return false;
  };
  EXPECT_TRUE(on_disk());
  ASSERT_TRUE(store_->release(*log_, leaf_, {"sensor"}, "monitor", "chair", now_));
  ASSERT_TRUE(store_->forget(*log_, leaf_, {"sensor"}, "chair", now_));
  EXPECT_FALSE(on_disk());
  EXPECT_TRUE(store_->leaves_of("s-0123456789abcdef")->empty()) << "the id is a hash over what was forgotten";
  EXPECT_EQ(names("monitor"), Names{});
  EXPECT_NE(last_entry().find("\"did\":\"forget\""), std::string::npos);
  EXPECT_EQ(store_->release(*log_, leaf_, {"sensor"}, "monitor", "chair", now_).error().code, "store.no-such-field");
  EXPECT_TRUE(record::open_disclosures(committed_.digests, {secret})) << "who has kept it can still show that it was committed to";
}

TEST_F(DisclosureStoreTest, OthersCannotReadTheFile) {
  struct stat st{};
  ASSERT_EQ(::stat(path().c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace surety::store
