// Passwords, second factors, sessions, back-off: against a clock of the test's own.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <ctime>
#include <map>
#include <thread>

#include "access/accounts.h"
#include "access/throttle.h"
#include "access/totp.h"
#include "base/files.h"
#include "store/test_dir.h"

namespace surety::access {
namespace {

constexpr const char* kGood = "correct horse battery staple";

// RFC 6238, appendix B: eight digits, the seeds 12345678901234567890… of 20, 32 and 64 bytes.
TEST(Totp, GivesTheCodesOfTheRfc) {
  const auto seed = [](std::size_t n) {
    std::string out;
    while (out.size() < n) out += "1234567890";
    return out.substr(0, n);
  };
  struct Vector {
    std::int64_t seconds;
    const char *sha1, *sha256, *sha512;
  };
  for (const Vector& v :
       {Vector{59, "94287082", "46119246", "90693936"}, Vector{1111111109, "07081804", "68084774", "25091201"},
        Vector{1111111111, "14050471", "67062674", "99943326"}, Vector{1234567890, "89005924", "91819424", "93441116"},
        Vector{2000000000, "69279037", "90698825", "38618901"}, Vector{20000000000, "65353130", "77737706", "47863826"}}) {
    const std::int64_t step = totp_step(Instant{v.seconds * 1'000'000});
    EXPECT_EQ(totp_code(seed(20), step, 8, TotpHash::sha1), v.sha1);
    EXPECT_EQ(totp_code(seed(32), step, 8, TotpHash::sha256), v.sha256);
    EXPECT_EQ(totp_code(seed(64), step, 8, TotpHash::sha512), v.sha512);
  }
}

// RFC 4226, appendix D: the first ten of the counter.
TEST(Totp, GivesTheCodesOfTheCounterRfc) {
  const char* expected[] = {"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(totp_code("12345678901234567890", i), expected[i]);
}

// RFC 4648, §10, without the padding.
TEST(Totp, WritesBase32AsAuthenticatorsReadIt) {
  EXPECT_EQ(base32(""), "");
  EXPECT_EQ(base32("f"), "MY");
  EXPECT_EQ(base32("fo"), "MZXQ");
  EXPECT_EQ(base32("foo"), "MZXW6");
  EXPECT_EQ(base32("foob"), "MZXW6YQ");
  EXPECT_EQ(base32("fooba"), "MZXW6YTB");
  EXPECT_EQ(base32("foobar"), "MZXW6YTBOI");
}

TEST(Totp, TakesOneStepOfSkewAndNothingTwice) {
  const std::string secret = "12345678901234567890";
  const Instant now{1'700'000'000'000'000};
  const std::int64_t step = totp_step(now);
  for (std::int64_t d = -3; d <= 3; ++d) {
    const auto found = matching_step(secret, totp_code(secret, step + d), now, 0);
    EXPECT_EQ(found.has_value(), d >= -1 && d <= 1) << d;
  }
  EXPECT_FALSE(matching_step(secret, totp_code(secret, step), now, step)) << "used already";
  EXPECT_FALSE(matching_step(secret, totp_code(secret, step - 1), now, step)) << "older than one that was used";
  EXPECT_TRUE(matching_step(secret, totp_code(secret, step + 1), now, step));
  for (const char* bad : {"", "12345", "1234567", "------", "00000a"}) EXPECT_FALSE(matching_step(secret, bad, now, 0)) << bad;
}

TEST(Throttle, DoublesAfterTheFreeOnesAndStopsAtTheLongest) {
  const Span longest = Span::minutes(15);
  EXPECT_EQ(wait_after(0, 5, longest), Span{});
  EXPECT_EQ(wait_after(4, 5, longest), Span{});
  EXPECT_EQ(wait_after(5, 5, longest), Span::seconds(1));
  EXPECT_EQ(wait_after(8, 5, longest), Span::seconds(8));
  EXPECT_EQ(wait_after(500, 5, longest), longest);
}

struct AccountsTest : testing::Test {
  store::TestDir dir;
  Instant now = parse_instant("2026-01-03T10:00:00Z").value();
  std::unique_ptr<Accounts> accounts = open();
  std::map<std::string, std::string> secrets;  // as an authenticator holds them

  std::string path() const { return dir.path("surety.db.accounts"); }
  std::unique_ptr<Accounts> open(PasswordCost cost = kCheapestCost) {
    AccountOptions options;
    options.now = [this] { return now; };
    options.cost = cost;
    auto opened = Accounts::open(path(), options, true);
    EXPECT_TRUE(opened) << opened.error().text();
    return std::move(*opened);
  }
  static std::string from_base32(const std::string& text) {
    std::string out;
    std::uint32_t bits = 0;
    int have = 0;
    for (const char c : text) {
      bits = (bits << 5) | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
      if ((have += 5) >= 8) out += static_cast<char>(bits >> (have -= 8));
    }
    return out;
  }
  void keep(const Enrolled& e) {
    const auto at = e.second_factor.find("secret=") + 7;
    secrets[e.reader.account] = from_base32(e.second_factor.substr(at, e.second_factor.find('&') - at));
  }
  void add(const std::string& account, Role role = Role::monitor) {
    const auto e = accounts->add(account, role, "", kGood);
    ASSERT_TRUE(e) << e.error().text();
    keep(*e);
  }
  std::string code(const std::string& account, int ahead = 0) { return totp_code(secrets[account], totp_step(now) + ahead); }
  LogIn attempt(const std::string& account, const std::string& password, const std::string& code,
                const std::string& address = "192.0.2.1") {
    auto answer = accounts->log_in({account, password, code, address});
    EXPECT_TRUE(answer) << answer.error().text();
    return *answer;
  }
  LogIn in(const std::string& account) {
    LogIn answer = attempt(account, kGood, code(account));
    EXPECT_EQ(answer.outcome, LogIn::Outcome::in);
    return answer;
  }
  bool open_to(const std::string& token) { return accounts->reader(token)->has_value(); }
};
using Outcome = LogIn::Outcome;

TEST_F(AccountsTest, BothFactorsOpenAndNothingLess) {
  add("anna");
  EXPECT_EQ(attempt("anna", kGood, "").outcome, Outcome::refused);
  EXPECT_EQ(attempt("anna", "wrong horse battery staple", code("anna")).outcome, Outcome::refused);
  EXPECT_EQ(attempt("bert", kGood, code("anna")).outcome, Outcome::refused);
  const LogIn answer = in("anna");
  EXPECT_EQ(answer.token.size(), 43u);
  const auto reader = accounts->reader(answer.token);
  ASSERT_TRUE(reader && *reader);
  EXPECT_EQ((*reader)->account, "anna");
  EXPECT_EQ((*reader)->role, Role::monitor);
  EXPECT_FALSE(open_to(""));
  EXPECT_FALSE(open_to(std::string(43, 'A')));
  EXPECT_FALSE(open_to(answer.token + "A"));
}

TEST_F(AccountsTest, ACodeOpensOnce) {
  add("anna");
  const std::string used = code("anna");
  EXPECT_EQ(attempt("anna", kGood, used).outcome, Outcome::in);
  EXPECT_EQ(attempt("anna", kGood, used).outcome, Outcome::refused);
  EXPECT_EQ(attempt("anna", kGood, code("anna", 1)).outcome, Outcome::in) << "a clock may be one step off";
  EXPECT_EQ(attempt("anna", kGood, code("anna", 2)).outcome, Outcome::refused);
  std::vector<std::thread> many;
  now = now + Span::minutes(5);
  std::atomic<int> entered = 0;
  for (int i = 0; i < 4; ++i)
    many.emplace_back([&, c = code("anna")] { entered += accounts->log_in({"anna", kGood, c, "192.0.2.1"})->outcome == Outcome::in; });
  for (auto& t : many) t.join();
  EXPECT_EQ(entered, 1) << "of several at once with one code, one";
}

TEST_F(AccountsTest, SessionsEnd) {
  add("anna");
  const std::string idle = in("anna").token;
  now = now + Span::minutes(29);
  EXPECT_TRUE(open_to(idle));
  now = now + Span::minutes(30);
  EXPECT_TRUE(open_to(idle));
  now = now + Span::minutes(31);
  EXPECT_FALSE(open_to(idle));
  const std::string old = in("anna").token;
  for (int i = 0; i < 12 * 60 / 20 - 1; ++i) {
    now = now + Span::minutes(20);
    ASSERT_TRUE(open_to(old)) << i;
  }
  now = now + Span::minutes(20);
  EXPECT_FALSE(open_to(old)) << "twelve hours, however busy";
  const std::string out = in("anna").token;
  ASSERT_TRUE(accounts->log_out(out));
  EXPECT_FALSE(open_to(out));
  now = now + Span::minutes(2);
  const std::string back = in("anna").token;
  now = now - Span::hours(1);
  EXPECT_FALSE(open_to(back)) << "a clock set back lengthens nothing";
}

TEST_F(AccountsTest, EveryChangeOfAnAccountEndsItsSessions) {
  add("anna");
  add("bert");
  const std::string other = in("bert").token;
  const auto ends = [&](auto change) {
    const std::string token = in("anna").token;
    EXPECT_TRUE(open_to(token));
    change();
    EXPECT_FALSE(open_to(token));
    now = now + Span::minutes(1);
  };
  ends([&] { ASSERT_TRUE(accounts->set_role("anna", Role::auditor, "")); });
  ends([&] { ASSERT_TRUE(accounts->set_password("anna", kGood)); });
  ends([&] {
    const auto e = accounts->new_second_factor("anna");
    ASSERT_TRUE(e);
    EXPECT_EQ(attempt("anna", kGood, code("anna", 1)).outcome, Outcome::refused) << "the lost one opens no more";
    keep(*e);
  });
  ends([&] { EXPECT_EQ(*accounts->revoke("anna"), 1); });
  ends([&] { EXPECT_EQ(*accounts->revoke(accounts->sessions("anna")->front().id), 1); });
  ends([&] { ASSERT_TRUE(accounts->disable("anna", true)); });
  EXPECT_EQ(attempt("anna", kGood, code("anna")).outcome, Outcome::refused) << "disabled";
  ASSERT_TRUE(accounts->disable("anna", false));
  now = now + Span::minutes(1);
  in("anna");
  EXPECT_TRUE(open_to(other)) << "nobody else's";
  EXPECT_EQ(accounts->set_role("nobody", Role::auditor, "").error().code, "access.unknown");
  EXPECT_EQ(*accounts->revoke("nobody"), 0);
}

TEST_F(AccountsTest, FailuresWaitLongerEachTimeKnownOrNot) {
  add("anna");
  for (const char* account : {"anna", "nobody"}) {
    const std::string address = std::string("of ") + account;
    for (int i = 0; i < 5; ++i) EXPECT_EQ(attempt(account, "wrong horse battery staple", "000000", address).outcome, Outcome::refused);
    for (std::int64_t seconds = 1; seconds <= 64; seconds *= 2) {
      const LogIn waits = attempt(account, kGood, code("anna"), address);
      EXPECT_EQ(waits.outcome, Outcome::wait);
      EXPECT_EQ(waits.wait, Span::seconds(seconds)) << account;
      now = now + Span::seconds(seconds);
      EXPECT_EQ(attempt(account, "wrong horse battery staple", "000000", address).outcome, Outcome::refused);
    }
  }
  now = now + Span::minutes(15);
  in("anna");
  EXPECT_EQ(attempt("anna", kGood, "000000").outcome, Outcome::refused) << "success forgave the failures before";
}

TEST_F(AccountsTest, AnAddressThatTriesManyAccountsWaits) {
  add("anna");
  int refused = 0;
  while (attempt("name" + std::to_string(refused), kGood, "000000").outcome == Outcome::refused) ++refused;
  EXPECT_EQ(refused, 20);
  EXPECT_EQ(attempt("anna", kGood, code("anna")).outcome, Outcome::wait);
  EXPECT_EQ(attempt("anna", kGood, code("anna"), "192.0.2.2").outcome, Outcome::in) << "from elsewhere";
  accounts = open();
  EXPECT_EQ(attempt("other", kGood, "000000").outcome, Outcome::wait) << "a restart forgives nothing";
}

// In processor time, which does not depend on who else uses the machine.
TEST_F(AccountsTest, AnUnknownAccountTakesAsLong) {
  accounts = open({2, 16u << 20});
  add("anna");
  ASSERT_TRUE(accounts->add("carl", Role::auditor, "", kGood));
  ASSERT_TRUE(accounts->disable("carl", true));
  const auto cost = [&](const std::string& account, const std::string& password) {
    const std::clock_t begin = std::clock();
    for (int i = 0; i < 6; ++i) {
      EXPECT_EQ(attempt(account, password, "000000", account + password + std::to_string(i)).outcome, Outcome::refused);
      now = now + Span::minutes(15);
    }
    return static_cast<double>(std::clock() - begin);
  };
  const double right = cost("anna", kGood);
  for (const auto& [account, password] : {std::pair{"anna", "wrong horse battery staple"}, {"nobody", kGood}, {"carl", kGood}}) {
    const double ratio = cost(account, password) / right;
    EXPECT_GT(ratio, 0.6) << account;
    EXPECT_LT(ratio, 1.6) << account;
  }
}

TEST_F(AccountsTest, NoSecretIsKeptOrTold) {
  add("anna");
  const LogIn answer = in("anna");
  std::string seen;
  for (const char* end : {"", "-wal"}) {
    if (const auto bytes = read_file(path() + end)) seen += *bytes;
  }
  EXPECT_EQ(seen.find(kGood), std::string::npos);
  EXPECT_EQ(seen.find(answer.token), std::string::npos);
  EXPECT_NE(seen.find("$argon2id$"), std::string::npos);
  attempt(kGood, "typed into the wrong box", "000000");
  const auto after = read_file(path() + "-wal");
  ASSERT_TRUE(after);
  EXPECT_EQ(after->find(kGood), std::string::npos);
  std::string told;
  for (const auto& error : {accounts->add("dora", Role::chair, "", "short"), accounts->add("Not A Name", Role::chair, "", kGood),
                            accounts->add("anna", Role::chair, "", kGood)}) {
    ASSERT_FALSE(error);
    told += error.error().text();
  }
  const auto accounts_told = accounts->list();
  const auto sessions_told = accounts->sessions();
  for (const auto& line : *accounts_told) told += line.reader.account + line.reader.pseudonym + line.reader.session;
  for (const auto& line : *sessions_told) told += line.id + line.account + line.address;
  for (const std::string& secret : {std::string(kGood), std::string("short"), answer.token, secrets["anna"], base32(secrets["anna"])})
    EXPECT_EQ(told.find(secret), std::string::npos);
  struct stat st{};
  ASSERT_EQ(::stat(path().c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
}

TEST_F(AccountsTest, ARaisedCostIsTakenUpAtTheNextLogIn) {
  add("anna");
  accounts = open({1, 16384});
  in("anna");
  const auto bytes = read_file(path() + "-wal");
  ASSERT_TRUE(bytes);
  EXPECT_NE(bytes->find("$argon2id$v=19$m=16,t=1,p=1$"), std::string::npos);
  now = now + Span::minutes(1);
  in("anna");
}

TEST_F(AccountsTest, ListsWithoutOldSessions) {
  add("bert", Role::desk_officer);
  add("anna");
  in("anna");
  const auto list = accounts->list();
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ(list->front().reader.account, "anna");
  EXPECT_EQ(list->front().sessions, 1);
  EXPECT_EQ(accounts->sessions()->front().ends, now + Span::minutes(30));
  now = now + Span::hours(1);
  EXPECT_EQ(accounts->list()->front().sessions, 0);
  EXPECT_TRUE(accounts->sessions()->empty());
}

TEST(AccountsFile, AnotherFileIsRefusedAndAMissingOneNamed) {
  store::TestDir dir;
  AccountOptions options;
  options.now = [] { return Instant{}; };
  EXPECT_EQ(Accounts::open(dir.path("none"), options).error().code, "access.no-accounts");
  ASSERT_TRUE(write_file_atomically(dir.path("text"), "this is no database, but it is long enough to be looked at as if it were one"));
  EXPECT_EQ(Accounts::open(dir.path("text"), options).error().code, "store.not-ours");
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(dir.path("other").c_str(), &other), SQLITE_OK);
  sqlite3_exec(other, "CREATE TABLE t(x)", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_EQ(Accounts::open(dir.path("other"), options).error().code, "access.not-accounts");
}

}  // namespace
}  // namespace surety::access
