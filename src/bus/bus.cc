#include "bus/bus.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "base/error.h"

namespace surety::bus {
namespace detail {

// All fields guarded by Shared::mutex.
struct Inbox {
  std::string prefix;
  std::size_t capacity = 1;
  WhenFull when_full = WhenFull::wait;
  std::deque<Message> queue;
  std::uint64_t missed = 0;
  bool wants(std::string_view topic) const {
    return prefix.empty() || topic == prefix || (topic.starts_with(prefix) && topic.size() > prefix.size() && topic[prefix.size()] == '.');
  }
  bool full() const { return queue.size() >= capacity; }
};

// One lock for the whole bus: messages are handed over, not worked on, under it.
struct Shared {
  mutable std::mutex mutex;
  std::condition_variable arrived;  // a message came, or the end
  std::condition_variable room;     // a queue got room, a reader left, or the end
  std::vector<std::shared_ptr<Inbox>> inboxes;
  std::uint64_t number = 0;
  std::uint64_t turn_given = 0;   // publishers wait in the order in which they came,
  std::uint64_t turn_served = 0;  // so that all readers see one order of numbers
  bool closed = false;

  bool must_wait(std::string_view topic) const {
    return std::any_of(inboxes.begin(), inboxes.end(),
                       [&](const auto& i) { return i->when_full == WhenFull::wait && i->wants(topic) && i->full(); });
  }
};

}  // namespace detail

Subscription::Subscription(std::shared_ptr<detail::Shared> shared, std::shared_ptr<detail::Inbox> inbox)
    : shared_(std::move(shared)), inbox_(std::move(inbox)) {}

Subscription::~Subscription() {
  const std::lock_guard lock(shared_->mutex);
  std::erase(shared_->inboxes, inbox_);
  shared_->room.notify_all();
}

std::optional<Message> Subscription::next(Span patience) {
  std::unique_lock lock(shared_->mutex);
  const auto ready = [&] { return !inbox_->queue.empty() || shared_->closed; };
  shared_->arrived.wait_for(lock, std::chrono::microseconds(patience.us), ready);
  if (inbox_->queue.empty()) return std::nullopt;
  Message m = std::move(inbox_->queue.front());
  inbox_->queue.pop_front();
  shared_->room.notify_all();
  return m;
}

bool Subscription::ended() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->closed && inbox_->queue.empty();
}

std::uint64_t Subscription::missed() const {
  const std::lock_guard lock(shared_->mutex);
  return inbox_->missed;
}

Bus::Bus() : shared_(std::make_shared<detail::Shared>()) {}
Bus::~Bus() { close(); }

std::unique_ptr<Subscription> Bus::subscribe(std::string prefix, std::size_t capacity, WhenFull when_full) {
  SURETY_CHECK(capacity > 0);
  auto inbox = std::make_shared<detail::Inbox>();
  inbox->prefix = std::move(prefix);
  inbox->capacity = capacity;
  inbox->when_full = when_full;
  const std::lock_guard lock(shared_->mutex);
  shared_->inboxes.push_back(inbox);
  return std::unique_ptr<Subscription>(new Subscription(shared_, std::move(inbox)));
}

bool Bus::publish(std::string topic, std::string body) {
  auto text = std::make_shared<const std::string>(std::move(body));
  std::unique_lock lock(shared_->mutex);
  const std::uint64_t turn = shared_->turn_given++;
  shared_->room.wait(lock, [&] { return shared_->closed || (turn == shared_->turn_served && !shared_->must_wait(topic)); });
  if (shared_->closed) return false;
  ++shared_->turn_served;
  const Message m{++shared_->number, std::move(topic), std::move(text)};
  for (const auto& inbox : shared_->inboxes) {
    if (!inbox->wants(m.topic)) continue;
    if (inbox->full()) {
      inbox->queue.pop_front();
      ++inbox->missed;
    }
    inbox->queue.push_back(m);
  }
  shared_->arrived.notify_all();
  shared_->room.notify_all();  // the next publisher's turn
  return true;
}

void Bus::close() {
  const std::lock_guard lock(shared_->mutex);
  shared_->closed = true;
  shared_->arrived.notify_all();
  shared_->room.notify_all();
}

std::size_t Bus::subscribers() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->inboxes.size();
}

}  // namespace surety::bus
