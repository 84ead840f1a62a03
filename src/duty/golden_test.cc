// Readable cases: an agreement, one statement a line, and the verdicts expected of them. One file a
// case in tests/golden/duty; SURETY_RESET=1 rewrites what is expected, and review reads the diff.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include "base/files.h"
#include "duty/cases.h"

namespace surety::duty {
namespace {

struct Section {
  std::string name, text;
};

std::vector<Section> sections(const std::string& file) {
  std::vector<Section> out;
  std::istringstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("--- ", 0) == 0)
      out.push_back({line.substr(4), ""});
    else if (!out.empty())
      out.back().text += line + "\n";
  }
  return out;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line[0] != '#') out.push_back(line);
  return out;
}

// WHEN KIND AUTHOR EVENT [by=PARTY] [grade=G] [attributed=G] [name=ID] [about=NAME,…] [clauses=…]
// [known=WHEN] [to=WHEN] [field=value …]; a value "?" is unknown, "#" withheld, "3..5 km" an amount.
struct Case {
  std::vector<model::Statement> statements;
  std::vector<model::Incident> incidents;
  std::map<std::string, std::string> names;  // id → name

  std::string named(std::string text) const {
    for (const auto& [id, name] : names)
      for (std::size_t p; (p = text.find(id)) != std::string::npos;) text.replace(p, id.size(), name);
    return text;
  }
};

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, by);)
    if (!part.empty()) out.push_back(part);
  return out;
}

model::FieldValue value(const std::string& text) {
  if (text == "?") return model::Unknown{};
  if (text == "#") return model::Withheld{};
  const auto dots = text.find("..");
  if (dots == std::string::npos) {
    const auto n = Decimal::parse(text);
    if (n) return model::Amount{*n, *n, "", ""};
    return text;
  }
  return model::Amount{Decimal::parse(text.substr(0, dots)).value(), Decimal::parse(text.substr(dots + 2)).value(), "", ""};
}

void add(Case& c, const std::string& text) {
  const auto words = split(text, ' ');
  model::Statement s = say(model::kind_of(words[1]).value(), words[2], words[3], words[0]);
  std::string name;
  model::Grade grade = model::Grade::reported, attributed = model::Grade::reported;
  for (std::size_t i = 4; i < words.size(); ++i) {
    const auto eq = words[i].find('=');
    const std::string key = words[i].substr(0, eq), v = words[i].substr(eq + 1);
    if (key == "by")
      s.actor = v;
    else if (key == "grade")
      grade = model::grade_of(v).value();
    else if (key == "attributed")
      attributed = model::grade_of(v).value();
    else if (key == "name")
      name = v;
    else if (key == "clauses")
      s.clauses = split(v, ',');
    else if (key == "known")
      s.known_at = at(v);
    else if (key == "to")
      s.when.to = s.known_at = at(v);
    else if (key == "origin")
      s.origin = v;
    else if (key == "exercise")
      s.exercise = model::exercise_of(v).value();
    else if (key == "about") {
      for (const auto& n : split(v, ','))
        for (const auto& [id, known] : c.names)
          if (known == n && id[0] == 's') s.about.push_back(id);
    } else {
      s.fields[key] = value(v);
    }
  }
  model::seal(s);
  if (!name.empty()) c.names[s.id] = name;
  if (s.kind == model::Kind::observation) {
    c.incidents.push_back(incident_of(s, grade, attributed));
    if (!name.empty()) c.names[c.incidents.back().id] = name;
  }
  c.statements.push_back(std::move(s));
}

std::string stamp(Instant t) { return t == Instant::min() ? "-" : to_string(t); }

std::string render(const Outcome& o, const Case& c) {
  std::string out = "standing: " + o.standing.because + "\n";
  for (const auto& v : o.states)
    out += "state " + v.machine + ": " + (v.from.empty() ? "(begin)" : v.from) + " to " + v.to + " at " + stamp(v.event_time) + " known " +
           stamp(v.known_at) + (v.certain ? "" : " possible only") + "\n";
  for (const auto& v : o.duties) {
    out += "duty " + v.clause + " " + v.bearer + ": " + std::string(model::name(v.state)) + " at " + stamp(v.event_time) + " known " +
           stamp(v.known_at);
    if (v.due) out += " due " + stamp(*v.due);
    if (!v.trigger.empty()) out += " trigger " + v.trigger;
    if (!v.reading.empty()) out += " reading " + v.reading;
    out += "\n    " + (v.waits_for.empty() ? v.witness.text : "waits for " + v.waits_for) + "\n";
  }
  for (const auto& t : o.tallies)
    out += "tally " + t.clause + ": occurred " + std::to_string(t.occurred_certain) + " to " + std::to_string(t.occurred_possible) +
           ", attributed " + std::to_string(t.attributed) + ", unattributed " + std::to_string(t.unattributed) + ", excused " +
           std::to_string(t.excused) + "\n";
  for (const auto& w : o.waiting) out += "waiting " + w.subject + " (" + name(w.why) + "): " + w.text + "\n";
  for (const auto& p : o.problems) out += "problem " + p.code + ": " + p.message + "\n";
  return c.named(out);
}

std::vector<std::string> case_files() {
  std::vector<std::string> out;
  for (const auto& f : std::filesystem::directory_iterator(std::string(SURETY_SOURCE_DIR) + "/tests/golden/duty"))
    if (f.path().extension() == ".case") out.push_back(f.path().string());
  std::sort(out.begin(), out.end());
  return out;
}

// A case may run the same evidence at several moments: "--- verdicts now=… [known=…] [view=…]".
TEST(Golden, Duty) {
  const bool reset = std::getenv("SURETY_RESET") != nullptr;
  ASSERT_FALSE(case_files().empty());
  for (const auto& path : case_files()) {
    SCOPED_TRACE(path);
    auto parts = sections(read_file(path).value());
    std::string written;
    plan::Agreement a;
    Case c;
    for (auto& part : parts) {
      if (part.name == "agreement") a = agreement(part.text);
      if (part.name == "statements")
        for (const auto& line : lines(part.text)) add(c, line);
      if (part.name.rfind("verdicts", 0) == 0) {
        Options o;
        for (const auto& w : split(part.name, ' ')) {
          if (w.rfind("now=", 0) == 0) o.now = at(w.substr(4));
          if (w.rfind("known=", 0) == 0) o.known_at = at(w.substr(6));
          if (w.rfind("view=", 0) == 0) o.view = model::exercise_of(w.substr(5)).value();
        }
        std::vector<model::Incident> known;
        for (const auto& i : c.incidents)
          if (i.known_at <= o.known_at) known.push_back(i);
        const auto out = decide(a, known, c.statements, o);
        ASSERT_TRUE(out) << out.error().text();
        const std::string text = render(*out, c);
        if (!reset) {
          EXPECT_EQ(text, part.text);
        }
        part.text = text;
      }
      written += "--- " + part.name + "\n" + part.text;
    }
    if (reset) {
      ASSERT_TRUE(write_file_atomically(path, written));
    }
  }
}

}  // namespace
}  // namespace surety::duty
