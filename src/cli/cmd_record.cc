// What any record command needs, and those that only read: verify, prove, fsck.
#include <fmt/format.h>

#include "base/files.h"
#include "base/json_out.h"
#include "cli/record.h"
#include "store/key_file.h"
#include "store/party_list.h"
#include "store/record_commands.h"
#include "treaty/treaty.h"

namespace surety::cli {
namespace {

int show(const Result<store::RecordCheck>& check, const RecordArgs& args, const std::string& what) {
  if (!check) return failed(check.error(), args.json);
  const auto now = instant_option("--now", args.now, wall_clock());
  if (!now) return failed(now.error(), args.json);
  // A broken record has no standing; a broken policy is an error of its own.
  const bool holds = check->problems.empty();
  std::string standing, text;
  if (holds) {
    const auto found = store::standing_of(directory(args), store::policy_beside(args.db, {args.policy, args.fallback}), *now);
    if (!found) return failed(found.error(), args.json);
    standing = record::to_string(found->judged.standing);
    text = store::standing_text(*found);
  }
  if (args.json) {
    JsonOut j;
    j.object().member("kind", "record-check").member("holds", holds).member("size", static_cast<std::int64_t>(check->checkpoint.size));
    j.member("entries", static_cast<std::int64_t>(check->entries)).member("tiles", static_cast<std::int64_t>(check->tiles));
    if (holds) j.member("standing", standing);
    j.key("problems").array();
    for (const auto& p : check->problems) j.string(p);
    line(j.end().end().take());
    return holds ? 0 : 1;
  }
  for (const auto& p : check->problems) line("PROBLEM " + p);
  line(fmt::format("{}: {}, {}, {}, {} checked: {}", what, count(check->entries, "entry", "entries"), count(check->tiles, "tile", "tiles"),
                   count(check->bundles, "bundle", "bundles"), count(check->signatures, "signature", "signatures"),
                   holds ? "the record holds" : count(check->problems.size(), "problem", "problems")));
  if (holds) line(text);
  return holds ? 0 : 1;
}

}  // namespace

std::string directory(const RecordArgs& args) { return store::with_defaults(log_options(args)).record_dir; }

store::LogOptions log_options(const RecordArgs& args) {
  store::LogOptions options = log_options(args.db, args.record);
  options.anchor = args.anchor;
  return options;
}

Result<record::VerifierKey> vkey_of(const std::string& file_or_text) {
  if (!file_exists(file_or_text)) {
    auto key = record::parse_vkey(file_or_text);
    if (!key && file_or_text.find('+') == std::string::npos)
      return err(fail("file.cannot-read", "there is no such key file")
                     .in(file_or_text)
                     .expected("a verifier key, name+hash+base64, or a file with one"));
    return key;
  }
  SURETY_TRY(std::string text, read_file(file_or_text));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  auto key = record::parse_vkey(text);
  if (!key) return err(std::move(key.error()).in(file_or_text));
  return key;
}

Result<record::SigningKey> author_key(const std::string& file) {
  SURETY_TRY(record::SigningKey key, store::read_key_file(file));
  if (key.verifier().algorithm != record::Algorithm::ed25519)
    return err(fail("record.bad-key", "this key does not sign statements")
                   .in(file)
                   .found("a witness's key")
                   .expected("a party's: surety record keygen NAME"));
  return key;
}

Result<engine::Author> author_of(const std::string& key_file, const std::string& agreement, bool public_time) {
  if (agreement.empty())
    return err(fail("call.no-agreement", "a signed statement says under which agreement it speaks")
                   .field("--agreement")
                   .expected("the agreement's .treaty text"));
  SURETY_TRY(record::SigningKey key, author_key(key_file));
  SURETY_TRY(const plan::Agreement compiled, treaty::load(agreement));
  SURETY_TRY(const std::string text, read_file(agreement));
  return engine::Author{std::move(key), compiled.name, sha256(text), public_time, {}, {}};
}

int exit_code(const Status& done, const RecordArgs& args) { return done ? 0 : failed(done.error(), args.json); }
int exit_code(const Result<int>& done, const RecordArgs& args) { return done ? *done : failed(done.error(), args.json); }

std::string parties_file(const RecordArgs& args) { return args.parties.empty() ? store::parties_beside(args.db) : args.parties; }

std::optional<std::uint64_t> entry_number(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos || text.size() > 15) return std::nullopt;
  return std::stoull(text);
}

int record_verify(const RecordArgs& args) {
  std::string vkey;
  if (!args.vkey.empty()) {
    const auto key = vkey_of(args.vkey);
    if (!key) return failed(key.error(), args.json);
    vkey = record::vkey_text(*key);
  }
  return show(store::verify_record(directory(args), vkey), args, directory(args));
}

int record_fsck(const RecordArgs& args) { return show(store::fsck(log_options(args)), args, args.db); }

int record_prove(const RecordArgs& args) {
  auto index = entry_number(args.what);
  if (!index) {
    const auto found = store::find_leaf(directory(args), args.what);
    if (!found) return failed(found.error(), args.json);
    if (!*found)
      return failed(fail("record.no-such-leaf", "no entry's leaf hash begins so")
                        .found(args.what)
                        .expected("an index, or hexadecimal digits of a leaf hash"),
                    args.json);
    index = *found;
  }
  const auto proof = store::prove(directory(args), *index);
  if (!proof) return failed(proof.error(), args.json);
  if (args.out.empty()) {
    std::fputs(proof->c_str(), stdout);
    return 0;
  }
  const auto written = write_file_atomically(args.out, *proof);
  return written ? 0 : failed(written.error(), args.json);
}

}  // namespace surety::cli
