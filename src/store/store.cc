#include "store/store.h"

namespace surety::store {}  // namespace surety::store
