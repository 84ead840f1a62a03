#pragma once
// The one writer of canonical JSON: members in the order they are written, no blanks, UTF-8 as is,
// only the escapes that RFC 8259 demands. Bytes that are hashed or signed come from here and never
// from a library.
//
//   JsonOut j; j.object().key("kind").string("state").key("n").number(3).end(); j.take();
#include <cstdint>
#include <string>
#include <string_view>

namespace surety {

class JsonOut {
 public:
  JsonOut& object() {
    comma();
    out_ += '{';
    fresh_ = true;
    return push('}');
  }
  JsonOut& array() {
    comma();
    out_ += '[';
    fresh_ = true;
    return push(']');
  }
  JsonOut& end();
  JsonOut& key(std::string_view name);
  JsonOut& string(std::string_view text) {
    comma();
    quote(text);
    return *this;
  }
  JsonOut& number(std::int64_t n) {
    comma();
    out_ += std::to_string(n);
    return *this;
  }
  JsonOut& boolean(bool b) {
    comma();
    out_ += b ? "true" : "false";
    return *this;
  }
  JsonOut& null() {
    comma();
    out_ += "null";
    return *this;
  }
  // Text that is already a JSON value (a number with a fraction, a nested document).
  JsonOut& raw(std::string_view json) {
    comma();
    out_ += json;
    return *this;
  }
  // key + value, the common case
  JsonOut& member(std::string_view name, std::string_view text) { return key(name).string(text); }
  JsonOut& member(std::string_view name, const char* text) { return key(name).string(text); }
  JsonOut& member(std::string_view name, std::int64_t n) { return key(name).number(n); }
  JsonOut& member(std::string_view name, int n) { return key(name).number(n); }
  JsonOut& member(std::string_view name, std::size_t n) { return key(name).number(static_cast<std::int64_t>(n)); }
  JsonOut& member(std::string_view name, bool b) { return key(name).boolean(b); }

  const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  JsonOut& push(char closer) {
    closers_ += closer;
    return *this;
  }
  void comma();
  void quote(std::string_view text);

  std::string out_;
  std::string closers_;
  bool fresh_ = true;  // nothing written yet in the open object or array
  bool after_key_ = false;
};

}  // namespace surety
