#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include "base/files.h"
#include "logic/front/log_reader.h"
#include "logic/front/monitor_command.h"
#include "logic/front/monitorable.h"
#include "logic/front/parse_formula.h"
#include "logic/front/pattern.h"
#include "logic/front/read_signature.h"
#include "logic/front/types.h"
#include "logic/monitor.h"

namespace surety::logic {
namespace {

std::string parsed(const std::string& s) {
  const auto f = parse_formula(s);
  return f ? plan::text(*f) : f.error().text();
}

TEST(Parse, PrecedenceIsThePeers) {
  EXPECT_EQ(parsed("ONCE P(x) AND Q(x)"), "(ONCE (P(x) AND Q(x)))");
  EXPECT_EQ(parsed("NOT P(x) AND Q(x)"), "((NOT P(x)) AND Q(x))");
  EXPECT_EQ(parsed("NOT a(x) SINCE b(x) AND c(x)"), "((NOT a(x)) SINCE (b(x) AND c(x)))");
  EXPECT_EQ(parsed("P(x) OR Q(x) AND R(x) IMPLIES T()"), "((P(x) OR (Q(x) AND R(x))) IMPLIES T())");
  EXPECT_EQ(parsed("A(x) UNTIL B(x) UNTIL C(x)"), "(A(x) UNTIL (B(x) UNTIL C(x)))");
  EXPECT_EQ(parsed("x + 2 * y = 3 - z MOD 2"), "((x + (2 * y)) = (3 - (z MOD 2)))");
  EXPECT_EQ(parsed("c <- CNT y; x ONCE[0,7d] P(x,y) AND T()"), "(c <- CNT y; x (ONCE[0,604800] (P(x, y) AND T())))");
}

TEST(Parse, TextReadsBackAsTheSameFormula) {
  for (const char* s :
       {"P(x, 1, \"a\\\"b\", -2.5) AND NOT (x = 3 OR y <= x + 1)",
        "LET L(a, b) = R(a, b) AND a < b IN LETPAST M(a) = P(a) OR PREVIOUS M(a) IN M(z) AND L(z, "
        "z)",
        "|> [0,5] (P(x)? . (Q(x) + R(x)?)*)", "<|(2,9] (. P(x)?)", "x MATCHES r\"\\(a\\)*b\" (y, _)",
        "FORALL x, y. P(x) IMPLIES EVENTUALLY[1,2) Q(y)", "(m <- MED v; g F(v, g)) AND m > 2.0", "ONCE[0,14 DAYS IN \"Europe/Kyiv\"] P(x)",
        "ONCE(1 MONTHS IN \"UTC\" ROUND DOWN BACK,*] P(x)", "`p3!`(i, b) AND f2i(- (y)) = YEAR(i2f(z))", "P(_) AND T()"}) {
    const auto f = parse_formula(s);
    ASSERT_TRUE(f) << s << "\n" << f.error().text();
    const auto again = parse_formula(plan::text(*f));
    ASSERT_TRUE(again) << plan::text(*f) << "\n" << again.error().text();
    EXPECT_EQ(*f, *again) << plan::text(*f) << "\n" << plan::text(*again);
  }
}

TEST(Parse, ErrorsSayWhereAndWhatCouldStandThere) {
  const auto f = parse_formula("P(x) AND\n  AND Q(x)", "a.mfotl");
  ASSERT_FALSE(f);
  EXPECT_EQ(f.error().code, "logic.syntax");
  EXPECT_EQ(f.error().file_name, "a.mfotl");
  EXPECT_EQ(f.error().line_number, 2);
  EXPECT_EQ(f.error().column_number, 3);
  EXPECT_EQ(f.error().found_text, "AND");
  EXPECT_FALSE(f.error().expected_text.empty());
  for (const char* bad : {"", "(", "P(x", "P(x) Q(x)", "ONCE[3,1] P(x)", "ONCE[-1,2] P(x)", "x", "P(x) AND x", "x = P(y)", "\"unended",
                          "(* unended", "999999999999999999999 = x", "ONCE[0,99999999999999d] P(x)", "c <- FOO x P(x)"}) {
    EXPECT_FALSE(parse_formula(bad)) << bad;
  }
}

TEST(Parse, IntervalsThatHoldNothingSayWhatToWrite) {
  for (const auto& [bad, good] : {std::pair{"ONCE[4,1) P(x)", "[1,4)"}, {"ONCE(0,0] P(x)", "[0,0]"}}) {
    const auto f = parse_formula(bad);
    ASSERT_FALSE(f) << bad;
    EXPECT_TRUE(f.error().help_text.ends_with(good)) << f.error().help_text;
    EXPECT_TRUE(parse_formula("ONCE" + std::string(good) + " P(x)"));
  }
  EXPECT_NE(parse_formula("EVENTUALLY(-4,-1] P(x)").error().help_text.find("ONCE"), std::string::npos);
}

TEST(Parse, AStarOfAStarIsOne) {
  EXPECT_EQ(*parse_formula("MATCHP P(x) (T()?)***"), *parse_formula("MATCHP P(x) (((T()?)*)*)*"));
  EXPECT_EQ(parsed("MATCHP P(x) T()?**"), parsed("MATCHP P(x) T()?*"));
}

TEST(Parse, DeepNestingIsRefused) {
  for (const char* part : {"NOT ", "(", "ONCE ", "- ", "|> (", "f2i(", "EXISTS x. ", "P(x) SINCE ", "P(x) AND (", "LET A(x) = "}) {
    std::string s;
    for (int i = 0; i < 100'000; ++i) s += part;
    const auto f = parse_formula(s + "P(x)");
    ASSERT_FALSE(f) << part;
  }
  for (const auto& [begin, part] : {std::pair{"P(x)", " AND P(x)"},
                                    {"x = 1", " + 1"},
                                    {"1 - x", " * 2"},
                                    {"P(1", " MOD 3"},
                                    {"MATCHP P(x)?", " P(x)?"},
                                    {"MATCHF .", " + (. + P(x)?)*"}}) {
    std::string s = begin;
    for (int i = 0; i < 100'000; ++i) s += part;
    const auto f = parse_formula(s);
    ASSERT_FALSE(f) << part;
    EXPECT_TRUE(f.error().text().find("too deep") != std::string::npos || f.error().text().find("too long") != std::string::npos)
        << f.error().text();
  }
  // What is not refused is walked without harm.
  std::string longest = "P(x)", deepest, sum = "P(x) AND x = 1", path = "MATCHP P(x)?";
  for (int i = 0; i < 590; ++i) longest += " AND P(x)";
  for (int i = 0; i < 190; ++i) deepest += "ONCE ";
  for (int i = 0; i < 590; ++i) sum += " + 1";
  for (int i = 0; i < 1'990; ++i) path += " P(x)?";
  for (const std::string& s : {longest, deepest + "P(x)", sum, path, "MATCHP P(x) P(1)?" + std::string(100'000, '*')}) {
    const auto f = parse_formula(s);
    ASSERT_TRUE(f) << f.error().text();
    EXPECT_TRUE(infer_types(*read_signature("P(int)"), *f));
    EXPECT_TRUE(check_monitorable(*f));
  }
}

Signature sig(const std::string& s) { return *read_signature(s); }

std::string type_error(const std::string& formula) {
  const Signature s = sig("P(int) Q(int, string) F(float)");
  const auto f = parse_formula(formula);
  if (!f) return f.error().text();
  const auto t = infer_types(s, *f, formula, "f.mfotl");
  return t ? "" : t.error().code + " " + t.error().field_name + " " + t.error().found_text + "/" + t.error().expected_text;
}

TEST(Types, AreInferred) {
  const auto f = parse_formula("Q(x, s) AND r = i2f(x) / 2.0 AND (m <- MED y P(y)) AND z = s");
  const auto t = infer_types(sig("P(int) Q(int, string)"), *f);
  ASSERT_TRUE(t) << t.error().text();
  const std::vector<Column> wanted{
      {"x", plan::Type::integer}, {"s", plan::Type::text}, {"r", plan::Type::real}, {"m", plan::Type::real}, {"z", plan::Type::text}};
  EXPECT_EQ(t->columns, wanted);
}

TEST(Types, ErrorsNameTheVariable) {
  EXPECT_EQ(type_error("P(x) AND F(x)"), "logic.type F int/float");
  EXPECT_EQ(type_error("R(x)"), "logic.unknown-predicate  R/1/one of F/1 P/1 Q/2");
  EXPECT_EQ(type_error("Q(x)"), "logic.arity Q 1/2");
  EXPECT_EQ(infer_types(sig("W(string)"), *parse_formula("s <- SUM x W(x)")).error().help_text, "convert it: s2i(x) or s2f(x)");
  EXPECT_EQ(type_error("P(x) AND x = \"a\"").substr(0, 10), "logic.type");
  EXPECT_EQ(type_error("s <- SUM y; x Q(x, y)").substr(0, 10), "logic.type");
  EXPECT_EQ(type_error("LET L(x) = Q(x, y) IN L(z)").substr(0, 11), "logic.let y");
  EXPECT_EQ(type_error("LET L(x) = P(x) IN L(z) AND F(z)").substr(0, 10), "logic.type");
}

std::string not_monitorable(const std::string& s) {
  const auto f = parse_formula(s);
  if (!f) return f.error().text();
  const Status ok = check_monitorable(*f, s);
  return ok ? "" : ok.error().field_name;
}

TEST(Monitorable, GuardsReachWhereTheyAreNeeded) {
  for (const char* good : {"P(x) AND NOT Q(x)", "P(x) AND y = x + 1 AND y < 3", "NOT (P(x) IMPLIES Q(x))", "P(x) AND (Q(x) OR x = 2)",
                           "(NOT Q(x)) SINCE P(x)", "FORALL x. P(x) IMPLIES Q(x)", "|> [0,3] (P(x) (NOT Q(x))? .)",
                           // the left of SINCE and UNTIL is guarded by the right
                           "(NOT P(y) AND Q(x)) SINCE R(x,y)", "(P(x) OR Q(y)) UNTIL[0,3] R(x,y)", "x < y SINCE[1,2] R(x,y)",
                           // and windows that end by what stands beside them
                           "P(x) AND HISTORICALLY[0,3] Q(x)", "P(x) AND ALWAYS[0,3] Q(x)", "P(x) AND PREVIOUS NOT Q(x)",
                           "P(x) AND y = x + 1 AND ONCE[0,3] (NOT R(x,y))", "R(x,y) AND ((NOT P(x)) SINCE[0,3] Q(y))",
                           "EXISTS y. R(x,y) AND EXISTS z. (ONCE[0,2] NOT P(y)) AND Q(z)",
                           // a regular expression by its far end, and what a comparison binds in it
                           "|> [0,3] ((NOT P(x))? .)* Q(x)?", "|> [0,3] (Q(x)? . (y = x + 1)? R(x,y)?)", "<| [0,3] ((P(x) SINCE Q(x))? .)"})
    EXPECT_EQ(not_monitorable(good), "") << good;
}

TEST(Monitorable, RefusalsNameTheVariable) {
  EXPECT_EQ(not_monitorable("P(x) AND EXISTS y. NOT Q(y)"), "y");
  EXPECT_EQ(not_monitorable("P(x) OR Q(y)"), "y");
  EXPECT_EQ(not_monitorable("x < 3"), "x");
  EXPECT_EQ(not_monitorable("P(z) SINCE Q(x)"), "z");
  EXPECT_EQ(not_monitorable("P(x) AND ALWAYS[0,3] (T() IMPLIES NOT Q(y))"), "y");
  EXPECT_EQ(not_monitorable("P(x) AND HISTORICALLY Q(x)"), "x");
  const auto f = parse_formula("P(x) AND EVENTUALLY[2,*] Q(x)");
  const Status s = check_monitorable(*f);
  ASSERT_FALSE(s);
  EXPECT_NE(s.error().help_text.find("bound"), std::string::npos);
}

// What is found, and the advice, for the first refusal.
std::string advice(const std::string& s) {
  const Status ok = check_monitorable(*parse_formula(s), s);
  return ok ? "" : fmt::format("{} {}: {}", ok.error().column_number, ok.error().found_text, ok.error().help_text);
}

TEST(Monitorable, RefusalsSayWhereAGuardBelongs) {
  const std::string which = ", G being a predicate that has ";
  EXPECT_EQ(advice("NOT P(x)"), "5 P(x): guard x: write G(x) AND (NOT P(x))" + which + "x as an argument");
  EXPECT_EQ(advice("R(x,y) OR (P(x) AND x < y)"), "23 (x < y): guard y: write R(_, y) AND (R(x, y) OR (P(x) AND (x < y)))");
  EXPECT_EQ(advice("P(x) AND FORALL y. R(x,y)"), "20 R(x, y): guard y: write G(y) IMPLIES R(x, y)" + which + "y as an argument");
  EXPECT_EQ(advice("P(z) AND (P(z) SINCE Q(x))"), "16 (P(z) SINCE Q(x)): guard z: write P(z) AND Q(x)");
  EXPECT_EQ(advice("Q(x) AND HISTORICALLY P(x)"), "23 P(x): guard x: write Q(x) IMPLIES P(x)");
  EXPECT_EQ(advice("<| (. + Q(x)?)"),
            "1 (MATCHP (. + (Q(x))?)): guard x: begin the regular expression with G(x)?" + which + "x as an argument");
}

TEST(Monitorable, NestedAlternativesDoNotExplode) {
  std::string s = "NOT P(z)";
  for (int i = 0; i < 20; ++i) s = "(NOT P(x) OR Q(y)) AND EXISTS y. (" + s + ")";
  EXPECT_EQ(not_monitorable(s), "x");
  EXPECT_FALSE(Monitor::compile(sig("P(int) Q(int)"), {{"f", *parse_formula(s)}}));
}

TEST(Monitorable, NestedEquivalencesDoNotExplode) {
  std::string s = "T()";
  for (int i = 0; i < 200; ++i) s += " EQUIV T()";
  const auto f = parse_formula(s);
  ASSERT_TRUE(f);
  const Status ok = check_monitorable(*f);
  ASSERT_FALSE(ok);
  EXPECT_EQ(ok.error().code, "logic.too-large");
}

TEST(SignatureText, ReadsAndRefuses) {
  const std::string s = "P(x: int, string)\nQ()\nR(float, regexp)\n";
  EXPECT_EQ(text(sig(s)), s);
  EXPECT_EQ(read_signature("P(int) P(int)").error().code, "logic.duplicate-predicate");
  EXPECT_EQ(read_signature("P(integer)").error().code, "logic.unknown-type");
  EXPECT_EQ(read_signature("event E { a: int }").error().code, "logic.records");
  EXPECT_FALSE(read_signature("P(int"));
}

// Writes down what it is told.
class Listener : public LogHandler {
 public:
  explicit Listener(const Signature& s) : sig_(s) {}
  Status begin_point(plan::Ticks ts) override {
    said += "@" + std::to_string(ts) + " ";
    return {};
  }
  Status end_point() override {
    said += "; ";
    return {};
  }
  void fact(PredicateIndex p, std::span<const std::uint64_t> cells) override {
    said += sig_[p].name + "(";
    for (std::size_t k = 0; k < cells.size(); ++k) {
      if (k > 0) said += ",";
      switch (sig_[p].columns[k]) {
        case plan::Type::integer:
          said += std::to_string(static_cast<std::int64_t>(cells[k]));
          break;
        case plan::Type::real:
          said += plan::to_text(std::bit_cast<double>(cells[k]));
          break;
        default:
          said += strings_[cells[k]];
      }
    }
    said += ") ";
  }
  std::uint64_t real(double d) override { return std::bit_cast<std::uint64_t>(d); }
  std::uint64_t intern(std::string_view t) override {
    strings_.emplace_back(t);
    return strings_.size() - 1;
  }
  Status command(std::string_view n, std::string_view a) override {
    said += ">" + std::string(n) + " " + std::string(a) + "< ";
    return {};
  }
  Status bad(Error e) override {
    said += "!" + e.code + ":" + std::to_string(e.line_number) + " ";
    return {};
  }
  std::string said;

 private:
  const Signature& sig_;
  std::vector<std::string> strings_;
};

std::string read_in_pieces(const std::string& log, std::size_t piece, std::size_t max_line = 1 << 20,
                           const Signature& s = sig("P(int) Q(string, float) T()")) {
  Listener l(s);
  LogOptions o;
  o.max_line = max_line;
  LogReader r(s, l, o);
  std::string held;
  for (std::size_t at = 0; at <= log.size(); at += piece) {
    const bool last = at + piece >= log.size();
    held += log.substr(at, piece);
    const auto used = r.feed(held, last);
    if (!used) return used.error().code;
    held.erase(0, *used);
    if (last) break;
  }
  return l.said;
}

TEST(Log, ReadsThePeersDialectInAnyPieces) {
  const std::string log =
      "@1 P (1)(-2) # a comment ) @9\nQ(\"a ) b\",1.5)(bare/x:y, -2e3)\n\n@2 T() T "
      "@2;\n>save_state \"f\"<\n@0003\nP\n(4)";
  const std::string said = "@1 P(1) P(-2) Q(a ) b,1.5) Q(bare/x:y,-2000) ; @2 T() T() ; @2 ; >save_state f< @3 P(4) ; ";
  for (std::size_t piece = 1; piece < log.size() + 2; ++piece) EXPECT_EQ(read_in_pieces(log, piece), said) << piece;
}

// Names and numbers of every length are told as they were written, however much is read at once.
TEST(Log, NamesAndNumbersOfEveryLength) {
  std::mt19937_64 random(1);
  Signature s;
  for (std::size_t length = 1; length <= 40; ++length) s.add({std::string(length, 'n'), {plan::Type::integer, plan::Type::integer}, {}});
  std::string log, said;
  const auto number = [&] {
    const std::string digits = std::to_string(random() % (INT64_MAX / 2)).substr(0, 1 + random() % 18);
    return (random() % 4 == 0 && digits != "0" ? "-" : "") + std::to_string(std::stoll(digits));
  };
  for (int i = 0; i < 2000; ++i) {
    const std::string& name = s[static_cast<PredicateIndex>(random() % s.size())].name;
    const std::string ts = std::to_string(i), a = number(), b = number();
    log += "@" + ts + " " + name + (random() % 2 == 0 ? " (" : "(") + a + "," + b + ")" + (random() % 2 == 0 ? ";\n" : "\n");
    said += "@" + ts + " " + name + "(" + a + "," + b + ") ; ";
  }
  for (std::size_t piece : {1, 7, 100, 1 << 20}) EXPECT_EQ(read_in_pieces(log, piece, 1 << 20, s), said) << piece;
}

TEST(Log, BadRowsAreToldAndLeftOut) {
  const std::string log =
      "@1 P(1,2)(3)\n X(1)(2) P(x)\n@2 Q(a,b) P(99999999999999999999)\n P(7) ] P(8)\n@3 P()\n@z "
      "P(1)\n@4 P(5)";
  const std::string said =
      "@1 !logic.arity:1 P(3) !logic.unknown-predicate:2 !logic.type:2 ; @2 !logic.type:3 "
      "!logic.type:3 P(7) ";
  for (std::size_t piece : {1, 3, 1000}) {
    const std::string got = read_in_pieces(log, static_cast<std::size_t>(piece));
    EXPECT_EQ(got.substr(0, said.size()), said) << piece;
    EXPECT_NE(got.find("!logic.arity:5"), std::string::npos) << got;
    EXPECT_NE(got.find("@4 P(5)"), std::string::npos) << got;
  }
}

TEST(Log, AnEndlessLineIsRefused) {
  std::string log = "@1 ";
  while (log.size() < 10'000) log += "P(1)";
  EXPECT_EQ(read_in_pieces(log, 512, 4'000), "logic.long-line");
  EXPECT_EQ(read_in_pieces("@1 Q(\"" + std::string(10'000, 'x'), 512, 4'000), "logic.long-line");
  std::string broken;
  for (int k = 0; k < 20; ++k) broken += "@1 P(1)(2)(3)\n";
  EXPECT_NE(read_in_pieces(broken, 7, 20), "logic.long-line");
}

TEST(Pattern, PeersSyntaxToRe2) {
  EXPECT_EQ(re2_syntax("\\(a\\|b\\)*c(d)"), "(a|b)*c\\(d\\)");
  EXPECT_EQ(re2_syntax("[]\\a]x\\."), "[\\]\\\\a]x\\.");
}

class Command : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() / ("surety-front-" + std::to_string(::getpid()));
    std::filesystem::create_directories(dir_);
    put("sig", "P(int) Q(int)");
    put("f", "P(x) AND NOT ONCE[0,5] Q(x)");
    put("log", "@1 P(1)\n@3 Q(2)\n@4 P(2)(3)\n@20 P(2)\n");
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  void put(const std::string& name, const std::string& text) { ASSERT_TRUE(write_file_atomically(path(name), text)); }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  int run(std::vector<std::string> flags) {
    std::vector<std::string> all{"-sig", path("sig"), "-formula", path("f"), "-log", path("log")};
    all.insert(all.end(), flags.begin(), flags.end());
    std::vector<const char*> argv;
    for (const auto& a : all) argv.push_back(a.c_str());
    const auto o = parse_monitor_args(static_cast<int>(argv.size()), argv.data());
    if (!o) return static_cast<int>(o.error().fault);
    std::FILE* o_file = std::tmpfile();
    std::FILE* e_file = std::tmpfile();
    const int code = run_monitor(*o, o_file, e_file);
    out = slurp(o_file);
    err_text = slurp(e_file);
    return code;
  }
  static std::string slurp(std::FILE* f) {
    std::string s;
    std::rewind(f);
    for (int c = 0; (c = std::fgetc(f)) != EOF;) s += static_cast<char>(c);
    std::fclose(f);
    return s;
  }
  std::filesystem::path dir_;
  std::string out, err_text;
};

TEST_F(Command, PrintsVerdictsInThePeersForm) {
  EXPECT_EQ(run({}), 0) << err_text;
  EXPECT_EQ(out, "@1 (time point 0): (1)\n@4 (time point 2): (3)\n@20 (time point 3): (2)\n");
  EXPECT_EQ(run({"-verbose", "-nonewlastts"}), 0);
  EXPECT_NE(out.find("At time point 1:\n@3 (time point 1): ()\n"), std::string::npos) << out;
}

TEST_F(Command, ComparisonsInARegularExpressionBindWhatTheyFind) {
  put("sig", "who(string) P(int)");
  put("f", R"(MATCHF[0,9] (who(s)? (s MATCHES r"^\(.*\)@\(.*\)$" (_, host))? . (next = host)? who(next)?))");
  put("log", "@1 who(\"a@b.org\")\n@2 who(\"b.org\")\n@3 who(\"c@d.org\")\n@4 who(\"b.org\")\n");
  EXPECT_EQ(run({}), 0) << err_text;
  EXPECT_EQ(out, "@1 (time point 0): (\"a@b.org\",\"b.org\",\"b.org\")\n");
}

TEST_F(Command, GuardsReachIntoWindows) {
  put("f", "P(x) AND HISTORICALLY[0,2] Q(x)");
  put("log", "@1 Q(1)\n@3 P(1)(2) Q(1)(2)\n@5 P(1)(2) Q(2)\n@6 P(2) Q(2)\n");
  EXPECT_EQ(run({}), 0) << err_text;
  EXPECT_EQ(out, "@3 (time point 1): (1)\n@5 (time point 2): (2)\n@6 (time point 3): (2)\n");
  put("f", "(NOT P(y) AND Q(x)) SINCE R(x,y)");
  put("sig", "P(int) Q(int) R(int,int)");
  put("log", "@1 R(1,2)(3,4)\n@2 Q(1)(3) P(4)\n@3 Q(1)\n@4 Q(3)\n");
  EXPECT_EQ(run({}), 0) << err_text;
  EXPECT_EQ(out, "@1 (time point 0): (1,2) (3,4)\n@2 (time point 1): (1,2)\n@3 (time point 2): (1,2)\n");
}

TEST_F(Command, JsonIsOneObjectALine) {
  EXPECT_EQ(run({"--json"}), 0);
  EXPECT_EQ(out.substr(0, out.find('\n')), R"({"kind":"issued","ts":1,"point":0,"version":1,"row":{"x":1}})");
}

TEST_F(Command, ExitCodesAndMessages) {
  put("f", "P(x) OR Q(y)");
  EXPECT_EQ(run({"-check"}), 1);
  EXPECT_NE(err_text.find("variable y"), std::string::npos) << err_text;
  EXPECT_EQ(run({}), 2);
  put("f", "P(x)");
  EXPECT_EQ(run({"-check"}), 0);
  put("log", "@1 P(1)\n@2 P(a)\n");
  EXPECT_EQ(run({}), 2);
  EXPECT_NE(err_text.find("log:2"), std::string::npos) << err_text;
  EXPECT_EQ(run({"-ignore_parse_errors"}), 0);
  EXPECT_EQ(run({"-nosuchflag"}), 2);
}

TEST_F(Command, LateDataIsTakenAndCorrectsWhatWasSaid) {
  put("log", "@1 P(1)\n@10 P(2)\n@20 P(3)\n@8 Q(2)\n@30 P(4)\n");
  for (const char* retain : {"all", "12"}) {
    EXPECT_EQ(run({"--retain", retain}), 0) << err_text;
    EXPECT_NE(out.find("@10 (time point 1): withdrawn (2)"), std::string::npos) << out;
  }
  EXPECT_EQ(run({"--retain", "none"}), 2);
}

TEST_F(Command, WithoutRetainAPointThatComesLateIsRefused) {
  put("log", "@1 P(1)\n@10 P(2)\n@20 P(3)\n@8 Q(2)\n@30 P(4)\n");
  EXPECT_EQ(run({}), 2);
  EXPECT_NE(err_text.find("log:4"), std::string::npos) << err_text;
  EXPECT_NE(err_text.find("--retain all"), std::string::npos) << err_text;
}

TEST_F(Command, RowsThatNoFormulaReadsAreCheckedAllTheSame) {
  put("f", "P(x)");
  put("log", "@1 P(1) Q(a)\n");
  EXPECT_EQ(run({}), 2);
  EXPECT_NE(err_text.find("log:1"), std::string::npos) << err_text;
  EXPECT_EQ(run({"-ignore_parse_errors"}), 0);
  EXPECT_NE(err_text.find("1 bad rows"), std::string::npos) << err_text;
  EXPECT_EQ(out, "@1 (time point 0): (1)\n");
}

// A gigabyte without a line break comes through a pipe: refused by file and line once the limit is passed,
// with memory for a few of such lines at most, in linear time, and most of it never read.
TEST_F(Command, AGigabyteOnOneLineIsRefusedInBoundedMemory) {
  std::signal(SIGPIPE, SIG_IGN);
  for (const auto& [begin, piece] :
       {std::pair<std::string, std::string>{"@1 U", "(1)(2)(3)(4)(5)(6)(7)(8)"}, {"@1 T(\"", "aaaaaaaa"}, {"@", "1234"}}) {
    put("sig", "P(int) Q(int) T(string) U(int)");
    std::filesystem::remove(path("log"));
    ASSERT_EQ(::mkfifo(path("log").c_str(), 0600), 0);
    std::size_t written = 0;
    std::thread writer([&] {
      const int fd = ::open(path("log").c_str(), O_WRONLY | O_CLOEXEC);
      std::string block;
      while (block.size() < (std::size_t{1} << 16)) block += piece;
      (void)!::write(fd, begin.data(), begin.size());
      for (ssize_t n = 0; written < (std::size_t{1} << 30) && n >= 0; written += static_cast<std::size_t>(std::max<ssize_t>(n, 0)))
        n = ::write(fd, block.data(), block.size());
      ::close(fd);
    });
    rusage before{}, after{};
    getrusage(RUSAGE_SELF, &before);
    EXPECT_EQ(run({}), 2) << begin;
    getrusage(RUSAGE_SELF, &after);
    writer.join();
    EXPECT_NE(err_text.find("log:1"), std::string::npos) << err_text;
    EXPECT_NE(err_text.find("too long"), std::string::npos) << err_text;
    EXPECT_LT(written, std::size_t{200} << 20);
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 600 << 10) << begin;  // KiB
  }
}

TEST_F(Command, StateIsSavedAndLoaded) {
  put("log", "@1 Q(7)\n@2 P(1)\n");
  EXPECT_EQ(run({"-saveState", path("state"), "-nonewlastts"}), 0) << err_text;
  put("log", "@4 P(7)(8)\n");
  EXPECT_EQ(run({"-load", path("state")}), 0) << err_text;
  EXPECT_EQ(out.find("(7)"), std::string::npos) << out;
  EXPECT_NE(out.find("(8)"), std::string::npos) << out;
  put("state", "not a state");
  EXPECT_EQ(run({"-load", path("state")}), 2);
}

}  // namespace
}  // namespace surety::logic
