// What each reader is given over the whole interface. Two worlds that differ only in what a reader may not
// know must give that reader the same bytes: over every path, with every query, present and absent ids.
#include <gtest/gtest.h>

#include "access/policy.h"
#include "base/files.h"
#include "serve/api.h"
#include "serve/book_source.h"
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

Reader reader(Role role, const std::string& speaks_for = {}) {
  return {"name", "reader-1", role, speaks_for, "session-" + std::string(access::name(role)) + speaks_for};
}

std::string ask(const Api& api, const Reader& who, const std::string& target) {
  Request r;
  EXPECT_TRUE(read_target(target, r));
  Response answer = api.answer(r, who);
  finish(r, answer);
  std::string out = target + " " + std::to_string(answer.status) + " " + answer.etag + " " + answer.cache + "\n";
  for (const auto& [name, value] : answer.headers) out += name + ": " + value + "\n";
  return out + std::string(answer.body) + "\n";
}

// Every id in these answers: incidents, statements, verdicts.
std::set<std::string> ids_in(const std::string& text) {
  std::set<std::string> out;
  for (std::size_t at = 0; (at = text.find("-", at + 1)) != std::string::npos;) {
    if (at > 1 && text[at - 2] == '"' && (text[at - 1] == 's' || text[at - 1] == 'i' || text[at - 1] == 'v') && at + 17 < text.size() &&
        text[at + 17] == '"')
      out.insert(text.substr(at - 1, 18));
  }
  return out;
}

// Every path of the table with every query, and every thing by its id.
std::string everything(const Api& api, const Reader& who, const std::set<std::string>& ids) {
  std::string out;
  for (const access::Row& row : access::table()) {
    if (row.surface != access::Surface::path || row.method != "GET") continue;
    const std::string what(row.what);
    if (what.find('{') == std::string::npos) {
      for (const char* query : {"", "?all=1", "?known_at=2026-06-05T00:00:00Z", "?instrument=Hill", "?limit=2&offset=1", "?clause=9",
                                "?clause=4", "?state=breached", "?bearer=Alpha&all=1", "?exercise=hypothetical", "?instrument=None"})
        out += ask(api, who, what + query);
    } else if (what.find("/agreements/") != std::string::npos) {
      for (const char* name : {"Hill", "None"}) out += ask(api, who, std::string(what).replace(what.find('{'), 6, name));
    } else if (what.starts_with("/api/")) {
      for (const std::string& id : ids) out += ask(api, who, what.substr(0, what.find('{')) + id);
    }
  }
  return out;
}

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
