#include "serve/connection.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace surety::serve {

tl::unexpected<Error> unreachable(const char* what, const std::string& url) {
  return err(fail("serve.unreachable", what).found(url).help("is it running, and is this its address?").ours());
}

namespace {

class Socket final : public Connection {
 public:
  Socket(Clock::time_point end, GiveUp give_up) : end_(end), give_up_(std::move(give_up)) {}
  ~Socket() override {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool connect(const std::string& host, const std::string& port) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return false;
    bool done = false;
    for (const addrinfo* a = found; a && !done; a = a->ai_next) done = connect(*a);
    ::freeaddrinfo(found);
    return done;
  }
  bool send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto n = wait(POLLOUT) ? ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) : -1;
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  long receive(char* into, std::size_t room) override { return wait(POLLIN) ? ::recv(fd_, into, room, 0) : -1; }

 private:
  bool connect(const addrinfo& a) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = ::socket(a.ai_family, a.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a.ai_protocol);
    if (fd_ < 0) return false;
    if (::connect(fd_, a.ai_addr, a.ai_addrlen) == 0) return true;
    int code = errno;
    if (code != EINPROGRESS || !wait(POLLOUT)) return false;
    socklen_t size = sizeof code;
    return ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && code == 0;
  }
  bool wait(short events) {
    while (true) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()).count();
      if (left <= 0 || (give_up_ && give_up_())) return false;
      pollfd one{fd_, events, 0};
      const int ready = ::poll(&one, 1, static_cast<int>(give_up_ ? std::min<long>(left, kLookMs) : left));
      if (ready != 0) return ready == 1;
    }
  }

  static constexpr long kLookMs = 100;
  Clock::time_point end_;
  GiveUp give_up_;
  int fd_ = -1;
};

// OpenSSL reads and writes memory; this carries it over the socket, which keeps its own time.
class Tls final : public Connection {
 public:
  explicit Tls(std::unique_ptr<Connection> below) : below_(std::move(below)) {}

  Status shake_hands(const std::string& host) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_default_verify_paths(context_.get());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    ssl_.reset(SSL_new(context_.get()));
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), in_, out_);  // owns both
    unsigned char address[sizeof(in6_addr)];
    if (::inet_pton(AF_INET, host.c_str(), address) == 1 || ::inet_pton(AF_INET6, host.c_str(), address) == 1) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str());
    } else {
      SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
      SSL_set1_host(ssl_.get(), host.c_str());
    }
    if (step([&] { return SSL_connect(ssl_.get()); }) == 1) return {};
    if (const long why = SSL_get_verify_result(ssl_.get()); why != X509_V_OK)
      return err(fail("serve.bad-certificate", "its certificate does not show that this is who was asked")
                     .found(X509_verify_cert_error_string(why))
                     .expected("a certificate for " + host + " by an authority that this machine trusts")
                     .help("an authority of your own: name its certificate in SSL_CERT_FILE"));
    return unreachable("there is no TLS there, or none that can be agreed on");
  }
  bool send(std::string_view bytes) override {
    return step([&] { return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())); }) > 0;
  }
  long receive(char* into, std::size_t room) override {
    return step([&] { return SSL_read(ssl_.get(), into, static_cast<int>(room)); });
  }

 private:
  // Until it is done: more than 0; ended properly: 0; not done: -1.
  template <class F>
  int step(F&& f) {
    while (true) {
      ERR_clear_error();
      const int n = f();
      const int why = n > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), n);
      if (!hand_over()) return -1;
      if (n > 0) return n;
      if (why == SSL_ERROR_ZERO_RETURN) return 0;
      char bytes[16'384];
      const long got = why == SSL_ERROR_WANT_READ ? below_->receive(bytes, sizeof bytes) : -1;
      if (got <= 0 || BIO_write(in_, bytes, static_cast<int>(got)) != got) return -1;
    }
  }
  bool hand_over() {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out_, &bytes);
    if (size > 0 && !below_->send({bytes, static_cast<std::size_t>(size)})) return false;
    (void)BIO_reset(out_);
    return true;
  }

  struct Free {
    void operator()(SSL_CTX* c) const { SSL_CTX_free(c); }
    void operator()(SSL* s) const { SSL_free(s); }
  };
  std::unique_ptr<Connection> below_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
  BIO *in_ = nullptr, *out_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& host, const std::string& port, bool tls, Clock::time_point end,
                                                     GiveUp give_up) {
  auto socket = std::make_unique<Socket>(end, std::move(give_up));
  if (!socket->connect(host, port)) return unreachable("nobody answers there");
  if (!tls) return std::unique_ptr<Connection>(std::move(socket));
  auto secured = std::make_unique<Tls>(std::move(socket));
  SURETY_TRY_STATUS(secured->shake_hands(host));
  return std::unique_ptr<Connection>(std::move(secured));
}

}  // namespace surety::serve
