#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace surety {

Error fail(std::string code, std::string message) {
  Error e;
  e.code = std::move(code);
  e.message = std::move(message);
  return e;
}

Error&& Error::in(std::string file, long line, long column) && {
  file_name = std::move(file);
  line_number = line;
  column_number = column;
  return std::move(*this);
}
Error&& Error::field(std::string name) && {
  field_name = std::move(name);
  return std::move(*this);
}
Error&& Error::found(std::string what) && {
  found_text = std::move(what);
  return std::move(*this);
}
Error&& Error::expected(std::string what) && {
  expected_text = std::move(what);
  return std::move(*this);
}
Error&& Error::help(std::string what) && {
  help_text = std::move(what);
  return std::move(*this);
}
Error&& Error::ours() && {
  fault = Fault::ours;
  return std::move(*this);
}

std::string Error::text() const {
  std::string out = "error[" + code + "]: " + message;
  if (!file_name.empty() || line_number || !field_name.empty()) {
    out += "\n  --> " + (file_name.empty() ? std::string("input") : file_name);
    if (line_number) out += ":" + std::to_string(line_number);
    if (column_number) out += ":" + std::to_string(column_number);
    if (!field_name.empty()) out += ", field " + field_name;
  }
  if (!found_text.empty()) out += "\n  found:    " + found_text;
  if (!expected_text.empty()) out += "\n  expected: " + expected_text;
  if (!help_text.empty()) out += "\n  help:     " + help_text;
  return out;
}

void check_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "surety: internal check failed: %s at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace surety
