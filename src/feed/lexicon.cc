#include "feed/lexicon.h"

#include "base/files.h"
#include "feed/sheet.h"

namespace surety::feed {
namespace {

bool is_letter_byte(char c) {
  const auto b = static_cast<unsigned char>(c);
  return b >= 0x80 || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9');
}

// Typographic quotes and dashes are not letters, though their bytes are above 0x80.
bool begins_word(std::string_view text, std::size_t at) {
  if (at == 0) return true;
  if (at >= 3 && static_cast<unsigned char>(text[at - 3]) == 0xe2 && static_cast<unsigned char>(text[at - 2]) == 0x80) return true;
  if (at >= 2 && static_cast<unsigned char>(text[at - 2]) == 0xc2) return true;  // « and no-break blank
  return !is_letter_byte(text[at - 1]);
}

}  // namespace

std::string lowered(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto& a = out[i];
    if (a >= 'A' && a <= 'Z') a = static_cast<char>(a + 32);
    if (i + 1 >= out.size()) break;
    const auto lead = static_cast<unsigned char>(a);
    auto& b = out[i + 1];
    const auto tail = static_cast<unsigned char>(b);
    if (lead == 0xd0 && tail >= 0x90 && tail <= 0x9f) {  // А … П → а … п
      b = static_cast<char>(tail + 0x20);
    } else if (lead == 0xd0 && tail >= 0xa0 && tail <= 0xaf) {  // Р … Я → р … я
      a = static_cast<char>(0xd1);
      b = static_cast<char>(tail - 0x20);
    } else if (lead == 0xd0 && tail >= 0x80 && tail <= 0x8f) {  // Ѐ … Џ, among them Ё Є І Ї
      a = static_cast<char>(0xd1);
      b = static_cast<char>(tail + 0x10);
    } else if (lead == 0xd2 && tail == 0x90) {  // Ґ
      b = static_cast<char>(0x91);
    } else if (lead == 0xc3 && tail >= 0x80 && tail <= 0x9e && tail != 0x97) {  // À … Þ
      b = static_cast<char>(tail + 0x20);
    }
    if (lead >= 0xc2 && lead <= 0xdf) ++i;
  }
  return out;
}

std::optional<Lexicon::Hit> Lexicon::find(std::string_view text) const {
  const std::string low = lowered(text);
  for (const auto& line : lines_)
    for (auto at = low.find(line.stem); at != std::string::npos; at = low.find(line.stem, at + 1))
      if (begins_word(low, at)) return line;
  return std::nullopt;
}

Result<std::shared_ptr<const Lexicon>> Lexicon::read(const std::string& path) {
  SURETY_TRY(const auto bytes, read_file(path));
  return parse(bytes, path);
}

Result<std::shared_ptr<const Lexicon>> Lexicon::parse(std::string_view bytes, const std::string& file) {
  auto out = std::make_shared<Lexicon>();
  std::size_t stem = 0, event = 0;
  const auto open = [&](const Columns& c) -> Status {
    SURETY_TRY(stem, c.need({"stem"}));
    SURETY_TRY(event, c.need({"event"}));
    return {};
  };
  const auto line = [&](const Row& row) -> Status {
    if (cell(row, stem).empty()) return err(fail("feed.bad-sheet", "a line of the lexicon has no stem").field("stem"));
    out->lines_.push_back({std::string(cell(row, event)), lowered(cell(row, stem))});
    return {};
  };
  SURETY_TRY_STATUS(read_sheet(bytes, file, open, line));
  return std::shared_ptr<const Lexicon>(std::move(out));
}

}  // namespace surety::feed
