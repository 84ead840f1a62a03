#include "logic/front/log_history.h"

#include <algorithm>

#include "logic/explain_check.h"
#include "logic/explain_shape.h"
#include "logic/normal_form.h"

namespace surety::logic {

void LogHistory::open(PointId id, plan::Ticks ts) {
  const At at{ts, id};
  const auto place = std::lower_bound(places_.begin(), places_.end(), at);
  current_ = static_cast<std::size_t>(place - places_.begin());
  if (place != places_.end() && *place == at) return;  // instant mode: told again
  places_.insert(place, at);
  moments_.insert(moments_.begin() + static_cast<std::ptrdiff_t>(current_), Moment{ts, {}});
}

void LogHistory::add(KnownFact fact) {
  fact.id = ++facts_;
  moments_[current_].facts.push_back(std::move(fact));
}

void LogHistory::let_go(const plan::Formula& f, std::size_t point) {
  if (point >= moments_.size()) return;
  for (const std::size_t from = reach(moments_, core(f), point, {}, {}).first; let_go_ < from; ++let_go_)
    std::vector<KnownFact>().swap(moments_[let_go_].facts);
}

Result<Proof> LogHistory::prove(const Signature& sig, const plan::Formula& f, const std::vector<std::string>& columns,
                                const VerdictChange& verdict) const {
  const auto place = std::lower_bound(places_.begin(), places_.end(), At{verdict.ts, verdict.point});
  const auto point = static_cast<std::size_t>(place - places_.begin());
  Valuation row;
  for (std::size_t i = 0; i < columns.size(); ++i) row.emplace(columns[i], verdict.row[i]);
  const Reading reading{{}, &sig};
  SURETY_TRY(Proof proof, explain(moments_, f, row, point, reading));
  SURETY_TRY_STATUS(check_proof(moments_, f, row, point, proof, reading));
  return proof;
}

}  // namespace surety::logic
