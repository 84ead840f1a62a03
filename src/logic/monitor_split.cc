// A monitor in parts, by key. Each formula needs a variable of its verdicts that stands in one column of
// each predicate that binds it: rows with different keys then never meet, so that each part can do its
// own. (Slicing by one key; the hypercube of Schneider et al., STTT 2021, is for formulas without one.)
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "logic/bytes_io.h"
#include "logic/monitor_impl.h"
#include "logic/nodes_event.h"
#include "logic/snapshot.h"

namespace surety::logic {

namespace {

// By the value itself: the numbers of texts are each monitor's own affair.
std::uint64_t hash_of(Cell c) { return mix(kSeed, c) >> 16; }
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t h = kSeed;
  for (char c : text) h = mix(h, static_cast<unsigned char>(c));
  return h >> 16;
}

bool is_text(plan::Type t) { return t == plan::Type::text || t == plan::Type::pattern; }

}  // namespace

// Whether the formula's verdicts with one key come from facts of that key alone: then those of other keys
// are other parts' affair. `mark`: note it for snapshots, for each operator by itself.
bool Monitor::Impl::root_owned(std::size_t f, bool mark) {
  return families->filtered(
      static_cast<std::uint32_t>(f), net->roots[f].node, formulas[f].columns[keys->of_verdict[f]],
      [&](PredicateIndex p) { return keys->of_predicate[p] >= 0; },
      [&](Node* n, long column, bool filtered) {
        if (mark) n->key_column = filtered ? column : kWhole;
      });
}

// Takes the first variable that confines the formula and takes nothing from those chosen before.
bool Monitor::Impl::choose_key(std::size_t f, std::string* why) {
  if (options.points == PointMode::instant && !analyses[f].sparse()) {
    *why = "it looks at time-points as such (PREVIOUS, NEXT, a negation or SINCE without a guard)";
    return false;
  }
  const auto& columns = formulas[f].columns;
  *why = columns.empty() ? "it has no free variable: its verdict rests on all facts at once"
                         : "no variable of it stands in one column of all that binds it";
  const KeyPlan before = *keys;
  for (auto& v : families->variables(static_cast<std::uint32_t>(f))) {
    const auto at = std::find(columns.begin(), columns.end(), v);
    if (at == columns.end()) continue;
    for (auto& [p, column] : analyses[f].keys().at(v).column) {
      int& now = keys->of_predicate[p];
      now = now == column || now == kUnread ? column : -1;
    }
    keys->of_verdict[f] = static_cast<std::uint32_t>(at - columns.begin());
    bool holds = true;
    for (std::size_t g = 0; g <= f && holds; ++g) holds = root_owned(g, false);
    if (holds) return true;
    *why = fmt::format("{} would confine it, but facts are needed whole, or by another column, elsewhere", v);
    *keys = before;
  }
  return false;
}

Status Monitor::Impl::plan_keys() {
  keys = KeyPlan{std::vector<int>(sig.size(), kUnread), std::vector<std::uint32_t>(formulas.size(), 0)};
  for (std::size_t f = 0; f < formulas.size(); ++f) {
    std::string why;
    if (choose_key(f, &why)) continue;
    keys.reset();
    const std::string name = formulas[f].name.empty() ? "a formula" : "formula " + formulas[f].name;
    return err(fail("logic.cannot-split", name + " cannot be split by key")
                   .found(why)
                   .help("run it in a monitor of its own; the others can be split without it"));
  }
  for (std::size_t f = 0; f < formulas.size(); ++f) root_owned(f, true);
  for (int& column : keys->of_predicate) column = std::max(column, -1);
  return {};
}

bool Monitor::Impl::foreign(PredicateIndex p, const Cell* row) const {
  if (!keys || options.part.of == 1 || keys->of_predicate[p] < 0) return false;
  const auto column = static_cast<std::size_t>(keys->of_predicate[p]);
  const auto h = is_text(sig[p].columns[column]) ? hash_of(strings.text(row[column])) : hash_of(row[column]);
  return h % options.part.of != options.part.index;
}

namespace {

template <class Keep>
void keep_rows(StateTable& t, Keep&& keep) {
  std::vector<std::uint64_t> kept;
  std::size_t count = 0;
  for (std::size_t i = 0; i < t.count; ++i) {
    if (!keep(i)) continue;
    kept.insert(kept.end(), t.data.begin() + static_cast<std::ptrdiff_t>(i * t.width()),
                t.data.begin() + static_cast<std::ptrdiff_t>((i + 1) * t.width()));
    ++count;
  }
  t.data = std::move(kept);
  t.count = count;
}

// What of the whole belongs to one part: rows of its keys, and everything that goes by no key.
StateImage part_of(StateImage image, std::uint32_t index, std::uint32_t parts) {
  std::set<std::uint64_t> others;  // identities of facts that are other parts'
  for (auto& t : image.tables) {
    if (t.what == kPart) t.data = {index, parts};
    const bool is_facts = t.what.starts_with(kFacts);
    if (t.key >= 0) {
      const auto cell = static_cast<std::size_t>(t.key);
      keep_rows(t, [&](std::size_t i) {
        const auto h = t.text[cell] ? hash_of(image.texts[t.cells(i)[cell]]) : hash_of(t.cells(i)[cell]);
        const bool mine = h % parts == index;
        if (!mine && is_facts) others.insert(t.word(i, 2));
        return mine;
      });
    }
    if (t.what != kPlaces) continue;
    // That a fact was replaced is known to all parts: the original may come yet, and be anybody's.
    keep_rows(t, [&](std::size_t i) { return t.word(i, 3) != 0 || !others.contains(t.word(i, 0)); });
    for (std::size_t i = 0; i < t.count; ++i) {
      if (!others.contains(t.word(i, 0))) continue;
      t.data[i * t.width() + 1] = static_cast<std::uint64_t>(INT64_MIN);
      t.data[i * t.width() + 2] = 0;
    }
  }
  const std::vector<std::string> texts = image.texts;
  tidy(image, [&](std::uint64_t n) -> std::string_view { return texts[n]; });
  return image;
}

Error cannot_merge(std::string why) { return fail("logic.merge", "these snapshots cannot be merged").found(std::move(why)); }

bool less_as_signed(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [](auto x, auto y) { return static_cast<std::int64_t>(x) < static_cast<std::int64_t>(y); });
}

// Of what is known of the trace, the last point may differ: a part need not have had all of them.
bool equally_far(const StateTable& a, const StateTable& b) {
  for (std::size_t i : {2, 3, 6, 7, 8})
    if (a.data[i] != b.data[i]) return false;
  return true;
}

// Joins the tables of one kind. `furthest`: the part whose domain has come to the last point.
Status join(StateTable& to, const std::vector<StateTable*>& from, std::size_t furthest) {
  for (auto* t : from)
    if (t->what != to.what || t->words != to.words || t->text != to.text || t->single != to.single || t->key != to.key)
      return err(cannot_merge("their tables are not the same: " + to.what));
  if (to.single) {
    for (auto* t : from)
      if (to.what == kClock && !equally_far(to, *t))
        return err(cannot_merge("one has come further than another").help("save all parts after the same watermark"));
    for (auto* t : from) to.data = std::max(to.data, t->data, less_as_signed);
  } else if (to.key == kWhole) {
    if (to.what == kMarks)
      for (auto* t : from)
        if (t->data != to.data) return err(cannot_merge("their sources' watermarks differ"));
    if (furthest > 0) to = *from[furthest - 1];
  } else {
    for (auto* t : from) {
      to.data.insert(to.data.end(), t->data.begin(), t->data.end());
      to.count += t->count;
    }
  }
  to.key = kWhole;
  return {};
}

// Where a fact is says the part that has it; the others only that it was replaced.
void settle_places(StateTable& t) {
  std::set<std::uint64_t> placed;
  auto nowhere = [&](std::size_t i) { return static_cast<std::int64_t>(t.word(i, 1)) == INT64_MIN; };
  for (std::size_t i = 0; i < t.count; ++i)
    if (!nowhere(i)) placed.insert(t.word(i, 0));
  keep_rows(t, [&](std::size_t i) { return !nowhere(i) || !placed.contains(t.word(i, 0)); });
}

}  // namespace

Result<std::vector<std::string>> Monitor::split(std::uint32_t parts) const {
  Impl& m = *impl_;
  if (parts == 0 || m.options.part.of != 1)
    return err(fail("logic.cannot-split", parts == 0 ? "a monitor cannot be split into no parts" : "a part cannot be split again")
                   .help("merge the parts first, then split what comes out"));
  if (!m.corrections.empty()) m.run();
  SURETY_TRY_STATUS(m.plan_keys());
  const StateImage whole = m.image();
  std::vector<std::string> out;
  for (std::uint32_t i = 0; i < parts; ++i) out.push_back(seal(part_of(whole, i, parts), m.digest()));
  m.keys.reset();
  return out;
}

Result<std::string> Monitor::merge(std::span<const std::string> parts) {
  std::vector<StateImage> images;
  std::string digest;
  std::vector<char> seen(parts.size(), 0);
  Interner strings;
  for (auto& bytes : parts) {
    SURETY_TRY(const std::string_view inside, unseal(bytes));
    if (!digest.empty() && inside.substr(0, 32) != digest) return err(cannot_merge("they were made by different formulas or options"));
    digest = inside.substr(0, 32);
    auto image = from_bytes(inside.substr(32));
    if (!image || image->tables.empty() || image->tables[0].what != kPart || image->tables[0].data.size() != 2)
      return err(cannot_merge("one does not fit together").help("it is damaged: use an older one"));
    const auto index = image->tables[0].data[0], of = image->tables[0].data[1];
    if (of != parts.size() || index >= of || std::exchange(seen[index], 1))
      return err(cannot_merge(fmt::format("part {} of {} among {} snapshots", index, of, parts.size())).expected("each part once"));
    renumber(*image, strings);
    images.push_back(std::move(*image));
  }
  if (images.empty()) return err(cannot_merge("none was given"));
  StateImage& whole = images[0];
  std::size_t furthest = 0;
  for (std::size_t k = 0; k < whole.tables.size(); ++k) {
    std::vector<StateTable*> others;
    for (std::size_t i = 1; i < images.size(); ++i) {
      if (images[i].tables.size() != whole.tables.size()) return err(cannot_merge("their tables are not the same"));
      others.push_back(&images[i].tables[k]);
    }
    if (whole.tables[k].what == kDomain)
      for (std::size_t i = furthest = 0; i < images.size(); ++i)
        if (less_as_signed(images[furthest].tables[k].data, images[i].tables[k].data)) furthest = i;
    SURETY_TRY_STATUS(join(whole.tables[k], others, furthest));
    if (whole.tables[k].what == kPlaces) settle_places(whole.tables[k]);
  }
  whole.tables[0].data = {0, 1};
  tidy(whole, [&](std::uint64_t n) -> std::string_view { return strings.text(n); });
  return seal(whole, digest);
}

}  // namespace surety::logic
