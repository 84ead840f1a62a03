#include "treaty/treaty.h"

#include <gtest/gtest.h>
#include <cstdio>
#include <filesystem>
#include <cstdlib>

namespace surety::treaty {
TEST(Dev, Agreements) {
  std::string dir = std::string(SURETY_SOURCE_DIR) + "/agreements";
  if (const char* f = std::getenv("T")) {
    auto c = compile_file(f);
    for (const auto& d : c.diagnostics) std::fputs(to_text(d, c.tree.text, c.file).c_str(), stdout);
    if (c.agreement && std::getenv("J")) std::puts(plan::canonical(*c.agreement).c_str());
    if (c.agreement && std::getenv("E")) for (auto& x : c.agreement->clauses) std::puts(explain(*c.agreement, x.id)->c_str());
    if (std::getenv("F")) std::puts(format(c.tree).c_str());
    return;
  }
  for (const auto& e : std::filesystem::directory_iterator(dir)) {
    if (e.path().extension() != ".treaty") continue;
    auto c = compile_file(e.path());
    for (const auto& d : c.diagnostics) if (d.severity == Severity::error) std::fputs(to_text(d, c.tree.text, c.file).c_str(), stdout);
    EXPECT_TRUE(c.agreement) << e.path();
  }
}
}
