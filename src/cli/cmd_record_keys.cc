// Keys: making one, and the list that says whose key speaks from which place of the log on.
#include <fmt/format.h>

#include <filesystem>

#include "base/files.h"
#include "base/json_out.h"
#include "cli/record.h"
#include "record/checkpoint.h"
#include "store/key_file.h"
#include "store/party_list.h"
#include "store/record_commands.h"

namespace surety::cli {
namespace {

std::string hash_of(const record::VerifierKey& key) { return fmt::format("{:08x}", key.id); }

Result<record::VerifierKey> make_key(const RecordArgs& args, const std::string& file) {
  const auto algorithm = args.kind == "witness" ? record::Algorithm::ed25519_cosignature : record::Algorithm::ed25519;
  SURETY_TRY(const record::SigningKey key, record::SigningKey::generate(args.name, algorithm));
  SURETY_TRY_STATUS(store::write_key_file(file, key));
  return key.verifier();
}

// The list that holds, how many entries the log has, and those that changed the list.
struct Listed {
  std::optional<std::string> list;
  std::uint64_t size = 0;
  std::vector<std::pair<std::uint64_t, record::PartyChange>> changes;
};
Result<Listed> listed(const RecordArgs& args, const std::string& file) {
  Listed out;
  if (!store::is_postgres(args.db) && !file_exists(args.db)) {
    if (!file_exists(file)) return out;
    SURETY_TRY(out.list, read_file(file));
    return out;
  }
  SURETY_TRY(auto store, store::open_store(args.db, store::Mode::read));
  SURETY_TRY(out.size, store->size());
  if (args.from_log) {
    SURETY_TRY(const bool said, store::write_parties_from_log(*store, store::Mode::read, file));
    if (!said)
      return err(fail("record.no-parties", "the log says nothing about the parties' keys")
                     .in(args.db)
                     .help("surety record parties --admit KEY.vkey takes the list into the log, and one more key"));
  }
  SURETY_TRY(out.list, store::party_list(*store, store::Mode::read, file));
  SURETY_TRY(const record::PartyHistory log, store::parties_in_log(*store, store::Mode::read));
  for (const std::uint64_t place : log.places()) {
    SURETY_TRY(const std::string entry, store->get(place));
    SURETY_TRY(record::PartyChange change, record::parse_party_change(entry));
    out.changes.emplace_back(place, std::move(change));
  }
  return out;
}

using Did = record::PartyChange::Did;

Result<store::PartyChanges> wanted(const RecordArgs& args) {
  store::PartyChanges changes;
  if (!args.revoke.empty()) changes.emplace_back(Did::revoke, args.revoke);
  for (const bool rotates : {false, true}) {
    const std::string& given = rotates ? args.rotate : args.admit;
    if (given.empty()) continue;
    SURETY_TRY(const record::VerifierKey key, vkey_of(given));
    changes.emplace_back(rotates ? Did::rotate : Did::admit, record::vkey_text(key));
  }
  return changes;
}

Result<std::optional<record::SigningKey>> signing_key(const RecordArgs& args) {
  if (args.key.empty()) return std::optional<record::SigningKey>();
  SURETY_TRY(record::SigningKey key, author_key(args.key));
  return std::optional(std::move(key));
}

// Signed where the key is: from the database or, where there is none, from what the log has published.
Status sign_away(const RecordArgs& args, const store::PartyChanges& changes, const std::optional<record::SigningKey>& key) {
  if (changes.size() != 1 || !key)
    return err(fail("call.missing-option", "a change that goes into a file is one change, signed")
                   .field("-o")
                   .expected("one of --admit, --rotate and --revoke, and --key"));
  record::PartyHistory log;
  if (store::is_postgres(args.db) || file_exists(args.db)) {
    SURETY_TRY(auto store, store::open_store(args.db, store::Mode::read));
    SURETY_TRY(log, store::parties_in_log(*store, store::Mode::read));
  } else {
    SURETY_TRY(store::RecordCheck check, store::verify_record(directory(args)));
    log = std::move(check.parties);
  }
  record::PartyChange change{changes[0].first, 0, wall_clock(), args.by, changes[0].second, log.log(), log.changes() + 1, {}};
  change.signature = key->sign(record::party_change_text(change));
  SURETY_TRY_STATUS(record::parse_party_change(record::party_change_entry(change)));
  SURETY_TRY_STATUS(write_file_atomically(args.out, record::party_change_entry(change)));
  line(fmt::format("{}: change {} of {}: {}; hand it to whoever runs the log: surety record parties --take {}", args.out, change.number,
                   change.log, record::change_words(change), args.out));
  return {};
}

Status change(const RecordArgs& args) {
  SURETY_TRY(const store::PartyChanges changes, wanted(args));
  SURETY_TRY(const auto key, signing_key(args));
  if (!args.out.empty()) return sign_away(args, changes, key);
  if (changes.empty() && args.take.empty()) return {};
  SURETY_TRY(auto log, store::Log::open(log_options(args)));
  if (!args.take.empty()) {
    SURETY_TRY(const std::string entry, read_file(args.take));
    auto taken = store::take_change(*log, parties_file(args), entry);
    if (!taken) return err(std::move(taken.error()).in(args.take));
  }
  if (changes.empty()) return {};
  return store::change_parties(*log, parties_file(args), changes, args.by, wall_clock(), key ? &*key : nullptr);
}

std::string state_of(const record::PartyKey& key, std::uint64_t size) {
  if (key.in_force(size)) return "in force";
  return size < key.from ? "not yet in force" : "revoked: what it signed before stays good";
}

void show(const record::PartyKeys& keys, std::uint64_t size, bool json) {
  for (const record::PartyKey& k : keys.keys()) {
    const bool open = k.until == record::kNoEnd;
    if (!json) {
      line(fmt::format("{}+{}  entries {} to {}  {}", k.key.name, hash_of(k.key), k.from, open ? "…" : std::to_string(k.until - 1),
                       state_of(k, size)));
      continue;
    }
    JsonOut j;
    j.object().member("kind", "party-key").member("party", k.key.name).member("vkey", record::vkey_text(k.key));
    j.member("from", static_cast<std::int64_t>(k.from));
    if (!open) j.member("until", static_cast<std::int64_t>(k.until));
    line(j.member("in_force", k.in_force(size)).end().take());
  }
}

void show_change(std::uint64_t entry, const record::PartyChange& c, bool json) {
  if (!json) return line(fmt::format("entry {}: {}", entry, record::change_words(c)));
  JsonOut j;
  j.object().member("kind", "party-change").member("entry", static_cast<std::int64_t>(entry)).member("at", to_string(c.at));
  j.member("change", record::change_words(c)).member("by", c.by).member("signed", c.signature.has_value());
  if (c.signature) j.member("signed_by", fmt::format("{}+{:08x}", c.signature->name, c.signature->id));
  line(j.end().take());
}

Status parties(const RecordArgs& args) {
  SURETY_TRY_STATUS(change(args));
  if (!args.out.empty()) return {};
  const std::string file = parties_file(args);
  SURETY_TRY(const Listed now, listed(args, file));
  if (!now.list)
    return err(fail("record.no-parties", "there is no list of the parties' keys yet")
                   .in(file)
                   .help("surety record parties --admit KEY.vkey begins one"));
  SURETY_TRY(const record::PartyKeys keys, record::PartyKeys::parse(*now.list, file));
  show(keys, now.size, args.json);
  for (const auto& [entry, change] : now.changes) show_change(entry, change, args.json);
  return {};
}

}  // namespace

int record_keygen(const RecordArgs& args) {
  const std::string file = args.out.empty() ? std::filesystem::path(args.name).filename().string() + ".key" : args.out;
  const auto key = make_key(args, file);
  if (!key) return failed(key.error(), args.json);
  if (!args.json) {
    line(record::vkey_text(*key));
    return 0;
  }
  JsonOut j;
  j.object().member("kind", "key").member("for", args.kind).member("name", key->name).member("vkey", record::vkey_text(*key));
  line(j.member("file", file).end().take());
  return 0;
}

int record_parties(const RecordArgs& args) { return exit_code(parties(args), args); }

}  // namespace surety::cli
