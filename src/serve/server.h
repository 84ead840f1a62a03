#pragma once
// The network: HTTP/1.1, GET and HEAD (POST and DELETE where bodies are allowed), and server-sent events. Loopback unless told otherwise.
//
//   auto server = Server::listen({.port = 8040}, [&](const Request& r) { return api.answer(r); });
//   if (!server) return server.error();      // serve.port-in-use: says what to do
//   (*server)->run();                        // until stop(), SIGINT or SIGTERM
//
// The handler is called on worker threads, several at once, and must be thread-safe. Slow readers
// and idle connections are dropped by time; header, target and connection counts are limited. run()
// occupies the calling thread. stop() and publish() may be called from any thread. Signals are taken
// only while run() runs, and only if `stop_on_signals`.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "serve/http.h"

namespace surety::serve {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8040;       // 0: any free one
  std::vector<std::string> hosts;  // names answered besides the address itself
  std::size_t connections = 256;
  std::size_t streams = 64;  // open event streams
  std::size_t header_bytes = 16'384;
  std::size_t body_bytes = 0;  // the largest body of a POST; 0: POST and DELETE are refused
  int workers = 2;
  int idle_seconds = 30;
  int heartbeat_seconds = 15;
  bool stop_on_signals = true;
};

using Handler = std::function<Response(const Request&)>;

class Server {
 public:
  // Errors: serve.port-in-use, serve.bad-address, serve.may-not-listen.
  static Result<std::unique_ptr<Server>> listen(ServerOptions options, Handler handler);
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;
  virtual void run() = 0;
  // Stops accepting, ends event streams, lets responses finish for two seconds.
  virtual void stop() = 0;
  // One event to every open stream, and `last` kept for streams that open later.
  virtual void publish(const std::string& event, const std::string& data) = 0;
};

// One server-sent event (HTML Living Standard §9.2): every line of data prefixed.
std::string event_text(std::string_view event, std::string_view data);

}  // namespace surety::serve
