#include "record/policy.h"

#include <algorithm>
#include <set>

namespace surety::record {
namespace {

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; (at = line.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const auto end = std::min(line.find_first_of(" \t", at), line.size());
    out.push_back(line.substr(at, end - at));
    at = end;
  }
  return out;
}

class Parser {
 public:
  explicit Parser(std::string file) : file_(std::move(file)) {}

  Result<Policy> parse(std::string_view text) {
    if (!text.empty() && !text.ends_with('\n')) return refuse("the last line has no line end");
    for (; !text.empty(); text.remove_prefix(text.find('\n') + 1)) {
      ++line_;
      const std::string_view line = text.substr(0, text.find('\n'));
      for (const char c : line)
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return refuse("a control character");
      const auto w = words(line);
      if (w.empty() || w[0].starts_with('#')) continue;
      SURETY_TRY_STATUS(statement(w));
    }
    if (policy_.quorum.empty()) return refuse("no quorum line");
    return std::move(policy_);
  }

 private:
  tl::unexpected<Error> refuse(std::string what) const {
    return err(fail("record.bad-policy", "this is not a witness policy")
                   .in(file_, line_)
                   .found(std::move(what))
                   .expected("lines log, witness, group, quorum (C2SP tlog-policy)"));
  }

  Status statement(const std::vector<std::string_view>& w) {
    if (w[0] == "log" && (w.size() == 2 || w.size() == 3)) {
      SURETY_TRY(VerifierKey key, new_key(w[1], Algorithm::ed25519_cosignature, log_keys_));
      policy_.logs.push_back(std::move(key));
      return {};
    }
    if (w[0] == "witness" && (w.size() == 3 || w.size() == 4)) {
      SURETY_TRY_STATUS(define(w[1]));
      SURETY_TRY(VerifierKey key, new_key(w[2], Algorithm::ed25519, witness_keys_));
      policy_.witnesses.emplace_back(w[1], std::move(key));
      if (w.size() == 4) policy_.urls.emplace(w[1], w[3]);
      return {};
    }
    if (w[0] == "group" && w.size() >= 4) return group(w);
    if (w[0] == "quorum" && w.size() == 2) {
      if (!policy_.quorum.empty()) return refuse("a second quorum");
      if (w[1] != "none" && !names_.contains(std::string(w[1]))) return refuse("unknown name " + std::string(w[1]));
      policy_.quorum = w[1];
      return {};
    }
    return refuse("the line " + std::string(w[0]) + " with " + std::to_string(w.size() - 1) + " words");
  }

  Status group(const std::vector<std::string_view>& w) {
    Policy::Group g{std::string(w[1]), 1, {}};
    for (std::size_t i = 3; i < w.size(); ++i) {
      const std::string member(w[i]);
      if (!names_.contains(member)) return refuse("unknown name " + member);
      if (!used_.insert(member).second) return refuse(member + " is a member twice, so it would count twice");
      g.members.push_back(member);
    }
    if (w[2] == "all") {
      g.needed = g.members.size();
    } else if (w[2] != "any") {
      std::size_t k = 0;
      for (const char c : w[2]) {
        if (c < '0' || c > '9' || k > 1000) return refuse("the threshold " + std::string(w[2]));
        k = k * 10 + static_cast<std::size_t>(c - '0');
      }
      if (k < 1 || k > g.members.size() || w[2][0] == '0')
        return refuse("the threshold " + std::string(w[2]) + " of " + std::to_string(g.members.size()));
      g.needed = k;
    }
    SURETY_TRY_STATUS(define(w[1]));
    policy_.groups.push_back(std::move(g));
    return {};
  }

  Status define(std::string_view name) {
    if (name == "none" || !names_.emplace(name).second) return refuse("the name " + std::string(name) + " twice");
    return {};
  }

  // A log signs in one way and a witness in another: a key of the other's is a mistake, one of neither is for later versions.
  Result<VerifierKey> new_key(std::string_view text, Algorithm others, std::set<std::string>& known) {
    auto key = parse_vkey(text);
    if (!key) return err(std::move(key.error()).in(file_, line_));
    if (key->algorithm == others) return refuse("a key of algorithm " + std::to_string(static_cast<int>(key->algorithm)));
    if (!known.insert(key->key).second) return refuse("the same key twice, under whatever name");
    return key;
  }

  std::string file_;
  long line_ = 0;
  Policy policy_;
  std::set<std::string> names_, used_, log_keys_, witness_keys_;
};

}  // namespace

std::vector<VerifierKey> Policy::witness_keys() const {
  std::vector<VerifierKey> out;
  for (const auto& [name, key] : witnesses)
    if (checkable(key)) out.push_back(key);
  return out;
}

std::vector<std::string> Policy::unchecked() const {
  std::vector<std::string> out;
  for (const auto& [name, key] : witnesses)
    if (!checkable(key)) out.push_back(name);
  return out;
}

Result<Policy> parse_policy(std::string_view text, const std::string& file) { return Parser(file).parse(text); }

std::map<std::string, std::uint64_t> reached(const Policy& policy, const std::vector<Cosigned>& by) {
  std::map<std::string, std::uint64_t> reached;
  for (const auto& [name, key] : policy.witnesses)
    for (const Cosigned& c : by)
      if (c.witness == key) reached[name] = c.posix_seconds;
  for (const Policy::Group& group : policy.groups) {
    std::vector<std::uint64_t> times;
    for (const std::string& member : group.members)
      if (const auto it = reached.find(member); it != reached.end()) times.push_back(it->second);
    std::sort(times.begin(), times.end());
    if (times.size() >= group.needed) reached[group.name] = times[group.needed - 1];
  }
  return reached;
}

std::optional<std::uint64_t> quorum_reached(const Policy& policy, const std::vector<Cosigned>& by) {
  if (policy.quorum == "none") return 0;
  const auto when = reached(policy, by);
  const auto it = when.find(policy.quorum);
  return it == when.end() ? std::nullopt : std::optional(it->second);
}

std::string_view to_string(Standing standing) {
  switch (standing) {
    case Standing::witnessed:
      return "witnessed";
    case Standing::by_fallback:
      return "witnessed-by-fallback";
    case Standing::unwitnessed:
      return "unwitnessed";
  }
  return "unwitnessed";
}

Result<Judged> judge(std::string_view signed_checkpoint, const Policy& policy, const std::optional<Fallback>& fallback, Instant now) {
  SURETY_TRY(auto read, read_checkpoint(signed_checkpoint));
  const auto& [note, checkpoint] = read;
  bool known = false;
  for (const VerifierKey& log : policy.logs) {
    if (log.name != checkpoint.origin || log.algorithm != Algorithm::ed25519) continue;
    SURETY_TRY_STATUS(verify(note, log));
    known = true;
  }
  if (!known)
    return err(
        fail("record.unknown-log", "the policy does not know this log").found(checkpoint.origin).expected("one of the policy's log lines"));
  Judged out;
  out.checkpoint = checkpoint;
  SURETY_TRY(out.cosigned, cosignatures(note, policy.witness_keys()));
  // Who asks for nobody is vouched for by nobody, however that was agreed.
  if (policy.quorum == "none") return out;
  if (const auto since = quorum_reached(policy, out.cosigned)) {
    out.standing = Standing::witnessed;
    out.since = since;
    return out;
  }
  if (fallback && fallback->policy.quorum != "none") {
    SURETY_TRY(const auto neutral, cosignatures(note, fallback->policy.witness_keys()));
    const auto since = quorum_reached(fallback->policy, neutral);
    if (since && now >= Instant::from_posix(*since) + fallback->delay) {
      out.standing = Standing::by_fallback;
      out.since = *since + static_cast<std::uint64_t>(fallback->delay.us / 1'000'000);
    }
  }
  return out;
}

}  // namespace surety::record
