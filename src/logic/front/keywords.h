#pragma once
// The words and marks of formulas with their binding powers. Only parse_formula.cc reads them.
#include <map>
#include <string_view>

#include "plan/formula.h"

namespace surety::logic {

// Binding powers, loosest first. A prefix temporal operator reaches over everything but SINCE and
// UNTIL, as in the peers' grammar: ONCE A AND B is ONCE (A AND B).
enum Power {
  kAny = 0,
  kSince = 1,
  kPrefix = 2,
  kEquiv = 3,
  kImplies = 4,
  kOr = 5,
  kAnd = 6,
  kNot = 8,
  kCompare = 9,
  kSum = 10,
  kProduct = 11,
  kUnary = 12,
};

struct Prefix {
  plan::Formula (*make)(plan::Interval, plan::Formula);
};
inline const std::map<std::string_view, Prefix> kPrefixes = {
    {"PREV", {plan::previous}}, {"PREVIOUS", {plan::previous}},        {"NEXT", {plan::next}},
    {"ONCE", {plan::once}},     {"EVENTUALLY", {plan::eventually}},    {"SOMETIMES", {plan::eventually}},
    {"ALWAYS", {plan::always}}, {"PAST_ALWAYS", {plan::historically}}, {"HISTORICALLY", {plan::historically}},
};
inline const std::map<std::string_view, plan::Term::Op> kFunctions = {
    {"f2i", plan::Term::Op::f2i},
    {"i2f", plan::Term::Op::i2f},
    {"i2s", plan::Term::Op::i2s},
    {"s2i", plan::Term::Op::s2i},
    {"f2s", plan::Term::Op::f2s},
    {"s2f", plan::Term::Op::s2f},
    {"r2s", plan::Term::Op::r2s},
    {"s2r", plan::Term::Op::s2r},
    {"YEAR", plan::Term::Op::year},
    {"MONTH", plan::Term::Op::month},
    {"DAY_OF_MONTH", plan::Term::Op::day_of_month},
    {"FORMAT_DATE", plan::Term::Op::format_date},
};
inline const std::map<std::string_view, plan::Aggregate> kAggregates = {
    {"CNT", plan::Aggregate::count},   {"SUM", plan::Aggregate::sum},     {"AVG", plan::Aggregate::average},
    {"MIN", plan::Aggregate::minimum}, {"MAX", plan::Aggregate::maximum}, {"MED", plan::Aggregate::median},
};
struct Infix {
  int power;
  bool right;
};
inline const std::map<std::string_view, Infix> kInfixes = {
    {"SINCE", {kSince, true}},      {"UNTIL", {kSince, true}},  {"EQUIV", {kEquiv, false}}, {"IMPLIES", {kImplies, true}},
    {"OR", {kOr, false}},           {"AND", {kAnd, false}},     {"=", {kCompare, false}},   {"<", {kCompare, false}},
    {"<=", {kCompare, false}},      {">", {kCompare, false}},   {">=", {kCompare, false}},  {"SUBSTRING", {kCompare, false}},
    {"MATCHES", {kCompare, false}}, {"+", {kSum, false}},       {"-", {kSum, false}},       {"*", {kProduct, false}},
    {"/", {kProduct, false}},       {"MOD", {kProduct, false}},
};
inline constexpr std::string_view kReserved[] = {"TRUE",   "FALSE",  "LET",    "LETPAST", "IN",      "NOT",
                                                 "EXISTS", "FORALL", "MATCHF", "MATCHP",  "FORWARD", "BACKWARD"};

inline bool keyword(std::string_view w) {
  for (std::string_view k : kReserved)
    if (k == w) return true;
  return kPrefixes.contains(w) || kFunctions.contains(w) || kAggregates.contains(w) || kInfixes.contains(w);
}

}  // namespace surety::logic
