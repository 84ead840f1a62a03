#pragma once
// A disk in memory that does what real ones do at the worst moment: forgets what was not made durable,
// keeps a part of it (by sectors of 512 bytes), fills up, fails to make durable and then has lost the
// data. Deterministic by seed.
#include <map>
#include <random>
#include <string>

#include "store/disk.h"

namespace surety::faults {

class FaultyDisk final : public store::Disk {
 public:
  enum class Fault { none, crash, full, sync_fails };
  explicit FaultyDisk(unsigned seed) : random_(seed) {}

  // The `at`-th operation from now that writes meets this fault; `crash` then fails all after it.
  void plan(Fault fault, long at) {
    fault_ = fault;
    left_ = at;
    dead_ = false;
  }
  bool fired() const { return fault_ == Fault::none; }
  long operations() const { return operations_; }
  bool dead() const { return dead_; }

  // The machine goes off: every operation fails from now on.
  void go_off() {
    dead_ = true;
    fault_ = Fault::none;
  }
  // Power is lost: of what was written and not made durable, each file is lost, kept, or torn.
  void lose_power() {
    for (auto& [path, bytes] : pending_) {
      const auto fate = random_() % 4;
      if (fate == 0) continue;                // as if never written
      if (fate == 1) durable_[path] = bytes;  // all of it had arrived
      if (fate == 2) durable_[path] = "";     // the name arrived, the bytes did not
      if (fate == 3) {                        // some sectors
        std::string torn = bytes;
        for (std::size_t at = 0; at < torn.size(); at += 512)
          if (random_() % 2)
            torn.replace(at, std::min<std::size_t>(512, torn.size() - at), std::string(std::min<std::size_t>(512, torn.size() - at), '\0'));
        durable_[path] = torn.substr(0, random_() % 2 ? torn.size() : torn.size() / 2);
      }
    }
    pending_.clear();
    dead_ = false;
    fault_ = Fault::none;
  }
  const std::map<std::string, std::string>& files() const { return durable_; }

  Status write(const std::string& path, std::string_view bytes) override {
    SURETY_TRY_STATUS(step(path, Fault::full));
    pending_[path] = bytes;
    return {};
  }
  Status sync(std::span<const std::string> files, const std::string&) override {
    if (auto ok = step("sync", Fault::sync_fails); !ok) {
      // As Linux does it: the pages are marked clean, and what they held is gone.
      if (!dead_)
        for (const std::string& file : files) pending_.erase(file);
      return ok;
    }
    for (const std::string& file : files) {
      const auto it = pending_.find(file);
      if (it == pending_.end()) continue;
      durable_[file] = std::move(it->second);
      pending_.erase(it);
    }
    return {};
  }
  Status replace(const std::string& path, std::string_view bytes) override {
    auto ok = step(path, Fault::full);
    // The rename may have reached the disk although nobody lived to hear of it.
    if (ok || (just_died_ && random_() % 2)) durable_[path] = bytes;
    return ok;
  }
  Result<std::string> read(const std::string& path) override {
    if (dead_) return err(gone());
    if (const auto it = pending_.find(path); it != pending_.end()) return it->second;
    if (const auto it = durable_.find(path); it != durable_.end()) return it->second;
    return err(fail("file.cannot-read", "no such file").in(path));
  }
  bool exists(const std::string& path) override { return pending_.contains(path) || durable_.contains(path); }
  void remove(const std::string& path) override {
    const auto under = [&](const auto& file) { return file.first == path || file.first.starts_with(path + "/"); };
    if (dead_) return;
    std::erase_if(pending_, under);
    std::erase_if(durable_, under);
  }

 private:
  static Error gone() { return fail("store.failed", "the machine is off").ours(); }
  Status step(const std::string& path, Fault kind) {
    just_died_ = false;
    if (dead_) return err(gone());
    ++operations_;
    if (fault_ == Fault::none || (fault_ != Fault::crash && fault_ != kind) || --left_ > 0) return {};
    const Fault now = fault_;
    fault_ = Fault::none;
    if (now == Fault::full) return err(fail("store.full-disk", "no space").in(path).ours());
    if (now == Fault::sync_fails) return err(fail("store.failed", "could not make this durable").in(path).ours());
    dead_ = just_died_ = true;
    return err(gone());
  }

  std::mt19937 random_;
  std::map<std::string, std::string> durable_, pending_;
  Fault fault_ = Fault::none;
  long left_ = 0, operations_ = 0;
  bool dead_ = false, just_died_ = false;
};

}  // namespace surety::faults
