// Proofs as text and as JSON, and the facts at their leaves.
#include <fmt/format.h>

#include <set>

#include "base/json_out.h"
#include "logic/explain.h"
#include "logic/explain_shape.h"

namespace surety::logic {
namespace {

const char* name_of(Rule r) {
  static constexpr const char* kNames[] = {"fact",  "clock", "test", "negation", "all",       "one",        "witness", "at-point",
                                           "chain", "run",   "cut",  "at-least", "aggregate", "definition", "none",    "computed"};
  return kNames[static_cast<int>(r)];
}

// Each object once.
void collect(const Proof& p, std::set<const Proof*>& seen, std::set<FactId>& out) {
  if (!seen.insert(&p).second) return;
  if (p.rule == Rule::fact) out.insert(p.fact);
  for (const auto& c : p.children) collect(*c, seen, out);
}

// What a step rests on, for a person.
std::string because(const Proof& p) {
  const auto looked = [&] { return fmt::format("{} facts at points {} to {}", p.scanned, p.from, p.to); };
  switch (p.rule) {
    case Rule::fact:
      return fmt::format("fact {}", p.fact);
    case Rule::none:
      return "none among " + looked();
    case Rule::aggregate:
      return fmt::format("these {} and no others among {}", p.children.size(), looked());
    case Rule::at_least:
      return fmt::format("{} distinct witnesses", p.children.size());
    case Rule::computed:
      return fmt::format("computed over {}: more than {} uses of the name deep", looked(), kMostUnfoldings);
    case Rule::run:
      return fmt::format("a run from point {} to {}", p.from, p.to);
    case Rule::cut:
      return p.children.empty() ? "no run fits into the window"
                                : "no run gets past " + std::string(p.children.size() == 1 ? "this" : "these");
    case Rule::at_point:
      return !p.holds && p.children.empty() ? "no such point in the window" : name_of(p.rule);
    case Rule::definition:
      return p.children.empty() ? "not defined before this point" : name_of(p.rule);
    default:
      return name_of(p.rule);
  }
}

void print(const Proof& p, int indent, std::set<const Proof*>& written, std::string& out) {
  out += std::string(static_cast<std::size_t>(indent) * 2, ' ');
  out += fmt::format("{} at point {}: {}", p.holds ? "holds" : "fails", p.point, plan::text_short(p.formula, 70));
  if (!p.values.empty()) out += " with " + values_text(p.values);
  const bool again = !p.children.empty() && !written.insert(&p).second;
  out += " [" + (again ? "as above" : because(p)) + "]\n";
  if (again) return;
  for (const auto& c : p.children) print(*c, indent + 1, written, out);
}

class ProofJson {
 public:
  explicit ProofJson(const Proof& p) {
    number(p);
    seen_.clear();
    put(p);
  }
  std::string take() { return j_.take(); }

 private:
  // Only what is met again has a number.
  void number(const Proof& p) {
    if (p.children.empty()) return;
    if (!seen_.insert(&p).second) {
      ids_.emplace(&p, 0);
      return;
    }
    for (const auto& c : p.children) number(*c);
  }

  void put(const Proof& p) {
    j_.object();
    const auto id = ids_.find(&p);
    if (id != ids_.end()) {
      const bool again = !seen_.insert(&p).second;
      if (!again) id->second = ++last_id_;
      j_.member(again ? "as" : "id", id->second);
      if (again) return void(j_.end());
    }
    j_.member("rule", name_of(p.rule)).member("holds", p.holds).member("formula", plan::text(p.formula)).member("point", p.point);
    j_.key("values").object();
    for (const auto& [name, value] : p.values) j_.member(name, plan::to_text(value));
    j_.end();
    if (p.rule == Rule::fact) j_.member("fact", static_cast<std::int64_t>(p.fact));
    const bool looked = p.rule == Rule::none || p.rule == Rule::aggregate || p.rule == Rule::computed;
    if (looked || p.rule == Rule::run) j_.member("from", p.from).member("to", p.to);
    if (looked) j_.member("scanned", p.scanned);
    if (!p.children.empty()) {
      j_.key("children").array();
      for (const auto& c : p.children) put(*c);
      j_.end();
    }
    j_.end();
  }

  JsonOut j_;
  std::set<const Proof*> seen_;
  std::map<const Proof*, std::int64_t> ids_;
  std::int64_t last_id_ = 0;
};

}  // namespace

std::vector<FactId> leaves(const Proof& p) {
  std::set<const Proof*> seen;
  std::set<FactId> out;
  collect(p, seen, out);
  return {out.begin(), out.end()};
}

std::string text(const Proof& p) {
  std::set<const Proof*> written;
  std::string out;
  print(p, 0, written, out);
  return out;
}

std::string to_json(const Proof& p) { return ProofJson(p).take(); }

std::string values_text(const Valuation& v) {
  std::string s;
  for (const auto& [name, value] : v) s += (s.empty() ? "" : ", ") + name + " = " + plan::to_text(value);
  return s;
}

}  // namespace surety::logic
