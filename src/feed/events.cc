// Format `events`: one report a row, with a point, a time of publication, labels and free text, such
// as the VIINA extract (datetime, lon, lat, place_name, event_type, headline).
//
// What is reported had happened by the time of publication and not longer than `lag` before it:
// [published - lag, published]. 00:00:00 says that only the day is known, so published is then the
// whole local day. One row gives one statement: of several labels the one that stands first in kLabels
// decides, acts before their consequences; all of them stay in field `labels`. With a lexicon the
// class is read from the text and the labels are only kept. With a gazetteer, a place's name that it
// knows takes the gazetteer's circle, because such feeds set a whole region on one village's point.
//
// A row is the same report again when its time of day is unknown and the same text stood at the same
// place within kRepeatDays before: such feeds scrape a news page anew each day, and what stood there
// yesterday is not news of today. Rows with a time of day are never merged by this rule.
#include <fmt/format.h>

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <limits>
#include <optional>

#include "base/bytes.h"
#include "feed/gazetteer.h"
#include "feed/lexicon.h"
#include "feed/reader.h"
#include "feed/row_key.h"

namespace surety::feed {
namespace {

constexpr Span kRepeatDays = Span::hours(4 * 24);

struct Label {
  std::string_view label;
  std::string_view event;
};

// Labels of VIINA 2.0 (codebook in its README), with our reading. Its extract lost a final t to b:
// both spellings stand here. Broader than they sound on purpose: `artillery` covers mortars and
// rockets, `airstrike` bombs, helicopters and missiles, so the weapon is not said; `uav` covers
// surveillance too but is read as a strike because its reports are of attacks; `aad` says that
// something in the air was fired at, not that it attacked; `raid` and `armor` are ground attacks.
constexpr std::array kLabels{Label{"uav", "strike.drone"},
                             Label{"airstrike", "strike"},
                             Label{"artillery", "fire"},
                             Label{"armor", "assault"},
                             Label{"raid", "assault"},
                             Label{"firefight", "fire.small-arms"},
                             Label{"firefighb", "fire.small-arms"},
                             Label{"ied", "explosion"},
                             Label{"aad", "overflight"},
                             Label{"hospital", "infrastructure"},
                             Label{"hospitals", "infrastructure"},
                             Label{"civcas", "casualties.civilian"},
                             Label{"milcas", "casualties.military"},
                             Label{"property", "infrastructure"},
                             Label{"occupy", "control"},
                             Label{"control", "control"},
                             Label{"cyber", "cyber"},
                             Label{"arrest", "detention"},
                             Label{"arresb", "detention"},
                             Label{"airalert", "alert.air"},
                             Label{"airalerb", "alert.air"},
                             Label{"retreat", "movement"},
                             Label{"retreab", "movement"},
                             Label{"loc", ""},
                             Label{"san", ""}};  // loc: names a place; san: sanctions. Neither is an event

// Classes of docs/taxonomy.md may stand as labels too.
constexpr std::array<std::string_view, 12> kRoots{"fire",    "strike",     "assault",        "explosion",    "alert",     "movement",
                                                  "control", "casualties", "infrastructure", "interference", "abduction", "mine"};

bool is_class(std::string_view label) {
  for (const auto root : kRoots)
    if (label.starts_with(root) && label.size() > root.size() && label[root.size()] == '.') return true;
  return false;
}

std::size_t rank_of(std::string_view label) {
  for (std::size_t i = 0; i < kLabels.size(); ++i)
    if (kLabels[i].label == label) return i + 1;
  for (const auto root : kRoots)
    if (label == root) return kLabels.size() + 1;
  return is_class(label) ? 0 : std::numeric_limits<std::size_t>::max();
}

// The class, empty for labels that are no events; nothing when no label is known.
std::optional<std::string> class_of_labels(std::string_view labels) {
  std::size_t best = std::numeric_limits<std::size_t>::max();
  std::optional<std::string> out;
  while (!labels.empty()) {
    const auto cut = labels.find_first_of("|;");
    auto label = labels.substr(0, cut);
    while (label.starts_with(' ')) label.remove_prefix(1);
    while (label.ends_with(' ')) label.remove_suffix(1);
    if (const auto rank = rank_of(label); rank < best) {
      best = rank;
      out = std::string(rank >= 1 && rank <= kLabels.size() ? kLabels[rank - 1].event : label);
    }
    labels = cut == std::string_view::npos ? std::string_view{} : labels.substr(cut + 1);
  }
  return out;
}

class EventsReader : public Reader {
 public:
  explicit EventsReader(const Settings& s) : settings_(s), times_(s.zone) {}
  Status open(const Columns& c) {
    SURETY_TRY(time_, c.need({"datetime", "date_time", "timestamp", "date"}));
    SURETY_TRY(lon_, c.need({"lon", "longitude"}));
    SURETY_TRY(lat_, c.need({"lat", "latitude"}));
    SURETY_TRY(label_, c.need({"event_type", "labels", "type"}));
    place_ = c.find({"place_name", "place", "location"});
    text_ = c.find({"headline", "text", "notes"});
    return {};
  }
  Result<model::Statement> read(const Row& row) override {
    model::Statement s = begin_statement(settings_, "news-report");
    repeated_ = false;
    SURETY_TRY_STATUS(time(row, s));
    note_repeat(row, s);
    SURETY_TRY(s.place, place(row));
    classify(row, s);
    if (settings_.keep_text) s.text = cell(row, text_);
    return s;
  }
  bool repeated() const override { return repeated_; }

  Error no_class(const Row& row) const override {
    const auto labels = cell(row, label_);
    if (settings_.lexicon) {
      const auto hit = settings_.lexicon->find(cell(row, text_));
      return fail("feed.no-class",
                  hit ? "the lexicon says that such a text tells of no incident" : "no stem of the lexicon stands in this row's text")
          .field("headline")
          .found(hit ? hit->stem : std::string())
          .expected("a stem with an event")
          .help("a coding sheet can say what a person reads here");
    }
    if (labels.empty() || class_of_labels(labels))
      return fail("feed.no-class", "no label of this row says what happened")
          .field("event_type")
          .found(std::string(labels))
          .expected("a label of an event")
          .help("read the text and code the row by hand, or give a lexicon");
    return fail("feed.unknown-label", "none of this row's labels is known")
        .field("event_type")
        .found(std::string(labels))
        .expected("labels of docs/feeds.md, or a class of docs/taxonomy.md")
        .help("add the label to the table in src/feed/events.cc with its reading");
  }

 private:
  Status time(const Row& row, model::Statement& s) {
    const auto text = cell(row, time_);
    SURETY_TRY(Stamp published, times_.read(text, "datetime"));
    if (settings_.midnight_unknown && !published.date_only && text.size() == 19 && text.ends_with("00:00:00")) {
      SURETY_TRY(published, times_.read(text.substr(0, 10), "datetime"));
    }
    s.when = {published.first - *settings_.lag, published.last, false, false};
    s.known_at = published.last;
    return {};
  }

  void note_repeat(const Row& row, const model::Statement& s) {
    const auto text = cell(row, text_);
    if (text.empty()) return;
    const RowKey key(sha256(cell(row, place_), "\n", text));
    const bool time_unknown = s.when.to - s.when.from > *settings_.lag;
    auto [at, fresh] = last_seen_.try_emplace(key, s.known_at);
    repeated_ = !fresh && time_unknown && s.known_at - at->second <= kRepeatDays && at->second <= s.known_at;
    at->second = s.known_at;
  }

  Result<std::optional<model::Place>> place(const Row& row) const {
    const auto name = cell(row, place_);
    if (const auto* known = settings_.places ? settings_.places->find(name) : nullptr) return std::optional(*known);
    model::Place p{std::string(name), false, 0, 0, 0};
    const auto lat = cell(row, lat_), lon = cell(row, lon_);
    if (lat.empty() && lon.empty()) return p.name.empty() ? std::nullopt : std::optional(p);
    const auto read = [](std::string_view text, int limit, const char* field, std::int32_t& out) -> Status {
      auto e6 = degrees_e6(text, limit);
      if (!e6) return err(std::move(e6.error()).field(field));
      out = *e6;
      return {};
    };
    SURETY_TRY_STATUS(read(lat, 90, "lat", p.lat_e6));
    SURETY_TRY_STATUS(read(lon, 180, "lon", p.lon_e6));
    p.located = true;
    p.radius_m = settings_.radius_m;
    return std::optional(p);
  }

  // Leaves the event empty when neither labels nor text nor a person's reading gives one.
  void classify(const Row& row, model::Statement& s) const {
    const auto labels = cell(row, label_);
    if (!labels.empty()) s.fields["labels"] = std::string(labels);
    if (!settings_.lexicon) {
      s.event = class_of_labels(labels).value_or("");
    } else if (const auto hit = settings_.lexicon->find(cell(row, text_)); hit && !hit->event.empty()) {
      s.event = hit->event;
      s.fields["read_from_text"] = hit->stem;
    }
  }

  const Settings& settings_;
  TimeReader times_;
  bool repeated_ = false;
  boost::unordered_flat_map<RowKey, Instant> last_seen_;  // text and place → when last reported
  std::size_t time_ = 0, lon_ = 0, lat_ = 0, label_ = 0, place_ = 0, text_ = 0;
};

}  // namespace

Result<std::unique_ptr<Reader>> make_events(const Columns& header, const Settings& s) {
  SURETY_TRY_STATUS(need_author(s, "events"));
  if (!s.lag)
    return err(fail("feed.lag-needed", "the rows carry the time of a report, and nothing says how old its news may be")
                   .field("lag")
                   .expected("the setting `lag`, for example 24 h; 0 h when the column is the event's own time")
                   .help("a report tells of what happened before it: the event lies in [published - lag, published]"));
  auto reader = std::make_unique<EventsReader>(s);
  SURETY_TRY_STATUS(reader->open(header));
  return reader;
}

}  // namespace surety::feed
