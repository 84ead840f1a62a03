#pragma once
// The one table of who may do what: every path of the server and every command × role × releasability.
// It is data; the server and the program look it up, docs/access.md is written from it, and a test walks
// all of it. Deny by default: what has no row does not answer.
//
//   const Row* row = find_path("GET", "/api/v1/duties");   // nullptr: not found, for everybody
//   if (!allowed(*row, reader.role, Release::parties)) …
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "access/roles.h"

namespace surety::access {

enum class Surface { path, command };

// For one row and role: a bit for each release that may be handed over. No bit: refused altogether.
using Cell = std::uint8_t;
constexpr Cell bit(Release r) { return static_cast<Cell>(1u << static_cast<unsigned>(r)); }

struct Row {
  Surface surface;
  std::string_view method;  // paths: GET (and with it HEAD), POST, DELETE
  std::string_view what;    // "/api/v1/agreements/{name}", "record verify"; {…} is one part, {…*} the rest
  std::array<Cell, kRoles.size()> cells;
  std::string_view says;  // one line for the manual
};

std::span<const Row> table();
const Row* find_path(std::string_view method, std::string_view path);
const Row* find_command(std::string_view words);  // "record verify"

constexpr bool allowed(const Row& row, Role role, Release release) {
  return (row.cells[static_cast<std::size_t>(role)] & bit(release)) != 0;
}
constexpr bool answers(const Row& row, Role role) { return row.cells[static_cast<std::size_t>(role)] != 0; }
// May this role read content of this release, wherever it may read at all?
bool cleared(Role role, Release release);

// The tables of docs/access.md, between its marks; docs_test fails when the page differs.
std::string as_markdown();

}  // namespace surety::access
