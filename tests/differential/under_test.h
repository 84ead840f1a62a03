#pragma once
// The two things that answer a question: the engine through its public interface, and the oracle.
#include "arrivals.h"
#include "logic/monitor.h"
#include "suite_case.h"

namespace surety::differential {

// `trace` is sorted; points of one stamp stay apart, or with `instant` come together;
// then verdicts are by stamp, since the numbers of points are the engine's own affair.
Result<Verdicts> run_engine(const logic::Signature& sig, const plan::Formula& f, const std::vector<Point>& trace, oracle::End end,
                            bool instant = false, plan::TickScale scale = {});

// The verdicts that stand at the end, by stamp instead of by time-point.
Result<Verdicts> run_corrected(const logic::Signature& sig, const plan::Formula& f, const std::vector<Arrival>& arrivals,
                               plan::TickScale scale = {});
Result<Verdicts> run_oracle(const plan::Formula& f, const logic::Typing& typing, const std::vector<Point>& trace, oracle::End end,
                            plan::TickScale scale = {});

}  // namespace surety::differential
