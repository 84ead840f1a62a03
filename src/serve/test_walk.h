#pragma once
// For tests: everything that one reader is given, over the whole interface, as one text.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "access/policy.h"
#include "serve/api.h"

namespace surety::serve {

using access::Reader;
using access::Role;

inline Reader reader(Role role, const std::string& speaks_for = {}) {
  return {"name", "reader-1", role, speaks_for, "session-" + std::string(access::name(role)) + speaks_for};
}

inline std::string ask(const Api& api, const Reader& who, const std::string& target) {
  Request r;
  EXPECT_TRUE(read_target(target, r));
  Response answer = api.answer(r, who);
  finish(r, answer);
  std::string out = target + " " + std::to_string(answer.status) + " " + answer.etag + " " + answer.cache + "\n";
  for (const auto& [name, value] : answer.headers) out += name + ": " + value + "\n";
  return out + std::string(answer.body) + "\n";
}

// Every id in these answers: incidents, statements, verdicts.
inline std::set<std::string> ids_in(const std::string& text) {
  std::set<std::string> out;
  for (std::size_t at = 0; (at = text.find("-", at + 1)) != std::string::npos;) {
    if (at > 1 && text[at - 2] == '"' && (text[at - 1] == 's' || text[at - 1] == 'i' || text[at - 1] == 'v') && at + 17 < text.size() &&
        text[at + 17] == '"')
      out.insert(text.substr(at - 1, 18));
  }
  return out;
}

// Every path of the table with every query, and every thing by its id.
inline std::string everything(const Api& api, const Reader& who, const std::set<std::string>& ids) {
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

}  // namespace surety::serve
