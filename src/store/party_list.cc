#include "store/party_list.h"

#include <charconv>

#include "base/files.h"

namespace surety::store {
namespace {

using record::PartyChange;
using record::PartyHistory;
using record::PartyKeys;

constexpr std::string_view kValue = "parties";  // how far the log was read, and what it said
constexpr std::uint64_t kWorthKeeping = 10'000;

struct Read {
  std::uint64_t upto = 0;
  PartyHistory history;
};

Result<Read> read_before(Store& store) {
  SURETY_TRY(const auto vkey, store.value("log.vkey"));
  std::string log;
  if (vkey) {
    SURETY_TRY(const record::VerifierKey key, record::parse_vkey(*vkey));
    log = key.name;
  }
  SURETY_TRY(const auto value, store.value(kValue));
  std::uint64_t upto = 0;
  const char* const end = value ? value->data() + value->size() : nullptr;
  const auto first = value ? std::from_chars(value->data(), end, upto) : std::from_chars_result{};
  if (value && first.ec == std::errc() && first.ptr != end)
    if (auto history = PartyHistory::from_saved(log, {first.ptr + 1, end})) return Read{upto, std::move(*history)};
  return Read{0, PartyHistory(log)};
}

// What another program wrote as a change and is none is passed over here; fsck and surety-verify tell of it.
Status take_from(Store& store, std::uint64_t from, std::uint64_t to, PartyHistory& history) {
  return store.scan(from, to, [&](std::uint64_t index, std::string_view entry) {
    (void)history.take(index, entry);
    return true;
  });
}

Result<bool> behind(Store& store, const PartyKeys& shown) {
  PartyHistory history;
  bool found = false;
  SURETY_TRY(const std::uint64_t size, store.size());
  SURETY_TRY_STATUS(store.scan(0, size, [&](std::uint64_t index, std::string_view entry) {
    if (history.take(index, entry) && history.changes() != 0) {
      const auto then = PartyKeys::parse(history.list());
      found = then && record::party_difference(shown, *then).empty();
    }
    return !found;
  }));
  return found;
}

Error differs(const std::string& file, std::string how) {
  return fail("record.parties-differ", "the list of the parties' keys is not the one that the log has")
      .in(file)
      .found(std::move(how))
      .expected("the log's own list; it is changed by --admit, --rotate and --revoke")
      .help("surety record parties --from-log writes the file as the log has it");
}

}  // namespace

std::string parties_beside(const std::string& database) { return beside(database, ".parties"); }

Result<PartyHistory> parties_in_log(Store& store, Mode mode) {
  SURETY_TRY(Read read, read_before(store));
  SURETY_TRY(const std::uint64_t size, store.size());
  if (read.upto > size) read = {0, PartyHistory(read.history.log())};
  SURETY_TRY_STATUS(take_from(store, read.upto, size, read.history));
  if (mode == Mode::write && size - read.upto >= kWorthKeeping)
    SURETY_TRY_STATUS(store.set_value(kValue, std::to_string(size) + "\n" + read.history.saved()));
  return read.history;
}

Result<std::string> parties_differ(const PartyHistory& log, const std::string& file) {
  if (log.changes() == 0 || !file_exists(file)) return std::string();
  SURETY_TRY(const std::string text, read_file(file));
  SURETY_TRY(const PartyKeys shown, PartyKeys::parse(text, file));
  SURETY_TRY(const PartyKeys in_log, PartyKeys::parse(log.list()));
  return record::party_difference(shown, in_log);
}

namespace {

// The file if it says what the log does; else, where the file is only late or missing, the log's list, written to it.
Result<std::optional<std::string>> as_shown(Store& store, const PartyHistory& log, Mode mode, const std::string& file) {
  const bool there = file_exists(file);
  if (log.changes() == 0 && !there) return std::optional<std::string>();
  if (there) {
    SURETY_TRY(std::string text, read_file(file));
    SURETY_TRY(const PartyKeys shown, PartyKeys::parse(text, file));
    SURETY_TRY(const std::string how, parties_differ(log, file));
    if (how.empty()) return std::optional(std::move(text));
    SURETY_TRY(const bool late, behind(store, shown));
    if (!late) return err(differs(file, how));
  }
  // Whoever only reads may not be able to.
  if (auto written = write_file_atomically(file, log.list()); !written && mode == Mode::write) return err(std::move(written.error()));
  return std::optional(log.list());
}

}  // namespace

Result<std::optional<std::string>> party_list(Store& store, Mode mode, const std::string& file) {
  SURETY_TRY(const PartyHistory log, parties_in_log(store, mode));
  return as_shown(store, log, mode, file);
}

namespace {

// The log's changes with some more behind them, each checked as everybody will check it.
class Changing {
 public:
  static Result<Changing> of(Log& log, const std::string& file, Instant now) {
    SURETY_TRY(PartyHistory history, parties_in_log(log.store(), Mode::write));
    SURETY_TRY(auto list, as_shown(log.store(), history, Mode::write, file));
    SURETY_TRY(const std::uint64_t size, log.store().size());
    Changing out(size, std::move(history), list.value_or(""), file);
    SURETY_TRY(const PartyKeys keys, PartyKeys::parse(out.text_, file));
    if (out.history_.changes() != 0 || keys.keys().empty()) return out;
    for (const std::string& part : record::in_parts(keys))
      SURETY_TRY_STATUS(out.add({PartyChange::Did::list, 0, now, {}, part, out.history_.log(), out.next_number(), {}}));
    return out;
  }

  std::uint64_t next_number() const { return history_.changes() + 1; }
  const std::string& log() const { return history_.log(); }

  Status add(const PartyChange& change) {
    entries_.push_back(record::party_change_entry(change));
    const std::uint64_t index = size_ + entries_.size() - 1;
    SURETY_TRY_STATUS(record::parse_party_change(entries_.back()));
    SURETY_TRY(auto text, change.did == PartyChange::Did::list ? text_ : record::after_change(text_, change, index, file_));
    SURETY_TRY_STATUS(history_.take(index, entries_.back()));
    text_ = std::move(text);
    return {};
  }

  Status write(Log& log) const {
    const std::vector<std::string_view> views(entries_.begin(), entries_.end());
    SURETY_TRY_STATUS(log.append(views));
    SURETY_TRY_STATUS(log.publish());
    return write_file_atomically(file_, text_);
  }

 private:
  Changing(std::uint64_t size, PartyHistory history, std::string text, std::string file)
      : size_(size), history_(std::move(history)), text_(std::move(text)), file_(std::move(file)) {}

  std::uint64_t size_;
  PartyHistory history_;
  std::string text_, file_;  // the list with its notes, and where it goes
  std::vector<std::string> entries_;
};

}  // namespace

Status change_parties(Log& log, const std::string& file, const PartyChanges& changes, const std::string& by, Instant now,
                      const record::SigningKey* key) {
  SURETY_TRY(Changing changing, Changing::of(log, file, now));
  for (const auto& [did, what] : changes) {
    PartyChange change{did, 0, now, by, what, changing.log(), changing.next_number(), {}};
    if (key) change.signature = key->sign(record::party_change_text(change));
    SURETY_TRY_STATUS(changing.add(change));
  }
  return changing.write(log);
}

Status take_change(Log& log, const std::string& file, std::string_view entry) {
  SURETY_TRY(const PartyChange change, record::parse_party_change(entry));
  SURETY_TRY(Changing changing, Changing::of(log, file, change.at));
  SURETY_TRY_STATUS(changing.add(change));
  return changing.write(log);
}

Status may_speak(Log& log, const record::VerifierKey& key) {
  SURETY_TRY(const PartyHistory history, parties_in_log(log.store(), Mode::write));
  SURETY_TRY(const PartyKeys keys, PartyKeys::parse(history.list()));
  SURETY_TRY(const std::uint64_t size, log.store().size());
  bool named = false;
  for (const record::PartyKey& known : keys.keys()) {
    if (known.key.name != key.name) continue;
    if (known.key == key && known.in_force(size)) return {};
    named = true;
  }
  if (!named) return {};
  return err(fail("record.key-not-in-force", "the log admits no such key of this party now")
                 .field(key.name)
                 .found(record::vkey_text(key))
                 .expected("a key that `surety record parties` shows in force")
                 .help("surety record parties --rotate KEY.vkey, or --admit, if this one is to speak"));
}

Result<bool> write_parties_from_log(Store& store, Mode mode, const std::string& file) {
  SURETY_TRY(const PartyHistory log, parties_in_log(store, mode));
  if (log.changes() == 0) return false;
  SURETY_TRY_STATUS(write_file_atomically(file, log.list()));
  return true;
}

}  // namespace surety::store
