// The readable cases of tests/golden/treaty. SURETY_RESET=1 rewrites what is expected; the review reads
// the difference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <set>

#include "base/bytes.h"
#include "base/files.h"
#include "treaty/treaty.h"

namespace surety::treaty {
namespace {

namespace fs = std::filesystem;

const std::string kRoot = SURETY_SOURCE_DIR;

std::vector<fs::path> files(const std::string& folder, const std::string& extension) {
  std::vector<fs::path> out;
  for (const auto& e : fs::directory_iterator(kRoot + "/" + folder))
    if (e.path().extension() == extension) out.push_back(e.path());
  std::sort(out.begin(), out.end());
  return out;
}

// "\xe9" in a case stands for that byte, so that the case itself stays readable.
std::string with_bytes(const std::string& text) {
  std::string out;
  for (std::size_t k = 0; k < text.size(); ++k) {
    if (text.compare(k, 2, "\\x") == 0 && k + 3 < text.size()) {
      if (auto byte = from_hex(text.substr(k + 2, 2))) {
        out += *byte;
        k += 3;
        continue;
      }
    }
    out += text[k];
  }
  return out;
}

struct Case {
  std::string head, body, expected;  // body: from its "---" line to that of expected
  Compiled compiled;
};

Case read_case(const fs::path& path) {
  Case c;
  auto text = *read_file(path);
  auto body = text.find("\n--- ") + 1, expected = text.find("\n--- expected\n", body) + 1;
  c.head = text.substr(0, body);
  c.body = text.substr(body, expected - body);
  c.expected = text.substr(expected + std::string("--- expected\n").size());
  auto line = c.body.substr(0, c.body.find('\n'));
  auto source = with_bytes(c.body.substr(line.size() + 1));
  if (line.starts_with("--- file ")) {
    c.compiled = compile_file(line.substr(9));
    return c;
  }
  std::string all;
  auto times = line == "--- agreement" ? 1 : std::stoi(line.substr(line.find(',') + 1));
  for (int k = 0; k < times; ++k) all += source;
  // A file that was cut off has no line end either.
  if (path.stem() == "truncated") all.pop_back();
  c.compiled = compile_text(all, "case.treaty");
  return c;
}

void compare(const fs::path& path, const Case& c, const std::string& got) {
  if (std::getenv("SURETY_RESET")) {
    ASSERT_TRUE(write_file_atomically(path, c.head + c.body + "--- expected\n" + got));
    return;
  }
  EXPECT_EQ(got, c.expected) << path;
}

TEST(Golden, EveryCodeHasACaseThatShowsIt) {
  for (const auto& path : files("tests/golden/treaty/bad", ".txt")) {
    auto c = read_case(path);
    std::string got;
    bool shown = false, error = false;
    for (const auto& d : c.compiled.diagnostics) {
      got += to_text(d, c.compiled.tree.text, c.compiled.file);
      shown = shown || ("treaty." + path.stem().string()).starts_with(d.code);
      error = error || d.severity == Severity::error;
    }
    EXPECT_TRUE(shown) << path << " does not show its code\n" << got;
    EXPECT_EQ(c.compiled.agreement.has_value(), !error) << path;
    compare(path, c, got);
  }
}

TEST(Golden, GoodAgreementsMeanWhatIsWritten) {
  for (const auto& path : files("tests/golden/treaty/good", ".txt")) {
    auto c = read_case(path);
    ASSERT_TRUE(c.compiled.agreement) << path;
    const auto& a = *c.compiled.agreement;
    std::string got;
    for (const auto& d : c.compiled.diagnostics)
      if (d.severity != Severity::info) got += to_text(d, c.compiled.tree.text, c.compiled.file);
    for (const auto& x : a.clauses) got += *explain(a, x.id) + "\n";
    for (const auto& x : a.clauses)
      if (x.when)
        got +=
            "clause " + x.id + " when\n  certain  " + plan::text(x.when->certain) + "\n  possible " + plan::text(x.when->possible) + "\n";
    for (const auto& m : a.machines)
      for (const auto& t : m.transitions) {
        got += "status " + m.name + " to " + t.to + " when " + t.when.text + "\n  certain  " + plan::text(t.when.certain) + "\n";
        got += "  possible " + plan::text(t.when.possible) + "\n";
      }
    for (const auto& p : a.patterns) got += "p" + std::to_string(p.index) + " = " + p.text + "\n";
    compare(path, c, got);
  }
}

// The list in the manual, the cases and the source may not drift apart.
TEST(Golden, CodesAreListed) {
  std::set<std::string> used;
  const std::regex code("\"treaty\\.([a-z0-9-]+)\"");
  for (const auto& path : files("src/treaty", ".cc")) {
    if (path.string().ends_with("_test.cc")) continue;
    auto text = *read_file(path);
    for (std::sregex_iterator it(text.begin(), text.end(), code), end; it != end; ++it) used.insert((*it)[1]);
  }
  ASSERT_GT(used.size(), 40u);
  auto manual = *read_file(kRoot + "/docs/errors-treaty.md");
  for (const auto& c : used) {
    EXPECT_NE(manual.find("| `treaty." + c + "` |"), std::string::npos) << "docs/errors-treaty.md lacks treaty." << c;
    EXPECT_TRUE(file_exists(kRoot + "/tests/golden/treaty/bad/" + c + ".txt")) << "no case for treaty." << c;
  }
}

TEST(Golden, ShippedAgreementsCompile) {
  auto all = files("agreements", ".treaty");
  ASSERT_GE(all.size(), 5u);
  for (const auto& path : all) {
    auto c = compile_file(path);
    EXPECT_TRUE(c.agreement) << path;
    for (const auto& d : c.diagnostics)
      if (d.severity == Severity::error) ADD_FAILURE() << to_text(d, c.tree.text, c.file);
  }
}

}  // namespace
}  // namespace surety::treaty
