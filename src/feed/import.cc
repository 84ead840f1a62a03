// The driver: rows in, one of four things out (statement, duplicate, quarantined, outside), counted
// at one place so that the invariant of feed.h cannot break.
#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <filesystem>

#include "base/bytes.h"
#include "base/files.h"
#include "feed/coding.h"
#include "feed/csv.h"
#include "feed/gazetteer.h"
#include "feed/lexicon.h"
#include "feed/reader.h"
#include "feed/row_key.h"

namespace surety::feed {
namespace {

class Driver {
 public:
  Driver(const std::string& file, const Settings& s, const Sink& sink) : file_(file), settings_(s), sink_(sink) {
    auto name = std::filesystem::path(file).filename().string();
    if (name.ends_with(".gz")) name.resize(name.size() - 3);
    file_name_ = std::move(name);
  }
  Result<Counts> run(std::string_view bytes);

 private:
  Status choose_format(std::string_view bytes);
  Status csv(std::string_view bytes);
  Status lines(std::string_view bytes);
  Status take(const Row& row, std::size_t offset);
  Status quarantine(Error e, std::string_view raw, std::size_t line, std::size_t offset);
  Status flush();
  bool wanted(const model::Statement& s) const;

  const std::string& file_;
  const Settings& settings_;
  const Sink& sink_;
  std::string file_name_;
  const Format* format_ = nullptr;
  std::unique_ptr<Reader> reader_;
  std::size_t skipped_ = 0;  // bytes of a byte order mark
  std::size_t number_ = 0;   // of the row
  std::size_t in_batch_ = 0;
  Counts counts_;
  Batch batch_;
  boost::unordered_flat_set<RowKey> seen_;
};

Status check_encoding(std::string_view bytes, const std::string& file) {
  if (bytes.empty())
    return err(fail("feed.empty", "this feed is empty")
                   .in(file)
                   .expected("a header and rows, or statements")
                   .help("fetch it again; an empty file says nothing about what happened"));
  const auto wide = bytes.substr(0, 2) == "\xff\xfe" || bytes.substr(0, 2) == "\xfe\xff";
  const auto zeros = std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(bytes.size(), 64)), '\0');
  if (wide || zeros > 8)
    return err(fail("feed.utf-16", "this feed is UTF-16, not UTF-8")
                   .in(file)
                   .found("bytes " + hex(bytes.substr(0, 4)))
                   .expected("UTF-8 text")
                   .help("convert it: iconv -f UTF-16 -t UTF-8 " + file));
  return {};
}

Status Driver::choose_format(std::string_view bytes) {
  CsvReader csv(bytes);
  CsvRow header;
  Error broken;
  const auto got = csv.next(header, broken);
  const Columns columns(got == CsvReader::Got::row ? header.fields : std::vector<std::string_view>{});
  const bool by_name = settings_.format != "auto";
  std::string known;
  for (const auto& f : table()) {
    known += fmt::format("{}{} ({})", known.empty() ? "" : "; ", f.info.name, f.info.columns);
    if (!format_ && (by_name ? settings_.format == f.info.name : f.recognises(columns, bytes.substr(0, bytes.find('\n'))))) format_ = &f;
  }
  if (!format_ && by_name)
    return err(fail("feed.unknown-format", "there is no such format").in(file_).found(settings_.format).expected(known));
  if (!format_)
    return err(fail("feed.unknown-format", "the first line fits no format that is known")
                   .in(file_, 1)
                   .found(std::string(bytes.substr(0, std::min<std::size_t>(bytes.find('\n'), 200))))
                   .expected(known)
                   .help("is the header missing? Otherwise name the format"));
  if (format_->framing == Framing::csv && got != CsvReader::Got::row)
    return err(fail("feed.no-header", "this feed has no header that can be read")
                   .in(file_, 1)
                   .found(broken.found_text)
                   .expected(std::string(format_->info.columns)));
  counts_.format = format_->info.name;
  auto reader = format_->make(columns, settings_);
  if (!reader) return err(std::move(reader.error()).in(file_, 1));
  reader_ = std::move(*reader);
  return {};
}

bool Driver::wanted(const model::Statement& s) const {
  if (settings_.from && s.when.to < *settings_.from) return false;
  if (settings_.to && s.when.from >= *settings_.to) return false;
  if (settings_.only.empty() || s.event.empty()) return true;
  for (const auto& root : settings_.only)
    if (s.event == root || (s.event.starts_with(root) && s.event[root.size()] == '.')) return true;
  return false;
}

Status Driver::quarantine(Error e, std::string_view raw, std::size_t line, std::size_t offset) {
  e.file_name = file_;
  e.line_number = static_cast<long>(line);
  ++counts_.rows;
  ++counts_.quarantined;
  ++counts_.reasons[e.code];
  batch_.quarantined.push_back({std::move(e), number_, offset + skipped_, raw.size(), std::string(raw.substr(0, kKeptBytes))});
  return ++in_batch_ >= settings_.batch ? flush() : Status{};
}

Status Driver::take(const Row& row, std::size_t offset) {
  if (const auto bad = first_bad_utf8(row.raw); bad != std::string_view::npos)
    return quarantine(fail("feed.not-utf8", "this row is not UTF-8")
                          .found(fmt::format("byte {} at offset {} of the row", hex(row.raw.substr(bad, 1)), bad))
                          .expected("UTF-8 text")
                          .help("find the source's encoding and convert the file, for example: iconv -f WINDOWS-1251 -t UTF-8"),
                      row.raw, row.line, offset);
  auto s = reader_->read(row);
  if (!s) return quarantine(std::move(s.error()), row.raw, row.line, offset);
  const bool ours = format_->framing == Framing::lines;
  if (!ours && settings_.coding) {
    if (const auto* coding = settings_.coding->find(file_name_, number_)) apply(*coding, *s, settings_.places.get());
  }
  if (!wanted(*s)) {
    ++counts_.outside;
    return {};
  }
  if (s->event.empty()) return quarantine(reader_->no_class(row), row.raw, row.line, offset);
  ++counts_.rows;
  const Digest digest = sha256(ours ? std::string_view(s->id) : row.raw);
  if (!seen_.insert(RowKey(digest)).second || reader_->repeated()) {
    ++counts_.duplicates;
    return {};
  }
  if (!ours) {
    s->source = fmt::format("{}{}{}, row {} (sha256 {})", settings_.feed, settings_.feed.empty() ? "" : ", ", file_name_, number_,
                            hex(digest).substr(0, 16));
    model::seal(*s);
  }
  ++counts_.statements;
  batch_.statements.push_back(std::move(*s));
  return ++in_batch_ >= settings_.batch ? flush() : Status{};
}

Status Driver::flush() {
  in_batch_ = 0;
  if (batch_.statements.empty() && batch_.quarantined.empty()) return {};
  Batch out;
  std::swap(out, batch_);
  return sink_(std::move(out));
}

Status Driver::csv(std::string_view bytes) {
  CsvReader csv(bytes);
  CsvRow r;
  Error broken;
  csv.next(r, broken);  // the header, which choose_format has read
  const std::size_t width = r.fields.size();
  for (;;) {
    const auto got = csv.next(r, broken);
    if (got == CsvReader::Got::end) return {};
    ++number_;
    if (got == CsvReader::Got::bad) {
      SURETY_TRY_STATUS(quarantine(std::move(broken), r.raw, r.line, r.offset));
    } else if (r.fields.size() != width) {
      const bool last = r.offset + r.raw.size() == bytes.size();
      SURETY_TRY_STATUS(quarantine(
          fail("feed.row-width", "this row has another number of fields than the header")
              .found(std::to_string(r.fields.size()))
              .expected(std::to_string(width))
              .help(last ? "the file ends in the middle of this row: fetch it again" : "a comma in a text needs quotes around it"),
          r.raw, r.line, r.offset));
    } else {
      SURETY_TRY_STATUS(take(Row{r.fields, r.raw, r.line, number_, file_name_}, r.offset));
    }
  }
}

Status Driver::lines(std::string_view bytes) {
  static const std::vector<std::string_view> kNoFields;
  std::size_t line = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto end = std::min(bytes.find('\n', at), bytes.size());
    auto raw = bytes.substr(at, end - at);
    ++line;
    if (raw.ends_with('\r')) raw.remove_suffix(1);
    if (!raw.empty()) {
      ++number_;
      SURETY_TRY_STATUS(take(Row{kNoFields, raw, line, number_, file_name_}, at));
    }
    at = end + 1;
  }
  return {};
}

Result<Counts> Driver::run(std::string_view bytes) {
  SURETY_TRY_STATUS(check_encoding(bytes, file_));
  if (bytes.starts_with("\xef\xbb\xbf")) skipped_ = 3;
  bytes.remove_prefix(skipped_);
  SURETY_TRY_STATUS(choose_format(bytes));
  SURETY_TRY_STATUS(format_->framing == Framing::csv ? csv(bytes) : lines(bytes));
  SURETY_TRY_STATUS(flush());
  SURETY_CHECK(counts_.rows == counts_.statements + counts_.duplicates + counts_.quarantined);
  return counts_;
}

}  // namespace

Result<Counts> import_bytes(std::string_view bytes, const std::string& file, const Settings& s, const Sink& sink) {
  return Driver(file, s, sink).run(bytes);
}

Result<Counts> import_file(const std::string& path, const Settings& s, const Sink& sink) {
  SURETY_TRY(const auto bytes, read_maybe_gzip(path));
  return import_bytes(bytes, path, s, sink);
}

Result<Imported> import_all(const std::string& path, const Settings& s) {
  Imported out;
  const auto keep = [&](Batch&& b) -> Status {
    for (auto& x : b.statements) out.all.statements.push_back(std::move(x));
    for (auto& x : b.quarantined) out.all.quarantined.push_back(std::move(x));
    return {};
  };
  SURETY_TRY(out.counts, import_file(path, s, keep));
  return out;
}

}  // namespace surety::feed
