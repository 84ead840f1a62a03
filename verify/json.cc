#include "verify/json.h"

namespace verify {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}
  std::optional<Json> whole() {
    Json out;
    if (!value(out, 0)) return std::nullopt;
    blanks();
    if (at_ != text_.size()) return std::nullopt;
    return out;
  }

 private:
  void blanks() {
    while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool take(char c) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool value(Json& out, int depth) {
    blanks();
    if (at_ >= text_.size() || depth > 64) return false;
    if (text_[at_] == '"') {
      out.kind = Json::text;
      return string(out.value);
    }
    if (take('[')) {
      out.kind = Json::array;
      if (take(']')) return true;
      do {
        if (!value(out.items.emplace_back(), depth + 1)) return false;
      } while (take(','));
      return take(']');
    }
    if (take('{')) {
      out.kind = Json::object;
      if (take('}')) return true;
      do {
        blanks();
        std::string name;
        if (!string(name) || !take(':')) return false;
        if (!value(out.members[name], depth + 1)) return false;
      } while (take(','));
      return take('}');
    }
    return word(out);
  }
  bool word(Json& out) {
    const std::size_t from = at_;
    while (at_ < text_.size() && std::string_view(",]} \t\n\r").find(text_[at_]) == std::string_view::npos) ++at_;
    out.value = text_.substr(from, at_ - from);
    if (out.value == "null") return true;
    out.kind = out.value == "true" || out.value == "false" ? Json::boolean : Json::number;
    return out.kind == Json::boolean || (!out.value.empty() && out.value.find_first_not_of("0123456789+-.eE") == std::string::npos);
  }
  bool string(std::string& out) {
    if (at_ >= text_.size() || text_[at_] != '"') return false;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\') {
        if (++at_ >= text_.size()) return false;
        if (text_[at_] == 'u') {  // kept as it is: names and ids that matter here have none
          out += "\\u";
          continue;
        }
        const auto known = std::string_view("\"\\/bfnrt").find(text_[at_]);
        if (known == std::string_view::npos) return false;
        c = "\"\\/\b\f\n\r\t"[known];
      }
      out += c;
    }
    return at_++ < text_.size();
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Json> parse_json(std::string_view text) { return Parser(text).whole(); }

}  // namespace verify
