#pragma once
// What a log has said so far, as explain.h wants it, so that `surety monitor --explain` can prove each
// verdict when it prints it. A fact's identity is its number in the log, from 1. Keeps all points, and the
// facts that have not been let go. One thread.
#include <utility>
#include <vector>

#include "logic/explain.h"
#include "logic/monitor.h"

namespace surety::logic {

class LogHistory {
 public:
  // Points may come late; equal stamps stand as they were opened.
  void open(PointId id, plan::Ticks ts);
  void add(KnownFact fact);  // to the point opened last
  // A proof that has been checked again. Errors: those of explain() and check_proof().
  Result<Proof> prove(const Signature& sig, const plan::Formula& f, const std::vector<std::string>& columns,
                      const VerdictChange& verdict) const;
  // The formula's verdicts before `point`, counted from 0, have all been proved, and no fact comes late: facts
  // that later ones cannot rest on are let go.
  void let_go(const plan::Formula& f, std::size_t point);

 private:
  using At = std::pair<plan::Ticks, PointId>;
  std::vector<At> places_;  // of moments_, sorted
  History moments_;
  std::size_t current_ = 0, let_go_ = 0;
  FactId facts_ = 0;
};

}  // namespace surety::logic
