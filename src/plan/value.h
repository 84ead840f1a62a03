#pragma once
// Values and terms of the monitor's logic. A value is a 64-bit integer, a double or a byte string;
// its type is static, so a row of values carries no tags that matter. Plain data, thread-safe.
//
// Terms are partial. Where one has no value (overflow, division or MOD by zero, a float result that is
// not a number, f2i out of range) every atom it stands in is false and no row is made:
// docs/monitor-language.md, "Arithmetic". apply() below is the one definition of that.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace surety::plan {

// `pattern` (the peers' `regexp`) is text that is used as a pattern.
enum class Type : std::uint8_t { integer, real, text, pattern };
std::string_view to_string(Type t);  // int, float, string, regexp

// Text that is a pattern is held as text. A real is never NaN and never −0.
using Value = std::variant<std::int64_t, double, std::string>;

std::string to_text(const Value& v);           // as printed in verdicts: 5, 0.25, foo (bare)
std::string to_literal(const Value& v, Type);  // as written in a formula: "foo", r"a.*"

struct Term {
  enum class Op : std::uint8_t {
    constant,
    variable,
    wildcard,  // wildcard: an unused place of MATCHES (…)
    add,
    subtract,
    multiply,
    divide,
    modulo,
    negate,
    f2i,
    i2f,
    i2s,
    s2i,
    f2s,
    s2f,
    r2s,
    s2r,
    year,
    month,
    day_of_month,
    format_date,  // of a float: seconds since 1970, UTC
  };
  Op op = Op::constant;
  Type type = Type::integer;  // of a constant; otherwise not meaningful before inference
  Value value;                // constant
  std::string name;           // variable
  std::vector<Term> args;
  bool operator==(const Term&) const = default;
};

// Builders, terse on purpose: pred("Fire", {var("i"), num(3)}).
Term var(std::string name);
Term num(std::int64_t n);
Term real(double d);
Term str(std::string s);
Term pattern(std::string s);  // r"…"
Term wildcard();
Term call(Term::Op op, std::vector<Term> args);  // i2f(x), x + y, −x
Term operator+(Term a, Term b);
Term operator-(Term a, Term b);
Term operator*(Term a, Term b);
Term operator/(Term a, Term b);

// One operator on values that already have the right types. No value: see above.
// Integer division and MOD round towards zero, as C++ does; f2i drops the fraction; s2i and s2f of
// text that is no number give 0, as the peers do.
std::optional<Value> apply(Term::Op op, const Value& a, const Value* b = nullptr);

std::string text(const Term& t);
void collect_variables(const Term& t, std::vector<std::string>& into);  // in order, each once
const char* name_of(Term::Op op);                                       // "+", "i2f", "YEAR"

}  // namespace surety::plan
