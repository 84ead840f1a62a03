#include "logic/state_tables.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "logic/bytes_io.h"

namespace surety::logic {

namespace {

constexpr std::size_t kMostWords = 64;  // plain numbers that lead a row, far above what any table has

constexpr bool has_text(plan::Type t) { return t == plan::Type::text || t == plan::Type::pattern; }

// Sorts the rows as signed numbers and drops repetitions.
void sort_rows(StateTable& t) {
  const std::size_t w = t.width();
  if (w == 0) {
    t.count = std::min<std::size_t>(t.count, 1);
    return;
  }
  const std::uint64_t* data = t.data.data();
  auto less = [&](std::size_t a, std::size_t b) {
    for (std::size_t i = 0; i < w; ++i) {
      auto x = static_cast<std::int64_t>(data[a * w + i]), y = static_cast<std::int64_t>(data[b * w + i]);
      if (x != y) return x < y;
    }
    return false;
  };
  std::vector<std::size_t> order(t.count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), less);
  order.erase(std::unique(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return !less(a, b) && !less(b, a); }),
              order.end());
  std::vector<std::uint64_t> sorted;
  sorted.reserve(order.size() * w);
  for (std::size_t i : order) sorted.insert(sorted.end(), data + i * w, data + (i + 1) * w);
  t.data = std::move(sorted);
  t.count = order.size();
}

template <class F>
void each_text(StateTable& t, F&& f) {
  for (std::size_t c = 0; c < t.text.size(); ++c)
    if (t.text[c])
      for (std::size_t i = 0; i < t.count; ++i) f(t.data[i * t.width() + t.words + c]);
}

}  // namespace

std::string to_bytes(const StateImage& image) {
  ByteWriter w;
  w.word(image.texts.size());
  for (auto& t : image.texts) w.text(t);
  w.word(image.tables.size());
  for (auto& t : image.tables) {
    w.text(t.what);
    w.word(t.single);
    w.word(t.words);
    w.text({t.text.data(), t.text.size()});
    w.word(static_cast<std::uint64_t>(t.key));
    w.word(t.count);
    for (auto word : t.data) w.word(word);
  }
  return w.take();
}

std::optional<StateImage> from_bytes(std::string_view bytes) {
  ByteReader r(bytes);
  StateImage image;
  for (std::uint64_t n = r.count(); n > 0 && r.ok(); --n) {
    image.texts.emplace_back(r.text());
    if (image.texts.size() > 1 && image.texts.end()[-2] >= image.texts.back()) return std::nullopt;
  }
  for (std::uint64_t n = r.count(48); n > 0 && r.ok(); --n) {
    StateTable t;
    t.what = r.text();
    t.single = r.word() != 0;
    t.words = r.word();  // of each row, and there may be none: not bounded by the bytes that are left
    if (t.words > kMostWords) return std::nullopt;
    auto text = r.text();
    t.text.assign(text.begin(), text.end());
    t.key = static_cast<std::int64_t>(r.word());
    if (t.key < kPieces || t.key >= static_cast<std::int64_t>(t.text.size())) return std::nullopt;
    t.count = t.width() == 0 ? r.word() : r.count(8 * t.width());
    if (t.count > 1 && (t.width() == 0 || t.single)) return std::nullopt;
    if (t.single && t.count != 1) return std::nullopt;
    t.data.reserve(t.count * t.width());
    for (std::uint64_t i = t.count * t.width(); i > 0 && r.ok(); --i) t.data.push_back(r.word());
    if (!r.ok()) return std::nullopt;
    bool known = true;
    each_text(t, [&](std::uint64_t& c) { known = known && c < image.texts.size(); });
    if (!known) return std::nullopt;
    image.tables.push_back(std::move(t));
  }
  if (!r.at_end()) return std::nullopt;
  return image;
}

void StateWriter::single(const char* what, std::initializer_list<std::uint64_t> words) {
  StateTable t;
  t.what = what;
  t.single = true;
  t.words = words.size();
  t.count = 1;
  t.data = words;
  image_.tables.push_back(std::move(t));
}

void StateWriter::table(std::size_t words, std::span<const plan::Type> cells, const char* what, std::span<const std::uint32_t> columns) {
  StateTable t;
  t.what = what;
  t.words = words;
  for (auto type : cells) t.text.push_back(has_text(type));
  t.key = key_;
  if (key_ >= 0 && !columns.empty()) {
    const auto at = std::find(columns.begin(), columns.end(), static_cast<std::uint32_t>(key_));
    t.key = at == columns.end() ? kWhole : at - columns.begin();
  }
  if (t.key >= static_cast<std::int64_t>(cells.size())) t.key = kWhole;
  image_.tables.push_back(std::move(t));
}

void StateWriter::row(std::initializer_list<std::uint64_t> words, const Cell* cells) {
  StateTable& t = image_.tables.back();
  t.data.insert(t.data.end(), words.begin(), words.end());
  t.data.insert(t.data.end(), cells, cells + t.text.size());
  ++t.count;
}

// The texts that are used, sorted and numbered by their place, and rows sorted.
void tidy(StateImage& image, const std::function<std::string_view(std::uint64_t)>& text_of) {
  std::unordered_map<std::uint64_t, std::uint64_t> places;
  for (auto& t : image.tables) each_text(t, [&](std::uint64_t& c) { places.emplace(c, 0); });
  std::vector<std::uint64_t> used;
  for (auto& [number, place] : places) used.push_back(number);
  std::sort(used.begin(), used.end(), [&](auto a, auto b) { return text_of(a) < text_of(b); });
  std::vector<std::string> texts;
  for (auto number : used) {
    places[number] = texts.size();
    texts.emplace_back(text_of(number));
  }
  for (auto& t : image.tables) {
    each_text(t, [&](std::uint64_t& c) { c = places[c]; });
    sort_rows(t);
  }
  image.texts = std::move(texts);
}

StateImage StateWriter::finish() {
  tidy(image_, [&](std::uint64_t number) -> std::string_view { return strings_.text(number); });
  return std::move(image_);
}

void renumber(StateImage& image, Interner& strings) {
  std::vector<std::uint64_t> number;
  for (auto& t : image.texts) number.push_back(strings.intern(t));
  for (auto& t : image.tables) each_text(t, [&](std::uint64_t& c) { c = number[c]; });
}

StateReader::StateReader(StateImage image, Interner& strings) : image_(std::move(image)) { renumber(image_, strings); }

const StateTable* StateReader::table(std::size_t words, std::span<const plan::Type> cells, const char* what) {
  stopped_at_ = what;
  if (at_end()) return nullptr;
  const StateTable& t = image_.tables[next_];
  bool fits = t.what == what && t.words == words && t.text.size() == cells.size();
  for (std::size_t i = 0; fits && i < cells.size(); ++i) fits = (t.text[i] != 0) == has_text(cells[i]);
  if (!fits) return nullptr;
  ++next_;
  return &t;
}

const std::uint64_t* StateReader::single(const char* what, std::size_t words) {
  const StateTable* t = table(words, {}, what);
  return t && t->single ? t->data.data() : nullptr;
}

}  // namespace surety::logic
