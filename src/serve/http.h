#pragma once
// Requests and responses as plain data, and what every response gets: validators, HEAD, security
// headers. Handlers and their tests need only this header; the network is in net.cc alone.
//
//   Response r = json(200, text);            // or text(…), error(404, fail(…))
//   finish(request, r);                      // ETag, If-None-Match → 304, HEAD, gzip chosen
//
// RFC 9110 (semantics, validators), RFC 6797-style hardening by Content-Security-Policy level 3.
// Everything here is pure and thread-safe; a Response owns or shares its bytes.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace surety::serve {

struct Request {
  std::string method = "GET";
  std::string path;                          // percent-decoded, without the query
  std::map<std::string, std::string> query;  // percent-decoded; the last of equal names counts
  std::string host;
  std::string address;                                   // of whoever asks, as the network sees it
  std::string cookie, origin, fetch_site, content_type;  // those headers; empty: not sent
  std::string body;                                      // of a POST
  std::string if_none_match;
  bool accepts_gzip = false;
};

// Splits and decodes a request target ("/api/v1/states?known_at=…"). Refuses control characters,
// bad escapes and text that is not UTF-8.
Status read_target(std::string_view target, Request& request);

struct Response {
  int status = 200;
  std::string type = "application/json; charset=utf-8";
  std::string_view body;  // into `owned`, or static memory
  std::shared_ptr<const std::string> owned;
  std::string_view gzip;           // the same content, compressed; empty: there is none
  std::string etag;                // quoted; empty: made from the body
  std::string cache = "no-cache";  // Cache-Control
  std::vector<std::pair<std::string, std::string>> headers;
  bool stream = false;     // stays open: server-sent events
  bool head_only = false;  // send headers as if, and no body
};

Response json(int status, std::string body);
Response text(int status, std::string type, std::string body);
// {"error":{"code":…,"message":…,"field":…,"found":…,"expected":…,"help":…}}
Response error(int status, const Error& e);

// Chooses gzip, answers If-None-Match, makes HEAD, adds the headers that every response has.
void finish(const Request& request, Response& response);

// A page of another site must not read this API through the browser by DNS rebinding: on loopback
// only these names are answered. `host` is the Host header, `bound` the address listened on.
bool host_allowed(std::string_view host, std::string_view bound, const std::vector<std::string>& also);

}  // namespace surety::serve
