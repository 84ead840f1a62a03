#pragma once
// What the compiler has to say about a text: where, a stable code (docs/errors-treaty.md lists them
// all), one sentence, related places and what to do. Errors stop compilation; warnings and infos
// never do: an agreement that leaves something open is legal, and the gap is reported, not filled.
#include <string>
#include <string_view>
#include <vector>

#include "plan/agreement.h"

namespace surety::treaty {

enum class Severity { error, warning, info };
std::string_view name(Severity s);

struct Related {
  plan::TextSpan at;
  std::string message;
};

struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;  // "treaty.unknown-clause"
  std::string message;
  plan::TextSpan at;  // byte offsets into the text, and its line
  std::vector<Related> related;
  std::string help;  // what to do; may be empty
};

// For people: the message, the source line, and a caret under the place. `text` and `file` are the
// ones that were compiled. Ends in a newline.
std::string to_text(const Diagnostic& d, std::string_view text, std::string_view file);
// One JSON object (no newline): kind "diagnostic", severity, code, file, line, column, end_line,
// end_column, message, related, help.
std::string to_json(const Diagnostic& d, std::string_view text, std::string_view file);

// Whether a code says that the text could not be read, as against that it says something wrong.
bool is_syntax(std::string_view code);

// By place, then severity, then code: the order in which they are always shown.
void sort(std::vector<Diagnostic>& diagnostics);

}  // namespace surety::treaty
