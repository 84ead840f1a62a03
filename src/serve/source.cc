#include "serve/source.h"

namespace surety::serve {

Source::Size FixedSource::size(const Query&) {
  Size out;
  for (const auto& w : worlds_) {
    const std::uint64_t n = w->standing.statements.size();
    if (w->view == model::Exercise::actual) out.actual = n;
    if (w->view == model::Exercise::exercise) out.exercise = n;
    if (w->view == model::Exercise::hypothetical) out.hypothetical = n;
    out.statements = std::max(out.statements, n);
  }
  return out;
}

Result<std::shared_ptr<const engine::World>> FixedSource::world(const Query& query) {
  for (const auto& w : worlds_) {
    if (w->view == query.view) return w;
  }
  return err(fail("serve.empty-view", "no statement belongs to this view")
                 .field("exercise")
                 .found(std::string(model::name(query.view)))
                 .help("ask without exercise="));
}

}  // namespace surety::serve
