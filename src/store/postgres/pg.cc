#include "store/postgres/pg.h"

namespace surety::store::pg {
namespace {

std::string big_endian(std::uint64_t v, int bytes) {
  std::string out;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(v >> shift & 255);
  return out;
}

std::string first_line(const char* text) {
  const std::string_view all = text ? text : "";
  return std::string(all.substr(0, all.find('\n')));
}

}  // namespace

std::string int2(std::int16_t v) { return big_endian(static_cast<std::uint16_t>(v), 2); }
std::string int4(std::int32_t v) { return big_endian(static_cast<std::uint32_t>(v), 4); }
std::string int8(std::int64_t v) { return big_endian(static_cast<std::uint64_t>(v), 8); }

std::string int8_array(const std::vector<std::int64_t>& values) {
  // dimensions, no nulls, element type (20: int8), length, lower bound
  std::string out = int4(1) + int4(0) + int4(20) + int4(static_cast<std::int32_t>(values.size())) + int4(1);
  for (const std::int64_t v : values) out += int4(8) + int8(v);
  return out;
}

std::int64_t Rows::number(int row, int column) const {
  std::uint64_t v = 0;
  const std::string_view b = bytes(row, column);
  for (const char c : b) v = v << 8 | static_cast<unsigned char>(c);
  return b.size() == 4 ? static_cast<std::int32_t>(v) : static_cast<std::int64_t>(v);
}

std::string Rows::state() const {
  const char* state = PQresultErrorField(result_.get(), PG_DIAG_SQLSTATE);
  return state ? state : "";
}

Error Connection::error(const std::string& state, const char* doing) const {
  const std::string said = first_line(PQerrorMessage(connection_.get()));
  if (state.starts_with("53"))  // insufficient resources: disk full, out of memory, too many connections
    return fail(state == "53100" ? "store.full-disk" : "store.failed", std::string("PostgreSQL could not ") + doing)
        .in(name_)
        .found(said)
        .help("free some space or resources and run the same command again: what was acknowledged is safe")
        .ours();
  return fail("store.failed", std::string("PostgreSQL could not ") + doing)
      .in(name_)
      .found(said + (state.empty() ? "" : " (" + state + ")"))
      .ours();
}

Result<Connection> Connection::open(const std::string& url) {
  Connection out;
  out.connection_.reset(PQconnectdb(url.c_str()));
  PGconn* c = out.connection_.get();
  const auto part = [](const char* p) { return std::string(p ? p : ""); };
  out.name_ = "postgres://" + part(PQhost(c)) + (PQport(c) && *PQport(c) ? ":" + part(PQport(c)) : "") + "/" + part(PQdb(c));
  if (PQstatus(c) != CONNECTION_OK)
    return err(fail("store.failed", "there is no connection to PostgreSQL")
                   .in(out.name_)
                   .found(first_line(PQerrorMessage(c)))
                   .help("check that the server runs and who may log in; the password belongs in ~/.pgpass, not in the address")
                   .ours());
  PQsetNoticeProcessor(c, [](void*, const char*) {}, nullptr);
  return out;
}

Result<Rows> Connection::run(const char* sql, const std::vector<std::optional<std::string>>& parameters) {
  std::vector<const char*> values;
  std::vector<int> lengths, formats(parameters.size(), 1);
  for (const auto& p : parameters) {
    values.push_back(p ? p->data() : nullptr);
    lengths.push_back(p ? static_cast<int>(p->size()) : 0);
  }
  Rows rows(
      PQexecParams(connection_.get(), sql, static_cast<int>(parameters.size()), nullptr, values.data(), lengths.data(), formats.data(), 1));
  if (rows.status() != PGRES_COMMAND_OK && rows.status() != PGRES_TUPLES_OK && rows.status() != PGRES_COPY_IN)
    return err(error(rows.state(), sql));
  return rows;
}

Status Connection::copy_in(const char* sql, std::string_view tuples) {
  SURETY_TRY(const Rows begun, run(sql));
  (void)begun;
  std::string head("PGCOPY\n\xff\r\n\0", 11);
  head += int4(0) + int4(0);
  const std::string tail = int2(-1);
  const auto put = [&](std::string_view bytes) {
    constexpr std::size_t kPiece = 1 << 20;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(kPiece, bytes.size())))
      if (PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(std::min(kPiece, bytes.size()))) != 1) return false;
    return true;
  };
  const bool sent = put(head) && put(tuples) && put(tail) && PQputCopyEnd(connection_.get(), nullptr) == 1;
  std::string state;
  bool ok = sent;
  while (PGresult* r = PQgetResult(connection_.get())) {
    const Rows rows(r);
    if (rows.status() != PGRES_COMMAND_OK) {
      ok = false;
      state = rows.state();
    }
  }
  if (!ok) return err(error(state, "append entries"));
  return {};
}

}  // namespace surety::store::pg
