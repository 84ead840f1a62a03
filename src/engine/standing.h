#pragma once
// What stands at a moment of knowing: the statements recorded by `known_at`, with corrected ones
// replaced and withdrawn ones gone (LANGUAGE.md §7.1, §7.3). Nothing is deleted: ask with an earlier
// known_at and the old statement stands again.
#include <span>
#include <vector>

#include "model/statement.h"

namespace surety::engine {

struct Standing {
  std::vector<model::Statement> statements;  // sorted by id; corrections stand as what they correct
  std::size_t considered = 0;                // statements known by then, before corrections
  std::size_t replaced = 0, withdrawn = 0;
  std::vector<std::string> dangling;  // ids of corrections and withdrawals about nothing known
};

// `view`: actual sees actual statements only; exercise only those of exercises; hypothetical sees the
// actual ones and the scenario's, and marks every one of them hypothetical (ids stay, so that leaves
// of a proof can still be found in the record).
Standing standing(std::span<const model::Statement> all, Instant known_at, model::Exercise view);

// The moments at which knowing changed otherwise than by adding: corrections, withdrawals. Sorted.
std::vector<Instant> revisions(std::span<const model::Statement> all, model::Exercise view);

}  // namespace surety::engine
