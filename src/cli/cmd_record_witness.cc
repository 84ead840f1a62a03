// Witnesses: being one, and asking others to cosign.
#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"
#include "base/json_out.h"
#include "cli/record.h"
#include "serve/cosigner.h"
#include "serve/server.h"
#include "store/record_commands.h"
#include "store/witness.h"

namespace surety::cli {
namespace {

constexpr std::size_t kMaxRequest = 512 * 1024;  // a hundred signatures of the longest kind known (ML-DSA-44) and 63 hashes need less

serve::Response answer(store::Witness& witness, const serve::Request& request) {
  const auto reply = witness.handle(request.method == "HEAD" ? "GET" : request.method, request.path, request.body, wall_clock());
  serve::Response out = serve::text(reply.status, reply.content_type, reply.body);
  out.cache = "no-store";
  if (!reply.allow.empty()) out.headers.emplace_back("Allow", reply.allow);
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

using Site = serve::WitnessSite;

// The policy's witnesses that say where they are, and those that --site adds or moves.
Result<std::vector<Site>> sites_of(record::Policy policy, const std::vector<std::string>& given) {
  for (const std::string& pair : given) {
    const auto eq = pair.find('=');
    const std::string name = pair.substr(0, eq);
    const bool known = std::any_of(policy.witnesses.begin(), policy.witnesses.end(), [&](const auto& w) { return w.first == name; });
    if (eq == std::string::npos || !known)
      return err(fail("call.bad-site", "this is not where one of the policy's witnesses is")
                     .field("--site")
                     .found(pair)
                     .expected("NAME=http://host:port, with a name from the policy"));
    policy.urls[name] = pair.substr(eq + 1);
  }
  auto out = serve::sites_of(policy);
  if (out.empty())
    return err(fail("record.no-witness", "the policy does not say where any witness is")
                   .expected("`witness NAME VKEY http://host:port` in the policy")
                   .help("or give --site NAME=http://host:port"));
  return out;
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
  SURETY_TRY(const std::string checkpoint, store::published_checkpoint(directory(args)));
  std::vector<serve::WitnessAnswer> answers;
  for (const Site& site : sites) {
    std::uint64_t old_size = 0;
    answers.push_back(cosigned(site) ? serve::WitnessAnswer{} : serve::ask_witness(site, directory(args), checkpoint, old_size));
  }
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

std::string state_text(const store::WitnessState& state) {
  const std::string got =
      state.at ? fmt::format("cosigned {} at {}", count(state.size, "entry", "entries"), to_string(*state.at)) : "has cosigned nothing yet";
  return state.late_since ? fmt::format("LATE since {}: {}; {}", to_string(*state.late_since), state.why, got) : got;
}

void show(const RecordArgs& args, const std::string& name, const store::WitnessState& state) {
  if (!args.json) return line(name + ": " + state_text(state));
  JsonOut j;
  j.object().member("kind", "witness").member("witness", name).member("size", static_cast<std::int64_t>(state.size));
  if (state.at) j.member("cosigned_at", to_string(*state.at));
  if (state.late_since) j.member("late_since", to_string(*state.late_since)).member("why", state.why);
  line(j.end().take());
}

void show_unchecked(const RecordArgs& args, const std::string& name) {
  if (!args.json) return line(name + ": its key is of an algorithm that this version cannot check, so it counts as not having cosigned");
  JsonOut j;
  j.object().member("kind", "witness").member("witness", name).member("checked", false);
  line(j.end().take());
}

// Who vouches for it, and how each witness is doing that a server asks. Exit 1: nothing of it is operative.
Result<int> status(const RecordArgs& args) {
  SURETY_TRY(const Instant now, instant_option("--now", args.now, wall_clock()));
  SURETY_TRY(const auto standing, store::standing_of(directory(args), store::policy_beside(args.db, {args.policy, args.fallback}), now));
  if (args.json) {
    JsonOut j;
    j.object().member("kind", "standing").member("size", static_cast<std::int64_t>(standing.judged.checkpoint.size));
    j.member("standing", record::to_string(standing.judged.standing)).member("vouched_for", store::standing_text(standing));
    if (standing.operative) {
      j.member("operative_size", static_cast<std::int64_t>(standing.operative->checkpoint.size));
      j.member("operative", record::to_string(standing.operative->standing));
    }
    line(j.end().take());
  } else {
    line(fmt::format("{}: {}", count(standing.judged.checkpoint.size, "entry", "entries"), store::standing_text(standing)));
  }
  const auto states = store::read_witness_states(directory(args));
  bool asked = false;
  for (const auto& [name, key] : standing.policy.witnesses) {
    const auto it = states.find(name);
    if (it == states.end()) continue;
    asked = true;
    show(args, name, it->second);
  }
  for (const auto& name : standing.policy.unchecked()) show_unchecked(args, name);
  if (!asked && !standing.policy.witnesses.empty() && !args.json)
    line("no server has asked the witnesses yet: `surety serve` does while it runs, `surety record cosign` once");
  return standing.operative ? 0 : 1;
}

}  // namespace

int record_status(const RecordArgs& args) { return exit_code(status(args), args); }
int record_witness(const RecordArgs& args) { return exit_code(serve_witness(args), args); }
int record_cosign(const RecordArgs& args) { return exit_code(cosign(args), args); }

}  // namespace surety::cli
