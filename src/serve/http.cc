#include "serve/http.h"

#include "base/bytes.h"
#include "base/json_out.h"

namespace surety::serve {
namespace {

// Nothing from elsewhere, no inline script; styles only from our file. The page sets element
// geometry through attributes and the CSSOM, which the policy allows.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> decode(std::string_view in, bool plus_is_blank) {
  std::string out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    char c = in[i];
    if (c == '+' && plus_is_blank) {
      c = ' ';
    } else if (c == '%') {
      const int high = i + 2 < in.size() ? hex_digit(in[i + 1]) : -1;
      const int low = i + 2 < in.size() ? hex_digit(in[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return err(fail("serve.bad-target", "the address has a broken percent escape")
                       .found(std::string(in))
                       .expected("% and two hexadecimal digits"));
      }
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return err(fail("serve.bad-target", "the address has a control character"));
    }
    out += c;
  }
  if (first_bad_utf8(out) != std::string::npos) {
    return err(fail("serve.bad-target", "the address is not UTF-8"));
  }
  return out;
}

std::string without_port(std::string_view host) {
  if (host.starts_with('[')) return std::string(host.substr(0, host.find(']') + 1));
  return std::string(host.substr(0, host.rfind(':')));
}

bool lists(std::string_view header, std::string_view etag) {
  if (header == "*") return true;
  for (std::size_t at = 0; (at = header.find(etag, at)) != std::string_view::npos; ++at) {
    const std::size_t after = at + etag.size();
    const bool starts = at == 0 || header[at - 1] == ' ' || header[at - 1] == ',' || header[at - 1] == '/';
    if (starts && (after == header.size() || header[after] == ',' || header[after] == ' ')) return true;
  }
  return false;
}

}  // namespace

Status read_target(std::string_view target, Request& request) {
  const std::size_t mark = target.find('?');
  SURETY_TRY(request.path, decode(target.substr(0, mark), false));
  if (!request.path.starts_with('/')) {
    return err(fail("serve.bad-target", "the address does not begin with /").found(std::string(target)));
  }
  std::string_view rest = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t amp = rest.find('&');
    const std::string_view pair = rest.substr(0, amp);
    rest = amp == std::string_view::npos ? std::string_view{} : rest.substr(amp + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    SURETY_TRY(std::string name, decode(pair.substr(0, equals), true));
    std::string value;
    if (equals != std::string_view::npos) {
      SURETY_TRY(value, decode(pair.substr(equals + 1), true));
    }
    request.query[name] = value;
  }
  return {};
}

Response text(int status, std::string type, std::string body) {
  Response r;
  r.status = status;
  r.type = std::move(type);
  r.owned = std::make_shared<const std::string>(std::move(body));
  r.body = *r.owned;
  return r;
}

Response json(int status, std::string body) { return text(status, "application/json; charset=utf-8", std::move(body)); }

Response error(int status, const Error& e) {
  JsonOut j;
  j.object().key("error").object().member("code", e.code).member("message", e.message);
  const auto optional = [&](const char* name, const std::string& value) {
    if (!value.empty()) j.member(name, value);
  };
  optional("field", e.field_name);
  optional("found", e.found_text);
  optional("expected", e.expected_text);
  optional("help", e.help_text);
  j.end().end();
  Response r = json(status, j.take() + "\n");
  r.cache = "no-store";
  return r;
}

void finish(const Request& request, Response& r) {
  r.headers.emplace_back("Content-Security-Policy", kPolicy);
  r.headers.emplace_back("X-Content-Type-Options", "nosniff");
  r.headers.emplace_back("Referrer-Policy", "no-referrer");
  r.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  r.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  if (r.stream) return;
  if (r.status == 200 && r.cache != "no-store") {
    if (r.etag.empty()) r.etag = '"' + hex(view(sha256(r.body)).substr(0, 12)) + '"';
    if (!request.if_none_match.empty() && lists(request.if_none_match, r.etag)) {
      r.status = 304;
      r.body = r.gzip = {};
    }
  }
  if (!r.gzip.empty()) {
    r.headers.emplace_back("Vary", "Accept-Encoding");
    if (request.accepts_gzip) {
      r.body = r.gzip;
      r.headers.emplace_back("Content-Encoding", "gzip");
    }
  }
  if (request.method == "HEAD") r.head_only = true;
}

bool host_allowed(std::string_view host, std::string_view bound, const std::vector<std::string>& also) {
  const std::string name = without_port(host);
  for (const auto& other : also) {
    if (name == other) return true;
  }
  const bool loopback = bound.starts_with("127.") || bound == "::1";
  if (!loopback) return true;
  return name == "localhost" || name.starts_with("127.") || name == "[::1]";
}

}  // namespace surety::serve
