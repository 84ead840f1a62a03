#pragma once
// Test vectors that others publish. They are not ours to ship: SURETY_VECTORS names a folder that holds
// them as their repositories do, and without it the cases are counted as skipped.
//
//   merkle/     transparency-dev/merkle        testdata/*/…/*.json
//   tessera/    transparency-dev/tessera       testdata/log
//   wycheproof/ C2SP/wycheproof                testvectors_v1/ed25519_test.json
//   C2SP/       C2SP/C2SP                      signed-note.md, tlog-cosignature.md
//   rfc9901/    RFC 9901 as plain text         rfc9901.txt
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace surety::vectors {

// The path, or empty; then says that `cases` are skipped, in the form that tests/run.py counts.
inline std::filesystem::path find(const std::string& path, int cases) {
  const char* folder = std::getenv("SURETY_VECTORS");
  const std::filesystem::path out = folder ? std::filesystem::path(folder) / path : std::filesystem::path();
  if (folder && std::filesystem::exists(out)) return out;
  std::printf("skipped: %d cases of %s: SURETY_VECTORS %s\n", cases, path.c_str(), folder ? "does not hold it" : "is not set");
  return {};
}

// Told at the end of a test: a folder that is there and empty must not pass for one that was checked.
inline void ran(const char* what, int cases) { std::printf("vectors  %5d  %s\n", cases, what); }

}  // namespace surety::vectors
