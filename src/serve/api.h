#pragma once
// The HTTP interface: request in, response out, no network. docs/api.md lists every path, its query
// and its members; the objects in `items` have the members that the commands print with --json.
//
//   Api api(source, {.record_dir = "record"});
//   Response r = api.answer({.path = "/api/v1/duties"});
//
// What the table of access (access/policy.h) has no row for does not answer; what it gives a reader only
// some releases of is derived from what that reader may know.
//
// Thread-safe. Errors: api.not-found, api.bad-query, and those of the source, each as JSON.
#include <string>

#include "access/policy.h"
#include "serve/http.h"
#include "serve/source.h"
#include "store/standing.h"

namespace surety::serve {

class Door;

struct ApiOptions {
  std::string record_dir;       // served as it lies under /record/; empty: no record
  store::PolicyFiles policy{};  // who must have cosigned it
  std::string version = "0.1.0";
  const Door* door = nullptr;  // who asks; none: everybody is the public. Must outlive the Api
};

class Api {
 public:
  Api(Source& source, ApiOptions options) : source_(source), options_(std::move(options)) {}
  Response answer(const Request& request) const;
  // As this reader would be answered, however it is known who asks.
  Response answer(const Request& request, const access::Reader& reader) const;
  // The data of the event `world`: {"revision":…,"statements":…}, and of a record its size and who vouches for it. Whoever has
  // this text need not read again until it is another.
  std::string world_event() const;

 private:
  Response listed(const Request& request, const access::Row& row, const access::Reader& reader) const;
  Response v1(const Request& request, std::string_view rest, const access::Row& row, const access::Reader& reader) const;

  Source& source_;
  ApiOptions options_;
};

}  // namespace surety::serve
