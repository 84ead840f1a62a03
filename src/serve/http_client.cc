#include "serve/http_client.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>

#include "serve/connection.h"

namespace surety::serve {
namespace {

struct Url {
  bool tls = false;
  std::string host, port, path = "/";
};

Result<Url> parse_url(const std::string& url) {
  const auto refuse = [&] {
    return err(fail("serve.bad-url", "this is not an address that can be asked")
                   .found(url)
                   .expected("http://host:port/path or https://host:port/path"));
  };
  Url out;
  out.tls = url.starts_with("https://");
  if (!out.tls && !url.starts_with("http://")) return refuse();
  out.port = out.tls ? "443" : "80";
  const std::string rest = url.substr(out.tls ? 8 : 7);
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

// What was said of the answer's length; without it the answer ends where the connection does.
std::optional<std::size_t> stated_length(std::string_view head) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    constexpr std::string_view kName = "content-length:";
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() <= kName.size()) continue;
    if (!std::equal(kName.begin(), kName.end(), line.begin(), [](char x, char y) { return x == (y >= 'A' && y <= 'Z' ? y + 32 : y); }))
      continue;
    const std::size_t digits = line.find_first_not_of(' ', kName.size());
    std::size_t length = 0;
    if (digits == std::string_view::npos || std::from_chars(line.data() + digits, line.data() + line.size(), length).ec != std::errc())
      return {};
    return std::min(length, kMaxReply + 1);  // more is as good as too much
  }
  return {};
}

// The whole answer, or nothing if it was cut off or is too long.
std::optional<std::string> answer(Connection& from) {
  std::string bytes;
  char buffer[16'384];
  std::optional<std::size_t> whole;
  while (bytes.size() <= kMaxReply + sizeof buffer) {
    if (whole && bytes.size() >= *whole) return bytes.substr(0, *whole);
    const long n = from.receive(buffer, sizeof buffer);
    if (n < 0 || (n == 0 && whole)) return {};
    if (n == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(n));
    if (const auto blank = bytes.find("\r\n\r\n"); !whole && blank != std::string::npos)
      if (const auto length = stated_length(std::string_view(bytes).substr(0, blank + 2))) whole = blank + 4 + *length;
  }
  return {};
}

}  // namespace

Result<Reply> post(const std::string& url, std::string_view body, int seconds, const std::function<bool()>& give_up) {
  SURETY_TRY(const Url to, parse_url(url));
  auto connection = Connection::open(to.host, to.port, to.tls, Connection::Clock::now() + std::chrono::seconds(seconds), give_up);
  if (!connection) {
    Error e = std::move(connection.error());
    e.found_text = url + (e.found_text.empty() ? "" : ": " + e.found_text);
    return err(std::move(e));
  }
  // HTTP/1.0: the answer ends where the connection does, so there are no chunks to read.
  const std::string host = to.host.find(':') == std::string::npos ? to.host : "[" + to.host + "]";
  const std::string head = "POST " + to.path + " HTTP/1.0\r\nHost: " + host + ":" + to.port +
                           "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  const auto got = (*connection)->send(head + std::string(body)) ? answer(**connection) : std::nullopt;
  if (!got) return unreachable("the answer did not come, or did not end", url);
  const std::string& bytes = *got;
  const auto blank = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.") || bytes.size() < 12 || blank == std::string::npos) return unreachable("the answer is not HTTP", url);
  Reply reply{std::atoi(bytes.c_str() + 9), bytes.substr(blank + 4)};
  if (reply.status < 100 || reply.body.size() > kMaxReply) return unreachable("the answer is not one that can be used", url);
  return reply;
}

}  // namespace surety::serve
