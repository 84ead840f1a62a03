#include "bus/bus.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace surety::bus {
namespace {

constexpr Span kLong = Span::seconds(20);

TEST(Bus, TopicsMatchWholeWords) {
  Bus bus;
  auto verdicts = bus.subscribe("verdict", 8, WhenFull::wait);
  auto all = bus.subscribe("", 8, WhenFull::wait);
  EXPECT_TRUE(bus.publish("verdict.state", "a"));
  EXPECT_TRUE(bus.publish("verdicts", "b"));
  EXPECT_TRUE(bus.publish("verdict", "c"));
  EXPECT_EQ(*verdicts->next(kLong)->body, "a");
  const auto last = verdicts->next(kLong);
  EXPECT_EQ(*last->body, "c");
  EXPECT_EQ(last->number, 3u);  // the gap tells that 2 was not for this reader
  EXPECT_FALSE(verdicts->try_next());
  for (const char* want : {"a", "b", "c"}) EXPECT_EQ(*all->next(kLong)->body, want);
}

TEST(Bus, SlowViewerLosesTheOldestAndIsTold) {
  Bus bus;
  auto viewer = bus.subscribe("", 2, WhenFull::drop);
  for (int i = 0; i < 5; ++i) bus.publish("t", std::to_string(i));
  EXPECT_EQ(viewer->missed(), 3u);
  EXPECT_EQ(*viewer->next(kLong)->body, "3");
  EXPECT_EQ(*viewer->next(kLong)->body, "4");
}

TEST(Bus, PublisherWaitsForAWaitingReader) {
  Bus bus;
  auto reader = bus.subscribe("", 1, WhenFull::wait);
  bus.publish("t", "first");
  std::atomic<bool> done = false;
  std::thread publisher([&] {
    bus.publish("t", "second");
    done = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(done);
  EXPECT_EQ(*reader->next(kLong)->body, "first");
  EXPECT_EQ(*reader->next(kLong)->body, "second");
  publisher.join();
  EXPECT_TRUE(done);
}

TEST(Bus, CloseWakesEveryoneAndWhatIsQueuedIsRead) {
  Bus bus;
  auto reader = bus.subscribe("", 1, WhenFull::wait);
  bus.publish("t", "kept");
  std::atomic<int> refused = 0;
  std::thread stuck([&] { refused += !bus.publish("t", "lost"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  bus.close();
  stuck.join();
  EXPECT_EQ(refused, 1);
  EXPECT_FALSE(reader->ended());
  EXPECT_EQ(*reader->next(kLong)->body, "kept");
  EXPECT_FALSE(reader->next(kLong));
  EXPECT_TRUE(reader->ended());
  EXPECT_FALSE(bus.publish("t", "late"));
}

TEST(Bus, LeavingReaderFreesThePublisher) {
  Bus bus;
  auto reader = bus.subscribe("", 1, WhenFull::wait);
  bus.publish("t", "a");
  std::thread publisher([&] { EXPECT_TRUE(bus.publish("t", "b")); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  reader.reset();
  publisher.join();
  EXPECT_EQ(bus.subscribers(), 0u);
}

TEST(Bus, SubscriptionOutlivesTheBus) {
  auto bus = std::make_unique<Bus>();
  auto reader = bus->subscribe("", 4, WhenFull::wait);
  bus->publish("t", "a");
  bus.reset();
  EXPECT_EQ(*reader->next(kLong)->body, "a");
  EXPECT_TRUE(reader->ended());
}

TEST(Bus, ManyThreadsLoseNothingAndSeeOneOrder) {
  Bus bus;
  constexpr int kPublishers = 4, kEach = 2000;
  std::vector<std::unique_ptr<Subscription>> readers;
  for (int i = 0; i < 3; ++i) readers.push_back(bus.subscribe("", 16, WhenFull::wait));
  std::vector<std::vector<std::string>> seen(readers.size());
  std::vector<std::thread> threads;
  for (std::size_t r = 0; r < readers.size(); ++r)
    threads.emplace_back([&, r] {
      std::uint64_t expected = 0;
      while (auto m = readers[r]->next(kLong)) {
        EXPECT_EQ(m->number, ++expected);
        seen[r].push_back(*m->body);
      }
    });
  std::vector<std::thread> publishers;
  for (int p = 0; p < kPublishers; ++p)
    publishers.emplace_back([&, p] {
      for (int i = 0; i < kEach; ++i) bus.publish("t." + std::to_string(p), std::to_string(p) + ":" + std::to_string(i));
    });
  for (auto& t : publishers) t.join();
  bus.close();
  for (auto& t : threads) t.join();
  ASSERT_EQ(seen[0].size(), static_cast<std::size_t>(kPublishers * kEach));
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_EQ(seen[0], seen[2]);
  std::vector<int> next(kPublishers, 0);
  for (const auto& s : seen[0]) {  // each publisher's own order
    const int p = s[0] - '0';
    EXPECT_EQ(std::stoi(s.substr(2)), next[static_cast<std::size_t>(p)]++);
  }
}

}  // namespace
}  // namespace surety::bus
