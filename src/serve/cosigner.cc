#include "serve/cosigner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/files.h"
#include "base/log.h"
#include "record/text_lines.h"
#include "record/witness.h"
#include "serve/http_client.h"
#include "store/record_commands.h"

namespace surety::serve {

std::vector<WitnessSite> sites_of(const record::Policy& policy) {
  std::vector<WitnessSite> out;
  for (const auto& [name, key] : policy.witnesses)
    if (const auto it = policy.urls.find(name); it != policy.urls.end() && record::checkable(key)) out.push_back({name, it->second, key});
  return out;
}

WitnessAnswer ask_witness(const WitnessSite& site, const std::string& record_dir, const std::string& signed_checkpoint,
                          std::uint64_t& old_size, int seconds, const std::function<bool()>& give_up) {
  const auto refused = [](std::string why) { return WitnessAnswer{{}, std::move(why)}; };
  const std::string url = site.url + (site.url.ends_with('/') ? "" : "/") + "add-checkpoint";
  const auto read = record::read_checkpoint(signed_checkpoint);
  if (!read) return {{}, read.error().message, true};
  const record::Checkpoint& checkpoint = read->checkpoint;
  // It tells the size that it has when ours is another: so the second request fits, unless someone else asks meanwhile.
  for (int round = 0; round < 3; ++round) {
    const auto body = store::witness_request(record_dir, std::min(old_size, checkpoint.size), signed_checkpoint);
    if (!body) return {{}, body.error().message, true};
    const auto reply = post(url, *body, seconds, give_up);
    if (!reply) return refused(reply.error().message);
    if (reply->status == 200) return {reply->body, {}};
    const std::string_view first = std::string_view(reply->body).substr(0, reply->body.find('\n'));
    if (reply->status != 409) return refused(fmt::format("it refuses: {} {}", reply->status, first.substr(0, 200)));
    const auto has = record::decimal(first);
    if (!has) return refused("it answers 409 without a size");
    if (*has > checkpoint.size)
      return {{}, fmt::format("it cosigned a tree of size {} before, larger than this one of {}", *has, checkpoint.size), false, true};
    if (*has == old_size)
      return refused(fmt::format("it cosigned another tree of size {}: this log has been forked, or the witness lies", *has));
    old_size = *has;
  }
  return refused("somebody else asks it all the time");
}

Result<std::unique_ptr<Cosigner>> Cosigner::start(CosignerOptions options) {
  auto out = std::unique_ptr<Cosigner>(new Cosigner(std::move(options)));
  const auto& files = out->options_.files;
  if (files.policy.empty()) return out;
  SURETY_CHECK(out->options_.clock);
  SURETY_TRY(out->policy_, store::read_policy(files.policy));
  SURETY_TRY(out->fallback_, store::read_fallback(files.fallback));
  out->states_ = store::read_witness_states(out->options_.record_dir);
  const auto sites = sites_of(out->policy_);
  for (const WitnessSite& site : sites) out->asked_[site.name] = {};
  for (const WitnessSite& site : sites) out->threads_.emplace_back([self = out.get(), site] { self->follow(site); });
  return out;
}

Cosigner::~Cosigner() {
  {
    const std::lock_guard lock(stop_);
    done_ = true;
  }
  wake_.notify_all();
  for (auto& t : threads_) t.join();
}

bool Cosigner::stopping() {
  const std::lock_guard lock(stop_);
  return done_;
}

bool Cosigner::pause(int milliseconds) {
  std::unique_lock lock(stop_);
  return !wake_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return done_; });
}

void Cosigner::follow(const WitnessSite& site) {
  std::uint64_t old_size = 0;
  int wait = options_.first_wait_ms;
  do {
    const auto target = next(site);
    if (!target) continue;
    if (ask(site, *target, old_size)) {
      wait = options_.first_wait_ms;
      continue;
    }
    if (!pause(wait)) return;
    wait = std::min(wait * 2, options_.longest_wait_ms);
  } while (pause(options_.look_ms));
}

std::optional<Cosigner::Target> Cosigner::next(const WitnessSite& site) {
  const auto published = read_file(options_.record_dir + "/checkpoint");
  const auto now = published ? record::read_checkpoint(*published) : err(published.error());
  const std::lock_guard lock(mutex_);
  const bool all_answered = std::all_of(asked_.begin(), asked_.end(),
                                        [&](const auto& a) { return a.second.answered == target_.text || states_[a.first].late_since; });
  if (now && now->note.text != target_.text && all_answered) target_ = {*published, now->note.text, now->checkpoint.size};
  if (target_.size == 0 || asked_[site.name].answered == target_.text) return std::nullopt;
  asked_[site.name].in_flight = target_.size;
  return target_;
}

bool Cosigner::superseded(const Target& target) const {
  const auto published = read_file(options_.record_dir + "/checkpoint");
  return published && !published->starts_with(target.text);
}

bool Cosigner::ask(const WitnessSite& site, const Target& target, std::uint64_t& old_size) {
  const Instant asked = options_.clock();
  const auto answer =
      ask_witness(site, options_.record_dir, target.bytes, old_size, options_.answer_seconds, [this] { return stopping(); });
  const std::lock_guard lock(mutex_);
  Asked& mine = asked_[site.name];
  mine.in_flight.reset();
  if (stopping()) return false;
  if (answer.ours) {
    log::warning("serve: witness " + site.name + " cannot be asked: " + answer.why);
    return false;
  }
  // Somebody else has asked it about a later one: so does the next round. Larger than all that is published is another matter.
  if (answer.ahead && superseded(target)) {
    mine.answered = target.text;
    return true;
  }
  if (answer.why.empty())
    keep(site, target, asked, answer.lines);
  else
    late(site, asked, answer.why);
  write_states();
  if (mine.answered == target.text) old_size = target.size;
  return mine.answered == target.text;
}

void Cosigner::keep(const WitnessSite& site, const Target& target, Instant asked, const std::string& lines) {
  const auto kept = store::keep_cosignature(options_.record_dir, target.bytes, lines, site.key);
  if (!kept) return late(site, asked, "its cosignature cannot be kept: " + kept.error().message);
  if (!*kept) return late(site, asked, "its answer is not its cosignature of the checkpoint that it was asked about");
  if (states_[site.name].late_since) log::info("serve: witness " + site.name + " cosigns again");
  states_[site.name] = {target.size, options_.clock(), {}, {}};
  asked_[site.name].answered = target.text;
  std::set<std::uint64_t> spared{target_.size};
  for (const auto& [name, other] : asked_)
    if (other.in_flight) spared.insert(*other.in_flight);
  if (const auto pruned = store::prune_cosigned(options_.record_dir, policy_, fallback_, options_.clock(), spared); !pruned)
    log::warning("serve: " + pruned.error().message);
}

void Cosigner::late(const WitnessSite& site, Instant asked, const std::string& why) {
  store::WitnessState& state = states_[site.name];
  if (!state.late_since) {
    state.late_since = asked;
    log::warning("serve: witness " + site.name + " does not cosign: " + why);
  }
  state.why = why;
}

void Cosigner::write_states() {
  if (const auto written = store::write_witness_states(options_.record_dir, states_); !written)
    log::warning("serve: how the witnesses are doing cannot be written: " + written.error().message);
}

}  // namespace surety::serve
