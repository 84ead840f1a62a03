#pragma once
// Tokens to tree and ast::Document, by recursive descent. Never fails: an unreadable stretch becomes
// an error node, a diagnostic says what was expected, and reading goes on at the next line or clause.
// Pure, thread-safe. Nesting deeper than kNestingLimit is refused, so no text can exhaust the stack.
#include <string>
#include <vector>

#include "treaty/ast.h"
#include "treaty/diagnostic.h"
#include "treaty/tree.h"

namespace surety::treaty {

inline constexpr int kNestingLimit = 64;

struct Parsed {
  Tree tree;
  ast::Document document;
};

Parsed parse(std::string text, std::vector<Diagnostic>& diagnostics);

}  // namespace surety::treaty
