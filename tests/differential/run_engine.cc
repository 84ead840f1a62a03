#include "logic/monitor.h"
#include "under_test.h"

namespace surety::differential {

Result<Verdicts> run_engine(const logic::Signature& sig, const plan::Formula& f, const std::vector<Point>& trace,
                            oracle::End end) {
  logic::Options options;
  options.points = logic::PointMode::peer;
  SURETY_TRY(logic::Monitor m, logic::Monitor::compile(sig, {{"formula", f}}, options));
  Verdicts out;
  const auto take = [&] {
    for (const logic::VerdictChange& c : m.drain()) {
      auto& rows = out.rows[c.point];
      if (c.kind == logic::ChangeKind::withdrawn) rows.erase(c.row);
      else rows.insert(c.row);
      out.stamps[c.point] = c.ts;
      if (rows.empty()) out.rows.erase(c.point);
    }
  };
  for (const Point& p : trace) {
    SURETY_TRY(const logic::PointId id, m.open_point(p.ts));
    (void)id;
    for (const auto& [name, rows] : p.facts) {
      for (const Row& r : rows) SURETY_TRY_STATUS(m.insert(0, m.signature().find(name), r, p.ts));
    }
    m.close_points();
    m.complete(p.ts - 1);
    take();
  }
  if (!trace.empty()) m.complete(trace.back().ts - 1);
  m.finish(end == oracle::End::closed ? logic::End::closed : logic::End::open);
  take();
  return out;
}

}  // namespace surety::differential
