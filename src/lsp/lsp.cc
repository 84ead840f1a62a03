#include "lsp/lsp.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace surety::lsp {

using nlohmann::json;

namespace {

constexpr std::size_t kMostBytes = 64 << 20;

// Offsets in bytes to lines and UTF-16 units.
json position(std::string_view text, std::uint32_t offset) {
  std::size_t end = std::min<std::size_t>(offset, text.size()), line = 0, start = 0, units = 0;
  for (std::size_t k = 0; k < end; ++k)
    if (text[k] == '\n') {
      ++line;
      start = k + 1;
    }
  for (std::size_t k = start; k < end; ++k) {
    auto c = static_cast<unsigned char>(text[k]);
    if ((c & 0xc0) != 0x80) units += c >= 0xf0 ? 2 : 1;
  }
  return {{"line", line}, {"character", units}};
}
json range(std::string_view text, plan::TextSpan at) { return {{"start", position(text, at.begin)}, {"end", position(text, at.end)}}; }
std::uint32_t offset(std::string_view text, std::size_t line, std::size_t units) {
  std::size_t k = 0;
  for (; line > 0 && k < text.size(); ++k) line -= text[k] == '\n';
  while (units > 0 && k < text.size() && text[k] != '\n') {
    units -= std::min<std::size_t>(units, static_cast<unsigned char>(text[k]) >= 0xf0 ? 2 : 1);
    do ++k;
    while (k < text.size() && (text[k] & '\xc0') == '\x80');
  }
  return static_cast<std::uint32_t>(k);
}

json diagnostics(const std::string& uri, const treaty::Compiled& c) {
  json list = json::array();
  const auto& text = c.tree.text;
  for (const auto& d : c.diagnostics) {
    json related = json::array();
    for (const auto& r : d.related) related.push_back({{"location", {{"uri", uri}, {"range", range(text, r.at)}}}, {"message", r.message}});
    int severity = d.severity == treaty::Severity::error ? 1 : d.severity == treaty::Severity::warning ? 2 : 3;
    list.push_back({{"range", range(text, d.at)},
                    {"severity", severity},
                    {"code", d.code},
                    {"source", "surety"},
                    {"message", d.help.empty() ? d.message : d.message + "\n" + d.help},
                    {"relatedInformation", related}});
  }
  return {{"jsonrpc", "2.0"}, {"method", "textDocument/publishDiagnostics"}, {"params", {{"uri", uri}, {"diagnostics", list}}}};
}

json symbols(const treaty::Compiled& c) {
  json list = json::array();
  for (const auto& n : c.tree.nodes) {
    using K = treaty::NodeKind;
    // The protocol's numbers: Namespace 3, Event 24, Function 12, Class 5.
    int kind = n.kind == K::header ? 3 : n.kind == K::declaration ? 24 : n.kind == K::clause ? 12 : n.kind == K::status ? 5 : 0;
    if (kind == 0 || n.label.empty()) continue;
    auto at = range(c.tree.text, c.tree.span_of(n));
    list.push_back({{"name", n.label}, {"kind", kind}, {"range", at}, {"selectionRange", at}});
  }
  return list;
}

json hover(const treaty::Compiled& c, std::uint32_t at) {
  if (!c.agreement) return nullptr;
  for (const auto& n : c.tree.nodes) {
    if (n.kind != treaty::NodeKind::clause) continue;
    auto span = c.tree.span_of(n);
    if (at < span.begin || at >= span.end) continue;
    auto meaning = treaty::explain(*c.agreement, n.label.substr(std::string("clause ").size()));
    if (!meaning) return nullptr;
    return {{"contents", {{"kind", "plaintext"}, {"value", *meaning}}}, {"range", range(c.tree.text, span)}};
  }
  return nullptr;
}

json formatting(const treaty::Compiled& c) {
  auto laid_out = treaty::format_text(c.tree.text, c.file);
  if (!laid_out || *laid_out == c.tree.text) return json::array();
  auto end = static_cast<std::uint32_t>(c.tree.text.size());
  return json::array({{{"range", range(c.tree.text, {0, end, 1})}, {"newText", *laid_out}}});
}

json capabilities() {
  return {{"capabilities",
           {{"textDocumentSync", {{"openClose", true}, {"change", 1}}},
            {"documentFormattingProvider", true},
            {"hoverProvider", true},
            {"documentSymbolProvider", true}}},
          {"serverInfo", {{"name", "surety"}}}};
}

}  // namespace

// Answers one message; everything that reads JSON is in here, and whatever it throws is caught in handle().
class Answers {
 public:
  explicit Answers(Server& server) : s_(server) {}

  void answer(const json& message) {
    id_ = message.value("id", json());
    auto method = message.value("method", std::string());
    const json params = message.value("params", json::object());
    if (method == "exit") {
      s_.exit_ = s_.shut_down_ ? 0 : 1;
    } else if (method == "initialize") {
      s_.initialized_ = true;
      reply(capabilities());
    } else if (!s_.initialized_) {
      refuse(-32002, "initialize comes first");
    } else if (method == "shutdown") {
      s_.shut_down_ = true;
      reply(nullptr);
    } else if (method.starts_with("textDocument/")) {
      document(method.substr(13), params);
    } else {
      unknown(method);
    }
  }
  void refuse(int code, const std::string& why) {
    out.push_back(json{{"jsonrpc", "2.0"}, {"id", id_}, {"error", {{"code", code}, {"message", why}}}}.dump());
  }
  bool request() const { return !id_.is_null(); }

  std::vector<std::string> out;

 private:
  void reply(json result) { out.push_back(json{{"jsonrpc", "2.0"}, {"id", id_}, {"result", std::move(result)}}.dump()); }
  // A notification that is not known is passed over, a request must be answered.
  void unknown(const std::string& method) {
    if (request()) refuse(-32601, "this server has no " + method);
  }

  void document(const std::string& method, const json& params) {
    const json& it = params.at("textDocument");
    auto uri = it.at("uri").get<std::string>();
    if (method == "didOpen") return compile(uri, it.at("text").get<std::string>());
    if (method == "didChange") return compile(uri, params.at("contentChanges").back().at("text").get<std::string>());
    if (method == "didClose") {
      s_.documents_.erase(uri);
      out.push_back(diagnostics(uri, {}).dump());
      return;
    }
    auto known = s_.documents_.find(uri);
    if (method != "formatting" && method != "hover" && method != "documentSymbol") return unknown("textDocument/" + method);
    if (known == s_.documents_.end()) return refuse(-32602, "this document is not open");
    const auto& c = known->second;
    if (method == "formatting") return reply(formatting(c));
    if (method == "documentSymbol") return reply(symbols(c));
    const json& at = params.at("position");
    reply(hover(c, offset(c.tree.text, at.at("line").get<std::size_t>(), at.at("character").get<std::size_t>())));
  }
  void compile(const std::string& uri, std::string text) {
    auto& c = s_.documents_[uri] = treaty::compile_text(std::move(text), uri);
    out.push_back(diagnostics(uri, c).dump());
  }

  Server& s_;
  json id_;
};

std::vector<std::string> Server::handle(const std::string& message) {
  Answers answers(*this);
  try {
    answers.answer(json::parse(message));
  } catch (const json::parse_error&) {
    answers.refuse(-32700, "the message is not JSON");
  } catch (const json::exception& e) {
    if (answers.request()) answers.refuse(-32602, e.what());
  }
  return std::move(answers.out);
}

int serve(std::istream& in, std::ostream& out) {
  Server server;
  std::string line;
  std::size_t length = 0;
  while (!server.finished() && std::getline(in, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    constexpr std::string_view kLength = "Content-Length: ";
    if (line.starts_with(kLength)) length = std::strtoull(line.c_str() + kLength.size(), nullptr, 10);
    if (!line.empty()) continue;
    if (length == 0 || length > kMostBytes) return 2;  // no way to find the next message
    std::string message(length, '\0');
    if (!in.read(message.data(), static_cast<std::streamsize>(length))) return 1;
    length = 0;
    for (const auto& m : server.handle(message)) out << "Content-Length: " << m.size() << "\r\n\r\n" << m << std::flush;
  }
  return server.exit_code();
}

int serve_stdio() {
  std::ios::sync_with_stdio(false);
  return serve(std::cin, std::cout);
}

}  // namespace surety::lsp
