// Snapshots: 8 bytes of magic with the version, SHA-256 of what was compiled (signature, formulas,
// options), the state as words, SHA-256 of all before. docs/monitor.md has the layout.
#include <algorithm>

#include "base/bytes.h"
#include "logic/bytes_io.h"
#include "logic/monitor_impl.h"

namespace surety::logic {

namespace {

constexpr std::string_view kMagic = "SURETYM1";

void put(ByteWriter& w, Pos p) {
  w.word(static_cast<std::uint64_t>(p.ts));
  w.word(p.id);
}

Pos get(ByteReader& r) {
  Pos p;
  p.ts = static_cast<Ticks>(r.word());
  p.id = r.word();
  return p;
}

void put(ByteWriter& w, const Known& k) {
  put(w, k.closed);
  w.word(static_cast<std::uint64_t>(k.next_ts));
  w.word(k.ended);
}

Known get_known(ByteReader& r) {
  Known k;
  k.closed = get(r);
  k.next_ts = static_cast<Ticks>(r.word());
  k.ended = r.word() != 0;
  return k;
}

void put_log(ByteWriter& w, const LogStore& log) {
  w.word(log.points());
  auto c = log.lower_bound(Pos::begin());
  for (; !log.at_end(c); ++c.at) {
    const LogStore::Point& p = log.point(c);
    const LogStore::Block& b = log.block(c);
    put(w, p.pos);
    w.word(p.count);
    for (std::size_t i = p.first; i < p.first + p.count; ++i) {
      const LogStore::Fact& f = b.facts[i];
      w.word(f.id);
      w.word(f.predicate);
      for (std::size_t k = 0; k < log.arity(f.predicate); ++k) w.word(b.row(f)[k]);
    }
  }
}

bool get_log(ByteReader& r, LogStore& log) {
  log.clear();
  std::vector<Cell> row;
  for (std::uint64_t n = r.count(24); n > 0 && r.ok(); --n) {
    Pos at = get(r);
    if (log.last() && log.last()->pos >= at) return false;
    log.append_point(at);
    for (std::uint64_t k = r.count(16); k > 0 && r.ok(); --k) {
      FactId id = r.word();
      std::uint64_t p = r.word();
      if (p >= log.arities().size()) return false;
      row.resize(log.arity(static_cast<PredicateIndex>(p)));
      for (auto& c : row) c = r.word();
      if (r.ok()) log.append_fact(id, static_cast<PredicateIndex>(p), row.data());
    }
  }
  return r.ok();
}

}  // namespace

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

std::string Monitor::save() const {
  Impl& m = *impl_;
  if (!m.corrections.empty()) m.run();
  ByteWriter w;
  w.word(m.strings.size());
  for (std::size_t i = 0; i < m.strings.size(); ++i) w.text(m.strings.text(i));
  put(w, m.known);
  put(w, m.ran);
  w.word(m.watermarks.size());
  for (auto t : m.watermarks) w.word(static_cast<std::uint64_t>(t));
  w.word(m.opened);
  put(w, m.current);
  w.word(m.has_current);
  w.word(m.ticked.size());
  for (auto& p : m.ticked) put(w, p);
  put_log(w, *m.log);
  std::vector<std::pair<FactId, Impl::Known_>> facts(m.facts.begin(), m.facts.end());
  std::sort(facts.begin(), facts.end(), [](auto& a, auto& b) { return a.first < b.first; });
  w.word(facts.size());
  for (auto& [id, k] : facts) {
    w.word(id);
    put(w, k.at);
    w.word(static_cast<std::uint64_t>(k.state) | (k.replaced ? 2u : 0u));
  }
  for (auto& store : m.kept) {
    w.word(store.all().size());
    for (auto& [at, rows] : store.all()) {
      put(w, at);
      w.word(rows.size());
      for (auto& k : rows) {
        w.word(k.row.size());
        for (auto c : k.row) w.word(c);
        w.word(std::uint64_t{k.version} << 1 | k.stands);
      }
    }
  }
  for (auto& d : m.net->domains) d->save(w);
  std::string body = w.take();
  std::string out = std::string(kMagic) + m.digest() + body;
  out += view(sha256(out));
  return out;
}

Status Monitor::load(std::string_view bytes) {
  Impl& m = *impl_;
  auto refuse = [](const char* why, const char* help) {
    return err(fail("logic.snapshot", "the snapshot cannot be loaded").found(why).help(help));
  };
  if (bytes.size() < kMagic.size() + 64 || bytes.substr(0, kMagic.size()) != kMagic)
    return refuse("it is no snapshot, or of another version", "make a new one with this version");
  std::string_view sealed = bytes.substr(0, bytes.size() - 32);
  if (view(sha256(sealed)) != bytes.substr(bytes.size() - 32)) return refuse("its checksum is wrong", "it is damaged: use an older one");
  if (sealed.substr(kMagic.size(), 32) != m.digest())
    return refuse("it was made by other formulas, another signature or other options", "load it with those it was made with");
  if (m.stats.points != 0) return refuse("this monitor has been used", "load into a new one");
  ByteReader r(sealed.substr(kMagic.size() + 32));
  std::uint64_t n = r.count();
  for (std::uint64_t i = 0; i < n && r.ok(); ++i)
    if (m.strings.intern(r.text()) != i) return refuse("two texts are the same", "it is damaged");
  m.known = get_known(r);
  m.ran = get_known(r);
  if (r.word() != m.watermarks.size()) return refuse("another number of sources", "it is damaged");
  for (auto& t : m.watermarks) t = static_cast<Ticks>(r.word());
  m.opened = r.word();
  m.current = get(r);
  m.has_current = r.word() != 0;
  for (n = r.count(16); n > 0 && r.ok(); --n) m.ticked.insert(get(r));
  bool ok = get_log(r, *m.log);
  for (n = r.count(32); n > 0 && r.ok(); --n) {
    FactId id = r.word();
    Impl::Known_ k;
    k.at = get(r);
    std::uint64_t flags = r.word();
    k.state = flags & 1 ? Impl::Known_::State::withdrawn : Impl::Known_::State::stands;
    k.replaced = (flags & 2) != 0;
    m.facts[id] = k;
  }
  for (auto& store : m.kept)
    for (n = r.count(24); n > 0 && r.ok(); --n) {
      auto& rows = store.all()[get(r)];
      for (std::uint64_t k = r.count(16); k > 0 && r.ok(); --k) {
        VerdictStore::Kept v;
        for (std::uint64_t c = r.count(); c > 0 && r.ok(); --c) v.row.push_back(r.word());
        std::uint64_t state = r.word();
        v.version = static_cast<std::uint32_t>(state >> 1);
        v.stands = state & 1;
        rows.push_back(std::move(v));
      }
    }
  for (auto& d : m.net->domains) ok = ok && d->load(r);
  if (!ok || !r.at_end()) return refuse("its contents do not fit together", "it is damaged");
  m.stats.points = m.log->points();
  return {};
}

}  // namespace surety::logic
