// Need to know: which fields of a signed statement are released to whom, handing them over, and forgetting them.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/files.h"
#include "base/json_out.h"
#include "cli/record.h"
#include "engine/book.h"
#include "record/bundle.h"
#include "store/party_list.h"
#include "store/record_commands.h"

namespace surety::cli {
namespace {

struct Entry {
  std::uint64_t index = 0;
  std::string bytes;
  Digest leaf{};
};

Result<std::uint64_t> number_of(const std::string& text) {
  if (const auto number = entry_number(text)) return *number;
  return err(fail("record.no-such-leaf", "an entry is named by its number").found(text).expected("0, 1, 2, …"));
}

Result<Entry> entry_at(store::Store& store, const std::string& what) {
  SURETY_TRY(const std::uint64_t index, number_of(what));
  Entry out;
  out.index = index;
  SURETY_TRY(out.bytes, store.get(out.index));
  out.leaf = record::leaf_hash(out.bytes);
  return out;
}

Status need(const std::string& value, const char* option, const char* what) {
  if (!value.empty()) return {};
  return err(fail("call.missing-option", "this command needs one more option").field(option).expected(what));
}

// A log and the disclosures beside it, open for a change that the log will tell.
struct Opened {
  std::unique_ptr<store::Log> log;
  std::unique_ptr<store::DisclosureStore> disclosures;
};
Result<Opened> open(const RecordArgs& args) {
  const std::string path = store::disclosures_beside(args.db);
  if (!file_exists(path))
    return err(fail("store.no-disclosures", "no disclosures are kept beside this database")
                   .in(path)
                   .help("its statements were imported in the open, without --key, or this is a copy without them"));
  Opened out;
  SURETY_TRY(out.log, store::Log::open(log_options(args)));
  SURETY_TRY(out.disclosures, store::DisclosureStore::open(path));
  return out;
}

std::string name_of(const std::string& encoded) {
  const auto parsed = record::parse_disclosure(encoded);
  return parsed ? parsed->field.name : std::string();
}

Result<std::vector<std::string>> names_kept(store::DisclosureStore& store, const Digest& leaf) {
  SURETY_TRY(const auto all, store.all_of(leaf));
  std::vector<std::string> names;
  for (const auto& encoded : all) names.push_back(name_of(encoded));
  std::sort(names.begin(), names.end());
  return names;
}

std::string joined(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

void show_change(const RecordArgs& args, const char* did, std::uint64_t index, const std::vector<std::string>& fields) {
  if (!args.json) {
    line(fmt::format("entry {}: {} {}{}", index, did, joined(fields), args.audience.empty() ? "" : " (" + args.audience + ")"));
    return;
  }
  JsonOut j;
  j.object().member("kind", "disclosure").member("did", did).member("index", static_cast<std::int64_t>(index)).key("fields").array();
  for (const auto& f : fields) j.string(f);
  j.end();
  if (!args.audience.empty()) j.member("audience", args.audience);
  line(j.member("by", args.by).end().take());
}

enum class Change { release, redact, forget };

Status change(const RecordArgs& args, Change what) {
  SURETY_TRY_STATUS(need(args.by, "--by", "who decides it, for the log"));
  if (what != Change::forget)
    SURETY_TRY_STATUS(need(args.audience, what == Change::release ? "--to" : "--from", "a body or role, or public"));
  SURETY_TRY(const Opened o, open(args));
  SURETY_TRY(const Entry entry, entry_at(o.log->store(), args.what));
  std::vector<std::string> fields = args.fields;
  if (args.all || what == Change::forget) {
    SURETY_TRY(const auto names, names_kept(*o.disclosures, entry.leaf));
    if (args.all) fields = names;
    // The id is a hash over everything that the statement says: with the rest known, it would confirm a guess.
    const bool has_id = std::find(names.begin(), names.end(), "id") != names.end();
    if (what == Change::forget && has_id && std::find(fields.begin(), fields.end(), "id") == fields.end()) fields.emplace_back("id");
  }
  if (fields.empty())
    return err(fail("call.missing-option", "which fields?")
                   .expected("their names, or --all")
                   .help("surety record fields " + args.what + " lists them"));
  const Instant now = wall_clock();
  if (what == Change::release)
    SURETY_TRY_STATUS(o.disclosures->release(*o.log, entry.leaf, fields, args.audience, args.by, now));
  else if (what == Change::redact)
    SURETY_TRY_STATUS(o.disclosures->redact(*o.log, entry.leaf, fields, args.audience, args.by, now));
  else
    SURETY_TRY_STATUS(o.disclosures->forget(*o.log, entry.leaf, fields, args.by, now));
  SURETY_TRY_STATUS(o.log->publish());
  constexpr const char* kDid[] = {"released", "redacted", "forgot"};
  show_change(args, kDid[static_cast<int>(what)], entry.index, fields);
  return {};
}

Status fields(const RecordArgs& args) {
  const std::string path = store::disclosures_beside(args.db);
  SURETY_TRY(auto store, store::open_store(args.db, store::Mode::read));
  SURETY_TRY(const Entry entry, entry_at(*store, args.what));
  std::vector<std::string> names;
  std::map<std::string, std::vector<std::string>> audiences;
  if (file_exists(path)) {
    SURETY_TRY(auto disclosures, store::DisclosureStore::open(path));
    SURETY_TRY(names, names_kept(*disclosures, entry.leaf));
    SURETY_TRY(const auto released, disclosures->released(entry.leaf));
    for (const auto& [field, audience] : released) audiences[field].push_back(audience);
  }
  for (const auto& name : names) {
    if (!args.json) {
      line(fmt::format("{:16} {}", name, audiences[name].empty() ? "nobody" : joined(audiences[name])));
      continue;
    }
    JsonOut j;
    j.object().member("kind", "field").member("field", name).key("released_to").array();
    for (const auto& a : audiences[name]) j.string(a);
    line(j.end().end().take());
  }
  if (names.empty() && !args.json) line(fmt::format("entry {}: no field is kept here", entry.index));
  return {};
}

Status disclose(const RecordArgs& args) {
  SURETY_TRY_STATUS(need(args.audience, "--as", "the body or role that the reader belongs to, or public"));
  SURETY_TRY_STATUS(need(args.reader, "--reader", "who asks, for the log"));
  SURETY_TRY(const Opened o, open(args));
  SURETY_TRY(const Entry entry, entry_at(o.log->store(), args.what));
  SURETY_TRY(const auto encoded, o.disclosures->disclose(*o.log, entry.leaf, args.audience, args.reader, wall_clock()));
  SURETY_TRY_STATUS(o.log->publish());
  std::string out;
  for (const auto& one : encoded) {
    const auto d = record::parse_disclosure(one);
    if (!d) continue;
    JsonOut j;
    j.object().member("kind", "disclosed").member("index", static_cast<std::int64_t>(entry.index)).member("field", d->field.name);
    j.key("value").raw(d->field.value).member("disclosure", one).end();
    out += (args.json ? j.take() : fmt::format("{:16} {}", d->field.name, d->field.value)) + "\n";
  }
  if (encoded.empty() && !args.json) out = fmt::format("entry {}: nothing is released to {}\n", entry.index, args.audience);
  if (!args.out.empty()) return write_file_atomically(args.out, out);
  std::fputs(out.c_str(), stdout);
  return {};
}

// Every statement id that a verdict's witness names.
std::set<std::string> ids_in(std::string_view verdict) {
  std::set<std::string> out;
  for (std::size_t at = 0; (at = verdict.find("\"s-", at)) != std::string_view::npos; ++at)
    if (at + 20 <= verdict.size() && verdict[at + 19] == '"') out.emplace(verdict.substr(at + 1, 18));
  return out;
}

Result<std::vector<std::string>> entries_of(const RecordArgs& args, const std::string& verdict) {
  std::set<std::uint64_t> numbers;
  for (const auto& given : args.files) {
    SURETY_TRY(const std::uint64_t number, number_of(given));
    numbers.insert(number);
  }
  if (!verdict.empty()) {
    SURETY_TRY(const engine::Places places, engine::read_places(args.db));
    for (const auto& id : ids_in(verdict)) {
      const auto it = places.find(id);
      if (it == places.end())
        return err(fail("record.no-such-statement", "the verdict stands on a statement that is not in this record").in(args.db).found(id));
      numbers.insert(it->second);
    }
  }
  if (numbers.empty()) return err(fail("call.missing-option", "a bundle is about entries").expected("their numbers, or --verdict FILE"));
  std::vector<std::string> out;
  for (const std::uint64_t n : numbers) out.push_back(std::to_string(n));
  return out;
}

Result<std::string> text_or_nothing(const std::string& file) {
  if (file.empty()) return std::string();
  return read_file(file);
}

// What the bundle is judged by, as far as it is known here.
Result<record::Bundle> bundle_frame(const RecordArgs& args) {
  record::Bundle out;
  const auto files = store::policy_beside(args.db, {args.policy, args.fallback});
  SURETY_TRY(out.policy, text_or_nothing(files.policy));
  SURETY_TRY(out.fallback, text_or_nothing(files.fallback));
  if (out.policy.empty()) {
    // Nobody is asked to witness: the log's own key is what there is.
    SURETY_TRY(const std::string vkey, read_file(directory(args) + "/log.vkey"));
    out.policy = "log " + vkey + "quorum none\n";
  }
  if (!args.parties.empty()) SURETY_TRY_STATUS(read_file(args.parties));  // one that is named is there
  SURETY_TRY(out.agreement, text_or_nothing(args.agreement));
  SURETY_TRY(out.verdict, text_or_nothing(args.verdict));
  while (out.verdict.ends_with('\n')) out.verdict.pop_back();
  return out;
}

// A verdict's statements are known by their ids, which are hashes over all that they say: a reader who may not know all
// of it could not tell that these entries are those statements.
Status may_know_all(store::DisclosureStore& disclosures, const Entry& entry, const std::string& audience) {
  SURETY_TRY(const auto names, names_kept(disclosures, entry.leaf));
  SURETY_TRY(const auto released, disclosures.released(entry.leaf));
  std::vector<std::string> missing;
  for (const auto& name : names) {
    const auto to = [&](const std::string& who) {
      return std::find(released.begin(), released.end(), std::pair(name, who)) != released.end();
    };
    if (!to("public") && !to(audience)) missing.push_back(name);
  }
  if (missing.empty()) return {};
  return err(fail("record.not-released", "the verdict stands on a statement that this reader may not know whole")
                 .field(fmt::format("entry {}", entry.index))
                 .found("not released to " + audience + ": " + joined(missing))
                 .help("surety record release, or send the entries without the verdict"));
}

Status bundle(const RecordArgs& args) {
  SURETY_TRY(record::Bundle out, bundle_frame(args));
  SURETY_TRY(const auto numbers, entries_of(args, out.verdict));
  SURETY_TRY(auto log, store::Log::open(log_options(args)));
  SURETY_TRY(const auto parties, store::party_list(log->store(), store::Mode::write, parties_file(args)));
  out.party_keys = parties.value_or("");
  std::unique_ptr<store::DisclosureStore> disclosures;
  if (const std::string path = store::disclosures_beside(args.db); file_exists(path)) {
    SURETY_TRY(disclosures, store::DisclosureStore::open(path));
    SURETY_TRY_STATUS(need(args.audience, "--as", "the body or role that the reader belongs to, or public"));
    SURETY_TRY_STATUS(need(args.reader, "--reader", "who gets the bundle, for the log"));
  }
  std::size_t fields = 0;
  for (const auto& number : numbers) {
    SURETY_TRY(Entry entry, entry_at(log->store(), number));
    record::BundleEntry& e = out.entries.emplace_back();
    if (disclosures && !out.verdict.empty()) SURETY_TRY_STATUS(may_know_all(*disclosures, entry, args.audience));
    // Proved by the checkpoint that stands, which witnesses may have cosigned; the entries that tell of this access
    // come after it.
    SURETY_TRY(e.proof, store::prove(directory(args), entry.index));
    if (disclosures) {
      SURETY_TRY(e.disclosures, disclosures->disclose(*log, entry.leaf, args.audience, args.reader, wall_clock()));
    }
    fields += e.disclosures.size();
    e.entry = std::move(entry.bytes);
  }
  const std::string bytes = record::bundle_bytes(out);
  SURETY_TRY_STATUS(write_file_atomically(args.out, bytes));
  SURETY_TRY_STATUS(log->publish());
  if (args.json) {
    JsonOut j;
    j.object().member("kind", "bundle").member("file", args.out).member("entries", out.entries.size()).member("disclosures", fields);
    line(j.member("bytes", bytes.size()).end().take());
    return {};
  }
  line(fmt::format("{}: {}, {}; check it offline: surety-verify --bundle {}", args.out, count(out.entries.size(), "entry", "entries"),
                   count(fields, "disclosed field", "disclosed fields"), args.out));
  return {};
}

}  // namespace

int record_fields(const RecordArgs& args) { return exit_code(fields(args), args); }
int record_release(const RecordArgs& args) { return exit_code(change(args, Change::release), args); }
int record_redact(const RecordArgs& args) { return exit_code(change(args, Change::redact), args); }
int record_forget(const RecordArgs& args) { return exit_code(change(args, Change::forget), args); }
int record_disclose(const RecordArgs& args) { return exit_code(disclose(args), args); }
int record_bundle(const RecordArgs& args) { return exit_code(bundle(args), args); }

}  // namespace surety::cli
