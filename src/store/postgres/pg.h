#pragma once
// libpq with owners. Parameters and results are binary.
#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace surety::store::pg {

// Big-endian, as the binary protocol has it.
std::string int2(std::int16_t v);
std::string int4(std::int32_t v);
std::string int8(std::int64_t v);
// The binary form of bigint[].
std::string int8_array(const std::vector<std::int64_t>& values);

class Rows {
 public:
  explicit Rows(PGresult* r) : result_(r, PQclear) {}
  int count() const { return PQntuples(result_.get()); }
  std::string_view bytes(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
  }
  std::int64_t number(int row, int column) const;
  ExecStatusType status() const { return PQresultStatus(result_.get()); }
  std::string state() const;  // SQLSTATE; empty when there is none

 private:
  std::unique_ptr<PGresult, void (*)(PGresult*)> result_;
};

class Connection {
 public:
  static Result<Connection> open(const std::string& url);
  Result<Rows> run(const char* sql, const std::vector<std::optional<std::string>>& parameters = {});
  // COPY … FROM STDIN BINARY with these bytes (header and trailer are added).
  Status copy_in(const char* sql, std::string_view tuples);
  bool alive() const { return PQstatus(connection_.get()) == CONNECTION_OK; }
  bool in_transaction() const { return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE; }
  // host, port and database, without user and password
  const std::string& name() const { return name_; }
  PGconn* get() const { return connection_.get(); }

 private:
  Error error(const std::string& state, const char* doing) const;
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_{nullptr, PQfinish};
  std::string name_;
};

}  // namespace surety::store::pg
