#pragma once
// `surety record …`: one function a command, by subject in cmd_record_*.cc; record_call.cc parses the calls.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "engine/committed.h"
#include "store/standing.h"

namespace surety::cli {

struct RecordArgs {
  std::string db = "surety.db", record;     // database; record directory, empty: beside it
  std::string vkey, out, policy, fallback;  // files; policy and fallback empty: beside the database
  std::string parties;                      // the parties' keys; empty: `<database>.parties`
  std::string anchor;
  std::string what;  // the one thing that the command is about
  std::vector<std::string> files;
  std::string key, agreement;               // who signs, under what
  std::string name, kind = "party";         // keygen, witness
  std::string admit, rotate, revoke, take;  // parties
  std::string receipts = "receipts";        // folder
  long merge_delay = 60;                    // seconds
  std::string now;
  std::vector<std::string> fields;  // release, redact, forget
  std::string audience, reader, by, verdict;
  std::string address = "127.0.0.1", to;
  std::vector<std::string> logs, sites;  // vkeys that a witness knows; NAME=URL of witnesses
  int port = 8041;
  bool public_time = false, all = false, from_log = false, json = false;
  Inputs in;  // feed settings
};

// The record directory, with its default.
std::string directory(const RecordArgs& args);
// Options of the log that these arguments name.
store::LogOptions log_options(const RecordArgs& args);
// Who signs: the key file, and the agreement's id and hash from its text.
Result<engine::Author> author_of(const std::string& key, const std::string& agreement, bool public_time);
// A party's private key. Error record.bad-key: a witness's.
Result<record::SigningKey> author_key(const std::string& file);
// A verifier key: a file that holds one, or its text.
Result<record::VerifierKey> vkey_of(const std::string& file_or_text);

// The parties' keys, with their default.
std::string parties_file(const RecordArgs& args);
// The number of an entry as it is written; nothing otherwise.
std::optional<std::uint64_t> entry_number(const std::string& text);

// 0, or the code that the command gives; or the error printed and its code.
int exit_code(const Status& done, const RecordArgs& args);
int exit_code(const Result<int>& done, const RecordArgs& args);

int record_verify(const RecordArgs& args);
int record_prove(const RecordArgs& args);
int record_fsck(const RecordArgs& args);
// cmd_record_keys.cc
int record_keygen(const RecordArgs& args);
int record_parties(const RecordArgs& args);
// cmd_record_submit.cc
int record_commit(const RecordArgs& args);
int record_submit(const RecordArgs& args);
int record_promise(const RecordArgs& args);
// cmd_record_witness.cc
int record_witness(const RecordArgs& args);
int record_cosign(const RecordArgs& args);
int record_status(const RecordArgs& args);
// cmd_record_disclose.cc
int record_fields(const RecordArgs& args);
int record_release(const RecordArgs& args);
int record_redact(const RecordArgs& args);
int record_forget(const RecordArgs& args);
int record_disclose(const RecordArgs& args);
int record_bundle(const RecordArgs& args);
// cmd_record_keep.cc
int record_backup(const RecordArgs& args);
int record_restore(const RecordArgs& args);
int record_migrate(const RecordArgs& args);

}  // namespace surety::cli
