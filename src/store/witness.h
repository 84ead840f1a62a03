#pragma once
// A witness that persists: what `surety record witness` serves over HTTP. It remembers, for each log,
// the last checkpoint it cosigned, by compare-and-swap in a store of its own, before it answers.
//
//   SURETY_TRY(auto witness, Witness::open("witness.db", "witness.example/w1", {log_vkey}));
//   auto reply = witness->handle("POST", "/add-checkpoint", body, now);
//
// Thread-safe.
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/instant.h"
#include "record/witness.h"
#include "store/store.h"

namespace surety::store {

class Witness {
 public:
  // Makes the database and the key (`<database>.key`, 0600) when they are not there. `logs` are the
  // only ones it will ever cosign.
  static Result<std::unique_ptr<Witness>> open(const std::string& database, const std::string& name, std::vector<record::VerifierKey> logs);
  // POST …/add-checkpoint and GET …/<origin hash>/checkpoint of the protocol; any other method there is 405, any other path 404.
  record::WitnessReply handle(std::string_view method, std::string_view path, std::string_view body, Instant now);
  const record::VerifierKey& vkey() const { return key_.verifier(); }

 private:
  Witness(std::unique_ptr<Store> store, record::SigningKey key, std::vector<record::VerifierKey> logs)
      : store_(std::move(store)), key_(std::move(key)), logs_(std::move(logs)) {}
  record::WitnessReply add_checkpoint(std::string_view body, Instant now);
  record::WitnessReply latest(std::string_view origin_hash);

  std::mutex mutex_;  // guards store_
  std::unique_ptr<Store> store_;
  record::SigningKey key_;
  std::vector<record::VerifierKey> logs_;
};

}  // namespace surety::store
