// surety-verify: checks a record without trusting, or sharing code with, the program that wrote it.
#include <sodium.h>

#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <utility>

#include "verify/bundle.h"
#include "verify/record.h"

namespace {

constexpr const char* kHelp = R"(surety-verify RECORD_DIR [--vkey FILE] [--parties FILE] [--authors] [--json]
surety-verify --bundle FILE [--policy FILE] [--parties FILE] [--now SECONDS] [--json] [RECORD_DIR [--vkey FILE]]

Checks a record directory (C2SP tlog-tiles): the hash of every entry, every tile, the root, and the
log's signature on the checkpoint. Says which party's key spoke from which entry to which,
and of each change of keys who signed it.

  --vkey FILE   the log's key, as you got it from someone you trust. Without it the key in
                RECORD_DIR/log.vkey is used, which shows only that the record agrees with itself.
  --bundle FILE a bundle: entries with proofs, disclosures, perhaps a verdict (docs/formats/bundle.md). With
                the whole record beside it, the parties' keys are those that the log has
  --policy FILE the logs, witnesses and quorum that you believe (C2SP tlog-policy)
  --parties FILE the parties' keys as you know them; of a whole record: do they differ from the log's?
  --authors     of a whole record: each signed statement too, by the keys that the log itself admits
  --now SECONDS the present as POSIX time, for an agreed fallback; default the clock
  --json        one JSON object instead of text

Exit code: 0 it holds, 1 it does not, 2 the call is wrong or there is no record, 3 we failed.
Example: surety-verify record --vkey truce.vkey
)";

void json_text(std::string& out, const std::string& text) {
  out += '"';
  for (const char c : text) {
    char escaped[8];
    if (static_cast<unsigned char>(c) < 0x20) {
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void print_json(const verify::Findings& f, const verify::Key& key) {
  std::string out = "{\"kind\":\"record\",\"holds\":";
  out += f.problem_count == 0 ? "true" : "false";
  out += ",\"origin\":";
  json_text(out, key.name);
  out += ",\"size\":" + std::to_string(f.checkpoint.size) + ",\"root\":\"" + verify::hex(f.checkpoint.root) + "\"";
  out += ",\"entries\":" + std::to_string(f.entries) + ",\"bundles\":" + std::to_string(f.bundles) +
         ",\"tiles\":" + std::to_string(f.tiles) + ",\"earlier_partials\":" + std::to_string(f.old_partials) +
         ",\"beyond_checkpoint\":" + std::to_string(f.beyond) + ",\"bytes\":" + std::to_string(f.bytes) +
         ",\"signed_statements\":" + std::to_string(f.notes) + ",\"by_admitted_keys\":" + std::to_string(f.authored) +
         ",\"by_unknown_authors\":" + std::to_string(f.strangers) + ",\"problem_count\":" + std::to_string(f.problem_count) +
         ",\"problems\":[";
  for (std::size_t i = 0; i < f.problems.size(); ++i) {
    if (i) out += ',';
    json_text(out, f.problems[i]);
  }
  out += "],\"parties\":[";
  for (std::size_t i = 0; i < f.parties.keys().size(); ++i) {
    const verify::PartyKey& k = f.parties.keys()[i];
    out += i ? ",{\"party\":" : "{\"party\":";
    json_text(out, k.key.name);
    out += ",\"key\":\"" + verify::encode64(k.key.bytes) + "\",\"from\":" + std::to_string(k.from);
    out += k.until == UINT64_MAX ? "}" : ",\"until\":" + std::to_string(k.until) + "}";
  }
  out += "],\"key_changes\":[";
  for (std::size_t i = 0; i < f.parties.changes().size(); ++i) {
    const verify::KeyChange& c = f.parties.changes()[i];
    out += std::string(i ? "," : "") + "{\"entry\":" + std::to_string(c.entry) + ",\"change\":";
    json_text(out, c.words);
    out += ",\"signed_by\":";
    c.signed_by.empty() ? void(out += "null") : json_text(out, c.signed_by);
    out += '}';
  }
  std::printf("%s]}\n", out.c_str());
}

void print_text(const verify::Findings& f, const verify::Key& key, const std::string& dir, bool own_key) {
  std::printf("record     %s\nlog        %s%s\n", dir.c_str(), key.name.c_str(),
              own_key ? "  (key from the record itself: pin it with --vkey)" : "");
  if (f.checkpoint_read) {
    std::printf("checkpoint size %llu, root %s, signature good\n", static_cast<unsigned long long>(f.checkpoint.size),
                verify::hex(f.checkpoint.root).c_str());
    std::printf("checked    %llu entries in %llu bundles, %llu tiles, %llu earlier partial tiles, %llu bytes\n",
                static_cast<unsigned long long>(f.entries), static_cast<unsigned long long>(f.bundles),
                static_cast<unsigned long long>(f.tiles), static_cast<unsigned long long>(f.old_partials),
                static_cast<unsigned long long>(f.bytes));
    if (f.beyond)
      std::printf("not signed %llu files lie beyond the checkpoint and were not checked\n", static_cast<unsigned long long>(f.beyond));
  }
  for (const verify::PartyKey& k : f.parties.keys()) std::printf("speaks     %s\n", words(k).c_str());
  for (const verify::KeyChange& c : f.parties.changes())
    std::printf("keys       entry %llu: %s, %s\n", static_cast<unsigned long long>(c.entry), c.words.c_str(),
                c.signed_by.empty() ? "unsigned" : ("signed by " + c.signed_by).c_str());
  if (f.notes)
    std::printf("authors    signed statements %llu: %llu by keys that the log admits, %llu by authors whom it never admitted\n",
                static_cast<unsigned long long>(f.notes), static_cast<unsigned long long>(f.authored),
                static_cast<unsigned long long>(f.strangers));
  for (const std::string& problem : f.problems) std::printf("wrong      %s\n", problem.c_str());
  if (f.problem_count > f.problems.size())
    std::printf("wrong      and %llu more\n", static_cast<unsigned long long>(f.problem_count - f.problems.size()));
  std::printf("%s\n", f.problem_count ? "THE RECORD DOES NOT HOLD" : "the record holds");
}

int wrong_call(const std::string& text) {
  std::fprintf(stderr, "surety-verify: %s\ntry: surety-verify --help\n", text.c_str());
  return 2;
}

// What the call names.
struct Call {
  std::string dir, vkey, bundle, policy, parties;
  std::uint64_t now = 0;
  bool authors = false, json = false;
};

// `log`: the whole record of this bundle's log, if it is at hand.
int bundle(const Call& call, const verify::Findings* log) {
  const auto bytes = verify::read_file(call.bundle);
  if (!bytes) return wrong_call("cannot read the bundle " + call.bundle);
  verify::Believed believed;
  believed.now = call.now;
  if (log) {
    believed.log = &log->parties;
    believed.origin = log->checkpoint.origin;
  }
  for (const auto& [name, into] : {std::pair{&call.policy, &believed.policy}, std::pair{&call.parties, &believed.parties}}) {
    if (name->empty()) continue;
    const auto text = verify::read_file(*name);
    if (!text) return wrong_call("cannot read " + *name);
    *into = *text;
  }
  const bool json = call.json;
  verify::BundleFindings f;
  verify::check_bundle(*bytes, believed, f);
  const bool good = f.problems.empty();
  if (json) {
    std::string out = std::string("{\"kind\":\"bundle\",\"holds\":") + (good ? "true" : "false") + ",\"standing\":";
    json_text(out, f.standing);
    out += ",\"entries\":" + std::to_string(f.entries) + ",\"author_signatures\":" + std::to_string(f.author_signatures) +
           ",\"disclosures\":" + std::to_string(f.disclosures) + ",\"witness_leaves\":" + std::to_string(f.witness_leaves);
    for (const auto& [name, list] : {std::pair{"shown", &f.shown}, std::pair{"problems", &f.problems}}) {
      out += std::string(",\"") + name + "\":[";
      for (std::size_t i = 0; i < list->size(); ++i) {
        if (i) out += ',';
        json_text(out, (*list)[i]);
      }
      out += ']';
    }
    std::printf("%s}\n", out.c_str());
  } else {
    for (const std::string& line : f.shown) std::printf("holds      %s\n", line.c_str());
    for (const std::string& line : f.problems) std::printf("wrong      %s\n", line.c_str());
    std::printf("standing   %s\n%s\n", f.standing.empty() ? "none" : f.standing.c_str(),
                good ? "the bundle holds" : "THE BUNDLE DOES NOT HOLD");
  }
  return good ? 0 : 1;
}

// The list that somebody shows against what the log has.
bool compare_parties(const Call& call, verify::Findings& f) {
  const auto text = verify::read_file(call.parties);
  if (!text) return false;
  std::string why;
  const auto shown = verify::parse_parties(*text, why);
  if (!shown)
    f.problem(call.parties + ": " + why);
  else if (!f.parties.any())
    f.problem(call.parties + ": the log says nothing about the parties' keys");
  else if (const std::string how = difference(*shown, f.parties.keys()); !how.empty())
    f.problem(call.parties + ": " + how);
  return true;
}

int record(const Call& call) {
  const bool own_key = call.vkey.empty();
  const std::string vkey_file = own_key ? call.dir + "/log.vkey" : call.vkey;
  const auto line = verify::read_file(vkey_file);
  if (!line) return wrong_call("cannot read the key file " + vkey_file);
  // One line exactly: a second one could hide another key.
  const bool one_line = line->ends_with('\n') && line->find('\n') + 1 == line->size();
  const auto key = one_line ? verify::parse_key(std::string_view(*line).substr(0, line->size() - 1)) : std::nullopt;
  verify::Findings findings;
  if (!key && !own_key) return wrong_call(vkey_file + " is not a key (one line: name+hash+base64)");
  if (key)
    check_record(call.dir, *key, findings);
  else
    findings.problem("log.vkey: not a key (one line: name+hash+base64)");
  if (call.bundle.empty() && !call.parties.empty() && !compare_parties(call, findings)) return wrong_call("cannot read " + call.parties);
  if (call.authors && findings.problem_count == 0) check_authors(call.dir, findings);
  const verify::Key shown = key ? *key : verify::Key{};
  if (call.json)
    print_json(findings, shown);
  else
    print_text(findings, shown, call.dir, own_key);
  if (findings.problem_count || call.bundle.empty()) return findings.problem_count ? 1 : 0;
  return bundle(call, &findings);
}

}  // namespace

int main(int argc, char** argv) {
  if (sodium_init() < 0) {
    std::fputs("surety-verify: libsodium does not start\n", stderr);
    return 3;
  }
  Call call;
  call.now = static_cast<std::uint64_t>(std::time(nullptr));
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--help" || arg == "-h") {
      std::fputs(kHelp, stdout);
      return 0;
    }
    if (arg == "--json")
      call.json = true;
    else if (arg == "--authors")
      call.authors = true;
    else if (arg == "--vkey" && i + 1 < argc)
      call.vkey = argv[++i];
    else if (arg == "--bundle" && i + 1 < argc)
      call.bundle = argv[++i];
    else if (arg == "--policy" && i + 1 < argc)
      call.policy = argv[++i];
    else if (arg == "--parties" && i + 1 < argc)
      call.parties = argv[++i];
    else if (arg == "--now" && i + 1 < argc) {
      const auto seconds = verify::decimal(argv[++i]);
      if (!seconds) return wrong_call("--now takes seconds");
      call.now = *seconds;
    } else if (arg.starts_with("-"))
      return wrong_call("unknown option " + arg);
    else if (call.dir.empty())
      call.dir = arg;
    else
      return wrong_call("one record directory at a time, but also found " + arg);
  }
  if (call.dir.empty()) return call.bundle.empty() ? wrong_call("which record directory?") : bundle(call, nullptr);
  while (call.dir.size() > 1 && call.dir.ends_with('/')) call.dir.pop_back();
  return record(call);
}
