#pragma once
// What went wrong, in a form a person can act on: every error names the file, line and field where
// it can, what was found, what was expected, and what to do. Codes are stable and listed in
// docs/errors.md.
//
//   return fail("feed.not-utf8", "the file is not UTF-8").in(path, line).field("place")
//       .found("byte 0xff").expected("UTF-8 text").help("convert it with: iconv -t UTF-8 …");
#include <string>
#include <tl/expected.hpp>

namespace surety {

// Whose fault it is, which is also the exit code of a command (DESIGN.md, "Commands").
enum class Fault {
  input = 2,  // the input or the call is wrong
  ours = 3,   // we failed: full disk, lost database, a bug
};

struct Error {
  std::string code;        // stable, "room.what-it-is"
  std::string message;     // one sentence
  std::string file_name;   // empty when there is no file
  long line_number = 0;    // 1-based; 0 unknown
  long column_number = 0;  // 1-based, in bytes; 0 unknown
  std::string field_name;
  std::string found_text;
  std::string expected_text;
  std::string help_text;
  Fault fault = Fault::input;

  Error&& in(std::string file, long line = 0, long column = 0) &&;
  Error&& field(std::string name) &&;
  Error&& found(std::string what) &&;
  Error&& expected(std::string what) &&;
  Error&& help(std::string what) &&;
  Error&& ours() &&;

  // "error[feed.not-utf8]: the file is not UTF-8\n  --> a.csv:3, field place\n  found: …\n  …"
  std::string text() const;
};

[[nodiscard]] Error fail(std::string code, std::string message);

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// err(fail(…)) makes the failing value of any Result.
[[nodiscard]] inline tl::unexpected<Error> err(Error e) { return tl::unexpected<Error>(std::move(e)); }

// Programmer error: prints and aborts, in release builds too.
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace surety

#define SURETY_CHECK(x) ((x) ? (void)0 : ::surety::check_failed(#x, __FILE__, __LINE__))

#define SURETY_CONCAT2(a, b) a##b
#define SURETY_CONCAT(a, b) SURETY_CONCAT2(a, b)
// SURETY_TRY(auto x, f());   returns f's error from the calling function, else binds x.
#define SURETY_TRY(decl, expr) SURETY_TRY_IMPL(SURETY_CONCAT(surety_try_, __LINE__), decl, expr)
#define SURETY_TRY_IMPL(tmp, decl, expr)                                      \
  auto tmp = (expr);                                                          \
  if (!tmp) return ::tl::unexpected<::surety::Error>(std::move(tmp.error())); \
  decl = std::move(*tmp)
// SURETY_TRY_STATUS(f());   the same for a Status.
#define SURETY_TRY_STATUS(expr)                                                                             \
  do {                                                                                                      \
    auto surety_try_status = (expr);                                                                        \
    if (!surety_try_status) return ::tl::unexpected<::surety::Error>(std::move(surety_try_status.error())); \
  } while (false)
