#include "verify/statement.h"

#include "verify/bytes.h"
#include "verify/json.h"

namespace verify {
namespace {

using Fields = std::map<std::string, std::string>;

// The end of the string literal that begins at `at`, behind its closing quote.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) at += text[at] == '\\';
  return at + 1;
}

class Writer {
 public:
  explicit Writer(const Fields& fields) : fields_(fields) {}

  std::string raw(const std::string& name) const {
    const auto it = fields_.find(name);
    return it == fields_.end() ? std::string() : it->second;
  }
  void put(const char* name, const std::string& value) {
    if (!value.empty() && value != "\"\"" && value != "[]") out_ += std::string(",\"") + name + "\":" + value;
  }
  void put(const char* name) { put(name, raw(name)); }

  void when() {
    const auto times = parse_json(raw("when"));
    const auto text = [&](const char* name) {
      const Json* j = times ? times->at(name) : nullptr;
      return j ? j->value : std::string();
    };
    const std::string from = text("from"), to = text("to"), known = text("known_at");
    put("from", '"' + from + '"');
    if (to != from) put("to", '"' + to + '"');
    for (const char* flag : {"lasting", "open_end"})
      if (times && times->at(flag)) put(flag, "true");
    if (known != to) put("known_at", '"' + known + '"');
  }

  void own_fields() {
    std::string own = raw("fields");
    if (own.empty())
      for (const auto& [name, value] : fields_)
        if (name.starts_with("fields.")) own += (own.empty() ? "{\"" : ",\"") + name.substr(7) + "\":" + value;
    if (!own.empty() && raw("fields").empty()) own += "}";
    put("fields", own);
  }

  std::string done() { return "{\"v\":1" + out_ + "}"; }

 private:
  const Fields& fields_;
  std::string out_;
};

}  // namespace

std::optional<Disclosed> read_disclosed(std::string_view json) {
  if (!json.starts_with("[\"") || !json.ends_with(']')) return std::nullopt;
  const std::size_t salt = string_end(json, 1);
  if (salt + 1 >= json.size() || json[salt] != ',' || json[salt + 1] != '"') return std::nullopt;
  const std::size_t name = string_end(json, salt + 1);
  if (name + 1 >= json.size() || json[name] != ',') return std::nullopt;
  return Disclosed{std::string(json.substr(salt + 2, name - salt - 3)), std::string(json.substr(name + 1, json.size() - name - 2))};
}

std::string id_of(const Fields& fields) {
  Writer out(fields);
  out.put("kind");
  if (out.raw("exercise") != "\"actual\"") out.put("exercise");
  out.put("author");
  if (out.raw("origin") != out.raw("author")) out.put("origin");
  for (const char* name : {"speaks_for", "means", "admiralty", "event"}) out.put(name);
  out.when();
  for (const char* name : {"place", "actor", "actor_basis"}) out.put(name);
  out.own_fields();
  for (const char* name : {"about", "instrument", "clauses", "source", "text"}) out.put(name);
  return "s-" + hex(sha256(out.done())).substr(0, 16);
}

}  // namespace verify
