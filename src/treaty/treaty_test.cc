#include "treaty/treaty.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "base/files.h"
#include "treaty/lexer.h"

namespace surety::treaty {
namespace {

namespace fs = std::filesystem;

const std::string kRoot = SURETY_SOURCE_DIR;

// Every text of the tree, good and bad: the material of the properties below.
std::vector<std::string> corpus() {
  std::vector<fs::path> paths;
  for (const auto* folder : {"/agreements", "/tests/golden/treaty/bad", "/tests/golden/treaty/good", "/fuzz/corpus/fuzz-treaty"})
    for (const auto& e : fs::directory_iterator(kRoot + folder))
      if (e.is_regular_file()) paths.push_back(e.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> out;
  for (const auto& p : paths) {
    auto text = *read_file(p);
    if (p.extension() == ".txt") {
      auto body = text.find("--- agreement\n");
      if (body == std::string::npos) continue;
      text = text.substr(body + 14, text.find("--- expected\n") - body - 14);
    }
    out.push_back(std::move(text));
  }
  return out;
}

const char* kHead = R"(agreement T version 1.
parties Alpha, Bravo, Monitor.
clock Europe/Kyiv, months round refuse, start day excluded.
binding legal.
in force from 2026-06-01T00:00.
event Fire { place: position, rounds: count } observed by Monitor.
event Talk { subject: text } observed by Monitor.
)";

plan::Agreement compiled(const std::string& rest) {
  auto c = compile_text(kHead + rest, "t.treaty");
  for (const auto& d : c.diagnostics)
    if (d.severity == Severity::error) ADD_FAILURE() << to_text(d, c.tree.text, c.file);
  return c.agreement.value_or(plan::Agreement{});
}

void expect_lossless(const Compiled& c, const std::string& text) {
  std::string all;
  std::uint32_t at = 0;
  for (const auto& t : c.tree.tokens) {
    ASSERT_EQ(t.begin, at);
    at = t.end;
    all += c.tree.text_of(t);
  }
  ASSERT_EQ(all, text);
  for (const auto& n : c.tree.nodes) {
    const auto& parent = c.tree.nodes[n.parent];
    ASSERT_LE(n.last, c.tree.tokens.size());
    if (n.first < n.last) {
      ASSERT_LE(parent.first, n.first);
      ASSERT_LE(n.last, parent.last);
    }
  }
  for (const auto& d : c.diagnostics) {
    ASSERT_LE(d.at.begin, d.at.end);
    ASSERT_LE(d.at.end, text.size());
    ASSERT_FALSE(to_text(d, text, "x").empty());
  }
}

TEST(Tree, HoldsEveryByteOfEveryText) {
  for (const auto& text : corpus()) expect_lossless(compile_text(text, "x"), text);
}

// Whatever is cut out of or thrown into a text, there is a tree, and it is lossless.
TEST(Tree, SurvivesDamage) {
  std::mt19937 random(7);
  auto texts = corpus();
  static const std::string kThrown[] = {"(", ")",    ".", "\"",          "clause 1 \"x\"",       " within ", " not ",
                                        "é", "\xff", "{", ", at least ", "99999999999999999999", "#"};
  for (int round = 0; round < 400; ++round) {
    auto text = texts[random() % texts.size()];
    if (text.size() > 6000) text = text.substr(random() % (text.size() - 6000), 6000);
    for (int k = 0; k < 3 && !text.empty(); ++k) {
      auto at = random() % text.size();
      if (random() % 2)
        text.erase(at, random() % 40);
      else
        text.insert(at, kThrown[random() % std::size(kThrown)]);
    }
    auto c = compile_text(text, "x");
    if (c.tree.tokens.empty()) continue;  // not UTF-8: refused before reading
    expect_lossless(c, text);
    auto once = format(c.tree);
    if (std::any_of(c.diagnostics.begin(), c.diagnostics.end(), [](const auto& d) { return is_syntax(d.code); })) continue;
    auto again = compile_text(once, "x");
    ASSERT_EQ(skeleton(again.tree), skeleton(c.tree)) << text;
    ASSERT_EQ(format(again.tree), once) << text;
  }
}

TEST(Format, IsIdempotentAndKeepsTheTree) {
  int laid_out = 0;
  for (const auto& text : corpus()) {
    auto once = format_text(text, "x");
    if (!once) continue;
    ++laid_out;
    auto before = compile_text(text, "x"), after = compile_text(*once, "x");
    EXPECT_EQ(skeleton(after.tree), skeleton(before.tree));
    EXPECT_EQ(*format_text(*once, "x"), *once);
    auto comments = [](const Tree& t) {
      std::vector<std::string> out;
      for (const auto& k : t.tokens)
        if (k.kind == TokenKind::comment) {
          std::string c(t.text_of(k));
          out.push_back(c.substr(0, c.find_last_not_of(" \t\r") + 1));
        }
      return out;
    };
    EXPECT_EQ(comments(after.tree), comments(before.tree));
    ASSERT_EQ(after.agreement.has_value(), before.agreement.has_value());
    EXPECT_EQ(after.agreement ? after.agreement->hash : "", before.agreement ? before.agreement->hash : "");
  }
  EXPECT_GT(laid_out, 50);
}

TEST(Format, KeepsCommentsWhereTheyWere) {
  auto out = format_text(
      "agreement   A version 1.   # trailing\n\n\n# above\nparties Alpha ,Bravo.\nclause 1 \"x\"\n # inside\nAlpha may consult // why\n.",
      "x");
  ASSERT_TRUE(out) << out.error().text();
  EXPECT_EQ(*out, R"(agreement A version 1.  # trailing

# above
parties Alpha, Bravo.

clause 1 "x"
  # inside
  Alpha may consult  // why
    .
)");
}

TEST(Format, LeavesAlone) {
  auto out = format_text("agreement A version 1.\nclause 1 \"x\" Alpha may.", "x");
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, "treaty.expected");
}

// Same meaning, same hash; one other number, another.
TEST(Hash, IsOfTheMeaning) {
  auto a = compiled("clause 1 \"c\" Alpha must Talk by 2026-07-01."),
       b = compiled("# a remark\nclause 1 \"c\"\n\n Alpha must Talk  by 2026-07-01 .");
  auto c = compiled("clause 1 \"c\" Alpha must Talk by 2026-07-02.");
  EXPECT_EQ(a.hash, b.hash);
  EXPECT_NE(a.text_sha256, b.text_sha256);
  EXPECT_NE(a.hash, c.hash);
  EXPECT_EQ(a.hash.size(), 64u);
}

TEST(Order, OfItemsDoesNotMatter) {
  auto a = compiled("finding X is Fire.\nclause 1 \"c\" Alpha may defend when X, at least claimed.");
  auto b = compiled("clause 1 \"c\" Alpha may defend when X, at least claimed.\nfinding X is Fire.");
  ASSERT_EQ(a.clauses.size(), 1u);
  EXPECT_EQ(plan::text(a.clauses[0].when->certain), plan::text(b.clauses[0].when->certain));
}

TEST(Time, DatesAndLocalTimesAreSettledByTheClock) {
  auto a = compiled("clause 1 \"c\" Alpha must Talk by 2026-06-30.\nclause 2 \"c\" Alpha must Talk by 2026-06-30T12:00Z.");
  EXPECT_EQ(to_string(*a.in_force.from), "2026-05-31T21:00:00Z");
  EXPECT_EQ(to_string(a.clauses[0].time.by), "2026-06-30T21:00:00Z");  // the end of that day in Kyiv
  EXPECT_EQ(to_string(a.clauses[1].time.by), "2026-06-30T12:00:00Z");
}

TEST(Deadline, AfterAConditionBelongsToTheClause) {
  auto a = compiled(
      "clause 1 \"c\" Alpha must Talk when Fire, at least reported within 48 hours after the event."
      "clause 2 \"c\" Alpha must Talk when (Fire, at least reported within 48 hours after Talk) deadline unspecified."
      "clause 3 \"c\" Alpha must Talk when Fire within 48 hours deadline unspecified.");
  EXPECT_EQ(a.clauses[0].time.kind, plan::Time::Kind::within);
  EXPECT_EQ(plan::text(a.clauses[0].when->certain).find("ONCE"), std::string::npos);
  EXPECT_NE(plan::text(a.clauses[1].when->certain).find("ONCE"), std::string::npos);
  EXPECT_NE(plan::text(a.clauses[2].when->certain).find("ONCE[0,172800000000]"), std::string::npos);
}

// A must is set off by each incident; a permission rests on a state of affairs.
TEST(Lowering, TriggersArePointwiseAndStandingConditionsAreNot) {
  auto a = compiled(
      "clause 1 \"c\" Alpha must Talk when Fire by Bravo, at least reported or Talk, at least reported."
      "clause 2 \"c\" Alpha may defend when Fire by Bravo, at least reported.");
  EXPECT_EQ(a.clauses[0].when->free, (std::vector<std::string>{"i", "p"}));
  EXPECT_TRUE(a.clauses[1].when->free.empty());
  EXPECT_EQ(a.clauses[0].when->patterns.size(), 2u);
}

// Doubt only widens the gap: wherever a pattern is read as certain under an even number of negations it
// is read as possible under an odd one, and the two formulas mirror each other.
void mirrored(const plan::Formula& a, const plan::Formula& b, bool positive) {
  ASSERT_EQ(a->op, b->op);
  if (a->op == plan::Op::predicate && a->name.starts_with("p")) {
    EXPECT_EQ(a->name.back(), positive ? '!' : '?');
    EXPECT_EQ(b->name.back(), positive ? '?' : '!');
    EXPECT_EQ(a->name.substr(0, a->name.size() - 1), b->name.substr(0, b->name.size() - 1));
  }
  ASSERT_EQ(a->sub.size(), b->sub.size());
  for (std::size_t k = 0; k < a->sub.size(); ++k) mirrored(a->sub[k], b->sub[k], a->op == plan::Op::negation ? !positive : positive);
}
TEST(Lowering, NegationSwapsCertainAndPossible) {
  int conditions = 0;
  for (const auto& text : corpus()) {
    auto c = compile_text(text, "x");
    if (!c.agreement || text.find("at most 100") != std::string::npos) continue;  // a ceiling on a sum turns it round
    auto look = [&](const std::optional<plan::Condition>& x) {
      if (!x) return;
      ++conditions;
      mirrored(x->certain, x->possible, true);
      EXPECT_EQ(plan::free_variables(x->certain), plan::free_variables(x->possible));
    };
    for (const auto& x : c.agreement->clauses) {
      look(x.when);
      look(x.except);
      for (const auto& t : x.actions) look(t.performed);
    }
    for (const auto& m : c.agreement->machines)
      for (const auto& t : m.transitions) look(t.when);
  }
  EXPECT_GT(conditions, 100);
}

TEST(Lowering, TheBearerCanBePutIn) {
  auto a = compiled(
      "act admit is no Fire by bearer for 24 hours.\nclause 1 \"c\" Alpha must admit continuously when 3 Fire by bearer within 72 hours.");
  for (const auto* c : {&*a.clauses[0].actions[0].performed, &*a.clauses[0].when}) {
    EXPECT_EQ(c->free, std::vector<std::string>{"b"});
    EXPECT_TRUE(plan::free_variables(plan::substitute(c->certain, "b", plan::str("Alpha"))).empty());
  }
}

TEST(Names, NearMissesAreSuggested) {
  auto c = compile_text(std::string(kHead) + "clause 1 \"c\" Alhpa may consult when Fyre.", "x");
  std::string all;
  for (const auto& d : c.diagnostics) all += d.help + "\n";
  EXPECT_NE(all.find("“Alpha”"), std::string::npos);
  EXPECT_NE(all.find("“Fire”"), std::string::npos);
}

TEST(Recovery, SeveralFaultsAreAllTold) {
  auto c =
      compile_text(std::string(kHead) +
                       "clause 1 \"c\" Alpha must shoot back now.\nevent { x: text }.\nclause 2 \"d\" Gamma may consult.\nstatus S a to b.",
                   "x");
  std::vector<std::string> codes;
  for (const auto& d : c.diagnostics)
    if (d.severity == Severity::error) codes.push_back(d.code);
  EXPECT_EQ(codes, (std::vector<std::string>{"treaty.expected", "treaty.expected", "treaty.undeclared-party", "treaty.expected"}));
}

// Findings that refer to findings twice over must not take for ever to spell out, nor exhaust the stack.
TEST(Limits, NoTextExplodes) {
  for (int levels : {40, 200, 20000}) {
    std::string text = kHead;
    text += "finding F0 is Fire.\n";
    for (int k = 1; k < levels; ++k) text += fmt::format("finding F{} is F{} or F{}.\n", k, k - 1, k - 1);
    auto c = compile_text(text + fmt::format("clause 1 \"c\" Alpha may consult when F{}.", levels - 1), "x");
    EXPECT_FALSE(c.agreement);
    EXPECT_TRUE(std::any_of(c.diagnostics.begin(), c.diagnostics.end(), [](const auto& d) { return d.code == "treaty.too-deep"; }));
  }
  auto deep = compile_text(std::string(kHead) + "finding X is " + std::string(200000, '(') + "Fire.", "x");
  EXPECT_FALSE(deep.agreement);
}

TEST(Diagnostics, CaretsStandUnderLettersWithAccents) {
  std::string text = "agreement Ü version 1. note \"ä\". quatsch.\n";
  auto c = compile_text(text, "x.treaty");
  ASSERT_FALSE(c.diagnostics.empty());
  const auto& d = *std::find_if(c.diagnostics.begin(), c.diagnostics.end(), [](const auto& x) { return x.code == "treaty.expected"; });
  EXPECT_NE(to_text(d, text, "x.treaty").find("\n  | " + std::string(33, ' ') + "^^^^^^^\n"), std::string::npos)
      << to_text(d, text, "x.treaty");
  EXPECT_NE(to_json(d, text, "x.treaty").find(R"("kind":"diagnostic","severity":"error","code":"treaty.expected")"), std::string::npos);
}

TEST(Load, GivesTheFirstErrorWithItsPlace) {
  auto path = fs::temp_directory_path() / "surety-treaty-load-test.treaty";
  ASSERT_TRUE(write_file_atomically(path, std::string(kHead) + "clause 1 \"c\" Gamma may consult.\n"));
  auto a = load(path);
  fs::remove(path);
  ASSERT_FALSE(a);
  EXPECT_EQ(a.error().code, "treaty.undeclared-party");
  EXPECT_EQ(a.error().line_number, 8);
  EXPECT_EQ(load("/no/such/file.treaty").error().code, "treaty.unreadable");
}

TEST(Explain, SaysWhatIsLeftOpen) {
  auto a = compiled(
      "clause 1 \"Help\" source \"s\" Alpha, Bravo must respect(borders) when Fire, at least reported deadline unspecified otherwise "
      "unspecified.");
  auto text = *explain(a, "1");
  EXPECT_NE(text.find("who: Alpha and Bravo (together)"), std::string::npos) << text;
  EXPECT_NE(text.find("deadline: the text sets none"), std::string::npos);
  EXPECT_NE(text.find("consequence: the text sets none"), std::string::npos);
  EXPECT_NE(text.find("“respect”: nothing says how it is observed"), std::string::npos);
  EXPECT_EQ(explain(a, "7").error().code, "treaty.unknown-clause");
}

TEST(Strings, MayRunOverLines) { EXPECT_EQ(string_value("\"one\n   two \\\"three\\\"  \""), "one two \"three\""); }

}  // namespace
}  // namespace surety::treaty
