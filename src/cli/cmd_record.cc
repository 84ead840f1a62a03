#include <fmt/format.h>

#include "base/files.h"
#include "base/json_out.h"
#include "cli/commands.h"
#include "store/record_commands.h"

namespace surety::cli {
namespace {

std::string directory(const RecordArgs& args) { return store::with_defaults(log_options(args.db, args.record)).record_dir; }

int show(const Result<store::RecordCheck>& check, const std::string& what, bool json) {
  if (!check) return failed(check.error(), json);
  if (json) {
    JsonOut j;
    j.object()
        .member("kind", "record-check")
        .member("holds", check->problems.empty())
        .member("size", static_cast<std::int64_t>(check->checkpoint.size));
    j.member("entries", static_cast<std::int64_t>(check->entries)).member("tiles", static_cast<std::int64_t>(check->tiles));
    j.key("problems").array();
    for (const auto& p : check->problems) j.string(p);
    line(j.end().end().take());
  } else {
    for (const auto& p : check->problems) line("PROBLEM " + p);
    line(fmt::format("{}: {} entries, {} tiles, {} bundles, {} signatures checked: {}", what, check->entries, check->tiles, check->bundles,
                     check->signatures, check->problems.empty() ? "the record holds" : fmt::format("{} problems", check->problems.size())));
  }
  return check->problems.empty() ? 0 : 1;
}

}  // namespace

int record_verify(const RecordArgs& args) {
  std::string vkey;
  if (!args.vkey.empty()) {
    const auto text = read_file(args.vkey);
    if (!text) return failed(text.error(), args.json);
    vkey = *text;
    while (!vkey.empty() && (vkey.back() == '\n' || vkey.back() == '\r')) vkey.pop_back();
  }
  return show(store::verify_record(directory(args), vkey), directory(args), args.json);
}

int record_fsck(const RecordArgs& args) { return show(store::fsck(log_options(args.db, args.record)), args.db, args.json); }

int record_prove(const RecordArgs& args) {
  std::uint64_t index = 0;
  if (!args.what.empty() && args.what.find_first_not_of("0123456789") == std::string::npos && args.what.size() < 16) {
    index = std::stoull(args.what);
  } else {
    const auto found = store::find_leaf(directory(args), args.what);
    if (!found) return failed(found.error(), args.json);
    if (!*found)
      return failed(fail("record.no-such-leaf", "no entry's leaf hash begins so")
                        .found(args.what)
                        .expected("an index, or hexadecimal digits of a leaf hash"),
                    args.json);
    index = **found;
  }
  const auto proof = store::prove(directory(args), index);
  if (!proof) return failed(proof.error(), args.json);
  if (args.out.empty()) {
    std::fputs(proof->c_str(), stdout);
    return 0;
  }
  const auto written = write_file_atomically(args.out, *proof);
  return written ? 0 : failed(written.error(), args.json);
}

}  // namespace surety::cli
