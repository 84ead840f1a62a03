#pragma once
// What every benchmark prints: processor seconds (the machine is shared, wall time lies), rate, and the
// process's peak memory. One JSON object a line; bench/run.py makes the table.
#include <sys/resource.h>

#include <cstdio>
#include <string>

namespace surety::bench {

inline double cpu_seconds() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

inline double peak_mb() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  return static_cast<double>(u.ru_maxrss) / 1024;
}

inline void line(const std::string& name, std::size_t n, const std::string& unit, double cpu, const std::string& note = {}) {
  std::printf("{\"name\":\"%s\",\"n\":%zu,\"unit\":\"%s\",\"cpu_s\":%.4f,\"per_s\":%.0f,\"peak_mb\":%.1f,\"note\":\"%s\"}\n", name.c_str(),
              n, unit.c_str(), cpu, cpu > 0 ? static_cast<double>(n) / cpu : 0, peak_mb(), note.c_str());
  std::fflush(stdout);
}

// Times f() and prints its line.
template <class F>
auto measure(const std::string& name, std::size_t n, const std::string& unit, F f, const std::string& note = {}) {
  const double start = cpu_seconds();
  auto result = f();
  line(name, n, unit, cpu_seconds() - start, note);
  return result;
}

}  // namespace surety::bench
