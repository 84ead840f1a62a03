#pragma once
// What the time is, for what is not derived from the record: receipts, sessions, who vouches now. Everything else is told the time.
#include "base/instant.h"

namespace surety {

Instant wall_clock();

}  // namespace surety
