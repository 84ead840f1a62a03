#pragma once
// For tests: a folder of their own, gone with them.
#include <cstdlib>
#include <filesystem>
#include <string>

namespace surety::store {

class TestDir {
 public:
  TestDir() {
    std::string name = (std::filesystem::temp_directory_path() / "surety-store-XXXXXX").string();
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
