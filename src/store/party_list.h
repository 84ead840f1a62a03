#pragma once
// The list of the parties' keys beside a database (`<database>.parties`). What holds is what the log has
// (record/party_change.h); the file shows it, and is written anew where it is missing or a crash left it behind. As long as
// the log has no change of keys, the file is all there is: the first change takes it into the log as it stands.
//
//   SURETY_TRY(auto keys, party_list(log->store(), Mode::write, file));                      // at the door
//   SURETY_TRY_STATUS(change_parties(*log, file, {{Did::admit, vkey}}, "chair", now));
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "record/party_change.h"
#include "store/log.h"

namespace surety::store {

// `<database>.parties`, see beside() in log.h.
std::string parties_beside(const std::string& database);

// What the log says, up to its present end. Who may write notes how far that was read, so that next time only what came since
// is.
Result<record::PartyHistory> parties_in_log(Store& store, Mode mode);

// The list that holds, as text; nothing when neither log nor file has one. Error record.parties-differ when the file was
// changed by other hands than change_parties.
Result<std::optional<std::string>> party_list(Store& store, Mode mode, const std::string& file);

// Each change is an entry of the log, durable before the file is written. All of them, or none.
using PartyChanges = std::vector<std::pair<record::PartyChange::Did, std::string>>;
// `key` signs them; it must be in the list.
Status change_parties(Log& log, const std::string& file, const PartyChanges& changes, const std::string& by, Instant now,
                      const record::SigningKey* key = nullptr);
// One that was made elsewhere. Errors as PartyHistory::take.
Status take_change(Log& log, const std::string& file, std::string_view entry);

// May this key sign what is added now? Yes, if the log says nothing about its party, or has it in force. Error
// record.key-not-in-force.
Status may_speak(Log& log, const record::VerifierKey& key);

// The file as the log has it, whatever it is now; false when the log says nothing about keys.
Result<bool> write_parties_from_log(Store& store, Mode mode, const std::string& file);
// How the file differs, in words, or nothing. A file that is not there does not differ.
Result<std::string> parties_differ(const record::PartyHistory& log, const std::string& file);

}  // namespace surety::store
