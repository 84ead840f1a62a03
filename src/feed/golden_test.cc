// Runs tests/golden/feed/*.txt: settings and a feed's bytes in, statements, quarantine and counts out.
// SURETY_RESET=1 writes what came out back into the files, for a person to read the difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/bytes.h"
#include "base/files.h"
#include "feed/coding.h"
#include "feed/feed.h"
#include "feed/gazetteer.h"
#include "feed/lexicon.h"

namespace surety::feed {
namespace {

struct Part {
  std::string head;  // "settings", "file alerts.csv", "statements" …
  std::string body;
};

struct Case {
  std::string intro;  // what the case shows, before the first part
  std::vector<Part> parts;
  const Part* find(std::string_view word) const {
    for (const auto& p : parts)
      if (p.head.starts_with(word)) return &p;
    return nullptr;
  }
};

Case read_case(const std::string& text) {
  Case c;
  std::string* into = &c.intro;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("--- ")) {
      c.parts.push_back({line.substr(4), {}});
      into = &c.parts.back().body;
    } else {
      *into += line + "\n";
    }
  }
  return c;
}

// "hex" after the name: the body is hexadecimal. "cut": the last line end does not belong to it.
std::string bytes_of(const Part& file) {
  std::string body = file.body;
  if (file.head.ends_with(" cut")) body.pop_back();
  if (!file.head.ends_with(" hex")) return body;
  std::erase_if(body, [](char ch) { return ch == '\n' || ch == ' '; });
  return from_hex(body).value();
}

Result<Settings> settings_of(const Case& c) {
  Settings s;
  for (const auto& p : c.parts) {
    if (p.head == "places") {
      SURETY_TRY(s.places, Gazetteer::parse(p.body, "places.csv"));
    }
    if (p.head == "lexicon") {
      SURETY_TRY(s.lexicon, Lexicon::parse(p.body, "lexicon.csv"));
    }
    if (p.head == "coding") {
      SURETY_TRY(s.coding, CodingSheet::parse(p.body, "coding.csv"));
    }
    if (p.head != "settings") continue;
    for (std::size_t at = 0; at < p.body.size();) {
      const auto end = p.body.find('\n', at);
      const std::string line = p.body.substr(at, end - at);
      at = end + 1;
      if (const auto equals = line.find(" = "); equals != std::string::npos)
        SURETY_TRY_STATUS(set(s, line.substr(0, equals), line.substr(equals + 3)));
    }
  }
  return s;
}

struct Outcome {
  std::string statements, quarantine, counts, error;
};

Outcome run(const Case& c) {
  Outcome out;
  const Part& file = *c.find("file ");
  std::string name = file.head.substr(5);
  name = name.substr(0, name.find(' '));
  const auto s = settings_of(c);
  if (!s) return {{}, {}, {}, s.error().text() + "\n"};
  const auto counts = import_bytes(bytes_of(file), name, *s, [&](Batch&& b) -> Status {
    out.statements += to_ndjson(b);
    for (const auto& q : b.quarantined) out.quarantine += to_json(q) + "\n";
    return {};
  });
  if (!counts) return {{}, {}, {}, counts.error().text() + "\n"};
  EXPECT_EQ(counts->rows, counts->statements + counts->duplicates + counts->quarantined);
  out.counts = to_json(*counts, s->feed, name) + "\n";
  return out;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, FeedGivesWhatTheFileSays) {
  const Case c = read_case(read_file(GetParam()).value());
  ASSERT_NE(c.find("file "), nullptr) << "a case needs a part `file NAME`";
  const Outcome got = run(c);
  const std::pair<const char*, const std::string&> results[] = {
      {"statements", got.statements}, {"quarantine", got.quarantine}, {"counts", got.counts}, {"error", got.error}};
  if (std::getenv("SURETY_RESET")) {
    std::string text = c.intro;
    for (const auto& p : c.parts) {
      bool result = false;
      for (const auto& [name, body] : results) result |= p.head == name;
      if (!result) text += "--- " + p.head + "\n" + p.body;
    }
    for (const auto& [name, body] : results)
      if (!body.empty()) text += std::string("--- ") + name + "\n" + body;
    ASSERT_TRUE(write_file_atomically(GetParam(), text));
    return;
  }
  for (const auto& [name, body] : results) {
    const Part* want = c.find(name);
    EXPECT_EQ(body, want ? want->body : "") << name << " differ; SURETY_RESET=1 rewrites the file";
  }
}

std::vector<std::string> cases() {
  std::vector<std::string> out;
  for (const auto& e : std::filesystem::directory_iterator(SURETY_SOURCE_DIR "/tests/golden/feed"))
    if (e.path().extension() == ".txt") out.push_back(e.path().string());
  std::sort(out.begin(), out.end());
  return out;
}

INSTANTIATE_TEST_SUITE_P(Feed, Golden, testing::ValuesIn(cases()), [](const auto& param) {
  std::string name = std::filesystem::path(param.param).stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace surety::feed
