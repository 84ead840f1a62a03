#pragma once
// Store in one SQLite file: WAL, synchronous=FULL, one writer (flock on `<path>.lock`).
#include <memory>
#include <string>

#include "store/store.h"

namespace surety::store {

Result<std::unique_ptr<Store>> open_sqlite(const std::string& path, Mode mode);

}  // namespace surety::store
