#pragma once
// Reads JSON into a plain tree; enough to walk a verdict's witness. Refuses what is not JSON.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace verify {

struct Json {
  enum Kind { null, boolean, number, text, array, object } kind = null;
  std::string value;  // of text (unescaped), number and boolean (as written)
  std::vector<Json> items;
  std::map<std::string, Json> members;
  const Json* at(const std::string& name) const {
    const auto it = members.find(name);
    return it == members.end() ? nullptr : &it->second;
  }
};
std::optional<Json> parse_json(std::string_view text);

}  // namespace verify
