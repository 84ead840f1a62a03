#include "record/disclosure.h"

#include <sodium.h>

#include <algorithm>
#include <set>

#include "base/json_out.h"

namespace surety::record {
namespace {

constexpr std::size_t kDrawn = 32;  // random bytes a slot; a salt is the first 16 of them

Error bad_disclosure(std::string what) {
  return fail("record.bad-disclosure", "this is not a disclosure")
      .found(std::move(what))
      .expected("base64url of [\"salt\",\"field\",value]");
}

Result<std::string> from_base64url(std::string_view text) {
  std::string standard(text);
  for (char& c : standard) {
    if (c == '+' || c == '/' || c == '=') return err(bad_disclosure("not base64url"));
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  standard.append((4 - standard.size() % 4) % 4, '=');
  auto out = from_base64(standard);
  if (!out) return err(bad_disclosure("not base64url"));
  return out;
}

// Just enough JSON to take three members of an array apart; values stay text.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool take(char c) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool string(std::string& out) {
    blanks();
    const std::size_t from = at_;
    if (!skip_string()) return false;
    return unescape(text_.substr(from + 1, at_ - from - 2), out);
  }
  bool value(std::string& out) {
    blanks();
    const std::size_t from = at_;
    if (!skip_value(0)) return false;
    out = text_.substr(from, at_ - from);
    return true;
  }
  bool end() {
    blanks();
    return at_ == text_.size();
  }

 private:
  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }
  bool skip_string() {
    if (at_ >= text_.size() || text_[at_] != '"') return false;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) return false;
      if (text_[at_] == '\\') ++at_;
    }
    return at_++ < text_.size();
  }
  bool skip_value(int depth) {
    blanks();
    if (at_ >= text_.size() || depth > 32) return false;
    const char c = text_[at_];
    if (c == '"') return skip_string();
    if (c == '{' || c == '[') return skip_nest(c, depth);
    const std::size_t from = at_;
    while (at_ < text_.size() && std::string_view(",]} \t\n\r").find(text_[at_]) == std::string_view::npos) ++at_;
    const std::string_view word = text_.substr(from, at_ - from);
    if (word == "true" || word == "false" || word == "null") return true;
    return !word.empty() && word.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
  }
  bool skip_nest(char open, int depth) {
    const char close = open == '{' ? '}' : ']';
    ++at_;
    if (take(close)) return true;
    do {
      blanks();
      if (open == '{' && (!skip_string() || !take(':'))) return false;
      if (!skip_value(depth + 1)) return false;
    } while (take(','));
    return take(close);
  }
  static bool unescape(std::string_view in, std::string& out) {
    out.clear();
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (in[i] != '\\') {
        out += in[i];
        continue;
      }
      if (++i == in.size()) return false;
      const auto at = std::string_view("\"\\/bfnrt").find(in[i]);
      if (at == std::string_view::npos) return false;  // \u: no salt or name of ours needs it
      out += "\"\\/\b\f\n\r\t"[at];
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string members_text(std::string_view salt, const Field& field) {
  JsonOut json;
  json.array().string(salt).string(field.name).raw(field.value).end();
  return json.take();
}

Status take_members(std::string_view json, Disclosure& out) {
  if (first_bad_utf8(json) != std::string_view::npos) return err(bad_disclosure("not UTF-8"));
  Reader in(json);
  if (!in.take('[') || !in.string(out.salt) || !in.take(',') || !in.string(out.field.name) || !in.take(',') || !in.value(out.field.value) ||
      !in.take(']') || !in.end())
    return err(bad_disclosure("not an array of salt, name and value"));
  return {};
}

}  // namespace

std::string system_random(std::size_t n) {
  static const int ready = sodium_init();
  SURETY_CHECK(ready >= 0);
  std::string out(n, '\0');
  randombytes_buf(out.data(), n);
  return out;
}

Digest disclosure_digest(std::string_view encoded) { return sha256(encoded); }

std::string encode_disclosure(std::string_view salt, const Field& field) { return base64url(members_text(salt, field)); }

Result<Disclosure> parse_disclosure(std::string_view encoded) {
  SURETY_TRY(const std::string json, from_base64url(encoded));
  Disclosure out;
  out.encoded = encoded;
  SURETY_TRY_STATUS(take_members(json, out));
  return out;
}

Result<Committed> commit(const std::vector<Field>& fields, std::size_t slots, const Random& random) {
  if (fields.size() > slots)
    return err(fail("record.too-many-fields", "there are more withheld fields than slots")
                   .found(std::to_string(fields.size()))
                   .expected("at most " + std::to_string(slots)));
  Committed out;
  out.digests.reserve(slots);
  out.disclosures.reserve(fields.size());
  // Drawn at once: a call into the system for each slot costs as much as the signature.
  const std::string drawn = random(slots * kDrawn);
  const auto draw = [&](std::size_t slot, std::size_t n) { return std::string_view(drawn).substr(slot * kDrawn, n); };
  std::set<std::string_view> names;
  for (const Field& field : fields) {
    if (field.name.empty() || field.name == "_sd" || field.name == "..." || !names.insert(field.name).second)
      return err(fail("record.bad-field", "this cannot be the name of a withheld field")
                     .found(field.name)
                     .expected("each name once; not _sd, not ..."));
    std::string salt = base64url(draw(out.digests.size(), 16));
    const std::string json = members_text(salt, field);
    Disclosure read;
    if (!take_members(json, read)) return err(fail("record.bad-field", "the value of a withheld field must be JSON").field(field.name));
    out.disclosures.push_back({base64url(json), std::move(salt), field});
    out.digests.push_back(disclosure_digest(out.disclosures.back().encoded));
  }
  // A decoy is a digest of something random of the same kind, so that nothing tells it from the others.
  while (out.digests.size() < slots) out.digests.push_back(sha256(draw(out.digests.size(), kDrawn)));
  std::sort(out.digests.begin(), out.digests.end());
  return out;
}

Result<std::vector<Field>> open_disclosures(const std::vector<Digest>& digests, const std::vector<std::string>& encoded) {
  std::vector<Field> out;
  std::set<std::string> names;
  for (const std::string& text : encoded) {
    SURETY_TRY(Disclosure d, parse_disclosure(text));
    if (std::find(digests.begin(), digests.end(), disclosure_digest(text)) == digests.end())
      return err(fail("record.not-committed", "the statement never committed to this")
                     .field(d.field.name)
                     .help("it belongs to another statement, or it was changed"));
    if (!names.insert(d.field.name).second) return err(bad_disclosure("the field " + d.field.name + " twice"));
    out.push_back(std::move(d.field));
  }
  std::sort(out.begin(), out.end(), [](const Field& a, const Field& b) { return a.name < b.name; });
  return out;
}

std::vector<Field> position_fields(std::int64_t lat_e6, std::int64_t lon_e6) {
  const auto cell = [](std::int64_t v, std::int64_t step) { return (v >= 0 ? v / step : -((-v + step - 1) / step)) * step; };
  const auto degrees = [](std::int64_t v) {
    std::string digits = std::to_string(v < 0 ? -v : v);
    if (digits.size() < 7) digits.insert(0, 7 - digits.size(), '0');
    std::string text = digits.substr(0, digits.size() - 6) + "." + digits.substr(digits.size() - 6);
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
    return (v < 0 ? "-" : "") + text;
  };
  const auto pair = [&](std::int64_t step) { return "[\"" + degrees(cell(lat_e6, step)) + "\",\"" + degrees(cell(lon_e6, step)) + "\"]"; };
  return {{"cell-1", pair(1'000'000)}, {"cell-0.1", pair(100'000)}, {"point", pair(1)}};
}

}  // namespace surety::record
