#include "store/sequencer.h"

#include <chrono>

#include "record/tiles.h"

namespace surety::store {
namespace {

Error stopped_error() {
  return fail("store.stopped", "the log has stopped after a failed commit")
      .help("restart: opening the log recovers everything that was acknowledged")
      .ours();
}

}  // namespace

Sequencer::Sequencer(Log& log, Options options)
    : log_(log), options_(options), last_publish_(log.checkpoint()), worker_([this] { run(); }) {}

Sequencer::~Sequencer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  worker_.join();
}

Result<Appended> Sequencer::submit(std::string entry) {
  std::vector<std::string> one;
  one.push_back(std::move(entry));
  SURETY_TRY(const auto placed, submit_all(std::move(one)));
  return placed[0];
}

Result<std::vector<Appended>> Sequencer::submit_all(std::vector<std::string> entries) {
  // Refused here, so that one caller's mistake cannot fail the batch of the others.
  for (const std::string& entry : entries)
    if (entry.size() > record::kMaxEntry) {
      std::string unused;
      return err(record::append_to_bundle(unused, entry).error());
    }
  std::shared_ptr<Batch> batch;
  std::size_t first = 0;
  const std::size_t count = entries.size();
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || stopping_) return err(stopped_error());
    batch = filling_;
    first = batch->entries.size();
    for (std::string& entry : entries) batch->entries.push_back(std::move(entry));
  }
  if (first == 0) wake_.notify_one();
  batch->done.wait();
  if (!batch->status) return err(batch->status.error());
  const auto at = batch->placed.begin() + static_cast<std::ptrdiff_t>(first);
  return std::vector<Appended>(at, at + static_cast<std::ptrdiff_t>(count));
}

Result<record::Checkpoint> Sequencer::publish() {
  std::unique_lock lock(mutex_);
  if (stopped_ || stopping_) return err(stopped_error());
  const std::uint64_t ticket = ++publish_wanted_;
  wake_.notify_one();
  published_.wait(lock, [&] { return publish_done_ >= ticket || stopped_; });
  if (publish_done_ < ticket) return err(stopped_error());
  return last_publish_;
}

void Sequencer::commit(Batch& batch) {
  const std::vector<std::string_view> views(batch.entries.begin(), batch.entries.end());
  auto placed = log_.append(views);
  if (placed) {
    batch.placed = std::move(*placed);
  } else {
    const std::lock_guard lock(mutex_);
    if (placed.error().code != "store.full-disk") stopped_ = true;
    batch.status = err(std::move(placed.error()));
  }
  batch.done.open();
}

void Sequencer::publish_now() {
  std::uint64_t ticket = 0;
  {
    const std::lock_guard lock(mutex_);
    ticket = publish_wanted_;
  }
  auto result = log_.publish();
  const std::lock_guard lock(mutex_);
  last_publish_ = std::move(result);
  publish_done_ = ticket;
  published_.notify_all();
}

void Sequencer::run() {
  using Time = std::chrono::steady_clock;
  auto last = Time::now();
  bool unpublished = false;
  for (;;) {
    std::shared_ptr<Batch> batch;
    bool asked = false, end = false;
    {
      std::unique_lock lock(mutex_);
      const auto something = [&] { return stopping_ || stopped_ || !filling_->entries.empty() || publish_wanted_ > publish_done_; };
      if (unpublished && options_.publish_every_ms > 0)
        wake_.wait_until(lock, last + std::chrono::milliseconds(options_.publish_every_ms), something);
      else
        wake_.wait(lock, something);
      if (!filling_->entries.empty()) batch = std::exchange(filling_, std::make_shared<Batch>());
      asked = publish_wanted_ > publish_done_;
      end = stopping_ || stopped_;
    }
    if (batch) {
      commit(*batch);
      unpublished = true;
    }
    const bool due = options_.publish_every_ms >= 0 && Time::now() - last >= std::chrono::milliseconds(options_.publish_every_ms);
    if (asked || (unpublished && (due || end))) {
      publish_now();
      unpublished = false;
      last = Time::now();
    }
    if (end && !batch) break;
  }
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  filling_->status = err(stopped_error());
  filling_->done.open();
  published_.notify_all();
}

}  // namespace surety::store
