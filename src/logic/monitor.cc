#include "logic/monitor.h"

#include <fmt/format.h>

#include <algorithm>

#include "logic/monitor_impl.h"
#include "logic/normal_form.h"

namespace surety::logic {

namespace {

std::vector<std::uint32_t> arities(const Signature& sig) {
  std::vector<std::uint32_t> a;
  for (auto& p : sig.all()) a.push_back(static_cast<std::uint32_t>(p.columns.size()));
  return a;
}

void collect_reads(const plan::Formula& f, const Signature& sig, std::vector<char>& read) {
  if (f->op == plan::Op::predicate)
    if (auto p = sig.find(f->name); p != Signature::kNone) read[p] = 1;
  for (auto& s : f->sub) collect_reads(s, sig, read);
}

bool on_calendar(const plan::Formula& f) {
  const bool here = f->interval.lower.calendar || (f->interval.upper && f->interval.upper->calendar);
  return here || std::any_of(f->sub.begin(), f->sub.end(), on_calendar);
}

}  // namespace

Monitor::Impl::Impl(Signature s, std::vector<NamedFormula> f, Options o)
    : sig(std::move(s)), formulas(std::move(f)), options(o), read(sig.size(), 0) {
  strings.intern("");
  log = std::make_unique<LogStore>(arities(sig));
  net = std::make_unique<Network>(log.get(), Context{&strings, options.scale});
  watermarks.assign(std::max(1u, options.sources), INT64_MIN);
  known.closed = ran.closed = Pos::begin();
  trim_at = options.trim_every;
}

Status Monitor::Impl::build() {
  for (auto& f : formulas) {
    if (f.columns.empty()) f.columns = plan::free_variables(f.formula);
    Status added = net->add(f.formula, f.columns, sig);
    if (!added) {
      Error e = std::move(added.error());
      e.field_name = e.field_name.substr(0, e.field_name.find('#'));
      if (!f.name.empty()) e.message = fmt::format("formula {}: {}", f.name, e.message);
      return err(std::move(e));
    }
    collect_reads(f.formula, sig, read);
    if (on_calendar(f.formula)) {
      first_placed = plan::kFirstSecond * options.scale.ticks_per_second;
      last_placed = plan::kLastSecond * options.scale.ticks_per_second;
    }
    analyses.emplace_back(normal_form(f.formula), sig, options.scale);
  }
  net->seal();
  counts_points = net->counts_points();
  if (counts_points && instant())
    return err(fail("logic.point-number", "tp and tpts count the time-points of a log, and facts that come in any order have none to count")
                   .help("use ts(t), the stamp"));
  for (auto& f : formulas) kept.emplace_back(f.columns.size());
  families = std::make_unique<Families>(*net, formulas, analyses, sig);
  if (options.part.of != 1) return plan_keys();
  return {};
}

Result<Monitor> Monitor::compile(Signature sig, std::vector<NamedFormula> formulas, Options options) {
  auto impl = std::make_unique<Impl>(std::move(sig), std::move(formulas), options);
  SURETY_TRY_STATUS(impl->build());
  return Monitor(std::move(impl));
}

Monitor::Monitor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Monitor::Monitor(Monitor&&) noexcept = default;
Monitor& Monitor::operator=(Monitor&&) noexcept = default;
Monitor::~Monitor() = default;

const Signature& Monitor::signature() const { return impl_->sig; }
std::vector<std::string> Monitor::columns(std::uint32_t f) const { return impl_->formulas[f].columns; }
bool Monitor::reads(PredicateIndex p) const { return impl_->read[p] != 0; }
bool Monitor::looks_ahead() const {
  return std::any_of(impl_->net->domains.begin(), impl_->net->domains.end(), [](auto& d) { return !d->futures.empty(); });
}

// The point of that stamp: instant mode finds or makes it, peer mode uses the current one.
Pos Monitor::Impl::point_at(Ticks ts, bool* made) {
  *made = false;
  if (instant()) {
    Pos at{ts, 0};
    auto* last = log->last();
    if (last && last->pos == at) return at;
    if ((!last || last->pos < at) && !passed(at)) {
      log->append_point(at);
    } else if (!log->has_point(at)) {
      log->insert_point(at);
    } else {
      return at;
    }
    *made = true;
    ++stats.points;
    return at;
  }
  if (has_current && current.ts == ts) return current;
  Pos at{ts, opened++};
  log->last() && log->last()->pos > at ? log->insert_point(at) : log->append_point(at);
  *made = true;
  ++stats.points;
  return at;
}

Result<PointId> Monitor::open_point(Ticks ts) {
  Impl& m = *impl_;
  bool made = false;
  if (!m.instant()) m.has_current = false;
  auto* last = m.log->last();
  bool late = (last && last->pos.ts > ts) || (!m.instant() && ts < m.known.next_ts);
  if (late && m.options.retain == 0)
    return err(fail("logic.late", "a time-point lies before an earlier one, and nothing is kept to correct")
                   .found(std::to_string(ts))
                   .expected(fmt::format("{} or later", last ? last->pos.ts : m.known.next_ts)));
  if (m.renumbers(ts)) return m.refuse_renumbering(ts);
  if (m.too_late(ts)) return m.refuse_late(ts);
  if (m.off_calendar(ts)) return m.refuse_off_calendar(ts);
  Pos at = m.point_at(ts, &made);
  if (m.instant()) m.ticked.insert(at);
  m.current = at;
  m.has_current = true;
  if (made && m.passed(at)) {
    m.corrections.push_back({at, std::nullopt, {}});
  } else if (!m.instant() && !late) {
    // A log in order: what was opened before gets no more facts.
    m.known.closed = at;
    m.known.next_ts = std::max(m.known.next_ts, ts);
    m.run();
  }
  return m.instant() ? 0 : at.id;
}

Status Monitor::Impl::check(PredicateIndex p, std::span<const plan::Value> args) const {
  if (p >= sig.size()) return err(fail("logic.unknown-predicate", "no such predicate").found(std::to_string(p)));
  const Predicate& decl = sig[p];
  if (args.size() != decl.columns.size())
    return err(fail("logic.arity", "a fact has another number of arguments than its predicate")
                   .field(decl.name)
                   .found(std::to_string(args.size()))
                   .expected(std::to_string(decl.columns.size())));
  for (std::size_t i = 0; i < args.size(); ++i) {
    std::size_t wanted = decl.columns[i] == plan::Type::integer ? 0 : decl.columns[i] == plan::Type::real ? 1 : 2;
    if (args[i].index() != wanted)
      return err(fail("logic.type", "an argument has another type than its predicate says")
                     .field(fmt::format("{}, argument {}", decl.name, i + 1))
                     .found(plan::to_text(args[i]))
                     .expected(std::string(plan::to_string(decl.columns[i]))));
  }
  return kFine;
}

std::vector<Cell> Monitor::Impl::cells(std::span<const plan::Value> args) {
  std::vector<Cell> row;
  for (auto& a : args) row.push_back(strings.cell(a));
  return row;
}

void Monitor::Impl::put(FactId id, Pos at, PredicateIndex p, const std::vector<Cell>& row) {
  if (passed(at)) {
    corrections.push_back({at, p, row});
    log->insert_fact(at, id, p, row.data());
    ++stats.late;
  } else if (log->last()->pos == at) {
    log->append_fact(id, p, row.data());
  } else {
    log->insert_fact(at, id, p, row.data());
  }
}

void Monitor::Impl::take(FactId id, Pos at) {
  const LogStore::Block* block = nullptr;
  const LogStore::Fact* f = log->find_fact(at, id, &block);
  if (!f) return;
  if (passed(at)) {
    auto* row = block->row(*f);
    corrections.push_back({at, f->predicate, {row, row + log->arity(f->predicate)}});
  }
  log->erase_fact(at, id);
  // In instant mode a point is the set of its facts: without any, and not opened as such, it is none.
  if (instant() && !ticked.contains(at) && log->erase_point_if_empty(at) && passed(at)) corrections.push_back({at, std::nullopt, {}});
}

Status Monitor::Impl::insert(FactId id, PredicateIndex p, std::span<const plan::Value> args, Ticks ts) {
  SURETY_TRY_STATUS(check(p, args));
  std::vector<Cell> row = cells(args);
  if (foreign(p, row.data())) return leave_to_others(ts);
  if (id != 0 && options.retain != 0) {
    auto it = facts.find(id);
    if (it != facts.end()) {
      ++stats.duplicates;
      if (it->second.state == Known_::State::withdrawn || it->second.replaced) return {};
      const LogStore::Block* block = nullptr;
      const LogStore::Fact* f = log->find_fact(it->second.at, id, &block);
      bool same = f && it->second.at.ts == ts && f->predicate == p && std::equal(row.begin(), row.end(), block->row(*f));
      if (same) return {};
      return err(fail("logic.same-id", "two different facts have the same id")
                     .field(std::to_string(id))
                     .help("use replace() for a fact that says something else now"));
    }
  }
  if (!(has_current && current.ts == ts && !passed(current)) && too_late(ts)) return refuse_late(ts);
  if (off_calendar(ts)) return refuse_off_calendar(ts);
  if (renumbers(ts)) return refuse_renumbering(ts);
  bool made = false;
  Pos at = point_at(ts, &made);
  if (made && passed(at)) corrections.push_back({at, std::nullopt, {}});
  put(id, at, p, row);
  ++stats.facts;
  if (id != 0 && options.retain != 0) facts[id] = {at, Known_::State::stands, false};
  return kFine;
}

// A fact of another part's key. Its point is a point here as well, where points are told one by one.
Status Monitor::Impl::leave_to_others(Ticks ts) {
  if (instant()) return {};
  bool made = false;
  const Pos at = point_at(ts, &made);
  if (made && passed(at)) corrections.push_back({at, std::nullopt, {}});
  return {};
}

Status Monitor::insert(FactId id, PredicateIndex p, std::span<const plan::Value> args, Ticks ts) { return impl_->insert(id, p, args, ts); }
Status Monitor::insert(FactId id, PredicateIndex p, std::initializer_list<plan::Value> args, Ticks ts) {
  return impl_->insert(id, p, std::span(args.begin(), args.size()), ts);
}

void Monitor::insert_cells(FactId id, PredicateIndex p, const std::uint64_t* cells) {
  Impl& m = *impl_;
  if (m.options.part.of != 1 && m.foreign(p, cells)) return;
  ++m.stats.facts;
  if (m.passed(m.current) || m.log->last()->pos != m.current) {
    m.put(id, m.current, p, {cells, cells + m.log->arity(p)});
  } else {
    m.log->append_fact(id, p, cells);
  }
  if (id != 0 && m.options.retain != 0) m.facts[id] = {m.current, Impl::Known_::State::stands, false};
}

std::uint64_t Monitor::intern(std::string_view text) { return impl_->strings.intern(text); }
std::uint64_t Monitor::to_cell(double d) { return cell_of(d); }

Status Monitor::retract(FactId id) {
  Impl& m = *impl_;
  if (id == 0 || m.options.retain == 0)
    return err(fail("logic.cannot-withdraw", "this fact cannot be withdrawn")
                   .field(std::to_string(id))
                   .help("facts need an id other than 0, and Options::retain must not be 0"));
  auto [it, fresh] = m.facts.try_emplace(id);
  if (!fresh && it->second.state == Impl::Known_::State::withdrawn) {
    ++m.stats.duplicates;
    return {};
  }
  if (!fresh && m.too_late(it->second.at.ts)) return m.refuse_late(it->second.at.ts);
  it->second.state = Impl::Known_::State::withdrawn;
  if (fresh) return {};
  ++m.stats.withdrawn;
  m.take(id, it->second.at);
  return {};
}

Status Monitor::replace(FactId id, PredicateIndex p, std::span<const plan::Value> args, Ticks ts) {
  Impl& m = *impl_;
  if (id == 0 || m.options.retain == 0) return retract(id);
  SURETY_TRY_STATUS(m.check(p, args));
  if (m.too_late(ts)) return m.refuse_late(ts);
  auto it = m.facts.find(id);
  if (it != m.facts.end()) {
    if (it->second.state == Impl::Known_::State::withdrawn) return {};
    if (m.too_late(it->second.at.ts)) return m.refuse_late(it->second.at.ts);
    m.take(id, it->second.at);
    m.facts.erase(it);
    --m.stats.facts;
  }
  ++m.stats.replaced;
  SURETY_TRY_STATUS(m.insert(id, p, args, ts));
  m.facts[id].replaced = true;
  return {};
}

void Monitor::complete(SourceId source, Ticks up_to) {
  Impl& m = *impl_;
  SURETY_CHECK(source < m.watermarks.size());
  m.watermarks[source] = std::max(m.watermarks[source], up_to);
  Ticks least = *std::min_element(m.watermarks.begin(), m.watermarks.end());
  if (least == INT64_MIN) return m.run();
  Ticks next = least == INT64_MAX ? least : least + 1;
  if (next > m.known.next_ts) {
    m.known.next_ts = next;
    m.known.closed = std::max(m.known.closed, least == INT64_MAX ? Pos::end() : Pos{next, 0});
  }
  m.run();
}

void Monitor::complete(Ticks up_to) {
  for (auto& w : impl_->watermarks) w = std::max(w, up_to);
  complete(0, up_to);
}

void Monitor::close_points() {
  Impl& m = *impl_;
  if (!m.log->last()) return;
  m.known.closed = std::max(m.known.closed, m.log->last()->pos.after());
  m.known.next_ts = std::max(m.known.next_ts, m.log->last()->pos.ts);
  m.has_current = false;
  m.run();
}

void Monitor::finish(End end) {
  close_points();
  if (end == End::open) return;
  impl_->known.ended = true;
  impl_->run();
}

Ticks Monitor::frontier() const { return impl_->known.next_ts; }

void Monitor::Impl::run() {
  if (!corrections.empty()) correct();
  const Pos before = ran.closed, gone = next_is_gone();
  const bool waiting = !deferred.empty() || gone != Pos::end();
  net->run(known, [&](std::size_t root, const Pos& at) { publish(root, at); });
  ran = known;
  if (waiting) reconsider_deferred(std::min(before, gone));
  if (log->points() + log->facts() >= trim_at) {
    trim();
    trim_at = 2 * (log->points() + log->facts()) + options.trim_every;
  }
}

void Monitor::Impl::publish(std::size_t f, Pos at) {
  const Root& r = net->roots[f];
  row_.resize(r.columns.size());
  r.node->scan([&](const Cell* cells) {
    for (std::size_t i = 0; i < r.columns.size(); ++i) row_[i] = cells[r.columns[i]];
    if (options.retain != 0) kept[f].append(at, row_.data());
    tell(f, at, row_, 1, true);
    return false;
  });
}

void Monitor::Impl::tell(std::size_t f, Pos at, std::span<const Cell> row, std::uint32_t version, bool stands) {
  ++stats.verdicts;
  auto formula = static_cast<std::uint32_t>(f);
  ChangeKind kind = !stands ? ChangeKind::withdrawn : version == 1 ? ChangeKind::issued : ChangeKind::revised;
  if (sink) {
    sink({formula, kind, version, at.ts, at.id, row});
    return;
  }
  VerdictChange c{formula, kind, version, at.ts, at.id, {}};
  for (std::size_t i = 0; i < row.size(); ++i) c.row.push_back(strings.value(row[i], net->roots[f].types[i]));
  changes.push_back(std::move(c));
}

Ticks Monitor::Impl::horizon() const {
  Ticks back = INT64_MIN;
  if (options.retain == plan::kForever || __builtin_sub_overflow(known.next_ts, options.retain, &back)) return INT64_MIN;
  return back;
}

tl::unexpected<Error> Monitor::Impl::refuse_late(Ticks ts) const {
  return err(fail("logic.late", options.retain == 0 ? "it lies before what is evaluated, and nothing is kept to correct"
                                                    : "it lies further back than what is kept to correct")
                 .found(std::to_string(ts))
                 .expected(fmt::format("{} or later", horizon()))
                 .help("a larger retain keeps more"));
}

tl::unexpected<Error> Monitor::Impl::refuse_off_calendar(Ticks ts) const {
  return err(fail("logic.off-calendar", "a formula measures in days or months, and no calendar has this stamp")
                 .found(std::to_string(ts))
                 .expected(fmt::format("{} to {}, the years 1 to 9999", first_placed, last_placed))
                 .help("stamps are seconds since 1970 in a log, not milliseconds"));
}

tl::unexpected<Error> Monitor::Impl::refuse_renumbering(Ticks ts) const {
  return err(fail("logic.point-number", "a time-point comes late, and the formula counts them by tp or tpts: all later ones would change")
                 .found(std::to_string(ts))
                 .expected(fmt::format("{} or later", log->last()->pos.ts))
                 .help("use ts(t), the stamp, or bring the log into order"));
}

// What is let go: verdicts that no fact which may still come can touch, and facts that neither the
// operators nor any kept verdict need.
void Monitor::Impl::trim() {
  Pos least = Pos::end();
  for (auto& d : net->domains) least = std::min(least, d->now());
  const Ticks back = horizon();
  if (back == INT64_MIN) return;
  if (options.retain > 0) {
    const Pos oldest{back, 0};
    for (std::size_t f = 0; f < formulas.size(); ++f) {
      Stretch touched = analyses[f].touched(std::nullopt, {oldest, oldest}, *log);
      for (PredicateIndex p = 0; p < sig.size(); ++p)
        if (analyses[f].reads(p)) touched.add(analyses[f].touched(p, {oldest, oldest}, *log));
      kept[f].trim(touched.from);
      least = std::min(least, analyses[f].seen({touched.from, touched.from}, *log).from);
    }
    trim_facts(std::min(oldest, least));
  }
  log->trim(least);
}

// Forgets the identities of facts that can neither be withdrawn nor come again. Withdrawals that still
// wait for their fact stay: how old it will be is not known.
void Monitor::Impl::trim_facts(Pos before) {
  erase_if(facts, [&](const auto& f) { return f.second.at.ts != INT64_MIN && f.second.at < before; });
  ticked.erase(ticked.begin(), ticked.lower_bound(before));
}

std::vector<VerdictChange> Monitor::drain() {
  Impl& m = *impl_;
  if (!m.corrections.empty()) m.run();
  std::vector<VerdictChange> out;
  out.swap(m.changes);
  std::stable_sort(out.begin(), out.end(), [](const VerdictChange& a, const VerdictChange& b) {
    return std::tie(a.ts, a.point, a.formula, a.row, a.version) < std::tie(b.ts, b.point, b.formula, b.row, b.version);
  });
  return out;
}

void Monitor::set_sink(Sink each) { impl_->sink = std::move(each); }

plan::Value Monitor::value_of(std::uint32_t f, std::size_t column, std::uint64_t cell) const {
  return impl_->strings.value(cell, impl_->net->roots[f].types[column]);
}

plan::Value Monitor::value_of(plan::Type type, std::uint64_t cell) const { return impl_->strings.value(cell, type); }

std::uint64_t Monitor::decided(std::uint32_t f) const { return impl_->net->roots[f].domain->evaluated; }

std::vector<Monitor::Point> Monitor::undecided(std::uint32_t f) const {
  const Domain& d = *impl_->net->roots[f].domain;
  const LogStore& log = *impl_->log;
  std::vector<Point> out;
  for (auto c = log.lower_bound(d.started() ? d.now().after() : Pos::begin()); !log.at_end(c); ++c.at)
    out.push_back({log.point(c).pos.id, log.point(c).pos.ts});
  return out;
}

Statistics Monitor::statistics() const {
  Statistics s = impl_->stats;
  for (auto& d : impl_->net->domains) {
    s.nodes += d->nodes.size();
    for (auto& n : d->nodes) s.state_rows += n->state_rows();
  }
  s.shared = impl_->net->shared;
  return s;
}

}  // namespace surety::logic
