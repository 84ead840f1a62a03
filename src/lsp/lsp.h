#pragma once
// The language server: JSON-RPC messages in and out, and the loop that carries them over a pair of
// streams. Not thread-safe; one server serves one editor.
// Protocol: Language Server Protocol 3.17 (Microsoft).
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "treaty/treaty.h"

namespace surety::lsp {

class Server {
 public:
  // One message, without its header; the messages to send back, in order. Never fails: what cannot be
  // understood is answered with an error, as the protocol says.
  std::vector<std::string> handle(const std::string& message);
  bool finished() const { return exit_.has_value(); }
  // 0 after shutdown and exit, 1 after exit alone.
  int exit_code() const { return exit_.value_or(1); }

 private:
  friend class Answers;
  std::map<std::string, treaty::Compiled> documents_;  // by URI
  bool initialized_ = false, shut_down_ = false;
  std::optional<int> exit_;
};

// Reads framed messages ("Content-Length: N\r\n\r\n…") until exit or the end of input.
int serve(std::istream& in, std::ostream& out);
int serve_stdio();

}  // namespace surety::lsp
