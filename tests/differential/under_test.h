#pragma once
// The two things that answer a question: the engine through its public interface, and the oracle.
#include "suite_case.h"

namespace surety::differential {

// `trace` is sorted; points of one stamp stay apart.
Result<Verdicts> run_engine(const logic::Signature& sig, const plan::Formula& f, const std::vector<Point>& trace,
                            oracle::End end);
Result<Verdicts> run_oracle(const plan::Formula& f, const logic::Typing& typing, const std::vector<Point>& trace,
                            oracle::End end, plan::TickScale scale = {});

}  // namespace surety::differential
