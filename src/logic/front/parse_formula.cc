#include "logic/front/parse_formula.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "logic/front/keywords.h"
#include "logic/front/parse_interval.h"

namespace surety::logic {
namespace {

using plan::Formula;
using plan::Interval;
using plan::Op;
using plan::Regex;
using plan::Term;

// A bracket may hold a term or a formula; one routine reads both and the operators sort them out.
using Item = std::variant<Term, Formula>;

class Parser : private Tokens {
 public:
  Parser(std::string_view text, const std::string& file, std::vector<Token> tokens) : Tokens(text, file, std::move(tokens)) {}

  Result<Formula> whole() {
    SURETY_TRY(Formula f, formula(kAny));
    if (here().kind != Lexeme::end) return err(wrong("an operator such as AND, or the end"));
    return f;
  }

 private:
  Error too_deep() const {
    return at(here(), "the formula is nested too deeply")
        .expected("at most " + std::to_string(kMaxNesting) + " brackets and prefixes in one another, " + std::to_string(kMaxDepth) +
                  " operators in a row")
        .help("name parts of it with LET");
  }
  // The engine walks a regular expression from test to test, by recursion.
  Error too_long() const {
    return at(here(), "the regular expression is too long")
        .expected("at most " + std::to_string(kMaxSteps) + " steps and tests in one")
        .help("name parts of it with LET, or write a star");
  }
  // Every level of recursion passes here or through regex_item.
  struct Level {
    explicit Level(int& d) : depth(d) { ++depth; }
    ~Level() { --depth; }
    Level(const Level&) = delete;
    int& depth;
  };

  Result<Formula> formula(int power) {
    const Token start = here();
    SURETY_TRY(Item item, expression(power));
    return as_formula(std::move(item), start);
  }
  Result<Term> term(int power) {
    const Token start = here();
    SURETY_TRY(Item item, expression(power));
    return as_term(std::move(item), start);
  }
  Result<Formula> as_formula(Item item, const Token& start) const {
    if (auto* f = std::get_if<Formula>(&item)) return std::move(*f);
    return err(at(start, "a term stands where a formula is needed")
                   .found(plan::text(std::get<Term>(item)))
                   .expected("a formula, such as P(x) or x = 1"));
  }
  Result<Term> as_term(Item item, const Token& start) const {
    if (auto* t = std::get_if<Term>(&item)) return std::move(*t);
    return err(at(start, "a formula stands where a term is needed")
                   .found(plan::text_short(std::get<Formula>(item), 40))
                   .expected("a variable, constant or arithmetic"));
  }

  Result<Item> expression(int power) {
    if (depth_ >= kMaxNesting) return err(too_deep());
    const Level level(depth_);
    const Token start = here();
    term_depth_ = 1;
    SURETY_TRY(Item left, operand());
    return infixes(std::move(left), start, power);
  }

  Result<Item> infixes(Item left, const Token& start, int power) {
    while (here().kind == Lexeme::word || here().kind == Lexeme::mark) {
      const auto op = kInfixes.find(here().text);
      if (op == kInfixes.end() || op->second.power < power) break;
      // In a regular expression `+` and `*` after a formula are not arithmetic.
      const bool arithmetic = op->second.power >= kCompare;
      if (arithmetic != std::holds_alternative<Term>(left)) break;
      const Token sign = here();
      skip();
      if (op->second.power >= kSum) {
        const int depth = term_depth_;
        SURETY_TRY(left, arithmetic_tail(std::get<Term>(std::move(left)), sign, op->second.power + 1));
        term_depth_ = std::max(depth, term_depth_) + 1;
        if (term_depth_ > kMaxDepth) return err(too_deep());
      } else if (arithmetic) {
        SURETY_TRY(left, comparison_tail(std::get<Term>(std::move(left)), sign));
      } else {
        SURETY_TRY(Formula f, as_formula(std::move(left), start));
        SURETY_TRY(left, connective_tail(std::move(f), sign, op->second));
      }
      if (const auto* f = std::get_if<Formula>(&left); f && (*f)->depth > kMaxDepth) return err(too_deep());
      if (++chain_ > kMaxChain) return err(too_deep());
    }
    return left;
  }

  Result<Item> arithmetic_tail(Term left, const Token& sign, int power) {
    SURETY_TRY(Term right, term(power));
    static const std::map<std::string_view, Term::Op> kOps = {
        {"+", Term::Op::add}, {"-", Term::Op::subtract}, {"*", Term::Op::multiply}, {"/", Term::Op::divide}, {"MOD", Term::Op::modulo}};
    std::vector<Term> both;
    both.push_back(std::move(left));  // a braced list would copy them, whatever their length
    both.push_back(std::move(right));
    return Item(plan::call(kOps.at(sign.text), std::move(both)));
  }

  Result<Item> comparison_tail(Term left, const Token& sign) {
    SURETY_TRY(Term right, term(kSum));
    const std::string_view s = sign.text;
    if (s == "MATCHES") {
      SURETY_TRY(std::vector<Term> groups, match_groups());
      return placed(plan::matches(std::move(left), std::move(right), std::move(groups)), sign);
    }
    if (s == "SUBSTRING") return placed(plan::substring(std::move(left), std::move(right)), sign);
    if (s == "=") return placed(plan::eq(std::move(left), std::move(right)), sign);
    if (s == "<") return placed(plan::lt(std::move(left), std::move(right)), sign);
    if (s == "<=") return placed(plan::le(std::move(left), std::move(right)), sign);
    if (s == ">") return placed(plan::gt(std::move(left), std::move(right)), sign);
    return placed(plan::ge(std::move(left), std::move(right)), sign);
  }

  Result<std::vector<Term>> match_groups() {
    std::vector<Term> groups;
    if (!is("(")) return groups;
    skip();
    while (!accept(")")) {
      if (!groups.empty()) SURETY_TRY_STATUS(expect(","));
      if (accept("_")) {
        groups.push_back(plan::wildcard());
      } else {
        SURETY_TRY(Term t, term(kSum));
        groups.push_back(std::move(t));
      }
    }
    return groups;
  }

  Result<Item> connective_tail(Formula left, const Token& sign, const Infix& op) {
    Interval i;
    const bool temporal = op.power == kSince;
    if (temporal) {
      SURETY_TRY(i, parse_interval(*this));
    }
    SURETY_TRY(Formula right, formula(op.right ? op.power : op.power + 1));
    const std::string_view s = sign.text;
    if (s == "SINCE") return placed(plan::since(std::move(left), std::move(i), std::move(right)), sign);
    if (s == "UNTIL") return placed(plan::until(std::move(left), std::move(i), std::move(right)), sign);
    if (s == "AND") return placed(std::move(left) && std::move(right), sign);
    if (s == "OR") return placed(std::move(left) || std::move(right), sign);
    if (s == "IMPLIES") return placed(plan::implies(std::move(left), std::move(right)), sign);
    return placed(plan::equivalent(std::move(left), std::move(right)), sign);
  }

  // Remembers where in the text it stood.
  static Item placed(const Formula& f, const Token& t) {
    plan::Node n = *f;
    n.at = t.offset;
    return Formula(std::move(n));
  }

  Result<Item> operand() {
    const Token t = here();
    switch (t.kind) {
      case Lexeme::integer:
      case Lexeme::rational:
      case Lexeme::text:
      case Lexeme::pattern: {
        SURETY_TRY(Term c, constant(false));
        return Item(std::move(c));
      }
      case Lexeme::word:
        if (keyword(t.text)) return keyword_operand(t);
        return name_operand();
      case Lexeme::quoted_name:
        return name_operand();
      default:
        break;
    }
    if (accept("(")) {
      SURETY_TRY(Item inner, expression(kAny));
      SURETY_TRY_STATUS(expect(")"));
      return inner;
    }
    if (accept("-")) {
      if (here().kind == Lexeme::integer || here().kind == Lexeme::rational) {
        SURETY_TRY(Term c, constant(true));
        return Item(std::move(c));
      }
      SURETY_TRY(Term inner, term(kUnary));
      return Item(plan::call(Term::Op::negate, {std::move(inner)}));
    }
    if (is("|>") || is("▷") || is("<|") || is("◁")) return dynamic(t);
    return err(wrong("a formula or a term"));
  }

  Result<Term> constant(bool negative) {
    const Token t = here();
    skip();
    const std::string body = (negative ? "-" : "") + std::string(t.text);
    const char* end = body.data() + body.size();
    switch (t.kind) {
      case Lexeme::integer: {
        std::int64_t n = 0;
        if (std::from_chars(body.data(), end, n).ec != std::errc()) {
          return err(at(t, "the number does not fit 64 bits").found(describe(t)));
        }
        return plan::num(n);
      }
      case Lexeme::rational: {
        double d = 0;
        const auto r = std::from_chars(body.data(), end, d);
        if (r.ec != std::errc()) return err(at(t, "the number is out of range").found(describe(t)));
        return plan::real(d);
      }
      case Lexeme::pattern:
        return plan::pattern(std::string(t.text));
      default:
        return plan::str(unescape(t.text));
    }
  }

  Result<Item> keyword_operand(const Token& t) {
    const std::string_view w = t.text;
    if (const auto fn = kFunctions.find(w); fn != kFunctions.end()) {
      skip();
      SURETY_TRY_STATUS(expect("("));
      SURETY_TRY(Term inner, term(kSum));
      SURETY_TRY_STATUS(expect(")"));
      return Item(plan::call(fn->second, {std::move(inner)}));
    }
    if (const auto p = kPrefixes.find(w); p != kPrefixes.end()) {
      skip();
      SURETY_TRY(Interval i, parse_interval(*this));
      SURETY_TRY(Formula f, formula(kPrefix));
      return placed(p->second.make(std::move(i), std::move(f)), t);
    }
    if (w == "TRUE" || w == "FALSE") {
      skip();
      return placed(w == "TRUE" ? plan::truth() : plan::falsity(), t);
    }
    if (w == "NOT") {
      skip();
      SURETY_TRY(Formula f, formula(kNot));
      return placed(!std::move(f), t);
    }
    if (w == "EXISTS" || w == "FORALL") return quantifier(t);
    if (w == "LET" || w == "LETPAST") return let(t);
    if (w == "MATCHF" || w == "MATCHP" || w == "FORWARD" || w == "BACKWARD") return dynamic(t);
    return err(wrong("a formula or a term"));
  }

  Result<std::string> name(const char* what) {
    if (!name_here()) return err(wrong(what));
    std::string s(here().text);
    skip();
    if (s == "_") s += std::to_string(++unnamed_);
    return s;
  }

  Result<std::vector<std::string>> names() {
    std::vector<std::string> out;
    do {
      SURETY_TRY(std::string v, name("a variable"));
      out.push_back(std::move(v));
    } while (accept(","));
    return out;
  }

  Result<Item> quantifier(const Token& t) {
    skip();
    SURETY_TRY(std::vector<std::string> vars, names());
    SURETY_TRY_STATUS(expect("."));
    for (const std::string& v : vars) bound_.insert(v);
    SURETY_TRY(Formula f, formula(kPrefix));
    for (const std::string& v : vars) bound_.erase(bound_.find(v));
    return placed(t.text == "EXISTS" ? plan::exists(std::move(vars), std::move(f)) : plan::forall(std::move(vars), std::move(f)), t);
  }

  Result<Item> let(const Token& t) {
    skip();
    SURETY_TRY(std::string p, name("the name of a predicate"));
    SURETY_TRY_STATUS(expect("("));
    std::vector<std::string> params;
    if (!is(")")) {
      SURETY_TRY(params, names());
    }
    SURETY_TRY_STATUS(expect(")"));
    SURETY_TRY_STATUS(expect("="));
    SURETY_TRY(Formula def, formula(kAny));
    SURETY_TRY_STATUS(expect("IN"));
    SURETY_TRY(Formula in, formula(kAny));
    const auto make = t.text == "LET" ? plan::let : plan::let_past;
    return placed(make(std::move(p), std::move(params), std::move(def), std::move(in)), t);
  }

  // A name opens a predicate, an aggregation or a term.
  Result<Item> name_operand() {
    const Token t = here();
    if (is(ahead(), "<-")) return aggregation(t);
    if (!is(ahead(), "(")) {
      SURETY_TRY(std::string v, name("a variable"));
      return Item(plan::var(std::move(v)));
    }
    const std::string p(t.text);
    skip(2);
    std::vector<Term> args;
    std::vector<std::string> hidden;
    while (!accept(")")) {
      if (!args.empty() && !accept(",")) return err(wrong("`,` or `)`"));
      SURETY_TRY(Term a, term(kSum));
      // The peers bind a variable whose name begins with _ where it stands.
      if (a.op == Term::Op::variable && a.name.starts_with('_') && !bound_.contains(a.name)) {
        bool seen = false;
        for (const auto& h : hidden) seen = seen || h == a.name;
        if (!seen) hidden.push_back(a.name);
      }
      args.push_back(std::move(a));
    }
    const Formula f = std::get<Formula>(placed(plan::pred(p, std::move(args)), t));
    return placed(plan::exists(std::move(hidden), f), t);
  }

  Result<Item> aggregation(const Token& t) {
    SURETY_TRY(std::string result, name("a variable"));
    skip();  // <-
    const auto op = here().kind == Lexeme::word ? kAggregates.find(here().text) : kAggregates.end();
    if (op == kAggregates.end()) return err(wrong("CNT, SUM, AVG, MIN, MAX or MED"));
    skip();
    SURETY_TRY(std::string over, name("a variable"));
    std::vector<std::string> by;
    if (accept(";") && name_here()) {
      SURETY_TRY(by, names());
    }
    SURETY_TRY(Formula f, formula(kAny));
    return placed(plan::aggregate(std::move(result), op->second, std::move(over), std::move(by), std::move(f)), t);
  }

  // Regular expressions. A part is a bare formula until something makes it an expression.
  struct Part {
    Regex regex;
    std::optional<Formula> bare;
  };
  struct Dynamic {
    bool future = true;
    int steps = 0;  // and tests
    std::vector<Formula> tests;
  };

  Result<Item> dynamic(const Token& t) {
    skip();
    Dynamic d;
    d.future = t.text == "MATCHF" || t.text == "FORWARD" || t.text == "|>" || t.text == "▷";
    SURETY_TRY(Interval i, parse_interval(*this));
    SURETY_TRY(Part p, alternatives(d));
    Regex r = step(d, std::move(p));
    const auto make = d.future ? plan::match_future : plan::match_past;
    return placed(make(std::move(i), std::move(r), std::move(d.tests)), t);
  }

  static Regex test(Dynamic& d, Formula f) {
    Regex r;
    r.op = Regex::Op::test;
    r.test = d.tests.size();
    d.tests.push_back(std::move(f));
    return r;
  }
  // A formula without `?` also steps to the next point (forwards: before, backwards: after).
  static Regex step(Dynamic& d, Part p) {
    if (!p.bare) return std::move(p.regex);
    Regex r;
    r.op = Regex::Op::concat;
    r.parts = {test(d, std::move(*p.bare))};
    r.parts.insert(d.future ? r.parts.end() : r.parts.begin(), Regex{});
    return r;
  }

  Result<Part> alternatives(Dynamic& d) {
    if (depth_ >= kMaxNesting) return err(too_deep());
    const Level level(depth_);
    SURETY_TRY(Part first, sequence(d));
    if (!is("+")) return first;
    Regex r;
    r.op = Regex::Op::either;
    r.parts.push_back(step(d, std::move(first)));
    while (accept("+")) {
      SURETY_TRY(Part more, sequence(d));
      r.parts.push_back(step(d, std::move(more)));
    }
    return Part{std::move(r), std::nullopt};
  }

  bool part_follows() const {
    const Token& t = here();
    if (t.kind == Lexeme::end || t.kind == Lexeme::bad || t.kind == Lexeme::with_unit) return false;
    if (t.kind == Lexeme::mark) return t.text == "." || t.text == "(" || t.text == "|>" || t.text == "<|" || t.text == "-";
    if (t.kind != Lexeme::word) return true;
    return t.text != "IN" && !kInfixes.contains(t.text);
  }

  Result<Part> sequence(Dynamic& d) {
    SURETY_TRY(Part first, repeated(d));
    if (!part_follows()) return first;
    Regex r;
    r.op = Regex::Op::concat;
    r.parts.push_back(step(d, std::move(first)));
    while (part_follows()) {
      SURETY_TRY(Part more, repeated(d));
      r.parts.push_back(step(d, std::move(more)));
    }
    return Part{std::move(r), std::nullopt};
  }

  Result<Part> repeated(Dynamic& d) {
    SURETY_TRY(Part p, single(d));
    if (p.bare && accept("?")) p = Part{test(d, std::move(*p.bare)), std::nullopt};
    while (accept("*")) {
      if (!p.bare && p.regex.op == Regex::Op::star) continue;  // a star of a star says no more
      Regex r;
      r.op = Regex::Op::star;
      r.parts.push_back(step(d, std::move(p)));
      p = Part{std::move(r), std::nullopt};
    }
    return p;
  }

  Result<Part> single(Dynamic& d) {
    if (++d.steps > kMaxSteps) return err(too_long());
    if (accept(".")) return Part{};
    const Token start = here();
    if (!accept("(")) {
      SURETY_TRY(Formula f, formula(kPrefix));
      return Part{{}, std::move(f)};
    }
    // Either a bracketed expression or the beginning of a formula, which may be a term: (x + 1) =
    // y.
    const std::size_t back = place();
    if (auto item = bracketed_term(); item) {
      SURETY_TRY(Item all, infixes(std::move(*item), start, kPrefix));
      SURETY_TRY(Formula f, as_formula(std::move(all), start));
      return Part{{}, std::move(f)};
    }
    back_to(back);
    SURETY_TRY(Part inner, alternatives(d));
    if (inner.bare) {  // SINCE and UNTIL need the brackets that are open here
      SURETY_TRY(Item whole, infixes(std::move(*inner.bare), start, kAny));
      inner.bare = std::get<Formula>(std::move(whole));
    }
    SURETY_TRY_STATUS(expect(")"));
    if (!inner.bare) return inner;
    SURETY_TRY(Item all, infixes(std::move(*inner.bare), start, kPrefix));
    return Part{{}, std::get<Formula>(std::move(all))};
  }

  // A term in brackets, with the bracket closed, or nothing. Only tried on text that can be a term.
  std::optional<Item> bracketed_term() {
    if (here().kind == Lexeme::mark && here().text != "-") return std::nullopt;
    if (name_here() && (is(ahead(), "(") || is(ahead(), "<-"))) return std::nullopt;
    if (here().kind == Lexeme::word && keyword(here().text) && !kFunctions.contains(here().text)) return std::nullopt;
    auto t = expression(kSum);
    if (!t || !std::holds_alternative<Term>(*t) || !accept(")")) return std::nullopt;
    return std::move(*t);
  }

  static constexpr int kMaxChain = 100'000;  // operators in one text
  static constexpr int kMaxSteps = 2'000;    // in one regular expression

  int depth_ = 0;
  int term_depth_ = 0;  // of the term that was read last
  int chain_ = 0;
  int unnamed_ = 0;
  std::multiset<std::string> bound_;  // by EXISTS and FORALL around here
};

}  // namespace

Result<plan::Formula> parse_formula(std::string_view text, const std::string& file) {
  SURETY_TRY(std::vector<Token> tokens, tokenize(text, file));
  return Parser(text, file, std::move(tokens)).whole();
}

}  // namespace surety::logic
