#pragma once
// Store in PostgreSQL 15 or later, for many people at once: one writer (an advisory lock that the
// server frees when the session ends), any number of readers. Everything lies in the schema `surety`.
#include <memory>
#include <string>

#include "store/store.h"

namespace surety::store {

// `url` is a libpq address, "postgres://…". Never shown with its password.
Result<std::unique_ptr<Store>> open_postgres(const std::string& url, Mode mode);
// What files that belong to this database are called: its name, as the address (or PGDATABASE, or the user) gives it, with
// what no file name may hold as %2f and so on.
std::string postgres_name(const std::string& url);

}  // namespace surety::store
