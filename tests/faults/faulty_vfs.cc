#include "tests/faults/faulty_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/files.h"

namespace surety::faults {
namespace {

constexpr std::size_t kSector = 512;

FaultyVfs* g_layer = nullptr;  // SQLite's functions get a file and nothing else
sqlite3_vfs* g_unix = nullptr;

// What SQLite allocates for a file: ours, and behind it the one that does the work.
struct Shim {
  sqlite3_file base;
  FaultyVfs::File* file;  // null for temporary files, which nobody misses
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
Shim* shim(sqlite3_file* f) { return reinterpret_cast<Shim*>(f); }
sqlite3_file* real(sqlite3_file* f) { return shim(f)->real(); }

int close_file(sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); }
int read_file_at(sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
  if (g_layer->dead()) return SQLITE_IOERR_READ;
  return real(f)->pMethods->xRead(real(f), to, n, at);
}
int write_file_at(sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
  if (g_layer->dead()) return SQLITE_IOERR_WRITE;
  if (shim(f)->file) {
    const bool ok = g_layer->step(FaultyVfs::Fault::full);
    // The write that the power failed in may have arrived as well as any other.
    if (ok || g_layer->dead())
      shim(f)->file->pending.push_back(
          {static_cast<std::size_t>(at), std::string(static_cast<const char*>(from), static_cast<std::size_t>(n))});
    if (!ok) return g_layer->dead() ? SQLITE_IOERR_WRITE : SQLITE_FULL;
  }
  return real(f)->pMethods->xWrite(real(f), from, n, at);
}
int truncate_file(sqlite3_file* f, sqlite3_int64 size) {
  if (g_layer->dead()) return SQLITE_IOERR_TRUNCATE;
  if (shim(f)->file) {
    const bool ok = g_layer->step(FaultyVfs::Fault::none);
    shim(f)->file->pending.push_back({static_cast<std::size_t>(size), {}, FaultyVfs::Kind::truncate});
    if (!ok) return SQLITE_IOERR_TRUNCATE;
  }
  return real(f)->pMethods->xTruncate(real(f), size);
}
int sync_file(sqlite3_file* f, int flags) {
  if (g_layer->dead()) return SQLITE_IOERR_FSYNC;
  if (shim(f)->file) {
    if (!g_layer->step(FaultyVfs::Fault::sync_fails)) {
      if (!g_layer->dead()) shim(f)->file->pending.clear();  // the pages are marked clean, and never written
      return SQLITE_IOERR_FSYNC;
    }
    g_layer->sync(*shim(f)->file);
  }
  return real(f)->pMethods->xSync(real(f), flags);
}
int file_size(sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); }
int lock_file(sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); }
int unlock_file(sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
int check_lock(sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
int control(sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); }
int sector_size(sqlite3_file*) { return kSector; }
int traits(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
int shm_lock(sqlite3_file* f, int at, int n, int flags) { return real(f)->pMethods->xShmLock(real(f), at, n, flags); }
void shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int shm_unmap(sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); }

// Version 2: with shared memory, which the write-ahead log needs; without memory-mapped files, which would go past us.
const sqlite3_io_methods kMethods = {2,         close_file,  read_file_at, write_file_at, truncate_file, sync_file, file_size,
                                     lock_file, unlock_file, check_lock,   control,       sector_size,   traits,    shm_map,
                                     shm_lock,  shm_barrier, shm_unmap,    nullptr,       nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out) {
  if (g_layer->dead()) return SQLITE_CANTOPEN;
  const bool ours = name && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL));
  shim(f)->file = ours ? &g_layer->file(name) : nullptr;  // before it is made: what is there now is on the disk
  const int code = g_unix->xOpen(g_unix, name, real(f), flags, out);
  shim(f)->base.pMethods = code == SQLITE_OK ? &kMethods : nullptr;
  return code;
}
int delete_file(sqlite3_vfs*, const char* name, int sync) {
  if (g_layer->dead() || !g_layer->step(FaultyVfs::Fault::none)) return SQLITE_IOERR_DELETE;
  g_layer->removed(name, sync != 0);
  return g_unix->xDelete(g_unix, name, sync);
}

}  // namespace

FaultyVfs::FaultyVfs(unsigned seed) : random_(seed) {
  g_unix = sqlite3_vfs_find("unix");
  g_layer = this;
  vfs_ = std::make_unique<sqlite3_vfs>(*g_unix);
  vfs_->pNext = nullptr;
  vfs_->zName = "surety-faulty";
  vfs_->szOsFile = static_cast<int>(sizeof(Shim)) + g_unix->szOsFile;
  vfs_->xOpen = open_file;
  vfs_->xDelete = delete_file;
  sqlite3_vfs_register(vfs_.get(), 1);
}

FaultyVfs::~FaultyVfs() {
  sqlite3_vfs_unregister(vfs_.get());
  sqlite3_vfs_register(g_unix, 1);
  g_layer = nullptr;
}

void FaultyVfs::plan(Fault fault, long at, std::function<void()> on_crash) {
  fault_ = fault;
  left_ = at;
  on_crash_ = std::move(on_crash);
}

FaultyVfs::File& FaultyVfs::file(const std::string& path) {
  const auto [it, fresh] = files_.try_emplace(path);
  if (fresh)
    if (auto bytes = read_file(path)) it->second = {true, std::move(*bytes), {}};
  return it->second;
}

bool FaultyVfs::step(Fault kind) {
  ++operations_;
  if (kind == Fault::full && full_for_ > 0) return --full_for_, false;
  if (fault_ == Fault::none || (fault_ != Fault::crash && fault_ != kind) || --left_ > 0) return true;
  dead_ = fault_ == Fault::crash;
  if (fault_ == Fault::full) full_for_ = static_cast<long>(random_() % 30);  // until somebody frees some space
  fault_ = Fault::none;
  if (dead_ && on_crash_) on_crash_();
  return false;
}

void FaultyVfs::apply(File& f, const Write& write) {
  f.there = write.kind != Kind::remove;
  if (write.kind != Kind::write) {
    f.durable.resize(write.at);
    return;
  }
  if (f.durable.size() < write.at + write.bytes.size()) f.durable.resize(write.at + write.bytes.size());
  f.durable.replace(write.at, write.bytes.size(), write.bytes);
}

void FaultyVfs::sync(File& file) {
  const bool fresh =
      !file.there || std::any_of(file.pending.begin(), file.pending.end(), [](const Write& w) { return w.kind == Kind::remove; });
  for (const Write& write : file.pending) apply(file, write);
  file.pending.clear();
  file.there = true;
  if (!fresh) return;
  // SQLite syncs the folder with a new file, and with the folder go the names that were taken out of it.
  for (auto& [path, f] : files_)
    while (std::any_of(f.pending.begin(), f.pending.end(), [](const Write& w) { return w.kind == Kind::remove; })) {
      apply(f, f.pending.front());
      f.pending.erase(f.pending.begin());
    }
}

void FaultyVfs::removed(const std::string& path, bool durably) {
  File& gone = file(path);
  gone.pending.push_back({0, {}, Kind::remove});
  if (durably) gone = {};
}

void FaultyVfs::tear(File& f, const Write& write) {
  if (write.kind != Kind::write) {
    if (random_() % 2) apply(f, write);
    return;
  }
  for (std::size_t at = write.at; at < write.at + write.bytes.size();) {
    const std::size_t end = std::min((at / kSector + 1) * kSector, write.at + write.bytes.size());
    if (random_() % 2) apply(f, {at, write.bytes.substr(at - write.at, end - at), Kind::write});
    at = end;
  }
}

void FaultyVfs::lose(File& f) {
  const auto fate = random_() % 4;  // nothing of it, all of it, twice as often some of it
  for (const Write& write : f.pending) {
    if (fate == 0) break;
    // What was written after a removal is in another file of that name: nothing of it without the removal.
    if (write.kind == Kind::remove && fate != 1 && random_() % 2) break;
    if (fate == 1 || write.kind == Kind::remove)
      apply(f, write);
    else
      tear(f, write);
  }
  f.pending.clear();
}

void FaultyVfs::lose_power() {
  for (auto& [path, f] : files_) {
    lose(f);
    std::filesystem::remove(path + "-shm");
    if (f.there)
      std::ofstream(path, std::ios::binary) << f.durable;
    else
      std::filesystem::remove(path);
  }
  dead_ = false;
  full_for_ = 0;
  fault_ = Fault::none;
}

}  // namespace surety::faults
