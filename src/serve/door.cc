#include "serve/door.h"

#include <simdjson.h>

#include "base/json_out.h"
#include "base/log.h"

namespace surety::serve {
namespace {

// The prefix makes a browser refuse the cookie unless it is Secure, for this host alone and for all paths.
constexpr std::string_view kSecureCookie = "__Host-surety", kLoopbackCookie = "surety";

Error not_a_log_in() {
  return fail("access.bad-log-in", "this is not a request to log in")
      .expected("a JSON object with account, password and code, each a text");
}

Result<access::Attempt> attempt_of(const Request& request) {
  namespace od = simdjson::ondemand;
  if (!request.content_type.starts_with("application/json")) return err(not_a_log_in());
  const simdjson::padded_string bytes(request.body);
  od::parser parser;
  od::document doc;
  od::object object;
  if (parser.iterate(bytes).get(doc) || doc.get_object().get(object)) return err(not_a_log_in());
  access::Attempt out;
  int members = 0;
  for (auto member : object) {
    std::string_view key, text;
    if (member.unescaped_key().get(key)) return err(not_a_log_in());
    std::string* into = key == "account" ? &out.account : key == "password" ? &out.password : key == "code" ? &out.code : nullptr;
    if (!into || !into->empty() || member.value().get_string().get(text)) return err(not_a_log_in());
    *into = text;
    ++members;
  }
  if (members != 3 || !doc.current_location().error()) return err(not_a_log_in());
  out.address = request.address;
  return out;
}

// A browser says where a request comes from; one that says "elsewhere" is refused. A program that is no
// browser says nothing, and carries nobody's cookie.
bool from_elsewhere(const Request& request) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin") return true;
  if (request.origin.empty()) return false;
  const std::size_t at = request.origin.find("://");
  return at == std::string::npos || request.origin.substr(at + 3) != request.host;
}

Response private_json(int status, std::string body) {
  Response r = json(status, std::move(body));
  r.cache = "no-store";
  return r;
}

}  // namespace

Response session_state(const access::Reader& reader, bool accounts) {
  JsonOut j;
  j.object().member("kind", "session").member("accounts", accounts).member("account", reader.account);
  j.member("role", access::name(reader.role)).member("of", reader.speaks_for).end();
  return private_json(200, j.take());
}

std::string Door::cookie(const std::string& value, const char* more) const {
  const std::string name(options_.secure ? kSecureCookie : kLoopbackCookie);
  return name + "=" + value + "; Path=/; HttpOnly; SameSite=Strict" + (options_.secure ? "; Secure" : "") + more;
}

std::string Door::token(const Request& request) const {
  const std::string wanted = std::string(options_.secure ? kSecureCookie : kLoopbackCookie) + "=";
  std::string_view rest = request.cookie;
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    std::string_view one = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(wanted)) return std::string(one.substr(wanted.size()));
  }
  return {};
}

Result<access::Reader> Door::reader(const Request& request) const {
  const std::string given = token(request);
  if (given.empty()) return access::Reader{};
  SURETY_TRY(auto found, accounts_.reader(given));
  return found.value_or(access::Reader{});
}

Response Door::log_in(const Request& request) const {
  const auto attempt = attempt_of(request);
  if (!attempt) return error(400, attempt.error());
  const auto answer = accounts_.log_in(*attempt);
  if (!answer) return error(500, answer.error());
  using Outcome = access::LogIn::Outcome;
  if (answer->outcome == Outcome::wait) {
    const std::string seconds = std::to_string((answer->wait.us + 999'999) / 1'000'000);
    Response r = error(429, fail("access.wait", "too many attempts have failed").help("try again in " + seconds + " s"));
    r.headers.emplace_back("Retry-After", seconds);
    return r;
  }
  if (answer->outcome == Outcome::refused) {
    log::info("serve: a log-in from " + request.address + " was refused");
    return error(401, fail("access.refused", "account, password and code do not open anything together")
                          .help("codes change every 30 seconds and open once; the operator can make a new password or second factor"));
  }
  log::info("serve: " + answer->reader.pseudonym + " logged in from " + request.address);
  Response r = session_state(answer->reader, true);
  r.headers.emplace_back("Set-Cookie", cookie(answer->token, ""));
  return r;
}

Response Door::log_out(const Request& request) const {
  const Status done = accounts_.log_out(token(request));
  if (!done) return error(500, done.error());
  Response r = session_state({}, true);
  r.headers.emplace_back("Set-Cookie", cookie("", "; Max-Age=0"));
  return r;
}

Response Door::session(const Request& request, const access::Reader& reader) const {
  const bool changes = request.method == "POST" || request.method == "DELETE";
  if (changes && from_elsewhere(request)) {
    return error(403,
                 fail("access.other-site", "a page of another site asks for this").help("open this server's own page and log in there"));
  }
  if (request.method == "POST") return log_in(request);
  if (request.method == "DELETE") return log_out(request);
  return session_state(reader, true);
}

}  // namespace surety::serve
