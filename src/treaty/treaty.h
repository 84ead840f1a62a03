#pragma once
// The Treaty language: text in, compiled agreement out. Start here. docs/language.md is the manual
// for the person who writes a text; docs/errors-treaty.md lists every diagnostic.
//
//   auto c = treaty::compile_file("agreements/paris-2026.treaty");
//   for (const auto& d : c.diagnostics) std::cerr << treaty::to_text(d, c.tree.text, c.file);
//   if (!c.agreement) return 2;
//   run(*c.agreement);
//
// Everything here is a pure function of its arguments (compile_file also reads that one file);
// thread-safe; nothing throws. The same bytes give the same agreement and the same hash.
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "plan/agreement.h"
#include "treaty/diagnostic.h"
#include "treaty/tree.h"

namespace surety::treaty {

struct Compiled {
  Tree tree;                                 // always there, whatever the text
  std::vector<Diagnostic> diagnostics;       // sorted by place
  std::optional<plan::Agreement> agreement;  // there if and only if no diagnostic is an error
  std::string file;                          // the name to show
};

// A file that cannot be read gives an empty tree and treaty.unreadable; text that is not UTF-8 gives
// treaty.not-utf8 and no agreement. Geometry files that zones name are not opened here.
Compiled compile_file(const std::string& path);
Compiled compile_text(std::string text, std::string name);

// compile_file for callers that only want the agreement: the first error, as an Error with file,
// line and help.
Result<plan::Agreement> load(const std::string& path);

// The one layout of a text. Keeps every token and every comment; format(parse(format(x))) == format(x),
// and the skeleton of the tree does not change. format_text fails on a text that does not parse: its
// shape would be a guess.
std::string format(const Tree& tree);
Result<std::string> format_text(std::string text, const std::string& name);

// The compiled meaning of one clause in plain words: bearer, modal, action, trigger, deadline and its
// anchor, exceptions, evidence, consequence, and what the text leaves open. Error treaty.unknown-clause
// lists the clauses there are.
Result<std::string> explain(const plan::Agreement& agreement, const std::string& clause_id);

// Findings about a whole agreement that need no solver (items 6 and 10–13 of the analyses in docs/language.md): circular
// conditions precedent, unmonitorable duties, evidence levels that no rule can reach, clauses with no
// beneficiary, consequence or source, ratification with no deadline. compile_* reports these too.
std::vector<Diagnostic> analyse(const plan::Agreement& agreement);

}  // namespace surety::treaty
