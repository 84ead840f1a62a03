#include "cli/record_call.h"

namespace surety::cli {
namespace {

class Verbs {
 public:
  Verbs(CLI::App& parent, RecordArgs& args, std::vector<std::string>& sets, std::function<int()>& command)
      : parent_(parent), a_(args), sets_(sets), command_(command) {}

  void reading() {
    auto* verify = add("verify", "every leaf, the root, the signature, and who vouches for it", "surety record verify --vkey truce.vkey",
                       record_verify);
    verify->add_option("--vkey", a_.vkey, "the log's key, from somebody you trust")->type_name("FILE");
    policy(verify);
    auto* prove = add("prove", "an inclusion proof of one entry", "surety record prove 42", record_prove);
    prove->add_option("what", a_.what, "index, or the beginning of a leaf hash")->required();
    prove->add_option("-o,--out", a_.out)->type_name("FILE");
    policy(add("fsck", "the whole log recomputed from its entries", "surety record fsck --db surety.db", record_fsck));
  }

  void keys() {
    auto* keygen = plain("keygen", "make a key: the private half into a file of mode 0600, the public half printed",
                         "surety record keygen example.org/monitor -o monitor.key > monitor.vkey", record_keygen);
    keygen->add_option("name", a_.name, "whose key it is: a name without blanks, best with a domain")->required();
    keygen->add_option("--for", a_.kind, "party (signs statements), witness (cosigns), log (its name is the log's origin)")
        ->check(CLI::IsMember({"party", "witness", "log"}))
        ->capture_default_str();
    keygen->add_option("-o,--out", a_.out, "default: the name's last part, with .key")->type_name("FILE");

    auto* parties = add("parties", "whose key speaks from which entry on; each change is an entry of the log",
                        "surety record parties --rotate new-monitor.vkey --key monitor.key", record_parties);
    parties_file(parties);
    parties->add_option("--admit", a_.admit, "one more key, from the next entry on")->type_name("VKEY");
    parties->add_option("--rotate", a_.rotate, "the same, and its party's other keys end there")->type_name("VKEY");
    parties->add_option("--revoke", a_.revoke, "all keys of this party end here; what they signed before stays good")->type_name("PARTY");
    parties->add_option("--by", a_.by, "who decides it; the log notes the name")->type_name("NAME");
    parties->add_option("--key", a_.key, "who signs the change: the party's own key until now, or that of the body that admits it")
        ->type_name("FILE");
    parties->add_option("-o,--out", a_.out, "only sign it, into this file, where the key is and the log is not")->type_name("FILE");
    parties->add_option("--take", a_.take, "take a change that was signed elsewhere into the log")->type_name("FILE");
    parties->add_flag("--from-log", a_.from_log, "write the file as the log has it");
    anchor(parties);
  }

  void submitting() {
    auto* commit =
        add("commit", "sign statements and commit to their fields, where the key is and the log is not",
            "surety record commit sightings.ndjson --key monitor.key --agreement truce.treaty -o sightings.submission", record_commit);
    commit->add_option("feeds", a_.files, "statements, or any other feed")->required();
    signing(commit, true);
    commit->add_option("-o,--out", a_.out)->required()->type_name("FILE");

    auto* submit = add("submit", "take signed statements into the log: signatures checked, receipts written",
                       "surety record submit sightings.submission --parties truce.parties", record_submit);
    submit->add_option("files", a_.files, "submissions; with --key, feeds to sign here")->required();
    signing(submit, false);
    parties_file(submit);
    anchor(submit);
    submit->add_option("--receipts", a_.receipts, "where the receipts go, one file a statement")->type_name("DIR")->capture_default_str();
    submit->add_option("--merge-delay", a_.merge_delay, "seconds within which the log promises to have it")
        ->check(CLI::Range(0, 86'400 * 366))
        ->capture_default_str();

    auto* promise = add("promise", "was the promise of a receipt kept? Exit 1: broken, with the proof",
                        "surety record promise receipts/0123456789abcdef.receipt", record_promise);
    promise->add_option("receipt", a_.what)->required();
    promise->add_option("-o,--out", a_.out, "write the proof of a broken promise here")->type_name("FILE");
    policy(promise);
  }

  void witnessing() {
    auto* witness = plain("witness", "be a witness: cosign what is consistent with what was cosigned before (C2SP tlog-witness)",
                          "surety record witness --db w1.db --name example.net/w1 --log truce.vkey", record_witness);
    witness->add_option("--db", a_.db, "what it has cosigned; its key lies beside it")->type_name("DB")->capture_default_str();
    witness->add_option("--name", a_.name, "its key's name, when the key is new")->type_name("NAME");
    witness->add_option("--log", a_.logs, "a log that it cosigns, by key; may be given often")
        ->type_name("VKEY")
        ->required()
        ->allow_extra_args(false);
    witness->add_option("--address", a_.address)->capture_default_str();
    witness->add_option("--port", a_.port)->capture_default_str()->check(CLI::Range(0, 65535));

    policy(add("status", "who vouches for the record, and which witness is late since when. Exit 1: nothing is operative",
               "surety record status --db surety.db", record_status));

    auto* cosign = add("cosign", "ask the policy's witnesses once (`surety serve` does while it runs). Exit 1: no quorum",
                       "surety record cosign --policy truce.policy", record_cosign);
    policy(cosign);
    cosign->add_option("--site", a_.sites, "where a witness of the policy is")->type_name("NAME=URL")->allow_extra_args(false);
  }

  void disclosing() {
    auto* fields =
        add("fields", "which fields of a signed statement are kept, and who may know them", "surety record fields 17", record_fields);
    fields->add_option("entry", a_.what, "its number")->required();
    change("release", "from now on an audience may know these fields", "surety record release 17 event when --to desk-officer --by chair",
           record_release, "--to");
    change("redact", "from now on an audience may not know them", "surety record redact 17 actor --from desk-officer --by chair",
           record_redact, "--from");
    change("forget", "delete them for good; the commitment in the log stays and says nothing",
           "surety record forget 17 source text --by chair", record_forget, nullptr);

    auto* disclose = add("disclose", "hand over what an audience may know of an entry; the log notes it first",
                         "surety record disclose 17 --as desk-officer --reader example.org/anna", record_disclose);
    disclose->add_option("entry", a_.what, "its number")->required();
    reader(disclose);
    disclose->add_option("-o,--out", a_.out)->type_name("FILE");

    auto* bundle = add("bundle", "entries, proofs and what a reader may know, in one file that is checked offline",
                       "surety record bundle 17 18 --as press --reader example.org/anna -o for-anna.bundle", record_bundle);
    bundle->add_option("entries", a_.files, "their numbers");
    bundle->add_option("--verdict", a_.verdict, "one line of `surety run --json --witness`: its statements are put in")->type_name("FILE");
    bundle->add_option("--agreement", a_.agreement, "put its text in")->type_name("TREATY");
    parties_file(bundle);
    policy(bundle);
    reader(bundle);
    bundle->add_option("-o,--out", a_.out)->required()->type_name("FILE");
  }

  void keeping() {
    auto* backup = add("backup", "copy the database while others write; says what the copy proves to hold",
                       "surety record backup --to surety-monday.db", record_backup);
    backup->add_option("--to", a_.to, "a new file")->required()->type_name("FILE");
    auto* restore = add("restore", "a database from a backup, a record directory, or both; never a fork",
                        "surety record restore surety-monday.db --db surety.db --record record", record_restore);
    restore->add_option("backup", a_.what, "none: from the record directory alone");
    restore->add_option("--vkey", a_.vkey, "the log's key, from somebody you trust")->type_name("FILE");
    anchor(restore);
    auto* migrate = add("migrate", "every entry and value to another store, which must then have the same tree",
                        "surety record migrate --db surety.db --to postgres://surety@db.example.org/surety", record_migrate);
    migrate->add_option("--to", a_.to, "a file, or postgres://…")->required()->type_name("DB");
  }

 private:
  CLI::App* plain(const char* name, const char* what, const char* example, int (*run_it)(const RecordArgs&)) {
    auto* sub = verb(parent_, name, what, example);
    sub->add_flag("--json", a_.json, "one JSON object a line");
    sub->callback([this_args = &a_, out = &command_, run_it] { *out = [this_args, run_it] { return run_it(*this_args); }; });
    return sub;
  }
  CLI::App* add(const char* name, const char* what, const char* example, int (*run_it)(const RecordArgs&)) {
    auto* sub = plain(name, what, example, run_it);
    sub->add_option("--db", a_.db)->type_name("DB")->capture_default_str();
    sub->add_option("--record", a_.record, "default: `record` beside the database")->type_name("DIR");
    return sub;
  }
  void change(const char* name, const char* what, const char* example, int (*run_it)(const RecordArgs&), const char* audience) {
    auto* sub = add(name, what, example, run_it);
    sub->add_option("entry", a_.what, "its number")->required();
    sub->add_option("fields", a_.fields, "`surety record fields N` lists them");
    sub->add_flag("--all", a_.all, "every field that is kept");
    if (audience) sub->add_option(audience, a_.audience, "a body or role of the agreement, or public")->type_name("AUDIENCE");
    sub->add_option("--by", a_.by, "who decides it; the log notes the name")->type_name("NAME");
    anchor(sub);
  }
  void signing(CLI::App* sub, bool needed) {
    auto* key = sub->add_option("--key", a_.key, "the private key of the party that signs")->type_name("FILE");
    if (needed) key->required();
    sub->add_option("--agreement", a_.agreement, "under which agreement it speaks")->type_name("TREATY");
    sub->add_flag("--public-time", a_.public_time, "state in the open when it happened");
    feed_options(sub, a_.in.settings_file, sets_);
  }
  void reader(CLI::App* sub) {
    sub->add_option("--as", a_.audience, "the reader's body or role, or public")->type_name("AUDIENCE");
    sub->add_option("--reader", a_.reader, "who reads; the log notes the name")->type_name("NAME");
    anchor(sub);
  }
  void policy(CLI::App* sub) {
    sub->add_option("--policy", a_.policy, "witness policy, C2SP tlog-policy; default: `<db>.policy`, if it is there")->type_name("FILE");
    sub->add_option("--fallback", a_.fallback, "agreed fallback; default: `<db>.fallback`, if it is there")->type_name("FILE");
    sub->add_option("--now", a_.now, "the present, for the fallback; default: the clock")->type_name("INSTANT");
  }
  void parties_file(CLI::App* sub) {
    sub->add_option("--parties", a_.parties, "the parties' keys; default: `<db>.parties`")->type_name("FILE");
  }
  void anchor(CLI::App* sub) {
    sub->add_option("--anchor", a_.anchor, "second copy of the last checkpoint, outside the database; remembered")
        ->type_name("FILE|postgres://…");
  }

  CLI::App& parent_;
  RecordArgs& a_;
  std::vector<std::string>& sets_;
  std::function<int()>& command_;
};

}  // namespace

CLI::App* verb(CLI::App& parent, const char* name, const char* what, const char* example) {
  auto* sub = parent.add_subcommand(name, what);
  sub->footer(std::string("Example:\n  ") + example);
  return sub;
}

void feed_options(CLI::App* sub, std::string& settings_file, std::vector<std::string>& sets) {
  sub->add_option("--settings", settings_file, "a feed's settings, as lines `name = value`")->type_name("FILE");
  sub->add_option("--set", sets, "one setting of the feed (zone, author, speaks_for, lag, …: docs/feeds.md)")->type_name("NAME=VALUE");
}

void record_verbs(CLI::App& app, RecordArgs& args, std::vector<std::string>& sets, std::function<int()>& command) {
  auto* parent = app.add_subcommand("record", "the record that anyone can check: keys, statements, witnesses, disclosures, backups")
                     ->require_subcommand(1);
  Verbs verbs(*parent, args, sets, command);
  verbs.reading();
  verbs.keys();
  verbs.submitting();
  verbs.witnessing();
  verbs.disclosing();
  verbs.keeping();
}

}  // namespace surety::cli
