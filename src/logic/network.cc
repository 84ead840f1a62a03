#include "logic/network.h"

#include <algorithm>
#include <unordered_set>

#include "logic/nodes_event.h"

namespace surety::logic {

void Domain::refresh() {
  if (shape_ == log_->shape()) return;
  shape_ = log_->shape();
  cursor_ = log_->lower_bound(started_ ? now_.after() : Pos::begin());
}

void Domain::reset() {
  now_ = Pos::begin();
  started_ = false;
  shape_ = UINT64_MAX;
  evaluated = 0;
  known_ = {};
  for (auto& n : nodes) n->reset();
}

bool Domain::passed(Ticks ts) const {
  if (ts == plan::kForever) return done();
  LogStore::Cursor c = cursor_;
  if (shape_ != log_->shape()) c = log_->lower_bound(started_ ? now_.after() : Pos::begin());
  // A point further on proves nothing: one before it may still come.
  if (!known_.ended && known_.next_ts <= ts) return false;
  return log_->at_end(c) || log_->point(c).pos.ts > ts;
}

bool Domain::done() const {
  LogStore::Cursor c = cursor_;
  if (shape_ != log_->shape()) c = log_->lower_bound(started_ ? now_.after() : Pos::begin());
  return known_.ended && log_->at_end(c);
}

bool Domain::step(const Known& known) {
  known_ = known;
  refresh();
  if (log_->at_end(cursor_)) return false;
  const LogStore::Point& p = log_->point(cursor_);
  if (p.pos >= known.closed) return false;
  for (auto* f : futures)
    if (!f->ready(p.pos) && !f->ahead->done()) return false;
  evaluate();
  return true;
}

void Domain::run_to(Pos last) {
  for (refresh(); !log_->at_end(cursor_) && log_->point(cursor_).pos <= last;) evaluate();
  if (now_ < last)
    for (auto& n : nodes) n->pass(last);
}

void Domain::evaluate() {
  const LogStore::Point& p = log_->point(cursor_);
  Pos at = p.pos;
  const LogStore::Block& b = log_->block(cursor_);
  for (auto& r : readers)
    for (auto* n : r) n->begin_point();
  for (std::size_t i = p.first; i < p.first + p.count; ++i) {
    const LogStore::Fact& f = b.facts[i];
    if (f.predicate >= readers.size()) continue;
    for (auto* n : readers[f.predicate]) n->offer(b.row(f));
  }
  if (recursions.empty()) {
    for (auto& n : nodes) n->advance(at);
  } else {
    for (auto& n : nodes)
      if (!n->late) n->advance(at);
    for (auto* r : recursions) r->take();
    for (auto& n : nodes)
      if (n->late) n->advance(at);
    for (auto* t : takers) t->take(at);
  }
  for (auto* w : watchers) w->observe(at);
  now_ = at;
  started_ = true;
  ++cursor_.at;
  ++evaluated;
}

Domain* Network::find_domain(const std::string& requirement) const {
  for (auto& d : domains)
    if (d->requirement == requirement) return d.get();
  return nullptr;
}

bool Network::counts_points() const {
  for (auto& d : domains)
    for (auto& n : d->nodes)
      if (auto* c = dynamic_cast<const ConstantNode*>(n.get()); c && c->counts_points()) return true;
  return false;
}

Domain* Network::domain_for(const std::string& requirement) {
  if (Domain* d = find_domain(requirement)) return d;
  domains.push_back(std::make_unique<Domain>(log_));
  domains.back()->requirement = requirement;
  return domains.back().get();
}

Node* Network::find_by_key(const std::string& key) const {
  auto it = by_key.find(key);
  return it == by_key.end() ? nullptr : it->second;
}

std::optional<PredicateIndex> Network::predicate_of(const Node* n) const {
  for (auto& d : domains)
    for (PredicateIndex p = 0; p < d->readers.size(); ++p)
      if (std::find(d->readers[p].begin(), d->readers[p].end(), n) != d->readers[p].end()) return p;
  return std::nullopt;
}

namespace {

// This node's rows must be a set.
void need_set(Node* n) {
  if (!n->repeats) return;
  n->repeats = false;
  for (Node* c : n->children)
    if (!n->takes_repeats(*c)) need_set(c);
}

}  // namespace

void Network::seal() {
  std::unordered_set<const Node*> used;
  std::vector<Node*> todo;
  for (auto& r : roots) todo.push_back(r.node);
  while (!todo.empty()) {
    Node* n = todo.back();
    todo.pop_back();
    if (!used.insert(n).second) continue;
    todo.insert(todo.end(), n->children.begin(), n->children.end());
  }
  for (auto& d : domains)
    for (auto& n : d->nodes) n->repeats = n->event();
  for (auto& r : roots) need_set(r.node);
  for (auto& d : domains)
    for (auto& n : d->nodes)
      for (Node* c : n->children)
        if (used.contains(n.get()) && !n->takes_repeats(*c)) need_set(c);
  std::erase_if(by_key, [&](const auto& x) { return !used.contains(x.second); });
  for (auto& d : domains) {
    auto unused = [&](const Node* n) { return !used.contains(n); };
    std::erase_if(d->futures, unused);
    std::erase_if(d->watchers, unused);
    std::erase_if(d->recursions, unused);
    std::erase_if(d->takers, unused);
    for (auto& r : d->readers) std::erase_if(r, unused);
    std::erase_if(d->nodes, [&](const auto& n) { return unused(n.get()); });
    for (std::size_t i = 0; i < d->nodes.size(); ++i) d->nodes[i]->rank = static_cast<std::uint32_t>(i);
  }
  std::erase_if(domains, [&](const auto& d) {
    return d->nodes.empty() && std::none_of(roots.begin(), roots.end(), [&](const Root& r) { return r.domain == d.get(); });
  });
  // A domain's requirement contains those of the domains it watches: shorter runs ahead.
  std::stable_sort(domains.begin(), domains.end(),
                   [](const auto& a, const auto& b) { return a->requirement.size() < b->requirement.size(); });
  roots_of_.assign(domains.size(), {});
  for (std::size_t i = 0; i < roots.size(); ++i)
    for (std::size_t d = 0; d < domains.size(); ++d)
      if (domains[d].get() == roots[i].domain) roots_of_[d].push_back(i);
}

void Network::run(const Known& known, Visit each) {
  for (std::size_t d = 0; d < domains.size(); ++d)
    while (domains[d]->step(known))
      for (std::size_t r : roots_of_[d]) each(r, domains[d]->now());
}

void Network::reset() {
  for (auto& d : domains) d->reset();
}

}  // namespace surety::logic
