#pragma once
// Takes entries from many threads and puts them into one log, with one durable commit for all that
// arrive while the last one ran (group commit). Publishes at an interval and when it ends.
//
//   Sequencer sequencer(*log, {});
//   auto placed = sequencer.submit(entry);   // any thread; durable when it returns
//
// The log must outlive it and belongs to it meanwhile.
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/gate.h"
#include "store/log.h"

namespace surety::store {

class Sequencer {
 public:
  struct Options {
    int publish_every_ms = 1000;  // 0: after every batch; below 0: only when asked
  };
  Sequencer(Log& log, Options options);
  // Finishes what was submitted and publishes it.
  ~Sequencer();
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  // Blocks until the entry is durable. After a failed commit every later call fails too
  // (store.stopped): nobody knows what is on disk until the log is opened again. A full disk and a
  // refused entry fail only the calls of their own batch.
  Result<Appended> submit(std::string entry);
  // Several entries of one caller, in order, in one commit.
  Result<std::vector<Appended>> submit_all(std::vector<std::string> entries);
  // A checkpoint that covers everything submitted before the call.
  Result<record::Checkpoint> publish();

 private:
  struct Batch {
    std::vector<std::string> entries;
    std::vector<Appended> placed;
    Status status;
    Gate done;
  };
  void run();
  void commit(Batch& batch);
  void publish_now();

  Log& log_;
  Options options_;
  std::mutex mutex_;  // guards everything below
  std::condition_variable wake_, published_;
  std::shared_ptr<Batch> filling_ = std::make_shared<Batch>();
  std::uint64_t publish_wanted_ = 0, publish_done_ = 0;  // tickets
  Result<record::Checkpoint> last_publish_;
  bool stopping_ = false, stopped_ = false;
  std::thread worker_;  // last: starts when the rest is ready
};

}  // namespace surety::store
