#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "base/json_out.h"
#include "duty/run.h"

namespace surety::duty {
namespace {

template <class V>
void set_id(V& v) {
  V bare = v;
  bare.id.clear();
  bare.supersedes.clear();
  bare.known_at = Instant{0};
  bare.witness = {};
  v.id = "v-" + hex(sha256(model::to_json(bare))).substr(0, 16);
}

// What is recorded of a pattern short of what it asks: the same without its grades.
std::size_t short_of_grade(const Run& run, const plan::Pattern& p) {
  if (p.occurrence <= model::Grade::claimed && p.attribution <= model::Grade::claimed) return 0;
  plan::Pattern loose = p;
  loose.occurrence = loose.attribution = model::Grade::none;
  std::size_t n = 0;
  std::uint32_t last = UINT32_MAX;
  for (const auto& m : match(run.world, run.agreement, loose, run.window)) {
    n += m.certain && m.happening != last && m.at <= run.now;
    last = m.happening;
  }
  return n;
}

// How many happenings surely match, and for "each of" those parties that are still missing.
std::size_t recorded(const Run& run, const plan::Pattern& p, std::vector<std::string>& missing) {
  std::size_t n = 0;
  std::uint32_t last = UINT32_MAX;
  std::set<std::string_view> parties;
  for (const auto& m : run.matches[p.index]) {
    if (!m.certain || m.at > run.now) continue;
    n += m.happening != last;
    last = m.happening;
    parties.insert(m.party);
  }
  if (p.each_party)
    for (const auto& party : p.parties)
      if (!parties.contains(party)) missing.push_back(party);
  return n;
}

}  // namespace

std::string joined(const std::vector<std::string>& list) { return fmt::format("{}", fmt::join(list, ", ")); }

std::string after_waits_for(const std::string& text) {
  const std::string mark = "waits for ";
  const auto at = text.find(mark);
  return at == std::string::npos ? text : text.substr(at + mark.size());
}

void finish(model::StateVerdict& v) { set_id(v); }
void finish(model::DutyVerdict& v) { set_id(v); }

const char* name(Waiting::Why why) {
  switch (why) {
    case Waiting::Why::condition:
      return "condition";
    case Waiting::Why::reserved:
      return "reserved";
    case Waiting::Why::decision:
      return "decision";
    case Waiting::Why::attribution:
      return "attribution";
    case Waiting::Why::notice:
      return "notice";
    case Waiting::Why::unmonitorable:
      return "unmonitorable";
    case Waiting::Why::invalid:
      return "invalid";
  }
  return "";
}

std::string ask_for(const Run& run, const plan::Pattern& p) {
  std::string out = p.text.empty() ? p.name : p.text;
  const bool graded = out.find("at least") != std::string::npos;
  if (!graded && p.occurrence > model::Grade::none) out += fmt::format(", at least {}", model::name(p.occurrence));
  if (!graded && p.attribution > model::Grade::none) out += fmt::format(", attributed at least {}", model::name(p.attribution));
  if (p.decided) return out + ", decided by " + p.decided_by;
  if (const auto* event = run.agreement.event(p.name); event && !event->observed_by.empty())
    out += ", observed by " + joined(event->observed_by);
  return out;
}

Waiting waiting_for(Run& run, const std::string& subject, const plan::Condition& c, Waiting::Why why) {
  Waiting w;
  w.why = why;
  w.instrument = run.agreement.name;
  w.subject = subject;
  w.scanned = run.world.scanned();
  std::string missing;
  for (const auto k : c.patterns) {
    const auto& p = run.agreement.patterns[k];
    std::vector<std::string> absent;
    const std::size_t n = recorded(run, p, absent);
    if (n && absent.empty()) continue;
    const std::size_t close = short_of_grade(run, p);
    missing += missing.empty() ? "" : "; ";
    missing += ask_for(run, p);
    missing += n       ? fmt::format(": still missing: {}, among {} statements", joined(absent), w.scanned)
               : close ? fmt::format(": {} recorded, none at that grade, among {} statements", close, w.scanned)
                       : fmt::format(": none recorded among {} statements", w.scanned);
    if (w.event.empty()) {
      w.event = p.name;
      w.grade = p.occurrence;
      const auto* event = run.agreement.event(p.name);
      w.body = p.decided ? p.decided_by : event ? joined(event->observed_by) : std::string();
    }
  }
  if (missing.empty()) missing = c.text + ": does not hold";
  w.text = "waits for " + missing;
  return w;
}

std::string to_json(const Waiting& w) {
  JsonOut j;
  j.object().member("kind", "waiting").member("why", name(w.why)).member("instrument", w.instrument);
  j.member("subject", w.subject).member("text", w.text);
  if (!w.event.empty()) j.member("event", w.event);
  if (w.grade > model::Grade::none) j.member("grade", model::name(w.grade));
  if (!w.body.empty()) j.member("body", w.body);
  if (w.qualifying) j.member("qualifying", w.qualifying);
  if (!w.examples.empty()) {
    j.key("examples").array();
    for (const auto& id : w.examples) j.string(id);
    j.end();
  }
  return j.member("scanned", w.scanned).end().take();
}

std::string to_json(const Count& c) {
  JsonOut j;
  j.object().member("kind", "count").member("instrument", c.instrument).member("pattern", c.text);
  j.member("party", c.party);
  if (c.from) j.member("from", to_string(*c.from));
  if (c.until) j.member("until", to_string(*c.until));
  return j.member("certain", c.certain).member("possible", c.possible).end().take();
}

}  // namespace surety::duty
