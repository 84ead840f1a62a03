// What parties say: signing it, taking it into the log, and holding the log to what it promised.
#include <fmt/format.h>

#include "base/files.h"
#include "base/json_out.h"
#include "cli/record.h"
#include "engine/book.h"
#include "feed/feed.h"
#include "record/bundle.h"
#include "record/receipt.h"
#include "store/party_list.h"
#include "store/record_commands.h"

namespace surety::cli {
namespace {

std::vector<record::BundleEntry>& append(std::vector<record::BundleEntry>& to, const engine::Signed& s) {
  record::BundleEntry& e = to.emplace_back();
  e.entry = s.entry;
  for (const auto& d : s.disclosures) e.disclosures.push_back(d.encoded);
  return to;
}

// Where the log has the statements that corrections in these files may name.
Result<engine::Places> known_places(const std::string& db) {
  if (!store::is_postgres(db) && !file_exists(db)) return engine::Places();
  return engine::read_places(db);
}

Status sign_file(const std::string& file, const feed::Settings& settings, const engine::Places& places, const engine::Author& author,
                 std::vector<record::BundleEntry>& notes) {
  SURETY_TRY(const auto imported, feed::import_all(file, settings));
  if (imported.counts.quarantined) return err(imported.all.quarantined.front().reason);
  for (const auto& s : imported.all.statements) {
    const auto at = s.about.empty() ? places.end() : places.find(s.about[0]);
    SURETY_TRY(const engine::Signed one, engine::sign(s, author, at == places.end() ? std::nullopt : std::optional(at->second)));
    append(notes, one);
  }
  return {};
}

Result<std::vector<record::BundleEntry>> sign_files(const RecordArgs& args) {
  SURETY_TRY(const engine::Author author, author_of(args.key, args.agreement, args.public_time));
  SURETY_TRY(const auto settings, feed_settings(args.in));
  SURETY_TRY(const auto places, known_places(args.db));
  std::vector<record::BundleEntry> notes;
  for (const auto& file : args.files) SURETY_TRY_STATUS(sign_file(file, settings, places, author, notes));
  return notes;
}

// Submissions are read, anything else is a feed that this call must be able to sign.
Result<std::vector<record::BundleEntry>> notes_of(const RecordArgs& args) {
  if (!args.key.empty()) return sign_files(args);
  std::vector<record::BundleEntry> notes;
  for (const auto& file : args.files) {
    SURETY_TRY(const std::string bytes, read_file(file));
    if (!bytes.starts_with(record::kBundleBegin))
      return err(fail("record.unsigned", "this is no submission: nobody has signed it")
                     .in(file)
                     .expected("what `surety record commit` writes")
                     .help("sign it here with --key and --agreement"));
    SURETY_TRY(auto submission, record::parse_bundle(bytes, file));
    for (auto& e : submission.entries) notes.push_back(std::move(e));
  }
  return notes;
}

Error no_parties(const std::string& file) {
  return fail("record.no-parties", "there is no list of the parties' keys, so no author is known")
      .in(file)
      .help("surety record parties --admit KEY.vkey begins one");
}

Result<record::PartyKeys> party_keys(store::Log& log, const std::string& file) {
  SURETY_TRY(const auto list, store::party_list(log.store(), store::Mode::write, file));
  if (!list) return err(no_parties(file));
  return record::PartyKeys::parse(*list, file);
}

Result<std::string> write_receipt(engine::Book& book, const RecordArgs& args, const std::string& entry, Instant accepted) {
  const std::string file = args.receipts + "/" + hex(record::leaf_hash(entry)).substr(0, 16) + ".receipt";
  SURETY_TRY_STATUS(write_file_atomically(file, book.log().receipt(entry, accepted, args.merge_delay)));
  return file;
}

Status show_taken(const RecordArgs& args, const std::string& entry, const store::Appended& placed, const std::string& receipt) {
  SURETY_TRY(const record::Note note, record::parse_note(entry));
  SURETY_TRY(const record::StatementNote said, record::parse_statement_text(note.text));
  if (!args.json) {
    line(fmt::format("entry {}: {} by {}{}; receipt {}", placed.index, record::to_string(said.kind), said.author,
                     placed.duplicate ? ", which was there already" : "", receipt));
    return {};
  }
  JsonOut j;
  j.object().member("kind", "submitted").member("index", static_cast<std::int64_t>(placed.index));
  j.member("statement", record::to_string(said.kind)).member("author", said.author).member("duplicate", placed.duplicate);
  line(j.member("leaf", hex(record::leaf_hash(entry))).member("receipt", receipt).end().take());
  return {};
}

Status submit(const RecordArgs& args) {
  SURETY_TRY(const auto notes, notes_of(args));
  if (!store::is_postgres(args.db) && !file_exists(args.db) && !file_exists(parties_file(args))) return err(no_parties(parties_file(args)));
  SURETY_TRY(engine::Book book, engine::Book::open(log_options(args)));
  const std::string file = parties_file(args);  // a new database has its name from here on
  SURETY_TRY(const record::PartyKeys parties, party_keys(book.log(), file));
  SURETY_TRY_STATUS(make_directories(args.receipts));
  SURETY_TRY(const auto placed, book.submit(notes, parties));
  // The promise is signed when the entry is durable; publishing at once is the shortest way to keep it.
  const Instant accepted = wall_clock();
  for (std::size_t i = 0; i < placed.size(); ++i) {
    SURETY_TRY(const std::string receipt, write_receipt(book, args, notes[i].entry, accepted));
    SURETY_TRY_STATUS(show_taken(args, notes[i].entry, placed[i], receipt));
  }
  return book.publish();
}

Status commit(const RecordArgs& args) {
  SURETY_TRY(const auto notes, sign_files(args));
  record::Bundle submission;
  submission.entries = notes;
  SURETY_TRY_STATUS(write_file_atomically(args.out, record::bundle_bytes(submission)));
  if (args.json) {
    JsonOut j;
    j.object().member("kind", "committed").member("statements", notes.size()).member("file", args.out);
    line(j.end().take());
  } else {
    line(fmt::format("{}: {} signed; hand it to whoever runs the log: surety record submit {}", args.out,
                     count(notes.size(), "statement", "statements"), args.out));
  }
  return {};
}

std::string promise_text(const store::ReceiptCheck& check) {
  const std::string due = to_string(check.receipt.due());
  if (check.promise == store::Promise::kept) return fmt::format("kept: the entry is number {} of the log", check.index.value_or(0));
  if (check.promise == store::Promise::open)
    return fmt::format("open: the entry was due by {}, and no witness has cosigned a later checkpoint without it", due);
  return fmt::format("BROKEN: the entry was due by {}, and {} cosigned a later checkpoint without it", due, check.witnessed_by);
}

Result<int> promise(const RecordArgs& args) {
  SURETY_TRY(const std::string receipt, read_file(args.what));
  std::vector<record::VerifierKey> witnesses;
  if (const auto files = store::policy_beside(args.db, {args.policy, args.fallback}); !files.policy.empty()) {
    SURETY_TRY(const record::Policy policy, store::read_policy(files.policy));
    witnesses = policy.witness_keys();
  }
  SURETY_TRY(const store::ReceiptCheck check, store::check_receipt(directory(args), receipt, witnesses));
  if (!check.proof.empty() && !args.out.empty()) SURETY_TRY_STATUS(write_file_atomically(args.out, check.proof));
  if (args.json) {
    constexpr const char* kWords[] = {"kept", "open", "broken"};
    JsonOut j;
    j.object().member("kind", "promise").member("promise", kWords[static_cast<int>(check.promise)]);
    j.member("leaf", hex(check.receipt.leaf))
        .member("accepted", to_string(check.receipt.accepted))
        .member("due", to_string(check.receipt.due()));
    if (check.index) j.member("index", static_cast<std::int64_t>(*check.index));
    if (!check.witnessed_by.empty()) j.member("witnessed_by", check.witnessed_by).member("proof", check.proof);
    line(j.end().take());
  } else {
    line(promise_text(check));
    if (!check.proof.empty() && !args.out.empty())
      line("proof: " + args.out + " (receipt and checkpoint; anyone who has the tiles can check it)");
  }
  return check.promise == store::Promise::broken ? 1 : 0;
}

}  // namespace

int record_commit(const RecordArgs& args) { return exit_code(commit(args), args); }
int record_submit(const RecordArgs& args) { return exit_code(submit(args), args); }

int record_promise(const RecordArgs& args) { return exit_code(promise(args), args); }

}  // namespace surety::cli
