#include "record/proof.h"

#include <algorithm>

#include "record/text_lines.h"

namespace surety::record {
namespace {

constexpr std::string_view kFirst = "c2sp.org/tlog-proof@v1";
constexpr std::size_t kMaxPath = 64;

Error bad_proof(std::string what) {
  return fail("record.bad-proof", "this is not a tlog-proof")
      .found(std::move(what))
      .expected(std::string(kFirst) + ", index, hashes, an empty line, a checkpoint");
}

}  // namespace

std::string proof_text(const LogProof& proof) {
  std::string out = std::string(kFirst) + "\n";
  if (!proof.extra.empty()) out += "extra " + base64(proof.extra) + "\n";
  out += "index " + std::to_string(proof.index) + "\n";
  for (const Digest& hash : proof.path) out += base64(view(hash)) + "\n";
  return out + "\n" + proof.signed_checkpoint;
}

Result<LogProof> parse_proof(std::string_view text) {
  LogProof out;
  if (take_line(text) != kFirst) return err(bad_proof("another first line"));
  auto line = take_line(text);
  if (const auto extra = line ? after(*line, "extra") : std::nullopt) {
    auto raw = from_base64(*extra);
    if (!raw || raw->empty()) return err(bad_proof("an extra line that is not base64"));
    out.extra = std::move(*raw);
    line = take_line(text);
  }
  const auto digits = line ? after(*line, "index") : std::nullopt;
  const auto index = digits ? decimal(*digits) : std::nullopt;
  if (!index) return err(bad_proof("no index"));
  out.index = *index;
  while ((line = take_line(text)) && !line->empty()) {
    const auto raw = from_base64(*line);
    if (!raw || raw->size() != 32 || out.path.size() == kMaxPath) return err(bad_proof("a line that is not a hash"));
    Digest hash{};
    std::copy(raw->begin(), raw->end(), hash.begin());
    out.path.push_back(hash);
  }
  if (!line) return err(bad_proof("no empty line before the checkpoint"));
  out.signed_checkpoint = text;
  return out;
}

}  // namespace surety::record
