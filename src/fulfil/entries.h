#pragma once
// From statements to entries: corrections and withdrawals applied, performances joined to the pledge
// they are about, each placed under the clauses it names. Internal to the room.
#include <span>
#include <vector>

#include "fulfil/fulfil.h"

namespace surety::fulfil {

// Sorted by time, then id, then clause. One entry a clause; `problems` take what could not be placed.
std::vector<Entry> entries(const plan::Agreement& agreement, std::span<const model::Statement> statements, const Options& options,
                           std::vector<Error>& problems);

// What the statement says beside its amount, for the hub register.
struct HubFacts {
  std::string name;
  std::optional<model::Amount> capacity;
};
HubFacts hub_facts(const model::Statement& s);

std::string field_text(const model::Fields& fields, const std::string& name);

}  // namespace surety::fulfil
