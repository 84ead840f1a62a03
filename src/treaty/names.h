#pragma once
// The names of one agreement, by what they name, with where each was declared. Filled once by
// collect(), then only read. Internal to the checker.
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "treaty/ast.h"
#include "treaty/diagnostic.h"

namespace surety::treaty {

// Everything the checker reports goes through here, so that each place tells one thing once.
class Reports {
 public:
  explicit Reports(std::vector<Diagnostic>& out) : out_(out) {}
  Diagnostic& add(Severity severity, std::string code, std::string message, ast::At at, std::string help = {});
  Diagnostic& error(std::string code, std::string message, ast::At at, std::string help = {}) {
    return add(Severity::error, std::move(code), std::move(message), at, std::move(help));
  }

 private:
  std::vector<Diagnostic>& out_;
  std::set<std::tuple<std::uint32_t, std::uint32_t, std::string, std::string>> said_;
  Diagnostic repeated_;  // takes what is said twice
};

struct Table {
  std::map<std::string, ast::At, std::less<>> at;
  bool has(std::string_view name) const { return at.contains(name); }
};

struct Names {
  Table parties, groups, bodies;  // one namespace
  Table events, findings, acts;   // one namespace
  Table zones, weapons, weapon_types, parameters, clauses, machines;
  std::map<std::string, std::set<std::string>, std::less<>> states;  // by machine

  bool actor(std::string_view n) const { return parties.has(n) || groups.has(n) || bodies.has(n); }
};

Names collect(const ast::Document& document, Reports& reports);

// "did you mean Attack?" when one of the names is near enough, else "declared are: …", else "".
std::string suggestion(std::string_view wrong, const std::vector<const Table*>& tables);

}  // namespace surety::treaty
