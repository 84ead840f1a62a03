// Any bytes: there is a tree, it holds every byte, the layout is stable and changes no token, and what
// compiles can be explained. The seeds in corpus/fuzz-treaty are replayed by the ordinary tests.
#include <algorithm>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "treaty/treaty.h"

using namespace surety::treaty;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto c = compile_text(text, "fuzz.treaty");
  if (c.tree.tokens.empty() && !text.empty()) return 0;  // not UTF-8
  std::string all;
  for (const auto& t : c.tree.tokens) all += c.tree.text_of(t);
  SURETY_CHECK(all == text);
  for (const auto& d : c.diagnostics) SURETY_CHECK(!to_text(d, text, c.file).empty() && !to_json(d, text, c.file).empty());
  if (std::any_of(c.diagnostics.begin(), c.diagnostics.end(), [](const Diagnostic& d) { return is_syntax(d.code); })) return 0;
  const auto once = format(c.tree);
  const auto again = compile_text(once, "fuzz.treaty");
  SURETY_CHECK(skeleton(again.tree) == skeleton(c.tree));
  SURETY_CHECK(format(again.tree) == once);
  SURETY_CHECK(again.agreement.has_value() == c.agreement.has_value());
  if (!c.agreement) return 0;
  SURETY_CHECK(again.agreement->hash == c.agreement->hash);
  for (const auto& clause : c.agreement->clauses) SURETY_CHECK(explain(*c.agreement, clause.id).has_value());
  return 0;
}
