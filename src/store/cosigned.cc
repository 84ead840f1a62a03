#include "store/cosigned.h"

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "record/text_lines.h"

namespace surety::store {
namespace {

constexpr std::int64_t kStepsOfDelay = 64;

std::string folder(const std::string& record_dir) { return record_dir + "/cosigned"; }
std::string states_file(const std::string& record_dir) { return folder(record_dir) + "/witnesses"; }

std::optional<Instant> instant_of(std::string_view text) {
  const auto seconds = record::decimal(text);
  return seconds ? std::optional(Instant::from_posix(*seconds)) : std::nullopt;
}
std::string seconds_text(const std::optional<Instant>& at) { return at ? std::to_string(at->us / 1'000'000) : "-"; }

std::string_view take_word(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const auto word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

}  // namespace

Result<bool> keep_cosignature(const std::string& record_dir, std::string_view signed_checkpoint, std::string_view lines,
                              const record::VerifierKey& witness) {
  SURETY_TRY(auto read, record::read_checkpoint(signed_checkpoint));
  auto& [note, checkpoint] = read;
  const auto good = record::answered(note.text, lines, witness);
  if (good.empty()) return false;
  SURETY_TRY_STATUS(make_directories(folder(record_dir)));
  const std::string path = folder(record_dir) + "/" + std::to_string(checkpoint.size);
  if (file_exists(path)) {
    SURETY_TRY(const std::string bytes, read_file(path));
    const auto before = record::parse_note(bytes);
    if (before && before->text != note.text)
      return err(fail("store.forked", "another checkpoint of this size was cosigned before")
                     .in(path)
                     .help("the log was forked, or the folder is another log's: keep both checkpoints, and find out which it is")
                     .ours());
    if (before && record::verify_cosignature(*before, witness)) return true;
    if (before) record::add_missing(note, before->signatures);
  }
  record::add_missing(note, good);
  SURETY_TRY_STATUS(write_file_atomically(path, record::note_bytes(note)));
  return true;
}

std::map<std::uint64_t, std::string> cosigned_in(const std::string& record_dir) {
  std::map<std::uint64_t, std::string> out;
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator(folder(record_dir), ec)) {
    const auto size = record::decimal(entry.path().filename().string());
    if (!size) continue;
    auto bytes = read_file(entry.path().string());
    const auto read = bytes ? record::read_checkpoint(*bytes) : err(bytes.error());
    if (read && read->checkpoint.size == *size) out.emplace(*size, std::move(*bytes));
  }
  return out;
}

Status prune_cosigned(const std::string& record_dir, const record::Policy& policy, const std::optional<record::Fallback>& fallback,
                      Instant now, const std::set<std::uint64_t>& spared) {
  const auto kept = cosigned_in(record_dir);
  std::uint64_t witnessed = 0, operative = 0;
  for (const auto& [size, bytes] : kept) {
    const auto judged = record::judge(bytes, policy, fallback, now);
    if (!judged || judged->standing == record::Standing::unwitnessed) continue;
    if (judged->standing == record::Standing::witnessed) witnessed = size;
    operative = size;
  }
  std::optional<std::uint64_t> last_step;
  const auto a_step = [&](const std::string& bytes) {
    const auto note = record::parse_note(bytes);
    const auto by = note ? record::cosignatures(*note, fallback->policy.witness_keys()) : err(note.error());
    const auto since = by ? record::quorum_reached(fallback->policy, *by) : std::nullopt;
    const auto step = static_cast<std::uint64_t>(fallback->delay.us / 1'000'000 / kStepsOfDelay);
    if (!since || (last_step && *since < *last_step + step)) return false;
    last_step = since;
    return true;
  };
  for (const auto& [size, bytes] : kept) {
    const bool needed = size == witnessed || size == operative || size == kept.rbegin()->first || spared.contains(size) ||
                        (size > operative && fallback && a_step(bytes));
    std::error_code ec;
    if (!needed) std::filesystem::remove(folder(record_dir) + "/" + std::to_string(size), ec);
    if (ec)
      return err(
          fail("file.cannot-write", "a checkpoint that nothing rests on cannot be removed").in(folder(record_dir)).found(ec.message()));
  }
  return {};
}

Result<std::string> published_checkpoint(const std::string& record_dir) {
  SURETY_TRY(const std::string bytes, read_file(record_dir + "/checkpoint"));
  auto read = record::read_checkpoint(bytes);
  if (!read) return bytes;  // whoever reads it says what is wrong with it
  const auto kept = read_file(folder(record_dir) + "/" + std::to_string(read->checkpoint.size));
  const auto cosigned = kept ? record::parse_note(*kept) : err(kept.error());
  if (!cosigned || cosigned->text != read->note.text) return bytes;
  record::add_missing(read->note, cosigned->signatures);
  return record::note_bytes(read->note);
}

// A line each: name, size, when, late since, why. Instants in seconds, `-` for none.
Status write_witness_states(const std::string& record_dir, const WitnessStates& states) {
  std::string out;
  for (const auto& [name, s] : states) {
    std::string why = s.why;
    std::replace(why.begin(), why.end(), '\n', ' ');
    out += name + " " + std::to_string(s.size) + " " + seconds_text(s.at) + " " + seconds_text(s.late_since) + " " + why + "\n";
  }
  SURETY_TRY_STATUS(make_directories(folder(record_dir)));
  return write_file_atomically(states_file(record_dir), out);
}

WitnessStates read_witness_states(const std::string& record_dir) {
  WitnessStates out;
  const auto bytes = file_exists(states_file(record_dir)) ? read_file(states_file(record_dir)) : Result<std::string>(std::string());
  std::string_view text = bytes ? std::string_view(*bytes) : std::string_view();
  while (auto line = record::take_line(text)) {
    const std::string name(take_word(*line));
    const auto size = record::decimal(take_word(*line));
    if (name.empty() || !size) continue;
    WitnessState s{*size, {}, {}, {}};
    s.at = instant_of(take_word(*line));
    s.late_since = instant_of(take_word(*line));
    s.why = *line;
    out.emplace(name, std::move(s));
  }
  return out;
}

}  // namespace surety::store
