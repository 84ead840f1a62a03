#include "store/store.h"

#include "store/postgres/postgres_store.h"
#include "store/sqlite/sqlite_store.h"

namespace surety::store {

Result<std::unique_ptr<Store>> open_store(const std::string& where, Mode mode) {
  if (where.starts_with("postgres://") || where.starts_with("postgresql://")) return open_postgres(where, mode);
  return open_sqlite(where, mode);
}

}  // namespace surety::store
