#include "logic/monitor.h"
#include "under_test.h"

namespace surety::differential {

namespace {

// Applies changes to what stands; `by_stamp` names time-points by their stamps.
void take(logic::Monitor& m, bool by_stamp, Verdicts& out) {
  for (const logic::VerdictChange& c : m.drain()) {
    const std::size_t point = by_stamp ? static_cast<std::size_t>(c.ts) : c.point;
    auto& rows = out.rows[point];
    if (c.kind == logic::ChangeKind::withdrawn)
      rows.erase(c.row);
    else
      rows.insert(c.row);
    out.stamps[point] = c.ts;
    if (rows.empty()) out.rows.erase(point);
  }
}

}  // namespace

Result<Verdicts> run_engine(const logic::Signature& sig, const plan::Formula& f, const std::vector<Point>& trace, oracle::End end,
                            bool instant, plan::TickScale scale) {
  logic::Options options;
  options.scale = scale;
  options.points = instant ? logic::PointMode::instant : logic::PointMode::peer;
  SURETY_TRY(logic::Monitor m, logic::Monitor::compile(sig, {{"formula", f}}, options));
  Verdicts out;
  for (const Point& p : trace) {
    SURETY_TRY(const logic::PointId id, m.open_point(p.ts));
    (void)id;
    for (const auto& [name, rows] : p.facts) {
      for (const Row& r : rows) SURETY_TRY_STATUS(m.insert(0, m.signature().find(name), r, p.ts));
    }
    if (!instant) m.close_points();
    m.complete(p.ts - 1);
    take(m, instant, out);
  }
  m.finish(end == oracle::End::closed ? logic::End::closed : logic::End::open);
  take(m, instant, out);
  return out;
}

Result<Verdicts> run_corrected(const logic::Signature& sig, const plan::Formula& f, const std::vector<Arrival>& arrivals,
                               plan::TickScale scale) {
  logic::Options options;
  options.scale = scale;
  SURETY_TRY(logic::Monitor m, logic::Monitor::compile(sig, {{"formula", f}}, options));
  Verdicts out;
  for (const Arrival& a : arrivals) {
    const auto p = a.predicate.empty() ? logic::Signature::kNone : m.signature().find(a.predicate);
    switch (a.kind) {
      case Arrival::Kind::insert:
        SURETY_TRY_STATUS(m.insert(a.id, p, a.row, a.ts));
        break;
      case Arrival::Kind::retract:
        SURETY_TRY_STATUS(m.retract(a.id));
        break;
      case Arrival::Kind::replace:
        SURETY_TRY_STATUS(m.replace(a.id, p, a.row, a.ts));
        break;
      case Arrival::Kind::watermark:
        m.complete(0, a.ts);
        break;
    }
    take(m, true, out);
  }
  m.finish(logic::End::closed);
  take(m, true, out);
  return out;
}

}  // namespace surety::differential
