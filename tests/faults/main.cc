#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/faults/campaign.h"

namespace surety::faults {
namespace {

bool g_whole = false;
std::map<std::string, long>& counts() {
  static std::map<std::string, long> all;
  return all;
}

}  // namespace

bool whole_campaign() { return g_whole; }
void count(const std::string& what, long n) { counts()[what] += n; }

int run_verifier(const std::string& record_dir) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!std::freopen("/dev/null", "w", stdout)) ::_exit(3);
    ::execl(SURETY_VERIFY, "surety-verify", record_dir.c_str(), "--json", static_cast<char*>(nullptr));
    ::_exit(3);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 3;
  return WEXITSTATUS(status);
}

}  // namespace surety::faults

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const char* asked = std::getenv("SURETY_FAULTS");
  surety::faults::g_whole = asked && std::strcmp(asked, "1") == 0;
  for (int i = 1; i < argc; ++i)
    if (std::strcmp(argv[i], "--faults") == 0) surety::faults::g_whole = true;
  const int result = RUN_ALL_TESTS();
  for (const auto& [what, n] : surety::faults::counts()) std::printf("faults  %8ld  %s\n", n, what.c_str());
  return result;
}
