#include "logic/front/monitor_command.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "base/bytes.h"
#include "base/files.h"
#include "base/json_out.h"
#include "logic/front/log_history.h"
#include "logic/front/log_reader.h"
#include "logic/front/monitorable.h"
#include "logic/front/parse_formula.h"
#include "logic/front/read_signature.h"
#include "logic/front/types.h"
#include "logic/monitor.h"

namespace surety::logic {
namespace {

// The time-point that ends the log unless -nonewlastts is given: after every stamp a log may have,
// and far enough from the largest integer for stamp + bound.
constexpr plan::Ticks kEndOfTime = INT64_MAX / 2 + 1;

// What cannot be written is seen by the stream's mark, where it is asked for: by all_written.
void put(std::FILE* to, std::string_view text) { std::fwrite(text.data(), 1, text.size(), to); }

Status all_written(std::FILE* out) {
  if (std::fflush(out) == 0 && std::ferror(out) == 0) return {};
  return err(fail("logic.output", "the output cannot be written, and verdicts are lost")
                 .found(std::strerror(errno))
                 .expected("room for it")
                 .help("run it again from the beginning, or from the last state")
                 .ours());
}

// JSON is UTF-8: other bytes of names and texts for a person become U+FFFD. Values are told exactly, below.
std::string readable(std::string text) {
  for (std::size_t at = 0, bad; (bad = first_bad_utf8(std::string_view(text).substr(at))) != std::string::npos; at += bad + 3)
    text.replace(at + bad, 1, "\xEF\xBF\xBD");
  return text;
}

struct Loaded {
  Signature sig;
  plan::Formula formula;
  std::vector<Column> columns;
};

Result<Loaded> load(const MonitorOptions& o) {
  Loaded l;
  SURETY_TRY(const std::string sig, read_file(o.signature));
  SURETY_TRY(l.sig, read_signature(sig, o.signature));
  SURETY_TRY(const std::string text, read_file(o.formula));
  SURETY_TRY(l.formula, parse_formula(text, o.formula));
  if (o.negate) l.formula = !l.formula;
  SURETY_TRY(Typing typing, infer_types(l.sig, l.formula, text, o.formula));
  l.columns = std::move(typing.columns);
  return l;
}

// The engine decides what it can run; where both refuse, the front end's reason has a position.
Result<Monitor> compile(const MonitorOptions& o, const Loaded& l) {
  Options options;
  options.points = o.instant ? PointMode::instant : PointMode::peer;
  options.retain = o.retain.value_or(o.instant ? plan::kForever : 0);
  options.part = {o.part, o.parts};
  const std::vector<std::string> columns = plan::free_variables(l.formula);
  auto m = Monitor::compile(l.sig, {{"", l.formula, columns}}, options);
  if (m) return m;
  SURETY_TRY(const std::string text, read_file(o.formula));
  SURETY_TRY_STATUS(check_monitorable(l.formula, text, o.formula));
  if (m.error().code != "logic.letpast") return m;
  return err(placed_at_letpast(std::move(m.error()), l.formula, text, o.formula));
}

// Prints verdicts as they are decided.
class Printer {
 public:
  Printer(const MonitorOptions& o, const Loaded& l, std::FILE* out) : o_(o), l_(l), out_(out) {
    for (const Column& c : l.columns) {
      names_.push_back(c.name);
      keys_.push_back(readable(c.name));
    }
  }

  // True once there was a verdict to stop at.
  bool changes(const std::vector<VerdictChange>& all, const Monitor& m) {
    std::size_t i = 0;
    while (i < all.size()) {
      std::size_t j = i;
      while (j < all.size() && at(all[j]) == at(all[i]) && all[j].kind == all[i].kind) ++j;
      if (all[i].ts < kEndOfTime) {  // the artificial end has no verdicts of its own
        if (o_.json)
          json(all, i, j);
        else if (o_.verbose && waiting_.contains(at(all[i])))
          hold(all, i, j);
        else
          text(all, i, j);
        seen_ = true;
      }
      i = j;
      if (seen_ && o_.stop_at_first) break;
    }
    if (o_.verbose && !o_.json) decided_points(m, i < all.size() ? at(all[i - 1]) : kLast);
    if (o_.explain && !o_.retain && !o_.instant) history_.let_go(l_.formula, m.decided(0));
    return seen_ && o_.stop_at_first;
  }
  void begins_at(std::uint64_t decided) { decided_ = decided; }
  void opened(PointId id, plan::Ticks ts) {
    // What comes later than this, among points that were told, is printed as without -verbose.
    if (o_.verbose && !o_.json && At{ts, id} > told_) waiting_.insert({ts, id});
    if (o_.explain) history_.open(id, ts);
  }
  void told(KnownFact fact) { history_.add(std::move(fact)); }
  void write() {
    put(out_, line_);
    line_.clear();
  }
  Status flush() {
    write();
    return all_written(out_);
  }

 private:
  using At = std::pair<plan::Ticks, PointId>;  // with --instant the stamp alone: the id is 0
  static constexpr At kLast{INT64_MAX, UINT64_MAX};
  static At at(const VerdictChange& c) { return {c.ts, c.point}; }
  std::string place(At p) const { return o_.instant ? fmt::format("@{}", p.first) : fmt::format("@{} (time point {})", p.first, p.second); }

  std::string value(const plan::Value& v, plan::Type type) const {
    const bool quote = type == plan::Type::text || type == plan::Type::pattern;
    return quote ? plan::to_literal(v, plan::Type::text) : plan::to_text(v);
  }
  void row(const plan::Value* values) {
    line_ += '(';
    for (std::size_t k = 0; k < l_.columns.size(); ++k) {
      if (k > 0) line_ += ',';
      if (const auto* n = std::get_if<std::int64_t>(&values[k])) {
        char digits[24];
        line_.append(digits, std::to_chars(digits, digits + sizeof digits, *n).ptr);
      } else {
        line_ += value(values[k], l_.columns[k].type);
      }
    }
    line_ += ')';
  }
  void text(const std::vector<VerdictChange>& all, std::size_t from, std::size_t to) {
    const VerdictChange& c = all[from];
    line_ += place(at(c)) + ": ";
    if (c.kind == ChangeKind::revised) line_ += "again ";
    if (c.kind == ChangeKind::withdrawn) line_ += "withdrawn ";
    for (std::size_t i = from; i < to; ++i) {
      if (l_.columns.empty()) {
        line_ += "true";
        break;
      }
      if (i > from) line_ += ' ';
      row(all[i].row.data());
    }
    line_ += '\n';
    if (o_.explain && c.kind != ChangeKind::withdrawn)
      for (std::size_t i = from; i < to; ++i) proof(all[i]);
    if (line_.size() > 1 << 16) write();
  }
  // Why, under the verdict; or why that cannot be said.
  void proof(const VerdictChange& c) {
    const auto p = history_.prove(l_.sig, l_.formula, names_, c);
    std::string all = p ? logic::text(*p) : "not explained: " + p.error().text() + '\n';
    for (std::size_t at = 0, end; at < all.size(); at = end + 1) {
      end = all.find('\n', at);
      line_ += "  " + all.substr(at, end - at) + '\n';
    }
  }

  // -verbose: every decided time-point in order, with its relation.
  void hold(const std::vector<VerdictChange>& all, std::size_t from, std::size_t to) {
    std::vector<std::string>& held = held_[at(all[from])];
    for (std::size_t i = from; i < to; ++i) {
      std::string whole;
      line_.swap(whole);
      row(all[i].row.data());
      line_.swap(whole);
      if (all[i].kind == ChangeKind::withdrawn)
        std::erase(held, whole);
      else
        held.push_back(std::move(whole));
    }
  }
  void decided_points(const Monitor& m, At until) {
    if (waiting_.empty() || (m.decided(0) == decided_ && *waiting_.begin() > told_)) return;
    decided_ = m.decided(0);
    const auto open = m.undecided(0);
    while (!waiting_.empty() && *waiting_.begin() <= until && (open.empty() || *waiting_.begin() < At{open[0].ts, open[0].id})) {
      const At p = waiting_.extract(waiting_.begin()).value();
      told_ = std::max(told_, p);
      const auto held = held_.extract(p);
      const bool any = held && !held.mapped().empty();
      if (p.first >= kEndOfTime) continue;
      if (!o_.instant) line_ += fmt::format("At time point {}:\n", p.second);
      if (l_.columns.empty())
        line_ += fmt::format("{}: {}\n", place(p), any ? "true" : "false");
      else
        line_ += fmt::format("{}: ({})\n", place(p), any ? fmt::format("{}", fmt::join(held.mapped(), ",")) : "");
    }
  }

  static void text(const std::string& bytes, JsonOut& j) {
    if (first_bad_utf8(bytes) == std::string::npos)
      j.string(bytes);
    else
      j.object().member("hex", hex(bytes)).end();
  }
  void json(const std::vector<VerdictChange>& all, std::size_t from, std::size_t to) {
    static constexpr const char* kKinds[] = {"issued", "revised", "withdrawn"};
    for (std::size_t i = from; i < to; ++i) {
      const VerdictChange& c = all[i];
      JsonOut j;
      j.object().member("kind", kKinds[static_cast<int>(c.kind)]).member("ts", c.ts);
      if (!o_.instant) j.member("point", static_cast<std::int64_t>(c.point));
      j.member("version", static_cast<std::int64_t>(c.version));
      if (c.version > 1) j.member("replaces", static_cast<std::int64_t>(c.version) - 1);
      j.key("row").object();
      for (std::size_t k = 0; k < l_.columns.size(); ++k) {
        j.key(keys_[k]);
        const plan::Value& v = c.row[k];
        if (std::holds_alternative<std::int64_t>(v))
          j.number(std::get<std::int64_t>(v));
        else if (std::holds_alternative<double>(v) && std::isfinite(std::get<double>(v)))
          j.raw(plan::to_text(v));
        else
          text(plan::to_text(v), j);
      }
      j.end();
      if (o_.explain && c.kind != ChangeKind::withdrawn)
        if (const auto p = history_.prove(l_.sig, l_.formula, names_, c)) j.key("proof").raw(readable(to_json(*p)));
      j.end();
      line_ += j.take() + '\n';
      if (line_.size() > 1 << 16) write();
    }
  }

  const MonitorOptions& o_;
  const Loaded& l_;
  std::FILE* out_;
  std::string line_;
  std::set<At> waiting_;                         // -verbose: points that are not told yet
  std::map<At, std::vector<std::string>> held_;  // and their rows
  std::vector<std::string> names_, keys_;  // of the columns, and as JSON has them
  LogHistory history_;              // --explain
  At told_{INT64_MIN, 0};
  std::uint64_t decided_ = 0;  // when points were last told
  bool seen_ = false;
};

// Feeds the log to the monitor.
class Runner : public LogHandler {
 public:
  Runner(const MonitorOptions& o, const Loaded& l, Monitor& m, std::FILE* out, std::FILE* err)
      : o_(o), m_(m), printer_(o, l, out), out_(out), err_(err) {
    printer_.begins_at(m.decided(0));
    for (const Monitor::Point& p : m.undecided(0)) printer_.opened(p.id, p.ts);
  }

  Status begin_point(plan::Ticks ts) override {
    if (ts < latest_) close_points();
    ended_ = false;  // a later point closes the ones before it by itself
    auto opened = m_.open_point(ts);
    if (!opened)
      return surety::err(std::move(opened.error())
                             .help("--retain TICKS takes points that come so late, and corrects; --retain all keeps the whole log for it"));
    const PointId id = *opened;
    printer_.opened(id, ts);
    point_ = id;
    ts_ = ts;
    if (ts > latest_) {
      latest_ = ts;
      if (o_.instant) m_.complete(ts - 1);  // else opening the point has said so
    } else if (ts < latest_) {
      ++late_;
    }
    return kFine;
  }
  Status end_point() override {
    ended_ = true;
    if (++since_drain_ >= 1024) return piece_read();
    return kFine;
  }
  void fact(PredicateIndex p, std::span<const std::uint64_t> cells) override {
    m_.insert_cells(0, p, cells.data());
    if (!o_.explain) return;
    KnownFact known{0, m_.signature()[p].name, {}};
    for (std::size_t i = 0; i < cells.size(); ++i) known.args.push_back(m_.value_of(m_.signature()[p].columns[i], cells[i]));
    printer_.told(std::move(known));
  }
  std::uint64_t real(double d) override { return Monitor::to_cell(d); }
  std::uint64_t intern(std::string_view text) override { return m_.intern(text); }
  Status bad(Error why) override {
    if (!o_.ignore_bad_rows) return surety::err(std::move(why));
    put(err_, why.text() + '\n');
    return {};
  }
  Status piece_read() override {
    since_drain_ = 0;
    close_points();
    const bool stop = printer_.changes(m_.drain(), m_);
    SURETY_TRY_STATUS(printer_.flush());
    if (stop) return halt();
    return {};
  }

  Status command(std::string_view name, std::string_view argument) override {
    SURETY_TRY_STATUS(piece_read());
    if (name == "get_pos") {
      put(out_, fmt::format("Current {}\n", position()));
    } else if (name == "save_state" || name == "save_and_exit") {
      if (argument.empty()) return surety::err(fail("logic.command", "the command needs a file").field(std::string(name)));
      SURETY_TRY_STATUS(write_file_atomically(std::string(argument), m_.save()));
      put(out_, "Saved state\n");
      if (name == "save_and_exit") return halt();
    } else if (name == "terminate") {
      put(out_, fmt::format("Terminated at {}\n", position()));
      return halt();
    } else {
      return bad(fail("logic.command", "there is no such command in a log")
                     .found(std::string(name))
                     .expected("get_pos, save_state, save_and_exit or terminate"));
    }
    return all_written(out_);
  }

  Status end_of_log() {
    if (o_.new_last_point && o_.save_state.empty() && m_.looks_ahead()) {
      SURETY_TRY_STATUS(begin_point(kEndOfTime));
      SURETY_TRY_STATUS(end_point());
    } else if (o_.save_state.empty()) {
      m_.finish(End::open);
    }
    SURETY_TRY_STATUS(piece_read());
    if (!o_.save_state.empty()) return write_file_atomically(o_.save_state, m_.save());
    return {};
  }
  bool halted() const { return halted_; }
  std::uint64_t late() const { return late_; }

 private:
  std::string position() const { return o_.instant ? fmt::format("time-stamp: {}", ts_) : fmt::format("timepoint: {}", point_); }
  void close_points() {
    if (ended_ && !o_.instant) m_.close_points();
    ended_ = false;
  }
  // Ends the reading; run_monitor tells it from an error.
  Status halt() {
    halted_ = true;
    return surety::err(fail("logic.halted", "halted"));
  }

  const MonitorOptions& o_;
  Monitor& m_;
  Printer printer_;
  std::FILE* out_;
  std::FILE* err_;
  PointId point_ = 0;
  plan::Ticks ts_ = 0;
  plan::Ticks latest_ = INT64_MIN;
  std::uint64_t late_ = 0;
  int since_drain_ = 0;
  bool ended_ = false;  // the last point, and the monitor has not been told
  bool halted_ = false;
};

Status run(const MonitorOptions& o, const Loaded& l, Monitor m, std::FILE* out, std::FILE* err) {
  if (!o.load_state.empty()) {
    SURETY_TRY(const std::string state, read_file(o.load_state));
    SURETY_TRY_STATUS(m.load(state));
  }
  Runner runner(o, l, m, out, err);
  LogOptions options;
  options.file = o.log.empty() || o.log == "-" ? "standard input" : o.log;
  for (PredicateIndex p = 0; p < l.sig.size(); ++p) options.skip.push_back(!m.reads(p));
  LogReader reader(l.sig, runner, options);
  Status read = read_log(o.log, reader, runner);
  if (read) read = runner.end_of_log();
  if (runner.halted()) read = {};
  if (reader.bad_rows() > 0 && o.ignore_bad_rows) put(err, fmt::format("{} bad rows were left out\n", reader.bad_rows()));
  if (o.statistics) {
    const Statistics s = m.statistics();
    put(err, fmt::format("{} facts, {} time-points ({} late), {} verdicts, {} rows of state, {} operators ({} shared)\n", s.facts, s.points,
                         runner.late(), s.verdicts, s.state_rows, s.nodes, s.shared));
  }
  return read;
}

Status split(const MonitorOptions& o, Monitor m, std::FILE* out) {
  SURETY_TRY(const std::string state, read_file(o.load_state));
  SURETY_TRY_STATUS(m.load(state));
  SURETY_TRY(const std::vector<std::string> parts, m.split(o.split));
  for (std::size_t i = 0; i < parts.size(); ++i) SURETY_TRY_STATUS(write_file_atomically(fmt::format("{}.{}", o.save_state, i), parts[i]));
  put(out, fmt::format("Saved {} parts: {}.0 to {}.{}\n", parts.size(), o.save_state, o.save_state, parts.size() - 1));
  return {};
}

Status merge(const MonitorOptions& o, std::FILE* out) {
  std::vector<std::string> parts;
  for (const std::string& file : o.merge) {
    SURETY_TRY(std::string state, read_file(file));
    parts.push_back(std::move(state));
  }
  SURETY_TRY(const std::string whole, Monitor::merge(parts));
  SURETY_TRY_STATUS(write_file_atomically(o.save_state, whole));
  put(out, fmt::format("Saved {} parts as one: {}\n", parts.size(), o.save_state));
  return {};
}

int report(const Error& e, std::FILE* err) {
  put(err, e.text() + '\n');
  return static_cast<int>(e.fault);
}

void describe(const MonitorOptions& o, const Loaded& l, std::FILE* out) {
  std::string names;
  for (const Column& c : l.columns) names += (names.empty() ? "" : ",") + c.name;
  if (o.json) {
    JsonOut j;
    j.object().member("kind", "formula").member("text", plan::text(l.formula)).member("sha256", hex(l.formula.hash()));
    j.key("columns").array();
    for (const Column& c : l.columns) j.object().member("name", c.name).member("type", std::string(to_string(c.type))).end();
    j.end().end();
    put(out, readable(j.take()) + '\n');
    return;
  }
  put(out, fmt::format("The analyzed formula is:\n  {}\nThe sequence of free variables is: ({})\n", plan::text(l.formula), names));
}

int do_as_asked(const MonitorOptions& o, std::FILE* out, std::FILE* err) {
  if (o.version) {
    put(out, "surety monitor\n");
    return 0;
  }
  if (!o.merge.empty()) {
    const Status merged = merge(o, out);
    return merged ? 0 : report(merged.error(), err);
  }
  const auto loaded = load(o);
  if (!loaded) return report(loaded.error(), err);
  auto monitor = compile(o, *loaded);
  if (!monitor) {
    const int code = report(monitor.error(), err);
    return o.check ? 1 : code;
  }
  if (o.check) {
    describe(o, *loaded, out);
    if (!o.json) put(out, "The formula can be monitored.\n");
    return 0;
  }
  if (o.split > 0) {
    const Status done = split(o, std::move(*monitor), out);
    return done ? 0 : report(done.error(), err);
  }
  if (o.verbose) describe(o, *loaded, err);
  const Status done = run(o, *loaded, std::move(*monitor), out, err);
  return done ? 0 : report(done.error(), err);
}

}  // namespace

int run_monitor(const MonitorOptions& o, std::FILE* out, std::FILE* err) {
  const int code = do_as_asked(o, out, err);
  if (code != 0) return code;
  const Status written = all_written(out);
  return written ? code : report(written.error(), err);
}

}  // namespace surety::logic
