#include "lsp/lsp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "base/files.h"

namespace surety::lsp {
namespace {

using nlohmann::json;

const std::string kText =
    "agreement Ä version 1.\nparties Alpha, Bravo.\nbinding legal. in force from 2026-06-01T00:00Z.\n"
    "event Fire { place: position } observed by Bravo.\n"
    "clause 1 \"Züge\" source \"𝄞\" Alpha may defend when Fire,  at least claimed.\n";

std::string framed(const json& m) {
  auto text = m.dump();
  return "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
}
json request(int id, const std::string& method, json params) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}};
}
json notification(const std::string& method, json params) {
  return {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
}
json doc() { return {{"textDocument", {{"uri", "file:///a.treaty"}}}}; }
json opened(const std::string& text) {
  return notification("textDocument/didOpen",
                      {{"textDocument", {{"uri", "file:///a.treaty"}, {"languageId", "treaty"}, {"version", 1}, {"text", text}}}});
}

// A whole session, fed as an editor sends it.
struct Session {
  int code = 0;
  std::vector<json> said;
};
Session session(const std::vector<json>& messages) {
  std::stringstream in, out;
  for (const auto& m : messages) in << framed(m);
  Session s;
  s.code = serve(in, out);
  std::string line;
  while (std::getline(out, line)) {
    auto length = std::stoul(line.substr(16));
    std::getline(out, line);
    std::string body(length, '\0');
    out.read(body.data(), static_cast<std::streamsize>(length));
    s.said.push_back(json::parse(body));
  }
  return s;
}

TEST(Lsp, ASessionFromBeginToEnd) {
  auto at_clause = doc();
  at_clause["position"] = {{"line", 4}, {"character", 40}};
  auto changed = doc();
  changed["contentChanges"] = json::array({{{"text", kText + "clause 2 \"x\" Gamma may defend.\n"}}});
  auto s = session({request(1, "initialize", json::object()), notification("initialized", json::object()), opened(kText),
                    request(2, "textDocument/hover", at_clause), request(3, "textDocument/documentSymbol", doc()),
                    request(4, "textDocument/formatting", doc()), notification("textDocument/didChange", changed),
                    request(5, "textDocument/hover", at_clause), notification("textDocument/didClose", doc()),
                    request(6, "shutdown", nullptr), notification("exit", nullptr)});
  EXPECT_EQ(s.code, 0);
  ASSERT_EQ(s.said.size(), 9u);
  EXPECT_TRUE(s.said[0]["result"]["capabilities"]["hoverProvider"]);
  EXPECT_EQ(s.said[1]["method"], "textDocument/publishDiagnostics");
  for (const auto& d : s.said[1]["params"]["diagnostics"]) EXPECT_NE(d["severity"], 1) << d;
  EXPECT_NE(s.said[2]["result"]["contents"]["value"].get<std::string>().find("when: Fire, at least claimed"), std::string::npos);
  std::vector<std::string> names;
  for (const auto& x : s.said[3]["result"]) names.push_back(x["name"]);
  EXPECT_EQ(names, (std::vector<std::string>{"agreement Ä", "event Fire", "clause 1"}));
  EXPECT_NE(s.said[4]["result"][0]["newText"].get<std::string>().find("\n  when Fire, at least claimed.\n"), std::string::npos);
  const auto& wrong = s.said[5]["params"]["diagnostics"];
  auto error = std::find_if(wrong.begin(), wrong.end(), [](const json& d) { return d["severity"] == 1; });
  ASSERT_NE(error, wrong.end());
  EXPECT_EQ((*error)["code"], "treaty.undeclared-party");
  EXPECT_EQ((*error)["range"]["start"], (json{{"line", 5}, {"character", 13}}));
  EXPECT_TRUE(s.said[6]["result"].is_null());  // what does not compile has no meaning to show
  EXPECT_TRUE(s.said[7]["params"]["diagnostics"].empty());
}

// The protocol counts UTF-16 units: Ä and ü are one, 𝄞 is two.
TEST(Lsp, PositionsAreInUtf16Units) {
  std::string text = "agreement Ä version 1. note \"𝄞\". quatsch.\n";
  auto s = session({request(1, "initialize", json::object()), opened(text)});
  ASSERT_EQ(s.said.size(), 2u);
  bool seen = false;
  for (const auto& d : s.said[1]["params"]["diagnostics"])
    if (d["code"] == "treaty.expected") {
      seen = true;
      EXPECT_EQ(d["range"]["start"]["character"], 34);
      EXPECT_EQ(d["range"]["end"]["character"], 41);
    }
  EXPECT_TRUE(seen);
}

TEST(Lsp, RefusesWhatItCannotDo) {
  Server server;
  EXPECT_EQ(json::parse(server.handle("{nonsense").at(0))["error"]["code"], -32700);
  EXPECT_EQ(json::parse(server.handle(request(1, "textDocument/hover", doc()).dump()).at(0))["error"]["code"], -32002);
  server.handle(request(1, "initialize", json::object()).dump());
  EXPECT_EQ(json::parse(server.handle(request(2, "textDocument/hover", doc()).dump()).at(0))["error"]["code"], -32602);
  EXPECT_EQ(json::parse(server.handle(request(3, "workspace/symbol", json::object()).dump()).at(0))["error"]["code"], -32601);
  EXPECT_EQ(json::parse(server.handle(request(4, "textDocument/didOpen", json::object()).dump()).at(0))["error"]["code"], -32602);
  EXPECT_TRUE(server.handle(notification("$/setTrace", {{"value", "off"}}).dump()).empty());
  server.handle(notification("exit", nullptr).dump());
  EXPECT_TRUE(server.finished());
  EXPECT_EQ(server.exit_code(), 1);
}

TEST(Lsp, AHeaderWithoutALengthEndsTheSession) {
  std::stringstream in("Content-Type: x\r\n\r\n{}"), out;
  EXPECT_EQ(serve(in, out), 2);
}

// The colours of editors/vscode know every word of the grammar in the manual.
TEST(Editors, EveryKeywordIsColoured) {
  const std::string root = SURETY_SOURCE_DIR;
  auto grammar = json::parse(*read_file(root + "/editors/vscode/syntaxes/treaty.tmLanguage.json"));
  std::set<std::string> coloured;
  const std::regex word("[a-z]+");
  for (const auto& p : grammar["patterns"]) {
    auto name = p.value("name", std::string());
    if (!name.starts_with("keyword") && !name.starts_with("support")) continue;
    auto match = p["match"].get<std::string>();
    for (std::sregex_iterator it(match.begin(), match.end(), word), end; it != end; ++it) coloured.insert(it->str());
  }
  auto manual = *read_file(root + "/docs/language.md");
  auto ebnf = manual.substr(manual.find("```ebnf"));
  ebnf = ebnf.substr(0, ebnf.find("```", 3));
  const std::regex quoted("\"([^\"]*)\"");
  int words = 0;
  for (std::sregex_iterator it(ebnf.begin(), ebnf.end(), quoted), end; it != end; ++it) {
    auto phrase = (*it)[1].str();
    for (std::sregex_iterator w(phrase.begin(), phrase.end(), word); w != end; ++w, ++words)
      EXPECT_TRUE(coloured.contains(w->str())) << w->str();
  }
  EXPECT_GT(words, 100);
}

}  // namespace
}  // namespace surety::lsp
