#include <fmt/format.h>

#include "base/json_out.h"
#include "engine/world.h"

namespace surety::engine {
namespace {

void texts(JsonOut& j, std::string_view name, const std::vector<std::string>& list) {
  j.key(name).array();
  for (const auto& t : list) j.string(t);
  j.end();
}

void place(JsonOut& j, const model::Place& p) {
  j.key("place").object().member("name", p.name);
  if (p.located) {
    j.key("lat").raw(fmt::format("{:.6f}", p.lat_e6 / 1e6)).key("lon").raw(fmt::format("{:.6f}", p.lon_e6 / 1e6));
    j.member("radius_m", p.radius_m);
  }
  j.end();
}

void window(JsonOut& j, const WindowCount& w) {
  j.object()
      .member("from", to_string(w.from))
      .member("to", to_string(w.to))
      .member("certain", w.certain)
      .member("possible", w.possible)
      .end();
}

}  // namespace

std::string to_json(const model::Incident& i, const geo::Circle* near) {
  JsonOut j;
  j.object().member("kind", "incident").member("id", i.id).member("event", i.event).member("exercise", name(i.exercise));
  j.member("from", to_string(i.when.from)).member("to", to_string(i.when.to)).member("open_end", i.when.open_end);
  j.member("first_known", to_string(i.first_known)).member("known_at", to_string(i.known_at));
  if (i.place) place(j, *i.place);
  j.member("occurrence", name(i.occurrence)).key("attributions").array();
  for (const auto& a : i.attributions) {
    j.object().member("party", a.party).member("grade", name(a.grade)).member("basis", a.basis);
    texts(j, "by", a.by);
    j.end();
  }
  j.end();
  texts(j, "origins", i.origins);
  texts(j, "members", i.members);
  texts(j, "reasons", i.reasons);
  j.member("end", i.end);
  if (near && i.place) j.member("near", name(geo::within(*i.place, *near)));
  if (near && i.place && i.place->located) j.member("metres", geo::distance_m(*i.place, near->centre));
  return j.end().take();
}

std::string to_json(const BaseRate& rate) {
  JsonOut j;
  j.object().member("kind", "base-rate").member("from", to_string(rate.from)).member("to", to_string(rate.to)).key("feeds").array();
  for (const auto& f : rate.feeds) {
    j.object().member("author", f.author).member("speaks_for", f.speaks_for).member("event", f.event).key("window");
    window(j, f.window);
    j.key("before").array();
    for (const auto& w : f.before) window(j, w);
    j.end().end();
  }
  j.end().key("coverage").array();
  for (const auto& c : rate.coverage)
    j.object()
        .member("feed", c.feed)
        .member("state", c.state)
        .member("place", c.place)
        .member("sees", c.sees)
        .member("blind", c.blind)
        .member("source", c.source)
        .member("from", to_string(c.from))
        .member("to", to_string(c.to))
        .end();
  return j.end().end().take();
}

}  // namespace surety::engine
