#include "serve/assets.h"

namespace surety::serve {

Response asset(std::string_view path) {
  const std::string_view wanted = path == "/" ? std::string_view("/index.html") : path;
  for (const Asset& a : assets()) {
    if (a.path != wanted) continue;
    Response r;
    r.type = a.type;
    r.body = a.bytes;
    r.gzip = a.gzip;
    if (a.hashed) r.cache = "public, max-age=31536000, immutable";
    return r;
  }
  if (path == "/" && assets().empty()) {
    return error(404, fail("serve.no-page", "this program was built without the page")
                          .help("build with SURETY_WEB=ON and npm; the interface under /api/v1 works all the same"));
  }
  return error(404, fail("api.not-found", "there is nothing at this address").found(std::string(path)).help("see /api/v1"));
}

}  // namespace surety::serve
