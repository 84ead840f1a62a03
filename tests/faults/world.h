#pragma once
// A log on a disk that fails, the work that is done on it, and what must hold afterwards whatever happened.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"
#include "store/log.h"
#include "store/record_commands.h"
#include "store/test_dir.h"
#include "tests/faults/faulty_disk.h"
#include "verify/record.h"

namespace surety::faults {

inline constexpr int kSteps[] = {1, 2, 250, 3, 1, 257, 40};  // entries appended at once, and then published

inline std::vector<std::string> entries_of_step(std::size_t step) {
  std::vector<std::string> out;
  for (int i = 0; i < kSteps[step]; ++i) out.push_back("step " + std::to_string(step) + " entry " + std::to_string(i));
  return out;
}

struct World {
  store::TestDir dir;
  FaultyDisk disk;
  std::vector<std::pair<std::uint64_t, std::string>> acknowledged;
  std::uint64_t published = 0;

  explicit World(unsigned seed) : disk(seed) {}
  store::LogOptions options() {
    return {
        .database = dir.path("surety.db"), .record_dir = dir.path("record"), .key_file = {}, .origin = "example.org/faults", .disk = &disk};
  }

  // One step: false when it was refused. What it acknowledges is kept to be asked for again.
  bool step(store::Log& log, std::size_t s) {
    const auto entries = entries_of_step(s);
    const auto placed = log.append(std::vector<std::string_view>(entries.begin(), entries.end()));
    if (!placed) return false;
    for (std::size_t i = 0; i < entries.size(); ++i) acknowledged.emplace_back((*placed)[i].index, entries[i]);
    const auto checkpoint = log.publish();
    if (checkpoint) published = std::max(published, checkpoint->size);
    return checkpoint.has_value();
  }

  // After everything: it opens, nothing acknowledged is lost or moved, no checkpoint was taken back, the work can be finished,
  // and both programs find the record whole.
  void expect_whole() {
    auto log = store::Log::open(options());
    ASSERT_TRUE(log) << log.error().text();
    EXPECT_GE((*log)->checkpoint().size, published) << "a published checkpoint was taken back";
    for (const auto& [index, entry] : acknowledged) {
      const auto there = (*log)->store().get(index);
      ASSERT_TRUE(there) << "an acknowledged entry is missing: " << entry;
      ASSERT_EQ(*there, entry) << "an acknowledged entry is another one";
    }
    std::uint64_t all = 0;
    for (std::size_t s = 0; s < std::size(kSteps); ++s) {
      ASSERT_TRUE(step(**log, s));  // duplicates are no entries; the rest is added
      all += static_cast<std::uint64_t>(kSteps[s]);
    }
    EXPECT_EQ((*log)->checkpoint().size, all) << "an entry is there twice, or missing";
    const std::string vkey = vkey_text((*log)->vkey());
    log->reset();
    for (const auto& [path, bytes] : disk.files()) {
      std::filesystem::create_directories(std::filesystem::path(path).parent_path());
      ASSERT_TRUE(write_file_atomically(path, bytes));
    }
    const auto check = store::fsck(options());
    ASSERT_TRUE(check) << check.error().text();
    EXPECT_EQ(check->problems, std::vector<std::string>{});
    verify::Findings f;
    verify::check_record(dir.path("record"), *verify::parse_key(vkey), f);
    EXPECT_EQ(f.problems, std::vector<std::string>{});
    EXPECT_EQ(f.entries, all);
  }
};

}  // namespace surety::faults
