#include "store/anchor.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"
#include "store/store.h"

namespace surety::store {
namespace {

class FileAnchor final : public Anchor {
 public:
  explicit FileAnchor(std::string path) : path_(std::move(path)) {}

  Result<std::optional<std::string>> read(const std::string&) override {
    if (!file_exists(path_)) return std::optional<std::string>();
    SURETY_TRY(std::string bytes, read_file(path_));
    return std::optional<std::string>(std::move(bytes));
  }

  Result<bool> swap(const std::string& origin, const std::optional<std::string>& expected, std::string_view bytes) override {
    // Locked beside it, since the rename puts another file in its place.
    const int lock = ::open((path_ + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock < 0 || ::flock(lock, LOCK_EX) != 0) {
      if (lock >= 0) ::close(lock);
      return err(fail("store.no-anchor", "the second copy of the checkpoint cannot be written")
                     .in(path_)
                     .help("check that its folder is there and who may write to it")
                     .ours());
    }
    auto done = swap_locked(origin, expected, bytes);
    ::close(lock);
    return done;
  }

 private:
  Result<bool> swap_locked(const std::string& origin, const std::optional<std::string>& expected, std::string_view bytes) {
    SURETY_TRY(const auto now, read(origin));
    if (now != expected) return false;
    SURETY_TRY_STATUS(write_file_atomically(path_, bytes));
    return true;
  }

  std::string path_;
};

// Opened for each use: the database's write lock is for logs that live in it.
class PostgresAnchor final : public Anchor {
 public:
  explicit PostgresAnchor(std::string url) : url_(std::move(url)) {}
  Result<std::optional<std::string>> read(const std::string& origin) override {
    SURETY_TRY(auto store, open_store(url_, Mode::write));
    return store->value("anchor:" + origin);
  }
  Result<bool> swap(const std::string& origin, const std::optional<std::string>& expected, std::string_view bytes) override {
    SURETY_TRY(auto store, open_store(url_, Mode::write));
    return store->swap_value("anchor:" + origin, expected, bytes);
  }

 private:
  std::string url_;
};

}  // namespace

std::string Anchor::lasting(const std::string& where) {
  return is_postgres(where) || where.empty() ? where : std::filesystem::absolute(where).lexically_normal().string();
}

Result<std::unique_ptr<Anchor>> Anchor::at(const std::string& where) {
  if (!is_postgres(where)) return std::unique_ptr<Anchor>(std::make_unique<FileAnchor>(where));
  const std::size_t user = where.find("//") + 2, at = where.find('@', user), path = where.find('/', user);
  const bool in_user = at != std::string::npos && at < path && where.substr(user, at - user).find(':') != std::string::npos;
  if (in_user || where.find("password=") != std::string::npos)
    return err(fail("store.open-password", "an anchor's address is remembered in the database, so it must not hold a password")
                   .field("--anchor")
                   .help("put the password into ~/.pgpass, and leave it out here"));
  return std::unique_ptr<Anchor>(std::make_unique<PostgresAnchor>(where));
}

}  // namespace surety::store
