// The system's clock is set back (and forward) while a log is written to, witnessed and asked for restricted fields: by hours,
// by years, to before 1970. Order is the log's, not the clock's: nothing is lost, doubled or forked, and every promise is kept.
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "base/files.h"
#include "store/disclosure_store.h"
#include "store/record_commands.h"
#include "store/sequencer.h"
#include "store/test_dir.h"
#include "store/witness.h"
#include "tests/faults/campaign.h"

namespace {

std::atomic<long> g_clock_is_off_by = 0;  // seconds

}  // namespace

// In the place of the C library's, for this whole program: the wall clock alone can be set, as on a real machine.
extern "C" int clock_gettime(clockid_t id, timespec* out) {
  const long result = ::syscall(SYS_clock_gettime, id, out);
  if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) out->tv_sec += g_clock_is_off_by;
  return static_cast<int>(result);
}

namespace surety::faults {
namespace {

Instant wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

struct Said {
  std::uint64_t index;
  std::string entry, receipt;
};

// Four threads, each with a receipt for every entry; the clock jumps under them.
void write_under_jumps(store::Log& log, int round, std::mt19937& random, std::vector<Said>& said) {
  store::Sequencer sequencer(log, {.publish_every_ms = 1});
  std::mutex mutex;
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t)
    writers.emplace_back([&, t] {
      for (int n = 0; n < 20; ++n) {
        const std::string entry = std::to_string(round) + "/" + std::to_string(t) + "/" + std::to_string(n);
        const auto placed = sequencer.submit(entry);
        ASSERT_TRUE(placed);
        const std::string receipt = log.receipt(entry, wall_clock(), 60);
        const std::lock_guard lock(mutex);
        said.push_back({placed->index, entry, receipt});
      }
    });
  constexpr long kYear = 365L * 86'400;
  for (int i = 0; i < 10; ++i) {
    g_clock_is_off_by = static_cast<long>(random() % 3) * -3'600 - static_cast<long>(random() % 80) * kYear / 2 + 10 * kYear;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (auto& w : writers) w.join();
}

TEST(ClockSetBack, UnderLoadWitnessedAndWithRestrictedFields) {
  store::TestDir dir;
  const store::LogOptions options{
      .database = dir.path("surety.db"), .record_dir = {}, .key_file = {}, .origin = "example.org/faults", .disk = nullptr};
  std::mt19937 random(std::random_device{}());
  std::vector<Said> said;
  std::uint64_t last = 0;
  long backwards = 0;
  Instant before = wall_clock();
  const auto fields = record::commit({{"place", "\"here\""}});
  const Digest leaf = record::leaf_hash("a statement");
  std::unique_ptr<store::Witness> witness;
  for (int round = 0; round < rounds(6, 200); ++round) {
    auto log = store::Log::open(options);
    ASSERT_TRUE(log) << log.error().text();
    if (!witness) {
      auto opened = store::Witness::open(dir.path("witness.db"), "witness.example/w", {(*log)->vkey()});
      ASSERT_TRUE(opened);
      witness = std::move(*opened);
    }
    write_under_jumps(**log, round, random, said);
    auto kept = store::DisclosureStore::open(options.database + ".disclosures");
    ASSERT_TRUE(kept);
    if (round == 0) {
      store::DisclosureStore::Kept hidden{leaf, {}, {}};
      for (const auto& d : fields->disclosures) hidden.encoded.push_back(d.encoded);
      ASSERT_TRUE((*kept)->put({&hidden, 1}));
    }
    ASSERT_TRUE((*kept)->release(**log, leaf, {"place"}, "monitor", "chair", wall_clock()));
    ASSERT_EQ((*kept)->disclose(**log, leaf, "monitor", "someone", wall_clock())->size(), 1u);
    ASSERT_TRUE((*log)->publish());
    const auto reply = witness->handle("POST", "/add-checkpoint", *store::witness_request(dir.path("record"), last), wall_clock());
    ASSERT_EQ(*(*log)->add_cosignatures(reply.body, {witness->vkey()}), 1) << reply.body;
    last = (*log)->checkpoint().size;
    const Instant now = wall_clock();
    backwards += now < before;
    before = now;
    count("times that the clock was set under load", 10);
  }
  g_clock_is_off_by = 0;
  EXPECT_GT(backwards, 0);
  count("rounds that ended earlier than they began, by the clock", backwards);
  std::set<std::uint64_t> places;
  auto log = store::Log::open(options);
  ASSERT_TRUE(log);
  for (const Said& s : said) {
    EXPECT_TRUE(places.insert(s.index).second) << "two entries at one place";
    EXPECT_EQ(*(*log)->store().get(s.index), s.entry) << "an acknowledged entry is lost";
  }
  log->reset();
  for (std::size_t i = 0; i < said.size(); i += 97) {
    const auto check = store::check_receipt(dir.path("record"), said[i].receipt, {witness->vkey()});
    ASSERT_TRUE(check);
    EXPECT_EQ(check->promise, store::Promise::kept);
  }
  const auto check = store::fsck(options);
  ASSERT_TRUE(check) << check.error().text();
  EXPECT_EQ(check->problems, std::vector<std::string>{});
  EXPECT_EQ(run_verifier(dir.path("record")), 0);
}

}  // namespace
}  // namespace surety::faults
