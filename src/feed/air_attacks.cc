// Format `air-attacks`: counts of missiles and drones per reporting window, one row a weapon model, as
// the Air Force Command of Ukraine publishes them and Petro Ivaniuk collects them.
//
// A window is not a duration: the weapons came somewhere in [time_start, time_end]. A date alone is
// the whole local day. The bulletin is known at the window's end at the earliest; nothing says when it
// was published. An empty count is unknown. `launched` is the reporting side's count of the other.
#include <fmt/format.h>

#include <array>

#include "feed/gazetteer.h"
#include "feed/reader.h"

namespace surety::feed {
namespace {

struct Model {
  std::string_view begins;  // of the model's name in the file
  std::string_view event;
};

// Reading of the model names, by how they begin. One-way attack drones strike. A drone for
// reconnaissance, one that may also be armed, and one of unknown kind are only reported as flying:
// they overfly. Glide bombs come from aircraft.
constexpr std::array kModels{Model{"Shahed", "strike.drone"},
                             Model{"Lancet", "strike.drone"},
                             Model{"Молнія", "strike.drone"},
                             Model{"Привет", "strike.drone"},
                             Model{"Kub", "strike.drone"},
                             Model{"Orlan", "overflight"},
                             Model{"Orion", "overflight"},
                             Model{"ZALA", "overflight"},
                             Model{"Supercam", "overflight"},
                             Model{"Eleron", "overflight"},
                             Model{"Merlin", "overflight"},
                             Model{"Reconnaissance UAV", "overflight"},
                             Model{"Unknown UAV", "overflight"},
                             Model{"Mohajer", "overflight"},
                             Model{"Forpost", "overflight"},
                             Model{"Granat", "overflight"},
                             Model{"Картограф", "overflight"},
                             Model{"Iskander", "strike.missile"},
                             Model{"KN-23", "strike.missile"},
                             Model{"X-", "strike.missile"},
                             Model{"Kalibr", "strike.missile"},
                             Model{"P-800", "strike.missile"},
                             Model{"C-300", "strike.missile"},
                             Model{"C-400", "strike.missile"},
                             Model{"3M22", "strike.missile"},
                             Model{"Banderol", "strike.missile"},
                             Model{"Ballistic Missile", "strike.missile"},
                             Model{"Unknown Missile", "strike.missile"},
                             Model{"Unknown Ballistic", "strike.missile"},
                             Model{"Intercontinental", "strike.missile"},
                             Model{"GBU", "strike.air"},
                             Model{"Aerial Bomb", "strike.air"}};

std::string_view event_of(std::string_view model) {
  for (const auto& m : kModels)
    if (model.starts_with(m.begins)) return m.event;
  return "strike";  // the file lists attacks: that is all we know of a name not in the table
}

// Several models in one row: the class that all of them allow.
std::string event_of_row(std::string_view models) {
  std::string out;
  for (;;) {
    const auto cut = models.find(" and ");
    const auto event = event_of(models.substr(0, cut));
    if (out.empty()) out = event;
    if (out != event) out = "strike";
    if (cut == std::string_view::npos) return out;
    models.remove_prefix(cut + 5);
  }
}

class AirAttacksReader : public Reader {
 public:
  explicit AirAttacksReader(const Settings& s) : settings_(s), times_(s.zone) {}
  Status open(const Columns& c) {
    SURETY_TRY(start_, c.need({"time_start"}));
    SURETY_TRY(end_, c.need({"time_end"}));
    SURETY_TRY(model_, c.need({"model"}));
    SURETY_TRY(launched_, c.need({"launched"}));
    SURETY_TRY(destroyed_, c.need({"destroyed"}));
    target_ = c.find({"target"});
    lost_ = c.find({"not_reach_goal"});
    hits_ = c.find({"num_hit_location"});
    bulletin_ = c.find({"source"});
    return {};
  }
  Result<model::Statement> read(const Row& row) override {
    model::Statement s = begin_statement(settings_, "official-report");
    const auto model = cell(row, model_);
    if (!model.empty()) {
      s.event = event_of_row(model);
      s.fields["model"] = std::string(model);
    }
    SURETY_TRY_STATUS(times(row, s));
    SURETY_TRY_STATUS(counts(row, s));
    place(row, s);
    if (const auto id = cell(row, bulletin_); !id.empty()) s.fields["bulletin"] = std::string(id);
    return s;
  }

  Error no_class(const Row&) const override {
    return fail("feed.no-class", "this row names no weapon").field("model").expected("a model's name");
  }

 private:
  Status times(const Row& row, model::Statement& s) {
    SURETY_TRY(const Stamp start, times_.read(cell(row, start_), "time_start"));
    SURETY_TRY(const Stamp end, times_.read(cell(row, end_), "time_end"));
    if (end.last < start.first)
      return err(fail("feed.negative-interval", "the window ends before it begins")
                     .field("time_end")
                     .found(std::string(cell(row, end_)))
                     .expected(fmt::format("not before {}", cell(row, start_))));
    s.when = {start.first, end.last, false, false};
    s.known_at = end.last;
    return {};
  }
  Status counts(const Row& row, model::Statement& s) const {
    SURETY_TRY(s.fields["launched"], count_of(cell(row, launched_), "launched"));
    SURETY_TRY(s.fields["destroyed"], count_of(cell(row, destroyed_), "destroyed"));
    if (!cell(row, lost_).empty()) {
      SURETY_TRY(s.fields["lost_on_the_way"], count_of(cell(row, lost_), "not_reach_goal"));
    }
    if (!cell(row, hits_).empty()) {
      SURETY_TRY(s.fields["hit_locations"], count_of(cell(row, hits_), "num_hit_location"));
    }
    return {};
  }
  // "south", "Dnipro and Kharkiv": a name that the gazetteer does not know stays a name. Of "Odesa
  // oblast, Black Sea" the part before the comma is looked up, and its circle holds for the whole.
  void place(const Row& row, model::Statement& s) const {
    const auto target = cell(row, target_);
    if (target.empty()) return;
    s.place = model::Place{std::string(target), false, 0, 0, 0};
    if (!settings_.places) return;
    const auto* known = settings_.places->find(target);
    if (!known) known = settings_.places->find(target.substr(0, target.find(',')));
    if (!known) return;
    s.place = *known;
    s.place->name = target;
  }

  const Settings& settings_;
  TimeReader times_;
  std::size_t start_ = 0, end_ = 0, model_ = 0, launched_ = 0, destroyed_ = 0;
  std::size_t target_ = 0, lost_ = 0, hits_ = 0, bulletin_ = 0;
};

}  // namespace

Result<std::unique_ptr<Reader>> make_air_attacks(const Columns& header, const Settings& s) {
  SURETY_TRY_STATUS(need_author(s, "air-attacks"));
  auto reader = std::make_unique<AirAttacksReader>(s);
  SURETY_TRY_STATUS(reader->open(header));
  return reader;
}

}  // namespace surety::feed
