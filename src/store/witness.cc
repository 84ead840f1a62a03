#include "store/witness.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/files.h"
#include "store/key_file.h"

namespace surety::store {
namespace {

using record::Algorithm;
using record::SigningKey;
using record::VerifierKey;
using record::WitnessReply;

std::string name_for(const std::string& origin) { return "witnessed:" + hex(sha256(origin)); }

WitnessReply failed(int status, std::string text) { return {status, "text/plain; charset=utf-8", std::move(text) + "\n"}; }

}  // namespace

Result<std::unique_ptr<Witness>> Witness::open(const std::string& database, const std::string& name, std::vector<VerifierKey> logs) {
  SURETY_TRY(auto store, open_store(database, Mode::write));
  const std::string key_file = database + ".key";
  if (!file_exists(key_file)) {
    SURETY_TRY(const SigningKey fresh, SigningKey::generate(name, Algorithm::ed25519_cosignature));
    SURETY_TRY_STATUS(write_key_file(key_file, fresh));
  }
  SURETY_TRY(SigningKey key, read_key_file(key_file));
  if (key.verifier().algorithm != Algorithm::ed25519_cosignature || (!name.empty() && key.name() != name))
    return err(
        fail("store.other-log", "this key is not this witness's").in(key_file).found(record::vkey_text(key.verifier())).expected(name));
  return std::unique_ptr<Witness>(new Witness(std::move(store), std::move(key), std::move(logs)));
}

WitnessReply Witness::handle(std::string_view method, std::string_view path, std::string_view body, Instant now) {
  const auto only = [](std::string allowed) {
    WitnessReply out = failed(405, "only " + allowed);
    out.allow = std::move(allowed);
    return out;
  };
  if (path.ends_with("/add-checkpoint")) return method == "POST" ? add_checkpoint(body, now) : only("POST");
  constexpr std::string_view kTail = "/checkpoint";
  if (!path.ends_with(kTail)) return failed(404, "not found");
  path.remove_suffix(kTail.size());
  const auto hash = path.substr(path.rfind('/') + 1);  // of no log, when there is no slash
  if (path.size() <= hash.size() || hash.size() != 64) return failed(404, "not found");
  return method == "GET" ? latest(hash) : only("GET, HEAD");
}

WitnessReply Witness::add_checkpoint(std::string_view body, Instant now) {
  const std::lock_guard lock(mutex_);
  std::optional<std::string> before;
  bool broken = false;
  const auto considered = record::consider(
      body,
      [&](const std::string& origin) {
        std::vector<VerifierKey> keys;
        for (const VerifierKey& key : logs_)
          if (key.name == origin) keys.push_back(key);
        return keys;
      },
      [&](const std::string& origin) {
        record::WitnessedTree last;
        const auto stored = store_->value(name_for(origin));
        broken = !stored;
        if (!stored || !*stored) return last;
        before = **stored;
        const auto read = record::read_checkpoint(*before);
        broken = !read;
        if (read) last = {read->checkpoint.size, read->checkpoint.root};
        return last;
      });
  if (broken) return failed(500, "the witness cannot read its own state");
  if (!considered.checkpoint) return considered.reply;
  const record::NoteSignature cosignature =
      record::cosign(considered.note.text, key_, static_cast<std::uint64_t>(std::max<std::int64_t>(0, now.us / 1'000'000)));
  record::Note kept = considered.note;
  kept.signatures.push_back(cosignature);
  const auto swapped = store_->swap_value(name_for(considered.checkpoint->origin), before, record::note_bytes(kept));
  if (!swapped) return failed(500, "the witness cannot persist its state");
  if (!*swapped) return failed(503, "another request was faster; try again");
  return {200, "text/plain; charset=utf-8", record::signature_lines({cosignature})};
}

WitnessReply Witness::latest(std::string_view origin_hash) {
  const std::lock_guard lock(mutex_);
  for (const VerifierKey& key : logs_) {
    if (hex(sha256(key.name)) != origin_hash) continue;
    const auto stored = store_->value(name_for(key.name));
    if (!stored) return failed(500, "the witness cannot read its own state");
    if (*stored) return {200, "text/plain; charset=utf-8", **stored};
  }
  return failed(404, "no checkpoint of this log was cosigned here");
}

}  // namespace surety::store
