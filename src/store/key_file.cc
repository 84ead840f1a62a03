#include "store/key_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"

namespace surety::store {

using record::SigningKey;

Result<SigningKey> read_key_file(const std::string& path) {
  struct stat st{};
  if (::stat(path.c_str(), &st) == 0 && (st.st_mode & 077) != 0)
    return err(fail("store.open-key", "others can read the private key")
                   .in(path)
                   .expected("mode 0600")
                   .help("chmod 600 " + path + ", and think about who may have read it"));
  SURETY_TRY(std::string text, read_file(path));
  auto key = SigningKey::parse(std::string_view(text).substr(0, text.find('\n')));
  sodium_memzero(text.data(), text.size());
  if (!key) return err(std::move(key.error()).in(path));
  return key;
}

Status write_key_file(const std::string& path, const SigningKey& key) {
  if (file_exists(path))
    return err(fail("store.exists", "there is a key already").in(path).help("a key is never written over: name another file"));
  const std::string temporary = path + ".tmp";
  ::unlink(temporary.c_str());
  std::string text = key.private_text() + "\n";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool ok = fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  sodium_memzero(text.data(), text.size());
  if (fd >= 0) ::close(fd);
  if (!ok || ::rename(temporary.c_str(), path.c_str()) != 0)
    return err(fail("store.failed", "the private key cannot be written").in(path).help("check the folder and free space").ours());
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int dir = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir >= 0) {
    ::fsync(dir);
    ::close(dir);
  }
  return {};
}

}  // namespace surety::store
