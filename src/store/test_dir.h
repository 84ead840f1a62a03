#pragma once
// For tests: a folder of their own, gone with them. In memory where the system offers that: what these
// tests ask is the order and the meaning of writes, not how fast a disk makes them durable.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace surety::store {

inline std::filesystem::path test_root() {
  const std::filesystem::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

class TestDir {
 public:
  TestDir() {
    std::string name = (test_root() / "surety-store-XXXXXX").string();
    if (::mkdtemp(name.data())) dir_ = name;
  }
  ~TestDir() {
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }
  TestDir(const TestDir&) = delete;
  TestDir& operator=(const TestDir&) = delete;
  std::string path(const std::string& name = {}) const { return name.empty() ? dir_ : dir_ + "/" + name; }

 private:
  std::string dir_;
};

}  // namespace surety::store
