#include <fmt/format.h>

#include "feed/reader.h"

namespace surety::feed {
namespace {

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

std::string lower(std::string_view s) {
  std::string out(trimmed(s));
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

Columns::Columns(const std::vector<std::string_view>& header) {
  for (const auto& name : header) names_.push_back(lower(name));
}

std::size_t Columns::find(std::initializer_list<std::string_view> names) const {
  for (const auto& wanted : names)
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (names_[i] == wanted) return i;
  return npos;
}

Result<std::size_t> Columns::need(std::initializer_list<std::string_view> names) const {
  const auto at = find(names);
  if (at != npos) return at;
  return err(fail("feed.column-missing", "the header lacks a column that this format needs")
                 .field(std::string(*names.begin()))
                 .found(fmt::format("{}", fmt::join(names_, ", ")))
                 .expected(fmt::format("one of: {}", fmt::join(names, ", ")))
                 .help("check that the first line is the header and the separator is a comma, or name another format"));
}

std::string_view cell(const Row& row, std::size_t column) {
  return column < row.fields.size() ? trimmed(row.fields[column]) : std::string_view{};
}

Status need_author(const Settings& s, std::string_view format) {
  if (!s.author.empty()) return {};
  return err(fail("feed.setting-needed", "this feed does not say who speaks in it")
                 .field("author")
                 .expected(fmt::format("the setting `author`: format {} has rows without one", format))
                 .help("name the source, and if it is a party to the conflict set `speaks_for` too; grades and corroboration rest on it"));
}

model::Statement begin_statement(const Settings& s, std::string_view means) {
  model::Statement out;
  out.kind = model::Kind::observation;
  out.exercise = s.exercise;
  out.author = s.author;
  out.origin = s.origin;
  out.speaks_for = s.speaks_for;
  out.means = s.means.empty() ? std::string(means) : s.means;
  out.admiralty = s.admiralty;
  out.actor = s.actor;
  if (!s.actor.empty()) out.actor_basis = s.actor_basis;
  return out;
}

Result<model::FieldValue> count_of(std::string_view text, const char* field) {
  if (text.empty() || text == "NaN" || text == "nan") return model::FieldValue(model::Unknown{});
  std::string_view digits = text;
  if (digits.find('.') != std::string_view::npos) {
    while (digits.back() == '0') digits.remove_suffix(1);
    if (digits.back() == '.') digits.remove_suffix(1);
  }
  const auto number = Decimal::parse(digits);
  if (!number || *number < Decimal(0) || digits.find('.') != std::string_view::npos)
    return err(fail("feed.bad-count", "this is not a count")
                   .field(field)
                   .found(std::string(text))
                   .expected("a whole number of 0 or more, or nothing when it is not known"));
  model::Amount a;
  a.low = a.high = *number;
  return model::FieldValue(a);
}

}  // namespace surety::feed
