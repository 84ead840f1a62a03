#pragma once
// The few things the record directory needs of a file system, so that tests can put one under it
// that loses unsynced writes, tears them, fills up or fails. `real_disk()` is the system's.
// Paths as given by the caller. Thread-safe as far as the paths differ.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace surety::store {

class Disk {
 public:
  virtual ~Disk() = default;
  // Creates or overwrites, making folders on the way. Not durable before `sync`.
  virtual Status write(const std::string& path, std::string_view bytes) = 0;
  // Makes these files, their folders and the folders above them up to `root` durable.
  virtual Status sync(std::span<const std::string> files, const std::string& root) = 0;
  // All or nothing, durable: temporary file, fsync, rename, fsync of the folder.
  virtual Status replace(const std::string& path, std::string_view bytes) = 0;
  virtual Result<std::string> read(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  // A file or a whole folder; nothing happens when it is not there. Not durable.
  virtual void remove(const std::string& path) = 0;
};

Disk& real_disk();

}  // namespace surety::store
