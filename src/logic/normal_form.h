#pragma once
// Formulas in the few operators that are built: no implication, equivalence, FORALL, HISTORICALLY or
// ALWAYS; negation pushed to where it can be guarded; predicates over variables and constants only.
// Equal to the original at every time-point, without the end of the trace making a difference. Pure.
#include "plan/formula.h"

namespace surety::logic {

plan::Formula normal_form(const plan::Formula& f);

}  // namespace surety::logic
