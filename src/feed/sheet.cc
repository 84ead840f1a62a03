#include "feed/sheet.h"

#include "base/bytes.h"
#include "feed/csv.h"

namespace surety::feed {

Status read_sheet(std::string_view bytes, const std::string& file, const std::function<Status(const Columns&)>& open,
                  const std::function<Status(const Row&)>& row) {
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  if (const auto bad = first_bad_utf8(bytes); bad != std::string_view::npos)
    return err(fail("feed.not-utf8", "this sheet is not UTF-8")
                   .in(file)
                   .found("byte " + hex(bytes.substr(bad, 1)) + " at offset " + std::to_string(bad))
                   .help("save it as UTF-8"));
  CsvReader csv(bytes);
  CsvRow r;
  Error error;
  const auto here = [&](Error e) {
    if (e.line_number == 0) {
      e.file_name = file;
      e.line_number = static_cast<long>(r.line);
    }
    return err(std::move(e));
  };
  std::size_t width = 0;
  for (;;) {
    const auto got = csv.next(r, error);
    if (got == CsvReader::Got::end) break;
    if (got == CsvReader::Got::bad) return here(std::move(error));
    if (width == 0) {
      width = r.fields.size();
      if (auto ok = open(Columns(r.fields)); !ok) return here(std::move(ok.error()));
      continue;
    }
    if (r.fields.size() != width)
      return here(fail("feed.row-width", "this row has another number of fields than the header")
                      .found(std::to_string(r.fields.size()))
                      .expected(std::to_string(width)));
    if (auto ok = row(Row{r.fields, r.raw, r.line}); !ok) return here(std::move(ok.error()));
  }
  if (width == 0) return err(fail("feed.empty", "this sheet is empty").in(file).expected("a header and rows"));
  return {};
}

}  // namespace surety::feed
