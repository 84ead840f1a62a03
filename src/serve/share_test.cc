// What each reader is given over the whole interface. Two worlds that differ only in what a reader may not
// know must give that reader the same bytes: over every path, with every query, present and absent ids.
#include <gtest/gtest.h>

#include "base/files.h"
#include "serve/book_source.h"
#include "serve/test_walk.h"
#include "store/test_dir.h"
#include "treaty/treaty.h"

namespace surety::serve {
namespace {

using access::Reader;
using access::Role;

std::string hill(const std::string& declared, const std::string& secret) {
  return "agreement Hill version 1.\nparties Alpha, Bravo, Mediator.\nbody Monitor of Mediator.\n"
         "clock UTC, months round refuse, start day excluded.\nbinding legal.\nsource \"test\".\nin force from 2026-06-01T00:00.\n"
         "event Fire reported as \"fire\" { place: position, rounds: count }.\n" +
         declared +
         "clause 1 \"Quiet\" source \"1\"\n  each of Alpha, Bravo must not Fire continuously\n"
         "  on evidence at least reported, attributed at least reported\n  otherwise clause 2.\n" +
         secret +
         "clause 2 \"Word\" source \"2\"\n  each of Alpha, Bravo must Fire\n  when clause 1 is breached\n  within 48 hours after the "
         "event\n"
         "  otherwise unspecified.\n"
         "clause 4 \"Waits\" source \"4\"\n  Bravo must Fire\n  when clause 9 is breached\n  within 48 hours after the event\n"
         "  otherwise unspecified.\n"
         "status Truce\n  calm to strained when Fire, at least reported within 72 hours\n"
         "  strained to calm when no Fire by anyone, at least reported for 3 calendar days.\n";
}
const std::string kOne =
    hill("",
         "clause 9 \"Secret plainly\" source \"9\"\n  releasable to Alpha, Monitor\n  Alpha must not Fire continuously\n"
         "  on evidence at least reported, attributed at least reported\n  otherwise unspecified.\n");
const std::string kOther = hill("parameter secret-number = 40 \"ours\".\nfinding SecretMany is Fire where rounds at least secret-number.\n",
                                "clause 9 \"Secret otherwise\" source \"Secret annex\"\n  releasable to Alpha, Monitor\n"
                                "  each of Alpha, Bravo must not SecretMany continuously\n"
                                "  on evidence at least claimed, attributed at least claimed\n  otherwise unspecified.\n");

std::vector<model::Statement> reports() {
  std::vector<model::Statement> out;
  for (int i = 0; i < 10; ++i) {
    out.push_back(model::parse_statement(R"({"v":1,"kind":"observation","author":"press-)" + std::to_string(i % 3) +
                                         R"(","event":"fire","from":"2026-06-0)" + std::to_string(i % 8 + 1) + R"(T08:00:00Z","actor":")" +
                                         (i % 2 ? "Alpha" : "Bravo") + R"(","fields":{"rounds":{"low":"50","high":"50"}},"source":"test"})")
                      .value());
  }
  return out;
}

struct ShareTest : testing::Test {
  store::TestDir dir;
  std::shared_ptr<const plan::Agreement> compiled(const std::string& text) {
    EXPECT_TRUE(write_file_atomically(dir.path("hill.treaty"), text));
    auto a = treaty::load(dir.path("hill.treaty"));
    EXPECT_TRUE(a) << a.error().text();
    return std::make_shared<const plan::Agreement>(std::move(*a));
  }
  std::unique_ptr<BookSource> source(const std::string& text) {
    BookOptions options;
    options.agreements = {compiled(text)};
    options.given = reports();
    auto out = std::make_unique<BookSource>(std::move(options));
    EXPECT_TRUE(out->refresh());
    return out;
  }
};

TEST_F(ShareTest, AHiddenClauseCannotBeLearntFromAnythingThatAReaderIsGiven) {
  const auto one = source(kOne), other = source(kOther);
  const Api first(*one, {}), second(*other, {});
  std::set<std::string> ids;
  const Reader alpha = reader(Role::member, "Alpha");
  for (const Api* api : {&first, &second}) ids.merge(ids_in(everything(*api, alpha, {})));
  ASSERT_GT(ids.size(), 20u);
  for (const Reader& who : {Reader{}, reader(Role::member, "Bravo"), reader(Role::desk_officer, "Mediator"), reader(Role::watch_officer),
                            reader(Role::monitor), reader(Role::chair), reader(Role::auditor)}) {
    const std::string a = everything(first, who, ids), b = everything(second, who, ids);
    EXPECT_EQ(a, b) << access::name(who.role);
    EXPECT_EQ(a.find("Secret"), std::string::npos) << access::name(who.role);
    EXPECT_NE(a.find("Quiet"), std::string::npos);
    EXPECT_EQ(a.find("\"clause\":\"4\""), std::string::npos) << "its verdicts would tell of clause 9";
  }
  for (const Reader& who : {alpha, reader(Role::monitor, "Monitor")}) {
    const std::string a = everything(first, who, ids), b = everything(second, who, ids);
    EXPECT_NE(a, b);
    EXPECT_NE(a.find("Secret plainly"), std::string::npos);
    EXPECT_NE(a.find("\"clause\":\"4\""), std::string::npos);
  }
}

}  // namespace
}  // namespace surety::serve
