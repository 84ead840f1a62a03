#include "store/store.h"

#include "store/sqlite/sqlite_store.h"

namespace surety::store {

Result<std::unique_ptr<Store>> open_store(const std::string& where, Mode mode) {
  return open_sqlite(where, mode);
}

}  // namespace surety::store
