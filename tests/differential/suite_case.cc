#include "suite_case.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "logic/front/monitorable.h"
#include "logic/front/parse_formula.h"
#include "logic/front/read_signature.h"

namespace surety::differential {
namespace {

class TraceBuilder : public logic::LogHandler {
 public:
  TraceBuilder(const logic::Signature& sig, std::vector<Point>& trace) : sig_(sig), trace_(trace) {}
  Status begin_point(plan::Ticks ts) override {
    trace_.push_back({ts, {}});
    return {};
  }
  Status end_point() override { return {}; }
  void fact(logic::PredicateIndex p, std::span<const std::uint64_t> cells) override {
    Row row;
    for (std::size_t k = 0; k < cells.size(); ++k) {
      switch (sig_[p].columns[k]) {
        case plan::Type::integer:
          row.push_back(static_cast<std::int64_t>(cells[k]));
          break;
        case plan::Type::real:
          row.push_back(std::bit_cast<double>(cells[k]));
          break;
        default:
          row.push_back(strings_[cells[k]]);
      }
    }
    trace_.back().facts[sig_[p].name].insert(std::move(row));
  }
  std::uint64_t real(double d) override { return std::bit_cast<std::uint64_t>(d); }
  std::uint64_t intern(std::string_view text) override {
    strings_.emplace_back(text);
    return strings_.size() - 1;
  }
  Status command(std::string_view, std::string_view) override { return {}; }
  Status bad(Error why) override { return err(std::move(why)); }

 private:
  const logic::Signature& sig_;
  std::vector<Point>& trace_;
  std::vector<std::string> strings_;
};

// Reads "(a,"b",1.5) (…)", "((a),(b))", "true", "false", "()".
class RowReader {
 public:
  RowReader(std::string_view s, const std::vector<logic::Column>& columns) : s_(s), columns_(columns) {}

  std::optional<std::set<Row>> run() {
    std::set<Row> out;
    trim();
    if (s_.starts_with("true")) return std::set<Row>{Row{}};
    if (s_.starts_with("false") || s_ == "()") return out;
    bool outer = s_.starts_with("((");
    if (outer) s_.remove_prefix(1);
    while (!s_.empty()) {
      trim();
      if (s_.starts_with(',')) s_.remove_prefix(1);
      trim();
      if (s_.empty() || (outer && s_ == ")")) break;
      if (!s_.starts_with('(')) return std::nullopt;
      s_.remove_prefix(1);
      Row row;
      for (std::size_t k = 0; k < columns_.size(); ++k) {
        auto v = value(columns_[k].type);
        if (!v) return std::nullopt;
        row.push_back(std::move(*v));
        if (!s_.starts_with(k + 1 < columns_.size() ? ',' : ')')) return std::nullopt;
        s_.remove_prefix(1);
      }
      if (columns_.empty()) {
        if (!s_.starts_with(')')) return std::nullopt;
        s_.remove_prefix(1);
      }
      out.insert(std::move(row));
    }
    return out;
  }

 private:
  void trim() {
    while (!s_.empty() && (s_.front() == ' ' || s_.front() == '\r')) s_.remove_prefix(1);
    while (!s_.empty() && (s_.back() == ' ' || s_.back() == '\r')) s_.remove_suffix(1);
  }
  std::optional<plan::Value> value(plan::Type type) {
    std::string_view text;
    if (s_.starts_with('"')) {
      std::size_t end = 1;
      while (end < s_.size() && s_[end] != '"') end += s_[end] == '\\' ? 2 : 1;
      if (end >= s_.size()) return std::nullopt;
      text = s_.substr(1, end - 1);
      s_.remove_prefix(end + 1);
    } else {
      const std::size_t end = std::min(s_.find_first_of(",)"), s_.size());
      text = s_.substr(0, end);
      s_.remove_prefix(end);
    }
    if (type == plan::Type::integer) {
      std::int64_t n = 0;
      const auto r = std::from_chars(text.data(), text.data() + text.size(), n);
      if (r.ec != std::errc() || r.ptr != text.data() + text.size()) return std::nullopt;
      return plan::Value(n);
    }
    if (type == plan::Type::real) return plan::Value(std::strtod(std::string(text).c_str(), nullptr));
    return plan::Value(std::string(text));
  }

  std::string_view s_;
  const std::vector<logic::Column>& columns_;
};

Row rounded(const Row& row) {
  Row out;
  for (const plan::Value& v : row) {
    const double* d = std::get_if<double>(&v);
    out.push_back(d ? plan::Value(fmt::format("{:.5g}", *d)) : v);
  }
  return out;
}

std::set<Row> rounded(const std::set<Row>& rows) {
  std::set<Row> out;
  for (const Row& r : rows) out.insert(rounded(r));
  return out;
}

}  // namespace

bool Meta::has(const std::string& flag) const {
  for (const std::string& f : flags)
    if (f == flag) return true;
  return false;
}

Result<std::vector<Point>> read_trace(const logic::Signature& sig, const std::string& text, const std::string& file) {
  std::vector<Point> trace;
  TraceBuilder builder(sig, trace);
  logic::LogOptions options;
  options.file = file;
  logic::LogReader reader(sig, builder, options);
  SURETY_TRY(const std::size_t used, reader.feed(text, true));
  (void)used;
  return trace;
}

Result<Case> read_case(const std::string& folder, bool negate) {
  Case c;
  c.name = folder.substr(folder.rfind('/') + 1);
  SURETY_TRY(const std::string sig, read_file(folder + "/sig"));
  SURETY_TRY(c.sig, logic::read_signature(sig, folder + "/sig"));
  SURETY_TRY(const std::string formula, read_file(folder + "/formula"));
  SURETY_TRY(c.formula, logic::parse_formula(formula, folder + "/formula"));
  if (negate) c.formula = !c.formula;
  SURETY_TRY(c.typing, logic::infer_types(c.sig, c.formula, formula, folder + "/formula"));
  SURETY_TRY_STATUS(logic::check_monitorable(c.formula, formula, folder + "/formula"));
  SURETY_TRY(const std::string log, read_file(folder + "/log"));
  SURETY_TRY(c.trace, read_trace(c.sig, log, folder + "/log"));
  return c;
}

Result<Meta> read_meta(const std::string& folder) {
  SURETY_TRY(const std::string text, read_file(folder + "/meta.json"));
  const auto j = nlohmann::json::parse(text, nullptr, false);
  if (j.is_discarded()) return err(fail("differential.meta", "not JSON").in(folder + "/meta.json"));
  Meta m;
  m.kind = j.value("kind", "");
  m.flags = j.value("flags", std::vector<std::string>{});
  m.scale.ticks_per_second = j.value("ticks_per_second", std::int64_t{1});
  return m;
}

Result<Verdicts> read_verdicts(const std::string& printed, const std::vector<logic::Column>& columns) {
  Verdicts out;
  std::size_t from = 0;
  while (from < printed.size()) {
    const std::size_t end = std::min(printed.find('\n', from), printed.size());
    const std::string_view line(printed.data() + from, end - from);
    from = end + 1;
    const std::size_t middle = line.find(" (time point ");
    if (!line.starts_with('@') || middle == std::string_view::npos) continue;
    std::int64_t ts = 0;
    std::size_t point = 0;
    std::from_chars(line.data() + 1, line.data() + middle, ts);
    const char* const n = line.data() + middle + 13;
    const auto r = std::from_chars(n, line.data() + line.size(), point);
    const std::size_t colon = line.find(": ", static_cast<std::size_t>(r.ptr - line.data()));
    if (colon == std::string_view::npos) continue;
    auto rows = RowReader(line.substr(colon + 2), columns).run();
    if (!rows) return err(fail("differential.expected", "a verdict cannot be read").found(std::string(line)));
    if (rows->empty()) continue;
    out.rows[point].merge(*rows);
    out.stamps[point] = ts;
  }
  return out;
}

std::string show(const Row& row) {
  std::string s = "(";
  for (std::size_t k = 0; k < row.size(); ++k) s += (k > 0 ? "," : "") + plan::to_text(row[k]);
  return s + ")";
}

bool same(const Verdicts& a, const Verdicts& b, std::string& difference) {
  std::set<std::size_t> points;
  for (const auto& [p, rows] : a.rows) points.insert(p);
  for (const auto& [p, rows] : b.rows) points.insert(p);
  for (const std::size_t p : points) {
    const auto left = a.rows.contains(p) ? rounded(a.rows.at(p)) : std::set<Row>{};
    const auto right = b.rows.contains(p) ? rounded(b.rows.at(p)) : std::set<Row>{};
    for (const Row& r : left) {
      if (right.contains(r)) continue;
      difference = fmt::format("time point {}: {} only on the left", p, show(r));
      return false;
    }
    for (const Row& r : right) {
      if (left.contains(r)) continue;
      difference = fmt::format("time point {}: {} only on the right", p, show(r));
      return false;
    }
    if (a.stamps.at(p) != b.stamps.at(p)) {
      difference = fmt::format("time point {}: stamps {} and {}", p, a.stamps.at(p), b.stamps.at(p));
      return false;
    }
  }
  return true;
}

std::string suite_folder() {
  const char* shared = std::getenv("SURETY_SHARED");
  return (shared != nullptr ? std::string(shared) : std::string(SURETY_SOURCE_DIR) + "/../shared") + "/suite";
}

}  // namespace surety::differential
