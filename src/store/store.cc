#include "store/store.h"

#include "store/postgres/postgres_store.h"
#include "store/sqlite/sqlite_store.h"

namespace surety::store {

bool is_postgres(std::string_view where) { return where.starts_with("postgres://") || where.starts_with("postgresql://"); }

Result<std::unique_ptr<Store>> open_store(const std::string& where, Mode mode) {
  if (is_postgres(where)) return open_postgres(where, mode);
  return open_sqlite(where, mode);
}

}  // namespace surety::store
