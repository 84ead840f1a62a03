// Witnesses: being one, and asking others to cosign.
#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"
#include "base/json_out.h"
#include "cli/record.h"
#include "serve/http_client.h"
#include "serve/server.h"
#include "store/record_commands.h"
#include "store/witness.h"

namespace surety::cli {
namespace {

constexpr std::size_t kMaxRequest = 64 * 1024;  // a checkpoint, its signatures and 63 hashes need far less

serve::Response answer(store::Witness& witness, const serve::Request& request) {
  const auto reply = witness.handle(request.method == "HEAD" ? "GET" : request.method, request.path, request.body, wall_clock());
  serve::Response out = serve::text(reply.status, reply.content_type, reply.body);
  out.cache = "no-store";
  return out;
}

Status serve_witness(const RecordArgs& args) {
  std::vector<record::VerifierKey> logs;
  for (const auto& given : args.logs) {
    SURETY_TRY(auto key, vkey_of(given));
    logs.push_back(std::move(key));
  }
  SURETY_TRY(const auto witness, store::Witness::open(args.db, args.name, std::move(logs)));
  serve::ServerOptions options;
  options.address = args.address;
  options.port = static_cast<std::uint16_t>(args.port);
  options.body_bytes = kMaxRequest;
  SURETY_TRY(const auto server, serve::Server::listen(options, [&](const serve::Request& request) { return answer(*witness, request); }));
  line(fmt::format("surety: witness {} at http://{}:{}", record::vkey_text(witness->vkey()), args.address, server->port()));
  std::fflush(stdout);
  server->run();
  return {};
}

struct Site {
  std::string name, url;
  record::VerifierKey key;
};

// The policy's witnesses that say where they are, and those that --site adds or moves.
Result<std::vector<Site>> sites_of(const record::Policy& policy, const std::vector<std::string>& given) {
  std::map<std::string, std::string> urls = policy.urls;
  for (const std::string& pair : given) {
    const auto eq = pair.find('=');
    const std::string name = pair.substr(0, eq);
    const bool known = std::any_of(policy.witnesses.begin(), policy.witnesses.end(), [&](const auto& w) { return w.first == name; });
    if (eq == std::string::npos || !known)
      return err(fail("call.bad-site", "this is not where one of the policy's witnesses is")
                     .field("--site")
                     .found(pair)
                     .expected("NAME=http://host:port, with a name from the policy"));
    urls[name] = pair.substr(eq + 1);
  }
  std::vector<Site> out;
  for (const auto& [name, key] : policy.witnesses)
    if (const auto it = urls.find(name); it != urls.end()) out.push_back({name, it->second, key});
  if (out.empty())
    return err(fail("record.no-witness", "the policy does not say where any witness is")
                   .expected("`witness NAME VKEY http://host:port` in the policy")
                   .help("or give --site NAME=http://host:port"));
  return out;
}

// What a witness said when it was asked: its signature lines, or why not.
struct Answer {
  std::string lines, why;
};

Answer ask(const Site& site, const std::string& record_dir) {
  const std::string url = site.url + (site.url.ends_with('/') ? "" : "/") + "add-checkpoint";
  std::uint64_t old_size = 0;
  // It tells the size that it has when ours is another: so the second request fits, unless someone else asks meanwhile.
  for (int round = 0; round < 3; ++round) {
    const auto body = store::witness_request(record_dir, old_size);
    if (!body) return {{}, body.error().message};
    const auto reply = serve::post(url, *body);
    if (!reply) return {{}, reply.error().message};
    if (reply->status == 200) return {reply->body, {}};
    if (reply->status != 409) return {{}, fmt::format("it refuses: {} {}", reply->status, reply->body.substr(0, reply->body.find('\n')))};
    const auto size = reply->body.substr(0, reply->body.find('\n'));
    if (size.empty() || size.size() > 15 || size.find_first_not_of("0123456789") != std::string::npos)
      return {{}, "it answers 409 without a size"};
    const std::uint64_t next = std::stoull(size);
    if (next == old_size)
      return {{}, fmt::format("it cosigned another tree of size {}: this log has been forked, or the witness lies", next)};
    old_size = next;
  }
  return {{}, "somebody else asks it all the time"};
}

void show(const RecordArgs& args, const Site& site, const std::string& state, const std::string& why) {
  if (!args.json) return line(fmt::format("{}: {}{}{}", site.name, state, why.empty() ? "" : ": ", why));
  JsonOut j;
  j.object().member("kind", "cosignature").member("witness", site.name).member("vkey", record::vkey_text(site.key)).member("state", state);
  if (!why.empty()) j.member("why", why);
  line(j.end().take());
}

void show(const RecordArgs& args, const store::RecordStanding& standing) {
  if (!args.json) return line(store::standing_text(standing));
  JsonOut j;
  j.object().member("kind", "standing").member("size", static_cast<std::int64_t>(standing.judged.checkpoint.size));
  line(j.member("standing", record::to_string(standing.judged.standing)).end().take());
}

// Exit 1: asked, and still no quorum.
Result<int> cosign(const RecordArgs& args) {
  const auto files = store::policy_beside(args.db, {args.policy, args.fallback});
  if (files.policy.empty())
    return err(fail("record.no-policy", "no witness policy is agreed, so nobody is to be asked")
                   .expected(store::beside(args.db, ".policy"))
                   .help("write one (docs/record.md), or name it with --policy"));
  SURETY_TRY(const record::Policy policy, store::read_policy(files.policy));
  SURETY_TRY(const auto sites, sites_of(policy, args.sites));
  SURETY_TRY(const Instant now, instant_option("--now", args.now, wall_clock()));
  // Asked before the log is opened: whoever stalls holds up nobody who writes.
  SURETY_TRY(const auto before, store::standing_of(directory(args), files, now));
  const auto cosigned = [&](const Site& site) {
    return std::any_of(before.judged.cosigned.begin(), before.judged.cosigned.end(), [&](const auto& c) { return c.witness == site.key; });
  };
  std::vector<Answer> answers;
  for (const Site& site : sites) answers.push_back(cosigned(site) ? Answer{} : ask(site, directory(args)));
  SURETY_TRY(auto log, store::Log::open(log_options(args)));
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (cosigned(sites[i])) {
      show(args, sites[i], "cosigned", "before");
      continue;
    }
    if (!answers[i].why.empty()) {
      show(args, sites[i], "not cosigned", answers[i].why);
      continue;
    }
    SURETY_TRY(const int added, log->add_cosignatures(answers[i].lines, {sites[i].key}));
    if (added == 1)
      show(args, sites[i], "cosigned", {});
    else
      show(args, sites[i], "not cosigned", "its answer is not its cosignature of the checkpoint that stands now; ask again");
  }
  SURETY_TRY(const auto standing, store::standing_of(directory(args), files, now));
  show(args, standing);
  return standing.judged.standing == record::Standing::unwitnessed ? 1 : 0;
}

}  // namespace

int record_witness(const RecordArgs& args) { return exit_code(serve_witness(args), args); }
int record_cosign(const RecordArgs& args) { return exit_code(cosign(args), args); }

}  // namespace surety::cli
