#pragma once
// Whether a formula can be monitored: every variable must be bound by something finite (range
// restriction), and no window may reach into the future without end. Accepts VeriMon's fragment and
// more (guards flow through AND, OR, NOT, EXISTS, LET and along regular expressions). A refusal
// names the variable, the subformula and where it is, and suggests a guard. Pure.
#include <string>
#include <string_view>

#include "base/error.h"
#include "plan/formula.h"

namespace surety::logic {

// `text` and `file` as in infer_types: for positions, may be empty.
Status check_monitorable(const plan::Formula& f, std::string_view text = {}, const std::string& file = {});

// The same formula without IMPLIES, EQUIV, FORALL, HISTORICALLY and ALWAYS, with negations pushed
// inwards as far as a guard may need: what is checked, and a good form to compile. Keeps positions.
plan::Formula core(const plan::Formula& f);

}  // namespace surety::logic
