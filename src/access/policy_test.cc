// The table: deny by default, one row each, and the manual's page as it follows from it.
#include "access/policy.h"

#include <gtest/gtest.h>

#include <set>

#include "base/files.h"

namespace surety::access {
namespace {

TEST(Policy, EveryThingHasOneRow) {
  std::set<std::string> seen;
  for (const Row& row : table()) {
    EXPECT_TRUE(seen.insert(std::string(row.method) + " " + std::string(row.what)).second) << row.what;
    EXPECT_EQ(row.surface == Surface::command, row.method.empty()) << row.what;
  }
}

TEST(Policy, WhatHasNoRowDoesNotAnswer) {
  for (const char* path : {"", "//", "/api/v2", "/api/v1/nothing", "/api/v1/duties/", "/api/v1/incidents/", "/api/v1/incidents/a/b",
                           "/api/v1/agreements/a/b", "/api/v1/explain", "/a/b", "/record/", "/healthz/"}) {
    EXPECT_EQ(find_path("GET", path), nullptr) << path;
  }
  for (const char* method : {"", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "get"})
    EXPECT_EQ(find_path(method, "/api/v1/duties"), nullptr);
  EXPECT_EQ(find_path("PUT", "/api/v1/session"), nullptr);
  for (const char* command : {"", "record", "account", "account remove", "import feeds"})
    EXPECT_EQ(find_command(command), nullptr) << command;
}

TEST(Policy, FindsPathsByTheirParts) {
  const auto what = [](const char* method, const char* path) {
    const Row* row = find_path(method, path);
    return row ? row->what : std::string_view{"none"};
  };
  EXPECT_EQ(what("GET", "/"), "/");
  EXPECT_EQ(what("HEAD", "/app-1a2b.js"), "/{file}");
  EXPECT_EQ(what("GET", "/api/v1"), "/api/v1");
  EXPECT_EQ(what("GET", "/api/v1/agreements/Truce/geometry"), "/api/v1/agreements/{name}/geometry");
  EXPECT_EQ(what("GET", "/record/tile/0/x001/067"), "/record/{file*}");
  EXPECT_EQ(what("DELETE", "/api/v1/session"), "/api/v1/session");
}

TEST(Policy, RolesReadWhatTheyAreClearedFor) {
  const Row& duties = *find_path("GET", "/api/v1/duties");
  EXPECT_TRUE(allowed(duties, Role::public_, Release::public_));
  for (const Release r : {Release::parties, Release::guarantors, Release::mission_internal})
    EXPECT_FALSE(allowed(duties, Role::public_, r));
  EXPECT_TRUE(allowed(duties, Role::member, Release::parties));
  EXPECT_FALSE(allowed(duties, Role::member, Release::guarantors));
  EXPECT_FALSE(allowed(duties, Role::desk_officer, Release::parties));
  EXPECT_FALSE(allowed(duties, Role::desk_officer, Release::mission_internal));
  for (const Release r : kReleases) EXPECT_TRUE(allowed(duties, Role::watch_officer, r));
  EXPECT_FALSE(answers(*find_path("DELETE", "/api/v1/session"), Role::public_));
  for (const Row& row : table()) {
    EXPECT_TRUE(row.surface == Surface::command || !answers(row, Role::operator_)) << row.what << ": no account has this role";
    for (const Role r : kRoles) {
      for (const Release l : kReleases) EXPECT_LE(allowed(row, r, l), cleared(r, l)) << row.what << ": more than the role is cleared for";
    }
  }
}

TEST(Policy, AudiencesAreTheRolesReleasesItsNameAndWhomItSpeaksFor) {
  const Row &duties = *find_path("GET", "/api/v1/duties"), &page = *find_path("GET", "/");
  EXPECT_EQ(audiences({}, duties), std::vector<std::string>{"public"});
  EXPECT_EQ(audiences({"a", "r", Role::auditor, "", ""}, page), std::vector<std::string>{"public"});
  EXPECT_EQ(audiences({"a", "r", Role::member, "Ukraine", ""}, duties),
            (std::vector<std::string>{"Ukraine", "member", "parties", "public"}));
  EXPECT_EQ(audiences({"a", "r", Role::auditor, "", ""}, duties),
            (std::vector<std::string>{"auditor", "guarantors", "mission-internal", "parties", "public"}));
  EXPECT_FALSE(role_of("operator"));
  EXPECT_FALSE(role_of("public"));
  EXPECT_EQ(role_of("watch-officer"), Role::watch_officer);
}

TEST(Policy, TheManualShowsTheTable) {
  const auto page = read_file(std::string(SURETY_SOURCE_DIR) + "/docs/access.md");
  ASSERT_TRUE(page);
  const std::string begin = "<!-- from the table: begin -->\n", end = "<!-- from the table: end -->";
  const auto from = page->find(begin), to = page->find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(page->substr(from + begin.size(), to - from - begin.size()), as_markdown()) << "put this between the marks of docs/access.md";
}

}  // namespace
}  // namespace surety::access
