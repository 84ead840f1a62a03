#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace surety {
namespace {

Error system_error(const char* code, const std::string& path, const char* doing) {
  const int e = errno;
  Error out = fail(code, std::string("could not ") + doing).in(path).found(std::strerror(e));
  if (e == ENOSPC) out.help_text = "the disk is full: free some space and run the same command again; nothing acknowledged was lost";
  if (e == ENOENT) out.help_text = "check the path";
  if (e == EACCES) out.help_text = "check who may read and write this path";
  if (e != ENOENT && e != EISDIR && e != EACCES) out.fault = Fault::ours;
  return out;
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  std::string out;
  SURETY_TRY(const std::string_view all, read_file(path, out));
  out.resize(all.size());
  return out;
}

Result<std::string_view> read_file(const std::string& path, std::string& buffer) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return err(system_error("file.cannot-read", path, "open this file"));
  struct stat st{};
  // Room for all of it and one byte more, so that the read that ends it asks for no more room.
  if (::fstat(fd, &st) == 0 && st.st_size > 0) buffer.resize(std::max(buffer.size(), static_cast<std::size_t>(st.st_size) + 1));
  std::size_t size = 0;
  for (;;) {
    if (size == buffer.size()) buffer.resize(std::max<std::size_t>(2 * size, 1 << 16));
    const ssize_t n = ::read(fd, buffer.data() + size, buffer.size() - size);
    if (n == 0) break;
    if (n < 0) {
      if (errno == EINTR) continue;
      Error e = system_error("file.cannot-read", path, "read this file");
      ::close(fd);
      return err(std::move(e));
    }
    size += static_cast<std::size_t>(n);
  }
  ::close(fd);
  return std::string_view(buffer).substr(0, size);
}

Result<std::string> read_maybe_gzip(const std::string& path, std::size_t ceiling) {
  if (!path.ends_with(".gz")) return read_file(path);
  gzFile in = gzopen(path.c_str(), "rb");
  if (!in) return err(system_error("file.cannot-read", path, "open this file"));
  std::string out;
  char buffer[1 << 16];
  int n = 0;
  while ((n = gzread(in, buffer, sizeof buffer)) > 0 && out.size() <= ceiling) out.append(buffer, static_cast<std::size_t>(n));
  int code = Z_OK;
  const std::string message = gzerror(in, &code);
  const bool cut_short = n == 0 && gzeof(in) && code == Z_BUF_ERROR;
  gzclose(in);
  if (out.size() > ceiling)
    return err(fail("file.too-large", "this archive unpacks to more than is allowed")
                   .in(path)
                   .expected("at most " + std::to_string(ceiling) + " bytes"));
  if (n < 0 || cut_short)
    return err(fail("file.truncated", "this gzip file is damaged or cut short")
                   .in(path)
                   .found(message.empty() ? "early end of file" : message)
                   .expected("a whole gzip file")
                   .help("fetch the file again; what came before the break is not imported, so that a second try counts nothing twice"));
  return out;
}

Status write_file_atomically(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return err(system_error("file.cannot-write", path, "create this file"));
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      Error e = system_error("file.cannot-write", path, "write this file");
      ::close(fd);
      ::unlink(temporary.c_str());
      return err(std::move(e));
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(fd) != 0 || ::close(fd) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
    Error e = system_error("file.cannot-write", path, "make this file durable");
    ::unlink(temporary.c_str());
    return err(std::move(e));
  }
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int dir = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = dir >= 0 && ::fsync(dir) == 0;
  if (dir >= 0) ::close(dir);
  if (!synced) return err(system_error("file.cannot-write", path, "make this file's folder durable"));
  return {};
}

Status make_directories(const std::string& path) {
  std::error_code ec;
  std::filesystem::create_directories(path, ec);
  if (ec) {
    errno = ec.value();
    return err(system_error("file.cannot-write", path, "create this folder"));
  }
  return {};
}

bool file_exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace surety
