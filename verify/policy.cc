#include "verify/policy.h"

#include <sodium.h>

#include <algorithm>
#include <set>

namespace verify {
namespace {

constexpr unsigned char kSigner = 1, kCosigner = 4;  // Ed25519 as logs and parties use it, and as witnesses do

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> out;
  std::string word;
  for (const char c : std::string(line) + " ") {
    if (c != ' ' && c != '\t') {
      word += c;
    } else if (!word.empty()) {
      out.push_back(std::move(word));
      word.clear();
    }
  }
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// The earliest time on this witness's cosignatures; nothing when it has none, or none that can be checked here.
std::optional<std::uint64_t> cosigned_at(const Note& note, const Key& witness, bool& bad) {
  std::optional<std::uint64_t> best;
  if (witness.algorithm != kCosigner) return best;
  for (const Signature& s : note.signatures) {
    if (s.name != witness.name || s.id != witness.id) continue;
    std::uint64_t time = 0;
    for (std::size_t i = 0; i < 8 && i < s.bytes.size(); ++i) time = time << 8 | static_cast<unsigned char>(s.bytes[i]);
    const std::string message = "cosignature/v1\ntime " + std::to_string(time) + "\n" + note.text;
    if (s.bytes.size() != 8 + crypto_sign_BYTES || time >> 63 != 0 ||
        crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(s.bytes.data()) + 8,
                                    reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                                    reinterpret_cast<const unsigned char*>(witness.bytes.data())) != 0) {
      bad = true;
      return std::nullopt;
    }
    if (!best || time < *best) best = time;
  }
  return best;
}

}  // namespace

std::optional<Policy> parse_policy(std::string_view text, std::string& why) {
  Policy out;
  std::set<std::string> names, members, keys, log_keys;
  const auto no = [&](std::string reason) {
    why = std::move(reason);
    return std::nullopt;
  };
  for (const std::string_view line : lines_of(text)) {
    const auto w = split(line);
    if (w.empty() || w[0][0] == '#') continue;
    if (w[0] == "log" && (w.size() == 2 || w.size() == 3)) {
      const auto key = parse_key(w[1]);
      if (!key || key->algorithm == kCosigner || !log_keys.insert(key->bytes).second)
        return no("a log's key that is none, or is there twice");
      out.logs.push_back(*key);
    } else if (w[0] == "witness" && (w.size() == 3 || w.size() == 4)) {
      const auto key = parse_key(w[2]);
      if (!key || key->algorithm == kSigner || !keys.insert(key->bytes).second)
        return no("a witness's key that is none, or is there twice");
      if (w[1] == "none" || !names.insert(w[1]).second) return no("the name " + w[1] + " twice");
      out.witnesses.emplace(w[1], *key);
    } else if (w[0] == "group" && w.size() >= 4) {
      Policy::Group g{w[1], 1, {w.begin() + 3, w.end()}};
      for (const std::string& m : g.members)
        if (!names.contains(m) || !members.insert(m).second) return no("a member that is unknown or counts twice: " + m);
      const auto k = w[2] == "any" ? std::optional<std::uint64_t>(1) : w[2] == "all" ? g.members.size() : decimal(w[2]);
      if (!k || *k < 1 || *k > g.members.size() || w[1] == "none" || !names.insert(w[1]).second)
        return no("a group that cannot be: " + w[1]);
      g.needed = static_cast<std::size_t>(*k);
      out.groups.push_back(std::move(g));
    } else if (w[0] == "quorum" && w.size() == 2) {
      if (!out.quorum.empty() || (w[1] != "none" && !names.contains(w[1]))) return no("a quorum of nobody known, or two of them");
      out.quorum = w[1];
    } else {
      return no("a line that begins with " + w[0]);
    }
  }
  if (out.quorum.empty()) return no("no quorum");
  return out;
}

std::vector<std::string> unchecked(const Policy& policy) {
  std::vector<std::string> out;
  for (const auto& [name, key] : policy.witnesses)
    if (key.algorithm != kCosigner) out.push_back(name);
  return out;
}

std::optional<std::uint64_t> quorum_time(const Policy& policy, const Note& note, bool& bad, std::string& why) {
  std::map<std::string, std::uint64_t> at;
  for (const auto& [name, key] : policy.witnesses) {
    const auto time = cosigned_at(note, key, bad);
    if (bad) why = "a cosignature of " + key.name + " is not good";
    if (time) at[name] = *time;
  }
  if (bad) return std::nullopt;
  if (policy.quorum == "none") return 0;
  for (const Policy::Group& g : policy.groups) {
    std::vector<std::uint64_t> times;
    for (const std::string& m : g.members)
      if (at.contains(m)) times.push_back(at[m]);
    if (times.size() < g.needed) continue;
    std::sort(times.begin(), times.end());
    at[g.name] = times[g.needed - 1];
  }
  if (!at.contains(policy.quorum)) return std::nullopt;
  return at[policy.quorum];
}

std::optional<std::vector<PartyKey>> parse_parties(std::string_view text, std::string& why) {
  std::vector<PartyKey> out;
  for (const std::string_view line : lines_of(text)) {
    const auto w = split(line);
    if (w.empty() || w[0][0] == '#') continue;
    PartyKey p;
    const bool shape = w[0] == "party" && (w.size() == 4 || w.size() == 6) && w[2] == "from" && (w.size() == 4 || w[4] == "until");
    const auto key = shape ? parse_key(w[1]) : std::nullopt;
    const auto from = shape ? decimal(w[3]) : std::nullopt;
    const auto until = shape && w.size() == 6 ? decimal(w[5]) : std::optional<std::uint64_t>(UINT64_MAX);
    if (!key || key->algorithm != kSigner || !from || !until || *from >= *until) {
      why = "a line that is not `party <vkey> from <size> [until <size>]`";
      return std::nullopt;
    }
    out.push_back({*key, *from, *until});
  }
  return out;
}

}  // namespace verify
