// Bytes as the monitor may be given them. The first byte says as what: f formula, s signature, l
// log, n snapshot. What is accepted must print and read back the same; a log must read the same in
// pieces.
#include <cstdint>
#include <string>

#include "base/error.h"
#include "logic/front/log_reader.h"
#include "logic/front/monitorable.h"
#include "logic/front/parse_formula.h"
#include "logic/front/read_signature.h"
#include "logic/front/types.h"
#include "logic/monitor.h"

namespace {

using namespace surety;
using namespace surety::logic;

const Signature& signature() {
  static const Signature kSignature = *read_signature("P(int) Q(int, string) F(float) T() A(int, int) B(int, int)");
  return kSignature;
}

void formula(std::string_view bytes) {
  const auto f = parse_formula(bytes);
  if (!f) return;
  const auto again = parse_formula(plan::text(*f));
  // A pattern literal with a quote in it, and names with backquotes, have no text; depth is
  // limited.
  if (again) SURETY_CHECK(plan::text(*again) == plan::text(*f));
  if (infer_types(signature(), *f, bytes) && check_monitorable(*f, bytes)) (void)Monitor::compile(signature(), {{"f", *f}});
}

class Recorder : public LogHandler {
 public:
  Status begin_point(plan::Ticks ts) override { return note("@" + std::to_string(ts)); }
  Status end_point() override { return note(";"); }
  void fact(PredicateIndex p, std::span<const std::uint64_t> cells) override {
    (void)note(std::to_string(p));
    for (const auto c : cells) (void)note(std::to_string(c));
  }
  std::uint64_t real(double d) override { return static_cast<std::uint64_t>(d != 0); }
  std::uint64_t intern(std::string_view t) override {
    (void)note(std::string(t));
    return 0;
  }
  Status command(std::string_view n, std::string_view a) override { return note(std::string(n) + " " + std::string(a)); }
  Status bad(Error e) override { return note(e.code); }
  std::string seen;

 private:
  Status note(const std::string& s) {
    seen += s + '\n';
    return {};
  }
};

std::string read_log_in(std::string_view bytes, std::size_t piece) {
  Recorder r;
  LogReader reader(signature(), r);
  std::string held;
  for (std::size_t at = 0;; at += piece) {
    const bool last = at + piece >= bytes.size();
    held += bytes.substr(std::min(at, bytes.size()), piece);
    const auto used = reader.feed(held, last);
    if (!used) return "refused";
    held.erase(0, *used);
    if (last) return std::to_string(reader.facts()) + "/" + std::to_string(reader.bad_rows());
  }
}

void snapshot(std::string_view bytes) {
  auto m = Monitor::compile(signature(), {{"f", *parse_formula("P(x) AND NOT ONCE[0,5] Q(x, s) AND T() OR P(x)")},
                                          {"g", *parse_formula("A(x, y) AND NOT EVENTUALLY[0,9] B(x, y)")}});
  if (m && m->load(bytes)) {
    (void)m->insert(1, 0, {plan::Value(std::int64_t{3})}, 1000);
    m->finish();
    (void)m->drain();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'f':
      formula(bytes);
      break;
    case 's':
      if (const auto s = read_signature(bytes)) {
        const auto again = read_signature(text(*s));
        SURETY_CHECK(!again || text(*again) == text(*s));
      }
      break;
    case 'l':
      SURETY_CHECK(read_log_in(bytes, SIZE_MAX / 2) == read_log_in(bytes, 3));
      break;
    case 'n':
      snapshot(bytes);
      break;
    default:
      break;
  }
  return 0;
}
