// Gives a fuzz target every file of a folder, once: the corpus as an ordinary test, without clang.
//   replay-logic fuzz/corpus/fuzz-logic
#include <cstdint>
#include <cstdio>
#include <filesystem>

#include "base/files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  std::size_t n = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& e : std::filesystem::directory_iterator(argv[i])) {
      const auto bytes = surety::read_file(e.path().string());
      if (!bytes) continue;
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size());
      ++n;
    }
  }
  std::printf("%zu inputs\n", n);
  return n == 0 ? 1 : 0;
}
