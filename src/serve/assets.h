#pragma once
// The page, embedded in the program when it is built (cmake/Embed.cmake). Static memory.
#include <span>
#include <string_view>

#include "serve/http.h"

namespace surety::serve {

struct Asset {
  std::string_view path;  // "/app.js"
  std::string_view type;
  std::string_view bytes;
  std::string_view gzip;  // empty: not worth it
  bool hashed = false;    // its name changes with its content: cacheable for ever
};

// In the order of their paths; empty when the program was built without the page.
std::span<const Asset> assets();

// "/" is the page itself. Status 404 when there is none.
Response asset(std::string_view path);

}  // namespace surety::serve
