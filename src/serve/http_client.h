#pragma once
// One HTTP request to somebody else's server, such as a witness's, over http:// or https:// (connection.h).
//
//   SURETY_TRY(const auto reply, post("http://127.0.0.1:8041/add-checkpoint", body));
//
// Blocks, at most `seconds` in all, and no longer than until `give_up` says so. Errors: serve.bad-url, serve.bad-certificate,
// serve.unreachable (no answer, cut off, too long). A reply of whatever status is no error. Thread-safe.
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace surety::serve {

struct Reply {
  int status = 0;
  std::string body;
};
constexpr std::size_t kMaxReply = 1 << 20;

Result<Reply> post(const std::string& url, std::string_view body, int seconds = 10, const std::function<bool()>& give_up = {});

}  // namespace surety::serve
