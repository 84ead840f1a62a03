// Logging in and out through the interface, and the whole table of access: every path × method × role.
#include "serve/door.h"

#include <gtest/gtest.h>

#include "access/policy.h"
#include "access/totp.h"
#include "serve/api.h"
#include "store/test_dir.h"

namespace surety::serve {
namespace {

constexpr const char* kPassword = "correct horse battery staple";

std::shared_ptr<const engine::World> empty_world() {
  auto w = std::make_shared<engine::World>();
  w->known_at = w->now = parse_instant("2026-01-03T10:00:00Z").value();
  return w;
}

std::string from_base32(const std::string& text) {
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    bits = (bits << 5) | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    if ((have += 5) >= 8) out += static_cast<char>(bits >> (have -= 8));
  }
  return out;
}

struct DoorTest : testing::Test {
  store::TestDir dir;
  Instant now = parse_instant("2026-01-03T10:00:00Z").value();
  std::unique_ptr<access::Accounts> accounts = open();
  FixedSource source{{empty_world()}};
  Door door{*accounts, {.secure = false}};
  Api api{source, {.record_dir = {}, .door = &door}};
  std::string secret;

  std::unique_ptr<access::Accounts> open() {
    access::AccountOptions options;
    options.now = [this] { return now; };
    options.cost = access::kCheapestCost;
    return std::move(access::Accounts::open(dir.path("a"), options, true).value());
  }
  void add(const std::string& account, access::Role role) {
    const auto e = accounts->add(account, role, "", kPassword).value();
    const auto at = e.second_factor.find("secret=") + 7;
    secret = from_base32(e.second_factor.substr(at, e.second_factor.find('&') - at));
  }
  std::string code() const { return access::totp_code(secret, access::totp_step(now)); }
  Request post(const std::string& account, const std::string& password, const std::string& given) const {
    Request r;
    r.method = "POST";
    r.path = "/api/v1/session";
    r.host = "localhost:8040";
    r.address = "192.0.2.7";
    r.content_type = "application/json";
    r.body = R"({"account":")" + account + R"(","password":")" + password + R"(","code":")" + given + "\"}";
    return r;
  }
  static std::string header(const Response& r, std::string_view name) {
    for (const auto& [n, value] : r.headers) {
      if (n == name) return value;
    }
    return {};
  }
  // The cookie that a browser would send back.
  static std::string cookie(const Response& r) {
    const std::string set = header(r, "Set-Cookie");
    return set.substr(0, set.find(';'));
  }
  Response get(const std::string& path, const std::string& with = {}, const std::string& method = "GET") const {
    Request r;
    r.method = method;
    r.path = path;
    r.host = "localhost:8040";
    r.cookie = with;
    return api.answer(r);
  }
};

bool holds(const Response& r, std::string_view text) { return r.body.find(text) != std::string_view::npos; }

TEST_F(DoorTest, ASessionBeginsAndEnds) {
  add("anna", access::Role::monitor);
  EXPECT_TRUE(holds(get("/api/v1/session"), R"({"kind":"session","accounts":true,"account":"","role":"public","of":""})"));
  const Response in = api.answer(post("anna", kPassword, code()));
  ASSERT_EQ(in.status, 200) << in.body;
  EXPECT_EQ(in.cache, "no-store");
  const std::string set = header(in, "Set-Cookie");
  for (const char* part : {"surety=", "; Path=/", "; HttpOnly", "; SameSite=Strict"}) EXPECT_NE(set.find(part), std::string::npos) << part;
  EXPECT_EQ(set.find("Secure"), std::string::npos) << "on loopback there is no TLS";
  const std::string kept = "other=1; " + cookie(in) + "; more=2";
  EXPECT_TRUE(holds(get("/api/v1/session", kept), R"("account":"anna","role":"monitor")"));
  const Response duties = get("/api/v1/duties", kept);
  EXPECT_EQ(duties.cache, "no-store") << "what a session reads stays in no cache";
  EXPECT_EQ(header(duties, "Vary"), "Cookie");
  const Response out = get("/api/v1/session", kept, "DELETE");
  EXPECT_EQ(out.status, 200);
  EXPECT_NE(header(out, "Set-Cookie").find("Max-Age=0"), std::string::npos);
  EXPECT_TRUE(holds(get("/api/v1/session", kept), R"("role":"public")")) << "the old cookie opens nothing";
  EXPECT_EQ(get("/api/v1/session", kept, "DELETE").status, 401);
}

TEST_F(DoorTest, BeyondLoopbackTheCookieGoesOverTlsOnly) {
  add("anna", access::Role::monitor);
  const Door secure(*accounts, {.secure = true});
  const Api elsewhere(source, {.record_dir = {}, .door = &secure});
  const Response in = elsewhere.answer(post("anna", kPassword, code()));
  EXPECT_TRUE(header(in, "Set-Cookie").starts_with("__Host-surety="));
  EXPECT_NE(header(in, "Set-Cookie").find("; Secure"), std::string::npos);
}

TEST_F(DoorTest, WhatIsWrongIsNotSaidAndNothingSentComesBack) {
  add("anna", access::Role::monitor);
  std::string bodies;
  const std::string wrong = "not the password at all";
  for (const Request& r : {post("anna", wrong, code()), post("anna", kPassword, "000000"), post("bert", kPassword, code())}) {
    const Response refused = api.answer(r);
    EXPECT_EQ(refused.status, 401);
    EXPECT_TRUE(bodies.empty() || bodies == refused.body) << "the same answer, whatever was wrong";
    bodies = refused.body;
    EXPECT_EQ(header(refused, "Set-Cookie"), "");
  }
  for (const std::string& sent : {std::string(kPassword), wrong, code(), std::string("bert")})
    EXPECT_EQ(bodies.find(sent), std::string::npos);
  testing::internal::CaptureStderr();
  for (int i = 0; i < 4; ++i) (void)api.answer(post("anna", wrong, "000000"));
  const Response wait = api.answer(post("anna", kPassword, code()));
  EXPECT_EQ(wait.status, 429);
  EXPECT_EQ(header(wait, "Retry-After"), "1") << wait.body;
  now = now + Span::minutes(20);
  const Response in = api.answer(post("anna", kPassword, code()));
  EXPECT_EQ(in.status, 200);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("192.0.2.7"), std::string::npos);
  for (const std::string& secret_text : {std::string(kPassword), wrong, code(), cookie(in).substr(7), std::string("anna")})
    EXPECT_EQ(log.find(secret_text), std::string::npos) << secret_text;
}

TEST_F(DoorTest, OtherSitesAndOtherFormsAreRefused) {
  add("anna", access::Role::monitor);
  const auto changed = [&](auto change) {
    Request r = post("anna", kPassword, code());
    change(r);
    return api.answer(r).status;
  };
  EXPECT_EQ(changed([](Request& r) { r.origin = "https://evil.example"; }), 403);
  EXPECT_EQ(changed([](Request& r) { r.origin = "null"; }), 403);
  EXPECT_EQ(changed([](Request& r) { r.fetch_site = "cross-site"; }), 403);
  EXPECT_EQ(changed([](Request& r) { r.fetch_site = "same-site"; }), 403);
  EXPECT_EQ(changed([](Request& r) { r.content_type = "application/x-www-form-urlencoded"; }), 400);
  EXPECT_EQ(changed([](Request& r) { r.content_type = "text/plain"; }), 400);
  for (const char* body : {"", "{}", "[]", "null", R"({"account":"anna"})", R"({"account":"anna","password":1,"code":"1"})",
                           R"({"account":"a","password":"b","code":"c","more":"d"})", R"({"account":"a","password":"b","code":"c"} x)",
                           R"({"account":"a","account":"b","code":"c"})"}) {
    EXPECT_EQ(changed([&](Request& r) { r.body = body; }), 400) << body;
  }
  EXPECT_EQ(changed([](Request& r) {
              r.origin = "http://localhost:8040";
              r.fetch_site = "same-origin";
            }),
            200);
}

TEST_F(DoorTest, WithoutAccountsEverybodyIsThePublic) {
  const Api open(source, {});
  Request r;
  r.path = "/api/v1/session";
  r.cookie = "surety=" + std::string(43, 'A');
  EXPECT_TRUE(holds(open.answer(r), R"("accounts":false,"account":"","role":"public")"));
  for (const char* method : {"POST", "DELETE"}) {
    r.method = method;
    EXPECT_EQ(open.answer(r).status, 405) << method;
  }
}

// Every row of the table, and everything that has none.
TEST_F(DoorTest, TheTableIsWhatAnswers) {
  std::map<access::Role, std::string> cookies{{access::Role::public_, ""}};
  for (const access::Role role : access::kRoles) {
    if (role == access::Role::public_ || role == access::Role::operator_) continue;
    add(std::string(name(role)), role);
    cookies[role] = cookie(api.answer(post(std::string(name(role)), kPassword, code())));
    ASSERT_FALSE(cookies[role].empty());
  }
  const auto sample = [](std::string_view what) {
    std::string path(what);
    while (path.find('{') != std::string::npos) path.replace(path.find('{'), path.find('}') - path.find('{') + 1, "none");
    return path;
  };
  int cells = 0;
  for (const access::Row& row : access::table()) {
    if (row.surface != access::Surface::path) continue;
    for (const auto& [role, with] : cookies) {
      for (const char* method : {"GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"}) {
        const std::string path = sample(row.what);
        const bool changes_session = path == "/api/v1/session" && method != std::string("GET") && method != std::string("HEAD");
        if (changes_session && std::string(method) != "PUT") continue;  // the other tests
        const access::Row* found = access::find_path(method, path);
        const Response r = get(path, with, method);
        if (!found) {
          EXPECT_TRUE(r.status == 404 || r.status == 405) << method << " " << path << " " << r.status;
        } else if (!access::answers(*found, role)) {
          EXPECT_TRUE(r.status == 401 || r.status == 403) << method << " " << path << " " << r.status;
        } else {
          EXPECT_NE(r.status, 401) << path;
          EXPECT_NE(r.status, 403) << path;
          EXPECT_NE(r.status, 405) << path;
        }
        ++cells;
      }
      for (const std::string& unlisted : std::vector<std::string>{sample(row.what) + "/../x", sample(row.what) + "/", "/api/v1/accounts",
                                                                  "/api/v2", "/surety.db.accounts", "/api/v1/duties/x"}) {
        if (access::find_path("GET", unlisted)) continue;
        EXPECT_EQ(get(unlisted, with).status, 404) << unlisted;
      }
    }
  }
  EXPECT_GT(cells, 24 * 6);
}

}  // namespace
}  // namespace surety::serve
