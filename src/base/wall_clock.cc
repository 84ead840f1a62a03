#include "base/wall_clock.h"

#include <chrono>

namespace surety {

Instant wall_clock() {
  using namespace std::chrono;
  return {duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()};
}

}  // namespace surety
