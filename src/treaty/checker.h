#pragma once
// From what was parsed to plan::Agreement: names looked up, groups spread out, types and units checked,
// conditions lowered to formulas. Internal: compile_text in treaty.h is the door.
#include <vector>

#include "treaty/ast.h"
#include "treaty/diagnostic.h"
#include "treaty/tree.h"

namespace surety::treaty {

// The agreement is complete only when no diagnostic is an error.
plan::Agreement check(const ast::Document& document, const Tree& tree, std::vector<Diagnostic>& diagnostics);

}  // namespace surety::treaty
