#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/calendar.h"
#include "report/sections.h"

namespace surety::report {
namespace {

using model::DutyState;

std::string joined(const std::vector<std::string>& list, const char* between = ", ") { return fmt::format("{}", fmt::join(list, between)); }

// A joint duty names its bearers in one line.
std::vector<std::string> split(const std::string& names) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= names.size();) {
    const auto end = std::min(names.find(", ", at), names.size());
    out.push_back(names.substr(at, end - at));
    at = end + 2;
  }
  return out;
}

// In a table of many cells the absence is understood; `surety status` gives it in full.
std::string short_of(std::string text) {
  for (std::size_t at = 0; (at = text.find(": none recorded among ")) != std::string::npos;) {
    const auto end = text.find(" statements", at);
    text.erase(at, end == std::string::npos ? std::string::npos : end + 11 - at);
  }
  if (const auto doubled = text.find(": waits for "); text.starts_with("reserved until ") && doubled != std::string::npos)
    text.erase(doubled);
  return text;
}

// The verdict's own sentence repeats what the table's columns say: "x to y at <time>: why".
std::string reason_of(const std::string& sentence) {
  const auto at = sentence.find(" at ");
  const auto colon = sentence.find(": ", at == std::string::npos ? 0 : at);
  return at == std::string::npos || colon == std::string::npos ? sentence : sentence.substr(colon + 2);
}

std::string state_text(const model::DutyVerdict& v) {
  std::string text(name(v.state));
  if (!v.reading.empty()) text += " (reading “" + v.reading + "” only)";
  return text;
}

}  // namespace

void standing_part(Document& d, const engine::Instrument& i) {
  const auto& s = i.outcome.standing;
  std::string text;
  if (s.in_force == model::Truth::holds) {
    text = s.because.empty() ? "In force." : "Yes:";
  } else {
    const bool ended = s.until && s.because.starts_with("the term ended");
    text = s.in_force != model::Truth::fails ? "Whether it is in force is undetermined:" : ended ? "Ended:" : "Not in force:";
  }
  d.say(text + (s.because.empty() ? "" : " " + s.because + "."));
}

// One table a machine: its states in order, what was only possible marked so.
void state_part(Document& d, const engine::Instrument& i, const Window& w) {
  d.heading(2, "The state over time");
  if (i.outcome.states.empty()) return d.say("no change of state recorded");
  std::map<std::string, Table> machines;
  for (const auto& v : i.outcome.states) {
    Table& t = machines.try_emplace(v.machine, Table{{"when (" + w.zone + ")", v.machine, "why"}, {}, {}}).first->second;
    std::string why = reason_of(v.witness.text);
    if (!v.parameters.empty()) why += " [our parameters: " + joined(v.parameters) + "]";
    t.rows.push_back({local_text(v.event_time, w.zone), v.certain ? v.to : "(possibly " + v.to + ")",
                      v.certain ? why : "not certain, so not counted: " + why});
  }
  for (const auto& m : i.agreement->machines)
    if (const auto it = machines.find(m.name); it != machines.end()) d.table(std::move(it->second));
}

void breach_part(Document& d, const engine::Instrument& i) {
  d.heading(2, "Breaches: what occurred, and what can be laid at anybody's door");
  Table tally{
      {"clause", "occurred", "attributed as required", "occurred, not attributed", "excused"}, {}, "no prohibition in this instrument"};
  for (const auto& t : i.outcome.tallies) {
    const auto* clause = i.agreement->clause(t.clause);
    tally.rows.push_back({t.clause + (clause ? " " + clause->title : ""),
                          t.occurred_certain == t.occurred_possible ? std::to_string(t.occurred_certain)
                                                                    : fmt::format("{} to {}", t.occurred_certain, t.occurred_possible),
                          std::to_string(t.attributed), std::to_string(t.unattributed), std::to_string(t.excused)});
  }
  d.table(std::move(tally));
  std::vector<std::string> lines;
  std::size_t breaches = 0;
  for (const auto& v : i.outcome.duties) {
    if (v.state != DutyState::breached || ++breaches > 20) continue;
    lines.push_back(fmt::format("Clause {}: {}{} ({})", v.clause, v.witness.text,
                                v.reading.empty() ? "" : ", in reading “" + v.reading + "” only", v.id.substr(0, 10)));
  }
  if (lines.empty()) return d.say("No breach: nothing that occurred is attributed as this text requires.");
  d.say("Breaches as this text defines them, each with the verdict that `surety explain --verdict` opens:");
  d.items(std::move(lines));
  if (breaches > 20) d.say(fmt::format("… and {} more: surety duties --all", breaches - 20));
}

void duty_part(Document& d, const engine::Instrument& i, const std::string& zone, bool all) {
  d.heading(2, "Duties");
  Table t{{"clause", "bearer", "what", "state", "due", "binding", "why, or what it waits for"}, {}, "no duty recorded"};
  const auto add = [&](const model::DutyVerdict& v) {
    t.rows.push_back({v.clause, v.bearer, v.title + ": " + v.action, state_text(v), v.due ? due_text(v, zone) : "no deadline",
                      std::string(name(v.binding)), v.waits_for.empty() ? v.witness.text : "waits for: " + v.waits_for});
  };
  if (all) {
    for (const auto& v : i.outcome.duties) add(v);
  } else {
    for (const auto n : i.outcome.current) add(i.outcome.duties[n]);
  }
  d.table(std::move(t));
}

// Clauses that wait for the same thing are one line.
void waiting_part(Document& d, const engine::Instrument& i) {
  std::vector<std::pair<std::string, std::vector<std::string>>> lines;  // text → subjects, in the text's order
  for (const auto& w : i.outcome.waiting) {
    if (w.why == duty::Waiting::Why::unmonitorable) continue;
    std::string text = w.text;
    if (const auto doubled = text.find(": waits for "); text.starts_with("reserved until ") && doubled != std::string::npos)
      text.erase(doubled);
    const auto it = std::find_if(lines.begin(), lines.end(), [&](const auto& l) { return l.first == text; });
    if (it == lines.end()) {
      lines.push_back({text, {w.subject}});
    } else if (std::find(it->second.begin(), it->second.end(), w.subject) == it->second.end()) {
      it->second.push_back(w.subject);
    }
  }
  if (lines.empty()) return;
  d.heading(2, "What is waited for");
  std::vector<std::string> items;
  for (const auto& [text, subjects] : lines) items.push_back(joined(subjects) + ": " + text);
  d.items(std::move(items));
}

// A clause's title and state stand on its first row only; clauses with nothing recorded share one line.
void fulfilment_part(Document& d, const engine::Instrument& i) {
  d.heading(2, "Promised, done, open");
  Table t{{"clause", "party", "promised", "done", "open"}, {}, "no promise and no performance is recorded"};
  const auto amounts = [](const std::map<std::string, model::Amount>& by_stage) {
    std::string text;
    for (const auto& [stage, amount] : by_stage) text += (text.empty() ? "" : "; ") + stage + ": " + model::to_string(amount);
    return text;
  };
  std::vector<std::string> silent;
  for (const auto& c : i.account.clauses) {
    if (c.balances.empty()) silent.push_back(c.clause + " " + c.title);
    std::string head = c.clause + " " + c.title + " [" + c.state + "]";
    for (const auto& b : c.balances) {
      t.rows.push_back({head, b.party, b.item + (b.promised.empty() ? "" : ", " + amounts(b.promised)), amounts(b.done),
                        b.open ? model::to_string(*b.open) : "no figure"});
      head.clear();
    }
  }
  d.table(std::move(t));
  if (!silent.empty()) d.say("Nothing recorded, neither promised nor done: " + joined(silent, "; ") + ".");
}

namespace {

// How one duty stands, in the few words that a cell holds.
std::string stands(const model::DutyVerdict& v, const std::string& zone) {
  std::string how(name(v.state));
  if (!v.reading.empty()) how += " in reading “" + v.reading + "”";
  if (v.state == DutyState::due || v.state == DutyState::triggered)
    how += v.due ? ", by " + local_text(*v.due, zone) + " " + zone : ", no deadline";
  if (v.binding == model::Binding::reserved) return how + " until it is concluded [reserved]";
  if (!v.waits_for.empty()) how += ", waits for " + short_of(v.waits_for);
  return how + " [" + std::string(name(v.binding)) + "]";
}

// Thirty-two allies that owe one thing are named as the text names them.
std::string who(const plan::Agreement& a, const std::string& clause, const std::vector<std::string>& bearers) {
  const auto* c = a.clause(clause);
  if (bearers.size() > 3 && c && bearers.size() == c->bearers.size()) return fmt::format("{} ({})", c->bearer_words, bearers.size());
  return bearers.size() > 4 ? fmt::format("{} and {} more", bearers.front(), bearers.size() - 1) : joined(bearers);
}

using Cells = std::map<std::string, std::vector<std::string>>;  // kind of duty → one line a clause

Cells cells_of(const engine::Instrument& i) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> bearers;  // (clause, how) → who
  std::map<std::pair<std::string, std::string>, std::string> kinds;
  for (const auto k : i.outcome.current) {
    const auto& v = i.outcome.duties[k];
    const std::pair key{v.clause, stands(v, i.agreement->clock.zone)};
    for (const auto& one : split(v.bearer))
      if (auto& list = bearers[key]; std::find(list.begin(), list.end(), one) == list.end()) list.push_back(one);
    kinds[key] = v.kind.empty() ? "other" : v.kind;
  }
  Cells cells;
  for (const auto& [key, names] : bearers)
    cells[kinds[key]].push_back(key.first + ": " + who(*i.agreement, key.first, names) + " " + key.second);
  return cells;
}

}  // namespace

// Rows are kinds of duty, columns are instruments; a cell says who owes it and how it stands.
void compare_part(Document& d, const engine::World& world) {
  Table t{{"on the same events"}, {}, "nothing to compare"};
  std::vector<Cells> columns;
  std::map<std::string, std::size_t> rows;  // kind → lines that its tallest cell needs
  for (const auto& i : world.instruments) {
    t.columns.push_back(i.agreement->name);
    columns.push_back(cells_of(i));
    for (const auto& [kind, lines] : columns.back()) rows[kind] = std::max(rows[kind], lines.size());
  }
  for (const auto& [kind, height] : rows)
    for (std::size_t n = 0; n < height; ++n) {
      std::vector<std::string> row{n ? "" : kind};
      for (auto& cells : columns) {
        const auto& lines = cells[kind];
        row.push_back(n < lines.size() ? lines[n] : n ? "" : "nothing");
      }
      t.rows.push_back(std::move(row));
    }
  d.table(std::move(t));
}

}  // namespace surety::report
