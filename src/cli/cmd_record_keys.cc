// Keys: making one, and the list that says whose key speaks from which place of the log on.
#include <fmt/format.h>

#include <filesystem>

#include "base/files.h"
#include "base/json_out.h"
#include "cli/record.h"
#include "record/checkpoint.h"
#include "store/key_file.h"

namespace surety::cli {
namespace {

std::string hash_of(const record::VerifierKey& key) { return fmt::format("{:08x}", key.id); }

Result<record::VerifierKey> make_key(const RecordArgs& args, const std::string& file) {
  const auto algorithm = args.kind == "witness" ? record::Algorithm::ed25519_cosignature : record::Algorithm::ed25519;
  SURETY_TRY(const record::SigningKey key, record::SigningKey::generate(args.name, algorithm));
  SURETY_TRY_STATUS(store::write_key_file(file, key));
  return key.verifier();
}

// Entries that the log has now: what a change of keys takes effect after.
Result<std::uint64_t> size_now(const RecordArgs& args) {
  if (!is_server(args.db) && !file_exists(args.db)) return 0;
  SURETY_TRY(auto store, store::open_store(args.db, store::Mode::read));
  return store->size();
}

Result<std::string> changed_list(const RecordArgs& args, const std::string& file, std::uint64_t size) {
  std::string text;
  if (file_exists(file)) {
    SURETY_TRY(text, read_file(file));
  }
  SURETY_TRY_STATUS(record::PartyKeys::parse(text, file));
  if (!args.revoke.empty()) {
    SURETY_TRY(text, record::revoke_party(text, args.revoke, size, file));
  }
  for (const bool rotates : {false, true}) {
    const std::string& given = rotates ? args.rotate : args.admit;
    if (given.empty()) continue;
    SURETY_TRY(const record::VerifierKey key, vkey_of(given));
    if (rotates) {
      SURETY_TRY(text, record::revoke_party(text, key.name, size, file));
    }
    text += record::party_line({key, size});
  }
  SURETY_TRY_STATUS(record::PartyKeys::parse(text, file));
  return text;
}

std::string state_of(const record::PartyKey& key, std::uint64_t size) {
  if (key.in_force(size)) return "in force";
  return size < key.from ? "not yet in force" : "revoked: what it signed before stays good";
}

void show(const record::PartyKeys& keys, std::uint64_t size, bool json) {
  for (const record::PartyKey& k : keys.keys()) {
    const bool open = k.until == ~std::uint64_t{0};
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

Status parties(const RecordArgs& args) {
  const std::string file = parties_file(args);
  SURETY_TRY(const std::uint64_t size, size_now(args));
  if (!args.admit.empty() || !args.rotate.empty() || !args.revoke.empty()) {
    SURETY_TRY(const std::string text, changed_list(args, file, size));
    SURETY_TRY_STATUS(write_file_atomically(file, text));
  }
  if (!file_exists(file))
    return err(fail("record.no-parties", "there is no list of the parties' keys yet")
                   .in(file)
                   .help("surety record parties --admit KEY.vkey begins one"));
  SURETY_TRY(const std::string text, read_file(file));
  SURETY_TRY(const record::PartyKeys keys, record::PartyKeys::parse(text, file));
  show(keys, size, args.json);
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
