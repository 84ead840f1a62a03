// The record against its own machine's floor, in one run. A "floor" line is the least that anyone pays
// for the same bytes: raw SQLite commits, bare SHA-256, bare Ed25519. Durable lines are wall time, since
// waiting for the disk is the work; the others are processor time.
//
//   bench-record [--entries N] [--dir DIR] [--large] [--only singles|batch|signatures|proofs]
//   --large: 100M-leaf proofs, 10M-leaf verify
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <random>
#include <span>
#include <thread>

#include "harness.h"
#include "record/disclosure.h"
#include "record/statement_note.h"
#include "record/tiles.h"
#include "store/record_commands.h"
#include "store/sequencer.h"

namespace {

using namespace surety;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kBatch = 65'536;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string ratio(double ours, double floor, const char* of) {
  char out[96];
  std::snprintf(out, sizeof out, "%.0f %% of %s", 100 * ours / floor, of);
  return out;
}

void must(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "bench-record: %s failed\n", what);
  std::exit(3);
}

std::string entry_of(std::uint64_t i) {
  std::string out =
      "{\"v\":1,\"kind\":\"observation\",\"author\":\"bench\",\"event\":\"strike.drone\",\"from\":\"2025-04-17T16:30:00Z\",\"source\":"
      "\"row " +
      std::to_string(i) + "\",\"text\":\"";
  out.resize(298, 'x');
  return out + "\"}";
}

// Raw SQLite with the same group commit: the entry's bytes in one table and nothing else.
class RawGroupCommit {
 public:
  explicit RawGroupCommit(const std::string& path) {
    must(sqlite3_open(path.c_str(), &db_) == SQLITE_OK, "sqlite3_open");
    must(sqlite3_exec(db_, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(idx INTEGER PRIMARY KEY, body BLOB)", nullptr,
                      nullptr, nullptr) == SQLITE_OK,
         "sqlite");
    must(sqlite3_prepare_v2(db_, "INSERT INTO t(body) VALUES(?1)", -1, &put_, nullptr) == SQLITE_OK, "sqlite3_prepare");
    worker_ = std::thread([this] { run(); });
  }
  ~RawGroupCommit() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    worker_.join();
    sqlite3_finalize(put_);
    sqlite3_close(db_);
  }
  void submit(std::string entry) {
    std::shared_ptr<Round> mine;
    {
      const std::lock_guard lock(mutex_);
      filling_->entries.push_back(std::move(entry));
      mine = filling_;
    }
    wake_.notify_one();
    mine->done.wait();
  }
  void batch(std::span<const std::string> entries) {
    sqlite3_exec(db_, "BEGIN", nullptr, nullptr, nullptr);
    for (const auto& e : entries) {
      sqlite3_bind_blob(put_, 1, e.data(), static_cast<int>(e.size()), SQLITE_STATIC);
      must(sqlite3_step(put_) == SQLITE_DONE, "insert");
      sqlite3_reset(put_);
    }
    must(sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK, "commit");
  }

 private:
  struct Round {
    std::vector<std::string> entries;
    store::Gate done;
  };
  void run() {
    for (;;) {
      std::shared_ptr<Round> taken;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stop_ || !filling_->entries.empty(); });
        if (filling_->entries.empty()) return;
        taken = std::exchange(filling_, std::make_shared<Round>());
      }
      batch(taken->entries);
      taken->done.open();
    }
  }
  sqlite3* db_ = nullptr;
  sqlite3_stmt* put_ = nullptr;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<Round> filling_ = std::make_shared<Round>();
  bool stop_ = false;
  std::thread worker_;
};

// `writers` threads call f(i) for i in [0, n); returns calls a second of wall time.
template <class F>
double from_many(int writers, std::uint64_t n, F f) {
  std::atomic<std::uint64_t> next = 0;
  const auto start = Clock::now();
  std::vector<std::thread> threads;
  for (int t = 0; t < writers; ++t)
    threads.emplace_back([&] {
      for (std::uint64_t i; (i = next++) < n;) f(i);
    });
  for (auto& t : threads) t.join();
  return static_cast<double>(n) / since(start);
}

std::unique_ptr<store::Log> new_log(const std::string& dir) {
  std::filesystem::create_directories(dir);
  auto log =
      store::Log::open({.database = dir + "/surety.db", .record_dir = {}, .key_file = {}, .origin = "bench.example/log", .disk = nullptr});
  must(log.has_value(), "Log::open");
  return std::move(*log);
}

void wall_line(const std::string& name, std::uint64_t n, double per_s, const std::string& note) {
  bench::line(name, n, "entries", static_cast<double>(n) / per_s, "wall; " + note);
}

void durable_singles(const std::string& dir, std::uint64_t n) {
  const auto key = record::SigningKey::from_seed("bench.example/author", std::string(32, '\7'));
  const auto parties = record::PartyKeys::parse("party " + record::vkey_text(key->verifier()) + " from 0\n");
  std::vector<std::string> entries;
  for (std::uint64_t i = 0; i < n; ++i) {
    record::StatementNote s;
    s.agreement = "truce-" + std::to_string(i);
    s.author = key->name();
    entries.push_back(record::sign_statement(s, *key));
  }
  std::vector<record::Note> notes;  // parsed before: the floor pays for the signature alone
  for (const auto& e : entries) notes.push_back(*record::parse_note(e));
  const auto check_bare = [&](std::uint64_t i) {
    must(record::verify_ed25519(notes[i].text, notes[i].signatures[0].bytes, key->verifier().key), "verify");
  };
  struct Rate {
    double per_s = 0, cpu_us = 0;
  };
  const auto measured = [&](auto f) {
    const double cpu = bench::cpu_seconds();
    const double per_s = from_many(64, n, f);
    return Rate{per_s, (bench::cpu_seconds() - cpu) * 1e6 / static_cast<double>(n)};
  };
  const auto print = [&](const std::string& name, const Rate& rate, const std::string& words) {
    char cpu[48];
    std::snprintf(cpu, sizeof cpu, "; %.0f µs of processor each", rate.cpu_us);
    wall_line(name, n, rate.per_s, words + cpu);
  };
  Rate floor, floor_signed;
  {
    RawGroupCommit raw(dir + "/raw.db");
    floor = measured([&](std::uint64_t i) { raw.submit(entries[i]); });
  }
  print("floor: SQLite commits, 64 writers", floor, std::to_string(entries[0].size()) + " bytes each, group commit");
  {
    RawGroupCommit raw(dir + "/raw-signed.db");
    floor_signed = measured([&](std::uint64_t i) {
      check_bare(i);
      raw.submit(entries[i]);
    });
  }
  print("floor: the same, a bare Ed25519 check before each", floor_signed, ratio(floor_signed.per_s, floor.per_s, "the floor without"));
  {
    auto log = new_log(dir + "/single");
    store::Sequencer sequencer(*log, {.publish_every_ms = 1000});
    const Rate ours = measured([&](std::uint64_t i) { must(sequencer.submit(entries[i]).has_value(), "submit"); });
    print("durable singles, 64 writers", ours,
          ratio(ours.per_s, floor.per_s, "the floor") + "; Merkle tree, duplicates, tiles each second");
  }
  auto log = new_log(dir + "/signed");
  store::Sequencer checked(*log, {.publish_every_ms = 1000});
  const Rate with = measured([&](std::uint64_t i) {
    must(parties->open(entries[i], 0).has_value(), "signature");
    must(checked.submit(entries[i]).has_value(), "submit");
  });
  print("the same, author signature checked", with,
        ratio(with.per_s, floor.per_s, "the floor") + ", " + ratio(with.per_s, floor_signed.per_s, "the floor with signatures"));
}

// What of f() is ours to pay, summed over many calls.
class Stopwatch {
 public:
  template <class F>
  void run(F f) {
    const double cpu = bench::cpu_seconds();
    const auto wall = Clock::now();
    f();
    wall_ += since(wall);
    cpu_ += bench::cpu_seconds() - cpu;
  }
  double cpu() const { return cpu_; }
  double wall() const { return wall_; }

 private:
  double cpu_ = 0, wall_ = 0;
};

// Entries [from, to), made when they are needed: none are held.
std::vector<std::string> some_entries(std::uint64_t from, std::uint64_t to) {
  std::vector<std::string> out;
  for (std::uint64_t i = from; i < to; ++i) out.push_back(entry_of(i));
  return out;
}

void ingest(const std::string& dir, std::uint64_t n, store::Log& log) {
  RawGroupCommit raw(dir + "/raw-batch.db");
  Stopwatch floor, ours;
  for (std::uint64_t at = 0; at < n; at += kBatch) {  // in turn, so that both meet the same load
    const auto entries = some_entries(at, std::min(n, at + kBatch));
    const std::vector<std::string_view> views(entries.begin(), entries.end());
    floor.run([&] { raw.batch(entries); });
    ours.run([&] { must(log.append(views).has_value(), "append"); });
    if (at / 1'000'000 < (at + kBatch) / 1'000'000 && at + kBatch < 2'000'000)
      bench::line("batch ingest, the first million", at + kBatch, "entries", ours.cpu());
  }
  const auto wall = [&](const Stopwatch& w) {
    return "; " + std::to_string(static_cast<std::uint64_t>(static_cast<double>(n) / w.wall())) + "/s of wall time";
  };
  bench::line("floor: SQLite inserts in batches", n, "entries", floor.cpu(), "300 bytes each" + wall(floor));
  bench::line("batch ingest, unsigned", n, "entries", ours.cpu(),
              ratio(floor.cpu(), ours.cpu(), "the floor") + "; tree and duplicates by hash" + wall(ours));
}

void batches(const std::string& dir, std::uint64_t n) {
  auto log = new_log(dir + "/batch");
  ingest(dir, n, *log);
  std::filesystem::remove(dir + "/raw-batch.db");
  Stopwatch publish, check, bare;
  publish.run([&] { must(log->publish().has_value(), "publish"); });
  bench::line("publishing them: tiles and checkpoint", n, "entries", publish.cpu());
  check.run([&] {
    const auto done = store::verify_record(dir + "/batch/record");
    must(done && done->problems.empty(), "verify_record");
  });
  bench::line("verify: leaves, tiles, root, signature", n, "entries", check.wall(),
              "wall, on all processors; " + std::to_string(static_cast<std::uint64_t>(static_cast<double>(n) / check.cpu())) +
                  "/s of processor time");
  // The same hashing and nothing else: a leaf each, and a node each.
  Digest last{};
  for (std::uint64_t at = 0; at < n; at += kBatch) {
    const auto entries = some_entries(at, std::min(n, at + kBatch));
    bare.run([&] {
      for (const auto& e : entries) last = record::node_hash(record::leaf_hash(e), last);
    });
  }
  bench::line("floor: SHA-256 of those leaves and nodes", n, "entries", bare.cpu(),
              "one core; verify is " + ratio(bare.cpu(), check.wall(), "that by the wall, ") +
                  ratio(bare.cpu(), check.cpu(), "it in processor time") + (last[0] == 1 ? " " : ""));
}

void signatures(std::uint64_t n) {
  const auto key = record::SigningKey::from_seed("bench.example/author", std::string(32, '\7'));
  record::StatementNote s;
  s.agreement = "truce";
  s.author = key->name();
  s.sd = record::commit({{"a", "1"}})->digests;
  const std::string entry = record::sign_statement(s, *key);
  const auto note = record::parse_note(entry);
  const auto parties = record::PartyKeys::parse("party " + record::vkey_text(key->verifier()) + " from 0\n");
  double start = bench::cpu_seconds();
  for (std::uint64_t i = 0; i < n; ++i) must(record::verify_ed25519(note->text, note->signatures[0].bytes, key->verifier().key), "verify");
  const double bare = bench::cpu_seconds() - start;
  bench::line("floor: Ed25519 verifications", n, "signatures", bare, std::to_string(note->text.size()) + " bytes each, libsodium");
  start = bench::cpu_seconds();
  for (std::uint64_t i = 0; i < n; ++i) must(parties->open(entry, 0).has_value(), "open");
  const double cpu = bench::cpu_seconds() - start;
  bench::line("statements opened: parsed and verified", n, "statements", cpu, ratio(bare, cpu, "that is Ed25519"));
}

// A log too large for this disk: level 0 made on reading, the levels above it real. What is measured is
// all that a proof does but the four file reads.
class MadeTiles final : public record::TileSource {
 public:
  explicit MadeTiles(std::uint64_t size) {
    std::vector<Digest> row;
    for (std::uint64_t n = 0; n * 256 < size; ++n)
      if (record::tile_width(0, n, size) == 256) row.push_back(top(*read({0, n, 256})));
    while (!row.empty()) {
      levels_.push_back(row);
      std::vector<Digest> up;
      for (std::size_t at = 0; at + 256 <= row.size(); at += 256) {
        record::CompactRange range;
        for (std::size_t i = at; i < at + 256; ++i) range.append(row[i]);
        up.push_back(range.root());
      }
      row = std::move(up);
    }
  }
  Result<std::string> read(const record::TileName& tile) override {
    std::string out;
    out.reserve(tile.width * 32);
    for (std::uint64_t i = tile.n * 256; i < tile.n * 256 + tile.width; ++i) {
      if (tile.level > 0) {
        out += view(levels_[static_cast<std::size_t>(tile.level) - 1][i]);
        continue;
      }
      char leaf[32] = {};
      std::memcpy(leaf, &i, sizeof i);
      out.append(leaf, 32);
    }
    return out;
  }

 private:
  static Digest top(const std::string& bytes) {
    record::CompactRange range;
    for (std::size_t i = 0; i < bytes.size(); i += 32) {
      Digest d{};
      std::memcpy(d.data(), bytes.data() + i, 32);
      range.append(d);
    }
    return range.root();
  }
  std::vector<std::vector<Digest>> levels_;
};

void proofs(std::uint64_t size) {
  MadeTiles tiles(size);
  const auto hashes = record::tile_hashes(tiles, size);
  const Digest root = *record::root_at(size, hashes);
  std::mt19937_64 random(1);
  const auto run = [&](std::uint64_t count, const std::string& when) {
    constexpr std::uint64_t kAtOnce = 100;  // asking for the time takes some
    Stopwatch watch;
    for (std::uint64_t k = 0; k < count; k += kAtOnce) {
      std::vector<std::uint64_t> indices(kAtOnce);
      for (auto& index : indices) index = random() % size;
      Result<record::Proof> proof;
      watch.run([&] {
        for (const std::uint64_t index : indices) proof = record::inclusion_proof(index, size, hashes);
      });
      Digest d{};
      std::memcpy(d.data(), &indices.back(), sizeof(std::uint64_t));
      must(proof && record::verify_inclusion(indices.back(), size, d, *proof, root).has_value(), "proof");
    }
    char note[96];
    std::snprintf(note, sizeof note, "%.1f µs a proof, %llu M leaves, random leaf", watch.cpu() * 1e6 / static_cast<double>(count),
                  static_cast<unsigned long long>(size / 1'000'000));
    bench::line("inclusion proofs, " + when, count, "proofs", watch.cpu(), note);
  };
  run(5'000, "the first");  // no tile is at hand
  run(20'000, "after them");
  char d[32] = {};
  Digest sum{};
  Stopwatch floor;
  floor.run([&] {
    for (int i = 0; i < 255 * 10'000; ++i) sum = record::node_hash(sum, sum);
  });
  std::snprintf(d, sizeof d, "%.1f µs a tile", floor.cpu() * 1e6 / 10'000);
  bench::line("floor: SHA-256 of the nodes in a tile of 256", 10'000, "tiles", floor.cpu(), d + std::string(sum[0] == 1 ? " " : ""));
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t n = 200'000;
  std::string base = std::filesystem::temp_directory_path();
  std::string only;
  bool large = false;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--entries") && i + 1 < argc)
      n = std::strtoull(argv[++i], nullptr, 10);
    else if (!std::strcmp(argv[i], "--dir") && i + 1 < argc)
      base = argv[++i];
    else if (!std::strcmp(argv[i], "--only") && i + 1 < argc)
      only = argv[++i];
    else if (!std::strcmp(argv[i], "--large"))
      large = true;
  }
  std::string dir = base + "/surety-bench-XXXXXX";
  must(::mkdtemp(dir.data()) != nullptr, "mkdtemp");
  const auto wanted = [&](const char* part) { return only.empty() || only == part; };
  if (wanted("singles")) durable_singles(dir, std::min<std::uint64_t>(n / 4, 40'000));
  if (wanted("batch")) batches(dir, large ? 10'000'000 : n);
  if (wanted("signatures")) signatures(20'000);
  if (wanted("proofs")) proofs(large ? 100'000'000 : 4'000'000);
  std::filesystem::remove_all(dir);
}
