#include "verify/bundle.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "verify/json.h"
#include "verify/statement.h"
#include "verify/tree.h"

namespace verify {
namespace {

struct Section {
  std::string name, bytes;
};

bool read_sections(std::string_view rest, std::vector<Section>& out, std::string& why) {
  constexpr std::string_view kFirst = "surety-bundle/v1\n";
  why = "it does not begin with surety-bundle/v1";
  if (!rest.starts_with(kFirst)) return false;
  rest.remove_prefix(kFirst.size());
  while (!rest.empty()) {
    why = "a section is cut short or misnamed";
    const auto end = rest.find('\n');
    if (end == std::string_view::npos || !rest.starts_with("== ")) return false;
    const std::string_view head = rest.substr(3, end - 3);
    const auto blank = head.find(' ');
    const auto length = blank == std::string_view::npos ? std::nullopt : decimal(head.substr(blank + 1));
    rest.remove_prefix(end + 1);
    if (!length || *length >= rest.size() || rest[*length] != '\n') return false;
    out.push_back({std::string(head.substr(0, blank)), std::string(rest.substr(0, *length))});
    rest.remove_prefix(*length + 1);
  }
  return true;
}

std::optional<std::string> decode64url(std::string text) {
  if (text.find_first_of("+/=") != std::string::npos) return std::nullopt;
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  text.append((4 - text.size() % 4) % 4, '=');
  return decode64(text);
}

class Check {
 public:
  Check(const Believed& believed, BundleFindings& out) : believed_(believed), out_(out) {}

  void run(const std::vector<Section>& sections) {
    std::size_t at = 0;
    const auto optional_section = [&](const char* name) {
      return at < sections.size() && sections[at].name == name ? sections[at++].bytes : std::string();
    };
    const std::string policy = optional_section("policy"), fallback = optional_section("fallback"),
                      parties = optional_section("party-keys");
    agreement_ = optional_section("agreement");
    trust(policy, fallback);
    trust_parties(parties);
    while (at < sections.size() && sections[at].name == "entry") {
      const std::string& entry = sections[at++].bytes;
      const std::string proof = optional_section("proof");
      std::vector<std::string> disclosures;
      while (at < sections.size() && sections[at].name == "disclosure") disclosures.push_back(sections[at++].bytes);
      check_entry(entry, proof, disclosures);
    }
    if (out_.entries == 0) problem("no entry");
    if (at < sections.size() && sections[at].name == "verdict") verdict(sections[at++].bytes);
    if (at != sections.size()) problem("a section out of place: " + sections[at].name);
  }

 private:
  void problem(std::string text) { out_.problems.push_back(std::move(text)); }
  void holds(std::string text) { out_.shown.push_back(std::move(text)); }

  void trust(const std::string& policy, const std::string& fallback) {
    const std::string& own_policy = believed_.policy;
    std::string why;
    const std::string& used = own_policy.empty() ? policy : own_policy;
    policy_ = parse_policy(used, why);
    if (used.empty())
      problem("no policy, so no log is believed: give one with --policy");
    else if (!policy_)
      problem("policy: " + why);
    else
      holds(own_policy.empty() ? "policy from the bundle itself (pin your own with --policy)" : "policy: your own");
    if (policy_)
      for (const std::string& name : unchecked(*policy_))
        holds("policy: the key of " + name + " is of an algorithm that is not checked here, so it counts as not having signed");
    if (!fallback.empty() && own_policy.empty()) {
      const auto hours = decimal(fallback.substr(0, fallback.find(" h\n")));
      const auto start = fallback.find('\n');
      fallback_ = hours && start != std::string::npos ? parse_policy(fallback.substr(start + 1), why) : std::nullopt;
      if (!fallback_)
        problem("fallback: not `<hours> h` and a policy");
      else
        fallback_seconds_ = *hours * 3600;
    }
  }

  // The reader's own list, or the bundle's; but what the log has decides, where it can be seen.
  void trust_parties(const std::string& inside) {
    const bool own = !believed_.parties.empty();
    const std::string& keys = own ? believed_.parties : inside;
    std::string why;
    const auto parsed = parse_parties(keys, why);
    if (!parsed)
      problem("party keys: " + why);
    else
      parties_ = *parsed;
    const bool in_log = believed_.log && believed_.log->any();
    if (!keys.empty() && !in_log) holds(own ? "party keys: your own" : "party keys from the bundle itself (pin your own with --parties)");
    if (!in_log) return;
    const std::string how = keys.empty() || !parsed ? std::string() : difference(*parsed, believed_.log->keys());
    if (how.empty())
      holds("party keys: as the log has them");
    else
      problem(std::string(own ? "your own party keys" : "party keys of the bundle") + " differ from the log's: " + how);
    parties_ = believed_.log->keys();
  }

  void check_entry(const std::string& entry, const std::string& proof, const std::vector<std::string>& disclosures) {
    const std::string label = "entry " + std::to_string(out_.entries++);
    std::uint64_t index = 0, size = 0;
    if (!check_proof(label, entry, proof, index, size)) return;
    const Hash plain = sha256(entry);
    ids_.insert("s-" + hex(plain).substr(0, 16));
    largest_ = std::max(largest_, size);
    std::vector<std::string> digests;
    const bool note = entry.starts_with("statement/v1\n");
    if (note && !check_author(label, entry, index, digests)) return;
    if (!note) holds(label + ": a plain statement, without an author's signature");
    std::map<std::string, std::string> fields;
    for (const std::string& d : disclosures) check_disclosure(label, d, digests, fields);
    // By its own id only when everything that makes it is here: an author may not claim another statement's.
    const std::string id = id_of(fields);
    if (fields.contains("id") && fields["id"] == '"' + id + '"') ids_.insert(id);
  }

  bool check_proof(const std::string& label, const std::string& entry, std::string_view rest, std::uint64_t& index, std::uint64_t& size) {
    const auto line = [&] {
      const auto end = std::min(rest.find('\n'), rest.size());
      const std::string_view out = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      return out;
    };
    const auto no = [&](const std::string& text) {
      problem(label + ": " + text);
      return false;
    };
    if (line() != "c2sp.org/tlog-proof@v1") return no("no tlog-proof");
    std::string_view next = line();
    if (next.starts_with("extra ")) next = line();
    const auto at = next.starts_with("index ") ? decimal(next.substr(6)) : std::nullopt;
    if (!at) return no("a proof without an index");
    std::vector<Hash> path;
    while (!(next = line()).empty()) {
      const auto raw = decode64(next);
      if (!raw || raw->size() != 32 || path.size() >= 64) return no("a proof line that is not a hash");
      Hash hash{};
      std::memcpy(hash.data(), raw->data(), 32);
      path.push_back(hash);
    }
    std::string why;
    const auto note = parse_note(rest, why);
    const auto checkpoint = note ? parse_checkpoint(note->text, why) : std::nullopt;
    if (!checkpoint) return no("checkpoint: " + why);
    if (!check_checkpoint(label, *note, *checkpoint)) return false;
    if (!included(*at, checkpoint->size, leaf_hash(entry), path, checkpoint->root))
      return no("it is not in the tree: the proof does not lead to the signed root");
    index = *at;
    size = checkpoint->size;
    holds(label + ": is leaf " + std::to_string(index) + " of " + std::to_string(size) + " in " + checkpoint->origin);
    return true;
  }

  bool check_checkpoint(const std::string& label, const Note& note, const Checkpoint& checkpoint) {
    if (!policy_) return false;
    std::string why = "the log " + checkpoint.origin + " is not one of the policy's";
    bool signed_well = false;
    for (const Key& log : policy_->logs)
      if (log.name == checkpoint.origin && log.algorithm == 1) signed_well = signed_by(note, log, why) || signed_well;
    bool bad = false;
    if (!signed_well) {
      problem(label + ": " + why);
      return false;
    }
    if (believed_.log && checkpoint.origin != believed_.origin) {
      problem(label + ": it is of the log " + checkpoint.origin + ", the record is of " + believed_.origin);
      return false;
    }
    std::string standing = "unwitnessed";
    if (policy_->quorum == "none") {
      // Who asks for nobody is vouched for by nobody.
    } else if (quorum_time(*policy_, note, bad, why)) {
      standing = "witnessed";
    } else if (!bad && fallback_) {
      const auto since = quorum_time(*fallback_, note, bad, why);
      if (since && believed_.now >= *since + fallback_seconds_) standing = "witnessed-by-fallback";
    }
    if (bad) {
      problem(label + ": " + why);
      return false;
    }
    // "unwitnessed" < "witnessed-by-fallback" < "witnessed"
    const auto rank = [](const std::string& s) { return s == "witnessed" ? 2 : s == "unwitnessed" ? 0 : 1; };
    if (out_.standing.empty() || rank(standing) < rank(out_.standing)) out_.standing = standing;
    return true;
  }

  bool check_author(const std::string& label, const std::string& entry, std::uint64_t index, std::vector<std::string>& digests) {
    std::string why, version;
    const auto note = parse_note(entry, why);
    if (!note) {
      problem(label + ": " + why);
      return false;
    }
    std::string_view rest = note->text;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(line.size() + 1);
      if (line.starts_with("sd ")) digests.emplace_back(line.substr(3));
      if (line.starts_with("agreement ")) version = line.substr(line.rfind(' ') + 1);
    }
    if (!signed_by_author(*note, index, parties_, why)) {
      problem(label + ": " + why);
      return false;
    }
    ++out_.author_signatures;
    holds(label + ": signed by " + author_of(*note));
    if (!agreement_.empty() && hex(sha256(agreement_)) != version) {
      problem(label + ": it speaks under another version of the agreement than the text in the bundle");
      return false;
    }
    return true;
  }

  void check_disclosure(const std::string& label, const std::string& text, const std::vector<std::string>& digests,
                        std::map<std::string, std::string>& fields) {
    const std::string digest = encode64(as_text(sha256(text)));
    const auto json = decode64url(text);
    const auto parsed = json ? parse_json(*json) : std::nullopt;
    if (!parsed || parsed->kind != Json::array || parsed->items.size() != 3 || parsed->items[1].kind != Json::text)
      return problem(label + ": a disclosure that is none");
    const std::string& name = parsed->items[1].value;
    if (std::find(digests.begin(), digests.end(), digest) == digests.end())
      return problem(label + ": the statement never committed to the disclosed field " + name);
    if (const auto read = read_disclosed(*json)) fields[read->name] = read->value;
    ++out_.disclosures;
    holds(label + ": discloses " + *json);
  }

  void verdict(const std::string& text) {
    const auto json = parse_json(text);
    const Json* witness = json ? json->at("witness") : nullptr;
    if (!witness) return problem("verdict: no JSON with a witness");
    if (walk(*witness, 0))
      holds("verdict: its " + std::to_string(out_.witness_leaves) + (out_.witness_leaves == 1 ? " leaf is" : " leaves are all") +
            " in the log (the rules themselves were not run)");
  }

  // Every leaf is one of the entries, and no rule stands on nothing.
  bool walk(const Json& node, int depth) {
    const Json* rule = node.at("rule");
    if (node.kind != Json::object || !rule || depth > 64) return problem("verdict: a node of the witness without a rule"), false;
    const Json* leaves = node.at("leaves");
    const Json* children = node.at("children");
    const Json* scanned = node.at("scanned");
    bool good = true;
    for (const Json& leaf : leaves ? leaves->items : std::vector<Json>{}) {
      ++out_.witness_leaves;
      if (ids_.contains(leaf.value)) continue;
      problem("verdict: its witness names " + leaf.value + ", which is not among the entries");
      good = false;
    }
    if (const auto n = scanned ? decimal(scanned->value) : std::nullopt; n && *n > largest_) {
      problem("verdict: an absence among " + scanned->value + " statements, more than the log held");
      good = false;
    }
    const bool stands = (leaves && !leaves->items.empty()) || (children && !children->items.empty()) || rule->value != "exists";
    if (!stands) {
      problem("verdict: the rule `" + rule->value + "` stands on nothing");
      good = false;
    }
    for (const Json& child : children ? children->items : std::vector<Json>{}) good = walk(child, depth + 1) && good;
    return good;
  }

  const Believed& believed_;
  std::uint64_t fallback_seconds_ = 0, largest_ = 0;
  BundleFindings& out_;
  std::optional<Policy> policy_, fallback_;
  std::vector<PartyKey> parties_;
  std::string agreement_;
  std::set<std::string> ids_;
};

}  // namespace

void check_bundle(const std::string& bytes, const Believed& believed, BundleFindings& out) {
  std::vector<Section> sections;
  std::string why;
  if (!read_sections(bytes, sections, why)) {
    out.problems.push_back("bundle: " + why);
    return;
  }
  Check(believed, out).run(sections);
}

}  // namespace verify
