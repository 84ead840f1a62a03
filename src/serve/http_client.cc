#include "serve/http_client.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

namespace surety::serve {
namespace {

using Clock = std::chrono::steady_clock;

struct Url {
  std::string host, port = "80", path = "/";
};

Result<Url> parse_url(const std::string& url) {
  const auto refuse = [&] {
    return err(fail("serve.bad-url", "this is not an address that can be asked")
                   .found(url)
                   .expected("http://host:port/path")
                   .help("https:// is not spoken here: put a proxy before it"));
  };
  if (!url.starts_with("http://")) return refuse();
  Url out;
  const std::string rest = url.substr(7);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string authority = rest.substr(0, slash);
  if (slash < rest.size()) out.path = rest.substr(slash);
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string::npos ? 0 : bracket);
  if (colon != std::string::npos) {
    out.port = authority.substr(colon + 1);
    authority.resize(colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
  out.host = authority;
  const bool clean = (out.host + out.path).find_first_of(" \t\r\n") == std::string::npos;
  if (out.host.empty() || out.port.empty() || out.port.find_first_not_of("0123456789") != std::string::npos || !clean) return refuse();
  return out;
}

// A socket that gives up at a moment, whatever it is doing.
class Socket {
 public:
  Socket(Clock::time_point end, const std::function<bool()>& give_up) : end_(end), give_up_(give_up) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool connect(const Url& url) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (::getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &found) != 0) return false;
    bool done = false;
    for (const addrinfo* a = found; a && !done; a = a->ai_next) done = connect(*a);
    ::freeaddrinfo(found);
    return done;
  }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = wait(POLLOUT) ? ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) : -1;
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  // Up to the other side's end.
  bool receive(std::string& into) {
    char buffer[16'384];
    while (into.size() <= kMaxReply + 16'384) {
      const auto n = wait(POLLIN) ? ::recv(fd_, buffer, sizeof buffer, 0) : -1;
      if (n < 0) return false;
      if (n == 0) return true;
      into.append(buffer, static_cast<std::size_t>(n));
    }
    return false;
  }

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

  static constexpr long kLookMs = 100;  // how often it is asked whether to give up
  Clock::time_point end_;
  const std::function<bool()>& give_up_;
  int fd_ = -1;
};

}  // namespace

Result<Reply> post(const std::string& url, std::string_view body, int seconds, const std::function<bool()>& give_up) {
  SURETY_TRY(const Url to, parse_url(url));
  const auto unreachable = [&](const char* what) {
    return err(fail("serve.unreachable", what).found(url).help("is it running, and is this its address?").ours());
  };
  Socket socket(Clock::now() + std::chrono::seconds(seconds), give_up);
  if (!socket.connect(to)) return unreachable("nobody answers there");
  // HTTP/1.0: the answer ends where the connection does, so there are no chunks to read.
  const std::string host = to.host.find(':') == std::string::npos ? to.host : "[" + to.host + "]";
  const std::string head = "POST " + to.path + " HTTP/1.0\r\nHost: " + host + ":" + to.port +
                           "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  std::string bytes;
  if (!socket.send(head + std::string(body)) || !socket.receive(bytes)) return unreachable("the answer did not come, or did not end");
  const auto blank = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.") || bytes.size() < 12 || blank == std::string::npos) return unreachable("the answer is not HTTP");
  Reply reply{std::atoi(bytes.c_str() + 9), bytes.substr(blank + 4)};
  if (reply.status < 100 || reply.body.size() > kMaxReply) return unreachable("the answer is not one that can be used");
  return reply;
}

}  // namespace surety::serve
