#pragma once
// Parts of reports, each from the derived world. Every part says what it is about, gives grades beside
// facts, keeps "occurred" and "attributed" apart, and names what is not known. Times are shown in the
// agreement's own zone, with the zone named. No clock: the same world gives the same bytes.
#include <string>

#include "engine/world.h"
#include "report/document.h"

namespace surety::report {

// Title with mark, ready for parts.
Document begin(const engine::World& world, std::string title);

struct Window {
  Instant from, to;
  std::string zone;
};
// The agreement's own window while it has fixed ends, else everything known.
Window window_of(const engine::World& world, const engine::Instrument& instrument);

void standing_part(Document& d, const engine::Instrument& i);  // in force, or dormant and why
void base_rate_part(Document& d, const engine::World& world, const Window& w);
void incident_part(Document& d, const engine::World& world, const Window& w, std::size_t most);
void state_part(Document& d, const engine::Instrument& i, const Window& w);
void breach_part(Document& d, const engine::Instrument& i);
void duty_part(Document& d, const engine::Instrument& i, const std::string& zone, bool all);
void waiting_part(Document& d, const engine::Instrument& i);
void fulfilment_part(Document& d, const engine::Instrument& i);
void record_part(Document& d, const engine::World& world);  // how much stands, corrected, withdrawn

// What each instrument obliges on the same events, of whom, by when, one column an instrument.
void compare_part(Document& d, const engine::World& world);

// One verdict with its proof, down to the statements.
Document explanation(const engine::World& world, const engine::FoundVerdict& found);

// Whole reports.
Document briefing(const engine::World& world, const engine::Instrument& i);
Document daily(const engine::World& world, Instant from, Instant to, const std::string& zone, const std::string& date);

// Words used by several parts.
std::string time_text(const TimeRange& when, const std::string& zone);
std::string place_text(const model::Incident& i);
std::string attribution_text(const model::Incident& i);
std::string due_text(const model::DutyVerdict& v, const std::string& zone);

}  // namespace surety::report
