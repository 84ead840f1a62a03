// Snapshots: 8 bytes of magic with the version, SHA-256 of what was compiled (signature, formulas,
// options), the state as canonical tables (state_tables.h), SHA-256 of all before.
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "logic/bytes_io.h"
#include "logic/monitor_impl.h"
#include "logic/snapshot.h"
#include "logic/state_tables.h"

namespace surety::logic {

namespace {

constexpr std::string_view kMagic = "SURETYM3";

std::uint64_t as_word(Ticks t) { return static_cast<std::uint64_t>(t); }
Pos place(const StateTable& t, std::size_t row, std::size_t word) { return {static_cast<Ticks>(t.word(row, word)), t.word(row, word + 1)}; }

std::vector<std::pair<std::string, std::vector<plan::Type>>> predicates(const Signature& sig) {
  std::vector<std::pair<std::string, std::vector<plan::Type>>> out;
  for (auto& p : sig.all()) out.emplace_back(kFacts + p.name, p.columns);
  return out;
}

void put_log(StateWriter& w, const Signature& sig, const LogStore& log, const std::optional<KeyPlan>& keys) {
  struct Placed {
    Pos at;
    FactId id;
    const Cell* cells;
  };
  std::vector<std::vector<Placed>> facts(sig.all().size());  // by predicate
  w.key_in(kPieces);
  w.table(2, {}, "points");
  for (auto c = log.lower_bound(Pos::begin()); !log.at_end(c); ++c.at) {
    const LogStore::Point& p = log.point(c);
    const LogStore::Block& b = log.block(c);
    w.row({as_word(p.pos.ts), p.pos.id}, nullptr);
    for (std::size_t i = p.first; i < p.first + p.count; ++i)
      facts[b.facts[i].predicate].push_back({p.pos, b.facts[i].id, b.row(b.facts[i])});
  }
  std::size_t next = 0;
  for (auto& [what, types] : predicates(sig)) {
    w.key_in(keys ? keys->of_predicate[next] : kWhole);
    w.table(3, types, what.c_str());
    for (auto& f : facts[next++]) w.row({as_word(f.at.ts), f.at.id, f.id}, f.cells);
  }
}

// Tables are sorted by place, so one walk along the points takes from each what belongs there.
bool get_log(StateReader& r, const Signature& sig, LogStore& log) {
  log.clear();
  const StateTable* points = r.table(2, {}, "points");
  if (!points) return false;
  std::vector<const StateTable*> facts;
  for (auto& [what, types] : predicates(sig)) {
    facts.push_back(r.table(3, types, what.c_str()));
    if (!facts.back()) return false;
  }
  std::vector<std::size_t> next(facts.size(), 0);
  for (std::size_t i = 0; i < points->size(); ++i) {
    const Pos at = place(*points, i, 0);
    if (log.last() && log.last()->pos >= at) return false;
    log.append_point(at);
    for (std::size_t p = 0; p < facts.size(); ++p)
      for (auto& k = next[p]; k < facts[p]->size() && place(*facts[p], k, 0) == at; ++k)
        log.append_fact(facts[p]->word(k, 2), static_cast<PredicateIndex>(p), facts[p]->cells(k));
  }
  for (std::size_t p = 0; p < facts.size(); ++p)
    if (next[p] != facts[p]->size()) return false;  // a fact of no point
  return true;
}

}  // namespace

static tl::unexpected<Error> refuse(std::string why, const char* help) {
  return err(fail("logic.snapshot", "the snapshot cannot be loaded").found(std::move(why)).help(help));
}

std::string Monitor::Impl::digest() const {
  ByteWriter w;
  for (auto& p : sig.all()) {
    w.text(p.name);
    for (auto t : p.columns) w.word(static_cast<std::uint64_t>(t));
    w.word(UINT64_MAX);
  }
  for (auto& f : formulas) {
    w.text(f.name);
    w.text(view(f.formula.hash()));
    for (auto& c : f.columns) w.text(c);
  }
  w.word(static_cast<std::uint64_t>(options.points));
  w.word(static_cast<std::uint64_t>(options.scale.ticks_per_second));
  w.word(options.sources);
  w.word(static_cast<std::uint64_t>(options.retain));
  return std::string(view(sha256(w.take())));
}

// Point numbers and fact identities are the caller's; all else is put into one order by the tables.
StateImage Monitor::Impl::image() {
  StateWriter w(strings);
  w.single(kPart, {options.part.index, options.part.of});
  w.single(kClock, {as_word(known.closed.ts), known.closed.id, as_word(known.next_ts), known.ended, as_word(ran.closed.ts), ran.closed.id,
                    as_word(ran.next_ts), ran.ended, opened, as_word(current.ts), current.id, has_current});
  w.table(2, {}, kMarks);
  for (std::size_t i = 0; i < watermarks.size(); ++i) w.row({i, as_word(watermarks[i])}, nullptr);
  w.key_in(kPieces);
  w.table(2, {}, "points without facts");
  for (auto& p : ticked) w.row({as_word(p.ts), p.id}, nullptr);
  put_log(w, sig, *log, keys);
  w.key_in(kPieces);
  w.table(4, {}, kPlaces);
  for (auto& [id, k] : facts) {
    const bool gone = k.state == Known_::State::withdrawn;
    const Pos at = gone ? Pos::begin() : k.at;  // where it was depends on what came first
    w.row({id, as_word(at.ts), at.id, gone ? 1u : k.replaced ? 2u : 0u}, nullptr);
  }
  put_verdicts(w);
  w.key_in(kWhole);
  for (auto& d : net->domains) d->save(w);
  StateImage out = w.finish();
  if (!keys)
    for (auto& t : out.tables) t.key = kWhole;
  return out;
}

void Monitor::Impl::put_verdicts(StateWriter& w) {
  for (std::size_t f = 0; f < kept.size(); ++f) {
    w.key_in(keys ? keys->of_verdict[f] : kWhole);
    w.table(3, net->roots[f].types, "verdicts");
    kept[f].each(Pos::begin(), [&](const VerdictStore::Kept& k) {
      w.row({as_word(k.at.ts), k.at.id, std::uint64_t{k.version} << 1 | k.stands}, k.row);
      return true;
    });
    w.table(4, net->roots[f].types, "verdicts not yet taken");
    for (auto& c : changes) {
      if (c.formula != f) continue;
      std::vector<Cell> row;
      for (auto& v : c.row) row.push_back(strings.cell(v));
      w.row({as_word(c.ts), c.point, c.version, static_cast<std::uint64_t>(c.kind)}, row.data());
    }
  }
}

std::string seal(const StateImage& image, std::string_view digest) {
  std::string out = std::string(kMagic) + std::string(digest) + to_bytes(image);
  out += view(sha256(out));
  return out;
}

Result<std::string_view> unseal(std::string_view bytes) {
  if (bytes.size() < kMagic.size() + 64 || bytes.substr(0, kMagic.size()) != kMagic)
    return refuse("it is no snapshot, or of another version", "make a new one with this version");
  std::string_view sealed = bytes.substr(0, bytes.size() - 32);
  if (view(sha256(sealed)) != bytes.substr(bytes.size() - 32)) return refuse("its checksum is wrong", "it is damaged: use an older one");
  return sealed.substr(kMagic.size());
}

std::string Monitor::save() const {
  if (!impl_->corrections.empty()) impl_->run();
  return seal(impl_->image(), impl_->digest());
}

bool Monitor::Impl::restore(StateReader& r) {
  const std::uint64_t* c = r.single(kClock, 12);
  const StateTable* marks = r.table(2, {}, kMarks);
  const StateTable* empty = r.table(2, {}, "points without facts");
  if (!c || !marks || !empty || marks->size() != watermarks.size()) return false;
  known = {{static_cast<Ticks>(c[0]), c[1]}, static_cast<Ticks>(c[2]), c[3] != 0};
  ran = {{static_cast<Ticks>(c[4]), c[5]}, static_cast<Ticks>(c[6]), c[7] != 0};
  opened = c[8];
  current = {static_cast<Ticks>(c[9]), c[10]};
  has_current = c[11] != 0;
  for (std::size_t i = 0; i < marks->size(); ++i) watermarks[i] = static_cast<Ticks>(marks->word(i, 1));
  for (std::size_t i = 0; i < empty->size(); ++i) ticked.insert(place(*empty, i, 0));
  if (!get_log(r, sig, *log)) return false;
  const StateTable* where = r.table(4, {}, kPlaces);
  if (!where) return false;
  for (std::size_t i = 0; i < where->size(); ++i) {
    const auto flags = where->word(i, 3);
    facts[where->word(i, 0)] = {place(*where, i, 1), flags & 1 ? Known_::State::withdrawn : Known_::State::stands, (flags & 2) != 0};
  }
  if (!restore_verdicts(r) || !std::all_of(net->domains.begin(), net->domains.end(), [&](auto& d) { return d->load(r); })) return false;
  find_deferred();
  return true;
}

bool Monitor::Impl::restore_verdicts(StateReader& r) {
  for (std::size_t f = 0; f < kept.size(); ++f) {
    const auto& types = net->roots[f].types;
    const StateTable* t = r.table(3, types, "verdicts");
    const StateTable* waiting = r.table(4, types, "verdicts not yet taken");
    if (!t || !waiting) return false;
    for (std::size_t i = 0; i < t->size(); ++i) {
      const auto state = t->word(i, 2);
      if (i > 0 && place(*t, i, 0) < place(*t, i - 1, 0)) return false;
      kept[f].append(place(*t, i, 0), t->cells(i), static_cast<std::uint32_t>(state >> 1), (state & 1) != 0);
    }
    for (std::size_t i = 0; i < waiting->size(); ++i) {
      const Pos at = place(*waiting, i, 0);
      if (waiting->word(i, 3) > static_cast<std::uint64_t>(ChangeKind::withdrawn)) return false;
      VerdictChange c{static_cast<std::uint32_t>(f),
                      static_cast<ChangeKind>(waiting->word(i, 3)),
                      static_cast<std::uint32_t>(waiting->word(i, 2)),
                      at.ts,
                      at.id,
                      {}};
      for (std::size_t k = 0; k < types.size(); ++k) c.row.push_back(strings.value(waiting->cells(i)[k], types[k]));
      changes.push_back(std::move(c));
    }
  }
  return true;
}

static std::string share_of(std::uint64_t index, std::uint64_t of) { return of == 1 ? "whole" : fmt::format("part {} of {}", index, of); }

Status Monitor::load(std::string_view bytes) {
  Impl& m = *impl_;
  SURETY_TRY(const std::string_view inside, unseal(bytes));
  if (inside.substr(0, 32) != m.digest())
    return refuse("it was made by other formulas, another signature or other options", "load it with those it was made with");
  if (m.stats.points != 0) return refuse("this monitor has been used", "load into a new one");
  auto image = from_bytes(inside.substr(32));
  if (!image) return refuse("its contents do not fit together", "it is damaged");
  StateReader r(std::move(*image), m.strings);
  const std::uint64_t* part = r.single(kPart, 2);
  if (part && (part[0] != m.options.part.index || part[1] != m.options.part.of))
    return refuse(
        fmt::format("it is {}, and this monitor is {}", share_of(part[0], part[1]), share_of(m.options.part.index, m.options.part.of)),
        "load each part into a monitor that is the same part");
  if (!part || !m.restore(r) || !r.at_end()) return refuse("its contents do not fit together at: " + r.stopped_at(), "it is damaged");
  m.stats.points = m.log->points();
  return {};
}

}  // namespace surety::logic
