// Format `alerts`: air-raid alerts as intervals by named region. Three layouts that share their
// columns: merged per oblast (region, started_at, finished_at, n_subalerts), official (oblast, raion,
// hromada, level, started_at, finished_at) and volunteer (region, started_at, finished_at, naive).
//
// An alert is a warning, lasting from start to end; it says neither that anything struck nor who sent
// it. Longer than 24 h it is not one alert but a run that the source could not tell apart, or an end
// that nobody recorded: `to` is then 24 h after the start, the end is open, and the source's own end
// stands in field `stated_end`. `naive` marks an end that the source invented.
#include <fmt/format.h>

#include "feed/gazetteer.h"
#include "feed/reader.h"

namespace surety::feed {
namespace {

constexpr Span kLongestAlert = Span::hours(24);

class AlertsReader : public Reader {
 public:
  AlertsReader(const Settings& s, const Columns& c)
      : settings_(s),
        times_(s.zone),
        raion_(c.find({"raion"})),
        hromada_(c.find({"hromada"})),
        level_(c.find({"level"})),
        parts_(c.find({"n_subalerts"})),
        naive_(c.find({"naive"})) {}
  Status open(const Columns& c) {
    SURETY_TRY(region_, c.need({"region", "oblast"}));
    SURETY_TRY(start_, c.need({"started_at", "start"}));
    SURETY_TRY(end_, c.need({"finished_at", "end"}));
    return {};
  }
  Result<model::Statement> read(const Row& row) override {
    model::Statement s = begin_statement(settings_, "siren-system");
    s.event = "alert.air";
    SURETY_TRY(s.place, place(row));
    SURETY_TRY_STATUS(times(row, s));
    SURETY_TRY_STATUS(details(row, s));
    return s;
  }

 private:
  Result<model::Place> place(const Row& row) const {
    auto found = settings_.places->get(cell(row, region_));
    if (!found) return err(std::move(found.error()).field("region"));
    // The circle is the region's, so that it holds for every part of it.
    std::string name;
    for (const auto column : {hromada_, raion_})
      if (const auto part = cell(row, column); !part.empty()) name += std::string(part) + ", ";
    found->name = name + found->name;
    return *found;
  }

  Status times(const Row& row, model::Statement& s) {
    SURETY_TRY(const Stamp start, times_.read(cell(row, start_), "started_at"));
    const auto end_text = cell(row, end_);
    s.when = {start.first, start.first, true, true};
    s.known_at = start.first;
    if (end_text.empty()) return {};
    SURETY_TRY(const Stamp end, times_.read(end_text, "finished_at"));
    const Span length = end.last - start.first;
    if (length.us <= 0)
      return err(fail(length.us ? "feed.negative-interval" : "feed.zero-interval",
                      length.us ? "the alert ends before it begins" : "the alert ends when it begins")
                     .field("finished_at")
                     .found(std::string(end_text))
                     .expected(fmt::format("after {}", cell(row, start_)))
                     .help("such a row says that the source lost an end or a start; it is kept here and counts for nothing"));
    s.known_at = end.last;
    if (naive_ != Columns::npos && (cell(row, naive_) == "True" || cell(row, naive_) == "true")) {
      s.fields["stated_end"] = to_string(end.last) + ", made up by the source";
      return {};
    }
    const bool censored = length > kLongestAlert;
    if (censored) s.fields["stated_end"] = to_string(end.last);
    s.when.to = censored ? start.first + kLongestAlert : end.last;
    s.when.open_end = censored;
    return {};
  }

  Status details(const Row& row, model::Statement& s) const {
    if (parts_ != Columns::npos) {
      SURETY_TRY(s.fields["subalerts"], count_of(cell(row, parts_), "n_subalerts"));
    }
    if (const auto level = cell(row, level_); !level.empty()) s.fields["level"] = std::string(level);
    return {};
  }

  const Settings& settings_;
  TimeReader times_;
  std::size_t region_ = 0, start_ = 0, end_ = 0;
  std::size_t raion_, hromada_, level_, parts_, naive_;
};

}  // namespace

Result<std::unique_ptr<Reader>> make_alerts(const Columns& header, const Settings& s) {
  SURETY_TRY_STATUS(need_author(s, "alerts"));
  if (!s.places)
    return err(fail("feed.setting-needed", "alerts name regions, and no gazetteer says where they are")
                   .field("places")
                   .expected("the setting `places`: a CSV with name, aliases, lat, lon, radius_m, source")
                   .help("examples/truces-2025/places.csv holds the oblasts of Ukraine"));
  auto reader = std::make_unique<AlertsReader>(s, header);
  SURETY_TRY_STATUS(reader->open(header));
  return reader;
}

}  // namespace surety::feed
