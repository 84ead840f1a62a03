// Any bytes into every reader: no crash, no hang, the counts add up, and what comes out is canonical.
// The first byte chooses the format, so that one corpus serves all.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "feed/coding.h"
#include "feed/feed.h"
#include "feed/gazetteer.h"
#include "feed/lexicon.h"

namespace {

using namespace surety;

const feed::Settings& settings(std::uint8_t choice) {
  static const feed::Settings all[] = {[] {
    feed::Settings s;
    s.author = "fuzz";
    s.zone = "Europe/Kyiv";
    s.lag = Span::hours(24);
    s.batch = 3;
    s.places =
        feed::Gazetteer::parse("name,aliases,lat,lon,radius_m,source\nKyiv oblast,Kyivska oblast,50.34,30.25,140000,x\n", "p").value();
    return s;
  }()};
  static thread_local feed::Settings s;
  constexpr const char* kFormats[] = {"auto", "statements", "alerts", "air-attacks", "events"};
  s = all[0];
  s.format = kFormats[choice % 5];
  return s;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto counts = feed::import_bytes(bytes, "fuzz", settings(data[0]), [](feed::Batch&& b) -> Status {
    for (const auto& s : b.statements) {
      const auto again = model::parse_statement(model::canonical(s));
      SURETY_CHECK(again && again->id == s.id);
    }
    for (const auto& q : b.quarantined) SURETY_CHECK(!to_json(q).empty() && !q.reason.code.empty());
    return {};
  });
  if (counts) SURETY_CHECK(counts->rows == counts->statements + counts->duplicates + counts->quarantined);
  (void)feed::Gazetteer::parse(bytes, "g");
  (void)feed::Lexicon::parse(bytes, "l");
  (void)feed::CodingSheet::parse(bytes, "c");
  return 0;
}
