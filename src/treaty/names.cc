#include "treaty/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace surety::treaty {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t k = 0; k <= b.size(); ++k) row[k] = k;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto corner = row[0];
    row[0] = i;
    for (std::size_t k = 1; k <= b.size(); ++k) {
      auto next = std::min({row[k] + 1, row[k - 1] + 1, corner + (a[i - 1] == b[k - 1] ? 0 : 1)});
      corner = row[k];
      row[k] = next;
    }
  }
  return row[b.size()];
}

class Collector {
 public:
  Collector(Names& names, Reports& reports) : n_(names), reports_(reports) {}

  void declare(Table& table, const ast::Word& w, std::string_view what, std::initializer_list<const Table*> same_namespace = {}) {
    if (w.empty()) return;
    const ast::At* before = nullptr;
    if (auto it = table.at.find(w.text); it != table.at.end()) before = &it->second;
    for (const auto* t : same_namespace)
      if (auto it = t->at.find(w.text); it != t->at.end() && !before) before = &it->second;
    if (before) {
      auto first = *before;
      reports_
          .error("treaty.duplicate", fmt::format("{} “{}” is declared twice", what, w.text), w.at,
                 "give one of the two another name, or take it out")
          .related.push_back({first, "first declared here"});
      return;
    }
    table.at.emplace(w.text, w.at);
  }

  void header(const ast::Line& l) {
    using Kind = ast::Line::Kind;
    if (l.kind == Kind::parties)
      for (const auto& w : l.names) declare(n_.parties, w, "party", {&n_.groups, &n_.bodies});
    if (l.kind == Kind::group) declare(n_.groups, l.word, "group", {&n_.parties, &n_.bodies});
    if (l.kind == Kind::body) declare(n_.bodies, l.word, "body", {&n_.parties, &n_.groups});
  }

  void declaration(const ast::Declaration& d) {
    using Kind = ast::Declaration::Kind;
    switch (d.kind) {
      case Kind::zone:
        return declare(n_.zones, d.name, "zone");
      case Kind::weapon:
        for (const auto& p : d.parts)
          if (!p.type.empty()) n_.weapon_types.at.emplace(p.type.text, p.type.at);
        return declare(n_.weapons, d.name, "weapon class");
      case Kind::event:
        return declare(n_.events, d.name, "event", {&n_.findings, &n_.acts});
      case Kind::finding:
        return declare(n_.findings, d.name, "finding", {&n_.events, &n_.acts});
      case Kind::act:
        return declare(n_.acts, d.name, "act", {&n_.events, &n_.findings});
      case Kind::parameter:
        return declare(n_.parameters, d.name, "parameter");
      default:
        return;
    }
  }

  void machine(const ast::Status& s) {
    declare(n_.machines, s.name, "status");
    auto& states = n_.states[s.name.text];
    for (const auto& t : s.transitions) {
      for (const auto& w : t.from) states.insert(w.text);
      if (!t.to.empty()) states.insert(t.to.text);
    }
  }

 private:
  Names& n_;
  Reports& reports_;
};

}  // namespace

Diagnostic& Reports::add(Severity severity, std::string code, std::string message, ast::At at, std::string help) {
  if (!said_.emplace(at.begin, at.end, code, message).second) return repeated_ = {};
  out_.push_back({severity, std::move(code), std::move(message), at, {}, std::move(help)});
  return out_.back();
}

Names collect(const ast::Document& document, Reports& reports) {
  Names out;
  Collector c(out, reports);
  for (const auto& l : document.header) c.header(l);
  for (const auto& d : document.declarations) c.declaration(d);
  for (const auto& x : document.clauses) c.declare(out.clauses, x.id, "clause");
  for (const auto& m : document.machines) c.machine(m);
  return out;
}

std::string suggestion(std::string_view wrong, const std::vector<const Table*>& tables) {
  std::string best, all;
  std::size_t least = std::max<std::size_t>(2, wrong.size() / 3) + 1, count = 0;
  std::set<std::string, std::less<>> names;
  for (const auto* t : tables)
    for (const auto& [name, at] : t->at) names.insert(name);
  for (const auto& name : names) {
    if (auto d = distance(wrong, name); d < least && 2 * d <= std::max(wrong.size(), name.size())) {
      least = d;
      best = name;
    }
    if (++count <= 12) all += (all.empty() ? "" : ", ") + name;
  }
  if (!best.empty()) return fmt::format("did you mean “{}”?", best);
  if (all.empty()) return {};
  return fmt::format("declared are: {}{}", all, count > 12 ? ", …" : "");
}

}  // namespace surety::treaty
