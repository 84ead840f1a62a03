#pragma once
// Asks the policy's witnesses to cosign each new checkpoint, while a server runs (docs/decisions/0006).
//
//   Cosigner cosigner({.record_dir = "record", .files = policy_beside("surety.db"), .clock = wall_clock});  // until it goes
//
// A thread for each witness asks it about the same checkpoint, so that their answers meet; the next one is taken up once every
// witness that is not late has answered. After a failure a witness is late: it is waited for, twice as long each time, and
// holds up nobody, neither the other witnesses nor whoever writes, since the answers go to `<record>/cosigned` (store/cosigned.h)
// without the log's key or lock. Which witness is late, and since when, is written there too. Threads: its own; may be
// destroyed at any time, which takes no longer than some tenths of a second.
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/instant.h"
#include "store/standing.h"

namespace surety::serve {

struct WitnessSite {
  std::string name, url;  // the policy's name for it; http://host:port
  record::VerifierKey key;
};
// Those witnesses of the policy that state where they are, and whose answer can be checked.
std::vector<WitnessSite> sites_of(const record::Policy& policy);

// What a witness said: its signature lines, or why there are none.
struct WitnessAnswer {
  std::string lines, why;
  bool ours = false;   // it could not be asked, and that is not its fault
  bool ahead = false;  // it cosigned a larger tree before
};
// `old_size` is what it is believed to have, and becomes what it says that it has.
WitnessAnswer ask_witness(const WitnessSite& site, const std::string& record_dir, const std::string& signed_checkpoint,
                          std::uint64_t& old_size, int seconds = 10, const std::function<bool()>& give_up = {});

struct CosignerOptions {
  std::string record_dir;
  store::PolicyFiles files;
  Instant (*clock)() = nullptr;
  int look_ms = 500, first_wait_ms = 1000, longest_wait_ms = 300'000, answer_seconds = 10;
};

class Cosigner {
 public:
  // Errors: a bad policy or fallback. Without a policy, or one that says where nobody is, it asks nobody.
  static Result<std::unique_ptr<Cosigner>> start(CosignerOptions options);
  ~Cosigner();
  Cosigner(const Cosigner&) = delete;
  Cosigner& operator=(const Cosigner&) = delete;

 private:
  struct Target {
    std::string bytes, text;  // a signed checkpoint; what is signed of it
    std::uint64_t size = 0;
  };
  struct Asked {
    std::string answered;                    // the text of the last target that it cosigned
    std::optional<std::uint64_t> in_flight;  // the size that it is being asked about
  };
  explicit Cosigner(CosignerOptions options) : options_(std::move(options)) {}
  void follow(const WitnessSite& site);
  // What this witness is to be asked about now, if anything.
  std::optional<Target> next(const WitnessSite& site);
  bool superseded(const Target& target) const;
  bool ask(const WitnessSite& site, const Target& target, std::uint64_t& old_size);
  void keep(const WitnessSite& site, const Target& target, Instant asked, const std::string& lines);
  void late(const WitnessSite& site, Instant asked, const std::string& why);
  void write_states();
  bool pause(int milliseconds);  // false: it is to stop
  bool stopping();

  CosignerOptions options_;
  record::Policy policy_;
  std::optional<record::Fallback> fallback_;
  std::mutex stop_;  // guards done_
  std::condition_variable wake_;
  bool done_ = false;
  std::mutex mutex_;  // guards what follows, and the folder
  Target target_;
  std::map<std::string, Asked> asked_;  // every witness that is asked
  store::WitnessStates states_;
  std::vector<std::thread> threads_;
};

}  // namespace surety::serve
