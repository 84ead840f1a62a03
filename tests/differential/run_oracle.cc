#include "under_test.h"

namespace surety::differential {

Result<Verdicts> run_oracle(const plan::Formula& f, const logic::Typing& typing, const std::vector<Point>& trace, oracle::End end,
                            plan::TickScale scale) {
  oracle::Question q;
  q.formula = f;
  q.aggregated = typing.aggregated;
  q.end = end;
  q.scale = scale;
  SURETY_TRY(oracle::Answer answer, oracle::evaluate(q, trace));
  Verdicts out;
  for (std::size_t i = 0; i < answer.rows.size(); ++i) {
    if (answer.rows[i].empty()) continue;
    out.rows[i] = std::move(answer.rows[i]);
    out.stamps[i] = trace[i].ts;
  }
  return out;
}

}  // namespace surety::differential
