// The only file that compiles against Beast, with beast_impl.cc: callbacks, no coroutines, no TLS.
// One thread runs the network; handlers run on a small pool. A Session is kept alive by its own
// pending callbacks and touched only from the network thread.
#include <csignal>
#include <deque>
#include <set>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include "base/log.h"
#include "serve/server.h"

namespace surety::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using ErrorCode = beast::error_code;

constexpr std::size_t kMostQueuedEvents = 64;  // a reader this far behind is dropped
constexpr std::size_t kTargetBytes = 4096;

std::string_view view_of(beast::string_view text) { return {text.data(), text.size()}; }

class Session;

class BeastServer final : public Server {
 public:
  BeastServer(ServerOptions options, Handler handler)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        acceptor_(io_),
        signals_(io_),
        heartbeat_(io_),
        deadline_(io_),
        pool_(static_cast<std::size_t>(options_.workers)) {}
  ~BeastServer() override { pool_.join(); }

  Status open();
  std::uint16_t port() const override { return port_; }
  void run() override;
  void stop() override {
    asio::post(io_, [this] { shut(); });
  }
  void publish(const std::string& event, const std::string& data) override;

  const ServerOptions& options() const { return options_; }
  Response answer(const Request& request) const;
  asio::thread_pool& pool() { return pool_; }
  bool stopping() const { return stopping_; }
  void add(const std::shared_ptr<Session>& session) { sessions_.insert(session); }
  void remove(const std::shared_ptr<Session>& session);
  bool add_stream(const std::shared_ptr<Session>& session);
  const std::shared_ptr<const std::string>& last_event() const { return last_event_; }

 private:
  void accept();
  void beat();
  void shut();

  ServerOptions options_;
  Handler handler_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  asio::signal_set signals_;
  asio::steady_timer heartbeat_, deadline_;
  asio::thread_pool pool_;
  std::uint16_t port_ = 0;
  bool stopping_ = false;
  std::set<std::shared_ptr<Session>> sessions_;  // all that are open
  std::set<std::shared_ptr<Session>> streams_;   // of them, event streams
  std::shared_ptr<const std::string> last_event_;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, BeastServer& server) : stream_(std::move(socket)), server_(server) {
    ErrorCode ignored;
    const auto from = stream_.socket().remote_endpoint(ignored);
    if (!ignored) address_ = from.address().to_string();
  }
  void read();
  void send_event(const std::shared_ptr<const std::string>& event);
  void close();
  bool busy() const { return busy_; }

 private:
  void on_read(ErrorCode ec);
  void refuse(int status, const char* code, const char* message, const char* help);
  void respond(Response response);
  void on_write(bool keep);
  void begin_stream(const Response& response);
  void write_next_event();
  Request request_of(const http::request<http::string_body>& message, Status& status) const;

  beast::tcp_stream stream_;
  BeastServer& server_;
  beast::flat_buffer buffer_;
  std::string address_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::span_body<const char>>> message_;
  std::optional<http::response_serializer<http::span_body<const char>>> serializer_;
  Response response_;
  std::deque<std::shared_ptr<const std::string>> events_;
  char sink_[64] = {};
  bool busy_ = false;  // a request is being answered
  bool keep_ = false;
  bool closed_ = false;
};

void Session::close() {
  if (closed_) return;
  closed_ = true;
  ErrorCode ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
  stream_.close();
  server_.remove(shared_from_this());
}

void Session::read() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(server_.options().header_bytes));
  parser_->body_limit(server_.options().body_bytes);
  stream_.expires_after(std::chrono::seconds(server_.options().idle_seconds));
  http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](ErrorCode ec, std::size_t) { self->on_read(ec); });
}

void Session::refuse(int status, const char* code, const char* message, const char* help) {
  keep_ = false;
  Response r = error(status, fail(code, message).help(help));
  if (status == 405) r.headers.emplace_back("Allow", "GET, HEAD");
  finish(Request{}, r);
  respond(std::move(r));
}

Request Session::request_of(const http::request<http::string_body>& message, Status& status) const {
  Request r;
  r.method = view_of(message.method_string());
  r.host = view_of(message[http::field::host]);
  r.address = address_;
  r.cookie = view_of(message[http::field::cookie]);
  r.origin = view_of(message[http::field::origin]);
  r.fetch_site = view_of(message["Sec-Fetch-Site"]);
  r.content_type = view_of(message[http::field::content_type]);
  r.body = message.body();
  r.if_none_match = view_of(message[http::field::if_none_match]);
  r.accepts_gzip = view_of(message[http::field::accept_encoding]).find("gzip") != std::string_view::npos;
  status = read_target(view_of(message.target()), r);
  return r;
}

void Session::on_read(ErrorCode ec) {
  if (ec == http::error::end_of_stream || ec == beast::error::timeout) return close();
  busy_ = true;
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    return refuse(431, "serve.header-too-large", "the request's headers are too large", "send fewer or shorter headers");
  }
  if (ec == http::error::body_limit) {
    if (server_.options().body_bytes == 0) return refuse(413, "serve.body", "a request here has no body", "ask with GET and a query");
    return refuse(413, "serve.body", "the request's body is too large", "send less at once");
  }
  if (ec.category() == http::make_error_code(http::error::bad_method).category()) {
    return refuse(400, "serve.bad-request", "this is not an HTTP/1.1 request", "see docs/api.md");
  }
  if (ec) return close();
  const auto& message = parser_->get();
  keep_ = message.keep_alive() && !server_.stopping();
  // Where something can be written, the handler knows which methods each address has.
  if (server_.options().body_bytes == 0 && message.method() != http::verb::get && message.method() != http::verb::head) {
    return refuse(405, "serve.read-only", "this server only reads", "use GET or HEAD");
  }
  if (message.target().size() > kTargetBytes) {
    return refuse(414, "serve.target-too-long", "the address is too long", "ask for less at once");
  }
  Status status;
  Request request = request_of(message, status);
  if (!status) {
    keep_ = false;
    Response r = error(400, status.error());
    finish(request, r);
    return respond(std::move(r));
  }
  stream_.expires_never();
  asio::post(server_.pool(), [self = shared_from_this(), request = std::move(request)] {
    Response r = self->server_.answer(request);
    asio::post(self->stream_.get_executor(), [self, r = std::move(r)]() mutable { self->respond(std::move(r)); });
  });
}

void Session::respond(Response response) {
  if (closed_) return;
  if (response.stream && response.status == 200) {
    if (server_.add_stream(shared_from_this())) return begin_stream(response);
    return refuse(503, "serve.too-many-streams", "too many readers follow this server already", "close a page, or raise --streams");
  }
  response_ = std::move(response);
  message_.emplace();
  message_->version(11);
  message_->result(static_cast<unsigned>(response_.status));
  if (response_.status != 304) message_->set(http::field::content_type, response_.type);
  message_->set(http::field::cache_control, response_.cache);
  if (!response_.etag.empty()) message_->set(http::field::etag, response_.etag);
  for (const auto& [name, value] : response_.headers) message_->set(name, value);
  message_->keep_alive(keep_);
  if (!response_.head_only) message_->body() = {response_.body.data(), response_.body.size()};
  if (response_.status != 304) message_->content_length(response_.body.size());
  serializer_.emplace(*message_);
  if (response_.head_only) serializer_->split(true);
  stream_.expires_after(std::chrono::seconds(server_.options().idle_seconds));
  auto done = [self = shared_from_this()](ErrorCode ec, std::size_t) {
    if (ec) return self->close();
    self->on_write(self->keep_);
  };
  if (response_.head_only) {
    http::async_write_header(stream_, *serializer_, std::move(done));
  } else {
    http::async_write(stream_, *serializer_, std::move(done));
  }
}

void Session::on_write(bool keep) {
  busy_ = false;
  if (!keep || server_.stopping()) return close();
  read();
}

void Session::begin_stream(const Response& response) {
  busy_ = false;
  std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
      "Connection: close\r\n";
  for (const auto& [name, value] : response.headers) head += name + ": " + value + "\r\n";
  events_.push_back(std::make_shared<const std::string>(head + "\r\nretry: 3000\n\n"));
  if (server_.last_event()) events_.push_back(server_.last_event());
  // The one read that stays open notices that the reader has gone.
  stream_.expires_never();
  stream_.async_read_some(asio::buffer(sink_), [self = shared_from_this()](ErrorCode, std::size_t) { self->close(); });
  write_next_event();
}

void Session::send_event(const std::shared_ptr<const std::string>& event) {
  if (closed_) return;
  if (events_.size() >= kMostQueuedEvents) return close();
  events_.push_back(event);
  if (events_.size() == 1) write_next_event();
}

void Session::write_next_event() {
  stream_.expires_after(std::chrono::seconds(server_.options().idle_seconds));
  asio::async_write(stream_, asio::buffer(*events_.front()), [self = shared_from_this()](ErrorCode ec, std::size_t) {
    if (ec) return self->close();
    self->events_.pop_front();
    if (!self->events_.empty()) self->write_next_event();
  });
}

Status BeastServer::open() {
  ErrorCode ec;
  const auto address = asio::ip::make_address(options_.address, ec);
  if (ec) {
    return err(fail("serve.bad-address", "this is not an address to listen on")
                   .field("--address")
                   .found(options_.address)
                   .expected("an IPv4 or IPv6 address, such as 127.0.0.1")
                   .help("leave --address out to listen on this machine only"));
  }
  const tcp::endpoint endpoint(address, options_.port);
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
  const std::string where = options_.address + ":" + std::to_string(options_.port);
  if (ec == asio::error::address_in_use) {
    return err(fail("serve.port-in-use", "another program already listens on " + where)
                   .field("--port")
                   .found(std::to_string(options_.port))
                   .expected("a free port")
                   .help("choose another with --port N, or --port 0 for any free one"));
  }
  if (ec) {
    return err(fail("serve.may-not-listen", "cannot listen on " + where + ": " + ec.message())
                   .field("--address")
                   .help("ports below 1024 need rights; an address must be one of this machine's"));
  }
  port_ = acceptor_.local_endpoint().port();
  return {};
}

Response BeastServer::answer(const Request& request) const {
  if (!host_allowed(request.host, options_.address, options_.hosts)) {
    Response r = error(421, fail("serve.other-host", "this server does not answer under that name")
                                .field("Host")
                                .found(request.host)
                                .help("open it by its address, or start it with --host NAME"));
    finish(request, r);
    return r;
  }
  Response r;
  try {
    r = handler_(request);
  } catch (const std::exception& e) {
    log::error(std::string("serve: ") + request.path + ": " + e.what());
    r = error(500, fail("serve.failed", "this request failed here").ours().help("the server's log says why"));
  }
  finish(request, r);
  return r;
}

void BeastServer::accept() {
  acceptor_.async_accept([this](ErrorCode ec, tcp::socket socket) {
    if (ec == asio::error::operation_aborted || stopping_) return;
    if (!ec && sessions_.size() < options_.connections) {
      auto session = std::make_shared<Session>(std::move(socket), *this);
      add(session);
      session->read();
    }
    accept();
  });
}

void BeastServer::remove(const std::shared_ptr<Session>& session) {
  streams_.erase(session);
  sessions_.erase(session);
  if (stopping_ && sessions_.empty()) io_.stop();
}

bool BeastServer::add_stream(const std::shared_ptr<Session>& session) {
  if (stopping_ || streams_.size() >= options_.streams) return false;
  streams_.insert(session);
  return true;
}

void BeastServer::publish(const std::string& event, const std::string& data) {
  asio::post(io_, [this, text = std::make_shared<const std::string>(event_text(event, data))] {
    last_event_ = text;
    const auto streams = streams_;  // send_event may close and so remove
    for (const auto& s : streams) s->send_event(text);
  });
}

void BeastServer::beat() {
  heartbeat_.expires_after(std::chrono::seconds(options_.heartbeat_seconds));
  heartbeat_.async_wait([this](ErrorCode ec) {
    if (ec) return;
    static const auto comment = std::make_shared<const std::string>(":\n\n");
    const auto streams = streams_;
    for (const auto& s : streams) s->send_event(comment);
    beat();
  });
}

void BeastServer::shut() {
  if (stopping_) return;
  stopping_ = true;
  ErrorCode ignored;
  acceptor_.close(ignored);
  signals_.cancel(ignored);
  heartbeat_.cancel();
  const auto sessions = sessions_;
  for (const auto& s : sessions) {
    if (!s->busy()) s->close();
  }
  if (sessions_.empty()) return io_.stop();
  deadline_.expires_after(std::chrono::seconds(2));
  deadline_.async_wait([this](ErrorCode) { io_.stop(); });
}

void BeastServer::run() {
  if (options_.stop_on_signals) {
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    signals_.async_wait([this](ErrorCode ec, int) {
      if (!ec) shut();
    });
  }
  accept();
  beat();
  io_.run();
  pool_.join();
  sessions_.clear();
  streams_.clear();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(ServerOptions options, Handler handler) {
  auto server = std::make_unique<BeastServer>(std::move(options), std::move(handler));
  SURETY_TRY_STATUS(server->open());
  return std::unique_ptr<Server>(std::move(server));
}

std::string event_text(std::string_view event, std::string_view data) {
  std::string out = "event: " + std::string(event) + "\n";
  while (true) {
    const std::size_t nl = data.find('\n');
    out += "data: " + std::string(data.substr(0, nl)) + "\n";
    if (nl == std::string_view::npos) break;
    data.remove_prefix(nl + 1);
  }
  return out + "\n";
}

}  // namespace surety::serve
