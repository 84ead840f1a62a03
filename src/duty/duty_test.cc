#include "duty/duty.h"

#include <gtest/gtest.h>

#include "treaty/treaty.h"

namespace surety::duty {
namespace {
TEST(Duty, Compiles) {
  for (const char* name : {"easter-truce-2025", "victory-day-truce-2025", "paris-2026", "budapest-1994", "north-atlantic-5"}) {
    auto c = treaty::compile_file(std::string(SURETY_SOURCE_DIR) + "/agreements/" + name + ".treaty");
    for (const auto& d : c.diagnostics) if (d.severity == treaty::Severity::error) std::cerr << treaty::to_text(d, c.tree.text, c.file);
    if (!c.agreement) { std::cerr << name << " does not compile\n"; continue; }
    auto o = decide(*c.agreement, {}, {}, {.now = parse_instant("2026-02-01T00:00:00Z").value()});
    ASSERT_TRUE(o) << o.error().text();
    std::cerr << o->standing.because << "\n";
    for (const auto& v : o->states) std::cerr << to_json(v, true) << "\n";
    for (auto i : o->current) std::cerr << to_json(o->duties[i]) << "\n";
    for (const auto& w : o->waiting) std::cerr << to_json(w) << "\n";
  }
}
}  // namespace
}  // namespace surety::duty
