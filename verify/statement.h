#pragma once
// What a signed statement says, from the fields that a bundle discloses: its id, when enough of it is disclosed to
// make the statement's own bytes again (docs/formats/statement-note.md).
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace verify {

// Name and value, as they are written, of a disclosure's JSON ["salt","name",value].
struct Disclosed {
  std::string name, value;
};
std::optional<Disclosed> read_disclosed(std::string_view json);

// "s-" and 16 hexadecimal digits over the statement that these fields give. It is the statement's id only if the
// author committed to it under `id`: something may be missing.
std::string id_of(const std::map<std::string, std::string>& fields);

}  // namespace verify
