#pragma once
// Logging in and out over HTTP, and who asks. The session's token is in a cookie that no script reads and
// that no other site's request carries; what changes a session is refused to other sites besides.
//
//   Door door(*accounts, {.secure = false});
//   auto reader = door.reader(request);       // the public, without a session
//   Response r = door.session(request, *reader);   // GET, POST, DELETE /api/v1/session
//
// Thread-safe. Nothing that was sent to log in is in an answer or a log line.
#include "access/accounts.h"
#include "serve/http.h"

namespace surety::serve {

class Door {
 public:
  struct Options {
    bool secure = true;  // the cookie only goes over TLS; false on loopback alone
  };
  Door(access::Accounts& accounts, Options options) : accounts_(accounts), options_(options) {}

  Result<access::Reader> reader(const Request& request) const;
  Response session(const Request& request, const access::Reader& reader) const;

 private:
  Response log_in(const Request& request) const;
  Response log_out(const Request& request) const;
  std::string cookie(const std::string& value, const char* more) const;
  std::string token(const Request& request) const;

  access::Accounts& accounts_;
  Options options_;
};

// {"kind":"session","accounts":…,"account":…,"role":…,"of":…}
Response session_state(const access::Reader& reader, bool accounts);

}  // namespace surety::serve
