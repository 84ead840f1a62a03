#include <algorithm>
#include <functional>

#include "duty/norm.h"
#include "duty/rests_on.h"

namespace surety::duty {
namespace {

void formula_reads(const plan::Formula& f, Reads& out) {
  if (f->op == plan::Op::predicate && !f->terms.empty() && f->terms[0].op == plan::Term::Op::constant) {
    const auto* name = std::get_if<std::string>(&f->terms[0].value);
    if (name && f->name == "state") out.insert("m:" + *name);
    if (name && (f->name == "breached" || f->name == "fulfilled" || f->name == "suspended" || f->name == "resumed"))
      out.insert("c:" + *name);
  }
  for (const auto& s : f->sub) formula_reads(s, out);
}

void maybe_reads(const std::optional<plan::Condition>& c, Reads& out) {
  if (c) reads(*c, out);
}

}  // namespace

void reads(const plan::Condition& condition, Reads& out) {
  formula_reads(condition.certain, out);
  formula_reads(condition.possible, out);
}

std::map<std::string, Reads> rests_on(const plan::Agreement& a) {
  std::map<std::string, Reads> needs;
  for (const auto& m : a.machines) {
    Reads& n = needs["m:" + m.name];
    for (const auto& t : m.transitions) reads(t.when, n);
  }
  for (const auto& c : a.clauses) {
    Reads& n = needs["c:" + c.id];
    maybe_reads(c.when, n);
    maybe_reads(c.except, n);
    for (const auto& r : c.readings) reads(r.is, n);
    for (const auto& t : c.actions) maybe_reads(t.performed, n);
    if (c.binding) maybe_reads(c.binding->once, n);
    for (const auto& other : c.otherwise) needs["c:" + other].insert("c:" + c.id);
    // Whoever may suspend a duty is known before it.
    if (c.modal == plan::Modal::power)
      for (const auto& t : c.actions)
        for (const auto& other : clause_ids(a, t.arguments)) needs["c:" + other].insert("c:" + c.id);
    // What prevails over this clause is known before it.
    for (const auto& other : c.notwithstanding) needs["c:" + other].insert("c:" + c.id);
  }
  return needs;
}

std::vector<std::string> evaluation_order(const plan::Agreement& a) {
  auto needs = rests_on(a);
  std::vector<std::string> text_order;
  for (const auto& m : a.machines) text_order.push_back("m:" + m.name);
  for (const auto& c : a.clauses) text_order.push_back("c:" + c.id);
  std::vector<std::string> out;
  std::set<std::string> done, open;
  // A circle is entered in the order of the text; the checker has named it (checker: circular conditions).
  const std::function<void(const std::string&)> visit = [&](const std::string& n) {
    if (done.contains(n) || !open.insert(n).second) return;
    for (const auto& m : needs[n]) visit(m);
    if (done.insert(n).second) out.push_back(n);
  };
  for (const auto& n : text_order) visit(n);
  std::erase_if(out, [&](const std::string& n) { return std::find(text_order.begin(), text_order.end(), n) == text_order.end(); });
  return out;
}

}  // namespace surety::duty
