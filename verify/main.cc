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

constexpr const char* kHelp = R"(surety-verify RECORD_DIR [--vkey FILE] [--json]
surety-verify --bundle FILE [--policy FILE] [--parties FILE] [--now SECONDS] [--json]

Checks a record directory (C2SP tlog-tiles): the hash of every entry, every tile, the root, and the
log's signature on the checkpoint.

  --vkey FILE   the log's key, as you got it from someone you trust. Without it the key in
                RECORD_DIR/log.vkey is used, which shows only that the record agrees with itself.
  --bundle FILE a bundle instead: entries with proofs, disclosures, perhaps a verdict (docs/formats/bundle.md)
  --policy FILE the logs, witnesses and quorum that you believe (C2SP tlog-policy)
  --parties FILE the parties' keys as you know them
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
         ",\"problem_count\":" + std::to_string(f.problem_count) + ",\"problems\":[";
  for (std::size_t i = 0; i < f.problems.size(); ++i) {
    if (i) out += ',';
    json_text(out, f.problems[i]);
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
  for (const std::string& problem : f.problems) std::printf("wrong      %s\n", problem.c_str());
  if (f.problem_count > f.problems.size())
    std::printf("wrong      and %llu more\n", static_cast<unsigned long long>(f.problem_count - f.problems.size()));
  std::printf("%s\n", f.problem_count ? "THE RECORD DOES NOT HOLD" : "the record holds");
}

int wrong_call(const std::string& text) {
  std::fprintf(stderr, "surety-verify: %s\ntry: surety-verify --help\n", text.c_str());
  return 2;
}

int bundle(const std::string& file, const std::string& policy_file, const std::string& parties_file, std::uint64_t now, bool json) {
  const auto bytes = verify::read_file(file);
  if (!bytes) return wrong_call("cannot read the bundle " + file);
  std::string policy, parties;
  for (const auto& [name, into] : {std::pair{&policy_file, &policy}, std::pair{&parties_file, &parties}}) {
    if (name->empty()) continue;
    const auto text = verify::read_file(*name);
    if (!text) return wrong_call("cannot read " + *name);
    *into = *text;
  }
  verify::BundleFindings f;
  verify::check_bundle(*bytes, policy, parties, now, f);
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

}  // namespace

int main(int argc, char** argv) {
  if (sodium_init() < 0) {
    std::fputs("surety-verify: libsodium does not start\n", stderr);
    return 3;
  }
  std::string dir, vkey_file, bundle_file, policy_file, parties_file;
  auto now = static_cast<std::uint64_t>(std::time(nullptr));
  bool json = false;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--help" || arg == "-h") {
      std::fputs(kHelp, stdout);
      return 0;
    }
    if (arg == "--json")
      json = true;
    else if (arg == "--vkey" && i + 1 < argc)
      vkey_file = argv[++i];
    else if (arg == "--bundle" && i + 1 < argc)
      bundle_file = argv[++i];
    else if (arg == "--policy" && i + 1 < argc)
      policy_file = argv[++i];
    else if (arg == "--parties" && i + 1 < argc)
      parties_file = argv[++i];
    else if (arg == "--now" && i + 1 < argc) {
      const auto seconds = verify::decimal(argv[++i]);
      if (!seconds) return wrong_call("--now takes seconds");
      now = *seconds;
    } else if (arg.starts_with("-"))
      return wrong_call("unknown option " + arg);
    else if (dir.empty())
      dir = arg;
    else
      return wrong_call("one record directory at a time, but also found " + arg);
  }
  if (!bundle_file.empty())
    return dir.empty() ? bundle(bundle_file, policy_file, parties_file, now, json) : wrong_call("a bundle or a record directory, not both");
  if (dir.empty()) return wrong_call("which record directory?");
  while (dir.size() > 1 && dir.ends_with('/')) dir.pop_back();
  const bool own_key = vkey_file.empty();
  if (own_key) vkey_file = dir + "/log.vkey";
  const auto line = verify::read_file(vkey_file);
  if (!line) return wrong_call("cannot read the key file " + vkey_file);
  // One line exactly: a second one could hide another key.
  const bool one_line = line->ends_with('\n') && line->find('\n') + 1 == line->size();
  const auto key = one_line ? verify::parse_key(std::string_view(*line).substr(0, line->size() - 1)) : std::nullopt;
  verify::Findings findings;
  if (!key && !own_key) return wrong_call(vkey_file + " is not a key (one line: name+hash+base64)");
  if (key)
    check_record(dir, *key, findings);
  else
    findings.problem("log.vkey: not a key (one line: name+hash+base64)");
  const verify::Key shown = key ? *key : verify::Key{};
  if (json)
    print_json(findings, shown);
  else
    print_text(findings, shown, dir, own_key);
  return findings.problem_count ? 1 : 0;
}
