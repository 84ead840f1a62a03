#include "store/disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <set>

#include "base/files.h"

namespace surety::store {
namespace {

// From this many files on, one flush of the whole file system costs less than one a file.
constexpr std::size_t kFlushAll = 16;

Error disk_error(const std::string& path, const char* doing) {
  const int e = errno;
  Error out = fail(e == ENOSPC || e == EDQUOT || e == EFBIG ? "store.full-disk" : "store.failed", std::string("could not ") + doing)
                  .in(path)
                  .found(std::strerror(e))
                  .ours();
  if (out.code == "store.full-disk") out.help_text = "free some space and run the same command again: what was acknowledged is safe";
  return out;
}

Status sync_path(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return err(disk_error(path, "open this to make it durable"));
  const bool ok = ::fsync(fd) == 0;
  if (!ok) {
    Error e = disk_error(path, "make this durable");
    ::close(fd);
    return err(std::move(e));
  }
  ::close(fd);
  return {};
}

class RealDisk final : public Disk {
 public:
  Status write(const std::string& path, std::string_view bytes) override {
    int fd = create(path);
    if (fd < 0 && errno == ENOENT) {
      SURETY_TRY_STATUS(make_directories(std::filesystem::path(path).parent_path().string()));
      fd = create(path);
    }
    if (fd < 0) return err(disk_error(path, "create this file"));
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        Error e = disk_error(path, "write this file");
        ::close(fd);
        return err(std::move(e));
      }
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::close(fd) != 0) return err(disk_error(path, "write this file"));
    return {};
  }

  Status sync(std::span<const std::string> files, const std::string& root) override {
    if (files.empty()) return {};
    const std::lock_guard lock(mutex_);
    if (files.size() >= kFlushAll) {
      const int fd = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      const bool ok = fd >= 0 && ::syncfs(fd) == 0;
      Error e = disk_error(root, "make this folder durable");
      if (fd >= 0) ::close(fd);
      if (!ok) return err(std::move(e));
      return {};
    }
    std::set<std::string> folders;
    for (const std::string& file : files) {
      SURETY_TRY_STATUS(sync_path(file, O_RDONLY));
      auto folder = std::filesystem::path(file).parent_path();
      folders.insert(folder.string());
      // The folders above only when this one is new to us: then it may be new in them.
      while (folder != std::filesystem::path(root) && !folder.empty() && folder != folder.parent_path() &&
             known_.insert(folder.string()).second) {
        folder = folder.parent_path();
        folders.insert(folder.string());
      }
    }
    for (const std::string& folder : folders) SURETY_TRY_STATUS(sync_path(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY));
    return {};
  }

  Status replace(const std::string& path, std::string_view bytes) override { return write_file_atomically(path, bytes); }
  Result<std::string> read(const std::string& path) override { return read_file(path); }
  bool exists(const std::string& path) override { return file_exists(path); }
  void remove(const std::string& path) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(known_, [&](const std::string& folder) { return folder.starts_with(path); });
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

 private:
  std::mutex mutex_;
  std::set<std::string> known_;  // folders that are durable in the folder above; guarded by mutex_

  static int create(const std::string& path) { return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644); }
};

}  // namespace

Disk& real_disk() {
  static RealDisk disk;
  return disk;
}

}  // namespace surety::store
