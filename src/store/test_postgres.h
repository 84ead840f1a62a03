#pragma once
// For tests: a PostgreSQL server of one's own in a temporary folder, on a Unix socket only, stopped by
// its own pid. Nothing when Debian's postgresql-15 is not installed.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "base/files.h"
#include "store/test_dir.h"

namespace surety::store {

class TestPostgres {
 public:
  static bool installed() { return file_exists("/usr/lib/postgresql/15/bin/postgres"); }
  // One for the whole test program.
  static TestPostgres* shared() {
    static std::unique_ptr<TestPostgres> server = installed() ? std::make_unique<TestPostgres>() : nullptr;
    return server && server->running() ? server.get() : nullptr;
  }

  TestPostgres() {
    std::string name = (test_root() / "surety-pg-XXXXXX").string();
    if (!::mkdtemp(name.data())) return;
    dir_ = name;
    // PostgreSQL refuses to run as root; Debian's package makes the account `postgres`.
    if (::geteuid() == 0) {
      as_ = "runuser -u postgres -- ";
      if (std::system(("chown postgres " + dir_).c_str()) != 0) return;
    }
    if (std::system((as_ + kBin + "initdb -N -A trust -U surety -E UTF8 --locale=C -D " + dir_ + "/data >/dev/null 2>&1").c_str()) == 0)
      start();
  }
  ~TestPostgres() {
    stop("immediate");
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }
  TestPostgres(const TestPostgres&) = delete;
  TestPostgres& operator=(const TestPostgres&) = delete;

  bool running() const { return running_; }
  void start() {
    running_ = std::system((as_ + kBin + "pg_ctl -w -t 60 -D " + dir_ + "/data -o \"-k " + dir_ + " -c listen_addresses=''\" -l " + dir_ +
                            "/log start >/dev/null 2>&1")
                               .c_str()) == 0;
  }
  // "fast" or "immediate" (as a crash: no checkpoint, recovery on the next start)
  void stop(const std::string& mode) {
    if (!running_) return;
    running_ = std::system((as_ + kBin + "pg_ctl -w -D " + dir_ + "/data -m " + mode + " stop >/dev/null 2>&1").c_str()) != 0;
  }
  // SIGKILL to the server and what it started, by the pids in its own files.
  void kill_nine() {
    const auto pid = read_file(dir_ + "/data/postmaster.pid");
    if (!pid) return;
    const int postmaster = std::atoi(pid->c_str());
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const int child = std::atoi(entry.path().filename().c_str());
      const auto stat = child > 0 ? read_file(entry.path().string() + "/stat") : err(fail("test.none", ""));
      if (!stat) continue;
      const auto paren = stat->rfind(')');
      if (paren != std::string::npos && std::atoi(stat->c_str() + paren + 4) == postmaster) ::kill(child, SIGKILL);
    }
    ::kill(postmaster, SIGKILL);
    for (int i = 0; i < 500 && ::kill(postmaster, 0) == 0; ++i) ::usleep(10'000);
    std::filesystem::remove(dir_ + "/data/postmaster.pid");
    running_ = false;
  }
  std::string fresh_database() {
    static std::atomic<int> next = 0;
    const std::string name = "t" + std::to_string(++next);
    if (std::system((std::string(kBin) + "createdb -h " + dir_ + " -U surety " + name).c_str()) != 0) return {};
    return "postgres://surety@/" + name + "?host=" + dir_;
  }
  void sql(const std::string& url, const std::string& text) {
    if (std::system((std::string(kBin) + "psql -q '" + url + "' -c \"" + text + "\" >/dev/null").c_str()) != 0) std::abort();
  }

 private:
  static constexpr const char* kBin = "/usr/lib/postgresql/15/bin/";
  std::string dir_, as_;
  bool running_ = false;
};

}  // namespace surety::store
