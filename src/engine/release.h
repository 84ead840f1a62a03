#pragma once
// An agreement as one reader may know it. A clause that is `releasable to` others is not there, and
// neither is what comes to its verdicts by reading such a clause (a clause or machine that waits for its
// breach, one over which it prevails): so whoever is given less sees fewer verdicts, never other ones.
// What is left says nothing of what is gone, but for references that its own text makes; lines, hashes
// and the numbers, zones and findings that only hidden clauses use are gone too. Pure.
//
//   auto seen = share_of(whole, access::audiences(reader, row));   // null: not released at all
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "plan/agreement.h"

namespace surety::engine {

// An empty list is released to everybody.
bool released_to(const std::vector<std::string>& releasable, const std::vector<std::string>& audiences);

// The same object when all of it is released.
std::shared_ptr<const plan::Agreement> share_of(std::shared_ptr<const plan::Agreement> whole, const std::vector<std::string>& audiences);

// Every name that some `releasable to` of it mentions: other audiences make no difference.
std::set<std::string> names_released_to(const plan::Agreement& a);

}  // namespace surety::engine
