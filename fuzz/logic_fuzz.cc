// Bytes as the monitor may be given them. The first byte says as what: f formula, s signature, l
// log, n snapshot, x changes to a real snapshot, sealed again. What is accepted must print and read
// back the same; a log must read the same in pieces.
#include <cstdint>
#include <string>

#include "base/bytes.h"
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

Monitor made(Options::Part part = {}) {
  Options o;
  o.part = part;
  return std::move(*Monitor::compile(signature(),
                                     {{"f", *parse_formula("P(x) AND NOT (EXISTS s. ONCE[0,5] Q(x, s))")},
                                      {"g", *parse_formula("A(x, y) AND NOT EVENTUALLY[0,9] B(x, y)")},
                                      {"h", *parse_formula("(c <- CNT y; x ONCE[2,9] A(x, y)) AND P(x)")}},
                                     o));
}

void go_on(Monitor m, std::string_view bytes) {
  if (!m.load(bytes)) return;
  (void)m.insert(1000, 0, {plan::Value(std::int64_t{3})}, 1000);
  (void)m.retract(7);
  m.finish();
  (void)m.drain();
  (void)m.save();
}

// Magic and digest, the changed tables, and a checksum that is right.
std::string changed(const std::string& snapshot, std::string_view changes) {
  std::string out = snapshot.substr(0, snapshot.size() - 32);
  constexpr std::size_t kHead = 40;
  for (std::size_t i = 0; i + 2 < changes.size(); i += 3) {
    const auto at = static_cast<std::uint8_t>(changes[i]) * 256u + static_cast<std::uint8_t>(changes[i + 1]);
    char& c = out[kHead + at % (out.size() - kHead)];
    c = static_cast<char>(c ^ changes[i + 2]);
  }
  out += view(sha256(out));
  return out;
}

void change_snapshot(std::string_view changes) {
  static const std::vector<std::string> kReal = [] {
    Monitor m = made();
    for (std::int64_t i = 0; i < 12; ++i) {
      const plan::Value x = i % 3, y = i % 2;
      (void)m.insert(static_cast<FactId>(4 * i + 1), 0, {x}, i);
      (void)m.insert(static_cast<FactId>(4 * i + 2), 1, {x, std::string(i % 2 ? "a" : "b")}, i);
      (void)m.insert(static_cast<FactId>(4 * i + 3), 4, {x, y}, i);
      (void)m.insert(static_cast<FactId>(4 * i + 4), 5, {x, y}, i + 3);
      m.complete(i - 2);
    }
    (void)m.retract(9);
    std::vector<std::string> all = *m.split(2);
    all.push_back(m.save());
    return all;
  }();
  go_on(made(), changed(kReal[2], changes));
  const std::vector<std::string> parts = {changed(kReal[0], changes), kReal[1]};
  if (const auto whole = Monitor::merge(parts)) go_on(made(), *whole);
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
      go_on(made(), bytes);
      break;
    case 'x':
      change_snapshot(bytes);
      break;
    default:
      break;
  }
  return 0;
}
