#pragma once
// A connection to somebody else's server, plain or TLS, that gives up at a moment, whatever it is doing. TLS is OpenSSL's, 1.2 or
// later: the other side's certificate must be for the name that was asked, and lead to an authority that this machine trusts (or that
// SSL_CERT_FILE or SSL_CERT_DIR name). Blocks; one thread. Errors: serve.unreachable, serve.bad-certificate.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace surety::serve {

// serve.unreachable, saying what went wrong.
tl::unexpected<Error> unreachable(const char* what, const std::string& url = {});

class Connection {
 public:
  using Clock = std::chrono::steady_clock;
  using GiveUp = std::function<bool()>;  // asked ten times a second; may be empty
  virtual ~Connection() = default;
  static Result<std::unique_ptr<Connection>> open(const std::string& host, const std::string& port, bool tls, Clock::time_point end,
                                                  GiveUp give_up);

  virtual bool send(std::string_view bytes) = 0;
  // What comes next: more than 0 bytes, 0 where the other side has ended it properly, -1 where it was cut off or took too long.
  virtual long receive(char* into, std::size_t room) = 0;
};

}  // namespace surety::serve
