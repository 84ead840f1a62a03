#include "plan/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace surety::plan {
namespace {

std::optional<Value> real_value(double d) {
  if (std::isnan(d)) return std::nullopt;
  return Value(d == 0 ? 0.0 : d);  // −0 and 0 are one value, so equality and hashing agree
}

std::optional<Value> integer_op(Term::Op op, std::int64_t a, std::int64_t b) {
  std::int64_t r = 0;
  bool bad = false;
  switch (op) {
    case Term::Op::add:
      bad = __builtin_add_overflow(a, b, &r);
      break;
    case Term::Op::subtract:
      bad = __builtin_sub_overflow(a, b, &r);
      break;
    case Term::Op::multiply:
      bad = __builtin_mul_overflow(a, b, &r);
      break;
    case Term::Op::divide:
      bad = b == 0 || (a == INT64_MIN && b == -1);
      if (!bad) r = a / b;
      break;
    case Term::Op::modulo:
      bad = b == 0;
      if (!bad && b != -1) r = a % b;  // INT64_MIN % -1 traps on x86; it is 0
      break;
    default:
      return std::nullopt;
  }
  if (bad) return std::nullopt;
  return Value(r);
}

std::optional<Value> real_op(Term::Op op, double a, double b) {
  switch (op) {
    case Term::Op::add:
      return real_value(a + b);
    case Term::Op::subtract:
      return real_value(a - b);
    case Term::Op::multiply:
      return real_value(a * b);
    case Term::Op::divide:
      if (b == 0) return std::nullopt;
      return real_value(a / b);
    default:
      return std::nullopt;
  }
}

std::int64_t text_to_integer(std::string_view s) {
  if (s.starts_with('+')) s.remove_prefix(1);
  std::int64_t n = 0;
  auto [end, code] = std::from_chars(s.data(), s.data() + s.size(), n);
  return code == std::errc() && end == s.data() + s.size() ? n : 0;
}

double text_to_real(std::string_view s) {
  if (s.starts_with('+')) s.remove_prefix(1);
  double d = 0;
  auto [end, code] = std::from_chars(s.data(), s.data() + s.size(), d);
  return code == std::errc() && end == s.data() + s.size() && !std::isnan(d) ? d : 0;
}

// As OCaml's Float.to_string prints, which is what the peers' f2s gives: 12 digits, "-42.".
std::string real_to_text(double d) {
  std::string s = fmt::format("{:.12g}", d);
  if (s.find_first_not_of("-0123456789") == std::string::npos) s += '.';
  return s;
}

struct Date {
  std::int64_t year;
  int month, day;
};

// Civil date of a day number, proleptic Gregorian (Hinnant, "chrono-Compatible Low-Level Date
// Algorithms"). Stamps after the year 2100 count as its first day, as in the peers.
Date date_of(double seconds) {
  const double capped = std::clamp(seconds, -6.2e10, 4102444800.0);
  std::int64_t z = static_cast<std::int64_t>(std::floor(capped / 86400.0)) + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const auto doe = z - era * 146097;
  const auto yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const auto doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const auto mp = (5 * doy + 2) / 153;
  const int day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  const int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  return {yoe + era * 400 + (month <= 2), month, day};
}

std::optional<Value> convert(Term::Op op, const Value& a) {
  const auto* i = std::get_if<std::int64_t>(&a);
  const auto* d = std::get_if<double>(&a);
  const auto* s = std::get_if<std::string>(&a);
  switch (op) {
    case Term::Op::negate:
      if (i) return integer_op(Term::Op::subtract, 0, *i);
      return d ? real_value(-*d) : std::nullopt;
    case Term::Op::i2f:
      return i ? std::optional<Value>(static_cast<double>(*i)) : std::nullopt;
    case Term::Op::f2i:
      if (!d || !(*d > -9223372036854775809.0 && *d < 9223372036854775808.0)) return std::nullopt;
      return Value(static_cast<std::int64_t>(*d));
    case Term::Op::i2s:
      return i ? std::optional<Value>(std::to_string(*i)) : std::nullopt;
    case Term::Op::s2i:
      return s ? std::optional<Value>(text_to_integer(*s)) : std::nullopt;
    case Term::Op::f2s:
      return d ? std::optional<Value>(real_to_text(*d)) : std::nullopt;
    case Term::Op::s2f:
      return s ? real_value(text_to_real(*s)) : std::nullopt;
    case Term::Op::r2s:
    case Term::Op::s2r:
      return s ? std::optional<Value>(*s) : std::nullopt;
    default:
      break;
  }
  if (!d) return std::nullopt;
  const Date date = date_of(*d);
  switch (op) {
    case Term::Op::year:
      return Value(date.year);
    case Term::Op::month:
      return Value(std::int64_t{date.month});
    case Term::Op::day_of_month:
      return Value(std::int64_t{date.day});
    case Term::Op::format_date:
      return Value(fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day));
    default:
      return std::nullopt;
  }
}

bool binary(Term::Op op) { return op >= Term::Op::add && op <= Term::Op::modulo; }

std::string in_quotes(std::string_view s) {
  std::string out = "\"";
  for (char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

Term constant(Type type, Value v) {
  Term t;
  t.type = type;
  t.value = std::move(v);
  return t;
}

}  // namespace

std::string_view to_string(Type t) {
  switch (t) {
    case Type::integer:
      return "int";
    case Type::real:
      return "float";
    case Type::text:
      return "string";
    case Type::pattern:
      return "regexp";
  }
  return "?";
}

std::string to_text(const Value& v) {
  if (const auto* i = std::get_if<std::int64_t>(&v)) return std::to_string(*i);
  if (const auto* d = std::get_if<double>(&v)) return fmt::format("{}", *d);
  return std::get<std::string>(v);
}

std::string to_literal(const Value& v, Type type) {
  if (const auto* d = std::get_if<double>(&v)) {
    std::string s = fmt::format("{}", *d);  // shortest text that reads back as the same double
    if (s.find_first_not_of("-0123456789") == std::string::npos) s += ".0";
    return s;
  }
  if (const auto* s = std::get_if<std::string>(&v)) {
    // A pattern's own backslashes are part of it; only text escapes.
    return type == Type::pattern ? "r\"" + *s + "\"" : in_quotes(*s);
  }
  return to_text(v);
}

Term var(std::string name) {
  Term t;
  t.op = Term::Op::variable;
  t.name = std::move(name);
  return t;
}
Term num(std::int64_t n) { return constant(Type::integer, n); }
Term real(double d) { return constant(Type::real, d == 0 ? 0.0 : d); }
Term str(std::string s) { return constant(Type::text, std::move(s)); }
Term pattern(std::string s) { return constant(Type::pattern, std::move(s)); }
Term wildcard() {
  Term t;
  t.op = Term::Op::wildcard;
  return t;
}
Term call(Term::Op op, std::vector<Term> args) {
  Term t;
  t.op = op;
  t.args = std::move(args);
  return t;
}
Term operator+(Term a, Term b) { return call(Term::Op::add, {std::move(a), std::move(b)}); }
Term operator-(Term a, Term b) { return call(Term::Op::subtract, {std::move(a), std::move(b)}); }
Term operator*(Term a, Term b) { return call(Term::Op::multiply, {std::move(a), std::move(b)}); }
Term operator/(Term a, Term b) { return call(Term::Op::divide, {std::move(a), std::move(b)}); }

std::optional<Value> apply(Term::Op op, const Value& a, const Value* b) {
  if (!binary(op)) return convert(op, a);
  if (b == nullptr || a.index() != b->index()) return std::nullopt;
  if (const auto* i = std::get_if<std::int64_t>(&a)) return integer_op(op, *i, std::get<std::int64_t>(*b));
  if (const auto* d = std::get_if<double>(&a)) return real_op(op, *d, std::get<double>(*b));
  return std::nullopt;
}

const char* name_of(Term::Op op) {
  static constexpr const char* kNames[] = {"constant", "variable",     "_",          "+",   "-",   "*",   "/",   "MOD", "-",
                                           "f2i",      "i2f",          "i2s",        "s2i", "f2s", "s2f", "r2s", "s2r", "YEAR",
                                           "MONTH",    "DAY_OF_MONTH", "FORMAT_DATE"};
  return kNames[static_cast<std::size_t>(op)];
}

std::string text(const Term& t) {
  switch (t.op) {
    case Term::Op::constant:
      return to_literal(t.value, t.type);
    case Term::Op::variable:
      return t.name;
    case Term::Op::wildcard:
      return "_";
    // The blank keeps −(5) from reading back as the constant −5.
    case Term::Op::negate:
      return "- (" + text(t.args[0]) + ")";
    default:
      break;
  }
  if (binary(t.op)) {
    return "(" + text(t.args[0]) + " " + name_of(t.op) + " " + text(t.args[1]) + ")";
  }
  return std::string(name_of(t.op)) + "(" + text(t.args[0]) + ")";
}

void collect_variables(const Term& t, std::vector<std::string>& into) {
  if (t.op == Term::Op::variable && std::find(into.begin(), into.end(), t.name) == into.end()) {
    into.push_back(t.name);
  }
  for (const Term& a : t.args) collect_variables(a, into);
}

}  // namespace surety::plan
