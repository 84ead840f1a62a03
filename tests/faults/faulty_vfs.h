#pragma once
// A layer under SQLite that does to its own files (database, write-ahead log, journal) what disks do at the worst moment: it
// forgets writes that were not synced, keeps some sectors of 512 bytes and not others, fills up, and fails fsync with the data
// gone, as Linux has it: still to be read, never to be written. Locks and shared memory are those of SQLite's "unix".
//
// The default of the process while it lives, so that what is tested needs no word of it. One at a time; one thread.
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

struct sqlite3_vfs;

namespace surety::faults {

class FaultyVfs {
 public:
  enum class Fault { none, crash, full, sync_fails };
  explicit FaultyVfs(unsigned seed);
  ~FaultyVfs();
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  // The `at`-th operation from now that can meet this fault does; `crash` then fails all after it, and calls `on_crash`.
  void plan(Fault fault, long at, std::function<void()> on_crash = {});
  bool fired() const { return fault_ == Fault::none; }
  bool dead() const { return dead_; }
  long operations() const { return operations_; }
  // As if the process was killed while `closing` lets go of it: nothing more is written, and what was stays in the cache.
  template <class F>
  void killed_while(F closing) {
    dead_ = true;
    closing();
    dead_ = false;
  }
  // Of what was not synced each file keeps all, nothing, or some of it. Call when no connection is open.
  void lose_power();

  // For the layer's own functions.
  enum class Kind { write, truncate, remove };
  struct Write {
    std::size_t at = 0;  // of a truncation: the new size
    std::string bytes;
    Kind kind = Kind::write;
  };
  struct File {
    bool there = false;          // on the disk itself
    std::string durable;         // likewise
    std::vector<Write> pending;  // since the last sync
  };
  File& file(const std::string& path);
  bool step(Fault kind);  // false: this operation meets its fault
  void sync(File& file);
  void removed(const std::string& path, bool durably);

 private:
  static void apply(File& file, const Write& write);
  void tear(File& file, const Write& write);
  void lose(File& file);

  std::mt19937 random_;
  std::map<std::string, File> files_;
  Fault fault_ = Fault::none;
  long left_ = 0, full_for_ = 0, operations_ = 0;
  bool dead_ = false;
  std::function<void()> on_crash_;
  std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace surety::faults
