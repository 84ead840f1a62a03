#pragma once
// Messages between threads of one process: publish under a topic, subscribe to a prefix of topics.
// Queues are bounded. A subscriber chooses what happens when it is too slow:
//
//   WhenFull::wait  publish() waits for it: nothing is lost, and the publisher feels the pressure
//   WhenFull::drop  its oldest message goes, and `missed` tells how many: for viewers, who may reload
//
//   Bus bus;
//   auto live = bus.subscribe("verdict", 256, WhenFull::drop);
//   bus.publish("verdict.state", json);
//   while (auto m = live->next(Span::seconds(15))) send(m->number, *m->body);
//
// Thread-safe throughout. Messages of one publisher arrive in order, and all subscribers see the same
// order of numbers. Deadlock: a thread that publishes must not be the only reader of a waiting
// subscription. The bus knows nothing of what it carries; a networked one takes the same calls.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"

namespace surety::bus {

struct Message {
  std::uint64_t number = 0;  // 1, 2, 3 … on this bus; a gap tells a viewer that it missed some
  std::string topic;
  std::shared_ptr<const std::string> body;  // shared by all who got it
};

enum class WhenFull { wait, drop };

namespace detail {
struct Shared;
struct Inbox;
}  // namespace detail

// One reader's queue. Ends its subscription when destroyed.
class Subscription {
 public:
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  // The next message; waits for it at most `patience`. Nothing: none came in time, or the bus is
  // closed and the queue is empty (ended() tells which).
  std::optional<Message> next(Span patience);
  std::optional<Message> try_next() { return next(Span{0}); }
  bool ended() const;
  // How many messages were dropped because this reader was too slow.
  std::uint64_t missed() const;

 private:
  friend class Bus;
  Subscription(std::shared_ptr<detail::Shared> shared, std::shared_ptr<detail::Inbox> inbox);
  std::shared_ptr<detail::Shared> shared_;
  std::shared_ptr<detail::Inbox> inbox_;
};

class Bus {
 public:
  Bus();
  ~Bus();  // closes
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  // Messages published from now on whose topic is `prefix` or begins with it and a dot; the empty
  // prefix takes all. `capacity` of at least 1. The subscription may outlive the bus.
  std::unique_ptr<Subscription> subscribe(std::string prefix, std::size_t capacity, WhenFull when_full);

  // Gives the message its number and hands it to every subscriber that wants it; waits while a
  // waiting subscriber's queue is full. False: the bus is closed and the message went nowhere.
  bool publish(std::string topic, std::string body);

  // No more messages; readers get what is queued, then nothing. Wakes everyone.
  void close();
  std::size_t subscribers() const;

 private:
  std::shared_ptr<detail::Shared> shared_;
};

}  // namespace surety::bus
