#include "base/json_out.h"

#include "base/error.h"

namespace surety {

JsonOut& JsonOut::end() {
  SURETY_CHECK(!closers_.empty());
  out_ += closers_.back();
  closers_.pop_back();
  fresh_ = false;
  return *this;
}

JsonOut& JsonOut::key(std::string_view name) {
  comma();
  quote(name);
  out_ += ':';
  after_key_ = true;
  return *this;
}

void JsonOut::comma() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!fresh_) out_ += ',';
  fresh_ = false;
}

void JsonOut::quote(std::string_view text) {
  constexpr char d[] = "0123456789abcdef";
  out_ += '"';
  for (const char ch : text) {
    const auto b = static_cast<unsigned char>(ch);
    if (ch == '"' || ch == '\\') {
      out_ += '\\';
      out_ += ch;
    } else if (b >= 0x20) {
      out_ += ch;
    } else if (ch == '\n') {
      out_ += "\\n";
    } else if (ch == '\t') {
      out_ += "\\t";
    } else if (ch == '\r') {
      out_ += "\\r";
    } else {
      out_ += "\\u00";
      out_ += d[b >> 4];
      out_ += d[b & 15];
    }
  }
  out_ += '"';
}

}  // namespace surety
