// A writer under load is killed at a random moment (SIGKILL), again and again, on the same log. After
// each: the log opens, no acknowledged entry is missing, none is there twice, the checkpoint never went
// back, fsck and the separate verifier pass.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>
#include <set>
#include <thread>

#include "store/record_commands.h"
#include "store/sequencer.h"
#include "store/test_dir.h"
#include "tests/faults/campaign.h"

namespace surety::faults {
namespace {

using store::Log;
using store::LogOptions;
using store::Sequencer;

struct Acknowledged {
  std::uint64_t round, thread, number, index;
};

std::string entry_text(std::uint64_t round, std::uint64_t thread, std::uint64_t number) {
  return "{\"round\":" + std::to_string(round) + ",\"thread\":" + std::to_string(thread) + ",\"number\":" + std::to_string(number) +
         ",\"padding\":\"" + std::string(number * 37 % 400, '.') + "\"}";
}

// The child: four threads submit as fast as they can and report each acknowledgement through the
// pipe, in one write each, which the kernel keeps whole.
[[noreturn]] void write_until_killed(const LogOptions& options, std::uint64_t round, int pipe) {
  auto log = Log::open(options);
  if (!log) ::_exit(3);
  Sequencer sequencer(**log, {.publish_every_ms = static_cast<int>(round % 4) * 3});
  std::vector<std::thread> writers;
  for (std::uint64_t t = 0; t < 4; ++t)
    writers.emplace_back([&, t] {
      for (std::uint64_t n = 0;; ++n) {
        const auto placed = sequencer.submit(entry_text(round, t, n));
        if (!placed) ::_exit(3);
        const Acknowledged a{round, t, n, placed->index};
        if (::write(pipe, &a, sizeof a) != sizeof a) ::_exit(3);
      }
    });
  for (auto& w : writers) w.join();
  ::_exit(3);
}

TEST(KillDashNine, AtRandomMomentsUnderLoad) {
  store::TestDir dir;
  const LogOptions options{
      .database = dir.path("surety.db"), .record_dir = {}, .key_file = {}, .origin = "example.org/faults", .disk = nullptr};
  std::mt19937 random(std::random_device{}());
  std::vector<Acknowledged> acknowledged;
  std::uint64_t last_size = 0;
  const int rounds_wanted = rounds(25, 1000);
  for (int round = 0; round < rounds_wanted; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      write_until_killed(options, static_cast<std::uint64_t>(round), ends[1]);
    }
    ::close(ends[1]);
    // From before the log is open to well under way.
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % (round % 5 == 0 ? 20'000 : 350'000));
    std::thread killer([&] {
      std::this_thread::sleep_until(until);
      ::kill(child, SIGKILL);
    });
    Acknowledged a{};
    while (::read(ends[0], &a, sizeof a) == sizeof a) acknowledged.push_back(a);
    ::close(ends[0]);
    killer.join();
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself in round " << round;

    auto log = Log::open(options);
    ASSERT_TRUE(log) << "round " << round << ": " << log.error().text();
    ASSERT_GE((*log)->checkpoint().size, last_size);
    last_size = (*log)->checkpoint().size;
    ASSERT_EQ(last_size, *(*log)->store().size());
    for (auto it = acknowledged.rbegin(); it != acknowledged.rend() && it->round == static_cast<std::uint64_t>(round); ++it)
      ASSERT_EQ(*(*log)->store().get(it->index), entry_text(it->round, it->thread, it->number)) << "an acknowledged entry is lost";
    log->reset();
    if (round % 10 == 0) {
      ASSERT_EQ(run_verifier(dir.path("record")), 0);
    }
    count("kill -9 at a random moment");
  }
  // At the end over everything: each acknowledged entry at its place, no entry twice.
  auto log = Log::open(options);
  ASSERT_TRUE(log);
  std::set<std::string> seen;
  ASSERT_TRUE((*log)->store().scan(0, last_size, [&](std::uint64_t, std::string_view e) { return seen.emplace(e).second; }));
  ASSERT_EQ(seen.size(), last_size) << "an entry is there twice";
  for (const Acknowledged& a : acknowledged) ASSERT_EQ(*(*log)->store().get(a.index), entry_text(a.round, a.thread, a.number));
  log->reset();
  const auto check = store::fsck(options);
  ASSERT_TRUE(check) << check.error().text();
  EXPECT_EQ(check->problems, std::vector<std::string>{});
  EXPECT_EQ(run_verifier(dir.path("record")), 0);
  count("entries acknowledged before a kill, all found again", static_cast<long>(acknowledged.size()));
}

}  // namespace
}  // namespace surety::faults
