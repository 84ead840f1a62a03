#include "model/amount.h"

namespace surety::model {

std::string to_string(const Amount& a) {
  const std::string unit = a.unit.empty() ? "" : " " + a.unit;
  std::string bounds;
  if (a.exact()) {
    bounds = a.low->text() + unit;
  } else if (a.low && a.high) {
    bounds = a.low->text() + " to " + a.high->text() + unit;
  } else if (a.low) {
    bounds = "at least " + a.low->text() + unit;
  } else if (a.high) {
    bounds = "up to " + a.high->text() + unit;
  } else if (a.words.empty()) {
    return a.unit.empty() ? "no figure given" : a.unit + ", no figure given";
  } else {
    return "“" + a.words + "” (no figure given)";
  }
  return a.words.empty() ? bounds : bounds + " (“" + a.words + "”)";
}

Result<Amount> add(const Amount& a, const Amount& b) {
  if (a.unit != b.unit)
    return err(
        fail("unit.mixed", "amounts in different units are never added").found(to_string(a) + " and " + to_string(b)).expected("one unit"));
  Amount sum;
  sum.unit = a.unit;
  if (a.low && b.low) {
    SURETY_TRY(sum.low, add(*a.low, *b.low));
  }
  if (a.high && b.high) {
    SURETY_TRY(sum.high, add(*a.high, *b.high));
  }
  return sum;
}

}  // namespace surety::model
