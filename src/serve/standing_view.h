#pragma once
// Who vouches for the record, as the API shows it (docs/api.md): its checkpoint, whether it is operative and since when, and which
// witnesses and which groups of the agreed policy are in it. Pure.
#include <string>

#include "base/json_out.h"
#include "store/standing.h"

namespace surety::serve {

// Members standing, vouched_for and vouching. What cannot be judged is unwitnessed, and says why. `states`: how the witnesses are
// doing that a server asks.
void write_standing(JsonOut& j, const Result<store::RecordStanding>& found, const store::WitnessStates& states);
// In words.
std::string vouched_for(const Result<store::RecordStanding>& found);

}  // namespace surety::serve
